"""A whole file: the chunks in order to contents, and back.

Encoder and decoder meet here: `write_contents` and `read_contents` are each other's inverse.
Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
"""

from __future__ import annotations

from collections.abc import Sequence

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.assembly import Assembly
from veneer.bitstream.chunks import ChunkReader, chunk_at, type_at, write_chunk
from veneer.bitstream.contents import (
    METADATA_TYPES,
    TILE_TYPES,
    CodedPreview,
    Contents,
    Metadata,
    ModelReference,
    Needed,
    check_metadata_length,
    has_alpha,
    preview_size,
    tile_grid,
)
from veneer.bitstream.metadata import write_value
from veneer.bitstream.syntax import Enhancement, Head
from veneer.errors import ErrorCode, VeneerError

__all__ = [
    "FIRST_CHUNK",
    "METADATA_TYPES",
    "TILE_TYPES",
    "Assembly",
    "CodedPreview",
    "Contents",
    "Metadata",
    "ModelReference",
    "Needed",
    "check_signature",
    "has_alpha",
    "preview_size",
    "read_contents",
    "read_front",
    "read_head",
    "tile_grid",
    "write_contents",
    "write_preview",
]

FIRST_CHUNK = len(syntax.SIGNATURE)


def write_contents(
    head: Head,
    metadata: Metadata,
    colour_tiles: Sequence[bytes],
    alpha_tiles: Sequence[bytes],
    preview: CodedPreview | None = None,
    enhancement: Sequence[Enhancement] = (),
) -> bytes:
    """The bytes of a file.

    Args:
        head: for the HEAD chunk.
        metadata: for the metadata chunks.
        colour_tiles: payload of each tile in raster order.
        alpha_tiles: likewise; empty without alpha.
        preview: None for none.
        enhancement: the eNHA chunks, if there are any.

    Returns:
        Signature and chunks in the order of the specification.

    Raises:
        VeneerError: METADATA_TOO_LARGE; FIELD_VALUE where metadata has not been checked.
    """
    parts = [syntax.SIGNATURE, write_chunk(b"HEAD", fields.write(syntax.HEAD, head))]
    parts += _write_metadata(metadata, (b"iCCP", b"eXIF", b"dENS"))
    if preview is not None:
        parts.append(write_preview(preview))
    parts += _write_metadata(metadata, (b"xMP_", b"iPTC", b"tEXT"))
    tiles = []
    for index, colour in enumerate(colour_tiles):
        tiles.append((b"BASE", fields.write(syntax.BASE, syntax.Tile(index, colour))))
        if alpha_tiles:
            tiles.append((b"ALPH", fields.write(syntax.ALPH, syntax.Tile(index, alpha_tiles[index]))))
    if len(colour_tiles) > 1:
        offsets = syntax.TileOffsets(tuple(len(payload) for _, payload in tiles))
        parts.append(write_chunk(b"tOCS", fields.write(syntax.TOCS, offsets)))
    parts += [write_chunk(name, payload) for name, payload in tiles]
    parts += [write_chunk(b"eNHA", fields.write(syntax.ENHANCEMENT, chunk)) for chunk in enhancement]
    parts.append(write_chunk(b"TEND", b""))
    return b"".join(parts)


def write_preview(preview: CodedPreview) -> bytes:
    """The chunks of a preview."""
    colour = write_chunk(b"pREV", preview.parameters + preview.colour)
    return colour if preview.alpha is None else colour + write_chunk(b"pALP", preview.alpha)


def _write_metadata(metadata: Metadata, names: Sequence[bytes]) -> list[bytes]:
    """The chunks of those types that there are."""
    chunks = []
    for name in names:
        value = getattr(metadata, METADATA_TYPES[name])
        if value not in (None, ()):
            data = write_value(name, value)
            check_metadata_length(name, len(data), None)
            chunks.append(write_chunk(name, data))
    return chunks


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
    head = fields.read(syntax.HEAD, chunk.payload, chunk.payload_offset)
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
