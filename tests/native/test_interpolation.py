"""Base pictures of half size at full size, against the formula of the specification."""

import numpy as np
import pytest
from oracle.interpolation import TAPS

import veneer
from veneer.base.layer import interpolate, to_pixels


def by_the_formula(q: np.ndarray) -> np.ndarray:
    height, width, channels = q.shape
    result = np.zeros((2 * height, 2 * width, channels), np.int64)

    def places(x: int, count: int) -> list[tuple[int, int]]:
        taps, first = (TAPS, x // 2 - 3) if x % 2 == 0 else (TAPS[::-1], x // 2 - 2)
        return [(tap, min(max(first + i, 0), count - 1)) for i, tap in enumerate(taps)]

    for y in range(2 * height):
        for x in range(2 * width):
            total = sum(f * g * q[v, u].astype(np.int64) for f, v in places(y, height) for g, u in places(x, width))
            result[y, x] = np.clip((total + (1 << 13)) >> 14, 0, 1020)
    return result


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 2), (40, 19)])
def test_formula(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(size)
    for values in (rng.integers(0, 1021, (*size, 3)), 1020 * rng.integers(0, 2, (*size, 1))):
        np.testing.assert_array_equal(interpolate(values.astype(np.int16)), by_the_formula(values))


def test_taps() -> None:
    assert sum(TAPS) == 128
    flat = np.full((20, 20, 1), 1019, np.int16)
    assert (interpolate(flat) == 1019).all()
    assert (to_pixels(flat) == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (65, 1), (129, 131)])
@pytest.mark.parametrize("channels", [1, 3])
def test_files(size: tuple[int, int], channels: int) -> None:
    y, x = np.mgrid[: size[0], : size[1]]
    pixels = np.repeat((np.clip(100 + x - y // 2, 0, 255)).astype(np.uint8)[:, :, None], channels, axis=2)
    data = veneer.encode(pixels, base_scale=2, layers="base", step_index=90, tile_size=64)
    assert veneer.read_info(data).base_scale == 2
    decoded = veneer.decode(data, strict=True)
    assert decoded.shape == pixels.shape
    assert np.abs(decoded.astype(int) - pixels).max() < 6


def test_no_half_size_with_alpha() -> None:
    with pytest.raises(veneer.VeneerError, match="alpha"):
        veneer.encode(np.zeros((8, 8, 4), np.uint8), base_scale=2)
