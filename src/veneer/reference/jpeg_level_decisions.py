"""Decisions of the levels of a tile of a JPEG base: models, and how their predictions are mixed.

Source: docs/format.md, "Levels".
"""

from __future__ import annotations

import collections
import functools
import itertools
from collections.abc import Sequence

from veneer.reference.adaptive import COUNT_BITS, INITIAL_STATE, BitModel, mean_p1
from veneer.reference.mixing import logistic, logits
from veneer.reference.range_coder import RangeDecoder
from veneer.reference.tables import clamp, jpeg_levels

NODES = (8, 4, 64, 8, 32)
CONTEXTS = (3072, 960, 150, 576, 96)  # of the first table of each kind
GROUPS = 136
FAST_TABLES = (1, 1, 2, 2, 2)  # of each kind, in the fast form
MAX_WEIGHT = 262144
MAX_SEEN = 65535
RATE = 6144


@functools.cache
def first_states() -> dict[tuple[int, int, int, int], int]:
    """The states at which models of the first table of each kind begin, where these are not the usual one."""
    _, _, warm, _ = jpeg_levels()
    states, entries = {}, iter(warm)
    for kind, (contexts, nodes) in enumerate(zip(CONTEXTS, NODES, strict=True)):
        for context, node in itertools.product(range(contexts), range(nodes)):
            entry = next(entries)
            if entry & 31:
                states[kind, 0, context, node] = ((entry >> 5 << 11) + (1 << 10) << COUNT_BITS) + (entry & 31)
    return states


class Decider:
    """The decisions of a tile: models, weights and corrections, as they begin.

    Args:
        coder: gives the decisions.
        full: the form.
    """

    def __init__(self, coder: RangeDecoder, full: bool) -> None:
        self.coder = coder
        self._full = full
        self._logit = logits()
        _, _, _, weights = jpeg_levels()
        self._first = first_states()
        self._models: dict[tuple[int, int, int, int], BitModel] = {}
        self._a = [[256 * w for w in weights[8 * g : 8 * g + 8]] for g in range(GROUPS)]
        self._seen = [0] * GROUPS
        self._b: dict[tuple[int, int], list[int]] = collections.defaultdict(lambda: [0] * 8)
        self._w: dict[tuple[int, int], list[int]] = collections.defaultdict(lambda: [0] * 8)
        first = [logistic(clamp(128 * (j - 16), -2047, 2047)) for j in range(33)]
        self._correction: dict[tuple[int, int], list[int]] = collections.defaultdict(first.copy)
        self.exponent: dict[tuple[int, int, int], BitModel] = collections.defaultdict(BitModel)
        self.mantissa: dict[tuple[int, int, int, int], BitModel] = collections.defaultdict(BitModel)
        self._kind = 0
        self._contexts: list[int] = []
        self._chroma = 0

    def choose(self, kind: int, c: int, contexts: Sequence[int]) -> None:
        """The contexts of the decisions that follow."""
        self._kind, self._chroma = kind, int(c > 0)
        self._contexts = list(contexts if self._full else contexts[: FAST_TABLES[kind]])

    def _model(self, key: tuple[int, int, int, int]) -> BitModel:
        """The model of a kind, a table, a context and a node, which is made when it is asked for."""
        if key not in self._models:
            self._models[key] = BitModel(self._first.get(key, INITIAL_STATE))
        return self._models[key]

    def decide(self, node: int, group: int, shape: int, place: int) -> int:
        """Reads a decision."""
        models = [self._model((self._kind, i, context, node)) for i, context in enumerate(self._contexts)]
        count = models[0].state % (1 << COUNT_BITS)
        for model in models[1:]:
            if model.state % (1 << COUNT_BITS) == 0:
                model.state = models[0].state - count + min(count, 3)
        if self._full:
            return self._mixed(models, 2 * group + self._chroma, shape, place)
        value = self.coder.bit(models[0].p1 if len(models) == 1 else mean_p1(*models))
        for model in models:
            model.update(value)
        return value

    def _mixed(self, models: list[BitModel], g: int, shape: int, place: int) -> int:
        odds = [self._logit[model.state >> 20] for model in models]
        odds += [0] * (7 - len(odds)) + [256]
        sets = (self._a[g], self._b[g, shape], self._w[g, place])
        d = sum((a + b + w >> 6) * x for a, b, w, x in zip(*sets, odds, strict=True))
        x = clamp(d >> 10, -2047, 2047)
        mixed = logistic(x)
        j, f = divmod(x + 2048, 128)
        knot = self._correction[g, place]
        corrected = knot[j] * (128 - f) + knot[j + 1] * f >> 7
        value = self.coder.bit(clamp(mixed + corrected >> 1, 32, 65504))
        rate = RATE + 768 * RATE // (128 + self._seen[g])
        error = (65536 * value - mixed) * rate + 131072 >> 18
        self._seen[g] = min(self._seen[g] + 1, MAX_SEEN)
        for weights in sets:
            for i in range(8):
                weights[i] = clamp(weights[i] + (odds[i] * error + 8192 >> 14), -MAX_WEIGHT, MAX_WEIGHT)
        for model in models:
            model.update(value)
        j += f >= 64
        knot[j] += 65535 * value - knot[j] >> 6
        return value

    def tree(self, n: int, group: int, shape: int) -> int:
        """Reads a number of n bits."""
        node = 1
        for i in range(n):
            node = 2 * node + self.decide(node, group + i, shape, node)
        return node - (1 << n)
