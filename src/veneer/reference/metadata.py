"""Chunks of metadata: their length, and the form of those that have one.

Source: docs/format.md, "Metadata", "Light of HDR pictures" and "Gain maps".
"""

from __future__ import annotations

import struct

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.chunks import Chunk

METADATA = (b"iCCP", b"eXIF", b"xMP_", b"iPTC", b"tEXT", b"dENS", b"cLLI", b"mDCV", b"gMAP")
DENSITY = struct.Struct("<BII")  # Unit, Density_X, Density_Y
LIGHT = {b"cLLI": struct.Struct("<2H"), b"mDCV": struct.Struct("<8H2I")}  # any numbers
BEFORE_METADATA = struct.Struct("<BI")  # Metadata_Kind, Metadata_Length
BEHIND_METADATA = struct.Struct("<4BI")  # colour of the alternate picture, Alternate_Icc_Length


def check_metadata(chunk: Chunk) -> None:
    """Raises VeneerError for the first rule that the chunk breaks."""
    if len(chunk.payload) > limits.MAX_METADATA_LENGTH:  # pragma: no cover - takes a file of 64 MB
        raise chunk.error(ErrorCode.METADATA_TOO_LARGE, "too long")
    if chunk.type == b"tEXT":
        _check_texts(chunk)
    elif chunk.type == b"dENS":
        _check_density(chunk)
    elif chunk.type in LIGHT:
        if len(chunk.payload) != LIGHT[chunk.type].size:
            raise chunk.error(ErrorCode.CHUNK_SIZE, f"it has {len(chunk.payload)} bytes")
    elif chunk.type == b"gMAP":
        _check_gain_map(chunk)


def _check_gain_map(chunk: Chunk) -> None:
    """Its fields; `Picture` is whatever follows them."""
    if len(chunk.payload) < BEFORE_METADATA.size:
        raise chunk.error(ErrorCode.CHUNK_SIZE, "it ends before its metadata")
    kind, length = BEFORE_METADATA.unpack_from(chunk.payload)
    if kind > 1:
        raise chunk.error(ErrorCode.FEATURE, f"Metadata_Kind is {kind}")
    if not 1 <= length < 1 << 31:
        raise chunk.error(ErrorCode.FIELD_VALUE, f"Metadata_Length is {length}")
    rest = chunk.payload[BEFORE_METADATA.size + length :]
    if len(rest) < BEHIND_METADATA.size:
        raise chunk.error(ErrorCode.CHUNK_SIZE, "it ends within its metadata or behind them")
    *_, full_range, icc_length = BEHIND_METADATA.unpack_from(rest)
    if full_range > 1:
        raise chunk.error(ErrorCode.FIELD_VALUE, f"Full_Range is {full_range}")
    if len(rest) < BEHIND_METADATA.size + icc_length:
        raise chunk.error(ErrorCode.CHUNK_SIZE, "it ends within its profile")


def _check_density(chunk: Chunk) -> None:
    if len(chunk.payload) != DENSITY.size:
        raise chunk.error(ErrorCode.CHUNK_SIZE, f"it has {len(chunk.payload)} bytes")
    unit, *densities = DENSITY.unpack(chunk.payload)
    if unit > 1:
        raise chunk.error(ErrorCode.FEATURE, f"Unit is {unit}")
    if not all(1 <= density < 1 << 31 for density in densities):
        raise chunk.error(ErrorCode.FIELD_VALUE, f"densities are {densities}")


def _check_texts(chunk: Chunk) -> None:
    count, position = 0, 0
    while position < len(chunk.payload):
        keyword, position = _read_string(chunk, position, "<B")
        if not _is_keyword(keyword):
            raise chunk.error(ErrorCode.FIELD_VALUE, "a keyword is none")
        text, position = _read_string(chunk, position, "<I")
        if "\0" in text:
            raise chunk.error(ErrorCode.FIELD_VALUE, "a text has a NUL")
        count += 1
        if count > limits.MAX_TEXTS:
            raise chunk.error(ErrorCode.METADATA_TOO_LARGE, f"more than {limits.MAX_TEXTS} texts")


def _read_string(chunk: Chunk, position: int, length_format: str) -> tuple[str, int]:
    """A length and as many bytes of UTF-8 as text, and the position behind them."""
    start = position + struct.calcsize(length_format)
    if start > len(chunk.payload):
        raise chunk.error(ErrorCode.CHUNK_SIZE, "it ends within a length")
    (length,) = struct.unpack_from(length_format, chunk.payload, position)
    if start + length > len(chunk.payload):
        raise chunk.error(ErrorCode.CHUNK_SIZE, "it ends within a text or keyword")
    try:
        return chunk.payload[start : start + length].decode("utf-8"), start + length
    except UnicodeDecodeError as error:
        raise VeneerError(ErrorCode.FIELD_VALUE, "a text is no UTF-8", chunk.start) from error


def _is_keyword(keyword: str) -> bool:
    """1..79 printable characters of Latin-1, no space at the ends, and no two in a row."""
    printable = all(32 <= ord(c) <= 126 or 161 <= ord(c) <= 255 for c in keyword)
    spaced = keyword[:1] == " " or keyword[-1:] == " " or "  " in keyword
    return 1 <= len(keyword) <= limits.MAX_KEYWORD_LENGTH and printable and not spaced
