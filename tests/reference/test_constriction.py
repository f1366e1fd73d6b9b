"""The range coder against constriction's, word for word in both directions.

Constriction's models are given in floating point and turned into integers of 24 bits by itself. Which integers, its
encoder tells: after one symbol its state is the symbol's share of the first interval.
"""

from typing import Any

import constriction
import numpy as np
import pytest
from coders import Interval, check_decodes, native_words, python_words, words_of
from hypothesis import given, settings
from hypothesis import strategies as st

models, queue = constriction.stream.model, constriction.stream.queue
PRECISION = 24
Symbol = tuple[int, Any]  # value, constriction's model


def share(value: int, model: Any) -> Interval:
    coder = queue.RangeEncoder()
    coder.encode(value, model)
    written, (lower, width) = coder.pos()
    scale = (2**64 - 1) >> PRECISION
    assert written == lower % scale == width % scale == 0
    return lower // scale, width // scale, PRECISION


def check(stream: list[Symbol]) -> list[int]:
    """Our words are theirs, and each decodes the other's."""
    peer = queue.RangeEncoder()
    for value, model in stream:
        peer.encode(value, model)
    theirs = peer.get_compressed().tolist()
    intervals = [share(value, model) for value, model in stream]
    assert native_words(intervals) == theirs
    assert python_words(intervals) == theirs
    check_decodes(intervals, theirs)
    decoder = queue.RangeDecoder(words_of(native_words(intervals)))
    assert [int(decoder.decode(model)) for _, model in stream] == [value for value, _ in stream]
    return theirs


def categorical(rng: np.random.Generator) -> Symbol:
    size = int(rng.integers(2, 200))
    shares = rng.dirichlet(np.full(size, rng.choice([0.02, 0.5, 10.0]))).astype(np.float32) + np.float32(1e-30)
    value = int(rng.choice([0, size - 1, int(shares.argmax()), int(rng.integers(size))]))
    return value, models.Categorical(shares, perfect=False)


def bernoulli(rng: np.random.Generator) -> Symbol:
    return int(rng.integers(2)), models.Bernoulli(float(rng.choice([1e-9, 0.3, 0.5, 1 - 1e-9])), perfect=False)


def gaussian(rng: np.random.Generator) -> Symbol:
    mean, deviation = float(rng.normal(0, 20)), float(np.exp(rng.normal(1, 2)))
    return int(np.clip(rng.normal(mean, deviation), -100, 100)), models.QuantizedGaussian(-100, 100, mean, deviation)


def uniform(rng: np.random.Generator) -> Symbol:
    size = int(rng.choice([2, 3, 1000, 2**16, 2**24]))
    return int(rng.choice([0, size - 1, int(rng.integers(size))])), models.Uniform(size)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 10, 200])
@pytest.mark.parametrize("kind", [categorical, bernoulli, gaussian, uniform, None], ids=str)
def test_random_models_and_data(kind: Any, length: int) -> None:
    rng = np.random.default_rng(length)
    for _ in range(20 if length < 100 else 3):
        kinds = [kind or (categorical, bernoulli, gaussian, uniform)[rng.integers(4)] for _ in range(length)]
        check([make(rng) for make in kinds])


@settings(deadline=None)
@given(st.lists(st.integers(1, 24).flatmap(lambda k: st.tuples(st.integers(0, 2**k - 1), st.just(k))), max_size=30))
def test_whole_powers(values: list[tuple[int, int]]) -> None:
    check([(value, models.Uniform(2**k)) for value, k in values])


def test_empty_stream() -> None:
    assert check([]) == []


@pytest.mark.parametrize("halvings", range(68))
@pytest.mark.parametrize("first", [0, 2**23, 2**24 - 1])
def test_every_width_at_the_end(first: int, halvings: int) -> None:
    for bit in (0, 1):
        check([(first, models.Uniform(2**24)), *[(bit, models.Uniform(2))] * halvings])


@pytest.mark.parametrize("step", [-1, 1])
def test_carry(step: int) -> None:
    """Intervals that straddle 2^63: the last one decides whether a carry runs through all words after the first."""
    finest = models.Uniform(2**24)
    stream: list[Symbol] = []
    low, width, target = 0, 2**64 - 1, 2**63
    for i in range(10):
        value = (target - low) // (width >> 24) + (step if i == 9 else 0)
        stream.append((value, finest))
        low, width = low + (width >> 24) * value, width >> 24
        if width < 2**32:
            low, width, target = low << 32, width << 32, target << 32
    words = check(stream)
    assert words[:4] == ([2**31 - 1] + [2**32 - 1] * 3 if step < 0 else [2**31, 0, 0, 0])
