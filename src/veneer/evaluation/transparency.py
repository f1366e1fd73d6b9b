"""Pictures with transparency as they look: over white and over black, so that nothing hides in its background.

Place: `compare.py` and `target.py` measure what these give; `measure.py` has pictures without transparency alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

WHITE, BLACK = 255, 0


def has_transparency(pixels: Pixels) -> bool:
    """Whether something shows through a picture, uint8 [H, W, C]."""
    return pixels.shape[2] in (2, 4) and bool((pixels[:, :, -1] < 255).any())


def rgb_over(pixels: Pixels, background: int) -> Pixels:
    """A picture as it looks over a grey.

    Args:
        pixels: uint8 [H, W, C], C in 1..4.
        background: 0 (black) .. 255 (white).

    Returns:
        uint8 RGB [H, W, 3].
    """
    colour = pixels[:, :, :-1] if pixels.shape[2] in (2, 4) else pixels
    if has_transparency(pixels):
        alpha = pixels[:, :, -1:].astype(np.uint32)
        colour = ((colour * alpha + background * (255 - alpha) + 127) // 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(colour, (*colour.shape[:2], 3)))
