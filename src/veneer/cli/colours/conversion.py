"""Pixels from one colour space into sRGB, by Little CMS in Pillow."""

from __future__ import annotations

import io
from typing import Any

import numpy
import numpy.typing
from PIL import Image, ImageCms

from veneer import colour
from veneer.cli.failure import FileFailure
from veneer.sample_depth import BYTE_DEPTH, scaled

Pixels = numpy.typing.NDArray[Any]  # uint8, or uint16 of more than 8 bits

_SAME = 1  # levels by which a profile may differ from sRGB and still be taken for it
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION


def to_srgb(pixels: Pixels, profile: bytes, depth: int = BYTE_DEPTH) -> Pixels | None:
    """Pixels as sRGB.

    Args:
        pixels: uint8 [H, W, 1 or 3], uint16 of more than 8 bits.
        profile: their ICC profile; one for RGB may go with grey pixels.
        depth: bits of a sample.

    Returns:
        [H, W, 1 or 3] of the same depth; None where the profile cannot be used for them.

    Raises:
        FileFailure: there are more than 8 bits, and imagecodecs is missing.
    """
    space = colour.profile_space(profile)
    if pixels.shape[2] == 1 and space == "RGB":
        pixels = numpy.ascontiguousarray(numpy.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    grey = pixels.shape[2] == 1
    if space != ("GRAY" if grey else "RGB"):
        return None
    if depth != BYTE_DEPTH:
        return _deep_to_srgb(pixels, profile, depth)
    mode = "L" if grey else "RGB"
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(profile)), _srgb(grey), mode, mode, _INTENT, _FLAGS
        )
        converted = ImageCms.applyTransform(Image.fromarray(pixels[:, :, 0] if grey else pixels), transform)
    except (OSError, ImageCms.PyCMSError):
        return None
    array = numpy.asarray(converted)
    return array.reshape(*array.shape[:2], -1)


def _deep_to_srgb(pixels: Pixels, profile: bytes, depth: int) -> Pixels | None:
    """The same with 16 bits, in which Little CMS works for imagecodecs; Pillow has none."""
    try:
        import imagecodecs
    except ImportError:
        what = "its colour space is converted to sRGB by imagecodecs, which is missing"
        raise FileFailure(what, "pip install '.[deep]', or choose PNG or TIFF, which hold the colour space") from None
    grey = pixels.shape[2] == 1
    space = "gray" if grey else "rgb"
    try:
        converted = imagecodecs.cms_transform(
            scaled(pixels[:, :, 0] if grey else pixels, depth, 16),
            profile,
            colour.icc_profile(colour.SRGB, grey=grey) or b"",
            colorspace=space,
            outcolorspace=space,
            intent=int(_INTENT),
            flags=int(_FLAGS),
        )
    except (RuntimeError, ValueError):
        return None
    return scaled(converted.reshape(pixels.shape), 16, depth)


def says_srgb(profile: bytes) -> bool:
    """Whether a profile gives the colours of sRGB, to a level."""
    levels = numpy.arange(0, 256, 15, dtype=numpy.uint8)
    if colour.profile_space(profile) == "GRAY":
        grid = levels[numpy.newaxis, :, numpy.newaxis]
    else:
        grid = numpy.stack(numpy.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    converted = to_srgb(grid, profile)
    return converted is not None and int(numpy.abs(converted.astype(int) - grid).max()) <= _SAME


def cmyk_or_lab_to_srgb(image: Image.Image, icc: bytes | None, notes: list[str]) -> Image.Image:
    """An RGB picture of one in CMYK or LAB: by its profile, else CMYK by plain arithmetic."""
    srgb = ImageCms.createProfile("sRGB")
    how = ""
    converted = None
    try:
        if image.mode == "LAB":
            converted = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), srgb, outputMode="RGB")
        elif icc is not None:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except (OSError, ImageCms.PyCMSError):
        how = " without its ICC profile, which cannot be used"
    notes.append(f"{image.mode} is converted to sRGB{how}")
    return converted or image.convert("RGB")


def _srgb(grey: bool) -> ImageCms.ImageCmsProfile:
    if not grey:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    profile = colour.icc_profile(colour.SRGB, grey=True)
    return ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
