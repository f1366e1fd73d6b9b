"""The bytes of a file to pixels, top to bottom.

Source: docs/format.md, "Overview".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.alpha import read_alpha, read_constant
from veneer.reference.base import read_base, read_colour, to_exact
from veneer.reference.container import File, Preview, read_file
from veneer.reference.depth import Depth, Pixels
from veneer.reference.enhancement import enhance, round_levels
from veneer.reference.half_floats import to_half_floats
from veneer.reference.jpeg import read_picture, write_jpeg
from veneer.reference.modular import read_modular, read_tile
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tile import Coder
from veneer.reference.weights import FindModel


def decode(
    data: bytes,
    *,
    layers: str = "full",
    realism: int | None = None,
    find_model: FindModel | None = None,
    max_pixels: int = limits.DEFAULT_MAX_PIXELS,
) -> Pixels:
    """Decodes a file, strictly: whatever is wrong with it is an error.

    Args:
        data: the file.
        layers: "full" or "base"; or "preview", of 8 bits, which is the base picture where the file has no preview.
        realism: 0..64, None for what the file names.
        find_model: gives the model that a file names, or raises; None to decode the base picture alone.
        max_pixels: pictures with more pixels are refused.

    Returns:
        uint8, or of more than 8 bits uint16, or float16 of half floats, [H, W, C], as `veneer.decode` gives them.

    Raises:
        VeneerError: of the same code as `veneer.decode` with `strict=True`.
    """
    file = read_file(data, max_pixels)
    preview = file.preview
    if layers == "preview" and preview:
        return _decode_preview(preview)
    if file.head.modular:
        samples = Depth(file.head.bit_depth).samples(read_modular(file))
        return to_half_floats(samples) if file.head.half_floats else samples
    if file.head.jpeg:
        return read_picture(file, find_model if layers == "full" else None, realism)
    model = texture = None
    if file.model and find_model and layers == "full":
        model = find_model(file.model.model_id, file.model.model_check)
        slot = file.texture_model
        wanted = (64 * file.head.default_realism + 127) // 255 if realism is None else realism
        texture = find_model(slot.model_id, slot.model_check) if slot and wanted else None
    base = read_base(file)
    if model is not None:
        colour = round_levels(enhance(file, base, model, texture, realism), base)
    else:
        colour = base.depth.pixels(base.exact if base.scale == 1 else base.interpolated())
    colour = colour[: file.head.height, : file.head.width]
    return numpy.dstack([colour, _decode_alpha(file)]) if file.head.alpha else colour


def decode_jpeg(data: bytes, *, max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> bytes:
    """The bytes of the JPEG that a file keeps.

    Raises:
        VeneerError: of the same code as `veneer.decode_jpeg`.
    """
    return write_jpeg(read_file(data, max_pixels))


def _decode_preview(preview: Preview) -> Pixels:
    head = preview.head
    tile = read_colour(preview.colour, head.width, head.height, head)
    colour = tile.depth.pixels(to_exact([plane[: head.height, : head.width] for plane in tile.planes], tile.depth))
    if preview.alpha is None:
        return colour
    alpha = decode_alpha(RangeDecoder(bytes_to_words(preview.alpha)), head.width, head.height)
    return numpy.dstack([colour, alpha])


def _decode_alpha(file: File) -> Pixels:
    """The alpha of all tiles side by side, [H, W]."""
    head = file.head
    alpha = numpy.zeros((head.height, head.width), numpy.int64)
    for index in range(head.columns * head.rows):
        x, y, w, h = head.tile_box(index)
        payload = file.tiles[b"ALPH", index]
        if head.deep:
            alpha[y : y + h, x : x + w] = read_tile(payload, w, h, 1, head.bit_depth)[..., 0]
        else:
            alpha[y : y + h, x : x + w] = decode_alpha(RangeDecoder(bytes_to_words(payload)), w, h)
    return Depth(head.bit_depth).samples(alpha)


def decode_alpha(coder: Coder, w: int, h: int) -> Pixels:
    """The alpha of a tile of 8 bits, uint8 [h, w]."""
    constant = read_constant(coder)
    alpha = numpy.full((h, w), constant, numpy.uint8) if constant is not None else read_alpha(coder, w, h)
    ended = constant is not None or coder.raw(1) == 1
    if not (ended and coder.valid()):
        raise VeneerError(ErrorCode.TILE_DAMAGED, "a payload of alpha is no code")
    return alpha
