"""Screen content: drawn pictures are small and sharp, photographs are coded as if there were no such tool."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from samples import Pixels, make_drawing, make_picture, psnr_db

import veneer
from veneer import VeneerWarning, backend
from veneer.bitstream.container import read_contents

NO_SCREEN = {"disabled_tools": 256}
SCREEN = 2  # bit of Tools


def tools(data: bytes) -> int:
    return read_contents(memoryview(data), strict=True, max_pixels=1 << 22).head.tools


def payload_bytes(pixels: Pixels, **options: int) -> int:
    coded = backend.encode_base(pixels, step_index=115, tune=0, effort=5, tile_log2=10, threads=1, options=options)
    return sum(map(len, coded[1]))


@pytest.mark.parametrize("channels", [1, 3])
def test_drawings_take_less_than_half(channels: int) -> None:
    picture = make_drawing(160, 200, channels)
    assert 2 * payload_bytes(picture) < payload_bytes(picture, **NO_SCREEN)


def test_photographs_have_no_screen_content() -> None:
    assert tools(veneer.encode(make_picture(160, 200), quality=75, layers="base")) == 0
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert tools(veneer.encode(noise, quality=75, layers="base")) == 0


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_finest_step_changes_nothing(channels: int) -> None:
    picture = make_drawing(70, 90, channels)
    data = veneer.encode(picture, step_index=0, layers="base")
    assert tools(data) & SCREEN
    assert np.array_equal(veneer.decode(data), picture)


def test_more_quality_is_more_like_the_picture() -> None:
    picture = make_drawing(160, 200)
    files = [veneer.encode(picture, quality=quality, layers="base") for quality in (10, 50, 90)]
    likeness = [psnr_db(veneer.decode(data), picture) for data in files]
    assert likeness == sorted(likeness)
    assert likeness[0] < likeness[2]


def mixed() -> Pixels:
    """A drawing in a photograph, at no multiple of any cell."""
    picture = make_picture(150, 170).copy()
    picture[13:130, 35:150] = make_drawing(117, 115)
    return picture


@pytest.mark.parametrize("effort", [1, 5, 8])
def test_parts_of_superblocks(effort: int) -> None:
    data = veneer.encode(mixed(), quality=80, effort=effort, layers="base")
    assert tools(data) & SCREEN
    assert psnr_db(veneer.decode(data), mixed()) > 30


def test_regions_are_those_of_the_whole() -> None:
    data = veneer.encode(mixed(), quality=60, tile_size=64, layers="base")
    assert tools(data) & SCREEN
    whole = veneer.decode(data)
    for x, y, w, h in ((0, 0, 1, 1), (60, 50, 70, 40), (169, 149, 1, 1)):
        assert np.array_equal(veneer.decode(data, region=(x, y, w, h)), whole[y : y + h, x : x + w])


def test_threads_change_nothing() -> None:
    one, four = (veneer.encode(mixed(), quality=60, tile_size=64, layers="base", threads=n) for n in (1, 4))
    assert one == four


def test_a_cut_tile_has_its_first_superblocks() -> None:
    data = veneer.encode(mixed(), quality=90, layers="base")
    whole = veneer.decode(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VeneerWarning)
        cut = veneer.decode(data[: len(data) * 3 // 4])
    assert np.array_equal(cut[:64, :64], whole[:64, :64])
    assert not np.array_equal(cut, whole)
