"""The range coder that carries every symbol of a file, in plain integers.

The reference for `native/entropy/range_coder.h`, which the codec runs. Both give the words of constriction's
`stream.queue` coder for 32-bit words, a 64-bit state and probabilities of up to 24 bits.
Words are integers of 32 bits. A cumulative distribution `cdf` of n symbols is n + 1 integers that rise strictly
from 0 to 2^precision; symbol i has the probability (cdf[i + 1] - cdf[i]) / 2^precision.
Source: docs/format.md, "Range coder"; G. N. N. Martin, "Range encoding" (1979).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

MAX_PRECISION = 24
BIT_PRECISION = 16  # of a decision with a modelled probability
WORD_BITS = 32
WORD_MASK = 2**32 - 1
STATE_MASK = 2**64 - 1


def words_to_bytes(words: Sequence[int]) -> bytes:
    """The payload of a stream: its words in little-endian order, without the zero bytes at the end."""
    return b"".join(int(word).to_bytes(4, "little") for word in words).rstrip(b"\0")


def bytes_to_words(payload: bytes) -> list[int]:
    """The words of a payload; bytes past its end are zero."""
    return [int.from_bytes(payload[start : start + 4], "little") for start in range(0, len(payload), 4)]


class RangeEncoder:
    """Narrows an interval of 64-bit numbers, symbol by symbol, and writes the words that its numbers begin with.

    The interval is [lower, lower + range) behind the words already written, with 2^32 <= range < 2^64. It may
    reach past 2^64; that is a carry into those words, made when lower itself passes 2^64.
    """

    def __init__(self) -> None:
        self._lower = 0
        self._range = STATE_MASK
        self._words: list[int] = []

    def encode(self, left: int, prob: int, precision: int) -> None:
        """Encodes the symbol that has the share [left, left + prob) of 0..2^precision."""
        if not 1 <= precision <= MAX_PRECISION:
            raise ValueError(f"precision must be 1..{MAX_PRECISION}")
        if left < 0 or prob < 1 or left + prob > 1 << precision:
            raise ValueError("an interval must have 0 < prob and left + prob <= 2^precision")
        scale = self._range >> precision
        self._add(scale * left)
        self._range = scale * prob
        if self._range <= WORD_MASK:
            self._words.append(self._lower >> WORD_BITS)
            self._lower = self._lower << WORD_BITS & STATE_MASK
            self._range <<= WORD_BITS

    def symbol(self, value: int, cdf: Sequence[int], precision: int) -> None:
        """Encodes symbol `value` of a cumulative distribution."""
        left, right = int(cdf[value]), int(cdf[value + 1])
        self.encode(left, right - left, precision)

    def bit(self, value: int, p1: int) -> None:
        """Encodes a decision whose probability of 1 is p1 / 2^16; 0 has the lower part of the interval."""
        p0 = (1 << BIT_PRECISION) - p1
        self.encode(p0 if value else 0, p1 if value else p0, BIT_PRECISION)

    def raw(self, value: int, count: int) -> None:
        """Encodes `count` bits of probability one half each, the most significant first."""
        for shift in reversed(range(count)):
            self.encode(value >> shift & 1, 1, 1)

    def finish(self) -> list[int]:
        """All words of the stream; the encoder goes on where it stood.

        One or two words end it: as few as name a number of the interval whatever words follow.
        """
        if self._range == STATE_MASK:
            return []  # nothing was encoded
        end = RangeEncoder()
        end._lower, end._words = self._lower, self._words.copy()
        end._add(WORD_MASK)
        last = end._lower >> WORD_BITS
        end._words.append(last)
        if (self._lower + self._range & STATE_MASK) >> WORD_BITS == last:
            end._words.append(0)
        return end._words

    def _add(self, amount: int) -> None:
        """Raises lower, with the carry into the words already written."""
        self._lower += amount
        if self._lower <= STATE_MASK:
            return
        self._lower &= STATE_MASK
        position = len(self._words) - 1
        while self._words[position] == WORD_MASK:
            self._words[position] = 0
            position -= 1
        self._words[position] += 1


class RangeDecoder:
    """Follows the encoder's interval: `range` is the encoder's, `offset` the coded number's distance from `lower`.

    Args:
        words: Those of `RangeEncoder.finish` or `bytes_to_words`; words past the end are zero.
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
