"""Decisions of the alpha plane: six adaptive models each, mixed in the logistic domain.

Source: docs/format.md, "Mixing".
"""

from __future__ import annotations

import collections
import functools

from veneer.reference.adaptive import COUNT_BITS, BitModel
from veneer.reference.tables import clamp
from veneer.reference.tile import Coder

KNOT = (
    *(32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030),
    *(64357, 64614, 64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489, 65500, 65508),
    *(65514, 65519, 65523, 65526, 65528, 65530, 65531, 65532, 65533, 65534, 65534, 65535, 65535, 65535, 65535, 65535),
    65535,
)
MASK = 2**32 - 1
FIRST_WEIGHT = 14000
MAX_WEIGHT = 1048576
MAX_LOGIT = 3072

Key = tuple[int, int]


def logistic(d: int) -> int:
    """Probability of 1 in units of 2^-16 for odds of exp(d / 256)."""
    if d < 0:
        return 65536 - logistic(-d)
    j, r = divmod(d, 64)
    return KNOT[48] if j == 48 else (KNOT[j] * (64 - r) + KNOT[j + 1] * r + 32) >> 6


@functools.cache
def logits() -> list[int]:
    """For the upper 12 bits of a state, the smallest d whose probability reaches theirs."""
    logit, d = [], -MAX_LOGIT
    for q in range(4096):
        while logistic(d) < 16 * q + 8:
            d += 1
        logit.append(d)
    return logit


def _new_slot() -> list[BitModel]:
    return [BitModel() for _ in range(16)]


class Mixer:
    """The six tables of models of a tile, and the weights.

    Args:
        coder: gives the decisions.
        samples: of the tile.
    """

    def __init__(self, coder: Coder, samples: int) -> None:
        self._coder = coder
        self._logit = logits()
        self._s = clamp((samples - 1).bit_length() - 4, 8, 15)
        self._table: list[dict[int, list[BitModel]]] = [collections.defaultdict(_new_slot) for _ in range(6)]
        self._weights: dict[tuple[int, int, int], list[int]] = collections.defaultdict(lambda: [FIRST_WEIGHT] * 6)
        self._hash = [0] * 6
        self._slot: list[list[BitModel]] = []
        self._confidence = 0

    def choose(self, keys: list[Key], family: int) -> None:
        """Finds the slots for a sample by its six keys."""
        for i, (a, b) in enumerate(keys):
            g = (a + (i if i in (0, 3) else i + 6 * family)) * 0x9E3779B1 & MASK
            g = ((g ^ (g >> 15)) + b) * 0x85EBCA6B & MASK
            self._hash[i] = (g ^ (g >> 13)) * 0x9E3779B1 & MASK
        self._slot = [self._table[i][self._hash[i] >> (32 - self._s)] for i in range(6)]
        count = self._slot[3][0].state % (1 << COUNT_BITS)
        self._confidence = 0 if count == 0 else 1 if count < 3 else 2

    def refine(self, k: int) -> None:
        """Finds other slots for the rest of the sample."""
        self._slot = [self._table[i][((self._hash[i] ^ k) * 0x9E3779B1 & MASK) >> (32 - self._s)] for i in range(6)]

    def decide(self, kind: int, node: int) -> int:
        """Reads a decision."""
        weight = self._weights[kind, node, self._confidence]
        models = [slot[node] for slot in self._slot]
        odds = [self._logit[model.state >> 20] for model in models]
        p = logistic(clamp(sum(a * b for a, b in zip(weight, odds, strict=True)) >> 16, -MAX_LOGIT, MAX_LOGIT))
        b = self._coder.bit(p)
        error = 65536 * b - p
        for i in range(6):
            weight[i] = clamp(weight[i] + ((odds[i] * error + 8192) >> 14), -MAX_WEIGHT, MAX_WEIGHT)
            models[i].update(b)
        return b
