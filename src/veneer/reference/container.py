"""A file to its head and the payloads of its tiles, all rules checked: a *strict* decoder.

Source: docs/format.md, "Container" and "Limits"; for what is said of broken files also "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from veneer import limits
from veneer.errors import ErrorCode, VeneerError

SIGNATURE = bytes.fromhex("8b 56 4e 52 0d 0a 1a 0a")
HEADER_SIZE, FRAME_SIZE = 8, 12  # of chunks: length and type; these and the checksum
KNOWN = (b"HEAD", b"iCCP", b"eXIF", b"xMP_", b"pREV", b"pALP", b"tOCS", b"BASE", b"ALPH", b"eNHA", b"TEND")
METADATA = (b"iCCP", b"eXIF", b"xMP_")
ONCE = (*METADATA, b"pREV", b"pALP", b"tOCS")
NEVER = range(0)


class Field(NamedTuple):
    """A field of HEAD: a letter of `struct`, its values, and those that a later version gives a meaning."""

    name: str
    letter: str
    values: range | tuple[int, ...]
    later: range = NEVER


HEAD_FIELDS = (
    Field("format_version", "B", (1,), range(2, 256)),
    Field("width", "I", range(1, 65536)),
    Field("height", "I", range(1, 65536)),
    Field("channels", "B", range(1, 5)),
    Field("bit_depth", "B", (8,), range(9, 17)),
    Field("colour_primaries", "B", range(256)),
    Field("transfer_characteristics", "B", range(256)),
    Field("matrix_coefficients", "B", (0,)),
    Field("full_range", "B", range(2)),
    Field("base_scale", "B", (1, 2)),
    Field("tile_log2", "B", range(6, 17)),
    Field("tune", "B", range(2)),
    Field("default_realism", "B", range(256)),
    Field("step_index", "B", range(224)),
    Field("co_step_offset", "b", range(-128, 128)),
    Field("cg_step_offset", "b", range(-128, 128)),
    Field("matrix", "B", range(16), range(16, 256)),
    Field("step_group_log2", "B", (0, 4, 5, 6)),
    Field("tools", "B", range(2), range(2, 256)),
    Field("deblock", "B", (0,), range(1, 256)),
    Field("reserved", "B", (0,), range(1, 256)),
)
BASE_PARAMETERS = HEAD_FIELDS[-8:]
PREVIEW_SCALE = 8
HEAD_NAMES = [field.name for field in HEAD_FIELDS]
HEAD_FORMAT = "<" + "".join(field.letter for field in HEAD_FIELDS)


@dataclasses.dataclass(frozen=True)
class Head:
    """The fields of HEAD that this decoder acts on, named as there."""

    width: int
    height: int
    channels: int
    tile_log2: int
    step_index: int
    co_step_offset: int
    cg_step_offset: int
    matrix: int
    step_group_log2: int
    tools: int

    @property
    def colour(self) -> bool:
        """Whether there are planes Co and Cg."""
        return self.channels >= 3

    @property
    def alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.channels % 2 == 0

    @property
    def columns(self) -> int:
        """Of tiles."""
        side = 1 << self.tile_log2
        return (self.width + side - 1) // side

    @property
    def rows(self) -> int:
        """Of tiles."""
        side = 1 << self.tile_log2
        return (self.height + side - 1) // side


@dataclasses.dataclass(frozen=True)
class Chunk:
    """A chunk that ends within the file."""

    type: bytes
    payload: bytes
    start: int
    end: int
    intact: bool


@dataclasses.dataclass
class File:
    """What a file holds.

    Attributes:
        head: the fields of HEAD.
        tiles: payloads by type (BASE, ALPH) and number of the tile.
        preview: size and base parameters of the preview, as if it were a picture, and its payload of colour.
        preview_alpha: its payload of alpha, where there is alpha.
    """

    head: Head
    tiles: dict[tuple[bytes, int], bytes] = dataclasses.field(default_factory=dict)
    preview: tuple[Head, bytes] | None = None
    preview_alpha: bytes | None = None


def read_file(data: bytes, max_pixels: int) -> File:
    """Reads a file; raises VeneerError for the first rule that it breaks."""
    _check_signature(data)
    head_chunk = _first_chunk(data)
    file = File(_read_head(head_chunk, max_pixels))
    once: set[bytes] = set()
    lengths: list[int] = []  # of the tile chunks
    offsets: list[int] | None = None
    chunk = head_chunk
    count = 0
    while chunk.type != b"TEND":
        chunk = _next_chunk(data, chunk.end)
        count += 1
        if count > limits.MAX_CHUNKS:  # pragma: no cover - takes a file of 3 MB; tests/bitstream has the limit
            raise VeneerError(ErrorCode.TOO_MANY_CHUNKS, f"more than {limits.MAX_CHUNKS} chunks", chunk.start)
        if chunk.type in (b"BASE", b"ALPH"):
            _add_tile(file, chunk)
            lengths.append(len(chunk.payload))
        elif chunk.type in ONCE:
            if chunk.type in once:
                raise VeneerError(ErrorCode.CHUNK_REPEATED, f"a second chunk {_name(chunk)}", chunk.start)
            if lengths:
                raise VeneerError(ErrorCode.CHUNK_ORDER, f"chunk {_name(chunk)} stands behind a tile", chunk.start)
            once.add(chunk.type)
            if chunk.type == b"tOCS":
                offsets = _read_offsets(file.head, chunk)
            elif chunk.type == b"pREV":
                file.preview = _read_preview(file.head, chunk)
            elif chunk.type == b"pALP":
                file.preview_alpha = chunk.payload if file.head.alpha else None
            elif len(chunk.payload) > limits.MAX_METADATA_LENGTH:  # pragma: no cover - takes a file of 64 MB
                raise VeneerError(ErrorCode.METADATA_TOO_LARGE, f"chunk {_name(chunk)} is too long", chunk.start)
        elif chunk.type == b"HEAD":
            raise VeneerError(ErrorCode.CHUNK_REPEATED, "a second chunk HEAD", chunk.start)
        elif chunk.type == b"TEND":
            if chunk.payload:
                raise VeneerError(ErrorCode.CHUNK_SIZE, "TEND has a payload", chunk.start)
        elif chunk.type[:1].isupper():
            raise VeneerError(ErrorCode.CRITICAL_CHUNK, f"chunk {_name(chunk)} needs a newer decoder", chunk.start)
    _check_complete(file, offsets, lengths)
    return file


# Signature, Chunks


def _check_signature(data: bytes) -> None:
    if data[: len(SIGNATURE)] == SIGNATURE:
        return
    if data and SIGNATURE.startswith(data):
        raise VeneerError(ErrorCode.HEAD_CUT, "the file ends within its signature", len(data))
    raise VeneerError(ErrorCode.NO_SIGNATURE, "not a Veneer file", 0)


def crc32c(data: bytes) -> int:
    """CRC-32C, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)  # 0x1EDC6F41 mirrored
    return crc ^ 0xFFFFFFFF


