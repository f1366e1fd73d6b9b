"""Pictures at half their sides."""

from __future__ import annotations

import numpy as np
import pytest

from veneer import enc_halving
from veneer.enc_halving import TAPS, halved


def by_the_formula(pixels: np.ndarray) -> np.ndarray:
    """Each pixel of the result by itself."""
    height, width, channels = pixels.shape
    result = np.empty((height // 2, width // 2, channels), np.uint8)
    weights = {-i: tap for i, tap in enumerate(TAPS)} | {1 + i: tap for i, tap in enumerate(TAPS)}
    for y, x, c in np.ndindex(result.shape):
        total = 0
        for j, down in weights.items():
            row = pixels[min(max(2 * y + j, 0), height - 1), :, c]
            total += sum(down * across * int(row[min(max(2 * x + i, 0), width - 1)]) for i, across in weights.items())
        result[y, x, c] = min(max((total + (1 << 19)) >> 20, 0), 255)
    return result


@pytest.mark.parametrize("shape", [(2, 2, 1), (2, 14, 3), (30, 6, 1), (22, 40, 3)])
def test_formula(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(shape)
    monkeypatch.setattr(enc_halving, "STRIP", 4)
    for pixels in (rng.integers(0, 256, shape), 255 * rng.integers(0, 2, shape)):
        np.testing.assert_array_equal(halved(pixels.astype(np.uint8)), by_the_formula(pixels))


def test_what_is_flat_stays() -> None:
    assert 2 * sum(TAPS) == 1 << enc_halving.TAPS_LOG2
    for level in (0, 1, 254, 255):
        assert (halved(np.full((16, 20, 3), level, np.uint8)) == level).all()
