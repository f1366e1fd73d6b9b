"""Which description of colour in a picture file counts, and whether it fits its pixels.

The order is that of `docs/howto/colour.md`: what the format itself says, by the rule of that format; then an ICC
profile; then Exif.
"""

from __future__ import annotations

import contextlib
import struct

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from veneer import colour
from veneer.cli.colours import boxes, fields, others, png
from veneer.cli.colours.conversion import says_srgb
from veneer.cli.colours.description import Colour
from veneer.cli.colours.jxl_codes import read_jxl_codes
from veneer.cli.colours.light import Light
from veneer.cli.notes import Note

GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "I;16", "F"))
_LIBJXL = b"jxl "  # as the maker of a profile
_ICC_SEGMENT = b"ICC_PROFILE\0"
_GAIN_MAPS = (b"http://ns.adobe.com/hdr-gain-map/", b"urn:iso:std:iso:ts:21496:-1", b"http://ns.apple.com/HDRGainMap/")


def read_colour(image: Image.Image, data: bytes, notes: list[str]) -> Colour:
    """Reads the description of colour in a picture file.

    Args:
        image: opened and loaded by Pillow.
        data: the file.
        notes: to which is added what is wrong or left out.

    Returns:
        The colour; sRGB where the file says nothing.
    """
    grey = image.mode in GREY_MODES
    icc = image.info.get("icc_profile") or None
    if data.startswith(png.SIGNATURE):
        found = png.read_png(data, icc, grey, notes)
    elif image.format == "JXL":
        found = _jpeg_xl(icc, data)
    elif boxes.is_boxed(data):
        found = boxes.read_boxes(data, icc, notes)
    else:
        found = Colour(icc=icc) if icc else others.read_other(image.format, data, grey, notes)
    if found is None and isinstance(image, JpegImagePlugin.JpegImageFile) and _has_icc_segments(image):
        notes.append("its ICC profile is incomplete, and is left out")
    if found is None and isinstance(image, TiffImagePlugin.TiffImageFile):
        found = fields.read_fields(dict(image.tag_v2), grey, notes)
    if isinstance(image, JpegImagePlugin.JpegImageFile) and any(name in data for name in _GAIN_MAPS):
        notes.append("its gain map is left out")
    return _by_codes(found or fields.read_exif(image, grey, notes) or Colour())


def _by_codes(found: Colour) -> Colour:
    """The colour by its CICP, where its profile is what is made here of that for formats without a place for CICP."""
    cicp = None if found.icc is None else colour.profile_cicp(found.icc)
    if cicp is not None and found.icc in (colour.icc_profile(cicp), colour.icc_profile(cicp, grey=True)):
        return Colour(cicp)
    return found


def read_light(image: Image.Image, data: bytes, notes: list[str]) -> Light:
    """Reads the light levels of HDR in a picture file; what is wrong or has no place is noted."""
    if data.startswith(png.SIGNATURE):
        return png.read_png_light(data, notes)
    if image.format in ("AVIF", "HEIF"):
        return boxes.read_boxes_light(data, notes)
    return Light()


def fitting(found: Colour, channels: int, notes: list[str]) -> Colour:
    """The colour without a profile that is not for pixels of so many channels.

    An RGB profile on a grey picture stays: it holds for red, green and blue alike.
    """
    if found.icc is None:
        return found
    space = colour.profile_space(found.icc)
    if space is None:
        notes.append(Note("its ICC profile is damaged; it is kept as it is, and counts for nothing", loses=False))
    elif space != "RGB" and not (space == "GRAY" and channels <= 2):
        notes.append(f"its ICC profile is for {space} samples, not for these, and is left out")
        return Colour(found.cicp)
    return found


def _jpeg_xl(icc: bytes | None, data: bytes) -> Colour | None:
    """Of JPEG XL, by the codes in its header, else by the profile that its decoder gives.

    That is the profile of the file, or one that libjxl makes of chromaticities and a curve without a code.
    """
    with contextlib.suppress(ValueError, struct.error):  # a header that cannot be read
        cicp = read_jxl_codes(data)
        if cicp is not None:
            return Colour(cicp)
    if icc is None or icc[4:8] != _LIBJXL:
        return Colour(icc=icc) if icc else None
    cicp = colour.profile_cicp(icc)
    if cicp is not None:
        return Colour(cicp)
    return Colour() if says_srgb(icc) else Colour(icc=icc)


def _has_icc_segments(image: JpegImagePlugin.JpegImageFile) -> bool:
    return any(content.startswith(_ICC_SEGMENT) for _, content in image.applist)
