"""Pictures that are not yet rounded to pixels: in 1/64 of a level, as networks, filters and texture hand them on.

Quarters of a level, which the base has, are too coarse: rounded to quarters and then to levels, values between 3/8 and
1/2 are rounded up, which costs 0.03 dB at fine steps.

Place: between `synthesis.py` and the pixels that are shown.
Source: docs/format.md, "Enhancement".
"""

from __future__ import annotations

import numpy
import numpy.typing

FRACTION_BITS = 6
MAX_UNROUNDED = 255 << FRACTION_BITS

# int16, 0..MAX_UNROUNDED.
Unrounded = numpy.typing.NDArray[numpy.int16]

_QUARTERS_SHIFT = FRACTION_BITS - 2
_HALF = numpy.int16(1 << FRACTION_BITS - 1)
_STRIP = 64  # rows that are rounded at a time


def from_quarters(quarters: numpy.typing.NDArray[numpy.int16]) -> Unrounded:
    """The same picture, given in quarters of a level, 0..1020."""
    return quarters << numpy.int16(_QUARTERS_SHIFT)


def to_pixels(picture: Unrounded) -> numpy.typing.NDArray[numpy.uint8]:
    """Rounds to whole levels: the last step on the way to pixels.

    Args:
        picture: [H, ...].

    Returns:
        uint8 of the same shape.
    """
    pixels = numpy.empty(picture.shape, numpy.uint8)
    for top in range(0, len(picture), _STRIP):
        strip = picture[top : top + _STRIP] + _HALF
        pixels[top : top + _STRIP] = strip >> FRACTION_BITS
    return pixels
