"""A whole file: which chunks may stand where, tiles by number, metadata, and access by the tile offsets.

Encoder and decoder meet here: `write_contents` and `read_contents` are each other's inverse.
Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import (
    FRAME_SIZE,
    TILE_INDEX_SIZE,
    TRAILER_SIZE,
    Chunk,
    ChunkReader,
    chunk_at,
    tile_number,
    type_at,
    type_name,
    write_chunk,
)
from veneer.bitstream.syntax import Head
from veneer.bitstream.tiles import Region, TileGrid
from veneer.errors import ErrorCode, VeneerError

FIRST_CHUNK = len(syntax.SIGNATURE)
TILE_TYPES = (b"BASE", b"ALPH")
PREVIEW_TYPES = (b"pREV", b"pALP")

# Attribute of `Metadata` for each chunk of that sort.
METADATA_TYPES = {b"iCCP": "icc", b"eXIF": "exif", b"xMP_": "xmp"}


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What goes with the pixels, byte for byte; None where there is none."""

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


@dataclasses.dataclass(frozen=True)
class CodedPreview:
    """The preview as a file holds it.

    Attributes:
        parameters: its base parameters, as bytes.
        colour: payload of its only tile.
        alpha: likewise; None where the picture has no alpha.
    """

    parameters: bytes
    colour: bytes
    alpha: bytes | None = None


@dataclasses.dataclass
class Contents:
    """What a file holds.

    Attributes:
        head: the HEAD chunk.
        metadata: the metadata chunks.
        colour_tiles: payload of each tile in raster order; None where it is missing or was not asked for.
        alpha_tiles: likewise, empty where the picture has no alpha.
        problems: what was tolerated.
        preview: the preview, where there is a whole one.
        cut_tile: number of the tile whose colour is the beginning of a payload, since the file ends within it; None
            where there is none.
    """

    head: Head
    metadata: Metadata
    colour_tiles: list[bytes | None]
    alpha_tiles: list[bytes | None]
    problems: list[VeneerError]
    preview: CodedPreview | None = None
    cut_tile: int | None = None


def has_alpha(head: Head) -> bool:
    """Whether the last channel is alpha."""
    return head.channels in (2, 4)


