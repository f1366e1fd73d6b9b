"""Colour of BMP, GIF and QOI, which Pillow does not look at.

Source: Windows' BITMAPV4HEADER and BITMAPV5HEADER; the ICC profile in GIF by the International Color Consortium;
the QOI file format specification 1.0.
"""

from __future__ import annotations

import struct

from veneer.cli.colours.description import Colour, from_gamma
from veneer.colour import Chromaticities

_BMP_HEADER = 14  # of the file, before that of the bitmap
_BMP_V4, _BMP_V5 = 108, 124
_BMP_CALIBRATED, _BMP_EMBEDDED, _BMP_LINKED = 0, 0x4D424544, 0x4C494E4B
_GIF_PROFILE = b"\x21\xff\x0bICCRGBG1012"
_QOI_LINEAR = 1


def read_other(name: str | None, data: bytes, grey: bool, notes: list[str]) -> Colour | None:
    """The colour that a file of Pillow's format `name` describes, if it is one of these three and does."""
    if name in ("BMP", "DIB"):
        start = _BMP_HEADER if name == "BMP" else 0
        return _bmp(data[start:], grey, notes)
    if name == "GIF":
        profile = _gif_profile(data)
        return Colour(icc=profile) if profile else None
    if name == "QOI" and data[13:14] == bytes([_QOI_LINEAR]):
        return Colour((1, 8, 0, 1))
    return None


def _bmp(header: bytes, grey: bool, notes: list[str]) -> Colour | None:
    size = int.from_bytes(header[:4], "little")
    if size < _BMP_V4 or len(header) < size:
        return None
    (space,) = struct.unpack_from("<I", header, 56)
    if space == _BMP_LINKED and size >= _BMP_V5:
        notes.append("its ICC profile is in another file, and is left out")
    if space == _BMP_EMBEDDED and size >= _BMP_V5:
        place, length = struct.unpack_from("<II", header, 112)
        profile = header[place : place + length]
        if profile and len(profile) == length:
            return Colour(icc=profile)
        notes.append("its ICC profile is cut, and is left out")
    if space != _BMP_CALIBRATED:
        return None
    return _bmp_calibrated(header, grey, notes)


def _bmp_calibrated(header: bytes, grey: bool, notes: list[str]) -> Colour | None:
    """By end points, in XYZ, and gammas; many writers leave them at 0 and mean nothing."""
    points = [value / (1 << 30) for value in struct.unpack_from("<9i", header, 60)]
    gammas = [value / (1 << 16) for value in struct.unpack_from("<3I", header, 96)]
    if not any(points) and not any(gammas):
        return None
    try:
        chromaticities = _chromaticities(points) if any(points) else None
        if max(gammas) - min(gammas) > 0.001:
            raise ValueError("three gammas")
        return from_gamma(gammas[0] or None, chromaticities, grey)
    except (ValueError, ZeroDivisionError):
        notes.append("its end points and gammas make no sense, and are left out")
        return None


def _chromaticities(points: list[float]) -> Chromaticities:
    colours = [points[index : index + 3] for index in (0, 3, 6)]
    white = [sum(values) for values in zip(*colours, strict=True)]
    red, green, blue, of_white = ((xyz[0] / sum(xyz), xyz[1] / sum(xyz)) for xyz in (*colours, white))
    return Chromaticities(red, green, blue, of_white)


def _gif_profile(data: bytes) -> bytes | None:
    """The profile in the blocks of the application extension; None where there is none, or it is cut."""
    place = data.find(_GIF_PROFILE)
    if place < 0:
        return None
    place += len(_GIF_PROFILE)
    blocks = []
    while place < len(data) and data[place]:
        blocks.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return b"".join(blocks) if place < len(data) else None
