"""Screen content: the cells of a superblock whose pixels are coded one after the other, in all planes at once.

Source: docs/format.md, "Screen content".
"""

from __future__ import annotations

import collections
import dataclasses

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.mixing import MASK, MAX_LOGIT, MAX_WEIGHT, logistic, logits
from veneer.reference.tables import clamp
from veneer.reference.tile import Coder, Samples

PLACES = ((-1, 0), (0, -1), (-1, -1), (1, -1), (-2, 0), (0, -2), (1, -2), (2, -1), (-2, -1), (-1, -2), (-3, 0), (0, -3))
FOUND_ORDER = (4, 3, 2, 1, 0, 5)  # slots in the order that their colours are found in
NEAR_ORDER = (0, 1, 3, 2)  # and neighbours behind them
MOST_CANDIDATES = 6
MOST_RUN = 24
NO_COLOUR = 24  # state of a slot that knows none
FIRST_WEIGHT = 16384
FIRST_SPELLING_WEIGHT = 21845
LEAST_SPELLED = 32

Cell = tuple[int, int]  # column and row of a cell in the tile


@dataclasses.dataclass
class Slot:
    """Up to two colours that stood behind a pattern of neighbours."""

    known: int = 0
    first: int = 0
    second: int = 0
    run: int = 0
    event: int = 0

    @property
    def state(self) -> int:
        """0..24."""
        if self.known == 0:
            return NO_COLOUR
        run = self.run
        run_class = run if run < 4 else 4 if run < 6 else 5 if run < 10 else 6 if run < MOST_RUN else 7
        return run_class + 8 * self.event

    def remember(self, c: int) -> None:
        """What the slot knows behind a pixel of colour c."""
        if self.known == 0:
            self.first, self.known = c, 1
        elif self.first == c:
            self.run = min(self.run + 1, MOST_RUN)
        else:
            self.event = 1 if self.known == 2 and self.second == c else 2
            self.second, self.first, self.run, self.known = self.first, c, 0, 2


def _step(h: int, c: int) -> int:
    h = (h ^ c) * 0x9E3779B1 & MASK
    return h ^ h >> 15


def _last(h: int) -> int:
    h = h * 0x85EBCA6B & MASK
    return (h ^ h >> 13) * 0x9E3779B1 & MASK


def _predicted(w: int, n: int, nw: int) -> int:
    low, high = min(w, n), max(w, n)
    return low if nw >= high else high if nw <= low else w + n - nw


def _parts(c: int) -> tuple[int, int, int]:
    """R, G and B of a colour."""
    return c >> 16, c >> 8 & 255, c & 255


