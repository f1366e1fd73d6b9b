"""A base picture of half size brought to full size: what is shown where no network does better, and what one adds to.

Place: behind the base layer, with Base_Scale 2.
Source: docs/format.md, "Base picture alone"; the taps are those of a Lanczos window of three lobes.
"""

from __future__ import annotations

import numpy
import numpy.typing

TAPS = (1, -9, 35, 114, -17, 4)  # of the values around an even place; odd ones have them the other way round
TAPS_LOG2 = 7  # of their sum
MARGIN = len(TAPS) // 2  # base pixels beyond a place that have an influence on it
MAX_QUARTERS = 1020

# Base rows at a time: what they grow to stays within caches.
STRIP = 16

Quarters = numpy.typing.NDArray[numpy.int16]
Sums = numpy.typing.NDArray[numpy.int32]


def interpolate(quarters: Quarters) -> Quarters:
    """Doubles both sides.

    Args:
        quarters: int16 [H, W, C], quarters of a level, 0..1020.

    Returns:
        int16 [2 H, 2 W, C], likewise.
    """
    height, width, channels = quarters.shape
    result = numpy.empty((2 * height, 2 * width, channels), numpy.int16)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        rows = numpy.arange(top - MARGIN, bottom + MARGIN).clip(0, height - 1)
        wide = numpy.pad(quarters[rows].astype(numpy.int32), ((0, 0), (MARGIN, MARGIN), (0, 0)), mode="edge")
        total = _doubled(_doubled(wide.swapaxes(0, 1)).swapaxes(0, 1))
        total += 1 << (2 * TAPS_LOG2 - 1)
        total >>= 2 * TAPS_LOG2
        result[2 * top : 2 * bottom] = total.clip(0, MAX_QUARTERS)
    return result


def to_pixels(quarters: Quarters) -> numpy.typing.NDArray[numpy.uint8]:
    """Rounds to whole levels, uint8."""
    return (quarters + numpy.int16(2) >> 2).clip(0, 255).astype(numpy.uint8)


def _doubled(values: Sums) -> Sums:
    """Twice as many values along the first axis but for the margins, times 2^7."""
    count = len(values) - 2 * MARGIN
    doubled = numpy.empty((2 * count, *values.shape[1:]), numpy.int32)
    for parity, taps in enumerate((TAPS, TAPS[::-1])):
        total = taps[0] * values[parity : parity + count]
        for i, tap in enumerate(taps[1:], parity + 1):
            total += tap * values[i : i + count]
        doubled[parity::2] = total
    return doubled
