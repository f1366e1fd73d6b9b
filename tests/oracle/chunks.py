"""Framing of chunks: length, type, payload, checksum; and finding the next chunk behind damage.

Source: docs/format.md, "Chunks" and "Damaged and cut files".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from veneer import limits
from veneer._native import crc32c
from veneer._native_dev import find_chunk
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import FRAME_SIZE, HEADER_SIZE, TILE_INDEX_SIZE, TRAILER_SIZE, Chunk, Report, type_name
from veneer.errors import ErrorCode, VeneerError

TYPE_SIZE = 4

_HEADER, _TRAILER = fields.packed(syntax.CHUNK_HEADER), fields.packed(syntax.CHUNK_TRAILER)
_KNOWN_TYPES = b"".join(syntax.CHUNKS)


def tile_number(chunk: Chunk) -> int | None:
    """The tile that a chunk is for; None for other chunks, and where the payload does not begin with such a number."""
    structure = syntax.CHUNKS.get(chunk.type, syntax.UNKNOWN)
    if not structure.fields or structure.fields[0].attribute != "tile_index":
        return None
    try:
        return int(fields.read(structure, chunk.payload[:TILE_INDEX_SIZE], chunk.payload_offset).tile_index)
    except VeneerError:
        return None


def chunk_name(chunk: Chunk) -> str:
    """A chunk for messages: its type, and its tile if it is for one."""
    number = tile_number(chunk)
    return type_name(chunk.type) if number is None else f"{type_name(chunk.type)} of tile {number}"


def chunk_at(data: memoryview, offset: int, length: int | None = None) -> Chunk | None:
    """The chunk whose header begins at `offset`, or None where no chunk can be or it runs past the end.

    Args:
        data: the file.
        offset: 0 or more; there need not be so many bytes.
        length: that the payload must have; None for any.
    """
    if length is not None and (len(data) < offset + HEADER_SIZE or _HEADER.unpack_from(data, offset)[0] != length):
        return None
    chunk = start_at(data, offset)
    return None if chunk is None or chunk.missing else chunk


def start_at(data: memoryview, offset: int) -> Chunk | None:
    """The chunk whose header begins at `offset`, or as much as there is of it; None where no chunk can be."""
    start = offset + HEADER_SIZE
    if len(data) < start:
        return None
    length, name = _HEADER.unpack_from(data, offset)
    if length > limits.MAX_CHUNK_LENGTH or not syntax.is_chunk_type(name):
        return None
    end = start + length
    missing = max(end + TRAILER_SIZE - len(data), 0)
    if missing:
        return Chunk(offset, name, data[start:end], False, missing)
    return Chunk(offset, name, data[start:end], _checksum_agrees(data, start, end))


def _checksum_agrees(data: memoryview, start: int, end: int) -> bool:
    """Whether the trailer at `end` belongs to a payload from `start` on."""
    return crc32c(data[start - TYPE_SIZE : end]) == checksum_before(data, end + TRAILER_SIZE)


def checksum_before(data: memoryview, end: int) -> int:
    """The checksum that a chunk ends with, whose end is there."""
    return int(_TRAILER.unpack_from(data, end - TRAILER_SIZE)[0])


def type_at(data: memoryview, offset: int) -> bytes:
    """The bytes where a chunk at `offset` would have its type; fewer than four at the end of the data."""
    return bytes(data[offset + HEADER_SIZE - TYPE_SIZE : offset + HEADER_SIZE])


class ChunkReader:
    """Goes through the chunks of a file, over damaged ones.

    Args:
        data: the whole file.
        position: offset of the first chunk to read.
        report: is told what is wrong and raises it where that is not to be tolerated.
    """

    def __init__(self, data: memoryview, position: int, report: Report) -> None:
        self._data = data
        self._position = position
        self._report = report
        self._finished = False
        self._search_budget = limits.MAX_RESYNC_FACTOR * len(data)

    def chunks(self, stop_before: Collection[bytes] = ()) -> Iterator[Chunk]:
        """Intact chunks up to TEND, the end of the data, or one of the types in `stop_before`.

        Where the file ends within a chunk, the last one is what there is of it. Called again it goes on from there.

        Raises:
            VeneerError: TOO_MANY_CHUNKS, and whatever `report` raises.
        """
        for _ in range(limits.MAX_CHUNKS):
            position = self._position
            if self._finished or type_at(self._data, position) in stop_before:
                return
            chunk: Chunk | None = start_at(self._data, position)
            following: int | None = None
            if chunk is None or not chunk.intact:
                chunk, following = self._recover(position, chunk)
            elif chunk.type != b"TEND":
                following = chunk.end
            self._finished = following is None
            self._position = position if following is None else following
            if chunk is not None:
                yield chunk
        text = f"more than {limits.MAX_CHUNKS} chunks"
        raise VeneerError(ErrorCode.TOO_MANY_CHUNKS, text, self._position)

    def _recover(self, position: int, chunk: Chunk | None) -> tuple[Chunk | None, int | None]:
        """Reports the damage at `position`; what can be used there, and where to go on, None where nothing is left."""
        if chunk is not None and not chunk.missing and self._may_begin_chunk(chunk.end):
            self._report(_checksum_error(chunk))
            return None, chunk.end
        if chunk is not None and not chunk.missing:
            # Its sum was for nothing, and the bytes that it claims are looked at again: else headers that each claim
            # the rest of the file would cost its square.
            self._search_budget = max(self._search_budget - FRAME_SIZE - len(chunk.payload), 0)
        found = self._find_intact(position + 1)
        if found is not None:
            whole = self._chunk_between(position, found)
            size = f"{found - position} bytes before the next intact chunk are damaged"
            text = size if whole is None else f"the length of chunk {chunk_name(whole)} is damaged"
            self._report(VeneerError(ErrorCode.FRAMING_LOST, text, position))
            return whole, found
        if chunk is not None and not chunk.missing:
            self._report(_checksum_error(chunk))
        elif position == len(self._data):
            self._report(VeneerError(ErrorCode.NO_END, "the file ends without its last chunk, TEND", position))
        elif chunk is None:
            self._report(VeneerError(ErrorCode.CHUNK_CUT, "the file ends within a chunk", position))
        else:
            text = f"the file ends within chunk {chunk_name(chunk)}, {chunk.missing} bytes too early"
            self._report(VeneerError(ErrorCode.CHUNK_CUT, text, position))
            return chunk, None
        return None, None

    def _chunk_between(self, position: int, following: int) -> Chunk | None:
        """The chunk that fills the bytes up to `following`, whatever its length says; None if its checksum is wrong."""
        start, end = position + HEADER_SIZE, following - TRAILER_SIZE
        name = type_at(self._data, position)
        if end < start or not syntax.is_chunk_type(name) or not _checksum_agrees(self._data, start, end):
            return None
        return Chunk(position, name, self._data[start:end], True)

    def _may_begin_chunk(self, position: int) -> bool:
        return position == len(self._data) or syntax.is_chunk_type(type_at(self._data, position))

    def _find_intact(self, start: int) -> int | None:
        """Offset of the first intact chunk of a known type at `start` or later."""
        offset, self._search_budget = find_chunk(self._data, start, _KNOWN_TYPES, self._search_budget)
        return None if offset < 0 else offset


def _checksum_error(chunk: Chunk) -> VeneerError:
    text = f"the checksum of chunk {chunk_name(chunk)} is wrong"
    return VeneerError(ErrorCode.CHECKSUM, text, chunk.offset)