class ScreenPixels:
    """What is known about pixels of screen content: slots, models and weights of a tile.

    Args:
        coder: gives the symbols.
        samples: W H of the tile.
        in_colour: whether the picture has colour.
    """

    def __init__(self, coder: Coder, samples: int, *, in_colour: bool) -> None:
        log2_samples = (samples - 1).bit_length()
        self._coder, self._in_colour = coder, in_colour
        self._logit = logits()
        self._s = clamp(log2_samples - 2, 10, 18)
        self._t = clamp(log2_samples - 5, 8, 16)
        self._table: dict[tuple[int, int], Slot] = collections.defaultdict(Slot)
        self._models: dict[tuple[str | int, ...], BitModel] = collections.defaultdict(BitModel)
        self._weight: dict[tuple[int, int], list[int]] = collections.defaultdict(lambda: [FIRST_WEIGHT] * 8)
        self._spelling: dict[tuple[int, int], list[int]]
        self._spelling = collections.defaultdict(lambda: [FIRST_SPELLING_WEIGHT] * 6)
        self._near: list[int] = []
        self._slot: list[Slot] = []

    def bit(self, *name: str | int) -> int:
        """Reads a decision under a model of its own."""
        return read_bit(self._coder, self._models[name])

    def pixel(self, near: list[int]) -> int:
        """Reads the colour of a pixel with those neighbours."""
        self._near = near
        self._slot = self._find_slots()
        c = self._read_colour()
        for slot in self._slot:
            slot.remember(c)
        return c

    def _find_slots(self) -> list[Slot]:
        h, hashes = 1, []
        for k in range(12):
            h = _step(h, self._near[k])
            if k in (1, 3, 5, 7, 11):
                hashes.append(_last(h))
        hashes.append(_last(_step(_step(_step(2, self._near[1]), self._near[3]), self._near[5])))
        return [self._table[i, h >> (32 - self._s)] for i, h in enumerate(hashes)]

    def _read_colour(self) -> int:
        found: dict[int, None] = {}
        for i in FOUND_ORDER:
            slot = self._slot[i]
            found.update(dict.fromkeys((slot.first, slot.second)[: slot.known]))
        found.update(dict.fromkeys(self._near[k] for k in NEAR_ORDER))
        candidates = list(found)
        if len(candidates) > 1:
            candidates.sort(key=lambda c: -self._probability(self._predictors(c, 0), self._weights(0)))
        for r, c in enumerate(candidates[:MOST_CANDIDATES]):
            if self._decide(c, r):
                return c
        return self._spelled()

    # Decisions

    def _predictors(self, c: int, r: int) -> list[BitModel]:
        models, agreeing = [], 0
        for i, slot in enumerate(self._slot):
            if slot.known > 0 and slot.first == c:
                models.append(self._models["first", i, slot.state])
                agreeing += 1 << i
            elif slot.known > 1 and slot.second == c:
                models.append(self._models["second", i, slot.state])
            else:
                models.append(self._models["neither", i, min(r, 1), slot.state])
        shape = sum(1 << k for k in range(10) if self._near[k] == c)
        models.append(self._models["shape", min(r, 3), shape])
        models.append(self._models["agreeing", min(r, 3), agreeing])
        return models

    def _weights(self, r: int) -> list[int]:
        longest = max((i + 1 for i in range(5) if self._slot[i].known > 0), default=0)
        return self._weight[r, longest]

    def _probability(self, models: list[BitModel], weights: list[int]) -> int:
        total = sum(w * self._logit[model.state >> 20] for w, model in zip(weights, models, strict=True))
        return logistic(clamp(total >> 16, -MAX_LOGIT, MAX_LOGIT))

    def _learn(self, models: list[BitModel], weights: list[int], error: int, shift: int) -> None:
        for i, model in enumerate(models):
            change = (self._logit[model.state >> 20] * error + (1 << (shift - 1))) >> shift
            weights[i] = clamp(weights[i] + change, -MAX_WEIGHT, MAX_WEIGHT)

    def _decide(self, c: int, r: int) -> int:
        models, weights = self._predictors(c, r), self._weights(r)
        p = self._probability(models, weights)
        b = self._coder.bit(p)
        self._learn(models, weights, 65536 * b - p, 15)
        for model in models:
            model.update(b)
        return b

    # Spelled colours

    def _spelled(self) -> int:
        w, n = self._near[:2]
        (wr, wg, wb), (nr, ng, nb), (nwr, nwg, nwb) = (_parts(c) for c in self._near[:3])
        pr, pg, pb = _predicted(wr, nr, nwr), _predicted(wg, ng, nwg), _predicted(wb, nb, nwb)
        g = self._part(0, (0, 256 * wg + ng + 1000, pg + 70000, 3 * w + 1, 5 * n + 2, 7 * (w ^ 65537 * n & MASK) + 3))
        if not self._in_colour:
            return 256 * g
        q = clamp(pr + g - pg, 0, 255)
        r = self._part(1, (g, 256 * g + wr + 1000, q + 70000, 256 * q + pr + 200000, 3 * w + 77 * g, 5 * n + 99 * g))
        q, u, v = clamp(pb + g - pg, 0, 255), clamp(pb + r - pr, 0, 255), 256 * g + r
        keys = (v, r + 1000000, q + 2000000, 256 * u + q + 3000000, 3 * w + 77 * v, 311 * v + wb)
        return 65536 * r + 256 * g + self._part(2, keys)

    def _part(self, k: int, keys: tuple[int, ...]) -> int:
        value = 0
        for half in range(2):
            slots = []
            for i, key in enumerate(keys):
                h = (key + 6 * k + i + 1) * 0x9E3779B1 & MASK
                slots.append(_last((h ^ h >> 15) + (16 + value if half else 0)) >> (32 - self._t))
            node = 1
            for _ in range(4):
                models = [self._models["spelling", i, slot, node] for i, slot in enumerate(slots)]
                weights = self._spelling[2 * k + half, node]
                p = clamp(self._probability(models, weights), LEAST_SPELLED, 65535 - LEAST_SPELLED)
                a = self._coder.bit(p)
                self._learn(models, weights, 65536 * a - p, 14)
                for model in models:
                    model.update(a)
                node = 2 * node + a
            value = 16 * value + node - 16
        return value


