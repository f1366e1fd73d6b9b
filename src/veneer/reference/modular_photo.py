"""The photo form of modular tiles.

Source: docs/format.md, "Photo form".
"""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy
import numpy.typing

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.mixing import logistic, logits
from veneer.reference.modular_approximations import growth, high, inv, log2, softplus
from veneer.reference.modular_regression import Regression
from veneer.reference.tables import clamp, gradient
from veneer.reference.tile import Coder

Planes = list[numpy.typing.NDArray[numpy.int64]]

MAX_WIDTH = 2048
OWN = (
    *((-1, 0), (-1, -1), (1, -1), (-2, 0), (0, -2), (-1, -2), (1, -2), (-2, -1), (2, -1), (-2, -2)),
    *((2, -2), (-3, 0), (0, -3), (-3, -1), (3, -1)),
)
OTHER = (
    ((1, -1, 0), (2, -1, 0), (1, 1, -1), (2, 1, -1), (1, -1, -1), (2, -1, -1), (1, 0, -2), (2, 0, -2)),
    ((0, 0, 0), (0, -1, 0), (0, 1, -1), (0, -1, -1), (2, -1, 0), (2, 1, -1), (0, 0, -2), (0, -2, 0), (2, -1, -1)),
    (
        *((0, 0, 0), (1, 0, 0), (0, -1, 0), (1, -1, 0), (0, 1, -1), (1, 1, -1), (0, -1, -1), (1, -1, -1)),
        *((0, 0, -2), (0, -2, 0)),
    ),
)
MASK = 2**32 - 1
COUNT_LIMIT = 30  # of models in slots


class _Plane:
    """What the samples of a plane have taught."""

    def __init__(self, c: int, planes: int, width: int, height: int) -> None:
        self.regressions = [Regression(kind, c, planes, width) for kind in range(3)]
        self.shift = 32 - clamp((width * height - 1).bit_length() - 4, 6, 13)
        self.slots: dict[tuple[int, int], list[BitModel]] = collections.defaultdict(
            lambda: [BitModel() for _ in range(8)]
        )
        self.by_scales: dict[tuple[int, int], list[int]] = collections.defaultdict(_first_weights)
        self.by_shape: dict[tuple[int, int], list[int]] = collections.defaultdict(_first_weights)
        self.rest: dict[tuple[int, int, int], BitModel] = collections.defaultdict(BitModel)
        self.bias: dict[tuple[int, ...], int] = collections.defaultdict(int)
        self.errors: dict[tuple[int, int], list[int]] = {}
        self.residuals: dict[tuple[int, int], int] = collections.defaultdict(int)


def _first_weights() -> list[int]:
    return [4096] * 8 + [0] * 8


