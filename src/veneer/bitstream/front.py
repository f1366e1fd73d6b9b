"""The beginning of a file up to its first tile, read without the rest: a few kilobytes of a file of megabytes.

Source: docs/format.md, "Chunks" and "Order of chunks".
"""

from __future__ import annotations

from typing import Protocol

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import FRAME_SIZE, HEADER_SIZE
from veneer.bitstream.container import FIRST_CHUNK, TILE_TYPES
from veneer.errors import VeneerError


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
    parts = [file.read(FIRST_CHUNK)]
    if parts[0] != syntax.SIGNATURE:
        return parts[0]
    for _ in range(limits.MAX_CHUNKS):
        parts.append(file.read(HEADER_SIZE))
        try:
            header = fields.read(syntax.CHUNK_HEADER, memoryview(parts[-1]))
        except VeneerError:
            break
        if header.type in (*TILE_TYPES, b"TEND") or header.length > limits.MAX_METADATA_LENGTH:
            break
        parts.append(file.read(header.length + FRAME_SIZE - HEADER_SIZE))
    return b"".join(parts)
