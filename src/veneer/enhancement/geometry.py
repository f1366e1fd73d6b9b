"""Boxes of pixels, what lies in them of arrays that have one place for many pixels, and what networks see around them.

Source: docs/format.md, "Inputs of networks", "Latents" and "Running the networks".
"""

from __future__ import annotations

# x, y, width, height in pixels.
Box = tuple[int, int, int, int]

UNIT = 4  # side in base pixels of what maps and steps describe


def cells_of(box: Box, scale: int, side: int) -> tuple[slice, slice]:
    """Rows and columns of the squares of a side, in pixels of `scale` times the box's, that a box touches."""
    x, y, width, height = (scale * value for value in box)
    return slice(y // side, -(-(y + height) // side)), slice(x // side, -(-(x + width) // side))


def widened(box: Box, halo: int, unit: int, size: tuple[int, int]) -> Box:
    """A box with what a network sees around it, as a part of the picture that gives the same pixels as the whole.

    Args:
        box: in pixels of the picture that the network runs on.
        halo: of the network, or more.
        unit: a multiple of its alignment.
        size: rows and columns of that picture.

    Returns:
        From multiples of `unit` to multiples of it or to the end of the picture.
    """
    x, y, width, height = box
    left, top = (max(0, first - halo) // unit * unit for first in (x, y))
    right, bottom = (
        min(-(-(last + halo) // unit) * unit, most) for last, most in ((x + width, size[1]), (y + height, size[0]))
    )
    return left, top, right - left, bottom - top
