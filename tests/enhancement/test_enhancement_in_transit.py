"""Enhanced files while they arrive: the base tile by tile, then the picture of `decode`."""

from pathlib import Path

import numpy as np
import pytest
from enhancers import enhanced_file
from samples import make_picture

import veneer
from veneer import EventKind

SIZE = (133, 150)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("base_scale", [1, 2])
def test_ends_like_decode(base_scale: int, channels: int, folder: Path) -> None:
    if base_scale == 2 and channels == 4:
        pytest.skip("pictures with alpha have no base of half size")
    data = enhanced_file(make_picture(*SIZE, channels), folder, base_scale=base_scale)
    decoder = veneer.Decoder(models=folder)
    before = None
    tiles = 0
    for start in range(0, len(data), 200):
        for event in decoder.feed(data[start : start + 200]):
            tiles += event.kind == EventKind.TILE
            if event.kind == EventKind.PICTURE:
                assert event.region == (0, 0, 150, 133)
        if not decoder.finished and decoder.info and decoder.tiles_shown == decoder.info.tile_count:
            before = np.array(decoder.picture())
    assert decoder.finished
    assert tiles == veneer.read_info(data).tile_count
    base = veneer.decode(data, layers="base")
    assert before is not None
    if base_scale == 1:
        np.testing.assert_array_equal(before, base)
    else:  # interpolated tile by tile
        np.testing.assert_allclose(before.astype(int), base, atol=40)
        assert np.abs(before.astype(int) - base).mean() < 2
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, models=folder))


@pytest.mark.parametrize("base_scale", [1, 2])
def test_base_alone(base_scale: int, folder: Path) -> None:
    data = enhanced_file(make_picture(*SIZE), folder, base_scale=base_scale)
    decoder = veneer.Decoder(layers="base")
    decoder.feed(data)
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, layers="base"))
    assert decoder.problems == ()


def test_realism(folder: Path) -> None:
    data = enhanced_file(make_picture(*SIZE), folder)
    decoder = veneer.Decoder(models=folder, realism=0)
    decoder.feed(data)
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, models=folder, realism=0))


def test_cut_within_the_enhancement(folder: Path) -> None:
    data = enhanced_file(make_picture(*SIZE), folder)
    cut = data[: data.rindex(b"eNHA")]
    decoder = veneer.Decoder(models=folder)
    decoder.feed(cut)
    decoder.finish()
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(cut, models=folder, problems=[]))


def test_unknown_model(folder: Path) -> None:
    data = enhanced_file(make_picture(*SIZE), folder)
    decoder = veneer.Decoder()
    events = decoder.feed(data)
    assert EventKind.PROBLEM in [event.kind for event in events]
    np.testing.assert_array_equal(decoder.picture(), veneer.decode(data, layers="base"))
