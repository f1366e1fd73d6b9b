"""Samples of some depth as those of another, by scale: 0 stays 0 and the largest value becomes the largest value.

Place: whatever shows or writes samples that are not of 8 bits.
Source: `docs/format.md`, "Noise", for the hash of places that dithering takes.
"""

from __future__ import annotations

from typing import Any

import numpy
import numpy.typing

from veneer.half_floats import finite_ordered_bits, is_half

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
    """The samples as uint8, 255 being the largest value; those of 8 bits are given back as they are.

    Of half floats, the uint8 are upper bits of their order, as in previews.
    """
    if depth == BYTE_DEPTH:
        return samples
    if is_half(samples):
        samples = finite_ordered_bits(samples)
    return scaled(samples, depth, BYTE_DEPTH).astype(numpy.uint8)


_DITHER_BITS = 16
_ROWS_AT_ONCE = 64  # whose numbers of 64 bits are in memory together


def dithered(samples: Samples, depth: int, to: int = BYTE_DEPTH, origin: tuple[int, int] = (0, 0)) -> Samples:
    """Samples of fewer bits, without bands where colour changes slowly: each is rounded by a hash of its place.

    Values that have an exact counterpart become that. Integers alone: the same on every machine.

    Args:
        samples: of 0 .. 2^depth - 1, [H, W, C] with up to four channels.
        depth: 1..16.
        to: bits of a sample of the result, at most `depth`.
        origin: x and y of the first sample in its picture, so that a part is dithered as in the whole.

    Returns:
        uint8 for up to 8 bits, else uint16, of the same shape.
    """
    most, largest = (1 << depth) - 1, (1 << to) - 1
    height, width, channels = samples.shape
    columns = numpy.arange(origin[0], origin[0] + width, dtype=numpy.uint32)[numpy.newaxis, :, numpy.newaxis]
    result = numpy.empty(samples.shape, numpy.uint8 if to <= BYTE_DEPTH else numpy.uint16)
    for first in range(0, height, _ROWS_AT_ONCE):
        part = samples[first : first + _ROWS_AT_ONCE].astype(numpy.uint64)
        rows = numpy.arange(origin[1] + first, origin[1] + first + len(part), dtype=numpy.uint32)
        lines = 4 * rows[:, numpy.newaxis, numpy.newaxis] + numpy.arange(channels, dtype=numpy.uint32)
        share = (_mix(_mix(lines) ^ columns) & ((1 << _DITHER_BITS) - 1)).astype(numpy.uint64)
        exact = (part * largest) << _DITHER_BITS  # times `most`
        result[first : first + len(part)] = (exact + share * most) // (most << _DITHER_BITS)
    return result


def _mix(number: Samples) -> Samples:
    """`mix` of the format, for numbers of 32 bits; that of the seed 0 is 0."""
    number = (number ^ (number >> 16)) * numpy.uint32(0x7FEB352D)
    number = (number ^ (number >> 15)) * numpy.uint32(0x846CA68B)
    mixed: Samples = number ^ (number >> 16)
    return mixed