def _is_type(name: bytes) -> bool:
    return re.fullmatch(rb"[A-Za-z][A-Z0-9_]{3}", name) is not None


def _name(chunk: Chunk) -> str:
    return chunk.type.decode("ascii")


def _chunk_at(data: bytes, start: int) -> Chunk | None:
    """The chunk that begins at `start`, or None where there is none or it runs past the end of the file."""
    if start + FRAME_SIZE > len(data):
        return None
    (length,) = struct.unpack_from("<I", data, start)
    name = data[start + 4 : start + HEADER_SIZE]
    end = start + FRAME_SIZE + length
    if length > limits.MAX_CHUNK_LENGTH or not _is_type(name) or end > len(data):
        return None
    (checksum,) = struct.unpack_from("<I", data, end - 4)
    intact = crc32c(data[start + 4 : end - 4]) == checksum
    return Chunk(name, data[start + HEADER_SIZE : end - 4], start, end, intact)


def _first_chunk(data: bytes) -> Chunk:
    start = len(SIGNATURE)
    chunk = _chunk_at(data, start)
    if data[start + 4 : start + 8] != b"HEAD"[: max(0, len(data) - start - 4)]:
        raise VeneerError(ErrorCode.CHUNK_ORDER, "the first chunk is not HEAD", start)
    if chunk is None:
        raise VeneerError(ErrorCode.HEAD_CUT, "the file ends within HEAD", len(data))
    if not chunk.intact:
        raise VeneerError(ErrorCode.CHECKSUM, "the checksum of HEAD is wrong", start)
    return chunk


def _next_chunk(data: bytes, start: int) -> Chunk:
    chunk = _chunk_at(data, start)
    if chunk is not None and chunk.intact:
        return chunk
    raise _problem(data, start, chunk)


def _problem(data: bytes, start: int, chunk: Chunk | None) -> VeneerError:
    """What is wrong at `start`, told by what follows: "Damaged and cut files"."""
    if chunk is not None and (chunk.end == len(data) or _is_type(data[chunk.end + 4 : chunk.end + HEADER_SIZE])):
        return VeneerError(ErrorCode.CHECKSUM, f"the checksum of chunk {_name(chunk)} is wrong", start)
    for later in range(start + 1, len(data)):
        if data[later + 4 : later + HEADER_SIZE] in KNOWN:
            following = _chunk_at(data, later)
            if following is not None and following.intact:
                return VeneerError(ErrorCode.FRAMING_LOST, f"{later - start} bytes are no chunk", start)
    if chunk is not None:
        return VeneerError(ErrorCode.CHECKSUM, f"the checksum of chunk {_name(chunk)} is wrong", start)
    if start == len(data):
        return VeneerError(ErrorCode.NO_END, "the file ends without TEND", start)
    return VeneerError(ErrorCode.CHUNK_CUT, "the file ends within a chunk", start)


