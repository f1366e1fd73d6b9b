"""Pixels turned upright, where the Exif that says how does not come along.

Source: Exif 2.32, tag Orientation.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import numpy
import numpy.typing
from PIL import ExifTags

from veneer.cli.notes import Note
from veneer.file_metadata.found import Density, Metadata

if TYPE_CHECKING:
    from veneer.cli.pictures import Picture

Pixels = numpy.typing.NDArray[numpy.uint8]

_SHORT = 3  # type of the field
_ENTRY_SIZE = 12
_XMP_ORIENTATION = re.compile(rb"(?<=tiff:Orientation[=>])([\"']?)([1-8])")


def orientation_of(exif: bytes | None, xmp: bytes | None = None) -> int:
    """Orientation of the picture, 1..8, by Exif, else by XMP; 1 where neither holds a valid one."""
    found = _XMP_ORIENTATION.search(xmp or b"")
    return _exif_orientation(exif or b"") or (int(found[2]) if found else 1)


def said_to_be_upright(xmp: bytes) -> bytes:
    """XMP of a picture that was turned, which must not be turned again."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _exif_orientation(exif: bytes) -> int | None:
    """The orientation in the first directory, however damaged the rest is; Pillow wants all of that whole."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(count):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, directory + 2 + _ENTRY_SIZE * entry)
            if (tag, kind) == (ExifTags.Base.Orientation, _SHORT):
                return value if 1 <= value <= 8 else None
    except struct.error:
        pass  # points outside: as good as none
    return None


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Pixels, uint8 [H, W, C], turned as a viewer would show them; C-contiguous."""
    if orientation >= 5:  # rows are columns
        pixels = pixels.swapaxes(0, 1)
        orientation = {5: 1, 6: 2, 7: 3, 8: 4}[orientation]
    if orientation in (2, 3):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4):
        pixels = pixels[::-1]
    return numpy.ascontiguousarray(pixels)


def turned_density(density: Density | None, orientation: int) -> Density | None:
    """The density of the turned picture."""
    if density is None or orientation < 5:
        return density
    return density[0], density[2], density[1]


def turn_upright(picture: Picture, kept: Metadata) -> None:
    """Turns the pixels as the Exif says that is left out."""
    orientation = orientation_of(picture.exif)
    if orientation != 1:
        picture.pixels = upright(picture.pixels, orientation)
        kept.density = turned_density(kept.density, orientation)
        picture.notes.append(Note("it is turned upright, as the Exif says that is left out", loses=False))
