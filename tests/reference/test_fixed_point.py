"""Rounding, saturation and multipliers against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

from veneer.inference.fixed_point import multiplier_of
from veneer.reference import fixed_point


def nearest(value: Fraction) -> int:
    """The nearest integer, halves up."""
    return math.floor(value + Fraction(1, 2))


@pytest.mark.parametrize("shift", [0, 1, 2, 5, 15, 30])
def test_rounding_shift(shift: int) -> None:
    values = [
        0,
        1,
        -1,
        (1 << shift) // 2,
        -(1 << shift) // 2,
        3 << shift >> 1,
        -(3 << shift >> 1),
        2**31 - 1,
        1 - 2**31,
    ]
    expected = [nearest(Fraction(value, 1 << shift)) for value in values]
    assert fixed_point.rounding_shift(np.array(values, np.int64), shift).tolist() == expected


def test_rescale_of_the_largest_values() -> None:
    most = fixed_point.ACCUMULATOR_LIMIT - 1
    accumulator = np.array([[most, most, -most, -most, 5]], np.int64)
    multiplier = np.array([1 << 30, 1 << 14, 1 << 14, 0, 3], np.int64)
    shift = np.array([30, 30, 30, 1, 1], np.int64)
    result = fixed_point.rescale(accumulator, multiplier, shift, -32768, 32767)
    # The last: 15 / 2, halves up.
    assert result.tolist() == [[32767, 32767, -32768, 0, 8]]
    assert fixed_point.rescale(accumulator, multiplier, shift, -7, 7).tolist() == [[7, 7, -7, 0, 7]]


def test_mix_and_product() -> None:
    a, b = np.array([-32768, 32767, 7, 5], np.int64), np.array([-32768, -32768, -3, 5], np.int64)
    low, high = fixed_point.INT16_MIN, fixed_point.INT16_MAX
    for multiplier_a, multiplier_b, shift in [(1, 1, 0), (16000, -16767, 15), (3, 5, 2)]:
        exact = [
            nearest(Fraction(int(x) * multiplier_a + int(y) * multiplier_b, 1 << shift))
            for x, y in zip(a, b, strict=True)
        ]
        expected = np.clip(exact, low, high).tolist()
        assert fixed_point.mix(a, b, multiplier_a, multiplier_b, shift, low, high).tolist() == expected
    for shift in (0, 1, 15, 30):
        exact = [nearest(Fraction(int(x) * int(y), 1 << shift)) for x, y in zip(a, b, strict=True)]
        assert fixed_point.product(a, b, shift, low, high).tolist() == np.clip(exact, low, high).tolist()


@pytest.mark.parametrize("scale", [0.0, 1e-9, 0.001, 1 / 3, 0.9999999, 1.0])
def test_multiplier_of(scale: float) -> None:
    multiplier, shift = multiplier_of(scale)
    assert abs(multiplier / 2**shift - scale) <= 2.0**-31
    assert 0 <= multiplier <= 1 << shift
    assert 1 <= shift <= fixed_point.MAX_SHIFT


@pytest.mark.parametrize("scale", [-1e-9, 1.1, float("nan")])
def test_no_multiplier_beyond_one(scale: float) -> None:
    with pytest.raises(ValueError, match="fraction"):
        multiplier_of(scale)
