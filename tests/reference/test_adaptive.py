"""The native adaptive models against the reference: the same words, and the same state at the end."""

import re
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from coders import words_of
from entropy_writers import write_bit

from veneer import _native_dev
from veneer.conformance.enc_range_coder import RangeEncoder
from veneer.reference import adaptive
from veneer.reference.range_coder import RangeDecoder

Bits = npt.NDArray[np.uint8]
Contexts = npt.NDArray[np.int32]


def reference_encode(bits: Bits, contexts: Contexts, states: npt.NDArray[np.uint32]) -> tuple[list[int], list[int]]:
    models, coder = [adaptive.BitModel(state) for state in states.tolist()], RangeEncoder()
    for bit, context in zip(bits.tolist(), contexts.reshape(len(bits), -1).tolist(), strict=True):
        write_bit(coder, bit, *(models[i] for i in context))
    return coder.finish(), [model.state for model in models]


def reference_decode(
    words: list[int], contexts: Contexts, states: npt.NDArray[np.uint32]
) -> tuple[list[int], list[int]]:
    models, coder = [adaptive.BitModel(state) for state in states.tolist()], RangeDecoder(words)
    contexts = contexts.reshape(len(contexts), -1)
    bits = [adaptive.read_bit(coder, *(models[i] for i in context)) for context in contexts.tolist()]
    return bits, [model.state for model in models]


def random_states(rng: np.random.Generator, count: int) -> npt.NDArray[np.uint32]:
    """States of any probability and count, the extreme ones among them."""
    probability = rng.integers(0, 2**22, count)
    probability[::3] = rng.choice([0, 1, 2**21, 2**22 - 2, 2**22 - 1], len(probability[::3]))
    seen = rng.choice([0, 1, 2, 30, 254, 255], count)
    return (probability << 10 | seen).astype(np.uint32)


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_twin(seed: int, share: float, pairs: bool) -> None:
    rng = np.random.default_rng(seed)
    count, models = 3000, int(rng.integers(1, 20))
    bits = (rng.random(count) < share).astype(np.uint8)
    contexts = rng.integers(0, models, (count, 2) if pairs else count).astype(np.int32)
    states = random_states(rng, models)
    words, final = _native_dev.adaptive_encode(bits, contexts, states)
    assert (words.tolist(), final.tolist()) == reference_encode(bits, contexts, states)
    decoded, after = _native_dev.adaptive_decode(words, contexts, states)
    assert np.array_equal(decoded, bits)
    assert np.array_equal(after, final)
    assert reference_decode(words.tolist(), contexts, states) == (bits.tolist(), final.tolist())


def test_every_step() -> None:
    """One decision from each count and a choice of probabilities, so that no table entry goes untested."""
    probability = np.array([0, 1, 63, 64, 2**21 - 1, 2**21, 2**22 - 65, 2**22 - 1])
    states = (probability[:, None] << 10 | np.arange(256)).astype(np.uint32).ravel()
    contexts = np.arange(len(states), dtype=np.int32)
    for bit in (0, 1):
        bits = np.full(len(states), bit, np.uint8)
        words, final = _native_dev.adaptive_encode(bits, contexts, states)
        assert (words.tolist(), final.tolist()) == reference_encode(bits, contexts, states)


def test_decoding_what_nobody_wrote() -> None:
    rng = np.random.default_rng(5)
    for words in ([2**32 - 1] * 4, [], rng.integers(0, 2**32, 20).tolist()):
        contexts, states = rng.integers(0, 7, (500, 2)).astype(np.int32), random_states(rng, 7)
        bits, final = _native_dev.adaptive_decode(words_of(words), contexts, states)
        assert (bits.tolist(), final.tolist()) == reference_decode(words, contexts, states)


def test_rates_are_the_nearest_integers() -> None:
    for count, rate in enumerate(adaptive.RATES):
        assert abs(rate - Fraction(2**16) / (count + Fraction(8, 5))) <= Fraction(1, 2)
    assert len(adaptive.RATES) == 256


@pytest.mark.parametrize("bit", [0, 1])
def test_probabilities_stay_in_range(bit: int) -> None:
    model = adaptive.BitModel()
    for _ in range(10000):
        model.update(bit)
        assert 1 <= model.p1 <= 2**16 - 1
        assert 0 <= model.state < 2**32
    assert model.state & 1023 == 255
    assert model.p1 == (2**16 - 5 if bit else 1)  # steps are rounded down, so those upwards end early


def test_running_mean() -> None:
    """Purpose of the rates: after a few decisions the probability is near the share of ones."""
    model = adaptive.BitModel()
    for i in range(100):
        model.update(int(i % 4 == 0))
    assert abs(model.p1 / 2**16 - 0.25) < 0.02


def test_mean_of_two() -> None:
    a, b = adaptive.BitModel(0x10000 * 1000), adaptive.BitModel(0x10000 * 2001)
    assert adaptive.mean_p1(a, b) == (1000 + 2001) // 2 | 1
    assert adaptive.mean_p1(a, a) == a.p1


@pytest.mark.parametrize(
    ("bits", "contexts", "states", "message"),
    [
        ([0, 2], [0, 0], [0], "bits must be 0 or 1"),
        ([0], [0, 0], [0], "same length"),
        ([0], [1], [0], "context has no state"),
        ([0], [-1], [0], "context has no state"),
        ([0], [[0, 0, 0]], [0], "[N] or [N, 2]"),
        ([0], [0], [256], "counts more decisions"),
        ([0], [0], [1023], "counts more decisions"),
    ],
)
def test_wrong_arguments(bits: list[int], contexts: list[int], states: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _native_dev.adaptive_encode(np.array(bits, np.uint8), np.array(contexts, np.int32), words_of(states))
