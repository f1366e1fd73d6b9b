"""Metadata of TIFF: fields of the directory of the picture.

Source: TIFF 6.0; Adobe Photoshop TIFF Technical Notes; TIFF tags of the Library of Congress for 33723 and 700.
"""

from __future__ import annotations

import struct
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin, TiffTags

from veneer.cli.metadata.turning import said_to_be_upright
from veneer.file_metadata import photoshop
from veneer.file_metadata.found import METRES_PER_INCH, Density, Metadata, density_per_metre, density_ratio

XMP_TAG, IPTC_TAG, _PHOTOSHOP_TAG = 700, 33723, 34377
_EXIF_PREFIX = b"Exif\0\0"
_X, _Y, _UNIT = ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit
_METRES = {2: METRES_PER_INCH, 3: 0.01}  # by ResolutionUnit

# What of a directory is about the picture and not about how the file stores it.
DESCRIPTIVE_TAGS = (
    *(ExifTags.Base.DocumentName, ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model),
    *(ExifTags.Base.Orientation, _X, _Y, ExifTags.Base.PageName, _UNIT, ExifTags.Base.Software, ExifTags.Base.DateTime),
    *(ExifTags.Base.Artist, ExifTags.Base.HostComputer, ExifTags.Base.Rating, ExifTags.Base.RatingPercent),
    *(ExifTags.Base.Copyright, ExifTags.Base.XPTitle, ExifTags.Base.XPComment, ExifTags.Base.XPAuthor),
    *(ExifTags.Base.XPKeywords, ExifTags.Base.XPSubject),
)
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)

# How the file stores the picture, its colour, and where other pictures are; what is read above.
_STORAGE_TAGS = frozenset(
    [
        *(*range(254, 267), 273, *range(277, 282), 284, *range(288, 294), 297, 301, *range(317, 326), 330),
        *(*range(332, 337), *range(338, 348), *range(512, 522), *range(529, 533), 34675),
        *(XMP_TAG, IPTC_TAG, _PHOTOSHOP_TAG, *_DIRECTORIES),
    ]
)


def read(image: TiffImagePlugin.TiffImageFile, notes: list[str]) -> Metadata:
    """Metadata of a TIFF that has been loaded, which turns it upright."""
    directory = image.tag_v2
    exif = descriptive(image.getexif())
    _note_makers(exif, notes)
    found = Metadata(exif.tobytes().removeprefix(_EXIF_PREFIX) if exif else None, density=_density(directory))
    xmp = directory.get(XMP_TAG, image.info.get("xmp"))
    found.xmp = (_bytes(xmp, directory) or None) if xmp is not None else None
    if found.xmp is not None and ExifTags.Base.Orientation not in exif:  # Pillow takes it out where it turns a picture
        found.xmp = said_to_be_upright(found.xmp)
    if IPTC_TAG in directory:
        found.iptc = _bytes(directory[IPTC_TAG], directory).rstrip(b"\0") or None
    if _PHOTOSHOP_TAG in directory:
        iptc = photoshop.split_iptc(_bytes(directory[_PHOTOSHOP_TAG], directory), notes)
        found.iptc = found.iptc or iptc
    others = sorted(set(directory) - _STORAGE_TAGS - set(map(int, DESCRIPTIVE_TAGS)))
    if others:
        names = ", ".join(map(_name, others[:10])) + ", ..." * (len(others) > 10)
        notes.append(f"its tags {names} are left out" if len(others) > 1 else f"its tag {names} is left out")
    return found


def descriptive(directory: Image.Exif) -> Image.Exif:
    """The fields that say something about the picture, and nothing about how a file stores it."""
    kept = Image.Exif()
    for tag in DESCRIPTIVE_TAGS:
        if tag in directory:
            kept[int(tag)] = directory[tag]
    for number in _DIRECTORIES:
        # The directory of interoperability is named by its place in the old file, and says nothing of the picture.
        fields = {tag: value for tag, value in directory.get_ifd(number).items() if tag != ExifTags.IFD.Interop}
        if fields:
            kept.get_ifd(number).update(fields)
            kept[int(number)] = 0  # stands for its place in the file, which is not known yet
    return kept


def directory_of(found: Metadata, notes: list[str]) -> tuple[Image.Exif, bool]:
    """Metadata as TIFF keeps it, among the fields of its own directory, and whether Exif could be kept."""
    kept, whole = Image.Exif(), True
    try:
        directory = Image.Exif()
        directory.load(_EXIF_PREFIX + (found.exif or b""))
        kept = descriptive(directory)
        kept.tobytes()
        _note_makers(kept, notes)
    except Exception:  # Pillow raises whatever it stumbles over in broken Exif
        notes.append("its Exif is damaged, and is left out of the TIFF")
        kept, whole = Image.Exif(), False
    if found.xmp is not None:
        kept[XMP_TAG] = found.xmp
    if found.iptc is not None:
        kept[IPTC_TAG] = found.iptc
    if found.density is not None and _X not in kept:
        unit, x, y = found.density
        # Pixels per metre of 32 bits are ratios of whole numbers; inches would be none.
        kept[int(_UNIT)] = 3 if unit else 1
        kept[int(_X)], kept[int(_Y)] = (TiffImagePlugin.IFDRational(value, 100 if unit else 1) for value in (x, y))
    return kept, whole


def _note_makers(directory: Image.Exif, notes: list[str]) -> None:
    """Many cameras' notes name places in the file that they stand in, which are others in a file written anew."""
    if ExifTags.Base.MakerNote in directory.get_ifd(ExifTags.IFD.Exif):
        notes.append("its makers' notes stand elsewhere than before, so that parts of them may not be found")


def _density(directory: Any) -> Density | None:
    try:
        x, y = float(directory[_X]), float(directory[_Y])
        unit = directory.get(_UNIT, 2)
        return density_per_metre(x, y, _METRES[unit]) if unit in _METRES else density_ratio(x, y)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _bytes(value: Any, directory: Any) -> bytes:
    """A field that holds bytes; some writers call them numbers of 32 bits, in the order of the file."""
    if isinstance(value, str):
        return value.encode("latin-1", "replace")
    if isinstance(value, tuple):
        try:
            order = "<" if directory.prefix == b"II" else ">"
            return struct.pack(f"{order}{len(value)}I", *value)
        except struct.error:
            return b""
    return bytes(value)


def _name(tag: int) -> str:
    name = TiffTags.lookup(tag).name
    return f"{tag}" if name == "unknown" else f"{tag} ({name})"
