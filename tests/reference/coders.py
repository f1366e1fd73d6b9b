"""Common parts of entropy coding tests: intervals, an exact encoder, and both range coders behind one interface."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from veneer import _native_dev
from veneer.conformance import enc_range_coder
from veneer.reference import range_coder

Interval = tuple[int, int, int]  # left, prob, precision
Words = npt.NDArray[np.uint32]


def words_of(values: Iterable[int]) -> Words:
    return np.fromiter(values, np.uint32)


def native_words(intervals: Iterable[Interval]) -> list[int]:
    coder = _native_dev.RangeEncoder()
    for interval in intervals:
        coder.encode(*interval)
    return coder.finish().tolist()


def python_words(intervals: Iterable[Interval]) -> list[int]:
    coder = enc_range_coder.RangeEncoder()
    for interval in intervals:
        coder.encode(*interval)
    return coder.finish()


class ExactEncoder:
    """The same interval in integers without end: there is no carry, and words are cut out when all is known."""

    def __init__(self) -> None:
        self.low, self.width, self.words = 0, 2**64 - 1, 0

    def encode(self, left: int, prob: int, precision: int) -> None:
        scale = self.width >> precision
        self.low += scale * left
        self.width = scale * prob
        if self.width < 2**32:
            self.low <<= 32
            self.width <<= 32
            self.words += 1

    def finish(self) -> list[int]:
        if self.width == 2**64 - 1:
            return []
        point = (self.low + 2**32 - 1) >> 32
        words = [point >> 32 * i & 2**32 - 1 for i in range(self.words, -1, -1)]
        return words + [0] * ((self.low + self.width) >> 32 == point)


def exact_words(intervals: Iterable[Interval]) -> list[int]:
    coder = ExactEncoder()
    for interval in intervals:
        coder.encode(*interval)
    return coder.finish()


def check_decodes(intervals: Sequence[Interval], words: Sequence[int]) -> None:
    """Both decoders find every interval, and think the stream valid."""
    native = _native_dev.RangeDecoder(words_of(words))
    reference = range_coder.RangeDecoder(words)
    for left, prob, precision in intervals:
        assert left <= reference.quantile(precision) < left + prob
        assert native.quantile(precision) == reference.quantile(precision)
        native.consume(left, prob, precision)
        reference.consume(left, prob, precision)
    assert native.valid()
    assert reference.valid()


@st.composite
def intervals(draw: st.DrawFn, precisions: st.SearchStrategy[int] | None = None) -> Interval:
    """One symbol: often at an end of the alphabet, often as improbable as can be."""
    precision = draw(precisions or st.integers(1, 24))
    total = 1 << precision
    prob = draw(st.one_of(st.just(1), st.integers(1, total), st.just(total)))
    left = draw(st.one_of(st.just(0), st.integers(0, total - prob), st.just(total - prob)))
    return left, prob, precision


def random_cdf(rng: np.random.Generator, size: int, precision: int) -> Words:
    """A table of `size` symbols, from flat to very skewed."""
    spare = (1 << precision) - size
    shares = rng.dirichlet(np.full(size, rng.choice([0.02, 0.3, 5.0]))) if size > 1 else np.ones(1)
    counts = rng.multinomial(spare, shares) + 1
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
