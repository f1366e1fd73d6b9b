"""The regressions of the photo form of modular tiles.

Source: docs/format.md, "Photo form".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import numpy.typing

from veneer.reference.modular_approximations import high, inv
from veneer.reference.tables import clamp

Statistics = numpy.typing.NDArray[numpy.int64]

# Features; a and b of a single plane, and of each of three; first, second, row.
REGRESSIONS = (
    (16, (15, 0), ((11, 5), (9, 7), (8, 8)), (2, 4, 2)),
    (8, (8, 0), ((5, 3), (5, 3), (4, 4)), (1, 4, 2)),
    (24, (15, 0), ((15, 8), (15, 9), (15, 9)), (3, 0, 4)),  # no second term
)


class Regression:
    """One of the three of a plane."""

    def __init__(self, kind: int, plane: int, planes: int, width: int) -> None:
        self.n, alone, several, (self.first, self.second, self.row) = REGRESSIONS[kind]
        self.taps = alone if planes == 1 else several[plane]
        self.weights = numpy.zeros(self.n, numpy.int64)
        self.column: list[Statistics] = [self._nothing() for _ in range((width + 3) // 4)]
        self.right: list[Statistics] = []
        self.left = self.block = self._nothing()

    def _nothing(self) -> Statistics:
        return numpy.zeros((self.n + 1, self.n), numpy.int64)

    def _fade(self, s: Statistics) -> Statistics:
        faded = s - (s >> self.first)
        return faded - (s >> self.second) if self.second else faded

    def features(self, own: Sequence[int], other: Sequence[int]) -> list[int]:
        """The features of a sample, n of them."""
        a, b = self.taps
        chosen = [*own[:a], *other[:b]]
        return chosen + [0] * (self.n - len(chosen))

    def begin_row(self) -> None:
        """Before the first sample of a row."""
        self.left = self._nothing()
        self.right = [self._nothing()]
        for column in reversed(self.column):
            self.right.insert(0, self._fade(self.right[0]) + column)

    def begin_block(self, j: int) -> None:
        """Before the first sample of block j."""
        sums, w = self.left + self.right[j], self.weights
        for i in [*range(self.n), *range(self.n)]:
            g = (int(sums[self.n, i]) << 16) - int(sums[i] @ w)
            d = int(sums[i, i])
            d += (d >> 13) + 512
            step = clamp(g >> high(d), -(2**20), 2**20) * inv(d) >> 12
            w[i] = clamp(int(w[i]) + step, 1 - 2**19, 2**19 - 1)
        self.block = self._nothing()

    def learn(self, features: Sequence[int], target: int, e: int) -> None:
        """Adds a sample to the block."""
        q = [clamp(f * inv(e) >> high(e), -1023, 1023) for f in (*features, target)]
        self.block += numpy.outer(q, q[:-1])

    def end_block(self, j: int) -> None:
        """After the last sample of block j."""
        self.column[j] = self.column[j] - (self.column[j] >> self.row) + self.block
        self.left = self._fade(self.left) + self.column[j]
