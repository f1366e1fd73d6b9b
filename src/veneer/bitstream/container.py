"""A whole file: the chunks in order to contents, and back.

Encoder and decoder meet here: `write_contents` and `read_contents` are each other's inverse.
Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
"""

from __future__ import annotations

from collections.abc import Sequence

from veneer import limits
from veneer.backend import container_read_contents, container_read_front
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import write_chunk
from veneer.bitstream.contents import (
    METADATA_TYPES,
    NO_JPEG,
    TILE_TYPES,
    CodedJpeg,
    CodedPreview,
    Contents,
    Metadata,
    ModelReference,
    Needed,
    check_metadata_length,
    contents_from_core,
    has_alpha,
    preview_size,
    tile_grid,
)
from veneer.bitstream.metadata import write_value
from veneer.bitstream.syntax import Enhancement, Head
from veneer.bitstream.tiles import Region

__all__ = [
    "FIRST_CHUNK",
    "METADATA_TYPES",
    "TILE_TYPES",
    "CodedPreview",
    "Contents",
    "Metadata",
    "ModelReference",
    "Needed",
    "has_alpha",
    "preview_size",
    "read_contents",
    "read_front",
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
    jpeg: CodedJpeg = NO_JPEG,
) -> bytes:
    """The bytes of a file.

    Args:
        head: for the HEAD chunk.
        metadata: for the metadata chunks.
        colour_tiles: payload of each tile in raster order.
        alpha_tiles: likewise; empty without alpha.
        preview: None for none.
        enhancement: the eNHA chunks, if there are any.
        jpeg: what else a JPEG base has.

    Returns:
        Signature and chunks in the order of the specification.

    Raises:
        VeneerError: METADATA_TOO_LARGE; FIELD_VALUE where metadata has not been checked.
    """
    parts = [syntax.SIGNATURE, write_chunk(b"HEAD", fields.write(syntax.head_structure(head.base_kind), head))]
    parts += _write_metadata(metadata, (b"iCCP", b"cLLI", b"mDCV", b"eXIF", b"dENS"))
    if preview is not None:
        parts.append(write_preview(preview))
    parts += _write_metadata(metadata, (b"xMP_", b"iPTC", b"tEXT", b"gMAP"))
    if jpeg.header is not None and jpeg.script is not None:
        parts += [write_chunk(b"JHDR", jpeg.header), write_chunk(b"JSCR", jpeg.script)]
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


def read_contents(
    data: memoryview | bytes,
    *,
    strict: bool,
    max_pixels: int,
    region: Region | None = None,
    enhancement: bool = True,
) -> Contents:
    """Reads a whole file, or the tiles of a region.

    Args:
        data: the file.
        strict: anything wrong is an error; otherwise damage and cuts are noted in `problems`.
        max_pixels: larger pictures are refused.
        region: of the base picture that is needed; None for all of it.
        enhancement: whether enhancement of a region is wanted, so that it must be looked for after all tiles.

    Returns:
        Head, metadata and tiles.

    Raises:
        VeneerError: all that breaks a rule of the format, NO_TILE where not one tile is left, and under `strict` every
            other problem.
    """
    return contents_from_core(container_read_contents(data, strict, max_pixels, region, enhancement))


def read_front(data: memoryview | bytes, max_pixels: int = limits.MAX_SIDE**2) -> Contents:
    """Reads head, metadata and preview only; neither checks nor needs what follows them.

    Raises:
        VeneerError: HEAD is not there, damaged, invalid or of a newer version, the picture over a limit; or what breaks
            a rule of the format before the first tile.
    """
    return contents_from_core(container_read_front(data, max_pixels))
