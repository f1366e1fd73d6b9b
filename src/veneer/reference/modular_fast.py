"""Planes of a modular tile in the fast form.

Source: docs/format.md, "Fast form".
"""

from __future__ import annotations

import dataclasses

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import clamp

Plane = numpy.typing.NDArray[numpy.int64]  # [h, w]

OWN_PAIRS = ((-2, 0), (-4, 0), (-3, -1), (-1, -1), (1, -1), (-2, -2), (0, -2), (2, -2))
CROSS_PAIRS = ((-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1))
EXPERTS = 8
MOST_ERROR = 4095
# Errors of predictors that count at a sample, and how much.
NEAR = ((-1, 0, 2), (0, -1, 2), (1, -1, 2), (-2, 0, 1), (-1, -1, 1), (2, -1, 1), (0, -2, 1))
# Sizes of residuals that the next one's is expected from.
SIZES = ((-1, 0), (-2, 0), (0, -1), (-1, -1), (1, -1), (2, -1), (0, -2))


def read_fast(payload: bytes, w: int, h: int, most: list[int], _colours: int) -> list[Plane]:
    """Decodes planes of numbers of 0..most, all of them colours."""
    coder = RangeDecoder(bytes_to_words(payload))
    order = [1, 0, 2] if len(most) == 3 else list(range(len(most)))
    planes: list[_Plane] = []
    for c, p in enumerate(order):
        plan = _read_plan(coder, c) if most[p] > 0 else None
        planes.append(_Plane(coder, w, h, most[p], plan, list(planes)))
    for step in range(h + len(most) - 1):
        for c, plane in enumerate(planes):
            if 0 <= step - c < h:
                plane.row(step - c)
    if coder.raw(1) != 1 or not coder.valid():
        raise _damaged()
    decoded = {p: plane.samples() for p, plane in zip(order, planes, strict=True)}
    return [decoded[p] for p in range(len(most))]


def _damaged() -> VeneerError:
    return VeneerError(ErrorCode.TILE_DAMAGED, "a modular tile: its planes are no code of the fast form")


@dataclasses.dataclass
class _Plan:
    unit: int
    energy: list[int]
    weights: list[list[int]]  # [predictor][two for each pair]


def _read_plan(coder: RangeDecoder, c: int) -> _Plan:
    unit = coder.raw(4)
    experts = coder.raw(3) + 1
    if unit > 8:
        raise _damaged()
    lengths = [[BitModel() for _ in range(11)] for _ in range(3)]
    energy_sign = BitModel()
    signs = [BitModel() for _ in range(40)]

    def number(kind: int, sign: BitModel) -> int:
        n = 0
        while n < 11 and read_bit(coder, lengths[kind][n]):
            n += 1
        if n == 0:
            return 0
        size = 1 << n - 1 | coder.raw(n - 1)
        return -size if read_bit(coder, sign) else size

    def part(kind: int, first: int, count: int, total: int) -> list[int]:
        values = {i: number(kind, signs[first + i]) for i in range(count) if i != 1}
        if any(abs(v) > 1023 for v in values.values()) or abs(total - sum(values.values())) > 4095:
            raise _damaged()
        return [values[i] if i != 1 else total - sum(values.values()) for i in range(count)]

    energy = [number(0, energy_sign) for _ in range(9 + 2 * c)]
    weights = []
    for _ in range(experts):
        weight = part(1, 0, 16, 256)
        for p in range(c):
            weight += part(2, 16 + 12 * p, 12, 0)
        weights.append(weight)
    return _Plan(unit, energy, weights)


