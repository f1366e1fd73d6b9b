"""Framing of chunks: writing them, and the chunks of a file as the core finds them.

Place: under `container.py`, which knows what the chunks mean.
Source: docs/format.md, "Chunks" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from veneer.backend import container_chunks, crc32c
from veneer.bitstream import fields, syntax
from veneer.errors import VeneerError

HEADER_SIZE = fields.fixed_size(syntax.CHUNK_HEADER)
TRAILER_SIZE = fields.fixed_size(syntax.CHUNK_TRAILER)
FRAME_SIZE = HEADER_SIZE + TRAILER_SIZE
TILE_INDEX_SIZE = 2


Report = Callable[[VeneerError], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that lies within the file, or its beginning where the file ends first.

    Attributes:
        offset: where its header begins.
        type: four bytes.
        payload: a view into the file.
        intact: its checksum agrees.
        missing: bytes of payload and trailer that the file lacks; the payload is then only its beginning, unchecked.
    """

    offset: int
    type: bytes
    payload: memoryview
    intact: bool
    missing: int = 0

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
    """A chunk type for messages, of any bytes."""
    return name.decode("ascii", "backslashreplace")


def checksum(data: bytes) -> int:
    """CRC-32C of some bytes."""
    return crc32c(data)


class ChunkReader:
    """Goes through the chunks of a file, over damaged ones.

    Args:
        data: the whole file.
        position: offset of the first chunk to read.
        report: receives problems, and raises those that are not to be tolerated.
    """

    def __init__(self, data: memoryview, position: int, report: Report) -> None:
        self._data = data
        self._position = position
        self._report = report

    def chunks(self) -> Iterator[Chunk]:
        """Intact chunks up to TEND or the end of the data; where the file ends within a chunk, its beginning.

        Raises:
            VeneerError: TOO_MANY_CHUNKS, and what `report` raises.
        """
        for found in container_chunks(self._data, self._position):
            if isinstance(found, VeneerError):
                self._report(found)
                continue
            offset, name, size, intact, missing = found
            start = offset + HEADER_SIZE
            yield Chunk(offset, name, self._data[start : start + size], intact, missing)
