"""The graphics form of modular tiles: rows, groups and candidates.

Source: docs/format.md, "Graphics form".
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

import numpy
import numpy.typing

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.modular_graphics_mixing import (
    Weights,
    check,
    level,
    mix,
    mixed,
    place,
    signed_level,
    size,
)
from veneer.reference.modular_graphics_values import (
    NE,
    NEE,
    NN,
    NW,
    NWW,
    WW,
    Models,
    N,
    Numbers,
    Values,
    W,
    damaged,
    read_list,
)
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import gradient
from veneer.reference.tile import Coder

Plane = numpy.typing.NDArray[numpy.int64]  # [h, w]

NEIGHBOUR = (
    *((-1, 0), (0, -1), (-1, -1), (1, -1), (-2, 0), (0, -2), (2, -1), (-2, -1), (1, -2)),
    *((-1, -2), (-3, 0), (3, -1), (-3, -1), (2, -2), (-2, -2), (0, -3), (-4, 0), (4, -1)),
    *((-4, -1), (1, -3), (-1, -3), (3, -2), (-3, -2), (5, -1), (-5, 0), (2, -3), (-2, -3)),
    *((-5, -1), (0, -4), (4, -2), (-4, -2), (6, -1), (1, -4), (-1, -4), (3, -3), (-3, -3)),
)
HASHED = (2, 4, 6, 10, 18, 30)
RATE = 16384


def read_graphics(data: bytes, w: int, h: int, most: list[int], colours: int) -> list[Plane]:
    """Decodes the numbers of each plane, [h, w]; `most` has the largest of each, `colours` says how many are colours.

    Raises:
        VeneerError: The data are no payload.
    """
    order = [len(most) - 1] * (len(most) > colours) + ([1, 0, 2] if colours == 3 else [0])
    coder = RangeDecoder(bytes_to_words(data))
    tile = _Tile(coder, w, h, [most[p] for p in order], len(most) > colours)
    tile.read()
    pixels = numpy.array([[tile.colours[t] for t in row] for row in tile.numbers], numpy.int64)
    return [pixels[:, :, order.index(p)] for p in range(len(most))]


@dataclasses.dataclass
class _Seen:
    recent: int = 0
    before: int = 0
    check: int = 0
    count: int = 0

    def update(self, right_check: int, t: int) -> None:
        if self.count == 0 or self.check != right_check:
            self.recent, self.before, self.check, self.count = t, t, right_check, 1
        elif self.recent == t:
            self.count = min(self.count + 1, 200)
        else:
            self.before, self.recent, self.count = self.recent, t, 1


class _Match:
    """An earlier place (u, v) that looks like that of the pixel; length -1 where there is none."""

    def __init__(self, tile: _Tile, s: int) -> None:
        self._tile, self._s = tile, s
        self._table: dict[int, tuple[int, int]] = {}
        self._u = self._v = 0
        self.length = -1

    def find(self, key: int, x: int, y: int) -> None:
        t, p = self._tile.number, place(key, self._s)
        if self.length < 0 and p in self._table:
            self._u, self._v = u, v = self._table[p]
            left = above = 0
            while left < min(15, x, u) and t(x - left - 1, y) == t(u - left - 1, v):
                left += 1
            while above < min(15, self._tile.w - max(x, u)) and t(x + above, y - 1) == t(u + above, v - 1):
                above += 1
            self.length = min(left, above + 4) if left >= 4 else -1
        self._table[p] = x, y

    @property
    def kind(self) -> int:
        return self.length if self.length < 16 else min(31, 16 + (self.length - 16) // 8)

    def number(self) -> int | None:
        return None if self.length < 0 else self._tile.number(self._u, self._v)

    def move_on(self, t: int) -> None:
        if self.length >= 0:
            same = self.number() == t and self._u + 1 < self._tile.w
            self.length = min(self.length + 1, 1000) if same else -1
            self._u += 1


class _Tile:
    """A tile while it is read: `numbers` of the colours of its pixels."""

    def __init__(self, coder: Coder, w: int, h: int, most: list[int], alpha: bool) -> None:
        self._coder, self.w, self._h, self._most, self._f = coder, w, h, most, int(alpha)
        self._candidates = coder.raw(4)
        if self._candidates == 0:
            raise damaged("it has no candidates")
        self._list = read_list(coder, most, self._f) if coder.raw(1) else None
        self._numbers = None if self._list else Numbers(w * h, len(most))
        self.colours = self._numbers.colours if self._numbers else self._list or []
        self.numbers = [[0] * w for _ in range(h)]
        self._known = 0  # rows that are complete
        self._states: dict[tuple[int, int], int] = {}
        self._errors: dict[tuple[int, int, int], int] = {}
        self._models: Models = collections.defaultdict(BitModel)
        self._weights = Weights()
        self._values = Values(coder, w * h, most, self._f, self._list)
        self._seen_bits, self._key_bits = size(w * h, 0, 10, 18), size(w * h, 1, 12, 18)
        self._seen: list[dict[int, _Seen]] = [collections.defaultdict(_Seen) for _ in range(5)]
        self._matches = [_Match(self, self._seen_bits) for _ in range(2)]
        self._rows: dict[int, int] = {}
        self._repeated = self._again = 0

    def number(self, x: int, y: int) -> int:
        """T of the document."""
        if y < 0:
            return 0
        return self.number(0, y - 1) if x < 0 else self.numbers[y][min(x, self.w - 1)]

    # Rows and groups

    def read(self) -> None:
        """Reads all pixels."""
        if self._list and len(self._list) == 1:
            if not self._coder.valid():
                raise damaged("it is no code")
            return
        for y in range(self._h):
            for match in self._matches:
                match.length = -1
            if not self._repeats(y):
                self._groups(y)
            if not self._coder.valid():
                raise damaged("it is no code")
        if self._coder.raw(1) == 0 or not self._coder.valid():
            raise damaged("it does not end")

    def _repeats(self, y: int) -> bool:
        if y == 0:
            return False
        self._repeated = read_bit(self._coder, self._models["row", self._repeated])
        if self._repeated:
            self.numbers[y] = list(self.numbers[y - 1])
            return True
        p = place(mix(0, *self.numbers[y - 1]), size(self._h, 0, 4, 16))
        other = self._rows.get(p, 0)
        self._rows[p] = y
        if other and self.numbers[other - 1] == self.numbers[y - 1] != self.numbers[other]:
            again = read_bit(self._coder, self._models["again", self._again])
            self._again = 1 if again else 2
            if again:
                self.numbers[y] = list(self.numbers[other])
            return bool(again)
        self._again = 0
        return False

    def _groups(self, y: int) -> None:
        t = self.number
        for x in range(0, self.w, 32):
            n = min(32, self.w - x)
            above = [t(i, y - 1) for i in range(x - 1, x + n + 1)]
            flat = all(other == t(x - 1, y) for other in above)
            steady = above == [t(i, y - 2) for i in range(x - 1, x + n + 1)]
            if (flat or (steady and t(x - 1, y) == t(x - 1, y - 1))) and read_bit(
                self._coder, self._models["group", flat, steady]
            ):
                self.numbers[y][x : x + n] = [t(i, y - 1) for i in range(x, x + n)]
                for match in self._matches:
                    match.length = -1
            else:
                for i in range(x, x + n):
                    self._pixel(i, y)

    # Pixels

    def _pixel(self, x: int, y: int) -> None:
        near = [self.number(x + dx, y + dy) for dx, dy in NEIGHBOUR]
        hashes = [mix(0, *near[:k]) for k in HASHED]
        entries = [self._seen[j][place(hashes[j], self._seen_bits)] for j in range(5)]
        checks = [check(h) for h in hashes[:5]]
        known = [entry.count > 0 and entry.check == right for entry, right in zip(entries, checks, strict=True)]
        self._matches[0].find(hashes[5], x, y)
        self._matches[1].find(mix(0, *(self.number(x - i, y) for i in range(1, 9))), x, y)
        candidates = self._list_candidates(near, [e if k else None for e, k in zip(entries, known, strict=True)])
        for k, t in enumerate(candidates):
            last = self._list is not None and k + 1 == len(self._list)
            if last or self._is_right(x, y, k, t, near, hashes, entries, known):
                self.numbers[y][x] = t
                self._states[x, y] = 1 if k == 0 else 2
                break
        else:
            self.numbers[y][x] = self._by_values(x, y, near, candidates)
            self._states[x, y] = 3
        for entry, right in zip(entries, checks, strict=True):
            entry.update(right, self.numbers[y][x])
        for match in self._matches:
            match.move_on(self.numbers[y][x])

    def _longer(self) -> _Match:
        return self._matches[self._matches[1].length > self._matches[0].length]

    def _list_candidates(self, near: list[int], entries: list[_Seen | None]) -> list[int]:
        match = self._longer()
        longest_first = [entry for entry in reversed(entries) if entry]
        numbers = [self.number(match._u, match._v)] * (match.length >= 16)
        numbers += [entry.recent for entry in longest_first] + [near[i] for i in (W, N, NE, NW)]
        numbers += [entry.before for entry in longest_first] + [near[i] for i in (WW, NN, NEE, NWW)]
        return list(dict.fromkeys(numbers))[: self._candidates]

    def _is_right(
        self,
        x: int,
        y: int,
        k: int,
        t: int,
        near: list[int],
        hashes: list[int],
        entries: list[_Seen],
        known: list[bool],
    ) -> int:
        shape = sum(1 << i for i, n in enumerate(near) if n == t)
        distinct = len(set(near[:6]))
        models = self._hashed_models(x, y, k, t, near, hashes, shape, distinct)
        votes = confidence = 0
        for j in range(5):
            vote = _vote(entries[j], t) if known[j] else 0
            votes = 6 * votes + vote
            confidence = 4 * j + vote + 1 if 1 <= vote <= 3 else confidence
        models += [self._models["votes", votes], self._models["near votes", votes % 1296, shape % 16]]
        rank = min(k, 7)
        for m, match in enumerate(self._matches):
            state = 0 if match.length < 0 else (2 if match.number() == t else 3) + 2 * match.kind
            models.append(self._models["matched", m, state, rank])
        match = self._longer()
        e = 1 + min(6, match.kind // 4) if match.number() == t else 0
        sets = (("b", min(k, 3), confidence), ("c", e, shape % 64))
        return mixed(self._coder, models, self._weights, (rank, distinct), sets, RATE)

    def _hashed_models(
        self, x: int, y: int, k: int, t: int, near: list[int], hashes: list[int], shape: int, distinct: int
    ) -> list[BitModel]:
        f, v = self._f, self.colours[t]
        w, n, nw, ne = (self.colours[near[i]] for i in (W, N, NW, NE))
        predicted = [gradient(w[c], n[c], nw[c]) for c in range(len(v))]
        g = level((abs(w[f] - nw[f]) + abs(n[f] - nw[f]) + abs(n[f] - ne[f])) // 2)
        to_w, to_n, to_predicted = (_distance(v, other) for other in (w, n, predicted))
        states = [self._states.get((x + dx, y + dy), 0) for dx, dy in NEIGHBOUR[:4]]
        error = self._errors.get((f, x - 1, y), 0)
        keys = [
            mix(1, shape % 64, k, distinct),
            mix(2, shape % 4096, t),
            mix(3, shape % (1 << 24), t),
            mix(4, shape % (1 << 32), shape >> 32),
            mix(5, hashes[0], t),
            mix(6, hashes[2], t),
            mix(7, hashes[4], t),
            mix(8, *(signed_level(other[f] - v[f]) for other in (w, n, nw, ne))),
            mix(9, predicted[f] - v[f], g, k),
            mix(10, 8 * level(to_w) + level(to_n), 8 * level(to_predicted) + g),
            mix(11, k, sum(state << 2 * i for i, state in enumerate(states)), level(error)),
        ]
        return [self._models["key", i, place(key, self._key_bits)] for i, key in enumerate(keys)]

    def _by_values(self, x: int, y: int, near: list[int], candidates: list[int]) -> int:
        def error(c: int, dx: int, dy: int) -> int:
            return self._errors.get((c, x + dx, y + dy), 0)

        def set_error(c: int, value: int) -> None:
            self._errors[c, x, y] = value

        around = [self.colours[t] for t in near[:9]]
        colour = self._values.read(near, around, {self.colours[t] for t in candidates}, error, set_error)
        return self._numbers.number_of(colour) if self._numbers else self.colours.index(colour)


def _distance(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(abs(i - j) for i, j in zip(a, b, strict=True))


def _vote(entry: _Seen, t: int) -> int:
    if entry.recent == t:
        return 3 if entry.count >= 4 else 2 if entry.count >= 2 else 1
    return 4 if entry.before == t else 5
