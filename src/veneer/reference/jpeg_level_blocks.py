"""The levels of a block of a JPEG base, from what is known of the blocks around.

Source: docs/format.md, "Levels".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from veneer.reference.adaptive import read_bit
from veneer.reference.jpeg_level_decisions import Decider
from veneer.reference.tables import clamp, jpeg_levels

Levels = npt.NDArray[np.int16]

LEVEL, SIGN, INNER, EDGE, DC = range(5)
LEVEL_GROUP, SIGN_GROUP, INNER_GROUP, EDGE_GROUP, DC_GROUP = 0, 16, 24, 30, 36
INNER_ORDER = (
    *(9, 17, 10, 11, 18, 25, 33, 26, 19, 12, 13, 20, 27, 34, 41, 49, 42, 35, 28, 21, 14, 15, 22, 29, 36),
    *(43, 50, 57, 58, 51, 44, 37, 30, 23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63),
)
COSINES = (724, 1004, 946, 851, 724, 569, 392, 200, 0, -200, -392, -569, -724, -851, -946, -1004, -1024)
ANGLES = [[(2 * x + 1) * u % 32 for x in range(8)] for u in range(8)]
BASIS = [[COSINES[min(angle, 32 - angle)] for angle in row] for row in ANGLES]
MOST_COEFFICIENT = 8191


class Damaged(Exception):
    """The data are not those of an encoder."""


@dataclasses.dataclass
class Block:
    """A known block, or one that is missing."""

    known: bool = False
    level: list[int] = dataclasses.field(default_factory=lambda: [0] * 64)
    coefficient: list[int] = dataclasses.field(default_factory=lambda: [0] * 64)
    inner: int = 0
    edge: list[int] = dataclasses.field(default_factory=lambda: [0, 0])
    error: int = 0
    pixel: list[list[int]] = dataclasses.field(default_factory=lambda: [[0] * 8 for _ in range(8)])

    def count_or(self, other: int) -> int:
        """The number of inner levels, or another if the block is missing."""
        return self.inner if self.known else other


@dataclasses.dataclass
class Others:
    """What a block of chroma knows of the components before it."""

    luma: list[int] = dataclasses.field(default_factory=lambda: [0] * 64)
    luma_inner: int = 0
    cb: Block = dataclasses.field(default_factory=Block)


def quotient(a: int, b: int) -> int:
    """The quotient rounded towards 0; b > 0."""
    return a // b if a >= 0 else -(-a // b)


def class4(x: int) -> int:
    """Four classes an octave."""
    if x < 4:
        return x
    n = x.bit_length() - 1
    return 4 * (n - 1) + (x >> (n - 2) & 3)


def few(n: int) -> int:
    """Class of a number of levels."""
    return n if n < 3 else min(class4(n) // 2 + 1, 11)


def band_of(z: int) -> int:
    """Class of a place in a block."""
    u, v = z % 8, z // 8
    if u == 0 or v == 0:
        return 0 if u + v == 1 else 1 if u + v <= 3 else 2
    return 3 + sum(u + v > most for most in (2, 4, 6, 9))


class BlockReader:
    """Reads a block.

    Args:
        decider: gives the decisions.
        c: class of the component, 0..2.
        step: its quantization table.
        around: L, A, AL, AR, LL, AA.
        others: what is known of other components.
    """

    def __init__(self, decider: Decider, c: int, step: Sequence[int], around: Sequence[Block], others: Others) -> None:
        self._decider, self._c, self._step, self._others = decider, c, step, others
        self._left, self._above, self._above_left, self._above_right, self._left2, self._above2 = around
        self._block = Block()
        weights, magnitudes, _, _ = jpeg_levels()
        self._ws, self._wm = weights[c], magnitudes[c]
        self._row = self._column = self._predicted = self._expected = 0

    def read(self) -> Block:
        """The block."""
        block = self._block
        block.inner = self._inner_count()
        self._levels(INNER_ORDER, block.inner, 0)
        for e in range(2):
            block.edge[e] = self._edge_count(e)
            self._levels([8 * i if e else i for i in range(1, 8)], block.edge[e], 1)
        self._dc()
        block.known = True
        return block

    def _put(self, z: int, level: int) -> None:
        if not -32768 <= level <= 32767:
            raise Damaged
        self._block.level[z] = level
        self._block.coefficient[z] = clamp(level * self._step[z], -MOST_COEFFICIENT, MOST_COEFFICIENT)

    def _step_class(self, z: int) -> int:
        return clamp(class4(self._step[z]) // 2 - 2, 0, 7)

    def _inner_count(self) -> int:
        c = self._c
        l = self._left.count_or(self._above.count_or(0))  # noqa: E741 - its name in the specification
        a = self._above.count_or(l)
        al, ar = self._above_left.count_or(l), self._above_right.count_or(a)
        n = (l + a + 1) // 2
        other = self._left2.count_or(l) if c == 0 else self._others.luma_inner
        third = self._others.cb.inner if c == 2 else self._above2.count_or(a)
        contexts = (
            50 * c + (2 * l + 2 * a + al + ar) // 6,
            144 * c + 12 * few(l) + few(a),
            144 * c + 12 * few(a) + few(ar),
            12 * (50 * c + other) + few(n),
            144 * c + 12 * few(third) + few(n),
            50 * (8 * c + self._step_class(9)) + n,
        )
        self._decider.choose(INNER, c, contexts)
        inner = self._decider.tree(6, INNER_GROUP, few(n))
        if inner > len(INNER_ORDER):
            raise Damaged
        return inner

    def _edge_count(self, e: int) -> int:
        level = self._block.level
        lines = [[level[8 * i + j] if e else level[8 * j + i] for j in range(1, 8)] for i in range(1, 8)]
        furthest = max([0, *(i for i, line in enumerate(lines, 1) if any(line))])
        following = sum(line[0] != 0 for line in lines)
        l, a = self._left.edge[e], self._above.edge[e]  # noqa: E741
        h, n, f = 2 * self._c + e, few(self._block.inner), self._block.edge[0] if e else 0
        contexts = (
            8 * (12 * h + n) + furthest,
            12 * (64 * h + 8 * l + a) + n,
            512 * h + 64 * furthest + 8 * following + a,
            512 * h + 64 * furthest + 8 * following + l,
            8 * (64 * h + 8 * self._step_class(9) + following) + f,
            64 * h + 8 * f + furthest,
        )
        self._decider.choose(EDGE, self._c, contexts)
        return self._decider.tree(3, EDGE_GROUP + 3 * e, n)

    def _levels(self, places: Sequence[int], left: int, edge: int) -> None:
        before = before2 = 0
        for i, z in enumerate(places):
            if left == 0:
                return
            level = self._level(z, edge, left, len(places) - i, before, before2)
            self._put(z, level)
            before, before2 = abs(level), before
            left -= level != 0

    def _predict(self, z: int) -> None:
        u, v = z % 8, z // 8
        own = self._block.coefficient
        rows, columns = range(8 * v, 8 * v + 8), range(u, 64, 8)
        left, above = self._left.coefficient, self._above.coefficient
        above_left, above_right = self._above_left.coefficient, self._above_right.coefficient
        f = [left[i] for i in rows] + [above[i] for i in columns] + [own[i] for i in rows] + [own[i] for i in columns]
        if v == 0:
            f[0] = clamp(above_right[0] - above_left[0], -MOST_COEFFICIENT, MOST_COEFFICIENT)
        if u == 0:
            f[8] = clamp(left[0] - above_left[0], -MOST_COEFFICIENT, MOST_COEFFICIENT)
        f += [above_left[z], above_right[z]]
        f += [own[z - 9] if u > 0 and v > 0 else 0, own[z - 7] if u < 7 and v > 0 else 0]
        f += [own[z + 7] if u > 0 and v < 7 else 0, self._others.cb.coefficient[z], 0, 0]
        g = [abs(x) for x in f]
        if self._c != 2:
            g[37] = abs(self._left2.coefficient[z])
        g[38], g[39] = abs(self._above2.coefficient[z]), self._others.luma[z]

        def total(places: Iterable[int]) -> int:
            return sum(self._ws[z][i] * f[i] for i in places)

        self._row, self._column = total([*range(8), *range(16, 24)]), total([*range(8, 16), *range(24, 32)])
        scale = 256 * self._step[z]
        self._predicted = quotient(self._row + self._column + total(range(32, 40)), scale)
        self._expected = max(0, sum(w * x for w, x in zip(self._wm[z], g, strict=True))) // scale

    def _near(self, z: int, edge: int) -> int:
        u, v = z % 8, z // 8
        level = self._block.level

        def total(*places: tuple[int, int]) -> int:
            return sum(abs(level[8 * y + x]) for x, y in places if 0 <= x < 8 and 0 <= y < 8)

        if not edge:
            corners = ((u - 1, v - 1), (u + 1, v - 1), (u - 1, v + 1), (u - 2, v), (u, v - 2))
            return 4 * total((u - 1, v), (u, v - 1)) + 2 * total(*corners)
        if v == 0:
            return 4 * total((u - 1, 0), (u, 1)) + 2 * total((u - 1, 1), (u, 2), (u - 2, 0), (u + 1, 1))
        return 4 * total((1, v), (0, v - 1)) + 2 * total((1, v - 1), (2, v), (1, v + 1), (0, v - 2))

    def _level_contexts(self, z: int, edge: int, left: int, togo: int, before: int, before2: int) -> list[int]:
        c, m4, band = self._c, class4(self._expected), band_of(z)
        rest = left if left < 8 else 8 if left < 14 else 9
        around = min(class4(self._near(z, edge)) // 2, 11)
        beside4 = 13 * (abs(self._left.level[z]) + abs(self._above.level[z]))
        beside4 += 6 * (abs(self._above_left.level[z]) + abs(self._above_right.level[z]))
        beside = min(class4(beside4 >> 1) // 2, 11)
        if c == 0:
            seen = 3 * min(abs(self._left2.level[z]), 3) + min(abs(self._above2.level[z]), 2)
        else:
            seen = min(class4(16 * self._others.luma[z] // self._step[z]) // 4, 11)
        return [
            16 * (64 * c + z) + min(m4 // 2, 15),
            2 * (12 * (24 * c + min(m4 // 2, 23)) + min(class4(abs(self._predicted)) // 3, 11)) + edge,
            10 * (64 * c + z) + rest,
            10 * (8 * (12 * c + min(togo // 4, 11)) + min(2 * around // 3, 7)) + rest,
            4 * (12 * (12 * c + beside) + around) + band // 2,
            64 * (12 * c + seen) + z,
            8 * (5 * (9 * c + 3 * min(before, 2) + min(before2, 2)) + rest // 2) + band,
        ]

    def _level(self, z: int, edge: int, left: int, togo: int, before: int, before2: int) -> int:
        decider = self._decider
        self._predict(z)
        decider.choose(LEVEL, self._c, self._level_contexts(z, edge, left, togo, before, before2))
        shape = 4 * min(class4(self._expected) // 3, 15) + min(3, band_of(z) // 2)

        def node(n: int) -> int:
            return decider.decide(n, LEVEL_GROUP + 8 * edge + n, shape, z)

        if left < togo and not node(0):
            return 0
        m = 1
        while m < 5 and node(m):
            m += 1
        if m == 5:
            m = 4 + self._rest(edge, node)
        return -m if self._sign(z, edge, m) else m

    def _rest(self, edge: int, node: Callable[[int], int]) -> int:
        decider, key = self._decider, (self._c, edge)
        x = 0
        while x < 15 and (node(5 + x) if x < 3 else read_bit(decider.coder, decider.exponent[*key, x])):
            x += 1
        r = 1
        for i in range(x):
            if i < 2:
                r = 2 * r + read_bit(decider.coder, decider.mantissa[*key, x, 0 if i == 0 else 1 + (r & 1)])
            else:
                r = 2 * r + decider.coder.bit(32768)
        return r

    def _sign(self, z: int, edge: int, m: int) -> bool:
        c, u, v = self._c, z % 8, z // 8
        flip = self._predicted < 0
        p4, m4, parity = min(class4(abs(self._predicted)), 39), class4(self._expected), u % 2 + 2 * (v % 2)
        level, cb = self._block.level, self._others.cb.coefficient[z]

        def rel(x: int) -> int:
            return 0 if x == 0 else 2 if (x < 0) == flip else 1

        def strength(x: int) -> int:
            s = min(class4(abs(x)) // 3, 7)
            return 7 - s if (x < 0) != flip else 8 + s

        def at(x: int, y: int) -> int:
            return rel(level[8 * y + x]) if x >= 0 and y >= 0 else 0

        row1, row2 = (at(1, v), at(2, v)) if u == 0 else (at(u - 1, v), at(u - 2, v))
        column1, column2 = (at(u, 1), at(u, 2)) if v == 0 else (at(u, v - 1), at(u, v - 2))
        scale = 256 * self._step[z]
        by_row, by_column = strength(quotient(self._row, scale)), strength(quotient(self._column, scale))
        contexts = (
            2 * (8 * (20 * c + p4 // 2) + min(m4 // 4, 7)) + edge,
            9 * (64 * c + z) + 3 * rel(self._left.level[z]) + rel(self._above.level[z]),
            256 * (2 * c + edge) + 16 * by_row + by_column,
            8 * (81 * c + 27 * row2 + 9 * column2 + 3 * row1 + column1) + band_of(z),
            4 * (9 * (64 * c + z) + 3 * rel(cb) + rel(self._above_left.level[z])) + min(abs(cb) // self._step[z], 3),
            32 * (32 * c + min(p4 * min(m, 64) // 2, 31)) + min(m4, 31),
            4 * (40 * c + p4) + parity,
        )
        self._decider.choose(SIGN, c, contexts)
        k = min(m, 4) - 1
        differs = self._decider.decide(k, SIGN_GROUP + 4 * edge + k, 4 * min(p4 // 3, 15) + parity, z)
        return bool(differs) != flip

    def _dc(self) -> None:
        c, step, block, decider = self._c, self._step[0], self._block, self._decider
        pixel = pixels_without_dc(block.coefficient)
        value, spread, apart = self._guess_dc(pixel)
        t = quotient(16 * value, step)
        guess = quotient(t + 8 if t >= 0 else t - 8, 16)
        fraction = t - 16 * guess
        sp, ap = min(class4(4 * spread // step), 31), min(class4(8 * apart // step), 23)
        er = min(class4(abs(self._left.error) + abs(self._above.error)), 15)
        busy = min(class4(block.inner + sum(block.edge)), 19)
        contexts = (
            32 * c + sp,
            24 * (32 * c + sp) + ap,
            20 * (16 * c + er) + busy,
            32 * (10 * c + min(class4(step) // 2, 9)) + sp,
            16 * (17 * c + fraction + 8) + sp // 2,
            16 * (15 * c + clamp(self._others.cb.error, -7, 7) + 7) + sp // 2,
            16 * (16 * c + er) + sp // 2,
        )
        decider.choose(DC, c, contexts)

        def node(n: int) -> int:
            return decider.decide(n, DC_GROUP + n, sp, n)

        error = 0
        if node(0):
            negative = bool(node(1)) != (fraction < 0)
            x = 0
            while x < 17 and node(2 + min(x, 13)):
                x += 1
            r = 1
            for i in range(x):
                if i == 0 and x < 8:
                    bit = node(16 + x)
                elif i == 1 and x < 5:
                    bit = node(24 + 2 * min(x, 3) + (r & 1))
                else:
                    bit = decider.coder.bit(32768)
                r = 2 * r + bit
            error = -r if negative else r
        self._put(0, guess + error)
        block.error = clamp(error, -1000, 1000)
        block.pixel = [[x + block.coefficient[0] for x in row] for row in pixel]

    def _guess_dc(self, pixel: list[list[int]]) -> tuple[int, int, int]:
        """Value, spread, and how far both sides are apart."""
        left, above = self._left.pixel, self._above.pixel
        by_left = [guess_of(left[i][6], left[i][7], pixel[i][0], pixel[i][1]) for i in range(8)]
        by_above = [guess_of(above[6][i], above[7][i], pixel[0][i], pixel[1][i]) for i in range(8)]
        sl, sa = sum(by_left), sum(by_above)
        dl, da = (1 + sum(abs(8 * x - s) >> 3 for x in side) for side, s in ((by_left, sl), (by_above, sa)))
        if self._left.known and self._above.known:
            middle = sum(sorted(by_left + by_above)[4:12])
            value = quotient(sl * da + sa * dl, dl + da) + middle >> 4
            return value, (dl + da) // 2, abs(quotient(sl - sa, 8))
        if self._left.known:
            return sl >> 3, dl, 0
        if self._above.known:
            return sa >> 3, da, 0
        return 0, 0, 0


def guess_of(far: int, near: int, first: int, second: int) -> int:
    """DC by two pixels beyond a border and two within."""
    return near - first + (near - far + second - first >> 2)


def pixels_without_dc(c: Sequence[int]) -> list[list[int]]:
    """Pixels of a block, in 1/8."""
    half = [
        [clamp(sum(c[8 * v + u] * BASIS[u][x] for u in range(8)) >> 7, -131072, 131072) for x in range(8)]
        for v in range(8)
    ]
    return [
        [clamp(sum(half[v][x] * BASIS[v][y] for v in range(8)) + 2048 >> 12, -20000, 20000) for x in range(8)]
        for y in range(8)
    ]
