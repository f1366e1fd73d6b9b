"""Framing of chunks: length, type, payload, checksum; and finding the next chunk behind damage.

Below `container.py`, which knows what the chunks mean.
Source: docs/format.md, "Chunks" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Iterator

from veneer import limits
from veneer.backend import crc32c
from veneer.bitstream import fields, syntax
from veneer.errors import ErrorCode, VeneerError

HEADER_SIZE = fields.fixed_size(syntax.CHUNK_HEADER)
FRAME_SIZE = HEADER_SIZE + fields.fixed_size(syntax.CHUNK_TRAILER)
TYPE_SIZE = 4

_KNOWN_TYPE = re.compile(b"|".join(syntax.CHUNKS))

Report = Callable[[VeneerError], None]


@dataclasses.dataclass(frozen=True)
class Chunk:
    """A chunk that lies within the file.

    Attributes:
        offset: where its header begins.
        type: four bytes.
        payload: a view into the file.
        intact: its checksum agrees.
    """

    offset: int
    type: bytes
    payload: memoryview
    intact: bool

    @property
    def payload_offset(self) -> int:
        return self.offset + HEADER_SIZE

    @property
    def end(self) -> int:
        return self.offset + FRAME_SIZE + len(self.payload)


def write_chunk(name: bytes, payload: bytes) -> bytes:
    """Frames one payload."""
    header = fields.write(syntax.CHUNK_HEADER, syntax.ChunkHeader(len(payload), name))
    trailer = syntax.ChunkTrailer(crc32c(payload, crc32c(name)))
    return b"".join((header, payload, fields.write(syntax.CHUNK_TRAILER, trailer)))


def type_name(name: bytes) -> str:
    """A chunk type for messages, whatever bytes it has."""
    return name.decode("ascii", "backslashreplace")


def chunk_at(data: memoryview, offset: int) -> Chunk | None:
    """The chunk whose header begins at `offset`, or None where no chunk can be or it runs past the end."""
    if len(data) - offset < FRAME_SIZE:
        return None
    start = offset + HEADER_SIZE
    try:
        header = fields.read(syntax.CHUNK_HEADER, data[offset:start], offset)
    except VeneerError:
        return None
    end = start + header.length
    if not syntax.is_chunk_type(header.type) or end + FRAME_SIZE - HEADER_SIZE > len(data):
        return None
    trailer = fields.read(syntax.CHUNK_TRAILER, data[end : end + FRAME_SIZE - HEADER_SIZE], end)
    intact = crc32c(data[start - TYPE_SIZE : end]) == trailer.checksum
    return Chunk(offset, header.type, data[start:end], intact)


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

        Called again it goes on from there.

        Raises:
            VeneerError: TOO_MANY_CHUNKS, and whatever `report` raises.
        """
        for _ in range(limits.MAX_CHUNKS):
            position = self._position
            if self._finished or type_at(self._data, position) in stop_before:
                return
            chunk = chunk_at(self._data, position)
            if chunk is not None and chunk.intact:
                self._position = chunk.end
                self._finished = chunk.type == b"TEND"
                yield chunk
            else:
                following = self._recover(position, chunk)
                self._finished = following is None
                self._position = position if following is None else following
        text = f"more than {limits.MAX_CHUNKS} chunks"
        raise VeneerError(ErrorCode.TOO_MANY_CHUNKS, text, self._position)

    def _recover(self, position: int, chunk: Chunk | None) -> int | None:
        """Reports the damage at `position`; where to go on, or None where nothing is left."""
        if chunk is not None and self._may_begin_chunk(chunk.end):
            self._report(_checksum_error(chunk))
            return chunk.end
        found = self._find_intact(position + 1)
        if found is not None:
            text = f"{found - position} bytes before the next intact chunk are damaged"
            self._report(VeneerError(ErrorCode.FRAMING_LOST, text, position))
        elif chunk is not None:
            self._report(_checksum_error(chunk))
        elif position == len(self._data):
            self._report(VeneerError(ErrorCode.NO_END, "the file ends without its last chunk, TEND", position))
        else:
            self._report(VeneerError(ErrorCode.CHUNK_CUT, "the file ends within a chunk", position))
        return found

    def _may_begin_chunk(self, position: int) -> bool:
        return position == len(self._data) or syntax.is_chunk_type(type_at(self._data, position))

    def _find_intact(self, start: int) -> int | None:
        """Offset of the first intact chunk of a known type at `start` or later."""
        for match in _KNOWN_TYPE.finditer(self._data, start + HEADER_SIZE - TYPE_SIZE):
            offset = match.start() - (HEADER_SIZE - TYPE_SIZE)
            chunk = chunk_at(self._data, offset)
            if chunk is None:
                continue
            self._search_budget -= len(chunk.payload) + FRAME_SIZE
            if self._search_budget < 0:
                return None
            if chunk.intact:
                return offset
        return None


def _checksum_error(chunk: Chunk) -> VeneerError:
    text = f"the checksum of chunk {type_name(chunk.type)} is wrong"
    return VeneerError(ErrorCode.CHECKSUM, text, chunk.offset)
