"""The beginning of a file up to its first tile, read without the rest: a few kilobytes of a file of megabytes.

Source: docs/format.md, "Chunks" and "Order of chunks".
"""

from __future__ import annotations

from typing import Protocol

from veneer import limits
from veneer.bitstream import syntax
from veneer.bitstream.chunks import FRAME_SIZE, HEADER_SIZE
from veneer.bitstream.container import FIRST_CHUNK, TILE_TYPES

ENDS = (*TILE_TYPES, b"TEND")


class Readable(Protocol):
    """An object with bytes to read."""

    def read(self, size: int = -1, /) -> bytes: ...


def read_front_bytes(file: Readable) -> bytes:
    """Reads signature, HEAD, metadata and preview of a file.

    Args:
        file: at its beginning.

    Returns:
        The bytes of the file before its first tile, and its chunk header; fewer where the file is cut, is no Veneer
        file, or has a chunk there that exceeds the limit of metadata. They are not checked.
    """
    front = bytearray(file.read(FIRST_CHUNK))
    if front != syntax.SIGNATURE:
        return bytes(front)
    front += file.read(HEADER_SIZE)
    for _ in range(limits.MAX_CHUNKS):
        # Not by fields.read, which would take most of the time: a file may have all its chunks here.
        header = front[-HEADER_SIZE:]
        length, kind = int.from_bytes(header[:4], "little"), header[4:]
        if kind in ENDS or length > limits.MAX_METADATA_LENGTH:
            break
        rest = length + FRAME_SIZE  # of this chunk, and the header of the next one
        size = len(front)
        front += file.read(rest)
        if len(front) < size + rest:
            break
    return bytes(front)
