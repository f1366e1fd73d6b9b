"""The range coder that carries every symbol of a file, in plain integers.

The reference for `native/entropy/range_coder.h`, which the codec runs. Both decode the words of constriction's
`stream.queue` coder for 32-bit words, a 64-bit state and probabilities of up to 24 bits.
Words are integers of 32 bits. A cumulative distribution `cdf` of n symbols is n + 1 integers that rise strictly
from 0 to 2^precision; symbol i has the probability (cdf[i + 1] - cdf[i]) / 2^precision.
Source: docs/format.md, "Range coder"; G. N. N. Martin, "Range encoding" (1979).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

BIT_PRECISION = 16  # of a decision with a modelled probability
WORD_BITS = 32
WORD_MASK = 2**32 - 1
STATE_MASK = 2**64 - 1


def bytes_to_words(payload: bytes) -> list[int]:
    """The words of a payload; bytes past its end are zero."""
    return [int.from_bytes(payload[start : start + 4], "little") for start in range(0, len(payload), 4)]


class RangeDecoder:
    """Follows the encoder's interval: `range` is its width, `offset` the coded number's distance from its beginning.

    Args:
        words: Those of a stream, see `bytes_to_words`; words past the end are zero.
    """

    def __init__(self, words: Sequence[int]) -> None:
        self._words = words
        self._next = 0
        self._range = STATE_MASK
        self._offset = self._word() << WORD_BITS
        self._offset |= self._word()

    def quantile(self, precision: int) -> int:
        """Where in 0..2^precision the next symbol's share lies.

        Raises:
            ValueError: No encoder wrote these words.
        """
        quantile = self._offset // (self._range >> precision)
        if quantile >> precision:
            raise ValueError("the words are no stream")
        return quantile

    def consume(self, left: int, prob: int, precision: int) -> None:
        """Removes the symbol with the share [left, left + prob), in which the quantile lies."""
        scale = self._range >> precision
        self._offset -= scale * left
        self._renormalize(scale * prob)

    def symbol(self, cdf: Sequence[int], precision: int) -> int:
        """Decodes a symbol of a cumulative distribution."""
        value = bisect_right(cdf, self.quantile(precision)) - 1
        left, right = int(cdf[value]), int(cdf[value + 1])
        self.consume(left, right - left, precision)
        return value

    def bit(self, p1: int) -> int:
        """Decodes a decision whose probability of 1 is p1 / 2^16."""
        return self._decide(p1, BIT_PRECISION)

    def raw(self, count: int) -> int:
        """Decodes `count` bits of probability one half each, the most significant first."""
        value = 0
        for _ in range(count):
            value = value << 1 | self._decide(1, 1)
        return value

    def valid(self) -> bool:
        """False once the words cannot be the output of an encoder, and from then on."""
        return self._offset < self._range

    def _decide(self, p1: int, precision: int) -> int:
        scale = self._range >> precision
        split = scale * ((1 << precision) - p1)
        value = int(self._offset >= split)
        self._offset -= split if value else 0
        self._renormalize(scale * p1 if value else split)
        return value

    def _renormalize(self, narrowed: int) -> None:
        self._range = narrowed
        if narrowed <= WORD_MASK:
            self._range <<= WORD_BITS
            self._offset = min(self._offset << WORD_BITS | self._word(), STATE_MASK)

    def _word(self) -> int:
        position = self._next
        self._next += 1
        return int(self._words[position]) if position < len(self._words) else 0
