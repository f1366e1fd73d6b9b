"""The trees of a tile: how it is divided into blocks, and the step offsets of its areas.

Source: docs/format.md, "Tiles and superblocks", "Partition trees" and "Step groups".
"""

from __future__ import annotations

from veneer.reference.leaves import read_leaf, screen_leaf
from veneer.reference.screen import ScreenContent
from veneer.reference.tables import clamp, log2
from veneer.reference.tile import Tile

LEAF, QUAD, HORIZONTAL, VERTICAL = range(4)


def read_tile(tile: Tile) -> bool:
    """Decodes all superblocks in raster order; whether the payload was a code."""
    if tile.head.tools & 2:
        tile.screen = ScreenContent(tile.coder, tile.planes)
    for y in range(0, tile.height, 64):
        for x in range(0, tile.width, 64):
            if tile.screen is not None:
                tile.screen.read(x, y)
            _node(tile, 0, x, y, 6)
            if tile.head.colour:
                _node(tile, 1, x, y, 6)
    return tile.coder.valid()


# Partition trees


def _node(tile: Tile, tree: int, x: int, y: int, n: int) -> None:
    """A square of size 2^n."""
    if x >= tile.width or y >= tile.height:
        return
    size = 2**n
    half = size // 2
    within = x + size <= tile.width and y + size <= tile.height
    all_screen, some_screen = tile.screen.node_state(x, y, size) if tile.screen is not None else (False, False)
    if within and all_screen:
        screen_leaf(tile, tree, x, y, size)
        return
    group_log2 = tile.head.step_group_log2
    if tree == 0 and n == group_log2:
        _step_group(tile, x, y, size)
    if not within or some_screen:
        split = QUAD
    elif n == 2:
        split = LEAF
    else:
        split = _read_split(tile, tree, x, y, n)
    if tree == 0 and 0 < group_log2 < n and split != QUAD:
        _step_group(tile, x, y, size)
    if split == LEAF:
        read_leaf(tile, tree, x, y, size, size)
    elif split == HORIZONTAL:
        read_leaf(tile, tree, x, y, size, half)
        read_leaf(tile, tree, x, y + half, size, half)
    elif split == VERTICAL:
        read_leaf(tile, tree, x, y, half, size)
        read_leaf(tile, tree, x + half, y, half, size)
    else:
        _node(tile, tree, x, y, n - 1)
        _node(tile, tree, x + half, y, n - 1)
        _node(tile, tree, x, y + half, n - 1)
        _node(tile, tree, x + half, y + half, n - 1)


def _read_split(tile: Tile, tree: int, x: int, y: int, n: int) -> int:
    context = _node_context(tile, tree, x, y, n)
    if tile.bit("node", tree, n - 3, context, 0) == 0:
        return LEAF
    if n == 6:
        return QUAD
    if tile.bit("node", tree, n - 3, context, 1) == 0:
        return QUAD
    return VERTICAL if tile.bit("node", tree, n - 3, context, 2) else HORIZONTAL


def _node_context(tile: Tile, tree: int, x: int, y: int, n: int) -> int:
    """0..15: compares the size with that of the neighbours, in tree 1 also with that of luma."""
    above, left = tile.above(tree, x, y), tile.left(tree, x, y)
    a = clamp(n - log2(above.w), 0, 3) if above else 0
    b = clamp(n - log2(left.h), 0, 3) if left else 0
    if tree == 0:
        return 4 * a + b
    half = 2**n // 2
    luma = tile.leaf_at(0, x + half, y + half)
    d = 2 * n - log2(luma.w * luma.h)
    return 4 * (0 if d <= 0 else 1 if d <= 2 else 2) + 2 * min(a, 1) + min(b, 1)


# Step groups


def _step_group(tile: Tile, x: int, y: int, size: int) -> None:
    delta = 0
    if tile.bit("step_offset", 0, 0):
        negative = tile.bit("step_offset", 1, 0)
        delta = 1
        while delta < 62 and tile.bit("step_offset", 2, min(delta - 1, 15)):
            delta += 1
        if negative:
            delta = -delta
    tile.group_offset = clamp(tile.group_offset + delta, -31, 31)
    for j in range(y // 4, (y + size) // 4):
        for i in range(x // 4, (x + size) // 4):
            tile.step_offset[i, j] = tile.group_offset
