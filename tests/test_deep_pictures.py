"""Lossy pictures of 9 to 16 bits a sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import veneer
from veneer import ErrorCode, VeneerError

Samples = npt.NDArray[np.uint16]


def picture(depth: int, channels: int, width: int = 150, height: int = 100) -> Samples:
    """Smooth areas, an edge and a little noise, whose values need all bits."""
    y, x = np.mgrid[:height, :width]
    rng = np.random.default_rng(7)
    planes = [0.3 + 0.2 * np.sin((c + 3) * x / 90) + 0.2 * np.cos((c + 2) * y / 70) for c in range(channels)]
    values = np.stack(planes, axis=2) + 0.2 * (x > 90)[..., None] + rng.normal(0, 0.003, (height, width, channels))
    return np.rint(values.clip(0.01, 1) * ((1 << depth) - 1)).astype(np.uint16)


def psnr(a: Samples, b: Samples, depth: int) -> float:
    error = np.mean((a.astype(np.float64) - b) ** 2) / ((1 << depth) - 1) ** 2
    return float(-10 * np.log10(error))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 11, 12, 13, 14, 15, 16])
def test_round_trip(depth: int, channels: int) -> None:
    pixels = picture(depth, channels)
    data = veneer.encode(pixels, depth=depth, quality=97, tune="psnr", layers="base", effort=3)
    decoded = veneer.decode(data)
    assert (decoded.dtype, decoded.shape) == (np.uint16, pixels.shape)
    assert decoded.max() < 1 << depth
    assert veneer.read_info(data).bit_depth == depth
    colours = channels - 1 + channels % 2
    assert psnr(pixels[..., :colours], decoded[..., :colours], depth) > 50
    if channels % 2 == 0:
        np.testing.assert_array_equal(decoded[..., -1], pixels[..., -1])


def test_finer_than_eight_bits() -> None:
    """At the same step, what 8 bits round away is there, and takes no more bytes."""
    pixels = picture(16, 3)
    eight = np.rint(pixels / 257).astype(np.uint8)
    options = {"quality": 99, "tune": "psnr", "layers": "base"}
    coarse = veneer.encode(eight, **options)
    rounded = psnr(pixels, veneer.decode(coarse).astype(np.uint16) * 257, 16)
    for depth in (10, 12, 16):
        most = (1 << depth) - 1
        deep = np.rint(pixels / 65535 * most).astype(np.uint16)
        data = veneer.encode(deep, depth=depth, **options)
        assert len(data) < 1.02 * len(coarse)
        assert psnr(deep, veneer.decode(data), depth) > rounded + 0.5


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_smooth_ramps_stay_smooth(depth: int) -> None:
    """A dark ramp of less than two levels of 8 bits keeps more than two values, and rises."""
    most = (1 << depth) - 1
    ramp = np.rint(np.linspace(0.1, 0.107, 512) * most).astype(np.uint16)
    pixels = np.repeat(ramp[None], 64, axis=0)
    decoded = veneer.decode(veneer.encode(pixels, depth=depth, quality=90, layers="base"))[32, :, 0].astype(int)
    assert len(set(decoded)) >= 6
    assert np.abs(decoded - ramp).max() <= most // 500


@pytest.mark.parametrize("depth", [10, 16])
@pytest.mark.parametrize("layers", ["base", "full"])
def test_regions_threads_and_arrival(depth: int, layers: str) -> None:
    pixels = picture(depth, 3, 300, 200)
    data = veneer.encode(pixels, depth=depth, quality=60, tile_size=64, layers=layers, effort=2)
    whole = veneer.decode(data)
    np.testing.assert_array_equal(veneer.decode(data, threads=3), whole)
    x, y, width, height = region = (37, 50, 130, 101)
    np.testing.assert_array_equal(veneer.decode(data, region=region), whole[y : y + height, x : x + width])
    decoder = veneer.Decoder()
    for start in range(0, len(data), 1000):
        decoder.feed(data[start : start + 1000])
    decoder.finish()
    np.testing.assert_array_equal(decoder.picture(), whole)


def test_white_and_black_stay() -> None:
    for depth in (9, 10, 11, 12, 13, 14, 15, 16):
        pixels = np.zeros((64, 128, 3), np.uint16)
        pixels[:, 64:] = (1 << depth) - 1
        for layers in ("base", "full"):
            decoded = veneer.decode(veneer.encode(pixels, depth=depth, quality=90, layers=layers))
            assert decoded[:, :32].max() == 0
            assert decoded[:, 96:].min() == (1 << depth) - 1


def test_damage_leaves_a_picture_of_the_same_depth() -> None:
    pixels = picture(12, 4, 300, 200)
    data = bytearray(veneer.encode(pixels, depth=12, quality=60, tile_size=64, preview=True, layers="base"))
    place = data.index(b"BASE", len(data) // 2)
    data[place + 20] ^= 255
    with pytest.warns(veneer.VeneerWarning):
        decoded = veneer.decode(bytes(data))
    assert (decoded.dtype, decoded.shape) == (np.uint16, pixels.shape)
    assert psnr(pixels[..., :3], decoded[..., :3], 12) > 20


@pytest.mark.parametrize(
    ("pixels", "options", "code"),
    [
        (np.zeros((4, 4), np.uint16), {"depth": 8}, ErrorCode.BAD_SETTING),
        (np.full((4, 4), 1024, np.uint16), {"depth": 10}, ErrorCode.BAD_PIXELS),
        (np.zeros((4, 4), np.uint8), {"depth": 10}, ErrorCode.BAD_PIXELS),
        (np.zeros((4, 4), np.uint16), {"base_scale": 2}, ErrorCode.BAD_SETTING),
        (np.zeros((4, 4), np.float32), {}, ErrorCode.BAD_PIXELS),
    ],
)
def test_what_does_not_go_together(pixels: Samples, options: dict[str, int], code: ErrorCode) -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(pixels, **options)
    assert caught.value.code == code
