"""Directories of TIFF whose samples Pillow does not read: their metadata by Pillow, and what their samples are.

Source: TIFF 6.0, BitsPerSample, SampleFormat, PhotometricInterpretation and ExtraSamples.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from PIL import TiffImagePlugin

from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _EXTRA, _SAMPLE_FORMAT = 256, 257, 258, 262, 277, 338, 339
_ICC = 34675
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3}
_OTHER_SPACES = {3: "a palette", 5: "CMYK", 6: "YCbCr", 8: "LAB", 9: "LAB", 10: "LAB", 32844: "LogL", 32845: "LogLuv"}
_PREMULTIPLIED, _STRAIGHT = 1, 2
_UNSIGNED, _SIGNED, _FLOATS = 1, 2, 3
_HALF_BITS = 16
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}

_TO_WHOLE_NUMBERS = (
    "turn it into whole numbers first, for instance with ImageMagick where samples are 0 to 1: "
    "convert IN -define quantum:format=unsigned -depth 16 OUT.tif (magick IN ... in version 7)"
)


@dataclasses.dataclass(frozen=True)
class Layout:
    """What the samples of a directory are.

    Attributes:
        bits: of a sample.
        channels: how many of a pixel are taken: grey or RGB, and alpha.
        premultiplied: whether colour is multiplied by alpha.
        inverted: whether 0 is white.
        bands: three channels of grey are taken for red, green and blue.
    """

    bits: int
    channels: int
    premultiplied: bool = False
    inverted: bool = False
    bands: bool = False


class DirectoryImage(TiffImagePlugin.TiffImageFile):
    """A TIFF whose fields Pillow reads, whatever its samples are; it cannot be loaded, and is not turned upright."""

    layout: Layout

    def _setup(self) -> None:
        self.layout = layout_of(self.tag_v2)
        self._size = int(self.tag_v2[_WIDTH]), int(self.tag_v2[_HEIGHT])
        self._mode = _MODES[self.layout.channels]
        self.tile = []
        if _ICC in self.tag_v2:
            self.info["icc_profile"] = self.tag_v2[_ICC]


def check_samples(directory: Any) -> None:
    """Refuses samples that are no whole numbers of up to 16 bits.

    Args:
        directory: fields of TIFF by their tags.

    Raises:
        FileFailure: what they are instead.
    """
    bits, kinds = max(_numbers(directory, _BITS, 1)), set(_numbers(directory, _SAMPLE_FORMAT, _UNSIGNED))
    if _SIGNED in kinds:
        what = "has samples with a sign, but Veneer keeps whole numbers of up to 16 bits from 0 on"
        raise FileFailure(what, "add what makes the smallest of them 0")
    if _FLOATS in kinds and bits == _HALF_BITS:
        raise FileFailure("has half floats as samples, which are not read of TIFF", _TO_WHOLE_NUMBERS)
    if _FLOATS in kinds:
        what = f"has floating point samples of {bits} bits, but Veneer keeps whole numbers of up to 16 bits"
        raise FileFailure(what, _TO_WHOLE_NUMBERS)
    if bits > 16:
        what = f"has {bits} bits a sample, but Veneer keeps up to 16"
        raise FileFailure(what, "scale them first, for instance with GDAL: gdal_translate -ot UInt16 -scale IN OUT.tif")


def layout_of(directory: Any) -> Layout:
    """What the samples of a directory are.

    Args:
        directory: fields of TIFF by their tags.

    Returns:
        The layout.

    Raises:
        FileFailure: the samples are not those of a picture in grey or RGB.
    """
    check_samples(directory)
    photometric = directory.get(_PHOTOMETRIC, _WHITE_IS_ZERO)
    if photometric not in _COLOURS:
        space = _OTHER_SPACES.get(photometric, f"a colour space with the number {photometric}")
        what = f"is a TIFF in {space} of a sort that cannot be read here"
        raise FileFailure(what, "convert it to grey or RGB")
    count, depths = int(directory.get(_SAMPLES, 1)), set(_numbers(directory, _BITS, 1))
    if len(depths) > 1:
        shown = ", ".join(map(str, _numbers(directory, _BITS, 1)[:8]))
        raise FileFailure(f"has samples of different depths ({shown} bits)", "convert it to one depth")
    bits, colours = depths.pop(), _COLOURS[photometric]
    inverted = photometric == _WHITE_IS_ZERO
    extra = _numbers(directory, _EXTRA, _STRAIGHT) if count > colours else ()
    if count < colours:
        raise FileFailure(f"has {count} channels where RGB has three", "the file is damaged, get it anew")
    if not extra:
        return Layout(bits, colours, inverted=inverted)
    if extra[0] in (_PREMULTIPLIED, _STRAIGHT):
        return Layout(bits, colours + 1, extra[0] == _PREMULTIPLIED, inverted)
    if colours == 1 and count == 3:
        return Layout(bits, 3, inverted=inverted, bands=True)
    if colours == 1 and count > 3:
        what = f"has {count} channels without a meaning, which are no picture"
        raise FileFailure(what, "choose one or three of them, for instance with GDAL: gdal_translate -b 1 IN OUT.tif")
    return Layout(bits, colours, inverted=inverted)


def layout_notes(layout: Layout) -> list[str]:
    """Notes on how samples are taken."""
    notes: list[str] = []
    if layout.bands:
        notes.append(Note("its three channels of grey are taken for red, green and blue", loses=False))
    if layout.premultiplied:
        notes.append("its colour is divided by its alpha, with which the TIFF has multiplied it")
    return notes


def _numbers(directory: Any, tag: int, default: int) -> tuple[int, ...]:
    value = directory.get(tag, default)
    return tuple(value) if isinstance(value, tuple) else (int(value),)
