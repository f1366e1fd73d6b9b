"""Chunks of a file that comes in pieces: each as soon as its last byte is there.

Source: docs/format.md, "Chunks" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from oracle.chunks import FRAME_SIZE, HEADER_SIZE, Chunk, Report, chunk_at, type_at, type_name
from oracle.container import FIRST_CHUNK, check_signature, read_head

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.syntax import ChunkHeader, Head
from veneer.errors import ErrorCode, VeneerError

_HEADER = fields.packed(syntax.CHUNK_HEADER)


class ArrivingChunks:
    """Keeps what has come of a file, and gives its chunks.

    Where the framing is lost it gives no more of them: to find the next intact chunk takes the whole file.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._position = 0
        self._count = 0
        self._lost = False

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return len(self._data)

    def add(self, data: bytes | bytearray | memoryview) -> None:
        """Takes the next bytes."""
        self._data += data

    def whole(self) -> bytes:
        """All that has come."""
        return bytes(self._data)

    def read_head(self, max_pixels: int) -> Head | None:
        """HEAD, or None where more bytes are needed for it.

        Raises:
            VeneerError: as of `container.read_head`, as soon as it is clear whatever follows.
        """
        start = bytes(self._data[:FIRST_CHUNK])
        if not syntax.SIGNATURE.startswith(start):
            check_signature(memoryview(start))
        header = self._header(FIRST_CHUNK)
        if header is None:
            return None
        if header.type == b"HEAD" and self.size < FIRST_CHUNK + FRAME_SIZE + header.length:
            return None
        head, self._position = read_head(memoryview(self.whole()), max_pixels)
        return head

    def chunks(self, report: Report) -> Iterator[Chunk]:
        """Intact chunks that are complete by now, up to TEND, after those given before; HEAD must have been read.

        Args:
            report: is told of damage.

        Raises:
            VeneerError: TOO_MANY_CHUNKS.
        """
        while not self._lost:
            chunk = self._next(report)
            if chunk is None:
                return
            self._position += FRAME_SIZE + len(chunk.payload)
            self._count += 1
            if self._count > limits.MAX_CHUNKS:
                raise VeneerError(ErrorCode.TOO_MANY_CHUNKS, f"more than {limits.MAX_CHUNKS} chunks", self._position)
            if chunk.intact:
                yield chunk
                if chunk.type == b"TEND":
                    return

    def _next(self, report: Report) -> Chunk | None:
        """The chunk at the present place; None where it is not complete, or is none."""
        header = self._header(self._position)
        if header is None:
            return None
        if not syntax.is_chunk_type(header.type):
            self._lose(report)
            return None
        end = self._position + FRAME_SIZE + header.length
        if self.size < end:
            return None
        chunk = chunk_at(memoryview(bytes(self._data[self._position : end])), 0)
        if chunk is None:
            self._lose(report)
            return None
        chunk = dataclasses.replace(chunk, offset=self._position)
        if not chunk.intact:
            if self.size < end + HEADER_SIZE:
                return None  # whether its length can be trusted shows in what follows
            if not syntax.is_chunk_type(type_at(memoryview(self._data[end : end + HEADER_SIZE]), 0)):
                self._lose(report)
                return None
            text = f"the checksum of chunk {type_name(chunk.type)} is wrong"
            report(VeneerError(ErrorCode.CHECKSUM, text, chunk.offset))
        return chunk

    def _header(self, offset: int) -> ChunkHeader | None:
        """The chunk header there, whatever its type; None where it has not come."""
        if self.size < offset + HEADER_SIZE:
            return None
        header = ChunkHeader(*_HEADER.unpack_from(self._data, offset))
        return header if header.length <= limits.MAX_CHUNK_LENGTH else ChunkHeader(0, b"")

    def _lose(self, report: Report) -> None:
        self._lost = True
        report(VeneerError(ErrorCode.FRAMING_LOST, "bytes that are no chunk", self._position))
