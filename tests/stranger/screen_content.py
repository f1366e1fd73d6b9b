""" "Screen content" of docs/format.md."""

import numpy as np
from stranger.alpha_plane import LOGIT, logistic, product
from stranger.blocks import Samples, class_of, log2
from stranger.coder import Decoder

PLACES = ((-1, 0), (0, -1), (-1, -1), (1, -1), (-2, 0), (0, -2), (1, -2), (2, -1), (-2, -1), (-1, -2), (-3, 0), (0, -3))
RUN_FIRST = (0, 1, 2, 3, 4, 6, 10, 24)
HALF = 2**31


def step(h: int, c: int) -> int:
    h = product(h ^ c, 0x9E3779B1)
    return h ^ (h >> 15)


def last(h: int) -> int:
    h = product(h, 0x85EBCA6B)
    return product(h ^ (h >> 13), 0x9E3779B1)


def red(c: int) -> int:
    return c // 65536


def green(c: int) -> int:
    return c // 256 % 256


def blue(c: int) -> int:
    return c % 256


def clamp(v: int, a: int, b: int) -> int:
    return min(max(v, a), b)


def predicted(w: int, n: int, nw: int) -> int:
    return min(w, n) if nw >= max(w, n) else max(w, n) if nw <= min(w, n) else w + n - nw


class Slot:
    def __init__(self) -> None:
        self.colours: list[int] = []  # the first, and the second one
        self.run = self.event = 0

    def state(self) -> int:
        return class_of(self.run, RUN_FIRST) + 8 * self.event if self.colours else 24

    def see(self, c: int) -> None:
        if not self.colours:
            self.colours = [c]
        elif self.colours[0] == c:
            self.run = min(self.run + 1, 24)
        else:
            self.event = 1 if c in self.colours else 2
            self.colours, self.run = [c, self.colours[0]], 0


