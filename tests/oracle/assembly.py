"""Puts the contents of a file together from its chunks: all in order, or those of a region.

Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from oracle.chunks import (
    FRAME_SIZE,
    TILE_INDEX_SIZE,
    TRAILER_SIZE,
    Chunk,
    ChunkReader,
    chunk_at,
    tile_number,
    type_name,
)
from oracle.contents import Contents
from oracle.problems import ProblemLog
from oracle.values import read_value

from veneer.bitstream import fields, syntax
from veneer.bitstream.contents import (
    JPEG_TYPES,
    METADATA_TYPES,
    PREVIEW_TYPES,
    TILE_TYPES,
    CodedPreview,
    Metadata,
    Needed,
    check_metadata_length,
    has_alpha,
    has_alpha_chunks,
    tile_grid,
)
from veneer.bitstream.syntax import Head
from veneer.bitstream.tiles import Region
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.jpeg_geometry import read_geometry


def _is_of_bytes_alone(header: bytes) -> bool:
    """Whether a JHDR says that the JPEG has no picture, and so no tiles."""
    try:
        return not read_geometry(header).components
    except ValueError:
        return False


class Assembly:
    """Takes the chunks of one file in order and puts its contents together."""

    def __init__(self, head: Head, strict: bool) -> None:
        count = tile_grid(head).count
        alpha_count = count if has_alpha_chunks(head) else 0
        self.contents = Contents(head, Metadata(), [None] * count, [None] * alpha_count, [None] * count, ProblemLog())
        self._strict = strict
        self._seen: set[bytes | tuple[bytes, int]] = {b"HEAD"}
        self._offsets: tuple[int, ...] | None = None
        self._first_tile = 0
        self._tile_lengths: list[int] = []
        self._enhanced: list[int] = []  # tiles whose enhancement has come, since the last tile chunk
        self._preview_parts: dict[bytes, Any] = {}

    def report(self, problem: VeneerError) -> None:
        """Raises `problem` where everything must be right, else notes it."""
        if self._strict:
            raise problem
        self.contents.problems.add(problem)

    def add(self, chunk: Chunk) -> None:
        """Takes an intact chunk, or a cut one; raises VeneerError of kind INVALID, UNSUPPORTED or LIMIT."""
        if chunk.missing:
            self._add_cut(chunk)
        elif chunk.type in TILE_TYPES:
            self._add_tile(chunk)
        elif chunk.type == b"eNHA":
            self._add_enhancement(chunk)
        elif chunk.type in METADATA_TYPES:
            self._note_first(chunk)
            check_metadata_length(chunk.type, len(chunk.payload), chunk.offset)
            self._add_metadata(chunk)
        elif chunk.type in PREVIEW_TYPES:
            self._note_first(chunk)
            self._add_preview(chunk)
        elif chunk.type in JPEG_TYPES:
            self._note_first(chunk)
            if self.contents.head.base_kind != syntax.JPEG:
                text = f"chunk {type_name(chunk.type)} belongs to Base_Kind 2 alone"
                raise VeneerError(ErrorCode.CHUNK_ORDER, text, chunk.offset)
            self.contents.jpeg[chunk.type] = bytes(chunk.payload)
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

    def _add_metadata(self, chunk: Chunk) -> None:
        """Takes a chunk of metadata; one that breaks a rule is reported, and as good as absent."""
        try:
            value: Any = read_value(chunk.type, chunk.payload, chunk.payload_offset)
        except VeneerError as problem:
            self.report(problem)
            return
        change = {METADATA_TYPES[chunk.type]: value}
        self.contents.metadata = dataclasses.replace(self.contents.metadata, **change)

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
        expected = len(self.contents.colour_tiles) + len(self.contents.alpha_tiles)
        if len(chunk.payload) != syntax.OFFSET_SIZE * expected:  # before they are read: there can be very many
            text = f"{len(chunk.payload)} bytes of tOCS, but {expected} tile chunks belong to the picture"
            raise VeneerError(ErrorCode.CHUNK_SIZE, text, chunk.payload_offset)
        self._offsets = fields.read(syntax.TOCS, chunk.payload, chunk.payload_offset).payload_length
        self._first_tile = chunk.end

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
        tiles[tile.tile_index] = tile.data
        if self._enhanced:
            for index in self._enhanced:
                self.contents.enhancement[index] = None
            self._enhanced.clear()
            text = f"chunks eNHA stand before chunk {name} of tile {tile.tile_index}"
            self.report(VeneerError(ErrorCode.CHUNK_ORDER, text, chunk.offset))

    def _add_cut(self, chunk: Chunk) -> None:
        """Takes what there is of a tile's colour; nothing vouches for it, so that it cannot break a rule."""
        index = tile_number(chunk) if chunk.type == b"BASE" else None
        tiles = self.contents.colour_tiles
        if index is not None and index < len(tiles) and (chunk.type, index) not in self._seen:
            self._seen.add((chunk.type, index))
            tiles[index] = bytes(chunk.payload[TILE_INDEX_SIZE:])
            if chunk.missing > TRAILER_SIZE:
                self.contents.cut_tile = index

    def _add_enhancement(self, chunk: Chunk) -> None:
        """Takes a chunk eNHA; whatever is wrong with it is reported, and the chunk as good as absent."""
        try:
            found = fields.read(syntax.ENHANCEMENT, chunk.payload, chunk.payload_offset)
            if found.tile_index >= len(self.contents.enhancement):
                text = f"chunk eNHA is for tile {found.tile_index}, but there are {len(self.contents.enhancement)}"
                raise VeneerError(ErrorCode.TILE_INDEX, text, chunk.payload_offset)
            if (chunk.type, found.tile_index) in self._seen:
                text = f"a second chunk eNHA for tile {found.tile_index}"
                raise VeneerError(ErrorCode.CHUNK_REPEATED, text, chunk.offset)
            slots = self.contents.head.models
            if found.slot >= len(slots) or not slots[found.slot].role & syntax.RESTORES:
                text = f"no model that restores has the place {found.slot} in the table of {len(slots)}"
                raise VeneerError(ErrorCode.SLOT_UNKNOWN, text, chunk.payload_offset)
        except VeneerError as problem:
            self.report(problem)
            return
        self._seen.add((chunk.type, found.tile_index))
        self.contents.enhancement[found.tile_index] = found
        self._enhanced.append(found.tile_index)

    def seek_tiles(self, data: memoryview, needed: Needed, *, enhancement: bool) -> bool:
        """Takes enhancement, if it is wanted, and the tiles that are needed from where tOCS says they are.

        Returns:
            False, with nothing taken, if tOCS is absent or a tile is not there.
        """
        if self._offsets is None:
            return False
        contents, seen, enhanced = self.contents, self._seen.copy(), self._enhanced[:]
        before = dataclasses.replace(contents, enhancement=contents.enhancement[:], problems=contents.problems.copy())
        starts = [0, *itertools.accumulate(length + FRAME_SIZE for length in self._offsets)]
        if enhancement and not self._read_enhancement(data, self._first_tile + starts[-1]):
            self.contents, self._seen, self._enhanced = before, seen, enhanced
            return False
        found = self._find_tiles(data, starts, sorted(tile_grid(contents.head).covering(self._region(needed))))
        if found is None:
            self.contents, self._seen, self._enhanced = before, seen, enhanced
            return False
        for tile in found:
            tiles = contents.colour_tiles if tile[0] == b"BASE" else contents.alpha_tiles
            tiles[tile[1].tile_index] = tile[1].data
        return True

    def _read_enhancement(self, data: memoryview, position: int) -> bool:
        """Takes the chunks behind the tiles; False if they are not what should be there."""
        if position < len(data) and chunk_at(data, position) is None:
            return False
        for chunk in ChunkReader(data, position, self.report).chunks():
            if chunk.missing:
                break
            if chunk.type == b"eNHA":
                self._add_enhancement(chunk)
            elif chunk.type != b"TEND" and (chunk.type in syntax.CHUNKS or syntax.is_critical(chunk.type)):
                return False
        self._check_models()
        return True

    def _find_tiles(
        self, data: memoryview, starts: list[int], wanted: list[int]
    ) -> list[tuple[bytes, syntax.Tile]] | None:
        """Type and content of the chunks of some tiles; None if one is not where it should be."""
        kinds = TILE_TYPES if self.contents.alpha_tiles else TILE_TYPES[:1]
        found = []
        for index, (plane, name) in itertools.product(wanted, enumerate(kinds)):
            place = index * len(kinds) + plane
            # Of the length that tOCS says, so that no byte is summed twice where chunks lie within each other.
            length = starts[place + 1] - starts[place] - FRAME_SIZE
            chunk = chunk_at(data, self._first_tile + starts[place], length)
            if chunk is None or not chunk.intact or chunk.type != name or len(chunk.payload) < TILE_INDEX_SIZE:
                return None
            tile = fields.read(syntax.CHUNKS[name], chunk.payload, chunk.payload_offset)
            if tile.tile_index != index:
                return None
            found.append((name, tile))
        return found

    def _region(self, needed: Needed | None) -> Region:
        """The region of the base picture that is needed."""
        grid = tile_grid(self.contents.head)
        return needed(self.contents.head, self.contents.model) if needed else (0, 0, grid.width, grid.height)

    def _check_models(self) -> None:
        """Reports chunks eNHA of different models, and takes all of them for absent then."""
        slots = {chunk.slot for chunk in self.contents.enhancement if chunk}
        if len(slots) > 1:
            names = ", ".join(str(self.contents.head.models[slot].model_id) for slot in sorted(slots))
            self.contents.enhancement = [None] * len(self.contents.enhancement)
            text = f"chunks eNHA name different models: {names}"
            self.report(VeneerError(ErrorCode.MODELS_DIFFER, text))

    def check_complete(self, needed: Needed | None) -> None:
        """Reports what is wrong with all chunks together, and drops tiles that are not needed."""
        contents = self.contents
        self._check_models()
        if b"JHDR" in contents.jpeg and _is_of_bytes_alone(contents.jpeg[b"JHDR"]):
            return
        if not any(key[0] == b"BASE" for key in self._seen if isinstance(key, tuple)):
            cause = f": {contents.problems.kept[0].message}" if contents.problems.kept else ""
            raise VeneerError(ErrorCode.NO_TILE, f"the file holds no intact tile{cause}")
        wanted = tile_grid(contents.head).covering(self._region(needed))
        contents.cut_tile = contents.cut_tile if contents.cut_tile in wanted else None
        for tiles, what in ((contents.colour_tiles, "colour"), (contents.alpha_tiles, "alpha")):
            tiles[:] = [tile if index in wanted else None for index, tile in enumerate(tiles)]
            missing = [index for index in sorted(wanted) if tiles and tiles[index] is None]
            if missing:
                shown = ", ".join(map(str, missing[:8])) + ", ..." * (len(missing) > 8)
                text = f"{len(missing)} of {len(tiles)} tiles have no {what}: {shown}"
                self.report(VeneerError(ErrorCode.TILE_MISSING, text))
        if not contents.problems.kept and self._offsets not in (None, tuple(self._tile_lengths)):
            text = "tOCS does not agree with the tile chunks"
            self.report(VeneerError(ErrorCode.OFFSETS_WRONG, text, self._first_tile))
