"""JPEG files as Pillow reads them: pixels, and how they were coded.

Place: first of restoration; `layer.py` and `training/jpegs.py` call it.
"""

from __future__ import annotations

import io

import numpy
from PIL import Image, UnidentifiedImageError

from veneer import limits
from veneer.errors import ErrorCode, VeneerError
from veneer.restoration.side_information import BLOCK, MOST_SAMPLING, Coding, Pixels

MODES = ("L", "RGB")
START = b"\xff\xd8\xff"
RGB_COMPONENTS = tuple(b"RGB")


def read_jpeg(data: bytes, max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> tuple[Pixels, Coding]:
    """Decodes a JPEG.

    Args:
        data: the file, baseline or progressive, of one component or three.
        max_pixels: larger pictures are refused.

    Returns:
        pixels: uint8 [H, W, 1 or 3]; coding: how the file was coded.

    Raises:
        VeneerError: BAD_JPEG where it is not a JPEG, is damaged, or has four components or the components R, G, B;
            PICTURE_TOO_LARGE.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if image.width * image.height > max_pixels:
                text = f"{image.width} x {image.height} pixels are more than the {max_pixels} allowed"
                raise VeneerError(ErrorCode.PICTURE_TOO_LARGE, text)
            if image.mode not in MODES:
                raise VeneerError(ErrorCode.BAD_JPEG, f"a JPEG in {image.mode} cannot be restored")
            if _is_coded_as_rgb(image):
                raise VeneerError(ErrorCode.BAD_JPEG, "a JPEG without luma and chroma cannot be restored")
            coding = _coding_of(image)
            pixels = numpy.asarray(image)
    except UnidentifiedImageError:
        known = data.startswith(START)
        text = "this JPEG is damaged, lossless, or of 12 bits a sample" if known else "this is no JPEG"
        raise VeneerError(ErrorCode.BAD_JPEG, text) from None
    except (VeneerError, MemoryError):
        raise
    except Exception as error:  # Pillow raises whatever it stumbles over in a broken file
        text = " ".join(str(error).split()) or type(error).__name__
        raise VeneerError(ErrorCode.BAD_JPEG, f"the JPEG cannot be read: {text}") from error
    return pixels.reshape(*pixels.shape[:2], -1), coding


def _is_coded_as_rgb(image: Image.Image) -> bool:
    """Whether components are R, G and B rather than luma and chroma, by the rules of libjpeg."""
    if image.mode != "RGB" or "jfif" in image.info:
        return False
    if "adobe" in image.info:
        return bool(image.info.get("adobe_transform") == 0)
    return tuple(component[0] for component in image.layer) == RGB_COMPONENTS  # type: ignore[attr-defined]


def _coding_of(image: Image.Image) -> Coding:
    """How an open JPEG was coded, by the tables that its components name."""
    tables: dict[int, list[int]] = image.quantization  # type: ignore[attr-defined]
    components: list[tuple[int, int, int, int]] = image.layer  # type: ignore[attr-defined]
    luma, chroma = components[0], components[min(1, len(components) - 1)]
    square = (BLOCK, BLOCK)
    across, down = (min(MOST_SAMPLING, max(1, luma[i] // chroma[i])) for i in (1, 2))
    return Coding(
        numpy.array(tables[luma[3]], numpy.int64).reshape(square),
        numpy.array(tables[chroma[3]], numpy.int64).reshape(square),
        (across, down),
    )
