"""Colour of a picture in an output format: named where the format has a place for it, else converted to sRGB."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy

from veneer import colour
from veneer.cli.colours.box_editing import with_boxes
from veneer.cli.colours.boxes import is_boxed, with_nclx
from veneer.cli.colours.conversion import Pixels, says_srgb, to_srgb
from veneer.cli.colours.description import Colour
from veneer.cli.colours.jxl_codes import with_jxl_codes
from veneer.cli.colours.light import Light, light_boxes, png_chunks
from veneer.cli.colours.png import with_chunks
from veneer.cli.jxl import is_jxl
from veneer.cli.notes import Note
from veneer.colour import Cicp
from veneer.sample_depth import BYTE_DEPTH

_HIGH_RANGE = (16, 18)  # PQ and HLG


@dataclasses.dataclass(frozen=True)
class Home:
    """How an output format stores colour.

    Attributes:
        name: of the format.
        cicp: whether it has a place for CICP.
        icc: whether it has one for ICC profiles.
        grey: whether grey pictures are written as grey, and have profiles for grey.
        both: whether a profile beside a CICP serves older readers, rather than taking the CICP's place.
        video_range: whether its CICP may say that samples have video range.
        names: whether it can name a CICP; None where it can name all.
    """

    name: str
    cicp: bool
    icc: bool
    grey: bool
    both: bool = False
    video_range: bool = False
    names: Callable[[Cicp], bool] | None = None


@dataclasses.dataclass(frozen=True)
class Written:
    """The colour and pixels to write.

    Attributes:
        pixels: uint8 [H, W, C], uint16 of more than 8 bits.
        icc: ICC profile that goes with them, or None.
        cicp: CICP that goes with them, or None.
        converted: whether they were in another colour space, and are sRGB now.
    """

    pixels: Pixels
    icc: bytes | None = None
    cicp: Cicp | None = None
    converted: bool = False


def place_colour(pixels: Pixels, described: Colour, home: Home, notes: list[str], depth: int = BYTE_DEPTH) -> Written:
    """Pixels and descriptions of colour as a format can hold them.

    Args:
        pixels: uint8 [H, W, C], uint16 of more than 8 bits.
        described: their colour.
        home: of the format.
        notes: to which is added what is converted or left out.
        depth: bits of a sample.

    Returns:
        What to write.
    """
    if described.icc is not None and (written := _by_profile(pixels, described.icc, home, notes, depth)) is not None:
        return written
    if colour.is_srgb(described.cicp):
        return Written(pixels)
    return _by_cicp(pixels, described.cicp, home, notes, depth)


def with_codes(data: bytes, written: Written) -> bytes:
    """A file with the CICP in its boxes or its header, where they are the place for it: writers take none."""
    if written.cicp is not None and is_boxed(data):
        return with_nclx(data, written.cicp)
    if written.cicp is not None and is_jxl(data):
        return with_jxl_codes(data, written.cicp)
    return data


def with_light(data: bytes, light: Light, name: str, notes: list[str]) -> bytes:
    """A file with light levels in its chunks or boxes; a note names them where the format has no place."""
    if not light.names():
        return data
    if name == "PNG":
        return with_chunks(data, png_chunks(light))
    if name == "AVIF":
        return with_boxes(data, light_boxes(light))
    notes.append(f"{name} has no place for its light levels ({' and '.join(light.names())}), which are left out")
    return data


def _by_profile(pixels: Pixels, icc: bytes, home: Home, notes: list[str], depth: int) -> Written | None:
    """With an ICC profile; None where it cannot be for these pixels."""
    grey = pixels.shape[2] <= 2
    space = colour.profile_space(icc)
    if space is None:
        if home.icc:
            notes.append(_kept("its ICC profile is damaged, and is written as it is"))
            return Written(pixels, icc)
        notes.append("its ICC profile is damaged, and is left out")
        return None
    if space != "RGB" and not (space == "GRAY" and grey):
        notes.append(f"its ICC profile is for {space} samples, not for these, and is left out")
        return None
    if not home.icc:
        words = f"the ICC profile {colour.profile_name(icc) or ''}".strip()
        return _converted(pixels, icc, words, home, notes, depth)
    if not grey or (home.grey and space == "GRAY") or (not home.grey and space == "RGB"):
        return Written(pixels, icc)
    if space == "GRAY":
        fitting = colour.rgb_profile_of(icc)
        if fitting is None:
            return _converted(pixels, icc, "its grey ICC profile", home, notes, depth)
        notes.append(
            Note(f"{home.name} has RGB samples only: its grey ICC profile is written as one for RGB", loses=False)
        )
        return Written(pixels, fitting)
    fitting = colour.grey_profile_of(icc)
    if fitting is not None:
        notes.append(
            Note("its ICC profile, which is for RGB, is written as one for grey of the same curve", loses=False)
        )
        return Written(pixels, fitting)
    notes.append(_kept("it is written as RGB, for which its ICC profile is"))
    return Written(_as_rgb(pixels), icc)


def _by_cicp(pixels: Pixels, cicp: Cicp, home: Home, notes: list[str], depth: int) -> Written:
    grey = home.grey and pixels.shape[2] <= 2
    words = colour.describe(cicp)
    profile = colour.icc_profile(cicp, grey=grey)
    if home.cicp and (cicp[3] or home.video_range) and (home.names is None or home.names(cicp)):
        return Written(pixels, profile if home.both else None, cicp)
    if profile is None:
        notes.append(f"{home.name} has no place for its colour space, {words}, which is left out")
        return Written(pixels)
    if not home.icc:
        fitting = colour.icc_profile(cicp, grey=pixels.shape[2] <= 2)
        return _converted(pixels, fitting or profile, words, home, notes, depth)
    if cicp[1] in _HIGH_RANGE:
        text = (
            f"{home.name} cannot say {words}: its ICC profile does in the tag cicp, and shows it toned down elsewhere"
        )
        notes.append(Note(text, loses=False))
    return Written(pixels, profile)


def _kept(text: str) -> Note:
    """A note on what is said in another way, but not lost."""
    return Note(text, loses=False)


def _converted(pixels: Pixels, profile: bytes, words: str, home: Home, notes: list[str], depth: int) -> Written:
    """As sRGB, for a format that has no place for anything else."""
    if says_srgb(profile):
        notes.append(f"{home.name} has no place for {words}, which says sRGB and is left out")
        return Written(pixels)
    colours = pixels.shape[2] - (pixels.shape[2] in (2, 4))
    converted = to_srgb(pixels[:, :, :colours], profile, depth)
    if converted is None:
        notes.append(f"{home.name} has no place for {words}, which is left out")
        return Written(pixels)
    notes.append(f"{home.name} has no place for {words}: it is converted to sRGB")
    if colours < pixels.shape[2]:
        converted = numpy.dstack([converted, pixels[:, :, colours:]])
    return Written(numpy.ascontiguousarray(converted), converted=True)


def _as_rgb(pixels: Pixels) -> Pixels:
    """Grey, with or without alpha, as RGB."""
    channels = [0, 0, 0] if pixels.shape[2] == 1 else [0, 0, 0, 1]
    return numpy.ascontiguousarray(pixels[:, :, channels])