class ScreenContent:
    """The cells of a tile that are screen content, and their colours.

    Args:
        coder: gives the symbols.
        planes: of the tile, int64 [H, W] each, which the samples are put into.

    Attributes:
        cells: all that are screen content so far, by column and row in the tile.
    """

    def __init__(self, coder: Coder, planes: list[Samples]) -> None:
        self._planes = planes
        self._height, self._width = planes[0].shape
        self._pixels = ScreenPixels(coder, self._width * self._height, in_colour=len(planes) == 3)
        self.cells: set[Cell] = set()
        self._some: set[Cell] = set()  # superblocks that have screen content, by column and row
        self._whole: set[Cell] = set()
        self._superblock = (0, 0)
        self._right = 0
        self._row = 0

    def node_state(self, x: int, y: int, size: int) -> tuple[bool, bool]:
        """Whether all, and whether some of the cells are that a node has samples of."""
        columns = range(x // 8, (min(x + size, self._width) + 7) // 8)
        rows = range(y // 8, (min(y + size, self._height) + 7) // 8)
        inside = [(column, row) in self.cells for row in rows for column in columns]
        return all(inside), any(inside)

    def read(self, sx: int, sy: int) -> None:
        """The superblock at (sx, sy)."""
        self._superblock, self._right = (sx, sy), min(sx + 64, self._width)
        if not self._read_cells(sx, sy):
            return
        for y in range(sy, min(sy + 64, self._height)):
            self._row = y
            if (sx // 64, sy // 64) in self._whole and self._flat(sx, self._right, y, 0):
                continue
            for x in range(sx, self._right, 8):
                end = min(x + 8, self._width)
                if (x // 8, y // 8) in self.cells and not self._flat(x, end, y, 1):
                    for i in range(x, end):
                        self._set(i, y, self._pixels.pixel([self._colour(i + u, y + v) for u, v in PLACES]))

    def _read_cells(self, sx: int, sy: int) -> bool:
        here, beside = (sx // 64, sy // 64), ((sx // 64 - 1, sy // 64), (sx // 64, sy // 64 - 1))
        if self._pixels.bit("any", sum(other in self._some for other in beside)) == 0:
            return False
        self._some.add(here)
        whole = self._pixels.bit("whole", sum(other in self._whole for other in beside))
        if whole:
            self._whole.add(here)
        for row in range(sy // 8, (min(sy + 64, self._height) + 7) // 8):
            for column in range(sx // 8, (self._right + 7) // 8):
                a, b = (column - 1, row) in self.cells, (column, row - 1) in self.cells
                if whole or self._pixels.bit("cell", a + 2 * b):
                    self.cells.add((column, row))
        return True

    def _flat(self, x: int, end: int, y: int, size: int) -> bool:
        v = self._colour(x - 1, y)
        if any(self._colour(i, y - 1) != v for i in range(x - 1, end + 1)):
            return False
        second = int(all(self._colour(i, y - 2) == v for i in range(x, end)))
        if self._pixels.bit("flat", size, second) == 0:
            return False
        for i in range(x, end):
            self._set(i, y, v)
        return True

    # Colours

    def _set(self, x: int, y: int, c: int) -> None:
        r, g, b = _parts(c)
        values = (r + 2 * g + b, 2 * r - 2 * b, 2 * g - r - b) if len(self._planes) == 3 else (4 * g,)
        for plane, value in zip(self._planes, values, strict=True):
            plane[y, x] = value

    def _colour(self, i: int, j: int) -> int:
        sy = self._superblock[1]
        if j < 0:
            return 2**24 - 1 if len(self._planes) == 3 else 255 * 256
        if i < 0:
            return self._colour(0, j - 1 if j == self._row else j)
        if i >= self._right and (j >= sy or i >= self._width):
            return self._colour(self._right - 1, j)
        if j >= sy and (i // 8, j // 8) not in self.cells and i >= self._superblock[0]:
            return self._colour(i, j - 1)
        return self._of_samples(i, j)

    def _of_samples(self, x: int, y: int) -> int:
        samples = [int(plane[y, x]) for plane in self._planes]
        if len(samples) == 1:
            return 256 * clamp((samples[0] + 2) >> 2, 0, 255)
        luma, co, cg = samples
        r, g, b = (clamp((v + 2) >> 2, 0, 255) for v in (luma - cg + co, luma + cg, luma - cg - co))
        return 65536 * r + 256 * g + b
