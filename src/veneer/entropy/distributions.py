"""Tables for coding latents: 64 discretised Laplace distributions over -127..127, as cumulative frequencies.

Distribution i has the scale b = 2^((i - 32) / 7), from 0.04 to 21.5. Tables are computed with `decimal`, whose
exponential and logarithm are correctly rounded, so that they are the same everywhere.

Place: the range coder codes the symbols of these; `latent_prior` names the distribution of each latent.
"""

from __future__ import annotations

import functools
from decimal import ROUND_FLOOR, Context, Decimal, localcontext

import numpy
import numpy.typing

COUNT = 64
UNIT_INDEX = 32  # has b = 1
PER_OCTAVE = 7
MAX_VALUE = 127
SYMBOLS = 2 * MAX_VALUE + 1

# Bits of a whole distribution: the most that the range coder takes. Every symbol has a frequency of at least 1, which
# takes 255 / 2^24 of the whole away from the others.
PRECISION = 24


@functools.cache
def cumulative_frequencies() -> numpy.typing.NDArray[numpy.uint32]:
    """Cumulative frequencies of the values from -127 on.

    Returns:
        uint32 [64, 256], each row rising strictly from 0 to 2^24; value v is symbol v + 127. Not writable.
    """
    table = numpy.zeros((COUNT, SYMBOLS + 1), numpy.uint32)
    with localcontext(Context(prec=40)):
        for index in range(COUNT):
            half = _frequencies(index)  # of 0 .. 127
            numpy.cumsum([*half[:0:-1], *half], out=table[index, 1:])
    table.flags.writeable = False
    return table


def _frequencies(index: int) -> list[int]:
    """Frequencies of 0..127: floors of the shares of -127..127, at least 1, and 0 takes what is left."""
    rate = (Decimal(2).ln() * (UNIT_INDEX - index) / PER_OCTAVE).exp()  # 1 / b
    spare = (1 << PRECISION) - SYMBOLS
    # The integral of exp(-t / b) / 2b over v - 1/2 .. v + 1/2, as a share of that over -127.5 .. 127.5.
    within = 1 - (-rate * (MAX_VALUE + Decimal("0.5"))).exp()
    first = (1 - (-rate).exp()) * (-rate / 2).exp() / (2 * within) * spare
    tail = [
        1 + int((first * (-rate * (value - 1)).exp()).to_integral_value(ROUND_FLOOR))
        for value in range(1, MAX_VALUE + 1)
    ]
    return [(1 << PRECISION) - 2 * sum(tail), *tail]