class ScreenContent:
    """Which cells of a tile are screen content; fills in their samples of its planes."""

    def __init__(self, coder: Decoder, planes: list[Samples]) -> None:
        self.coder, self.planes = coder, planes
        self.H, self.W = planes[0].shape
        big = log2(2 * self.W * self.H - 1)
        self.s, self.t = clamp(big - 2, 10, 18), clamp(big - 5, 8, 16)
        self.cells = np.zeros(((self.H + 7) // 8, (self.W + 7) // 8), bool)
        self.kinds: dict[tuple[int, int], int] = {}  # of superblocks: 1 has some, 2 is whole
        self.names: dict[tuple[object, ...], int] = {}  # of models, by their names, to their indices
        self.slots: dict[tuple[int, int], Slot] = {}
        self.weights: dict[tuple[object, ...], list[int]] = {}
        self.sx = self.sy = self.y = self.right = 0

    def model(self, *name: object) -> int:
        if name not in self.names:
            self.names[name] = len(self.coder.models)
            self.coder.models.append(HALF)
        return self.names[name]

    def inside(self, x: int, y: int, size: int) -> Samples:
        """For the cells that a node has samples of, whether they are screen content."""
        return self.cells[y // 8 : (y + size + 7) // 8, x // 8 : (x + size + 7) // 8]

    def superblock(self, sx: int, sy: int) -> None:
        self.sx, self.sy, self.right = sx, sy, min(sx + 64, self.W)
        bit, column, row = self.coder.bit, sx // 64, sy // 64
        beside = [self.kinds.get((column - 1, row), 0), self.kinds.get((column, row - 1), 0)]
        if not bit(self.model("any", sum(kind > 0 for kind in beside))):
            return
        whole = bit(self.model("whole", beside.count(2)))
        self.kinds[column, row] = 1 + whole
        for j in range(sy // 8, min(sy // 8 + 8, self.cells.shape[0])):
            for i in range(sx // 8, min(sx // 8 + 8, self.cells.shape[1])):
                a, b = i > 0 and self.cells[j, i - 1], j > 0 and self.cells[j - 1, i]
                self.cells[j, i] = whole or bit(self.model("cell", int(a) + 2 * int(b)))
        for y in range(sy, min(sy + 64, self.H)):
            self.y = y
            if whole and self.flat(sx, self.right, 0):
                continue
            for x in range(sx, self.right, 8):
                end = min(x + 8, self.W)
                if self.cells[self.y // 8, x // 8] and not self.flat(x, end, 1):
                    for i in range(x, end):
                        self.pixel(i)

    def colour(self, i: int, j: int) -> int:
        while True:
            if j < 0:
                return 2**24 - 1 if len(self.planes) == 3 else 255 * 256
            if i < 0:
                i, j = 0, j - 1 if j == self.y else j
            elif i >= self.right and (j >= self.sy or i >= self.W):
                i = self.right - 1
            elif j >= self.sy and i >= self.sx and not self.cells[j // 8, i // 8]:
                j -= 1
            else:
                break
        values = [int(plane[j, i]) for plane in self.planes]
        if len(values) == 3:
            values = [values[0] - values[2] + values[1], values[0] + values[2], values[0] - values[2] - values[1]]
        pixel = [clamp((v + 2) >> 2, 0, 255) for v in values]
        return 65536 * pixel[0] + 256 * pixel[1] + pixel[2] if len(pixel) == 3 else 256 * pixel[0]

    def paint(self, x: int, c: int) -> None:
        samples = [red(c) + 2 * green(c) + blue(c), 2 * red(c) - 2 * blue(c), 2 * green(c) - red(c) - blue(c)]
        if len(self.planes) == 1:
            samples = [4 * green(c)]
        for plane, sample in zip(self.planes, samples, strict=True):
            plane[self.y, x] = sample

    def flat(self, x: int, end: int, size: int) -> bool:
        y, v = self.y, self.colour(x - 1, self.y)
        if any(self.colour(i, y - 1) != v for i in range(x - 1, end + 1)):
            return False
        second = all(self.colour(i, y - 2) == v for i in range(x, end))
        if not self.coder.bit(self.model("flat", size, int(second))):
            return False
        for i in range(x, end):
            self.paint(i, v)
        return True

    def pixel(self, x: int) -> None:
        self.near = [self.colour(x + i, self.y + j) for i, j in PLACES]
        h, hashes = 1, []
        for k, c in enumerate(self.near):
            h = step(h, c)
            hashes += [last(h)] if k in (1, 3, 5, 7, 11) else []
        hashes.append(last(step(step(step(2, self.near[1]), self.near[3]), self.near[5])))
        self.slot = [self.slots.setdefault((i, h >> (32 - self.s)), Slot()) for i, h in enumerate(hashes)]
        self.longest = max(i + 1 if self.slot[i].colours else 0 for i in range(5))
        candidates = [c for i in (4, 3, 2, 1, 0, 5) for c in self.slot[i].colours]
        candidates = list(dict.fromkeys(candidates + [self.near[k] for k in (0, 1, 3, 2)]))
        scores = [self.probability(self.asked(c, 0), self.weight(0)) for c in candidates]
        order = sorted(range(len(candidates)), key=lambda k: (-scores[k], k))[:6]
        for r, k in enumerate(order):
            c = candidates[k]
            if self.decide(self.asked(c, r), self.weight(r), 15, 0):
                break
        else:
            c = self.spelled()
        self.paint(x, c)
        for slot in self.slot:
            slot.see(c)

    def weight(self, r: int) -> list[int]:
        return self.weights.setdefault(("weight", r, self.longest), [16384] * 8)

    def asked(self, c: int, r: int) -> list[int]:
        models, agreeing = [], 0
        for i, slot in enumerate(self.slot):
            place = slot.colours.index(c) if c in slot.colours else 2
            agreeing += 2**i if place == 0 else 0
            name = (("first", i), ("second", i), ("neither", i, min(r, 1)))[place]
            models.append(self.model(*name, slot.state()))
        shape = sum(2**k for k in range(10) if self.near[k] == c)
        return [*models, self.model("shape", min(r, 3), shape), self.model("agreeing", min(r, 3), agreeing)]

    def logits(self, models: list[int]) -> list[int]:
        return [LOGIT[self.coder.models[m] >> 20] for m in models]

    def probability(self, models: list[int], weight: list[int]) -> int:
        total = sum(a * b for a, b in zip(weight, self.logits(models), strict=True))
        return logistic(clamp(total >> 16, -3072, 3072))

    def decide(self, models: list[int], weight: list[int], shift: int, least: int) -> int:
        p = clamp(self.probability(models, weight), least, 65535 - least)
        b = self.coder.decision(p)
        error = 65536 * b - p
        for i, logit in enumerate(self.logits(models)):
            weight[i] = clamp(weight[i] + ((logit * error + 2 ** (shift - 1)) >> shift), -1048576, 1048576)
            self.coder.update(models[i], b)
        return b

    def spelled(self) -> int:
        w, n = self.near[:2]
        pr, pg, pb = (predicted(*map(part, self.near[:3])) for part in (red, green, blue))
        mixture = product(w ^ product(65537, n), 7)
        g = self.part(0, [0, 256 * green(w) + green(n) + 1000, pg + 70000, 3 * w + 1, 5 * n + 2, mixture + 3])
        if len(self.planes) == 1:
            return 256 * g
        q = clamp(pr + g - pg, 0, 255)
        keys = [g, 256 * g + red(w) + 1000, q + 70000, 256 * q + pr + 200000, 3 * w + 77 * g, 5 * n + 99 * g]
        r = self.part(1, keys)
        q, u, v = clamp(pb + g - pg, 0, 255), clamp(pb + r - pr, 0, 255), 256 * g + r
        keys = [v, r + 1000000, q + 2000000, 256 * u + q + 3000000, 3 * w + 77 * v, 311 * v + blue(w)]
        return 65536 * r + 256 * g + self.part(2, keys)

    def part(self, k: int, keys: list[int]) -> int:
        value = 0
        for half in (0, 1):
            slots = []
            for i, key in enumerate(keys):
                h = product(key + 6 * k + i + 1, 0x9E3779B1)
                slots.append(last((h ^ (h >> 15)) + (16 + value if half else 0)) >> (32 - self.t))
            node = 1
            for _ in range(4):
                models = [self.model("spelling", i, slot, node) for i, slot in enumerate(slots)]
                weight = self.weights.setdefault(("spelling", 2 * k + half, node), [21845] * 6)
                node = 2 * node + self.decide(models, weight, 14, 32)
            value = 16 * value + node - 16
        return value
