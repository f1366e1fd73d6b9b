"""Metadata to the payloads of its chunks.

Those that are bytes for other programs stay bytes; the others have a form that is checked.
Source: docs/format.md, "Metadata", "Light of HDR pictures" and "Gain maps".
"""

from __future__ import annotations

from typing import Any

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.syntax import CodedGainMap
from veneer.errors import ErrorCode, VeneerError

# Keyword and text, in the order of the file.
Texts = tuple[tuple[str, str], ...]

# Unit (0: the others are a ratio, 1: they are pixels per metre), density along x, and along y; as in the file.
Density = tuple[int, int, int]

# Largest light level of a pixel, and largest mean of a picture; in cd/m2.
ContentLight = tuple[int, int]

# x and y of red, green, blue and white in 0.00002, largest and smallest luminance in 0.0001 cd/m2.
MasteringNumbers = tuple[int, int, int, int, int, int, int, int, int, int]

Value = bytes | Texts | Density | ContentLight | MasteringNumbers | CodedGainMap


def write_value(name: bytes, value: Any) -> bytes:
    """The payload of a chunk of metadata.

    Args:
        name: type of the chunk.
        value: texts of tEXT, a density of dENS, numbers of cLLI and mDCV, fields of gMAP, bytes of the others.

    Raises:
        VeneerError: CHUNK_SIZE, FIELD_VALUE, FEATURE or METADATA_TOO_LARGE where one that is not bytes breaks a rule.
    """
    if name == b"tEXT":
        return _write_texts(value)
    if name == b"dENS":
        return fields.write(syntax.DENSITY, syntax.Density(*value))
    if name == b"cLLI":
        return fields.write(syntax.CONTENT_LIGHT, syntax.ContentLight(*value))
    if name == b"mDCV":
        return fields.write(syntax.MASTERING_VOLUME, syntax.MasteringVolume(*value))
    if name == b"gMAP":
        return fields.write(syntax.GAIN_MAP, value)
    return bytes(value)


def keyword_problem(keyword: str) -> str | None:
    """What is wrong with a keyword, as the end of a sentence about it; None if it is valid."""
    if not 1 <= len(keyword) <= limits.MAX_KEYWORD_LENGTH:
        return f"has {len(keyword)} characters, but must have 1..{limits.MAX_KEYWORD_LENGTH}"
    if not all(" " <= c <= "~" or "\xa1" <= c <= "\xff" for c in keyword):
        return "has a character that is no printable one of Latin-1"
    if keyword.strip(" ") != keyword or "  " in keyword:
        return "begins or ends with a space, or has two in a row"
    return None


def _write_texts(texts: Texts) -> bytes:
    check_count(len(texts), None)
    parts = []
    for number, (keyword, text) in enumerate(texts):
        check_text(number, keyword, text, None)
        name, data = keyword.encode(), text.encode()
        parts.append(fields.write(syntax.TEXT, syntax.TextEntry(len(name), name, len(data), data)))
    return b"".join(parts)


def check_count(count: int, offset: int | None) -> None:
    """Raises VeneerError of METADATA_TOO_LARGE for more texts than are allowed."""
    if count > limits.MAX_TEXTS:
        text = f"tEXT has more than the {limits.MAX_TEXTS} texts allowed"
        raise VeneerError(ErrorCode.METADATA_TOO_LARGE, text, offset)


def check_text(number: int, keyword: str, text: str, offset: int | None) -> None:
    """Raises VeneerError of FIELD_VALUE unless keyword and text are valid."""
    wrong = keyword_problem(keyword)
    if wrong is not None:
        raise VeneerError(ErrorCode.FIELD_VALUE, f"the keyword of text {number} of tEXT {wrong}", offset)
    if "\0" in text:
        raise VeneerError(ErrorCode.FIELD_VALUE, f"text {number} of tEXT has a NUL", offset)