class PhotoDecoder:
    """Decodes the planes of a tile, in the order of coding.

    Args:
        coder: gives the decisions.
        width: of the tile, at most MAX_WIDTH.
        height: of the tile.
        most: the largest number of each plane, 1 or 3 of them.
    """

    def __init__(self, coder: Coder, width: int, height: int, most: Sequence[int]) -> None:
        self._coder, self._w, self._h, self._most = coder, width, height, most
        self._logit = logits()
        self._planes = [_Plane(c, len(most), width, height) for c in range(len(most))]
        self._v: Planes = [numpy.zeros((height, width), numpy.int64) for _ in most]
        self._x = self._y = 0

    def decode(self) -> Planes:
        """The numbers of all planes, [height, width] each."""
        for y in range(self._h):
            for plane in self._planes:
                for regression in plane.regressions:
                    regression.begin_row()
            for x in range(self._w):
                self._x, self._y = x, y
                for c in range(len(self._most)):
                    self._v[c][y, x] = self._sample(c)
        return self._v

    def _at(self, c: int, dx: int, dy: int) -> int:
        """The number at an offset from the sample that is decoded."""
        x, y = self._x + dx, self._y + dy
        if self._y == 0:
            if y < 0:
                x, y = self._x - 1, 0
            if x < 0:
                return (self._most[c] + 1) // 2
        elif y == self._y and x < 0:
            x, y = 0, y - 1
        return int(self._v[c][max(y, 0), clamp(x, 0, self._w - 1)])

    def _feature(self, c: int, dx: int, dy: int) -> int:
        return 2 * self._at(c, dx, dy) - self._at(c, -1, 0) - self._at(c, 0, -1)

    def _errors(self, c: int, dx: int, dy: int) -> list[int]:
        x, y = self._x + dx, self._y + dy
        if x < 0:
            x, y = 0, y - 1
        return self._planes[c].errors.get((min(x, self._w - 1), y), [32] * 6)

    def _activity(self, c: int) -> list[int]:
        e = [self._errors(c, *at) for at in ((-1, 0), (0, -1), (-1, -1), (1, -1), (-2, 0), (0, -2), (2, -1))]
        return [sum(f * row[k] for f, row in zip((8, 8, 4, 4, 3, 3, 2), e, strict=True)) for k in range(6)]

    def _predictions(self, c: int, features: Sequence[Sequence[int]]) -> list[int]:
        w, n, nw, ne = (self._at(c, *at) for at in ((-1, 0), (0, -1), (-1, -1), (1, -1)))
        p = [
            32 * (w + n) + (sum(int(a) * b for a, b in zip(regression.weights, f, strict=True)) >> 11)
            for regression, f in zip(self._planes[c].regressions, features, strict=True)
        ]
        p += [32 * (w + n) + 16 * (ne - nw), 64 * gradient(w, n, nw)]
        if c > 0:
            gw, gn, gnw = (self._at(0, *at) for at in ((-1, 0), (0, -1), (-1, -1)))
            p[3] += 29 * self._feature(0, 0, 0)
            p[4] += 64 * (self._at(0, 0, 0) - gradient(gw, gn, gnw))
        return [clamp(value, 0, 64 * self._most[c]) for value in p]

    def _sample(self, c: int) -> int:
        plane, most, x, y = self._planes[c], self._most[c], self._x, self._y
        own = [self._feature(c, dx, dy) for dx, dy in OWN]
        other = [self._feature(*tap) for tap in OTHER[c]] if len(self._most) == 3 else []
        features = [regression.features(own, other) for regression in plane.regressions]
        if x % 4 == 0:
            for regression in plane.regressions:
                regression.begin_block(x // 4)
        p, a = self._predictions(c, features), self._activity(c)
        b = _blend(p, a)

        w, n, nw, ne = (self._at(c, *at) for at in ((-1, 0), (0, -1), (-1, -1), (1, -1)))
        ll, nn = self._at(c, -2, 0), self._at(c, 0, -2)
        level = b >> 6
        shape = sum((v > level) << i for i, v in enumerate((w, n, nw, ne, ll, nn)))
        act = min(31, (log2(a[0] + 128) - 1792) >> 7)
        threshold = (5 * a[0] >> 6) + 19

        def sign(r: int) -> int:
            return 0 if r < -threshold else 2 if r > threshold else 1

        r1 = self._planes[c - 1].residuals[x, y] if c > 0 else 0
        r2 = self._planes[0].residuals[x, y] if c > 1 else 0
        before = plane.residuals[x - 1, y]
        past = ((sign(before) * 3 + sign(plane.residuals[x, y - 1])) * 3 + sign(r1)) * 3 + sign(r2)
        third = (255 * level // max(1, most)) >> 2
        biases = ((0, shape, act), (1, past), (2, third, min(3, act // 4)))
        p.append(clamp(b + (sum(plane.bias[key] for key in biases) >> 9), 0, 64 * most))

        centres = [*p, 64 * w, p[5]]
        scales = [_scale(value) for value in (*a, 256 * abs(w - n) + a[5], a[5] // 2)]
        scale_class = min(47, 3 * (log2(a[5] + 128) - 1792) >> 8)
        rc = r1 if c > 0 else before
        middle = p[5] >> 6

        def near(v: int) -> int:
            return (v - middle + 32) % 64

        g, r = (self._at(0, 0, 0) if c > 0 else 0), (self._at(1, 0, 0) if c > 1 else 0)
        keys = (
            8 * shape + min(7, (log2(abs(rc) // 32 + 1) * 8 // 5) >> 8),
            32 * past + act,
            64 * near(w) + near(n),
            48 * middle + scale_class,
            64 * middle + near(nw) if c == 0 else 65536 * g + middle,
            (
                4096 * near(w) + 64 * near(ne) + near(2 * n - nn),
                64 * g + (p[5] >> 4) % 64,
                31 * (65536 * g + r) + 7919 * middle,
            )[c],
        )
        slots = [plane.slots[i, _hash(i, key) >> plane.shift] for i, key in enumerate(keys)]
        decisions = _Decisions(self._coder, self._logit, plane, slots, scale_class, 3 * shape + sign(rc))
        value = decisions.value(centres, scales, a[5], most)

        plane.errors[x, y] = [min(65535, abs(64 * value - q) >> 2) for q in p]
        e = 256 * (64 * value - b)
        for key, rate in zip(biases, (6, 7, 7), strict=True):
            plane.bias[key] += (e - plane.bias[key]) >> rate
        plane.residuals[x, y] = 64 * value - p[5]
        for regression, f in zip(plane.regressions, features, strict=True):
            regression.learn(f, 2 * value - w - n, 512 + (9 * a[0] >> 4))
            if x % 4 == 3 or x == self._w - 1:
                regression.end_block(x // 4)
        return value


def _blend(p: Sequence[int], a: Sequence[int]) -> int:
    h = min(high(a[k] + 190) for k in range(5))
    u = []
    for k in range(5):
        i = inv(a[k] + 190)
        u.append(((i * i >> 12) * i >> 12) >> min(3 * (high(a[k] + 190) - h), 31))
    total = sum(u[k] * (p[k] - p[0]) for k in range(5))
    return p[0] + (abs(total) // sum(u)) * (1 if total >= 0 else -1)


def _scale(a: int) -> int:
    return max(51, (5 * a >> 3) + 31)


def _hash(i: int, key: int) -> int:
    t = ((key + 1) * 0x9E3779B1 + i * 0x85EBCA6B) & MASK
    return (t ^ (t >> 15)) * 0x2C1B3C6D & MASK


class _Decisions:
    """The decisions of a sample."""

    def __init__(
        self,
        coder: Coder,
        logit: Sequence[int],
        plane: _Plane,
        slots: Sequence[Sequence[BitModel]],
        scale_class: int,
        shape_class: int,
    ) -> None:
        self._coder, self._logit, self._plane, self._slots = coder, logit, plane, slots
        self._scale_class, self._shape_class = scale_class, shape_class

    def value(self, centres: Sequence[int], scales: Sequence[int], activity: int, most: int) -> int:
        """The number of the sample."""
        inverses = [inv(s) << (15 - high(s)) if high(s) <= 15 else inv(s) >> (high(s) - 15) for s in scales]

        def z(k: int, distance: int) -> int:
            return clamp(distance, -2 * scales[k], 2 * scales[k]) * inverses[k] >> 16

        edge, up = centres[5] >> 6, 0
        if edge < most:
            up = self._decide(0, [clamp(z(k, centres[k] - 64 * edge - 32), -2040, 2040) for k in range(8)])
        step = 0
        while True:
            levels = 1 << (max(0, high(activity + 1) - 9) + (0 if step < 6 else (step - 4) // 2))
            room = most - edge if up else edge + 1
            if levels >= room:
                levels = room
                break
            beyond = []
            for k in range(8):
                distance = centres[k] - 64 * edge - 32
                reached = clamp(z(k, distance if up else -distance), -3072, 3072)
                width = clamp(64 * levels * inverses[k] >> 16, 1, 3072)
                beyond.append(clamp(softplus(reached) - growth(width), -2040, 2040))
            if self._decide((1 if up else 4) + min(step, 2), beyond) == 0:
                break
            edge += levels if up else -levels
            step += 1
        bits, node = (levels - 1).bit_length(), 1
        for _ in range(bits):
            model = self._plane.rest[min(step, 7), bits, node] if node < 8 else None
            node = 2 * node + (self._coder.raw(1) if model is None else read_bit(self._coder, model))
        offset = min(node - (1 << bits), levels - 1)
        return edge + 1 + offset if up else edge - offset

    def _decide(self, node: int, distributions: Sequence[int]) -> int:
        models = [slot[node] for slot in self._slots]
        inputs = [*distributions, *(self._logit[model.state >> 20] for model in models), 77, 0]
        v = self._plane.by_scales[self._scale_class, node]
        u = self._plane.by_shape[self._shape_class, node]
        total = sum(((v[i] + u[i]) >> 4) * inputs[i] >> 4 for i in range(16))
        p1 = logistic(clamp(total >> 8, -2400, 2400))
        b = self._coder.bit(p1)
        for i in range(16):
            d = (inputs[i] * (65536 * b - p1) + 2**16) >> 17
            v[i] = clamp(v[i] + d, -(2**18), 2**18)
            u[i] = clamp(u[i] + d, -(2**18), 2**18)
        for model in models:
            model.update(b, COUNT_LIMIT)
        return b


def read_photo(coder: Coder, width: int, height: int, most: Sequence[int]) -> Planes | None:
    """Decodes the form data of the photo form.

    Args:
        coder: that of the form data.
        width: of the tile.
        height: likewise.
        most: the largest number of each plane, in the order of the channels.

    Returns:
        The planes, [height, width] each, or None where the data are no payload.
    """
    if width > MAX_WIDTH:
        return None
    order = (1, 0, 2) if len(most) == 3 else (0,)
    coded = PhotoDecoder(coder, width, height, [most[c] for c in order]).decode()
    if coder.raw(1) != 1 or not coder.valid():
        return None
    return [coded[order.index(c)] for c in range(len(most))]
