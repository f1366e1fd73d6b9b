"""Chroma predicted from luma, and Cg from Co too, by slopes that the rim of the block gives.

Source: docs/format.md, "Prediction".
"""

from __future__ import annotations

import numpy

from veneer.reference.tables import clamp
from veneer.reference.tile import Leaf, Samples, Tile


def derived(tile: Tile, leaf: Leaf, p: int) -> Samples:
    """P for plane p of a leaf of tree 1, int64 [h, w]; plane 1 of the tile is reconstructed if p is 1."""
    rims = [_rim(plane, leaf) for plane in tile.planes]
    n = len(rims[0])
    if n == 0:
        return numpy.zeros((leaf.h, leaf.w), numpy.int64)
    means = [(2 * int(rim.sum()) + n) // (2 * n) for rim in rims]
    y, o, g = ((rim - mean) >> tile.depth.extra for rim, mean in zip(rims, means, strict=True))
    inside = [
        plane[leaf.y : leaf.y + leaf.h, leaf.x : leaf.x + leaf.w] - mean
        for plane, mean in zip(tile.planes, means, strict=True)
    ]
    yy, oo, yo = 64 * n + int(y @ y), 64 * n + int(o @ o), int(y @ o)
    if p == 0:
        change = _slope(yo, yy) * inside[0]
    else:
        yg, og, d = int(y @ g), int(o @ g), yy * oo - yo * yo
        change = _slope(yg * oo - og * yo, d) * inside[0] + _slope(og * yy - yg * yo, d) * inside[1]
    block: Samples = means[1 + p] + ((change + 128) >> 8)
    return tile.depth.clip(block, leaf.tree + p)


def _rim(plane: Samples, leaf: Leaf) -> Samples:
    above = plane[leaf.y - 1, leaf.x : leaf.x + leaf.w] if leaf.y > 0 else plane[:0, 0]
    left = plane[leaf.y : leaf.y + leaf.h, leaf.x - 1] if leaf.x > 0 else plane[:0, 0]
    return numpy.concatenate([above, left])


def _slope(a: int, b: int) -> int:
    """Quotient in 1/256."""
    return clamp((512 * a + b) // (2 * b), -512, 512)
