"""The encoder to the range coder of `veneer.reference`, in plain integers: it writes what `generator.py` makes up.

The reference for `native/entropy/enc_range_coder.h`.
Source: docs/format.md, "Range coder"; G. N. N. Martin, "Range encoding" (1979).
"""

from __future__ import annotations

from collections.abc import Sequence

from veneer.reference.range_coder import BIT_PRECISION, STATE_MASK, WORD_BITS, WORD_MASK

MAX_PRECISION = 24


def words_to_bytes(words: Sequence[int]) -> bytes:
    """The payload of a stream: its words in little-endian order, without the zero bytes at the end."""
    return b"".join(int(word).to_bytes(4, "little") for word in words).rstrip(b"\0")


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
