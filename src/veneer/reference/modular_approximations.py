"""Approximations in integers that the photo form of modular tiles computes with.

Source: docs/format.md, "Photo form".
"""

from __future__ import annotations

from collections.abc import Sequence

SOFTPLUS = (
    *(177, 147, 121, 99, 80, 64, 52, 41, 32, 26, 20, 16, 12, 10, 8, 6),
    *(5, 4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0),
    *(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    *(0,),
)
GROWTH = (
    *(0, 33, 67, 102, 139, 176, 216, 256, 297, 340, 384, 428, 474, 520, 567, 616),
    *(664, 714, 764, 815, 866, 918, 971, 1023, 1077, 1130, 1184, 1239, 1294, 1349, 1404, 1460),
    *(1516, 1572, 1628, 1685, 1741, 1798, 1856, 1913, 1971, 2028, 2086, 2144, 2202, 2260, 2319, 2377),
    *(2436,),
)


def _log8(m: int) -> int:
    y, z = (256 + m) << 22, 0
    for _ in range(8):
        y = y * y >> 30
        bit = y >> 31
        y >>= bit
        z = 2 * z + bit
    return z


LOG8 = [_log8(m) for m in range(256)]


def high(x: int) -> int:
    """The number of the highest bit."""
    return x.bit_length() - 1


def _m(x: int) -> int:
    shift = high(x) - 8
    return (x >> shift if shift >= 0 else x << -shift) & 255


def inv(x: int) -> int:
    """About 2^(12 + high(x)) / x."""
    return 2**20 // (256 + _m(x))


def log2(x: int) -> int:
    """The binary logarithm in 1/256."""
    return 256 * high(x) + LOG8[_m(x)]


def _knots(table: Sequence[int], x: int) -> int:
    if x == 3072:
        return table[48]
    return (table[x // 64] * (64 - x % 64) + table[x // 64 + 1] * (x % 64) + 32) >> 6


def softplus(x: int) -> int:
    """About ln(1 + exp(x)), in 1/256."""
    return _knots(SOFTPLUS, abs(x)) + max(x, 0)


def growth(d: int) -> int:
    """About ln(exp(d) - 1), in 1/256."""
    return _knots(GROWTH, d) + ((log2(d) - 2048) * 177 >> 8)
