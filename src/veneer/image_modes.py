"""Pixels of Pillow's images, whose arrays do not say whether four channels are CMYK or RGB and alpha.

Encoder only. Place: before `encoder.check_pixels` looks at an array.
Source: Pillow's documentation, "Concepts", "Modes".
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from veneer.errors import ErrorCode, VeneerError

if TYPE_CHECKING:
    from PIL import Image

# What each mode becomes; where the image has a transparent colour, by the second table.
_MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "P": "RGB", "PA": "RGBA", "RGB": "RGB", "RGBX": "RGB"}
_MODES |= {"RGBA": "RGBA", "RGBa": "RGBA", "YCbCr": "RGB", "HSV": "RGB"}
_TRANSPARENT_MODES = {"1": "LA", "L": "LA", "P": "RGBA", "RGB": "RGBA"}


def is_pillow_image(pixels: object) -> bool:
    """Whether this is an image of Pillow, which is not imported for that."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(pixels, module.Image)


def in_known_mode(image: Image.Image) -> Image.Image:
    """The same picture as grey or RGB, with or without alpha.

    Args:
        image: of any mode; its current frame is taken.

    Returns:
        An image of mode L, LA, RGB or RGBA.

    Raises:
        VeneerError: BAD_PIXELS where the mode holds something else, or more than 8 bits a sample.
    """
    mode = _TRANSPARENT_MODES.get(image.mode) if image.has_transparency_data else None
    mode = mode or _MODES.get(image.mode)
    if mode is None:
        raise VeneerError(ErrorCode.BAD_PIXELS, f"an image of mode {image.mode} cannot be encoded; {_remedy(image)}")
    return image if image.mode == mode else image.convert(mode)


def _remedy(image: Any) -> str:
    if image.mode.split(";")[0] in ("I", "F", "BGR"):
        return "scale its samples to 0..255 and convert it with image.convert('L')"
    return (
        "convert it with image.convert('RGB'), or by its ICC profile with PIL.ImageCms.profileToProfile, "
        "which gives the colours that are meant"
    )
