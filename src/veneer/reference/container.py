"""A file to its head and the payloads of its chunks, all rules checked: a *strict* decoder.

Source: docs/format.md, "Order of chunks", "Metadata", "Preview", "tOCS", "BASE and ALPH" and "eNHA".
"""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.chunks import Chunk, read_chunks
from veneer.reference.head import (
    BASE_PARAMETERS,
    MAX_MODELS,
    RESTORES,
    TEXTURES,
    Head,
    ModelSlot,
    read_fields,
    read_head,
    size_of,
)
from veneer.reference.jpeg_geometry import read_geometry
from veneer.reference.metadata import METADATA, check_metadata

JPEG_PARTS = (b"JHDR", b"JSCR")
ONCE = (*METADATA, b"pREV", b"pALP", *JPEG_PARTS, b"tOCS")  # at most, before the tiles
PREVIEW_SCALE = 8
TILE_INDEX = struct.Struct("<H")
ENHANCEMENT = struct.Struct("<HBBB")  # Tile_Index, Slot, Flags, Strength
FILTERED = 1  # bit of Flags
MAX_STRENGTH = 128


@dataclasses.dataclass(frozen=True)
class Enhancement:
    """The fields of a chunk eNHA, but for the tile."""

    slot: int
    filtered: bool
    strength: int
    data: bytes


@dataclasses.dataclass(frozen=True)
class Preview:
    """The preview: a head as if it were a picture of one tile, and payloads."""

    head: Head
    colour: bytes
    alpha: bytes | None


