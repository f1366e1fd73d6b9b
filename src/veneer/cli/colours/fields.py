"""Colour by fields of Exif and TIFF: the colour space of cameras, white, primaries and curves.

Source: Exif 2.32, ColorSpace and InteroperabilityIndex (4.6.5, 4.6.7); DCF 2.0 for Adobe RGB;
TIFF 6.0, section 20 (WhitePoint, PrimaryChromaticities, TransferFunction).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy
from PIL import ExifTags, Image

from veneer import colour
from veneer.cli.colours.description import Colour, adobe_rgb, from_curves, from_gamma
from veneer.colour import Chromaticities

_SRGB, _ADOBE_RGB, _UNCALIBRATED = 1, 2, 0xFFFF  # of ColorSpace; 2 is not in the standard, but in cameras
_ADOBE_INDEX = "R03"
_PREFIX = b"Exif\0\0"
_ENTRY_SIZE = 12
_TRANSFER_FUNCTION = 301
_TRANSFER_RANGE = 342
_WHITE_POINT = 318
_PRIMARY_CHROMATICITIES = 319
_GAMMA = 0xA500
_KNOWN_CURVES = (13, 1, 4, 5, 8)
_SAME_CURVE = 0.002


def read_exif(image: Image.Image, grey: bool, notes: list[str]) -> Colour | None:
    """The colour that Exif describes.

    Returns:
        The colour, or None where it says nothing, or sRGB.
    """
    try:
        exif = image.getexif()
        fields = dict(exif)
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        index = str(exif.get_ifd(ExifTags.IFD.Interop).get(1, ""))
    except Exception:  # Pillow raises whatever it stumbles over in broken Exif, which is handed on as it is
        return None
    space = camera.get(ExifTags.Base.ColorSpace, _SRGB)
    if space == _ADOBE_RGB or (space == _UNCALIBRATED and index.rstrip("\0 ") == _ADOBE_INDEX):
        return adobe_rgb()
    if space != _UNCALIBRATED:
        return None
    described = read_fields(fields, grey, notes, _number(camera.get(_GAMMA)))
    if described is None:
        notes.append("its Exif says that its colour is not sRGB, but not which: it is taken for sRGB")
    return described


def naming_srgb(exif: bytes | None) -> bytes | None:
    """Exif of pixels that have been converted to sRGB: its ColorSpace says so, in its place; all else is the same."""
    if exif is None:
        return None
    start = len(_PREFIX) if exif.startswith(_PREFIX) else 0
    order = {b"II": "<", b"MM": ">"}.get(exif[start : start + 2])
    changed = bytearray(exif)
    try:
        if order is not None:
            (first,) = struct.unpack_from(order + "I", exif, start + 4)
            camera = _place_of_value(exif, start, order, first, ExifTags.IFD.Exif)
            if camera is not None:
                (directory,) = struct.unpack_from(order + "I", exif, camera)
                place = _place_of_value(exif, start, order, directory, ExifTags.Base.ColorSpace)
                if place is not None:
                    struct.pack_into(order + "H", changed, place, _SRGB)
    except struct.error:
        return exif  # damaged: nobody finds a colour space in it
    return bytes(changed)


def _place_of_value(exif: bytes, start: int, order: str, directory: int, tag: int) -> int | None:
    """Where the value of a field is, or its place; None where a directory does not have it."""
    (count,) = struct.unpack_from(order + "H", exif, start + directory)
    for entry in range(start + directory + 2, start + directory + 2 + _ENTRY_SIZE * count, _ENTRY_SIZE):
        if struct.unpack_from(order + "H", exif, entry)[0] == tag:
            return entry + 8
    return None


def read_fields(fields: Mapping[int, Any], grey: bool, notes: list[str], gamma: float | None = None) -> Colour | None:
    """The colour of WhitePoint, PrimaryChromaticities and TransferFunction in a directory of TIFF or Exif.

    Args:
        fields: by their tags.
        grey: whether the picture is grey.
        notes: to which is added what makes no sense.
        gamma: exponent that stands for a missing TransferFunction.

    Returns:
        The colour, or None where none of them is there.
    """
    white, primaries = _numbers(fields.get(_WHITE_POINT)), _numbers(fields.get(_PRIMARY_CHROMATICITIES))
    table = _numbers(fields.get(_TRANSFER_FUNCTION))
    if not (white or primaries or table or gamma):
        return None
    if _TRANSFER_RANGE in fields:
        notes.append("its TransferRange is left out")
    try:
        chromaticities = _chromaticities(white, primaries)
        if not table:
            return from_gamma(gamma, chromaticities, grey)
        curves = _curves(table)
        return _known(curves, chromaticities) or from_curves(
            [colour.table_curve(curve) for curve in curves], chromaticities, grey
        )
    except ValueError:
        notes.append("its WhitePoint, PrimaryChromaticities or TransferFunction make no sense, and are left out")
        return None


def _numbers(value: Any) -> list[float]:
    """The values of a field, none where it is missing or holds anything else."""
    values = value if isinstance(value, (tuple, list)) else () if value is None else (value,)
    numbers = [_number(item) for item in values]
    return [number for number in numbers if number is not None] if None not in numbers else []


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if numpy.isfinite(number) else None


def _chromaticities(white: list[float], primaries: list[float]) -> Chromaticities | None:
    if not white and not primaries:
        return None
    known = colour.PRIMARIES[1]
    if len(white) not in (0, 2) or len(primaries) not in (0, 6):
        raise ValueError("a wrong number of values")
    red, green, blue = zip(primaries[::2], primaries[1::2], strict=True) if primaries else known.primaries
    return Chromaticities(red, green, blue, (white[0], white[1]) if white else known.white)


def _curves(table: list[float]) -> list[colour.Samples]:
    """One curve or three, light 0..1."""
    sizes = {256: 1, 3 * 256: 3, 2: 1, 6: 3, 16: 1, 48: 3}
    if len(table) not in sizes:
        raise ValueError("a wrong number of values")
    return numpy.split(numpy.array(table) / 65535, sizes[len(table)])


def _known(curves: list[colour.Samples], chromaticities: Chromaticities | None) -> Colour | None:
    """The CICP of these curves and primaries, if there is one."""
    primaries = 1 if chromaticities is None else colour.known_primaries(chromaticities)
    samples = numpy.linspace(0, 1, len(curves[0]))
    for transfer in _KNOWN_CURVES if primaries is not None else ():
        known = colour.linear_light(transfer)
        if known is not None and all(numpy.abs(known(samples) - curve).max() < _SAME_CURVE for curve in curves):
            return Colour((primaries or 1, transfer, 0, 1))
    return None
