"""The coefficients of a plane of a leaf, and the contexts that earlier ones give.

Source: docs/format.md, "Block shapes and scans", "Neighbour cells" and "Coefficients".
"""

from __future__ import annotations

import functools

import numpy

from veneer.reference.tables import (
    BLOCK_ENERGY_FIRST,
    DIAGONAL_FIRST,
    ENERGY_FIRST,
    NEXT_STATE,
    SHAPES,
    last_class,
    log2,
)
from veneer.reference.tile import Coefficients, Leaf, Samples, Tile

PAIRS = [0, 0, 2, 2, 4, 4, 6, 6]  # sides of 4 samples have four cells, each in the place of two

# Block shapes and scans


@functools.cache
def scan(w: int, h: int) -> list[tuple[int, int]]:
    """The frequencies (u, v) of a block in the order of the scan."""
    positions = [(u, v) for v in range(min(h, 32)) for u in range(min(w, 32))]
    return sorted(positions, key=lambda at: (at[0] * h + at[1] * w, at[1]))


# Coefficients


def read_coefficients(tile: Tile, leaf: Leaf, p: int) -> Coefficients:
    """Reads plane p; its coefficients in half steps."""
    plane, w, h = leaf.tree + p, leaf.w, leaf.h
    size_class, shape_class = SHAPES[w, h]
    energy, expectation = _expect(tile, leaf, p)
    k: Coefficients = {}
    magnitudes: Coefficients = {}

    def m(u: int, v: int) -> int:
        return min(100, magnitudes.get((u, v), 0))

    count = _read_count(tile, leaf, p, energy)
    state = 0
    for i in range(count - 1, -1, -1):
        u, v = scan(w, h)[i]
        quantizer = state & 1
        acc = 2 * m(u + 1, v) + 2 * m(u, v + 1) + m(u + 1, v + 1) + m(u + 2, v) + m(u, v + 2)
        e = last_class(ENERGY_FIRST, (23 * acc + expectation[8 * v // h][8 * u // w]) >> 4)
        near = acc if acc <= 4 else 5 if acc <= 7 else 6 if acc <= 13 else 7
        diagonal = last_class(DIAGONAL_FIRST, u + v)
        magnitude = 0
        if i == count - 1 or tile.bit_of_two(
            tile.models("significant", quantizer, plane, size_class, diagonal, e),
            tile.models("nearby", plane, shape_class, _bucket(i + 1), near),
        ):
            magnitude = _read_magnitude(tile, quantizer, plane, shape_class, diagonal, e, near)
            negative = tile.coder.raw(1)
            halves = 2 * magnitude - quantizer
            k[u, v] = -halves if negative else halves
            magnitudes[u, v] = magnitude
        state = NEXT_STATE[magnitude & 1][state] if tile.head.tools & 1 else 0
    leaf.count.append(count)
    leaf.cells.append(_cells(w, h, magnitudes))
    return k


# Neighbour cells


def _cells(w: int, h: int, magnitudes: Coefficients) -> Samples:
    """What the plane leaves behind for its neighbours, int64 [8, 8]."""
    sums = numpy.zeros((8, 8), numpy.int64)
    for (u, v), magnitude in magnitudes.items():
        sums[8 * v // h, 8 * u // w] += min(100, magnitude)
    if w == 4:
        sums = sums[:, PAIRS]
    if h == 4:
        sums = sums[PAIRS]
    shift = log2(w) - min(log2(w), 3) + log2(h) - min(log2(h), 3)
    cells: Samples = 16 * sums >> shift
    return cells.clip(max=255)


def _expect(tile: Tile, leaf: Leaf, p: int) -> tuple[int, list[list[int]]]:
    """The block energy class, and the expectation of each cell, from the neighbours above and to the left."""
    tree, x, y = leaf.tree, leaf.x, leaf.y
    ups = [tile.leaf_at(tree, x + 4 * i, y - 1).cells[p] for i in range(leaf.w // 4)] if y > 0 else []
    sides = [tile.leaf_at(tree, x - 1, y + 4 * i).cells[p] for i in range(leaf.h // 4)] if x > 0 else []
    s = numpy.zeros((8, 8), numpy.int64)
    for units in filter(None, (ups, sides)):
        s += 2 * sum(units) >> log2(len(units))
    if not (ups and sides):
        s *= 2
    energy = last_class(BLOCK_ENERGY_FIRST, int(s.sum()) // 4)
    near = numpy.pad(s, 1, mode="edge")
    g = near[:, :-2] + 2 * near[:, 1:-1] + near[:, 2:]
    expectation = (6 * (g[:-2] + 2 * g[1:-1] + g[2:]) + 32) >> 6
    return energy, expectation.tolist()


# Coefficients: count and magnitudes


def _bucket(n: int) -> int:
    """Half octaves."""
    if n < 4:
        return n
    j = n.bit_length() - 1
    return 2 * j + ((n >> (j - 1)) & 1)


def _read_count(tile: Tile, leaf: Leaf, p: int, energy: int) -> int:
    plane = leaf.tree + p
    kind = min(plane, 1)
    _, shape_class = SHAPES[leaf.w, leaf.h]
    most = min(leaf.w, 32) * min(leaf.h, 32)
    neighbours = tile.above(leaf.tree, leaf.x, leaf.y), tile.left(leaf.tree, leaf.x, leaf.y)
    empty = sum(near is not None and near.count[p] == 0 for near in neighbours)
    if p == 0:
        context = empty
    elif leaf.count[0] == 0:
        context = 2
    else:
        context = 1 if empty == 2 else 0
    if tile.bit("empty", plane, shape_class, energy, context):
        return 0
    b = min(19, tile.five("last", kind, shape_class, energy // 2)) + 1
    first = b if b < 4 else (2 + (b & 1)) << (b // 2 - 1)
    if first >= most:
        return most
    if b < 4:
        return first
    n = b // 2 - 2
    high = tile.bit("last_offset", kind, b)
    return first + (high << n) + tile.coder.raw(n)


def _read_magnitude(tile: Tile, quantizer: int, plane: int, shape_class: int, diagonal: int, e: int, near: int) -> int:
    kind = min(plane, 1)
    d = 0 if diagonal == 0 else 1 if diagonal <= 2 else 2
    one = tile.models("greater1", quantizer, plane, d, e), tile.models("greater1_nearby", plane, shape_class, near)
    if tile.bit_of_two(*one) == 0:
        return 1
    for j in range(4):
        if tile.bit("greater", kind, j, e) == 0:
            return 2 + j
    n = 0
    while n < 14 and tile.bit("escape", kind, e // 3, n):
        n += 1
    return 6 + (1 << n) - 1 + tile.coder.raw(n)