@dataclasses.dataclass
class File:
    """What a file holds.

    Attributes:
        head: the fields of HEAD.
        tiles: payloads by type (BASE, ALPH) and number of the tile.
        enhancement: by number of the tile.
        preview_parts: pREV and pALP.
        jpeg_parts: payloads of JHDR and JSCR.
    """

    head: Head
    tiles: dict[tuple[bytes, int], bytes] = dataclasses.field(default_factory=dict)
    enhancement: dict[int, Enhancement] = dataclasses.field(default_factory=dict)
    preview_parts: dict[bytes, Chunk] = dataclasses.field(default_factory=dict)
    jpeg_parts: dict[bytes, bytes] = dataclasses.field(default_factory=dict)

    @property
    def model(self) -> ModelSlot | None:
        """The model that restores, where there is enhancement."""
        for tile in self.enhancement.values():
            return self.head.models[tile.slot]
        return None

    @property
    def has_tiles(self) -> bool:
        """Whether tiles are wanted: a JPEG that is kept as bytes alone has none."""
        try:
            return not self.head.jpeg or bool(read_geometry(self.jpeg_parts[b"JHDR"]).components)
        except (KeyError, ValueError):
            return True

    @property
    def texture_model(self) -> ModelSlot | None:
        """The model that textures, where there is one."""
        return next((slot for slot in self.head.models if slot.role & TEXTURES), None)

    @property
    def preview(self) -> Preview | None:
        """The preview, where all of it is there."""
        colour = self.preview_parts.get(b"pREV")
        alpha = self.preview_parts.get(b"pALP") if self.head.alpha else None
        if colour is None or (self.head.alpha and alpha is None):
            return None
        values = read_fields(BASE_PARAMETERS, colour)
        own: dict[str, Any] = {
            field.name: values[field.name] for field in dataclasses.fields(Head) if field.name in values
        }
        own |= {side: (getattr(self.head, side) + 7) // PREVIEW_SCALE for side in ("width", "height")}
        head = dataclasses.replace(self.head, bit_depth=8, base_kind=0, base_scale=1, tile_log2=16, **own)
        return Preview(head, colour.payload[size_of(BASE_PARAMETERS) :], alpha.payload if alpha else None)


def read_file(data: bytes, max_pixels: int) -> File:
    """Reads a file; raises VeneerError for the first rule that it breaks."""
    chunks = read_chunks(data)
    head = next(chunks)
    file = File(read_head(head, max_pixels))
    once: set[bytes] = set()
    lengths: list[int] = []  # of the tile chunks
    offsets: list[int] | None = None
    for chunk in chunks:
        if chunk.type in (b"BASE", b"ALPH"):
            _add_tile(file, chunk)
            lengths.append(len(chunk.payload))
        elif chunk.type == b"eNHA":
            _add_enhancement(file, chunk)
        elif chunk.type in ONCE:
            if chunk.type in once:
                raise chunk.error(ErrorCode.CHUNK_REPEATED, "there is one already")
            if lengths:
                raise chunk.error(ErrorCode.CHUNK_ORDER, "behind a tile")
            once.add(chunk.type)
            if chunk.type == b"tOCS":
                offsets = _read_offsets(file.head, chunk)
            elif chunk.type in METADATA:
                check_metadata(chunk)
            elif chunk.type in JPEG_PARTS:
                _add_jpeg(file, chunk)
            else:
                _add_preview(file, chunk)
        elif chunk.type == b"HEAD":
            raise chunk.error(ErrorCode.CHUNK_REPEATED, "there is one already")
        elif chunk.type == b"TEND":
            if chunk.payload:
                raise chunk.error(ErrorCode.CHUNK_SIZE, "it has a payload")
        elif chunk.type[:1].isupper():
            raise chunk.error(ErrorCode.CRITICAL_CHUNK, "needs a newer decoder")
    _check_complete(file, offsets, lengths)
    return file


def _add_preview(file: File, chunk: Chunk) -> None:
    if chunk.type == b"pREV":
        read_fields(BASE_PARAMETERS, chunk)
    file.preview_parts[chunk.type] = chunk


def _add_jpeg(file: File, chunk: Chunk) -> None:
    if not file.head.jpeg:
        raise chunk.error(ErrorCode.CHUNK_ORDER, "it belongs to a JPEG base")
    file.jpeg_parts[chunk.type] = chunk.payload


def _read_offsets(head: Head, chunk: Chunk) -> list[int]:
    expected = head.columns * head.rows * (2 if head.alpha_chunks else 1)
    if len(chunk.payload) != 4 * expected:
        raise chunk.error(ErrorCode.CHUNK_SIZE, f"not {expected} lengths")
    offsets = [length for (length,) in struct.iter_unpack("<I", chunk.payload)]
    if max(offsets) > limits.MAX_CHUNK_LENGTH:
        raise chunk.error(ErrorCode.FIELD_VALUE, "a length is too large")
    return offsets


def _check_index(file: File, chunk: Chunk, index: int) -> None:
    """Raises VeneerError unless there is a tile of that number."""
    if index >= file.head.columns * file.head.rows:
        raise chunk.error(ErrorCode.TILE_INDEX, f"there is no tile {index}")


def _add_tile(file: File, chunk: Chunk) -> None:
    if len(chunk.payload) < TILE_INDEX.size:
        raise chunk.error(ErrorCode.CHUNK_SIZE, "too short")
    (index,) = TILE_INDEX.unpack_from(chunk.payload)
    _check_index(file, chunk, index)
    if chunk.type == b"ALPH" and not file.head.alpha_chunks:
        raise chunk.error(ErrorCode.TILE_INDEX, "the picture has no chunks of alpha")
    if (chunk.type, index) in file.tiles:
        raise chunk.error(ErrorCode.CHUNK_REPEATED, f"there is one of tile {index} already")
    if file.enhancement:
        raise chunk.error(ErrorCode.CHUNK_ORDER, "behind an eNHA")
    file.tiles[chunk.type, index] = chunk.payload[TILE_INDEX.size :]


def _add_enhancement(file: File, chunk: Chunk) -> None:
    if len(chunk.payload) < ENHANCEMENT.size:
        raise chunk.error(ErrorCode.CHUNK_SIZE, "too short")
    index, slot, flags, strength = ENHANCEMENT.unpack_from(chunk.payload)
    if flags > FILTERED:
        raise chunk.error(ErrorCode.FEATURE, f"Flags {flags} need a newer decoder")
    if slot >= MAX_MODELS or strength > MAX_STRENGTH:
        raise chunk.error(ErrorCode.FIELD_VALUE, f"Slot is {slot}, Strength {strength}")
    _check_index(file, chunk, index)
    if slot >= len(file.head.models) or not file.head.models[slot].role & RESTORES:
        raise chunk.error(ErrorCode.SLOT_UNKNOWN, f"no model that restores has the place {slot} in the table")
    if index in file.enhancement:
        raise chunk.error(ErrorCode.CHUNK_REPEATED, f"there is one of tile {index} already")
    file.enhancement[index] = Enhancement(slot, flags == FILTERED, strength, chunk.payload[ENHANCEMENT.size :])


def _check_complete(file: File, offsets: list[int] | None, lengths: list[int]) -> None:
    if len({tile.slot for tile in file.enhancement.values()}) > 1:
        raise VeneerError(ErrorCode.MODELS_DIFFER, "chunks eNHA name different models")
    if not file.has_tiles:
        return
    numbers = range(file.head.columns * file.head.rows)
    colour = [(b"BASE", number) in file.tiles for number in numbers]
    if not any(colour):
        raise VeneerError(ErrorCode.NO_TILE, "the file holds no tile")
    if not all(colour) or (file.head.alpha_chunks and not all((b"ALPH", number) in file.tiles for number in numbers)):
        raise VeneerError(ErrorCode.TILE_MISSING, "a tile has no colour or no alpha")
    if offsets not in (None, lengths):
        raise VeneerError(ErrorCode.OFFSETS_WRONG, "tOCS does not agree with the tile chunks")