# HEAD


def _read_fields(fields: tuple[Field, ...], chunk: Chunk) -> dict[str, int]:
    """The values of fields at the beginning of a payload."""
    start = chunk.start + HEADER_SIZE
    letters = "<" + "".join(field.letter for field in fields)
    if len(chunk.payload) < struct.calcsize(letters):
        raise VeneerError(ErrorCode.CHUNK_SIZE, f"chunk {_name(chunk)} is too short", start)
    values = {}
    for field, value in zip(fields, struct.unpack_from(letters, chunk.payload), strict=True):
        if value in field.later:
            code = ErrorCode.VERSION if field.name == "format_version" else ErrorCode.FEATURE
            raise VeneerError(code, f"{field.name} {value} needs a newer decoder", start)
        if value not in field.values:
            raise VeneerError(ErrorCode.FIELD_VALUE, f"{field.name} is {value}", start)
        values[field.name] = value
    return values


def _read_head(chunk: Chunk, max_pixels: int) -> Head:
    start = chunk.start + HEADER_SIZE
    values = _read_fields(HEAD_FIELDS, chunk)
    head = Head(**{field.name: values[field.name] for field in dataclasses.fields(Head)})
    if head.width * head.height > max_pixels:
        text = f"{head.width}x{head.height} pixels are more than the {max_pixels} allowed"
        raise VeneerError(ErrorCode.PICTURE_TOO_LARGE, text, start)
    if head.columns * head.rows > limits.MAX_TILES:
        raise VeneerError(ErrorCode.TOO_MANY_TILES, f"{head.columns}x{head.rows} tiles", start)
    return head


# Preview


def _read_preview(head: Head, chunk: Chunk) -> tuple[Head, bytes]:
    """As a picture of one tile."""
    values = _read_fields(BASE_PARAMETERS, chunk)
    size = {side: -(-getattr(head, side) // PREVIEW_SCALE) for side in ("width", "height")}
    own = {field.name: values[field.name] for field in dataclasses.fields(Head) if field.name in values}
    return dataclasses.replace(head, tile_log2=16, **size, **own), chunk.payload[len(BASE_PARAMETERS) :]


# Tiles, tOCS, BASE and ALPH


def _read_offsets(head: Head, chunk: Chunk) -> list[int]:
    expected = head.columns * head.rows * (2 if head.alpha else 1)
    if len(chunk.payload) != 4 * expected:
        raise VeneerError(ErrorCode.CHUNK_SIZE, f"tOCS has not {expected} lengths", chunk.start)
    offsets = [length for (length,) in struct.iter_unpack("<I", chunk.payload)]
    if max(offsets) > limits.MAX_CHUNK_LENGTH:
        raise VeneerError(ErrorCode.FIELD_VALUE, "a length in tOCS is too large", chunk.start)
    return offsets


def _add_tile(file: File, chunk: Chunk) -> None:
    if len(chunk.payload) < 4:
        raise VeneerError(ErrorCode.CHUNK_SIZE, f"chunk {_name(chunk)} is too short", chunk.start)
    (index,) = struct.unpack_from("<I", chunk.payload)
    if index >= limits.MAX_TILES:
        raise VeneerError(ErrorCode.FIELD_VALUE, f"Tile_Index is {index}", chunk.start)
    tiles = file.head.columns * file.head.rows
    if index >= tiles or (chunk.type == b"ALPH" and not file.head.alpha):
        raise VeneerError(ErrorCode.TILE_INDEX, f"there is no {_name(chunk)} of tile {index}", chunk.start)
    if (chunk.type, index) in file.tiles:
        raise VeneerError(ErrorCode.CHUNK_REPEATED, f"a second {_name(chunk)} of tile {index}", chunk.start)
    file.tiles[chunk.type, index] = chunk.payload[4:]


def _check_complete(file: File, offsets: list[int] | None, lengths: list[int]) -> None:
    numbers = range(file.head.columns * file.head.rows)
    have: Callable[[bytes], list[bool]] = lambda name: [(name, number) in file.tiles for number in numbers]  # noqa: E731
    if not any(have(b"BASE")):
        raise VeneerError(ErrorCode.NO_TILE, "the file holds no tile")
    if not all(have(b"BASE")) or (file.head.alpha and not all(have(b"ALPH"))):
        raise VeneerError(ErrorCode.TILE_MISSING, "a tile has no colour or no alpha")
    if offsets not in (None, lengths):
        raise VeneerError(ErrorCode.OFFSETS_WRONG, "tOCS does not agree with the tile chunks")
