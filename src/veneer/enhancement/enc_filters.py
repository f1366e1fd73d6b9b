"""Statistics of a tile from which the encoder chooses its filters.

Place: called by `enc_filter_search.py`, computed by the compiled core.
Source: docs/format.md, "Filters".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer import backend
from veneer.enhancement.base_picture import Bytes, Quarters
from veneer.enhancement.filters import threshold
from veneer.enhancement.geometry import Box
from veneer.enhancement.unrounded import Unrounded

Sums = numpy.typing.NDArray[numpy.int64]


def sum_products(enhanced: Unrounded, base: Quarters, original: Bytes, box: Box, clip: int, threads: int) -> Sums:
    """The sums that least squares need.

    Args:
        enhanced: as of `apply_filters`, the whole picture.
        base: the same.
        original: uint8, of the same shape, in whole levels.
        box: of the tile at full size.
        clip: of its filters.
        threads: as of `apply_filters`.

    Returns:
        int64 [planes, MAX_THRESHOLD + 1, TAPS + 1, TAPS + 1]: for the pixels whose activity reaches each threshold and
        not the next, sums of the products of all pairs of features and the wanted change, which comes
        last. All of them in 1/16 of a level.
    """
    half = backend.filter_products(
        enhanced, base, original, box, clip=threshold(clip), threads=backend.thread_count(threads)
    )
    products: Sums = numpy.triu(half) + numpy.triu(half, 1).swapaxes(2, 3)
    return products
