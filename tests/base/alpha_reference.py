"""A decoder of alpha payloads written from docs/format.md, "Alpha plane", names and order as there. For tests: slow."""

from __future__ import annotations

import collections
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

FORMAT = (Path(__file__).parents[2] / "docs" / "format.md").read_text()
KNOT = [int(k) for k in re.search(r"^knot\[0\.\.48\]:\n\n```\n([\d\s]+)```", FORMAT, re.MULTILINE)[1].split()]  # type: ignore[index]
MASK = (1 << 32) - 1


def clamp(v: int, a: int, b: int) -> int:
    return min(max(v, a), b)


def logistic(d: int) -> int:
    if d < 0:
        return 65536 - logistic(-d)
    j, r = divmod(d, 64)
    return KNOT[48] if j == 48 else (KNOT[j] * (64 - r) + KNOT[j + 1] * r + 32) >> 6


def make_logit() -> list[int]:
    logit, d = [], -3072
    for q in range(4096):
        while logistic(d) < 16 * q + 8:
            d += 1
        logit.append(d)
    return logit


LOGIT = make_logit()


class Model:
    def __init__(self) -> None:
        self.p, self.count = 1 << 21, 0

    def update(self, bit: int) -> None:
        rate = (655360 + (10 * self.count + 16) // 2) // (10 * self.count + 16)
        self.p += (((1 << 22) - 1 if bit else 0) - self.p) * rate >> 16
        self.count = min(self.count + 1, 255)


class Coder:
    """Range decoder."""

    def __init__(self, data: bytes) -> None:
        self.words = iter(np.frombuffer(data + bytes(-len(data) % 4), "<u4").tolist())
        self.range = (1 << 64) - 1
        self.offset = self.word() << 32 | self.word()

    def word(self) -> int:
        return next(self.words, 0)

    def decision(self, p1: int, precision: int = 16) -> int:
        scale = self.range >> precision
        split = scale * ((1 << precision) - p1)
        bit = int(self.offset >= split)
        self.offset -= split if bit else 0
        self.range = scale * p1 if bit else split
        if self.range < 1 << 32:
            self.range <<= 32
            self.offset = self.offset << 32 | self.word()
        return bit

    def raw(self, n: int) -> int:
        value = 0
        for _ in range(n):
            value = value << 1 | self.decision(1, 1)
        return value

    def bit(self, model: Model) -> int:
        bit = self.decision(model.p >> 6 | 1)
        model.update(bit)
        return bit


class Mixer:
    def __init__(self, coder: Coder, pixels: int) -> None:
        self.coder = coder
        self.s = clamp((pixels - 1).bit_length() - 4, 8, 15)
        self.table: list[dict[int, list[Model]]] = [
            collections.defaultdict(lambda: [Model() for _ in range(16)]) for _ in range(6)
        ]
        self.weights: dict[tuple[int, int, int], list[int]] = collections.defaultdict(lambda: [14000] * 6)

    def choose(self, keys: list[tuple[int, int]], family: int) -> None:
        self.hash = []
        for i, (a, b) in enumerate(keys):
            g = (a + (i if i in (0, 3) else i + 6 * family)) * 0x9E3779B1 & MASK
            g = ((g ^ (g >> 15)) + b) * 0x85EBCA6B & MASK
            self.hash.append((g ^ (g >> 13)) * 0x9E3779B1 & MASK)
        self.slot = [self.table[i][self.hash[i] >> (32 - self.s)] for i in range(6)]
        count = self.slot[3][0].count
        self.confidence = 0 if count == 0 else 1 if count < 3 else 2

    def refine(self, k: int) -> None:
        self.slot = [self.table[i][((self.hash[i] ^ k) * 0x9E3779B1 & MASK) >> (32 - self.s)] for i in range(6)]

    def decide(self, kind: int, node: int) -> int:
        weight = self.weights[kind, node, self.confidence]
        logits = [LOGIT[self.slot[i][node].p >> 10] for i in range(6)]
        p = logistic(clamp(sum(w * v for w, v in zip(weight, logits, strict=True)) >> 16, -3072, 3072))
        bit = self.coder.decision(p)
        error = 65536 * bit - p
        for i in range(6):
            weight[i] = clamp(weight[i] + ((logits[i] * error + 8192) >> 14), -(1 << 20), 1 << 20)
            self.slot[i][node].update(bit)
        return bit


def state(v: int) -> int:
    return 0 if v == 0 else 2 if v == 255 else 1


def five(v: int) -> int:
    return 0 if v == 0 else 4 if v == 255 else 1 + (v >= 86) + (v >= 171)


def level(a: int) -> int:
    return sum(a >= least for least in (1, 2, 3, 5, 9, 17, 40))


def digits(base: int, values: list[int], number: int = 0) -> int:
    for value in values:
        number = number * base + value
    return number


class Plane:
    def __init__(self, coder: Coder, w: int, h: int) -> None:
        self.coder, self.w, self.h = coder, w, h
        self.mixer = Mixer(coder, w * h)
        self.a = [[0] * w for _ in range(h)]
        self.errors = [[0] * w for _ in range(h)]
        self.above_first: int | None = 0
        self.row_model = [Model() for _ in range(2)]
        self.group_model = [[Model() for _ in range(2)] for _ in range(3)]
        self.tail_model = [[Model() for _ in range(3)] for _ in range(8)]
        self.repeated = 0

    def sample_at(self, x: int, y: int) -> int:
        if y < 0:
            return self.sample_at(x, 0) if self.above_first is None else self.above_first
        if x < 0:
            return self.sample_at(0, y - 1) if y > 0 else 0
        return self.a[y][min(x, self.w - 1)]

    def error_at(self, x: int, y: int) -> int:
        return self.errors[y][x] if 0 <= x < self.w and y >= 0 else 0

    def row(self, y: int) -> None:
        if y > 0:
            self.repeated = self.coder.bit(self.row_model[self.repeated])
            if self.repeated:
                self.a[y] = list(self.a[y - 1])
                return
        for x in range(0, self.w, 32):
            n = min(32, self.w - x)
            v = self.sample_at(x - 1, y)
            if y == 0:
                self.above_first = v
            if all(self.sample_at(i, y - 1) == v for i in range(x - 1, x + n + 1)):
                second = int(all(self.sample_at(i, y - 2) == v for i in range(x, x + n)))
                if self.coder.bit(self.group_model[state(v)][second]):
                    self.a[y][x : x + n] = [v] * n
                    continue
            for i in range(x, x + n):
                if y == 0:
                    self.above_first = self.sample_at(i - 1, 0)
                self.sample(i, y)
        self.above_first = None

    def keys(self, x: int, y: int) -> tuple[int, int, list[tuple[int, int]]]:
        c, u, v, t = ({i: self.sample_at(x + i, y - j) for i in range(-4, 5)} for j in range(4))
        west, n, nw, ne = c[-1], u[0], u[-1], u[1]
        low, high = min(west, n), max(west, n)
        predicted = low if nw >= high else high if nw <= low else west + n - nw
        corner_values = [west, n, nw, ne]
        edge = max(corner_values) - min(corner_values) > 32 or (len(set(corner_values)) == 1 and west in (0, 255))
        e, f = ({i: self.error_at(x + i, y - j) for i in (-1, 0, 1)} for j in range(2))
        errors = min(255, (2 * e[-1] + 2 * f[0] + f[-1] + f[1]) // 3)
        energy = 8 * level(errors) + level((abs(west - nw) + abs(n - nw) + abs(n - ne)) // 2)
        corner = digits(5, [five(a) for a in corner_values])
        first = [*corner_values, c[-2], v[0], v[1], u[2]]
        exact = west | n << 8 | nw << 16 | ne << 24
        if edge:
            near = digits(3, [state(a) for a in (c[-2], v[0], v[1], u[2])], corner)
            far = digits(3, [state(a) for a in (v[-1], u[-2], c[-3], u[3], v[2])])
            line = [c[i] for i in (-1, -2, -3, -4)] + [u[i] for i in range(-3, 5)]
            line += [v[i] for i in range(-2, 4)] + [t[i] for i in range(-2, 3)]
            outline = digits(2, [a >> 7 for a in line])
            last = (west | n << 8 | ne << 16 | c[-2] << 24, v[0])
            return predicted, 1, [(corner, energy), (near, 0), (near, far), (exact, 0), (outline, corner), last]
        more = [v[-1], u[-2], c[-3], u[3], u[-3], v[2], v[-2], v[3]]
        steps = digits(3, [1 + (a > n) - (a < n) for a in first + more])
        differences = digits(7, [clamp(a - predicted, -3, 3) + 3 for a in first])
        last = ((west - c[-2] + 255) | (n - nw + 255) << 10 | (ne - n + 255) << 20, energy)
        slope = (west | n << 8, 2 * n - v[0] + 255)
        return predicted, 0, [(corner, energy), slope, (steps, west - n + 255), (exact, 0), (differences, 0), last]

    def sample(self, x: int, y: int) -> None:
        predicted, family, keys = self.keys(x, y)
        self.mixer.choose(keys, family)
        predicted = clamp(predicted, 1, 254)
        if not self.mixer.decide(0, 0):
            self.a[y][x] = 255 * self.mixer.decide(0, 1)
            return
        value = self.nibbles() if family else predicted + self.difference()
        self.a[y][x] = clamp(value, 1, 254)
        self.errors[y][x] = abs(self.a[y][x] - predicted)

    def nibbles(self) -> int:
        self.mixer.refine(1)
        high = low = 1
        for _ in range(4):
            high = 2 * high + self.mixer.decide(1, high)
        self.mixer.refine(high)
        for _ in range(4):
            low = 2 * low + self.mixer.decide(2, low)
        return 16 * (high - 16) + low - 16

    def difference(self) -> int:
        if self.mixer.decide(0, 2):
            return 0
        below = self.mixer.decide(0, 3)
        bits = 0
        while bits < 7 and self.mixer.decide(0, 4 + bits):
            bits += 1
        if bits > 0:
            self.mixer.refine(2 * bits + below)
        m = 1
        for i in reversed(range(bits)):
            m = 2 * m + (self.mixer.decide(2 + bits, m) if m < 16 else self.coder.bit(self.tail_model[bits][i]))
        return -m if below else m


def decode_alpha(payload: bytes, w: int, h: int) -> npt.NDArray[np.uint8]:
    """Decodes a valid payload to [h, w]."""
    coder = Coder(payload)
    if coder.raw(1) == 0:
        return np.full((h, w), 255 if coder.raw(1) == 0 else coder.raw(8), np.uint8)
    plane = Plane(coder, w, h)
    for y in range(h):
        plane.row(y)
    assert coder.raw(1) == 1
    return np.array(plane.a, np.uint8)
