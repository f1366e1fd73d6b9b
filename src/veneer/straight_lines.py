"""A curve of straight lines through given points, exactly: the same on every machine.

Place: what settings stand for. Encoder only.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def on_straight_lines(x: float, places: Sequence[int], values: Sequence[int | Fraction]) -> Fraction:
    """The value at x, that of the first or last place outside of them.

    Args:
        x: not NaN.
        places: rising.
        values: at the places.
    """
    if x <= places[0]:
        return Fraction(values[0])
    for i in range(1, len(places)):
        if x <= places[i]:
            share = (Fraction(x) - places[i - 1]) / (places[i] - places[i - 1])
            return values[i - 1] + share * (values[i] - values[i - 1])
    return Fraction(values[-1])
