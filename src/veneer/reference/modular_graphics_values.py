"""Colours of the graphics form: their list and numbers, and the values of those that are no candidate.

Source: docs/format.md, "Colours" and "Values".
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Hashable

from veneer.errors import ErrorCode, VeneerError
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
from veneer.reference.tables import clamp, gradient
from veneer.reference.tile import Coder

Colour = tuple[int, ...]
Models = collections.defaultdict[Hashable, BitModel]
W, N, NW, NE, WW, NN, NEE, NWW, NNE = range(9)
RATE = 40000
NEAR = ((-1, 0), (0, -1), (-1, -1), (1, -1))  # W, N, NW, NE


def damaged(text: str) -> VeneerError:
    """The error of a payload that is no code."""
    return VeneerError(ErrorCode.TILE_DAMAGED, f"a modular tile: {text}")


def read_list(coder: Coder, most: list[int], f: int) -> list[Colour]:
    """The colours of a tile, in order.

    Args:
        coder: gives the decisions.
        most: largest value of each channel.
        f: the first channel that is not alpha.
    """
    length: Models = collections.defaultdict(BitModel)

    def number(c: int, kind: int) -> int:
        n = 0
        while n < 17 and read_bit(coder, length[c, kind, n]):
            n += 1
        return (1 << n) + coder.raw(n) - 1

    colours: list[Colour] = []
    for i in range(coder.raw(12) + 1):
        last, value, equal = colours[-1] if colours else (0,) * len(most), list[int](), i > 0
        for c, largest in enumerate(most):
            if equal:
                value.append(last[c] + (c == len(most) - 1) + number(c, 0))
            else:
                z = number(c, 1)
                value.append((value[f] if c > f else last[c]) + (-((z + 1) // 2) if z % 2 else z // 2))
            if not 0 <= value[c] <= largest:
                raise damaged("a listed value is too large")
            equal = equal and value[c] == last[c]
        colours.append(tuple(value))
    return colours


class Numbers:
    """Colours by number, without a list."""

    def __init__(self, pixels: int, channels: int) -> None:
        self.colours: list[Colour] = []
        self._s = size(pixels, 1, 8, 22)
        self._places: dict[int, int] = {}
        self.number_of((0,) * channels)

    def number_of(self, colour: Colour) -> int:
        """The number of a colour, which may be new."""
        value = [*colour, 0, 0, 0][:4]
        first = place(mix(0, 65536 * value[2] + value[3], 65536 * value[0] + value[1]), self._s)
        for i in range(8):
            p = (first + i) % (1 << self._s)
            if p not in self._places:
                self._places[p] = len(self.colours)
                break
            if self.colours[self._places[p]] == colour:
                return self._places[p]
        self.colours.append(colour)
        return len(self.colours) - 1


@dataclasses.dataclass
class Guess:
    """A value that a channel had when the same was known."""

    value: int = 0
    check: int = 0
    count: int = 0

    def update(self, right_check: int, value: int) -> None:
        """Learns the value of a pixel."""
        if self.count == 0 or self.check != right_check:
            self.value, self.check, self.count = value, right_check, 1
        elif self.value == value:
            self.count = min(self.count + 1, 200)
        elif self.count > 2:
            self.count //= 2
        else:
            self.value, self.count = value, 1


Implied = Callable[[int], int]


class Values:
    """Reads colours by their values."""

    def __init__(self, coder: Coder, pixels: int, most: list[int], f: int, listed: list[Colour] | None) -> None:
        self._coder, self._most, self._f, self._listed = coder, most, f, listed
        self._slot_bits, self._guess_bits = size(pixels, -5, 10, 15), size(pixels, 0, 10, 18)
        self._models: Models = collections.defaultdict(BitModel)
        self._weights = Weights()
        self._guesses: dict[tuple[int, int], Guess] = collections.defaultdict(Guess)
        # Of the channel to be read
        self._c = 0
        self._p = 0
        self._left: list[Colour] = []
        self._hash: list[int] = []
        self._slots: list[int] = []
        self._guessed: list[tuple[int, int]] = []  # trust and residual

    def read(
        self,
        near: list[int],
        around: list[Colour],
        rejected: set[Colour],
        error: Callable[[int, int, int], int],
        set_error: Callable[[int, int], None],
    ) -> Colour:
        """The colour of a pixel.

        Args:
            near: numbers of its neighbours.
            around: colours of the first nine of them.
            rejected: colours that it does not have.
            error: that of a neighbour, by channel, dx and dy.
            set_error: takes that of the pixel, by channel.
        """
        self._left = [colour for colour in self._listed or [] if colour not in rejected]
        colour: list[int] = []
        residuals = [0, 0]
        k = 0
        for c, largest in enumerate(self._most):
            self._c = c
            p = gradient(around[W][c], around[N][c], around[NW][c])
            if c > self._f:
                p = colour[self._f] + gradient(*(around[i][c] - around[i][self._f] for i in (W, N, NW)))
            self._p = clamp(p, 0, largest)
            self._hash = self._hashes([a[c] for a in around], [error(c, *at) for at in NEAR], residuals, k)
            self._choose(0)
            first = mix(c, k)
            keys = [first, mix(first + 1, near[W]), mix(first + 2, near[N]), mix(first + 3, near[W], near[N])]
            entries = [self._guesses[j, place(key, self._guess_bits)] for j, key in enumerate(keys)]
            self._guessed = [
                (min(entry.count, 7) if entry.check == check(key) else 0, entry.value - self._p)
                for entry, key in zip(entries, keys, strict=True)
            ]
            residual = self._residual()
            value = self._p + residual
            for entry, key in zip(entries, keys, strict=True):
                entry.update(check(key), value)
            set_error(c, abs(residual))
            residuals = [residual, residuals[0]]
            k = mix(k + c + 1, value)
            colour.append(value)
            self._left = [other for other in self._left if other[c] == value]
        return tuple(colour)

    def _hashes(self, values: list[int], errors: list[int], residuals: list[int], k: int) -> list[int]:
        w, n, nw, ne, ww, nn, _, _, nne = values
        (q, q2), p, (e_w, e_n, e_nw, e_ne) = residuals, self._p, errors
        activity = abs(w - nw) + abs(n - nw) + abs(n - ne)
        near = 8 * level(e_w) + level(e_n)
        steps = [signed_level(w - p), signed_level(n - p)]
        second = [signed_level(2 * n - nn - p), signed_level(2 * w - ww - p), signed_level(n + ne - nne - p)]
        keys = [
            [level(activity // 2), 8 * level(abs(q)) + level((2 * e_w + 2 * e_n + e_nw + e_ne) // 3)],
            [q, q2],
            [signed_level(nw - p), signed_level(ne - p), *steps],
            [p, k],
            second,
            [near, 8 * level(e_nw) + level(e_ne)],
            [p, activity // 4],
            [q, *steps],
            [(w + ne) // 2 - p, signed_level(q)],
            [(w + n) // 2 - p, level(activity // 2)],
            [n + w - nw - p, near],
        ]
        return [mix(11 * self._c + i, *key) for i, key in enumerate(keys)]

    def _choose(self, key: int) -> None:
        self._slots = [place(mix(h, key), self._slot_bits) for h in self._hash]

    def _any(self, least: int, last: int) -> bool:
        least, last = max(self._p + least, 0), min(self._p + last, self._most[self._c])
        if self._listed is None:
            return least <= last
        return any(least <= colour[self._c] <= last for colour in self._left)

    def _decide(self, node: int, kind: int, implied: Implied) -> int:
        models = [self._models["slot", i, slot, node] for i, slot in enumerate(self._slots)]
        state = 0
        for j, (trust, r) in enumerate(self._guessed):
            bit = implied(r) if trust else -1
            models.append(self._models["guessed", j, 0 if bit < 0 else trust, kind, bit])
            state = 3 * state + bit + 1 if j < 3 else state
        names = (self._c, kind), ((self._c, kind, state),)
        return mixed(self._coder, models, self._weights, *names, RATE)

    def _residual(self) -> int:
        largest = self._most[self._c]
        below, above = self._any(-largest, -1), self._any(1, largest)
        if not below and not above:
            return 0
        if self._any(0, 0) and self._decide(0, 0, lambda r: int(r == 0)):
            return 0
        negative = int(below)
        if below and above:
            negative = self._decide(1, 1, lambda r: int(r < 0) if r else -1)
        magnitude = self._magnitude(negative)
        return -magnitude if negative else magnitude

    def _magnitude(self, negative: int) -> int:
        def left(least: int, last: int) -> bool:
            return self._any(-last, -least) if negative else self._any(least, last)

        def own(r: int) -> int:
            return abs(r) if r and (r < 0) == negative else 0

        n = 0
        while left(2 << n, self._most[self._c]):
            kind = min(2 + n, 15)
            if left(1 << n, (2 << n) - 1) and not self._decide(kind, kind, _longer_than(n, own)):
                break
            n += 1
        if n > 0:
            self._choose(2 * n + negative + 1)
        m = node = 1
        for i in reversed(range(n)):
            bit = int(left((2 * m + 1) << i, ((2 * m + 2) << i) - 1))
            if bit and left(2 * m << i, ((2 * m + 1) << i) - 1):
                depth = n - 1 - i
                if depth < 4:
                    bit = self._decide(node, 16 + 4 * min(n, 10) + depth, _bit_after(m, i, own))
                else:
                    bit = read_bit(self._coder, self._models["tail", self._c, n, i])
            m, node = 2 * m + bit, 2 * node + bit
        return m


def _longer_than(n: int, own: Implied) -> Implied:
    """Whether a magnitude has more than n bits below its first."""
    return lambda r: int(own(r) >> n + 1 != 0) if own(r) >> n else -1


def _bit_after(m: int, i: int, own: Implied) -> Implied:
    """Bit i of a magnitude that begins with m."""
    return lambda r: own(r) >> i & 1 if own(r) >> i + 1 == m else -1
