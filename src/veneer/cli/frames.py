"""Several pictures in one file: pages, frames, sizes, views. One is coded; a note names the others."""

from __future__ import annotations

import re
from typing import Any

from PIL import Image

from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note

_GAIN_MAP_NAMES = (b"hdr-gain-map", b"HDRGainMap", b"iso:ts:21496")  # in XMP and APP2: the second picture is no picture
_THUMBNAILS = "Large Thumbnail"  # how Pillow calls reduced copies in MPO

# What Pillow opens and must not be coded as it does.
_REFUSED_FORMATS = {
    "EPS": ("is a drawing (PostScript), not a picture of pixels", "draw it as PNG at the size that is wanted"),
    "WMF": ("is a drawing (WMF or EMF), not a picture of pixels", "draw it as PNG at the size that is wanted"),
    "PCD": ("is a Photo CD, of which only a reduced picture can be read here", "export it as PNG or TIFF at full size"),
    "MPEG": ("is a film, not a picture", "take pictures out of it, for instance with: ffmpeg -i IN %04d.png"),
    **{
        name: (f"is {name}, which holds measurements rather than a picture", "export it as PNG or TIFF")
        for name in ("BUFR", "GRIB", "HDF5", "FITS", "MCIDAS", "SPIDER")
    },
}


def refuse_format(image: Image.Image) -> None:
    """Raises FileFailure for formats that Pillow knows, though not as pictures that can be coded."""
    refused = _REFUSED_FORMATS.get(image.format or "")
    if refused:
        raise FileFailure(*refused)


def choose_frame(image: Image.Image, data: bytes, number: int | None) -> list[str]:
    """Goes to the picture that is wanted of a file with several.

    Args:
        image: opened.
        data: its file.
        number: which is wanted, from 1 on; None for the first.

    Returns:
        Notes on which it is, and on what is left out.

    Raises:
        FileFailure: there is no such picture.
    """
    count, notes = _count(image, data)
    if number is None:
        text = f"holds {count} pictures; only the first is taken"
        return [*notes, Note(text, incomplete=True)] if count > 1 else notes
    if number > count:
        raise FileFailure(f"holds {count} picture{'s' * (count > 1)}", "choose another --picture")
    image.seek(number - 1)
    return [*notes, Note(f"holds {count} pictures; number {number} is taken", loses=False)] if count > 1 else notes


def _count(image: Any, data: bytes) -> tuple[int, list[str]]:
    """The number of pictures in a file that can be chosen, and notes on its other contents."""
    if image.format == "PSD":
        return 1, ["its layers are merged"] if len(image.layers) > 1 else []
    if image.format in ("ICO", "ICNS", "CUR"):
        count = int.from_bytes(data[4:6], "little") if image.format != "ICNS" else len(image.info["sizes"])
        return 1, [f"holds {count} sizes; only the largest is taken"] if count > 1 else []
    if image.format == "DDS":
        return 1, _dds_notes(data)
    if image.format == "MPO":
        return _count_views(image, data), []
    if image.format == "PPM" and _has_more(image, data):
        return 1, [Note("holds more pictures behind the first, which alone is taken", incomplete=True)]
    return getattr(image, "n_frames", 1), []


def _count_views(image: Any, data: bytes) -> int:
    """Pictures of an MPO without reduced copies and gain maps."""
    kinds = [entry["Attribute"]["MPType"] for entry in image.mpinfo[0xB002]]
    others = [kind for kind in kinds[1:] if not kind.startswith(_THUMBNAILS)]
    if any(name in data for name in _GAIN_MAP_NAMES) and all(kind == "Undefined" for kind in others):
        others = []
    return 1 + len(others)


def _dds_notes(data: bytes) -> list[str]:
    """DDS can hold the sides of a cube, the layers of a volume, and arrays; Pillow reads the first of each."""
    flags = int.from_bytes(data[112:116], "little")
    arrays = int.from_bytes(data[140:144], "little") if data[84:88] == b"DX10" else 1
    several = flags & 0x200000 or flags & 0x200 or arrays > 1
    return (
        [Note("holds several pictures (a cube, volume or array); only the first is taken", incomplete=True)]
        if several
        else []
    )


def _has_more(image: Any, data: bytes) -> bool:
    """Whether another picture follows in a binary PNM, which is a sequence of them."""
    decoder, _, offset, _ = image.tile[0]
    if decoder not in ("raw", "ppm") or data[:2] not in (b"P4", b"P5", b"P6"):
        return False
    row = (image.width + 7) // 8 if image.mode == "1" else image.width * len(image.getbands())
    return re.match(rb"\s*P[1-6]\s", data[offset + row * image.height :][:64]) is not None
