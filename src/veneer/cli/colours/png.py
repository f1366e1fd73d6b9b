"""Colour of PNG: cICP before iCCP before sRGB before gAMA and cHRM.

Source: Portable Network Graphics (third edition), 4.3 and 11.3.2.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from veneer import colour
from veneer.cli.colours.description import Colour, from_gamma
from veneer.cli.colours.light import Light, light_of_png
from veneer.colour import Chromaticities, Cicp

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_COLOUR_CHUNKS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_LIGHT_LEVELS = (b"mDCV", b"cLLI", b"mDCv", b"cLLi")  # the latter by drafts
_HEAD = 33  # bytes of signature and IHDR
_UNIT = 100_000  # of gAMA and cHRM


def read_png(data: bytes, icc: bytes | None, grey: bool, notes: list[str]) -> Colour | None:
    """The colour that the chunks of a PNG describe.

    Args:
        data: the file.
        icc: the profile of its iCCP chunk, as Pillow has unpacked it.
        grey: whether the picture is grey.
        notes: to which is added what is wrong or left out.

    Returns:
        The colour, or None where no chunk says one.
    """
    chunks = _first_chunks(data)
    if (cicp := _cicp(chunks.get(b"cICP"), notes)) is not None:
        if icc is not None and icc not in (colour.icc_profile(cicp), colour.icc_profile(cicp, grey=True)):
            notes.append("its ICC profile is left out, since its cICP chunk stands before it")
        return Colour(cicp)
    if icc is not None:
        return Colour(icc=icc)
    if b"iCCP" in chunks and not any(note.startswith("its ICC profile is left out") for note in notes):
        notes.append("its ICC profile is damaged, and is left out")
    if b"sRGB" in chunks:
        return Colour()
    return _gamma_and_primaries(chunks, grey, notes)


def read_png_light(data: bytes, notes: list[str]) -> Light:
    """The light levels of a PNG; what is wrong is noted."""
    return light_of_png(_first_chunks(data), notes)


def cicp_chunk(cicp: Cicp) -> tuple[bytes, bytes]:
    """Name and content of the chunk that says a CICP."""
    return b"cICP", bytes(cicp)


def with_chunks(data: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A PNG with more chunks, of these names and contents, behind the first one, which is IHDR."""
    made = [
        struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    ]
    return data[:_HEAD] + b"".join(made) + data[_HEAD:]


def _first_chunks(data: bytes) -> dict[bytes, bytes]:
    """Chunks about colour and light levels by their names; of several with one name the first."""
    chunks: dict[bytes, bytes] = {}
    for name, content in _chunks(data):
        chunks.setdefault(name, content)
    return chunks


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Whole chunks about colour before the pixels."""
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        if name in (b"IDAT", b"IEND") or place + 12 + size > len(data):
            return
        content = data[place + 8 : place + 8 + size]
        checksum = int.from_bytes(data[place + 8 + size : place + 12 + size], "big")
        if name in _COLOUR_CHUNKS + _LIGHT_LEVELS and checksum == zlib.crc32(name + content):
            yield name, content
        place += 12 + size


def _cicp(content: bytes | None, notes: list[str]) -> Cicp | None:
    if content is None:
        return None
    if len(content) != 4 or content[2] != 0 or content[3] > 1:
        notes.append(f"its cICP chunk says {'/'.join(map(str, content))}, which PNG does not have, and is left out")
        return None
    primaries, transfer, _, full_range = content
    return primaries, transfer, 0, full_range


def _gamma_and_primaries(chunks: dict[bytes, bytes], grey: bool, notes: list[str]) -> Colour | None:
    """By gAMA and cHRM, or one of them; what makes no sense is named, and counts for nothing."""
    gamma, chromaticities = None, None
    if content := chunks.get(b"gAMA"):
        try:
            gamma = _UNIT / int.from_bytes(content, "big")
            from_gamma(gamma, None, grey)
        except (ValueError, ZeroDivisionError):
            notes.append(f"its gAMA chunk says {int.from_bytes(content, 'big')}, which makes no sense, and is left out")
            gamma = None
    if content := chunks.get(b"cHRM"):
        try:
            chromaticities = _chromaticities(content)
            from_gamma(gamma, chromaticities, grey)
        except (ValueError, struct.error):
            notes.append("its cHRM chunk makes no sense, and is left out")
            chromaticities = None
    if gamma is None and chromaticities is None:
        return None
    return from_gamma(gamma, chromaticities, grey)


def _chromaticities(content: bytes) -> Chromaticities:
    values = [value / _UNIT for value in struct.unpack(">8i", content)]
    white, red, green, blue = zip(values[::2], values[1::2], strict=True)
    if not all(-1 <= value <= 2 for value in values):
        raise ValueError("no chromaticities")
    return Chromaticities(red, green, blue, white)
