"""The arrays of a weight file: numbers in one stream of the range coder.

A network has a million numbers of ten decisions each, so that one function does it all without calls: it is
`RangeDecoder` and `BitModel` written out.
Place: `weights.py` gives it the rest of a body.
Source: docs/format.md, "Arrays", "Range coder" and "Adaptive binary models".
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy

from veneer import limits
from veneer.reference.adaptive import COUNT_LIMIT, INITIAL_STATE, RATES
from veneer.reference.graph import Graph
from veneer.reference.network import Array
from veneer.reference.range_coder import STATE_MASK, WORD_MASK, bytes_to_words

BY_DIFFERENCES = {"shift", "table"}
LENGTH_BITS = 6
MOST_LENGTH = 31
UNIFORM_BITS = 16
RANGES = {"u1": (0, 255), "i2": (-32768, 32767), "i4": (-(2**31) + 1, 2**31 - 1)}


class NoCodeError(Exception):
    """The bytes are not what an encoder writes."""


class TooManyNumbersError(Exception):
    """The arrays would have more numbers than the limit."""


def read_arrays(graph: Graph, data: bytes) -> dict[str, Array]:
    """The arrays of a network, by their names `operation/role`.

    Raises:
        NoCodeError: the bytes are no code of them.
        TooManyNumbersError: there would be too many of them.
    """
    arrays = graph.arrays
    total = sum(math.prod(shape) for _, shape in arrays.values())
    if total > limits.MAX_WEIGHTS:
        raise TooManyNumbersError(f"{graph.name}: {total} numbers in arrays are more than {limits.MAX_WEIGHTS}")
    decoder = _Numbers(data)
    result: dict[str, Array] = {}
    for name, (kind, shape) in arrays.items():
        operation, role = name.split("/")
        numbers = decoder.read(role, math.prod(shape))
        least, most = RANGES[kind]
        if not (numbers is not None and numbers.size and numbers.min() >= least and numbers.max() <= most):
            raise NoCodeError(f"{graph.name}/{operation}: the arrays are no code")
        result[name] = numbers.reshape(shape).astype(kind)
    if not decoder.valid:  # as rare
        raise NoCodeError(f"{graph.name}: the arrays are no code")  # pragma: no cover
    return result


class _Numbers:
    """The state of the range decoder, and the adaptive models of each role."""

    def __init__(self, data: bytes) -> None:
        self._words: Iterator[int] = iter(bytes_to_words(data))
        self._range = STATE_MASK
        self._offset = next(self._words, 0) << 32 | next(self._words, 0)
        self._models: dict[str, tuple[list[int], list[int]]] = {}

    @property
    def valid(self) -> bool:
        """Whether the coded number lies in the interval that remains."""
        return self._offset < self._range

    def read(self, role: str, count: int) -> numpy.typing.NDArray[numpy.int64] | None:
        """The next numbers, those of arrays that are coded by differences added up; None where they are no code."""
        fresh = [INITIAL_STATE] * (1 << LENGTH_BITS), [INITIAL_STATE] * (MOST_LENGTH + 1)
        lengths, seconds = self._models.setdefault(role, fresh)
        width, offset, words = self._range, self._offset, self._words
        numbers = []
        for _ in range(count):
            # The number of binary digits, by a tree of decisions, and then the second digit.
            place, models = 1, lengths
            left, length, first = LENGTH_BITS, 0, 1
            while left:
                state = models[place]
                p1 = state >> 16 | 1
                split = (width >> 16) * (65536 - p1)
                seen, probability = state & 1023, state >> 10
                if offset < split:
                    width, bit = split, 0
                    probability += -probability * RATES[seen] >> 16
                else:
                    offset, width, bit = offset - split, (width >> 16) * p1, 1
                    probability += (0x3FFFFF - probability) * RATES[seen] >> 16
                models[place] = probability << 10 | (seen + 1 if seen < COUNT_LIMIT else seen)
                if width <= WORD_MASK:
                    width <<= 32
                    offset = min(offset << 32 | next(words, 0), STATE_MASK)
                left -= 1
                if models is seconds:
                    first = 2 | bit
                    break
                place = 2 * place | bit
                if not left:
                    length = place - (1 << LENGTH_BITS)
                    if length > MOST_LENGTH:
                        return None
                    if length > 1:
                        place, models, left = length, seconds, 1
            if not length:
                numbers.append(0)
                continue
            # The digits below, and the sign.
            below = max(length - 2, 0)
            digits, rest = below + 1, 0
            for part in (digits - UNIFORM_BITS, UNIFORM_BITS) if digits > UNIFORM_BITS else (digits,):
                width >>= part
                value = offset // width
                if value >> part:  # beyond the interval: one in 2^32 of all bytes, and no vector has them
                    return None  # pragma: no cover
                offset -= width * value
                rest = rest << part | value
                if width <= WORD_MASK:
                    width <<= 32
                    offset = min(offset << 32 | next(words, 0), STATE_MASK)
            magnitude = first << below | rest >> 1
            numbers.append(-magnitude if rest & 1 else magnitude)
        self._range, self._offset = width, offset
        result = numpy.array(numbers, numpy.int64)
        return numpy.cumsum(result) if role in BY_DIFFERENCES else result
