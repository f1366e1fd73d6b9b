"""Half floats of their ordered bits.

Source: docs/format.md, "Half floats".
"""

from __future__ import annotations

import numpy

from veneer.reference.depth import Pixels

FIRST_POSITIVE = 32768  # ordered bits of 0


def to_half_floats(ordered: Pixels) -> Pixels:
    """The half floats, float16, that ordered bits, uint16, stand for."""
    wide = ordered.astype(numpy.int64)
    bits = numpy.where(wide < FIRST_POSITIVE, 65535 - wide, wide - FIRST_POSITIVE)
    return bits.astype(numpy.uint16).view(numpy.float16)
