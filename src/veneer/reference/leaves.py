"""One leaf: its mode of prediction, the coefficients of its planes, and their samples.

Source: docs/format.md, "Leaves".
"""

from __future__ import annotations

import numpy

from veneer.reference.coefficients import read_coefficients
from veneer.reference.prediction import CHROMA_FROM_LUMA, predict
from veneer.reference.tables import log2
from veneer.reference.tile import Coefficients, Leaf, Tile
from veneer.reference.transform import residual


def read_leaf(tile: Tile, tree: int, x: int, y: int, w: int, h: int) -> None:
    """Decodes a leaf of w x h samples at (x, y)."""
    leaf = Leaf(tree, x, y, w, h)
    _read_prediction(tile, leaf)
    k = [read_coefficients(tile, leaf, p) for p in leaf.planes]
    if tree == 0 and w <= 16 and h <= 16 and leaf.count[0] > 0:
        leaf.alternative = _read_alternative(tile, leaf)
    for p in leaf.planes:
        _reconstruct(tile, leaf, p, k[p])
    _remember(tile, leaf)


def screen_leaf(tile: Tile, tree: int, x: int, y: int, size: int) -> None:
    """A square of screen content, which counts as a leaf."""
    leaf = Leaf(tree, x, y, size, size)
    leaf.count = [0 for _ in leaf.planes]
    leaf.cells = [numpy.zeros((8, 8), numpy.int64) for _ in leaf.planes]
    _remember(tile, leaf)
    if tree == 0:
        for j in range(y // 4, (y + size) // 4):
            for i in range(x // 4, (x + size) // 4):
                tile.step_offset[i, j] = 0


def _remember(tile: Tile, leaf: Leaf) -> None:
    for j in range(leaf.y // 4, (leaf.y + leaf.h) // 4):
        for i in range(leaf.x // 4, (leaf.x + leaf.w) // 4):
            tile.leaves[leaf.tree][i, j] = leaf


def _read_alternative(tile: Tile, leaf: Leaf) -> int:
    size, mode = log2(max(leaf.w, leaf.h)) - 2, leaf.mode
    if not tile.bit("transform", size, mode, 0):
        return 0
    if leaf.w == leaf.h == 4 or not tile.bit("transform", size, mode, 1):
        return 1
    return 3 if tile.bit("transform", size, mode, 2) else 2


def _read_prediction(tile: Tile, leaf: Leaf) -> None:
    tree, x, y, w, h = leaf.tree, leaf.x, leaf.y, leaf.w, leaf.h
    above, left = tile.above(tree, x, y), tile.left(tree, x, y)
    if tree == 1:
        size = min(2, (log2(w * h) - 4) // 3)
        using = sum(near is not None and near.mode == CHROMA_FROM_LUMA for near in (above, left))
        if tile.bit("cfl", size, using):
            leaf.mode = CHROMA_FROM_LUMA
            leaf.derived = bool(tile.bit("derived", size, using))
            if leaf.derived:
                return
            first = tile.five("alpha", 0, 0) - 16
            sign = 0 if first == 0 else 1 if first < 0 else 2
            leaf.factor = first, tile.five("alpha", 1, sign) - 16
            return
    large = 1 if w * h > 64 else 0
    b = left.mode if left else 23
    beside = above if tree == 0 else tile.leaf_at(0, x + w // 2, y + h // 2)
    a = beside.mode if beside else 23
    code = tile.five_of_two("mode", (tree, large, 0, _family(b), a), (tree, large, 1, _family(a), b))
    leaf.mode = min(22, code)


def _family(mode: int) -> int:
    """0 for DC, planar and Paeth, 1 and 2 for directions from above and from the left, 3 for 23."""
    return 0 if mode <= 2 else 1 if mode <= 12 else 2 if mode <= 22 else 3


def _reconstruct(tile: Tile, leaf: Leaf, p: int, k: Coefficients) -> None:
    plane = leaf.tree + p
    block = predict(tile, leaf, p)
    if leaf.count[p] > 0:
        block = block + residual(tile, leaf, p, k)
    tile.planes[plane][leaf.y : leaf.y + leaf.h, leaf.x : leaf.x + leaf.w] = tile.depth.clip(block, plane)
