"""Prediction of a block from the decoded samples above it and to its left.

Source: docs/format.md, "Prediction".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy

from veneer.reference.derived import derived
from veneer.reference.tables import INVERSE, SHARP, SLOPES, log2
from veneer.reference.tile import Leaf, Samples, Tile

DC, PLANAR, PAETH, VERTICAL, HORIZONTAL, CHROMA_FROM_LUMA = 0, 1, 2, 7, 18, 23
FIRST_FROM_THE_LEFT = 13

Edge = Callable[[int], int]  # T or L: from -1 on
Predictor = Callable[[int, int], int]  # P(i, j)


def predict(tile: Tile, leaf: Leaf, p: int) -> Samples:
    """P for plane p of a leaf, int64 [h, w]."""
    w, h = leaf.w, leaf.h
    if leaf.derived:
        return derived(tile, leaf, p)
    top, left = _edges(tile, leaf, leaf.tree + p)
    if leaf.mode == CHROMA_FROM_LUMA:
        luma = tile.planes[0][leaf.y : leaf.y + h, leaf.x : leaf.x + w]
        mean = (int(luma.sum()) + w * h // 2) >> log2(w * h)
        chroma: Samples = _dc(top, left, w, h) + ((leaf.factor[p] * (luma - mean) + 4) >> 3)
        return tile.depth.clip(chroma, leaf.tree + p)
    at = _predictor(leaf.mode, top, left, w, h)
    return numpy.array([[at(i, j) for i in range(w)] for j in range(h)], numpy.int64)


# Edges


def _edges(tile: Tile, leaf: Leaf, plane: int) -> tuple[Edge, Edge]:
    """T and L."""
    x, y, longest, samples = leaf.x, leaf.y, leaf.w + leaf.h, tile.planes[plane]
    decoded = tile.leaves[leaf.tree]
    above_count = left_count = 0
    while y > 0 and above_count < longest and ((x + above_count) // 4, (y - 1) // 4) in decoded:
        above_count += 4
    while x > 0 and left_count < longest and ((x - 1) // 4, (y + left_count) // 4) in decoded:
        left_count += 4
    above = samples[y - 1, x : x + above_count].tolist() if above_count else []
    left = samples[y : y + left_count, x - 1].tolist() if left_count else []
    middle = tile.depth.middle if plane == 0 else 0
    corner = int(samples[y - 1, x - 1]) if above and left else (above or left or [middle])[0]
    return _edge(above or (left or [middle])[:1], corner), _edge(left or (above or [middle])[:1], corner)


def _edge(known: list[int], corner: int) -> Edge:
    """An edge that goes on with the last known sample."""
    last = len(known) - 1
    return lambda i: corner if i == -1 else known[min(i, last)]


# Modes


def _predictor(mode: int, top: Edge, left: Edge, w: int, h: int) -> Predictor:
    if mode == DC:
        value = _dc(top, left, w, h)
        return _blended(lambda _i, _j: value, top, left, w, h)
    if mode == PLANAR:
        return _blended(_planar(top, left, w, h), top, left, w, h)
    if mode == PAETH:
        return lambda i, j: _paeth(top(i), left(j), top(-1))
    if mode == VERTICAL:
        return lambda i, j: top(i) + ((_weight(w, h, i) * (left(j) - left(-1)) + 32) >> 6)
    if mode == HORIZONTAL:
        return lambda i, j: left(j) + ((_weight(w, h, j) * (top(i) - top(-1)) + 32) >> 6)
    slope = SLOPES[mode]
    if mode < FIRST_FROM_THE_LEFT:
        return lambda i, j: _direction(top, left, i, j, w * h, slope)
    return lambda i, j: _direction(left, top, j, i, w * h, slope)


def _dc(top: Edge, left: Edge, w: int, h: int) -> int:
    total = 0
    if w >= h:
        total += sum(top(i) for i in range(w))
    if h >= w:
        total += sum(left(j) for j in range(h))
    shift = log2(w) + 1 if w == h else log2(max(w, h))
    return (total + (1 << (shift - 1))) >> shift


def _planar(top: Edge, left: Edge, w: int, h: int) -> Predictor:
    def at(i: int, j: int) -> int:
        vertical = w * ((h - 1 - j) * top(i) + (j + 1) * left(h))
        horizontal = h * ((w - 1 - i) * left(j) + (i + 1) * top(w))
        return (vertical + horizontal + w * h) >> (log2(w * h) + 1)

    return at


def _weight(w: int, h: int, d: int) -> int:
    scale = (log2(w * h) - 2) >> 2
    return 32 >> ((2 * d) >> scale)


def _blended(inner: Predictor, top: Edge, left: Edge, w: int, h: int) -> Predictor:
    def at(i: int, j: int) -> int:
        a, b = _weight(w, h, i), _weight(w, h, j)
        return (a * left(j) + b * top(i) + (64 - a - b) * inner(i, j) + 32) >> 6

    return at


def _paeth(top: int, left: int, corner: int) -> int:
    a, b, c = abs(top - corner), abs(left - corner), abs(top + left - 2 * corner)
    if min(a, b) > c:
        return corner
    return left if a <= b else top


def _direction(main: Edge, side: Edge, along: int, away: int, area: int, s: int) -> int:
    def ref(n: int) -> int:
        return main(n) if n >= -1 else side((((-1 - n) * INVERSE[s] + 128) >> 8) - 1)

    q = (away + 1) * s
    f = q & 31
    n = (q >> 5) + along - 1
    taps = (16 - f // 2, 32 - f // 2, 16 + f // 2, f // 2) if area >= 64 else SHARP[f]
    return (sum(tap * ref(n + i) for i, tap in enumerate(taps)) + 32) >> 6
