""" "Alpha plane" of docs/format.md."""

from bisect import bisect_left
from collections.abc import Iterable

from stranger.blocks import class_of, log2
from stranger.coder import Decoder
from stranger.container import require

KNOTS = (
    *(32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030),
    *(64357, 64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508),
    *(65514, 65519, 65523, 65526, 65528, 65530, 65531, 65532, 65533, 65534, 65534, 65535, 65535, 65535, 65535, 65535),
    65535,
)


def logistic(d: int) -> int:
    if d < 0:
        return 65536 - logistic(-d)
    j, r = divmod(d, 64)
    return KNOTS[48] if j == 48 else (KNOTS[j] * (64 - r) + KNOTS[j + 1] * r + 32) >> 6


LOGISTIC = [logistic(d) for d in range(-3072, 3073)]
LOGIT = [bisect_left(LOGISTIC, 16 * q + 8) - 3072 for q in range(4096)]

HALF = 2**31  # the state that all models of alpha start with
ROW_MODEL, GROUP_MODEL, TAIL_MODEL, SLOTS = 0, 2, 8, 72  # [2], [3][2], [8][8], and then the slots of 16


def product(a: int, b: int) -> int:
    return a * b % 2**32


def digits(base: int, values: Iterable[int]) -> int:
    number = 0
    for value in values:
        number = base * number + value
    return number


def state(v: int) -> int:
    return 0 if v == 0 else 2 if v == 255 else 1


def level(a: int) -> int:
    return class_of(a, (0, 1, 2, 3, 5, 9, 17, 40))


def fifth(a: int) -> int:
    """five() of the document."""
    return class_of(a, (0, 1, 86, 171, 255))


