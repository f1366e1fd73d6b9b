"""Half floats (binary16 of IEEE 754) and their ordered bits: integers that have the order of the floats.

Source: docs/format.md, "Half floats".
"""

from __future__ import annotations

from typing import Any

import numpy
import numpy.typing

Halves = numpy.typing.NDArray[numpy.float16]
Ordered = numpy.typing.NDArray[numpy.uint16]

# Ordered bits of the finite half floats.
LEAST_FINITE, MOST_FINITE = 1024, 64511

_SIGN = 0x8000


def is_half(samples: numpy.typing.NDArray[Any]) -> bool:
    """Whether samples are half floats, in whatever order of bytes."""
    return bool(samples.dtype.newbyteorder("=") == numpy.float16)


def ordered_bits(halves: Halves) -> Ordered:
    """The ordered bits of half floats, uint16 0..65535 of the same shape: 32768 of 0, 48128 of 1."""
    bits = numpy.ascontiguousarray(halves).view(numpy.uint16)
    result: Ordered = numpy.where(bits & _SIGN, ~bits, bits | _SIGN)
    return result


def finite_ordered_bits(halves: Halves) -> Ordered:
    """The same, where what is not finite counts as the largest finite value of its sign."""
    result: Ordered = ordered_bits(halves).clip(LEAST_FINITE, MOST_FINITE)
    return result
