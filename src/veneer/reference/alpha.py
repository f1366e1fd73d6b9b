"""The alpha of a tile.

Source: docs/format.md, "Alpha plane", "Rows" and "Samples".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.mixing import Key, Mixer
from veneer.reference.tables import clamp, gradient
from veneer.reference.tile import Coder

LEVEL_FIRST = (1, 2, 3, 5, 9, 17, 40)


def read_alpha(coder: Coder, w: int, h: int) -> numpy.typing.NDArray[numpy.uint8]:
    """Decodes the samples of a tile, [h, w]; the bit that ends them is left to the caller where there is one."""
    plane = _Plane(coder, w, h)
    for y in range(h):
        plane.row(y)
    return numpy.array(plane.a, numpy.uint8)


def read_constant(coder: Coder) -> int | None:
    """The value of all samples, or None where they are coded one by one."""
    if coder.raw(1):
        return None
    return coder.raw(8) if coder.raw(1) else 255


def _state(v: int) -> int:
    return 0 if v == 0 else 2 if v == 255 else 1


def _fifth(a: int) -> int:
    return 0 if a == 0 else 4 if a == 255 else 1 + (a >= 86) + (a >= 171)


def _level(a: int) -> int:
    return sum(a >= least for least in LEVEL_FIRST)


def _digits(base: int, values: list[int], number: int = 0) -> int:
    """Digits behind those of `number`."""
    for value in values:
        number = number * base + value
    return number


class _Plane:
    """The samples A as `a`, the errors E of their predictions, and the models."""

    def __init__(self, coder: Coder, w: int, h: int) -> None:
        self.a = [[0] * w for _ in range(h)]
        self._coder, self._w = coder, w
        self._mixer = Mixer(coder, w * h)
        self._errors = [[0] * w for _ in range(h)]
        self._before_first = 0  # what all samples above row 0 are while it is read
        self._first_row_known = False
        self._row_model = [BitModel() for _ in range(2)]
        self._group_model = [[BitModel() for _ in range(2)] for _ in range(3)]
        self._tail_model = [[BitModel() for _ in range(3)] for _ in range(8)]
        self._repeated = 0

    # Rows

    def _sample_at(self, x: int, y: int) -> int:
        if y < 0:
            return self._sample_at(x, 0) if self._first_row_known else self._before_first
        if x < 0:
            return self._sample_at(0, y - 1) if y > 0 else 0
        return self.a[y][min(x, self._w - 1)]

    def _error_at(self, x: int, y: int) -> int:
        return self._errors[y][x] if 0 <= x < self._w and y >= 0 else 0

    def row(self, y: int) -> None:
        if y > 0:
            self._repeated = read_bit(self._coder, self._row_model[self._repeated])
            if self._repeated:
                self.a[y] = list(self.a[y - 1])
                return
        for x in range(0, self._w, 32):
            n = min(32, self._w - x)
            v = self._sample_at(x - 1, y)
            if y == 0:
                self._before_first = v
            if all(self._sample_at(i, y - 1) == v for i in range(x - 1, x + n + 1)):
                second = int(all(self._sample_at(i, y - 2) == v for i in range(x, x + n)))
                if read_bit(self._coder, self._group_model[_state(v)][second]):
                    self.a[y][x : x + n] = [v] * n
                    continue
            for i in range(x, x + n):
                if y == 0:
                    self._before_first = self._sample_at(i - 1, 0)
                self._sample(i, y)
        self._first_row_known = True

    # Samples

    def _context(self, x: int, y: int) -> tuple[int, int, list[Key]]:
        """Prediction, family and keys."""
        c, u, v, t = ({i: self._sample_at(x + i, y - j) for i in range(-4, 5)} for j in range(4))
        e, f = ({i: self._error_at(x + i, y - j) for i in (-1, 0, 1)} for j in range(2))
        west, n, nw, ne = c[-1], u[0], u[-1], u[1]
        around = [west, n, nw, ne]
        predicted = gradient(west, n, nw)
        errors = min(255, (2 * e[-1] + 2 * f[0] + f[-1] + f[1]) // 3)
        energy = 8 * _level(errors) + _level((abs(west - nw) + abs(n - nw) + abs(n - ne)) // 2)
        corner = _digits(5, [_fifth(a) for a in around])
        first = [*around, c[-2], v[0], v[1], u[2]]
        exact = west | n << 8 | nw << 16 | ne << 24
        if max(around) - min(around) > 32 or (west == n == nw == ne and west in (0, 255)):
            near = _digits(3, [_state(a) for a in (c[-2], v[0], v[1], u[2])], corner)
            far = _digits(3, [_state(a) for a in (v[-1], u[-2], c[-3], u[3], v[2])])
            line = [c[-1], c[-2], c[-3], c[-4], *(u[i] for i in range(-3, 5))]
            line += [*(v[i] for i in range(-2, 4)), *(t[i] for i in range(-2, 3))]
            outline = _digits(2, [int(a >= 128) for a in line])
            last = (west | n << 8 | ne << 16 | c[-2] << 24, v[0])
            return predicted, 1, [(corner, energy), (near, 0), (near, far), (exact, 0), (outline, corner), last]
        more = [v[-1], u[-2], c[-3], u[3], u[-3], v[2], v[-2], v[3]]
        steps = _digits(3, [1 + (a > n) - (a < n) for a in first + more])
        differences = _digits(7, [clamp(a - predicted, -3, 3) + 3 for a in first])
        slope = (west | n << 8, 2 * n - v[0] + 255)
        last = ((west - c[-2] + 255) | (n - nw + 255) << 10 | (ne - n + 255) << 20, energy)
        return predicted, 0, [(corner, energy), slope, (steps, west - n + 255), (exact, 0), (differences, 0), last]

    def _sample(self, x: int, y: int) -> None:
        predicted, family, keys = self._context(x, y)
        self._mixer.choose(keys, family)
        predicted = clamp(predicted, 1, 254)
        if self._mixer.decide(0, 0) == 0:
            self.a[y][x] = 255 if self._mixer.decide(0, 1) else 0
            return
        value = self._nibbles() if family == 1 else predicted + self._difference()
        self.a[y][x] = clamp(value, 1, 254)
        self._errors[y][x] = abs(self.a[y][x] - predicted)

    def _nibbles(self) -> int:
        self._mixer.refine(1)
        high = low = 1
        for _ in range(4):
            high = 2 * high + self._mixer.decide(1, high)
        self._mixer.refine(high)
        for _ in range(4):
            low = 2 * low + self._mixer.decide(2, low)
        return 16 * (high - 16) + low - 16

    def _difference(self) -> int:
        if self._mixer.decide(0, 2):
            return 0
        below = self._mixer.decide(0, 3)
        bits = 0
        while bits < 7 and self._mixer.decide(0, 4 + bits):
            bits += 1
        if bits > 0:
            self._mixer.refine(2 * bits + below)
        m = 1
        for i in range(bits - 1, -1, -1):
            tail = self._tail_model[bits][i] if m >= 16 else None
            m = 2 * m + (self._mixer.decide(2 + bits, m) if tail is None else read_bit(self._coder, tail))
        return -m if below else m