class AlphaTile:
    """The alpha of a tile of w x h pixels; `decode` gives its rows."""

    def __init__(self, data: bytes, w: int, h: int) -> None:
        self.w, self.h = w, h
        self.coder = Decoder(data, [HALF] * SLOTS)
        self.alpha: list[list[int]] = []
        self.errors: list[list[int]] = []
        self.outside = 0  # what stands above row 0 while it is read
        self.slot_log2 = min(max(log2(2 * w * h - 1) - 4, 8), 15)  # 2^L is the power of two not below w h
        self.slots: dict[tuple[int, int], int] = {}  # table and slot -> index of its first model
        self.weights: dict[tuple[int, int, int], list[int]] = {}

    def decode(self) -> list[list[int]]:
        if self.coder.raw(1) == 0:
            value = 255 if self.coder.raw(1) == 0 else self.coder.raw(8)
            self.alpha = [[value] * self.w for _ in range(self.h)]
        else:
            repeated = 0
            for y in range(self.h):
                repeated = self.row(y, repeated)
            require(self.coder.raw(1) == 1, "the payload of alpha does not end")
        self.coder.check_end()
        return self.alpha

    def A(self, x: int, y: int) -> int:  # noqa: N802
        if y < 0:
            if len(self.alpha[0]) < self.w:
                return self.outside
            y = 0
        if x < 0:
            return self.alpha[y - 1][0] if y > 0 else 0
        return self.alpha[y][min(x, self.w - 1)]

    def E(self, x: int, y: int) -> int:  # noqa: N802
        return self.errors[y][x] if 0 <= x < self.w and y >= 0 else 0

    def row(self, y: int, repeated: int) -> int:
        if y > 0:
            repeated = self.coder.bit(ROW_MODEL + repeated)
            if repeated:
                self.alpha.append(self.alpha[-1][:])
                self.errors.append([0] * self.w)
                return repeated
        self.alpha.append([])
        self.errors.append([])
        for x in range(0, self.w, 32):
            n, v = min(32, self.w - x), self.A(x - 1, y)
            self.outside = v
            if all(self.A(i, y - 1) == v for i in range(x - 1, x + n + 1)):
                second = all(self.A(i, y - 2) == v for i in range(x, x + n))
                if self.coder.bit(GROUP_MODEL + 2 * state(v) + second):
                    self.alpha[y] += [v] * n
                    self.errors[y] += [0] * n
                    continue
            for i in range(x, x + n):
                self.outside = self.A(i - 1, 0) if y == 0 else 0
                self.sample(i, y)
        return repeated

    def sample(self, x: int, y: int) -> None:
        c = {i: self.A(x + i, y) for i in range(-4, 0)}
        u = {i: self.A(x + i, y - 1) for i in range(-3, 5)}
        v = {i: self.A(x + i, y - 2) for i in range(-2, 4)}
        t = {i: self.A(x + i, y - 3) for i in range(-2, 3)}
        W, N, NW, NE = c[-1], u[0], u[-1], u[1]  # noqa: N806
        low, high = min(W, N), max(W, N)
        predicted = low if high <= NW else high if low >= NW else W + N - NW
        around = (W, N, NW, NE)
        on_edge = max(around) - min(around) > 32 or (W == N == NW == NE and W in (0, 255))

        errors = 2 * self.E(x - 1, y) + 2 * self.E(x, y - 1) + self.E(x - 1, y - 1) + self.E(x + 1, y - 1)
        gradient = (abs(W - NW) + abs(N - NW) + abs(N - NE)) // 2
        energy = 8 * level(min(255, errors // 3)) + level(gradient)
        corner = digits(5, map(fifth, around))
        first = (*around, c[-2], v[0], v[1], u[2])
        corners = W + 2**8 * N + 2**16 * NW + 2**24 * NE
        if on_edge:
            near = 81 * corner + digits(3, map(state, (c[-2], v[0], v[1], u[2])))
            far = digits(3, map(state, (v[-1], u[-2], c[-3], u[3], v[2])))
            line = [c[-1], c[-2], c[-3], c[-4], *u.values(), *v.values(), *t.values()]
            outline = digits(2, (a >= 128 for a in line))
            keys = [(corner, energy), (near, 0), (near, far), (corners, 0), (outline, corner)]
            keys.append((W + 2**8 * N + 2**16 * NE + 2**24 * c[-2], v[0]))
        else:
            wide = (*first, v[-1], u[-2], c[-3], u[3], u[-3], v[2], v[-2], v[3])
            steps = digits(3, (2 if a > N else 0 if a < N else 1 for a in wide))
            differences = digits(7, (min(max(a - predicted, -3), 3) + 3 for a in first))
            keys = [(corner, energy), (W + 2**8 * N, 2 * N - v[0] + 255), (steps, W - N + 255), (corners, 0)]
            keys.append((differences, 0))
            keys.append(((W - c[-2] + 255) | 2**10 * (N - NW + 255) | 2**20 * (NE - N + 255), energy))
        self.choose(keys, int(on_edge))
        predicted = min(max(predicted, 1), 254)
        error = 0
        if self.decide(0, 0) == 0:
            value = 255 if self.decide(0, 1) else 0
        else:
            value = min(max(self.nibbles() if on_edge else predicted + self.difference(), 1), 254)
            error = abs(value - predicted)
        self.alpha[y].append(value)
        self.errors[y].append(error)

    def nibbles(self) -> int:
        self.refine(1)
        high = low = 1
        for _ in range(4):
            high = 2 * high + self.decide(1, high)
        self.refine(high)
        for _ in range(4):
            low = 2 * low + self.decide(2, low)
        return 16 * (high - 16) + low - 16

    def difference(self) -> int:
        if self.decide(0, 2):
            return 0
        below, bits, m = self.decide(0, 3), 0, 1
        while bits < 7 and self.decide(0, 4 + bits):
            bits += 1
        if bits > 0:
            self.refine(2 * bits + below)
        for i in range(bits - 1, -1, -1):
            m = 2 * m + (self.decide(2 + bits, m) if m < 16 else self.coder.bit(TAIL_MODEL + 8 * bits + i))
        return -m if below else m

    def slot_at(self, table: int, g: int) -> int:
        models, key = self.coder.models, (table, g >> (32 - self.slot_log2))
        if key not in self.slots:
            self.slots[key] = len(models)
            models.extend([HALF] * 16)
        return self.slots[key]

    def choose(self, keys: list[tuple[int, int]], family: int) -> None:
        self.hash = []
        for i, (a, b) in enumerate(keys):
            g = product(a + (i if i in (0, 3) else i + 6 * family), 0x9E3779B1)
            g = product((g ^ (g >> 15)) + b, 0x85EBCA6B)
            self.hash.append(product(g ^ (g >> 13), 0x9E3779B1))
        self.slot = [self.slot_at(i, g) for i, g in enumerate(self.hash)]
        count = self.coder.models[self.slot[3]] % 1024
        self.confidence = 0 if count == 0 else 1 if count < 3 else 2

    def refine(self, k: int) -> None:
        self.slot = [self.slot_at(i, product(g ^ k, 0x9E3779B1)) for i, g in enumerate(self.hash)]

    def decide(self, kind: int, node: int) -> int:
        weight = self.weights.setdefault((kind, node, self.confidence), [14000] * 6)
        logits = [LOGIT[self.coder.models[slot + node] >> 20] for slot in self.slot]
        total = sum(a * b for a, b in zip(weight, logits, strict=True)) >> 16
        p = logistic(min(max(total, -3072), 3072))
        b = self.coder.decision(p)
        error = 65536 * b - p
        for i, slot in enumerate(self.slot):
            moved = weight[i] + ((logits[i] * error + 8192) >> 14)
            weight[i] = min(max(moved, -1048576), 1048576)
            self.coder.update(slot + node, b)
        return b
