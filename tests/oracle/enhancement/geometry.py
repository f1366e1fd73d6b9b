"""What networks see around a box.

Source: docs/format.md, "Running the networks".
"""

from __future__ import annotations

from veneer.enhancement.geometry import Box


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
