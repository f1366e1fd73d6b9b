"""The chunks of a file one behind the other, and what is wrong where there should be one.

Source: docs/format.md, "Signature", "Chunks" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Iterator

from veneer import limits
from veneer.errors import ErrorCode, VeneerError

SIGNATURE = bytes.fromhex("8b 56 4e 52 0d 0a 1a 0a")
HEADER_SIZE, FRAME_SIZE = 8, 12  # of chunks: length and type; these and the checksum
KNOWN = (
    *(b"HEAD", b"iCCP", b"eXIF", b"xMP_", b"iPTC", b"tEXT", b"dENS", b"cLLI", b"mDCV", b"gMAP"),
    *(b"pREV", b"pALP", b"JHDR", b"JSCR", b"tOCS", b"BASE", b"ALPH", b"eNHA", b"TEND"),
)


@dataclasses.dataclass(frozen=True)
class Chunk:
    """A chunk that ends within the file.

    Attributes:
        type: four bytes.
        payload: likewise bytes.
        start: offset of its header in the file.
        end: offset of what follows it.
        intact: its checksum is right.
    """

    type: bytes
    payload: bytes
    start: int
    end: int
    intact: bool

    @property
    def name(self) -> str:
        """The type as text."""
        return self.type.decode("ascii")

    def error(self, code: ErrorCode, text: str) -> VeneerError:
        """That something is wrong with this chunk."""
        return VeneerError(code, f"chunk {self.name}: {text}", self.start)


def read_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a file from HEAD to TEND; raises VeneerError where there is none or a broken one."""
    _check_signature(data)
    chunk = _first_chunk(data)
    yield chunk
    count = 0
    while chunk.type != b"TEND":
        chunk = _next_chunk(data, chunk.end)
        count += 1
        if count > limits.MAX_CHUNKS:  # pragma: no cover - takes a file of 3 MB; tests/bitstream has the limit
            raise chunk.error(ErrorCode.TOO_MANY_CHUNKS, f"more than {limits.MAX_CHUNKS}")
        yield chunk


def _check_signature(data: bytes) -> None:
    if data[: len(SIGNATURE)] == SIGNATURE:
        return
    if data and SIGNATURE.startswith(data):
        raise VeneerError(ErrorCode.HEAD_CUT, "the file ends within its signature", len(data))
    raise VeneerError(ErrorCode.NO_SIGNATURE, "not a Veneer file", 0)


def crc32c(data: bytes) -> int:
    """CRC-32C, byte by byte."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_OF_BYTE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _crc_of(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)  # 0x1EDC6F41 mirrored
    return crc


CRC_OF_BYTE = [_crc_of(byte) for byte in range(256)]


def _is_type(name: bytes) -> bool:
    return re.fullmatch(rb"[A-Za-z][A-Z0-9_]{3}", name) is not None


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
        return VeneerError(ErrorCode.CHECKSUM, f"the checksum of chunk {chunk.name} is wrong", start)
    for later in range(start + 1, len(data)):
        if data[later + 4 : later + HEADER_SIZE] in KNOWN:
            following = _chunk_at(data, later)
            if following is not None and following.intact:
                return VeneerError(ErrorCode.FRAMING_LOST, f"{later - start} bytes are no chunk", start)
    if chunk is not None:
        return VeneerError(ErrorCode.CHECKSUM, f"the checksum of chunk {chunk.name} is wrong", start)
    if start == len(data):
        return VeneerError(ErrorCode.NO_END, "the file ends without TEND", start)
    return VeneerError(ErrorCode.CHUNK_CUT, "the file ends within a chunk", start)
