"""Functions of the shape, the mode and the coefficients of a block alone.

"Block shapes and scans" to "Warm-start tables" of docs/format.md, without what reads symbols.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int64]

WARM_START = Path(__file__).parents[2] / "docs/tables/warm_start.bin"

TABLES = {
    "node": (2, 4, 16, 3),
    "mode": (2, 2, 2, 4, 24, 32),
    "cfl": (3, 4),
    "derived": (3, 4),
    "alpha": (2, 3, 32),
    "transform": (3, 24, 3),
    "empty": (3, 8, 12, 3),
    "last": (2, 8, 6, 32),
    "last_offset": (2, 21),
    "significant": (2, 3, 3, 10, 24),
    "nearby": (3, 8, 21, 8),
    "greater1": (2, 3, 3, 24),
    "greater1_nearby": (3, 8, 8),
    "greater": (2, 4, 24),
    "escape": (2, 8, 16),
    "step_offset": (3, 16),
}
FIRST_ENTRY, ENTRIES = {}, 0
for _name, _dimensions in TABLES.items():
    FIRST_ENTRY[_name] = ENTRIES
    ENTRIES += math.prod(_dimensions)


def model(name: str, *indices: int) -> int:
    """The index of a model; missing last indices are 0."""
    at = 0
    for position, size in enumerate(TABLES[name]):
        at = at * size + (indices[position] if position < len(indices) else 0)
    return FIRST_ENTRY[name] + at


def warm_start(step_index: int) -> list[int]:
    """The states that the models of a tile start with."""
    table = sum(step_index >= first for first in (98, 122, 146))
    entries = np.fromfile(WARM_START, "<u2").reshape(4, ENTRIES)[table]
    return [(((e >> 5) << 11) + 2**10) << 10 | e & 31 for e in entries.tolist()]


DIAGONAL_FIRST = (0, 1, 2, 3, 4, 5, 7, 9, 12, 17)
BLOCK_ENERGY_FIRST = (0, 4, 10, 20, 36, 60, 100, 170, 300, 560, 1100, 2400)
NEAR_FIRST = (0, 1, 2, 3, 4, 5, 8, 14)
ENERGY_FIRST = (0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 18, 22, 28, 35, 44, 56, 70, 88, 111, 140, 176, 240, 340, 500)
NEXT_STATE = ((0, 1), (3, 2), (5, 4), (6, 7), (1, 0), (2, 3), (4, 5), (7, 6))


def class_of(value: int, first: tuple[int, ...]) -> int:
    """The last class whose first value is not above the value."""
    return sum(value >= f for f in first) - 1


def log2(n: int) -> int:
    return n.bit_length() - 1


def bucket(n: int) -> int:
    j = log2(n) if n else 0
    return n if n < 4 else 2 * j + ((n >> (j - 1)) & 1)


class Shape(NamedTuple):
    size_class: int
    shape_class: int
    scan: list[tuple[int, int]]


def shape_of(w: int, h: int) -> Shape:
    fw, fh = min(w, 32), min(h, 32)
    scan = sorted(((u, v) for u in range(fw) for v in range(fh)), key=lambda c: (c[0] * h + c[1] * w, c[1]))
    shape_class = 7 if w == h == 64 else log2(fw * fh) - 4
    return Shape((0, 0, 1, 1, 1, 2, 2, 2)[shape_class], shape_class, scan)


SIDES = [(w, h) for w in (4, 8, 16, 32, 64) for h in (4, 8, 16, 32, 64) if max(w, h) <= 2 * min(w, h)]
SHAPES = {(w, h): shape_of(w, h) for w, h in SIDES}


MANTISSA = (
    *(16384, 17109, 17867, 18658, 19484, 20347, 21247, 22188),
    *(23170, 24196, 25268, 26386, 27554, 28774, 30048, 31379),
)
COSINES = [round(2048 * math.sqrt(2) * math.cos(math.pi * j / 128)) for j in range(65)]


def cosine(j: int) -> int:
    j = abs(j) % 256
    j = 256 - j if j > 128 else j
    return COSINES[j] if j <= 64 else -COSINES[128 - j]


def basis(n: int, sine: bool) -> Samples:
    """basis[k, i] of the frequencies k below 32 of a transform of n samples i."""
    if sine:
        rows = [[cosine((2 * n - (2 * i + 1) * (2 * k + 1)) * 32 // n) for i in range(n)] for k in range(min(n, 32))]
    else:
        rows = [[cosine((2 * i + 1) * k * 64 // n) if k else 2048 for i in range(n)] for k in range(min(n, 32))]
    return np.array(rows)


BASES = {(n, sine): basis(n, sine) for n in (4, 8, 16, 32, 64) for sine in (False, True)}


def shifted(a: Samples, shift: int) -> Samples:
    """Sums, wrapped to 32 bits, over 2^shift, rounded and saturated."""
    wrapped = (a + 2 ** (shift - 1) + 2**31) % 2**32 - 2**31
    return np.clip(wrapped >> shift, -32768, 32767)


TRAINED = np.fromfile(WARM_START.with_name("trained_4x4.bin"), np.int8).astype(np.int64).reshape(14, 16, 16)


def of_cosines(c: Samples, mode: int) -> Samples:
    """Coefficients of the DCT from those of the trained transform."""
    upright = mode < 14
    a = np.clip((64 + c.ravel() @ TRAINED[mode if upright else mode - 11]) >> 7, -32768, 32767).reshape(4, 4)
    return a if upright else a.T


def inverse_transform(c: Samples, w: int, h: int, alternative: int, mode: int, extra: int) -> Samples:
    if w == h == 4 and alternative:
        c, alternative = of_cosines(c, mode), 0
    along_columns = BASES[h, alternative in (1, 2)]
    along_rows = BASES[w, alternative in (1, 3)]
    return shifted(shifted(along_columns.T @ c, 11) @ along_rows, 15 - extra)


SLOPE = dict(zip((3, 4, 5, 6, 8, 9, 10, 11, 12), (-24, -16, -10, -5, 5, 10, 16, 24, 32), strict=True))
SLOPE |= dict(zip((13, 14, 15, 16, 17, 19, 20, 21, 22), (-32, -24, -16, -10, -5, 5, 10, 16, 24), strict=True))
INVERSE = {-5: 1638, -10: 819, -16: 512, -24: 341, -32: 256}
SMOOTH = [(16 - f // 2, 32 - f // 2, 16 + f // 2, f // 2) for f in range(32)]
SHARP = [
    *((0, 64, 0, 0), (-1, 64, 1, 0), (-2, 64, 2, 0), (-2, 62, 4, 0), (-3, 61, 6, 0), (-4, 61, 8, -1)),
    *((-4, 59, 10, -1), (-4, 57, 12, -1), (-5, 56, 15, -2), (-5, 54, 17, -2), (-5, 51, 20, -2), (-5, 49, 22, -2)),
    *((-5, 47, 25, -3), (-5, 44, 28, -3), (-4, 41, 30, -3), (-4, 39, 33, -4), (-4, 36, 36, -4), (-4, 33, 39, -4)),
    *((-3, 30, 41, -4), (-3, 28, 44, -5), (-3, 25, 47, -5), (-2, 22, 49, -5), (-2, 20, 51, -5), (-2, 18, 53, -5)),
    *((-2, 15, 56, -5), (-1, 12, 57, -4), (-1, 10, 59, -4), (-1, 9, 60, -4), (0, 5, 62, -3), (0, 3, 63, -2)),
    *((0, 3, 63, -2), (0, 1, 64, -1)),
]


def blend_weight(d: Samples, w: int, h: int) -> Samples:
    return 32 >> ((2 * d) >> ((log2(w * h) - 2) >> 2))


def dc(top: Samples, left: Samples, w: int, h: int) -> int:
    """Edges have T[-1] = L[-1] first, so T[i] is top[i + 1]."""
    total = (int(top[1 : w + 1].sum()) if w >= h else 0) + (int(left[1 : h + 1].sum()) if h >= w else 0)
    shift = log2(w) + 1 if w == h else log2(max(w, h))
    return (total + 2 ** (shift - 1)) >> shift


def direction(main: Samples, side: Samples, along: Samples, away: Samples, s: int, filters: Samples) -> Samples:
    q = (away + 1) * s
    f, n = q & 31, (q >> 5) + along - 1

    def ref(n: Samples) -> Samples:
        beyond = (((-1 - n) * INVERSE.get(s, 0) + 128) >> 8) - 1
        return np.where(n >= -1, main[np.maximum(n, -1) + 1], side[np.where(n < -1, beyond, -1) + 1])

    return (sum(filters[f, k] * ref(n + k) for k in range(4)) + 32) >> 6


def predict(mode: int, top: Samples, left: Samples, w: int, h: int) -> Samples:
    """P of modes 0..22 as rows j of columns i."""
    i, j = np.arange(w)[None, :], np.arange(h)[:, None]
    T, L, corner = top[1 : w + 1][None, :], left[1 : h + 1][:, None], int(top[0])  # noqa: N806
    at_i, at_j = blend_weight(i, w, h), blend_weight(j, w, h)
    if mode <= 1:
        P: Any = dc(top, left, w, h)  # noqa: N806
        if mode == 1:
            across = h * ((w - 1 - i) * L + (i + 1) * top[w + 1])
            P = (w * ((h - 1 - j) * T + (j + 1) * left[h + 1]) + across + w * h) >> (log2(w * h) + 1)  # noqa: N806
        return (at_i * L + at_j * T + (64 - at_i - at_j) * P + 32) >> 6
    if mode == 2:
        a, b, c = abs(T - corner), abs(L - corner), abs(T + L - 2 * corner)
        return np.where(np.minimum(a, b) > c, corner, np.where(a <= b, L, T))
    if mode == 7:
        return T + ((at_i * (L - corner) + 32) >> 6)
    if mode == 18:
        return L + ((at_j * (T - corner) + 32) >> 6)
    filters = np.array(SMOOTH if w * h >= 64 else SHARP)
    if mode <= 12:
        return direction(top, left, i, j, SLOPE[mode], filters)
    return direction(left, top, j, i, SLOPE[mode], filters)
