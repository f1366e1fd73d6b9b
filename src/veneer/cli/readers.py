"""Readers of HEIC and JPEG XL, where they are installed: `pip install '.[heif]'` and `'.[jxl]'`."""

from __future__ import annotations

import functools
import re

from PIL import Image

from veneer.cli import jxl
from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note

_HEIF_START = re.compile(rb"....ftyp(hei|hev|mif1|msf1)", re.DOTALL)


def prepare(data: bytes) -> None:
    """Makes Pillow know the format of a file that it needs help with.

    Raises:
        FileFailure: what reads it is not installed.
    """
    if _HEIF_START.match(data) and not has_heif() and b"avif" not in data[8:64]:
        raise FileFailure("is HEIC, which cannot be read without pillow-heif", "pip install '.[heif]'")
    if jxl.is_jxl(data) and not has_jxl():
        what = "is JPEG XL, which cannot be read without pillow-jxl-plugin"
        raise FileFailure(what, "pip install '.[jxl]', or turn it into PNG with djxl")


@functools.cache
def has_heif() -> bool:
    """Whether HEIC can be read; registers its reader."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


@functools.cache
def has_jxl() -> bool:
    """Whether JPEG XL can be read and written; registers reader and writer."""
    try:
        import pillow_jxl  # noqa: F401 - its import registers it
    except ImportError:
        return False
    return True


def complete_jxl(image: Image.Image, data: bytes) -> list[str]:
    """Mends what the plugin tells of an open JPEG XL; gives notes on what it leaves out."""
    notes: list[str] = []
    if jxl.read_header(data).animated:
        notes.append(Note("is an animation; only its first frame is taken", incomplete=True))
    if not getattr(image, "jpeg", False) and "exif" in image.info:
        image.info["exif"] = jxl.upright(image.info["exif"])  # the decoder has turned the pixels
    for kind, content in jxl.boxes(data):
        if kind == b"xml ":
            image.info["xmp"] = content
        elif kind == b"brob" and content[:4] in (b"xml ", b"Exif"):
            notes.append(f"its {'XMP' if content[:4] == b'xml ' else 'Exif'} is compressed, and is left out")
    return notes
