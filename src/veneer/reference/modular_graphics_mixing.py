"""Hashes and mixed decisions of the graphics form.

Source: docs/format.md, "Graphics form" and "Mixing colours".
"""

from __future__ import annotations

import collections
from collections.abc import Hashable, Sequence

from veneer.reference.adaptive import BitModel
from veneer.reference.mixing import MASK, MAX_LOGIT, logistic, logits
from veneer.reference.tables import clamp
from veneer.reference.tile import Coder

FIRST_WEIGHT = 10500
MAX_WEIGHT = 262144
MAX_SEEN = 65535
LEVEL_FIRST = (1, 2, 3, 5, 9, 17, 33)


def mix(h: int, *values: int) -> int:
    """Hashes values into h."""
    for v in values:
        h = (h + v) * 0x9E3779B1 & MASK
        h ^= h >> 15
    return h


def spread(h: int) -> int:
    """A hash whose upper bits are the best."""
    return h * 0x85EBCA6B & MASK


def place(h: int, s: int) -> int:
    """Where in a table of 2^s entries a hash belongs."""
    return spread(h) >> (32 - s)


def check(h: int) -> int:
    """What tells hashes of the same place apart."""
    return spread(h) & 65535


def size(count: int, more: int, least: int, most: int) -> int:
    """Bits of the place in a table for so many pixels or rows."""
    return clamp((count - 1).bit_length() + more, least, most)


def level(m: int) -> int:
    """Class of a magnitude."""
    return sum(m >= first for first in LEVEL_FIRST)


def signed_level(d: int) -> int:
    """Class of a difference."""
    magnitude = 8 if abs(d) > 64 else level(abs(d))
    return -magnitude if d < 0 else magnitude


class Weights:
    """Sets of weights by name; those of `first` count their decisions."""

    def __init__(self) -> None:
        self.first: dict[Hashable, list[int]] = collections.defaultdict(lambda: [FIRST_WEIGHT] * 16)
        self.other: dict[Hashable, list[int]] = collections.defaultdict(lambda: [0] * 16)
        self.seen: collections.Counter[Hashable] = collections.Counter()


def mixed(
    coder: Coder, models: Sequence[BitModel], weights: Weights, a: Hashable, others: Sequence[Hashable], rate: int
) -> int:
    """Reads a decision by its 15 models and the sum of weights."""
    odds = [logits()[model.state >> 20] for model in models] + [256]
    sets = [weights.first[a], *(weights.other[name] for name in others)]
    d = sum((sum(w) >> 6) * x for w, x in zip(zip(*sets, strict=True), odds, strict=True))
    p = logistic(clamp(d >> 10, -MAX_LOGIT, MAX_LOGIT))
    value = coder.bit(p)
    step = ((65536 * value - p) * (rate + 768 * rate // (128 + weights.seen[a])) + 131072) >> 18
    weights.seen[a] = min(weights.seen[a] + 1, MAX_SEEN)
    for weight in sets:
        for i, x in enumerate(odds):
            weight[i] = clamp(weight[i] + ((x * step + 8192) >> 14), -MAX_WEIGHT, MAX_WEIGHT)
    for model in models:
        model.update(value)
    return value
