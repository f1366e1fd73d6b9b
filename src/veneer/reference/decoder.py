"""The bytes of a file to pixels, top to bottom.

Source: docs/format.md, "Overview", "Colour" and "Tiles".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer import limits
from veneer.entropy.range_coder import RangeDecoder, bytes_to_words
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.alpha import read_alpha, read_constant
from veneer.reference.container import File, Head, read_file
from veneer.reference.tile import Coder, Samples, Tile
from veneer.reference.trees import read_tile

Pixels = numpy.typing.NDArray[numpy.uint8]


def decode(data: bytes, *, layers: str = "full", max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> Pixels:
    """Decodes a file, strictly: whatever is wrong with it is an error.

    Args:
        data: the file.
        layers: "full" or "base"; or "preview", which is the whole picture where the file has no preview.
        max_pixels: pictures with more pixels are refused.

    Returns:
        uint8 [H, W, C], as `veneer.decode` gives them.

    Raises:
        VeneerError: of the same code as `veneer.decode` with `strict=True`.
    """
    file = read_file(data, max_pixels)
    head, colour = file.preview or (file.head, None)
    if layers != "preview" or colour is None or (head.alpha and file.preview_alpha is None):
        return decode_base(file)
    return decode_tile(colour, file.preview_alpha, head.width, head.height, head)


def decode_base(file: File) -> Pixels:
    """The tiles side by side."""
    head = file.head
    picture = numpy.zeros((head.height, head.width, head.channels), numpy.uint8)
    side = 1 << head.tile_log2
    for index in range(head.columns * head.rows):
        x, y = index % head.columns * side, index // head.columns * side
        w, h = min(side, head.width - x), min(side, head.height - y)
        alpha = file.tiles[b"ALPH", index] if head.alpha else None
        picture[y : y + h, x : x + w] = decode_tile(file.tiles[b"BASE", index], alpha, w, h, head)
    return picture


def decode_tile(payload: bytes, alpha: bytes | None, w: int, h: int, head: Head) -> Pixels:
    """Colour and, where `alpha` is not None, alpha of w x h pixels, uint8 [h, w, C]."""
    coder = RangeDecoder(bytes_to_words(payload))
    tile = Tile(coder, w, h, head)
    if not read_tile(tile):
        raise VeneerError(ErrorCode.TILE_DAMAGED, "a payload of colour is no code")
    colour = to_pixels([plane[:h, :w] for plane in tile.planes])
    if alpha is None:
        return colour
    return numpy.dstack([colour, decode_alpha(RangeDecoder(bytes_to_words(alpha)), w, h)])


def to_pixels(planes: list[Samples]) -> Pixels:
    """Y, or Y, Co and Cg, int64 [h, w], to grey or RGB, uint8 [h, w, 1 or 3]."""
    if len(planes) == 3:
        y, co, cg = planes
        planes = [y - cg + co, y + cg, y - cg - co]
    rounded: Samples = (numpy.stack(planes, -1) + 2) >> 2
    return rounded.clip(0, 255).astype(numpy.uint8)


def decode_alpha(coder: Coder, w: int, h: int) -> Pixels:
    """The alpha of a tile, uint8 [h, w]."""
    constant = read_constant(coder)
    alpha = numpy.full((h, w), constant, numpy.uint8) if constant is not None else read_alpha(coder, w, h)
    ended = constant is not None or coder.raw(1) == 1
    if not (ended and coder.valid()):
        raise VeneerError(ErrorCode.TILE_DAMAGED, "a payload of alpha is no code")
    return alpha
