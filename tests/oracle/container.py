"""A whole file, its front, or the tiles of a region: the chunks in order to contents.

Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
"""

from __future__ import annotations

from oracle.assembly import Assembly
from oracle.chunks import ChunkReader, chunk_at, type_at
from oracle.contents import Contents

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.contents import TILE_TYPES, Needed, has_alpha, tile_grid
from veneer.bitstream.syntax import Head
from veneer.errors import ErrorCode, VeneerError

FIRST_CHUNK = len(syntax.SIGNATURE)
SCREEN_CONTENT = 2  # bit of Tools


def check_signature(data: memoryview) -> None:
    """Raises VeneerError of NO_SIGNATURE or HEAD_CUT unless the file begins as it must."""
    start = bytes(data[:FIRST_CHUNK])
    if start == syntax.SIGNATURE:
        return
    if start and syntax.SIGNATURE.startswith(start):
        raise VeneerError(ErrorCode.HEAD_CUT, "the file ends within its signature", len(start))
    if start[1:4] == syntax.SIGNATURE[1:4]:
        text = "the signature is damaged, as by a transfer in text mode"
    else:
        text = "not a Veneer file" if start else "there is no data"
    raise VeneerError(ErrorCode.NO_SIGNATURE, text, 0)


def _check_jpeg(head: Head, offset: int) -> None:
    """Raises VeneerError of FIELD_VALUE where values do not go with a JPEG base."""
    if has_alpha(head):
        text = f"Channels is {head.channels}, but must be 1 or 3 with Base_Kind 2"
        raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)
    if head.models and (len(head.models) > 1 or head.models[0].role != syntax.RESTORES):
        text = "Models may hold one that restores, and no other, with Base_Kind 2"
        raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)


def _check_transform(head: Head, offset: int) -> None:
    """Raises VeneerError of FEATURE where values do not go with a transform base."""
    of_depth = f"with Bit_Depth {head.bit_depth} needs a newer decoder; this one knows"
    if head.bit_depth < 8:
        text = f"Bit_Depth {head.bit_depth} with Base_Kind 0 needs a newer decoder; this one knows 8..16"
    elif head.bit_depth > 8 and head.base_scale != 1:
        text = f"Base_Scale {head.base_scale} {of_depth} 1"
    elif head.bit_depth > 8 and head.tools & SCREEN_CONTENT:
        text = f"Tools {head.tools} {of_depth} no screen content"
    else:
        return
    raise VeneerError(ErrorCode.FEATURE, text, offset)


def _check_kind(head: Head, offset: int) -> None:
    """Raises VeneerError of FEATURE or FIELD_VALUE where values do not go with the kind of the base."""
    if head.base_kind == syntax.JPEG and head.bit_depth != 8:
        text = f"Bit_Depth {head.bit_depth} with Base_Kind {head.base_kind} needs a newer decoder; this one knows 8"
        raise VeneerError(ErrorCode.FEATURE, text, offset)
    if head.base_kind == syntax.TRANSFORM:
        _check_transform(head, offset)
        return
    if head.base_scale != 1:
        text = f"Base_Scale is {head.base_scale}, but must be 1 with Base_Kind {head.base_kind}"
        raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)
    if head.base_kind == syntax.JPEG:
        _check_jpeg(head, offset)
    elif head.models:
        text = f"{len(head.models)} Models, but none are allowed with Base_Kind 1"
        raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)
    elif head.sample_format == syntax.HALF_FLOATS and (head.bit_depth, head.max_error) != (16, 0):
        text = (
            f"Bit_Depth is {head.bit_depth} and Max_Error {head.max_error}, but must be 16 and 0 with Sample_Format 1"
        )
        raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)


def read_head(data: memoryview, max_pixels: int) -> tuple[Head, int]:
    """Reads signature and HEAD.

    Args:
        data: the file, or its beginning.
        max_pixels: larger pictures are refused.

    Returns:
        The head, and the offset of the chunk behind it.

    Raises:
        VeneerError: NO_SIGNATURE, HEAD_CUT, CHECKSUM, CHUNK_ORDER, FIELD_VALUE, CHUNK_SIZE, VERSION, FEATURE,
            PICTURE_TOO_LARGE, TOO_MANY_TILES or TILE_TOO_LARGE.
    """
    check_signature(data)
    name = type_at(data, FIRST_CHUNK)
    if name != b"HEAD"[: len(name)]:
        raise VeneerError(ErrorCode.CHUNK_ORDER, "the first chunk is not HEAD", FIRST_CHUNK)
    chunk = chunk_at(data, FIRST_CHUNK)
    if chunk is None:
        raise VeneerError(ErrorCode.HEAD_CUT, "the file ends before the end of chunk HEAD", len(data))
    if not chunk.intact:
        raise VeneerError(ErrorCode.CHECKSUM, "the checksum of chunk HEAD is wrong", chunk.offset)
    head = fields.read(syntax.head_structure_of(chunk.payload), chunk.payload, chunk.payload_offset)
    _check_kind(head, chunk.payload_offset)
    if head.width * head.height > max_pixels:
        text = f"{head.width}x{head.height} pixels are more than the {max_pixels} allowed here; see max_pixels"
        raise VeneerError(ErrorCode.PICTURE_TOO_LARGE, text, chunk.payload_offset)
    if head.base_scale != 1 and has_alpha(head):
        text = f"Base_Scale is {head.base_scale}, but must be 1 in a picture with alpha"
        raise VeneerError(ErrorCode.FIELD_VALUE, text, chunk.payload_offset)
    tile_grid(head)
    return head, chunk.end


def read_contents(
    data: memoryview, *, strict: bool, max_pixels: int, needed: Needed | None = None, enhancement: bool = True
) -> Contents:
    """Reads a whole file, or the tiles of a region.

    Args:
        data: the file.
        strict: anything wrong is an error; otherwise damage and cuts are noted in `problems`.
        max_pixels: larger pictures are refused.
        needed: says which region of the base picture is needed, once the model is known; None for all of it.
        enhancement: whether enhancement of a region is wanted, so that it must be looked for behind all tiles.

    Returns:
        Head, metadata and tiles.

    Raises:
        VeneerError: what `read_head` and `needed` raise, BAD_REGION, all that breaks a rule of the format, NO_TILE
            where not one tile is left, and under `strict` every other problem.
    """
    head, position = read_head(data, max_pixels)
    assembly = Assembly(head, strict)
    reader = ChunkReader(data, position, assembly.report)
    for chunk in reader.chunks(stop_before=TILE_TYPES):
        assembly.add(chunk)
    if needed is None or not assembly.seek_tiles(data, needed, enhancement=enhancement):
        for chunk in reader.chunks():
            assembly.add(chunk)
        assembly.check_complete(needed)
    return assembly.contents


def read_front(data: memoryview, max_pixels: int = limits.MAX_SIDE**2) -> Contents:
    """Reads head, metadata and preview only; neither checks nor needs what follows them.

    Raises:
        VeneerError: what `read_head` raises, and what breaks a rule of the format before the first tile.
    """
    head, position = read_head(data, max_pixels)
    assembly = Assembly(head, False)
    for chunk in ChunkReader(data, position, assembly.report).chunks(stop_before=TILE_TYPES):
        assembly.add(chunk)
    return assembly.contents
