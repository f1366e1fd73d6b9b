"""The small picture of the whole that stands near the beginning of a file: its size, and making one of a picture.

Place: the core decodes previews (native/picture/preview.h); `enc_preview.py` encodes them.
Source: docs/format.md, "Preview".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer import backend, limits
from veneer.bitstream import syntax
from veneer.bitstream.container import preview_size
from veneer.bitstream.tiles import Region

Pixels = numpy.typing.NDArray[numpy.uint8]


def preview_tile_log2(width: int, height: int) -> int:
    """Side of one tile that holds everything, as a power of two."""
    return max(limits.MIN_TILE_LOG2, (max(width, height) - 1).bit_length())


def covering_region(region: Region) -> Region:
    """The pixels of the preview that stand for some of `region`, which is in pixels of the picture."""
    x, y, width, height = region
    left, top = x // syntax.PREVIEW_SCALE, y // syntax.PREVIEW_SCALE
    right, bottom = preview_size(x + width, y + height)
    return left, top, right - left, bottom - top


def reduce_picture(pixels: Pixels, scale: int = syntax.PREVIEW_SCALE) -> Pixels:
    """The mean of each square of pixels, fewer at the right and lower edge, weighted by alpha, in whole numbers.

    Args:
        pixels: uint8 [H, W, C].
        scale: side of the squares, 8 for the preview.

    Returns:
        uint8 [ceil(H / scale), ceil(W / scale), C].
    """
    return backend.reduce_picture(numpy.ascontiguousarray(pixels), scale)
