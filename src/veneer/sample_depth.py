"""Samples of some depth as those of another, by scale: 0 stays 0 and the largest value becomes the largest value.

Place: whatever shows or writes samples of lossless files that are not of 8 bits.
"""

from __future__ import annotations

from typing import Any

import numpy
import numpy.typing

Samples = numpy.typing.NDArray[Any]  # uint8 or uint16

BYTE_DEPTH = 8


def scaled(samples: Samples, depth: int, to: int) -> Samples:
    """Rounds to the nearest value.

    Args:
        samples: of 0 .. 2^depth - 1.
        depth: 1..16.
        to: bits of a sample of the result, 1..16.

    Returns:
        uint16 of the same shape.
    """
    most, largest = (1 << depth) - 1, (1 << to) - 1
    table = (numpy.arange(most + 1, dtype=numpy.uint64) * largest + most // 2) // most
    result: Samples = table.astype(numpy.uint16)[samples]
    return result


def as_bytes(samples: Samples, depth: int) -> numpy.typing.NDArray[numpy.uint8]:
    """The samples as uint8, 255 being the largest value; those of 8 bits are given back as they are."""
    if depth == BYTE_DEPTH:
        return samples
    return scaled(samples, depth, BYTE_DEPTH).astype(numpy.uint8)
