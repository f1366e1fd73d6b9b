"""From coefficients to the residual of a block.

Source: docs/format.md, "Quantization" and "Inverse transform".
"""

from __future__ import annotations

import functools

import numpy

from veneer.reference.tables import COSINES, MANTISSA, clamp, log2, trained
from veneer.reference.tile import Coefficients, Leaf, Samples, Tile


def residual(tile: Tile, leaf: Leaf, p: int, k: Coefficients) -> Samples:
    """What is added to the prediction of plane p, int64 [h, w]; k are its coefficients in half steps."""
    c = _dequantize(tile, leaf, p, k)
    columns = rows = "DCT"
    if leaf.w == leaf.h == 4:
        c = _trained(leaf.mode, c) if leaf.alternative else c
    else:
        columns = "DST" if leaf.alternative in (1, 2) else "DCT"
        rows = "DST" if leaf.alternative in (1, 3) else "DCT"
    t = _saturate(wrap(2**10 + _basis(columns, leaf.h).T @ c) >> 11)
    places = 15 - tile.depth.extra
    return _saturate(wrap(2 ** (places - 1) + t @ _basis(rows, leaf.w)) >> places)


# Quantization


def _dequantize(tile: Tile, leaf: Leaf, p: int, k: Coefficients) -> Samples:
    """int64 [fh, fw]."""
    head, plane, w, h = tile.head, leaf.tree + p, leaf.w, leaf.h
    index = head.step_index + 2 * tile.step_offset[leaf.x // 4, leaf.y // 4]
    index += (0, head.co_step_offset, head.cg_step_offset)[plane]
    index = clamp(index, 0, 223)
    position = index + 128 - 8 * log2(w * h)
    c = numpy.zeros((min(h, 32), min(w, 32)), numpy.int64)
    for (u, v), halves in k.items():
        f = 8 * u // w + 8 * v // h
        at = max(0, min(319, position + ((head.matrix * f + 2) >> 2)) - 11)
        half_step = MANTISSA[at & 15] << (at >> 4)
        magnitude = min(32767, (abs(halves) * half_step + 2**19) >> 20)
        c[v, u] = magnitude if halves > 0 else -magnitude
    return c


# Inverse transform


def _cosine(j: int) -> int:
    j = abs(j) % 256
    if j > 128:
        j = 256 - j
    return COSINES[j] if j <= 64 else -COSINES[128 - j]


@functools.cache
def _basis(kind: str, n: int) -> Samples:
    """basis(N, k, n) as int64 [k, n] for the frequencies that are coded."""
    values = numpy.zeros((min(n, 32), n), numpy.int64)
    for k in range(min(n, 32)):
        for i in range(n):
            if kind == "DST":
                values[k, i] = _cosine((2 * n - (2 * i + 1) * (2 * k + 1)) * 32 // n)
            else:
                values[k, i] = 2048 if k == 0 else _cosine((2 * i + 1) * k * 64 // n)
    return values


def _trained(mode: int, c: Samples) -> Samples:
    """Coefficients of the DCT, int64 [4, 4], from those of the trained transform of the mode."""
    matrix = trained()[mode if mode < 14 else mode - 11]
    d = _saturate((64 + c.reshape(16) @ matrix) >> 7).reshape(4, 4)
    return d if mode < 14 else d.T


def wrap(a: Samples) -> Samples:
    """The numbers of 32 bits with sign that equal `a` modulo 2^32."""
    return (a + 2**31) % 2**32 - 2**31


def _saturate(a: Samples) -> Samples:
    return numpy.clip(a, -32768, 32767)
