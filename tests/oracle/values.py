"""Chunks of metadata to what they say.

Source: docs/format.md, "Metadata", "Light of HDR pictures" and "Gain maps".
"""

from __future__ import annotations

import dataclasses

from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.metadata import Texts, Value, check_count, check_text
from veneer.errors import ErrorCode, VeneerError


def read_value(name: bytes, payload: memoryview, offset: int) -> Value:
    """What a chunk of metadata says.

    Args:
        name: type of the chunk.
        payload: its payload.
        offset: where that lies in the file.

    Returns:
        Texts of tEXT, a density of dENS, numbers of cLLI and mDCV, fields of gMAP, bytes of the others.

    Raises:
        VeneerError: CHUNK_SIZE, FIELD_VALUE, FEATURE or METADATA_TOO_LARGE where one that is not bytes breaks a
            rule.
    """
    if name == b"tEXT":
        return _read_texts(payload, offset)
    if name == b"dENS":
        density = fields.read(syntax.DENSITY, payload, offset)
        return density.unit, density.density_x, density.density_y
    if name in (b"cLLI", b"mDCV"):
        numbers: tuple[int, ...] = dataclasses.astuple(fields.read(syntax.CHUNKS[name], payload, offset))
        return numbers  # type: ignore[return-value]
    if name == b"gMAP":
        return fields.read(syntax.GAIN_MAP, payload, offset)
    return bytes(fields.read(syntax.CHUNKS[name], payload, offset).data)


def _read_texts(payload: memoryview, offset: int) -> Texts:
    entries = fields.read_all(syntax.TEXT, payload, offset, limits.MAX_TEXTS)
    check_count(len(entries), offset)
    texts = []
    for number, entry in enumerate(entries):
        try:
            keyword, text = entry.keyword.decode("utf-8"), entry.text.decode("utf-8")
        except UnicodeDecodeError:
            raise VeneerError(ErrorCode.FIELD_VALUE, f"text {number} of tEXT is no UTF-8", offset) from None
        check_text(number, keyword, text, offset)
        texts.append((keyword, text))
    return tuple(texts)