class _Plane:
    """The samples less their middle as `v`, and what the residuals were like."""

    def __init__(
        self, coder: RangeDecoder, w: int, h: int, most: int, plan: _Plan | None, before: list[_Plane]
    ) -> None:
        self._coder, self._w, self._h, self._most, self._plan, self._before = coder, w, h, most, plan, before
        self._middle = (most + 1) // 2
        self._v = [[0] * w for _ in range(h)]
        self._error = [[[0] * EXPERTS for _ in range(w)] for _ in range(h)]
        self._size = [[0] * w for _ in range(h)]
        self._sign = [[1] * w for _ in range(h)]
        self._before_first: int | None = 0  # what all above row 0 is like while it is read
        self._model = [[[BitModel() for _ in range(30)] for _ in range(3)] for _ in range(48)]
        self._low = [[BitModel() for _ in range(8)] for _ in range(13)]
        self._texture_bias = [[0] * 48 for _ in range(32)]
        self._sign_bias = [0] * 81

    def samples(self) -> Plane:
        return numpy.array(self._v, numpy.int64) + self._middle

    def v(self, x: int, y: int) -> int:
        if y < 0:
            return self.v(x, 0) if self._before_first is None else self._before_first
        y = min(y, self._h - 1)
        if x < 0:
            return self.v(0, y - 1) if y > 0 else 0
        return self._v[y][min(x, self._w - 1)]

    def size(self, x: int, y: int) -> int:
        return self._of(self._size, 0, x, y)

    def sign(self, x: int, y: int) -> int:
        return self._of(self._sign, 1, x, y)

    def _of(self, rows: list[list[int]], outside: int, x: int, y: int) -> int:
        y = min(y, self._h - 1)
        if x < 0:
            x, y = 0, y - 1
        return rows[y][min(x, self._w - 1)] if y >= 0 else outside

    def _errors(self, x: int, y: int) -> list[int]:
        if x < 0:
            x, y = 0, y - 1
        return self._error[y][min(x, self._w - 1)] if y >= 0 else [0] * EXPERTS

    def row(self, y: int) -> None:
        if self._plan is not None:
            for x in range(self._w):
                if y == 0:
                    self._before_first = self.v(x - 1, 0)
                self._sample(self._plan, x, y)
        self._before_first = None

    def _predictions(self, plan: _Plan, x: int, y: int) -> list[int]:
        """Of the predictors, in 1/16 of a number."""
        values = [self.v(x + dx + i, y + dy) for dx, dy in OWN_PAIRS for i in (0, 1)]
        for plane in self._before:
            values += [plane.v(x + dx + i, y + dy) for dx, dy in CROSS_PAIRS for i in (0, 1)]
        predicted = []
        for k in range(EXPERTS):
            total = sum(a * b for a, b in zip(plan.weights[k % len(plan.weights)], values, strict=True))
            predicted.append(clamp((total + 8 >> 4) + 16 * self._middle, 0, 16 * self._most))
        return predicted

    def _blend(self, predicted: list[int], x: int, y: int) -> tuple[int, int]:
        """The mean of the predictions, and the least sum of errors."""
        sums = [0] * EXPERTS
        for dx, dy, factor in NEAR:
            sums = [s + factor * e for s, e in zip(sums, self._errors(x + dx, y + dy), strict=True)]
        least = min(sums)
        scale = (64 << 16) // (least + 80)
        shares = [max(0, 170 - ((s + 80) * scale >> 16)) ** 4 >> 19 for s in sums]
        total = sum(shares)
        return (sum(a * b for a, b in zip(shares, predicted, strict=True)) + total // 2) // total, least

    def _energy(self, plan: _Plan, least: int, x: int, y: int) -> int:
        features = [self.size(x + dx, y + dy) for dx, dy in SIZES] + [least, 256]
        for plane in self._before:
            features += [plane.size(x, y), plane.size(x + 1, y) + plane.size(x, y + 1)]
        return max(0, sum(a * b for a, b in zip(plan.energy, features, strict=True))) >> 8

    def _sample(self, plan: _Plan, x: int, y: int) -> None:
        predicted = self._predictions(plan, x, y)
        mean, least = self._blend(predicted, x, y)
        energy = self._energy(plan, least, x, y)
        log = (energy + 4).bit_length() - 1
        level = min(47, 4 * (log - 2) + (energy + 4 >> log - 2 & 3))

        at = (mean >> 4) - self._middle
        around = (self.v(x + dx, y + dy) for dx, dy in ((-1, -1), (0, -1), (1, -1), (2, -1), (-1, 0)))
        texture = sum((v > at) << i for i, v in enumerate(around))
        signs = self.sign(x, y - 1)
        for plane in self._before:
            signs = 3 * signs + plane.sign(x, y)
        signs += 27 * self.sign(x - 1, y)
        bias, bias2 = self._texture_bias[texture][level], self._sign_bias[signs]
        centre = clamp(mean + (bias + bias2 + 256 >> 9), 0, 16 * self._most)
        nearest = centre + 8 >> 4
        fraction = centre - 16 * nearest
        residual = self._residual(level, abs(fraction) * 11 >> 5, plan.unit)
        value = clamp(nearest + (-residual if fraction < 0 else residual), 0, self._most)

        miss = 256 * (16 * value - mean)
        self._texture_bias[texture][level] += miss - bias >> 6
        self._sign_bias[signs] += miss - bias2 >> 7
        left = 16 * value - centre
        size = min(abs(left) >> plan.unit, MOST_ERROR)
        self._size[y][x] = size
        self._sign[y][x] = 1 if 8 * size <= 5 * energy + 24 else 0 if left < 0 else 2
        self._error[y][x] = [min(abs(p - 16 * value) >> plan.unit, MOST_ERROR) for p in predicted]
        self._v[y][x] = value - self._middle

    def _residual(self, level: int, part: int, unit: int) -> int:
        coder, node = self._coder, self._model[level][part]
        shift = clamp(unit + (level - 10 >> 2), 0, 12)
        size = negative = 0
        if read_bit(coder, node[0]):
            negative = read_bit(coder, node[1])
            size = 1
            while size <= 12 and read_bit(coder, node[1 + size]):
                size += 1
            if size > 12:
                n = 0
                while n < 16 and read_bit(coder, node[14 + n]):
                    n += 1
                size += (1 << n | coder.raw(n)) - 1
        multiple = -size if negative else size
        if shift == 0:
            return multiple
        top = read_bit(coder, self._low[shift][2 * min(size, 3) + negative])
        rest = top << shift - 1 | coder.raw(shift - 1)
        return (multiple << shift) + rest - (1 << shift - 1)
