"""Boxes of pixels, and what lies in them of arrays that have one place for many pixels.

Source: docs/format.md, "Inputs of networks" and "Latents".
"""

from __future__ import annotations

# x, y, width, height in pixels.
Box = tuple[int, int, int, int]

UNIT = 4  # side in base pixels of what maps and steps describe


def cells_of(box: Box, scale: int, side: int) -> tuple[slice, slice]:
    """Rows and columns of the squares of a side, in pixels of `scale` times the box's, that a box touches."""
    x, y, width, height = (scale * value for value in box)
    return slice(y // side, -(-(y + height) // side)), slice(x // side, -(-(x + width) // side))
