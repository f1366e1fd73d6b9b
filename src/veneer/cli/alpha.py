"""Transparency that Pillow reads differently from what the file says.

Source: PNG 3rd edition, 11.3.1.1 (tRNS); the TGA 2.0 specification, field 5.6; Photoshop File Formats, layer info.
"""

from __future__ import annotations

from typing import Any

import numpy
from PIL import Image

from veneer.cli.notes import Note

_IHDR_DEPTH, _IHDR_COLOUR = 24, 25  # places in a PNG
_PNG_GREY, _PNG_RGB = 0, 2
_TGA_FLAGS = 17
_TGA_ALPHA_BITS = 0x0F


def mend_transparency(image: Image.Image, data: bytes) -> None:
    """Brings the transparent grey or colour of a PNG to the range of the samples that Pillow gives; before loading."""
    transparent = image.info.get("transparency")
    if image.format != "PNG" or transparent is None or data[_IHDR_COLOUR] not in (_PNG_GREY, _PNG_RGB):
        return
    most = (1 << data[_IHDR_DEPTH]) - 1  # higher bits of a tRNS value do not count
    if isinstance(transparent, tuple):
        image.info["transparency"] = tuple(value & most for value in transparent)
    elif isinstance(transparent, int):
        image.info["transparency"] = (transparent & most) * 255 // most


def without_false_alpha(image: Image.Image, data: bytes, notes: list[str]) -> Image.Image:
    """A loaded picture without a fourth channel that is not its transparency."""
    if image.mode != "RGBA":
        return image
    if image.format == "TGA" and not data[_TGA_FLAGS] & _TGA_ALPHA_BITS:
        if not numpy.asarray(image.getchannel("A")).any():  # it says that it has no alpha, and all of it is 0
            return _opaque(image)
    elif image.format == "PSD" and not _first_alpha_is_transparency(image, data):
        notes.append("its alpha channel is a saved selection, and is left out")
        return _opaque(image)
    return image


def _opaque(image: Image.Image) -> Image.Image:
    opaque = image.convert("RGB")
    opaque.format = image.format  # by which its colour is read
    return opaque


def channel_notes(image: Any, data: bytes) -> list[str]:
    """Notes on channels of TIFF and PSD beside those of the picture."""
    count = len(image.getbands())
    if image.format == "TIFF":
        count = image.tag_v2.get(277, count)
    elif image.format == "PSD":
        count = int.from_bytes(data[12:14], "big")
    extra = count - len(image.getbands())
    if extra <= 0:
        return []
    return [
        Note(
            f"has {extra} more channel{'s' * (extra > 1)} than a picture, which {'are' if extra > 1 else 'is'} left out"
        )
    ]


def _first_alpha_is_transparency(image: Any, data: bytes) -> bool:
    """A count of layers below zero says so."""
    place = image._layers_position
    return place is not None and int.from_bytes(data[place : place + 2], "big", signed=True) < 0