def tile_grid(head: Head) -> TileGrid:
    """The tiles of a picture; raises VeneerError of TOO_MANY_TILES."""
    return TileGrid(head.width, head.height, head.tile_log2)


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the preview of a picture of that size."""
    return -(-width // syntax.PREVIEW_SCALE), -(-height // syntax.PREVIEW_SCALE)


def write_contents(
    head: Head,
    metadata: Metadata,
    colour_tiles: Sequence[bytes],
    alpha_tiles: Sequence[bytes],
    preview: CodedPreview | None = None,
) -> bytes:
    """The bytes of a file.

    Args:
        head: for the HEAD chunk.
        metadata: for the metadata chunks.
        colour_tiles: payload of each tile in raster order.
        alpha_tiles: likewise; empty without alpha.
        preview: None for none.

    Returns:
        Signature and chunks in the order of the specification.

    Raises:
        VeneerError: METADATA_TOO_LARGE.
    """
    parts = [syntax.SIGNATURE, write_chunk(b"HEAD", fields.write(syntax.HEAD, head))]
    parts += _write_metadata(metadata, (b"iCCP", b"eXIF"))
    if preview is not None:
        parts.append(write_preview(preview))
    parts += _write_metadata(metadata, (b"xMP_",))
    tiles = []
    for index, colour in enumerate(colour_tiles):
        tiles.append((b"BASE", fields.write(syntax.BASE, syntax.Tile(index, colour))))
        if alpha_tiles:
            tiles.append((b"ALPH", fields.write(syntax.ALPH, syntax.Tile(index, alpha_tiles[index]))))
    if len(colour_tiles) > 1:
        offsets = syntax.TileOffsets(tuple(len(payload) for _, payload in tiles))
        parts.append(write_chunk(b"tOCS", fields.write(syntax.TOCS, offsets)))
    parts += [write_chunk(name, payload) for name, payload in tiles]
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
        data = getattr(metadata, METADATA_TYPES[name])
        if data is not None:
            _check_metadata_length(name, len(data), None)
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
            PICTURE_TOO_LARGE or TOO_MANY_TILES.
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
    if head.base_scale != 1:
        raise VeneerError(ErrorCode.FEATURE, "Base_Scale 2 needs a newer decoder", chunk.payload_offset)
    tile_grid(head)
    return head, chunk.end


def read_contents(data: memoryview, *, strict: bool, max_pixels: int, region: Region | None = None) -> Contents:
    """Reads a whole file, or the tiles of a region.

    Args:
        data: the file.
        strict: anything wrong is an error; otherwise damage and cuts are noted in `problems`.
        max_pixels: larger pictures are refused.
        region: x, y, width, height in pixels; None for the whole picture.

    Returns:
        Head, metadata and tiles.

    Raises:
        VeneerError: what `read_head` raises, BAD_REGION, all that breaks a rule of the format, NO_TILE where not
            one tile is left, and under `strict` every other problem.
    """
    head, position = read_head(data, max_pixels)
    whole = (0, 0, head.width, head.height)
    assembly = Assembly(head, strict, tile_grid(head).covering(region or whole))
    reader = ChunkReader(data, position, assembly.report)
    for chunk in reader.chunks(stop_before=TILE_TYPES):
        assembly.add(chunk)
    if region is None or not assembly.seek_tiles(data):
        for chunk in reader.chunks():
            assembly.add(chunk)
        assembly.check_complete()
    return assembly.contents


def read_front(data: memoryview, max_pixels: int = limits.MAX_SIDE**2) -> Contents:
    """Reads head, metadata and preview only; neither checks nor needs what follows them.

    Raises:
        VeneerError: what `read_head` raises, and what breaks a rule of the format before the first tile.
    """
    head, position = read_head(data, max_pixels)
    assembly = Assembly(head, False, frozenset())
    for chunk in ChunkReader(data, position, assembly.report).chunks(stop_before=TILE_TYPES):
        assembly.add(chunk)
    return assembly.contents


class Assembly:
    """Takes the chunks of one file in order and puts its contents together."""

    def __init__(self, head: Head, strict: bool, wanted: frozenset[int]) -> None:
        count = tile_grid(head).count
        alpha_count = count if has_alpha(head) else 0
        self.contents = Contents(head, Metadata(), [None] * count, [None] * alpha_count, [])
        self._strict = strict
        self._wanted = wanted
        self._seen: set[bytes | tuple[bytes, int]] = {b"HEAD"}
        self._offsets: tuple[int, ...] | None = None
        self._first_tile = 0
        self._tile_lengths: list[int] = []
        self._preview_parts: dict[bytes, Any] = {}

    def report(self, problem: VeneerError) -> None:
        """Raises `problem` where everything must be right, else notes it."""
        if self._strict:
            raise problem
        self.contents.problems.append(problem)

    def add(self, chunk: Chunk) -> None:
        """Takes an intact chunk, or a cut one; raises VeneerError of kind INVALID, UNSUPPORTED or LIMIT."""
        if chunk.missing:
            self._add_cut(chunk)
        elif chunk.type in TILE_TYPES:
            self._add_tile(chunk)
        elif chunk.type in METADATA_TYPES:
            self._note_first(chunk)
            _check_metadata_length(chunk.type, len(chunk.payload), chunk.offset)
            payload = fields.read(syntax.CHUNKS[chunk.type], chunk.payload, chunk.payload_offset)
            change = {METADATA_TYPES[chunk.type]: payload.data}
            self.contents.metadata = dataclasses.replace(self.contents.metadata, **change)
        elif chunk.type in PREVIEW_TYPES:
            self._note_first(chunk)
            self._add_preview(chunk)
        elif chunk.type == b"tOCS":
            self._note_first(chunk)
            self._add_offsets(chunk)
        elif chunk.type == b"TEND":
            fields.read(syntax.TEND, chunk.payload, chunk.payload_offset)
        elif chunk.type == b"HEAD":
            raise VeneerError(ErrorCode.CHUNK_REPEATED, "a second chunk HEAD", chunk.offset)
        elif syntax.is_critical(chunk.type):
            text = f"chunk {type_name(chunk.type)} needs a newer decoder"
            raise VeneerError(ErrorCode.CRITICAL_CHUNK, text, chunk.offset)

    def _note_first(self, chunk: Chunk) -> None:
        """Checks a chunk that stands at most once, before the tiles."""
        name = type_name(chunk.type)
        if chunk.type in self._seen:
            raise VeneerError(ErrorCode.CHUNK_REPEATED, f"a second chunk {name}", chunk.offset)
        if self._tile_lengths:
            raise VeneerError(ErrorCode.CHUNK_ORDER, f"chunk {name} stands behind a tile", chunk.offset)
        self._seen.add(chunk.type)

    def _add_preview(self, chunk: Chunk) -> None:
        """Takes one of the chunks of the preview, which is there as soon as all of them are."""
        try:
            part = fields.read(syntax.CHUNKS[chunk.type], chunk.payload, chunk.payload_offset)
        except VeneerError as error:
            self.report(error)
            return
        self._preview_parts[chunk.type] = part
        needed = PREVIEW_TYPES if has_alpha(self.contents.head) else PREVIEW_TYPES[:1]
        if all(name in self._preview_parts for name in needed):
            colour, *alpha = (self._preview_parts[name] for name in needed)
            parameters = fields.write(syntax.BASE_PARAMETERS, colour)
            self.contents.preview = CodedPreview(parameters, colour.data, alpha[0].data if alpha else None)

    def _add_offsets(self, chunk: Chunk) -> None:
        self._offsets = fields.read(syntax.TOCS, chunk.payload, chunk.payload_offset).payload_length
        self._first_tile = chunk.end
        expected = len(self.contents.colour_tiles) + len(self.contents.alpha_tiles)
        if len(self._offsets) != expected:
            text = f"{len(self._offsets)} lengths in tOCS, but {expected} tile chunks belong to the picture"
            raise VeneerError(ErrorCode.CHUNK_SIZE, text, chunk.payload_offset)

    def _add_tile(self, chunk: Chunk) -> None:
        name = type_name(chunk.type)
        tiles = self.contents.colour_tiles if chunk.type == b"BASE" else self.contents.alpha_tiles
        tile = fields.read(syntax.CHUNKS[chunk.type], chunk.payload, chunk.payload_offset)
        if tile.tile_index >= len(tiles):
            text = f"chunk {name} is for tile {tile.tile_index}, but there are {len(tiles)}"
            raise VeneerError(ErrorCode.TILE_INDEX, text, chunk.payload_offset)
        if (chunk.type, tile.tile_index) in self._seen:
            text = f"a second chunk {name} for tile {tile.tile_index}"
            raise VeneerError(ErrorCode.CHUNK_REPEATED, text, chunk.offset)
        self._seen.add((chunk.type, tile.tile_index))
        self._tile_lengths.append(len(chunk.payload))
        if tile.tile_index in self._wanted:
            tiles[tile.tile_index] = tile.data

    def _add_cut(self, chunk: Chunk) -> None:
        """Takes what there is of a tile's colour; nothing vouches for it, so that it cannot break a rule."""
        index = tile_number(chunk) if chunk.type == b"BASE" else None
        if index in self._wanted and index is not None and (chunk.type, index) not in self._seen:
            self._seen.add((chunk.type, index))
            self.contents.colour_tiles[index] = bytes(chunk.payload[TILE_INDEX_SIZE:])
            if chunk.missing > TRAILER_SIZE:
                self.contents.cut_tile = index

    def seek_tiles(self, data: memoryview) -> bool:
        """Takes the wanted tiles from where tOCS says they are; False if it is absent or one is not there."""
        if self._offsets is None:
            return False
        starts = [0, *itertools.accumulate(length + FRAME_SIZE for length in self._offsets)]
        kinds = TILE_TYPES if self.contents.alpha_tiles else TILE_TYPES[:1]
        found = []
        for index, (plane, name) in itertools.product(sorted(self._wanted), enumerate(kinds)):
            chunk = chunk_at(data, self._first_tile + starts[index * len(kinds) + plane])
            if chunk is None or not chunk.intact or chunk.type != name or len(chunk.payload) < 4:
                return False
            if fields.read(syntax.CHUNKS[name], chunk.payload, chunk.payload_offset).tile_index != index:
                return False
            found.append(chunk)
        for chunk in found:
            self._add_tile(chunk)
        return True

    def check_complete(self) -> None:
        """Reports tiles that are missing and offsets that are wrong, once all chunks have been added."""
        contents = self.contents
        if not any(key[0] == b"BASE" for key in self._seen if isinstance(key, tuple)):
            cause = f": {contents.problems[0].message}" if contents.problems else ""
            raise VeneerError(ErrorCode.NO_TILE, f"the file holds no intact tile{cause}")
        for tiles, what in ((contents.colour_tiles, "colour"), (contents.alpha_tiles, "alpha")):
            missing = [index for index in sorted(self._wanted) if tiles and tiles[index] is None]
            if missing:
                shown = ", ".join(map(str, missing[:8])) + ", ..." * (len(missing) > 8)
                text = f"{len(missing)} of {len(tiles)} tiles have no {what}: {shown}"
                self.report(VeneerError(ErrorCode.TILE_MISSING, text))
        if not contents.problems and self._offsets not in (None, tuple(self._tile_lengths)):
            text = "tOCS does not agree with the tile chunks"
            self.report(VeneerError(ErrorCode.OFFSETS_WRONG, text, self._first_tile))


def _check_metadata_length(name: bytes, length: int, offset: int | None) -> None:
    if length > limits.MAX_METADATA_LENGTH:
        text = f"{length} bytes of {type_name(name)} are more than the {limits.MAX_METADATA_LENGTH} allowed"
        raise VeneerError(ErrorCode.METADATA_TOO_LARGE, text, offset)
