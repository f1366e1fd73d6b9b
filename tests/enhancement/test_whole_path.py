"""Enhanced files: the same pixels from every backend, for every thread count and strip, whole and by region."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from enhancers import enhanced_file
from oracle.enhancement.networks import networks_of
from oracle.enhancement.realism import realism_from_head
from oracle.enhancement.runner import Runner, run_native
from oracle.models import load
from oracle.reconstruction import reconstruct_enhanced
from samples import Pixels, make_picture

import veneer
from veneer.backend import inference_targets
from veneer.bitstream.container import read_contents
from veneer.enhancement.models import by_name
from veneer.reference.network import Network

REGIONS = [(0, 0, 301, 333), (5, 7, 1, 1), (126, 120, 10, 90), (300, 332, 1, 1), (1, 60, 64, 9)]
SIZES = [(1, 1), (65, 1), (17, 33), (100, 150)]


def decode_with(runner: Runner, data: bytes, folder: Path, name: str = "tiny") -> Pixels:
    """Decodes with another way to run networks."""
    contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 28)
    head, entry = contents.head, by_name(name, folder)
    assert entry is not None
    networks = networks_of(load(entry), head.base_scale)
    assert networks is not None
    region = 0, 0, head.width, head.height
    realism = realism_from_head(head.default_realism)
    result = reconstruct_enhanced(contents, region, networks, realism, 1, runner)
    assert result.problems == []
    return result.pixels


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_reference_and_native(size: tuple[int, int], channels: int, folder: Path) -> None:
    pixels = make_picture(*size, channels)
    for base_scale in (1, 2) if channels in (1, 3) else (1,):
        data = enhanced_file(pixels, folder, base_scale=base_scale)
        decoded = veneer.decode(data, strict=True, models=folder)
        assert decoded.shape == pixels.shape
        np.testing.assert_array_equal(decode_with(Network.run, data, folder), decoded)
        base = veneer.decode(data, layers="base", strict=True)
        assert base.shape == pixels.shape
        if size[0] > 1:
            assert (decoded != base).any()
        if channels in (2, 4):
            np.testing.assert_array_equal(decoded[:, :, -1], pixels[:, :, -1])


@pytest.mark.parametrize("base_scale", [1, 2])
def test_targets_threads_and_strips(base_scale: int, folder: Path) -> None:
    data = enhanced_file(make_picture(150, 170), folder, base_scale=base_scale)
    expected = veneer.decode(data, strict=True, models=folder)
    for target in inference_targets():
        for threads, strip in ((1, 16), (2, 32), (8, 0)):
            runner = functools.partial(run_native, target=target, threads=threads, strip=strip)
            np.testing.assert_array_equal(decode_with(runner, data, folder), expected, f"{target} {threads} {strip}")
    for threads in (1, 2, 8):
        np.testing.assert_array_equal(veneer.decode(data, models=folder, threads=threads), expected)


@pytest.mark.parametrize("base_scale", [1, 2])
def test_torch(base_scale: int, folder: Path) -> None:
    pytest.importorskip("torch")
    import torch_networks

    data = enhanced_file(make_picture(90, 70), folder, base_scale=base_scale)
    expected = veneer.decode(data, strict=True, models=folder)
    np.testing.assert_array_equal(decode_with(torch_networks.run, data, folder), expected)


@pytest.mark.parametrize("base_scale", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_regions(base_scale: int, channels: int, folder: Path) -> None:
    data = enhanced_file(make_picture(333, 301, channels), folder, base_scale=base_scale)
    for layers in ("full", "base"):
        whole = veneer.decode(data, strict=True, models=folder, layers=layers)
        for x, y, width, height in (
            (0, 0, 301, 333),
            (5, 7, 1, 1),
            (126, 120, 10, 90),
            (300, 332, 1, 1),
            (1, 60, 64, 9),
        ):
            part = veneer.decode(data, strict=True, models=folder, region=(x, y, width, height), layers=layers)
            np.testing.assert_array_equal(part, whole[y : y + height, x : x + width])
    without_offsets = data.replace(b"tOCS", b"oLD_")  # the checksum of a chunk that is skipped
    with pytest.warns(veneer.VeneerWarning, match="oLD_"):
        part = veneer.decode(without_offsets, models=folder, region=(100, 100, 50, 40))
    np.testing.assert_array_equal(part, veneer.decode(data, models=folder)[100:140, 100:150])


def test_regions_read_the_tiles_they_see_alone(folder: Path) -> None:
    data = bytearray(enhanced_file(make_picture(320, 320), folder))
    whole = veneer.decode(bytes(data), models=folder)
    place = data.rindex(b"BASE")  # tile 24, far from the region
    data[place + 10] ^= 1
    np.testing.assert_array_equal(
        veneer.decode(bytes(data), models=folder, region=(0, 0, 70, 70), strict=True), whole[:70, :70]
    )


def test_realism_is_heard(folder: Path) -> None:
    data = enhanced_file(make_picture(80, 80), folder)
    pictures = [veneer.decode(data, models=folder, realism=share) for share in (0.0, 1.0, None)]
    assert (pictures[0] != pictures[1]).any()
    assert realism_from_head(100) == 25
    np.testing.assert_array_equal(pictures[2], veneer.decode(data, models=folder, realism=25 / 64))


def test_model_without_latents(folder: Path) -> None:
    data = enhanced_file(make_picture(100, 80), folder, "plain")
    assert (veneer.decode(data, models=folder, strict=True) != veneer.decode(data, layers="base")).any()
