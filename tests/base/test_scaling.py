"""The encoder's quantizer scales coefficients in floats: what comes of it, in whole numbers.

The core multiplies a magnitude with the inverse of a step as float32, `inverse_step` in native/base/enc_rdoq.cpp. That
is one rounding to 24 bits, for which there is a formula; a machine or a compiler that calculates otherwise would write
other files.
"""

from __future__ import annotations

import numpy as np
import pytest

from veneer import _native_dev

LAST_POSITION = 319
# Forward transforms of 64 x 64 samples of -1020..1020 give at most this much: 16 times the mean with 4 more bits.
LARGEST = 16 * 1020 * 16


def in_whole_numbers(magnitude: int, position: int) -> int:
    """floor(magnitude x 2^(10 - position / 16)), the product rounded to 24 bits, halves to even."""
    inverse = min(1 << 24, round((1 << 24) * 2 ** (-(position % 16) / 16)))
    product = magnitude * inverse
    cut = max(0, product.bit_length() - 24)
    kept, rest = product >> cut, product & ((1 << cut) - 1)
    half = 1 << cut >> 1
    kept += rest > half or (rest == half > 0 and kept % 2 == 1)
    shift = cut - 24 + 10 - position // 16
    return kept << shift if shift >= 0 else kept >> -shift


@pytest.mark.parametrize("matrix", [0, 7])
def test_scaling(matrix: int) -> None:
    """All positions; coefficients at random and at the ends. Frequencies of 4 x 4 lie 2 apart in each direction."""
    rng = np.random.default_rng(3)
    zigzag = sorted(
        ((u, v) for v in range(4) for u in range(4)), key=lambda place: (4 * (place[0] + place[1]), place[1])
    )
    for position in range(LAST_POSITION + 1):
        coef = (rng.integers(0, LARGEST + 1, (4, 4)) >> rng.integers(0, 19, (4, 4))).astype(np.int32)
        coef[0, 0], coef[1, 2] = LARGEST, -LARGEST
        found = _native_dev.scale_coefficients(coef, 2, 2, position, matrix)
        for scaled, (u, v) in zip(found.tolist(), zigzag, strict=True):
            offset = (matrix * (2 * u + 2 * v) + 2) >> 2
            assert scaled == in_whole_numbers(abs(int(coef[v, u])), min(LAST_POSITION, position + offset))
