"""Adaptive model of one binary decision, in plain integers.

The reference for `native/entropy/adaptive.h`. A state of 32 bits holds the probability of 1 (22 bits) above the
number of decisions seen (10 bits). The step of adaptation is 1 / (count + 1.6): a running mean first, and once the
count stands at its limit exponential forgetting.
Source: docs/format.md, "Adaptive binary models".
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

COUNT_BITS = 10
COUNT_LIMIT = 255
PROBABILITY_BITS = 22
INITIAL_STATE = 1 << 31  # one half, no decision seen

# round(2^16 / (n + 1.6)), with the quotient written in integers.
RATES = tuple((655360 + (10 * n + 16) // 2) // (10 * n + 16) for n in range(COUNT_LIMIT + 1))


class Decisions(Protocol):
    """Where decisions come from: `RangeDecoder`, or what stands in for it."""

    def bit(self, p1: int) -> int: ...


@dataclasses.dataclass
class BitModel:
    """State of the model, probability above count."""

    state: int = INITIAL_STATE

    @property
    def p1(self) -> int:
        """Probability of 1 in units of 2^-16; odd, so that neither 0 nor 1 is impossible."""
        return self.state >> 16 | 1

    def update(self, bit: int, limit: int = COUNT_LIMIT) -> None:
        """Moves the probability towards the decision made; the count ends at `limit`."""
        count = self.state & (1 << COUNT_BITS) - 1
        probability = self.state >> COUNT_BITS
        target = (1 << PROBABILITY_BITS) - 1 if bit else 0
        probability += (target - probability) * RATES[count] >> 16  # rounded down, also where negative
        self.state = probability << COUNT_BITS | min(count + 1, limit)


def mean_p1(a: BitModel, b: BitModel) -> int:
    """Probability of 1 by the mean of two models, in units of 2^-16."""
    return ((a.state >> 16) + (b.state >> 16)) >> 1 | 1


def read_bit(decoder: Decisions, model: BitModel, second: BitModel | None = None) -> int:
    """Decodes a decision under a model, or under the mean of two, which both learn from it."""
    value = decoder.bit(model.p1 if second is None else mean_p1(model, second))
    model.update(value)
    if second is not None:
        second.update(value)
    return value
