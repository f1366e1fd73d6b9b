"""Pictures that are not yet rounded to pixels: in 1/64 of a level, as networks, filters and texture hand them on.

Quarters of a level, which the base has, are too coarse: rounded to quarters and then to levels, values between 3/8 and
1/2 are rounded up, which costs 0.03 dB at fine steps.

Source: docs/format.md, "Enhancement".
"""

from __future__ import annotations

import numpy
import numpy.typing

FRACTION_BITS = 6
MAX_UNROUNDED = 255 << FRACTION_BITS

# int16 [H, W, C], 0..MAX_UNROUNDED.
Unrounded = numpy.typing.NDArray[numpy.int16]


def from_quarters(quarters: numpy.typing.NDArray[numpy.int16]) -> Unrounded:
    """The same picture, given in quarters of a level, int16 [H, W, C], 0..1020."""
    from veneer import backend  # which training does without

    return backend.from_quarters(quarters)


def to_pixels(picture: Unrounded) -> numpy.typing.NDArray[numpy.uint8]:
    """Rounds to whole levels, uint8 of the same shape: the last step on the way to pixels."""
    from veneer import backend

    return backend.to_pixels(picture, picture.shape[2])
