"""Metadata of a picture file of any format: kept, or a note names what is not."""

from __future__ import annotations

from PIL import Image, TiffImagePlugin

from veneer.cli.metadata import others, png, tiff
from veneer.file_metadata import jpeg
from veneer.file_metadata.found import Metadata, bounded

_MOST_NOTES = 20  # a file of a megabyte can have 80,000 damaged chunks


def for_pillow(data: bytes) -> bytes:
    """The file as Pillow is to read it: of PNG without texts and profile, of which it takes a megabyte at most."""
    return png.without_texts(data) if data.startswith(png.SIGNATURE) else data


def read_metadata(image: Image.Image, data: bytes, notes: list[str]) -> Metadata:
    """Metadata of a picture.

    Args:
        image: opened from `for_pillow(data)` and loaded. ICC profile and Exif of a PNG are put into its `info`.
        data: the file.
        notes: to which is added what is damaged or has no place.

    Returns:
        What Veneer keeps of it.
    """
    if data.startswith(png.SIGNATURE):
        read = png.read(data, notes)
        if read.icc is not None:
            image.info["icc_profile"] = read.icc
        found = read.metadata
        if found.exif is not None:
            image.info.setdefault("exif", found.exif)
    elif data.startswith(jpeg.SIGNATURE):
        # Of several pictures in sequence, the one that Pillow has selected.
        left = getattr(image, "n_frames", 1) - image.tell()
        found = jpeg.read(data[getattr(image, "offset", 0) if image.tell() else 0 :], notes, pictures=left)
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        found = tiff.read(image, notes)
    else:
        found = others.read(image, data, notes)
    found = bounded(found, notes)
    if len(notes) > _MOST_NOTES:
        notes[_MOST_NOTES:] = [f"{len(notes) - _MOST_NOTES} more pieces of its metadata are left out or damaged"]
    return found
