"""A picture at half its sides, for a base layer of half size, in integers. Encoder only.

Place: `enc_layering` codes what comes of it; `interpolate` of `base/layer.py` is the way back.
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer.base.layer import Pixels

# A Lanczos window of three lobes, stretched to twice its width: weights of the pixels on both sides of the middle
# between two, in 1/1024. All of them together are 1.
TAPS = (457, 139, -68, -35, 15, 4)
TAPS_LOG2 = 10
STRIP = 16  # rows of the result at a time: what they are made of stays within caches

_REACH = len(TAPS) - 1
_MORE_BITS = 2 * TAPS_LOG2


def halved(pixels: Pixels) -> Pixels:
    """Halves both sides.

    Args:
        pixels: uint8 [H, W, C]; H and W are even. Outside, pixels are taken as the nearest inside.

    Returns:
        uint8 [H / 2, W / 2, C].
    """
    height, width, channels = pixels.shape
    result = numpy.empty((height // 2, width // 2, channels), numpy.uint8)
    for top in range(0, height // 2, STRIP):
        bottom = min(top + STRIP, height // 2)
        rows = numpy.arange(2 * top - _REACH, 2 * bottom + _REACH).clip(0, height - 1)
        total = _filtered(pixels[rows].astype(numpy.int32))
        wide = numpy.pad(total, ((0, 0), (_REACH, _REACH), (0, 0)), mode="edge")
        total = _filtered(wide.swapaxes(0, 1)).swapaxes(0, 1)
        result[top:bottom] = (total + (1 << _MORE_BITS - 1) >> _MORE_BITS).clip(0, 255)
    return result


def _filtered(values: numpy.typing.NDArray[numpy.int32]) -> numpy.typing.NDArray[numpy.int32]:
    """Half as many values along the first axis but for what lies outside, times 2^10."""
    count = len(values) // 2 - _REACH
    total = numpy.zeros((count, *values.shape[1:]), numpy.int32)
    part = numpy.empty_like(total)
    for i, tap in enumerate(TAPS):
        before, after = _REACH - i, _REACH + 1 + i
        numpy.add(values[before : before + 2 * count : 2], values[after : after + 2 * count : 2], out=part)
        part *= tap
        total += part
    return total
