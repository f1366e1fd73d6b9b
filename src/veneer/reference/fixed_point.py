"""Rounding and saturation: the one place of networks that gives away precision.

Below `ops.py`, which calls it after every exact sum. Arrays are int64 of any shape, so that nothing here overflows.
Source: docs/format.md, "Integer operations".
"""

from __future__ import annotations

import numpy
import numpy.typing

Integers = numpy.typing.NDArray[numpy.int64]

INT16_MIN, INT16_MAX = -(1 << 15), (1 << 15) - 1

# |accumulator| stays below this, which the weight reader proves for every output channel.
ACCUMULATOR_LIMIT = 1 << 31

# A multiplier is a fraction m / 2^s <= 1. Its product with an accumulator then fits 62 bits, and the result of
# the shift 32 bits, so that kernels need no wider intermediate than int64 and no saturation before the clamp.
MAX_SHIFT = 30

# Multipliers and rounding of `mix` together stay within 32 bits.
MAX_MIX_WEIGHT = (1 << 15) - 1
MAX_MIX_SHIFT = 15
MAX_PRODUCT_SHIFT = 30


def rounding_shift(value: Integers, shift: Integers | int) -> Integers:
    """Divides by 2^shift and rounds to nearest, halves up: (value + 2^(shift-1)) >> shift; shift 0 changes nothing."""
    half = (numpy.int64(1) << numpy.asarray(shift, numpy.int64)) >> 1
    return (value + half) >> shift


def saturate(value: Integers, low: int = INT16_MIN, high: int = INT16_MAX) -> Integers:
    """Clamps to low..high, both within int16."""
    return numpy.clip(value, low, high)


def rescale(accumulator: Integers, multiplier: Integers, shift: Integers, low: int, high: int) -> Integers:
    """From accumulators to activations: (accumulator * multiplier + 2^(shift-1)) >> shift, clamped.

    Args:
        accumulator: int64 [..., C], |accumulator| < 2^31.
        multiplier: [C], 0..2^shift: a fraction in Q0.shift.
        shift: [C], 1..30.
        low: least result, int16.
        high: greatest result, int16.

    Returns:
        int64 [..., C], low..high.
    """
    return saturate(rounding_shift(accumulator * multiplier, shift), low, high)


def mix(a: Integers, b: Integers, multiplier_a: int, multiplier_b: int, shift: int, low: int, high: int) -> Integers:
    """Weighted sum (multiplier_a a + multiplier_b b + 2^(shift-1)) >> shift, clamped.

    Args:
        a: int16 values.
        b: likewise, of the same shape.
        multiplier_a: with multiplier_b: |multiplier_a| + |multiplier_b| < 2^15.
        multiplier_b: see multiplier_a.
        shift: 0..15.
        low: least result, int16.
        high: greatest result, int16.

    Returns:
        int64 of the same shape, low..high.
    """
    return saturate(rounding_shift(multiplier_a * a + multiplier_b * b, shift), low, high)


def product(a: Integers, b: Integers, shift: int, low: int, high: int) -> Integers:
    """Product (a b + 2^(shift-1)) >> shift of int16 values, clamped; shift 0..30."""
    return saturate(rounding_shift(a * b, shift), low, high)
