"""The range coder against constriction's, which does the same arithmetic: `pytest benchmarks/bench_range_coder.py`.

Both code a million symbols of one table of probabilities, then a million decisions with a probability each; rates are
in millions of symbols per second. Adaptive models are Veneer's own.
"""

from __future__ import annotations

import constriction
import numpy as np
import pytest
from conftest import Rate

from veneer import _native_dev

COUNT = 1_000_000
PRECISION = 24
WORK, UNIT = COUNT / 1e6, "Msymbols/s"

queue, models = constriction.stream.queue, constriction.stream.model

rng = np.random.default_rng(0)
SHARES = np.exp(-(np.arange(-20, 21) ** 2) / 18.0) + 1e-5
SHARES = SHARES / SHARES.sum()
SYMBOLS = rng.choice(len(SHARES), COUNT, p=SHARES).astype(np.int32)
CDF = np.concatenate([[0], np.round(np.cumsum(SHARES) * (1 << PRECISION))]).astype(np.uint32)
P1 = rng.integers(1, 65536, COUNT, dtype=np.uint16)
BITS = (rng.integers(0, 65536, COUNT) < P1).astype(np.uint8)
CONTEXTS = rng.integers(0, 500, COUNT, dtype=np.int32)
STATES = np.full(500, 1024 << 5, np.uint32)  # probability one half, count zero


def native_symbols() -> np.ndarray:
    """The stream of SYMBOLS."""
    coder = _native_dev.RangeEncoder()
    coder.encode_symbols(SYMBOLS, CDF, PRECISION)
    return coder.finish()


def native_bits() -> np.ndarray:
    """The stream of BITS."""
    coder = _native_dev.RangeEncoder()
    coder.encode_bits(BITS, P1)
    return coder.finish()


def constriction_encoder(symbols: np.ndarray, model: object, *parameters: np.ndarray) -> np.ndarray:
    """The stream of symbols by constriction."""
    coder = queue.RangeEncoder()
    coder.encode(symbols, model, *parameters)
    return coder.get_compressed()


@pytest.mark.parametrize("who", ["veneer", "constriction"])
def test_encode_symbols(rate: Rate, who: str) -> None:
    """A table of 41 symbols."""
    model = models.Categorical(SHARES, perfect=False)
    call = native_symbols if who == "veneer" else lambda: constriction_encoder(SYMBOLS, model)
    rate(call, group="encode symbols", name=who, work=WORK, unit=UNIT, peer=who != "veneer")


@pytest.mark.parametrize("who", ["veneer", "constriction"])
def test_decode_symbols(rate: Rate, who: str) -> None:
    """The same, back."""
    words = native_symbols()
    model = models.Categorical(SHARES, perfect=False)
    theirs = constriction_encoder(SYMBOLS, model)
    assert np.array_equal(_native_dev.RangeDecoder(words).decode_symbols(COUNT, CDF, PRECISION), SYMBOLS)
    assert np.array_equal(queue.RangeDecoder(theirs).decode(model, COUNT), SYMBOLS)
    ours = lambda: _native_dev.RangeDecoder(words).decode_symbols(COUNT, CDF, PRECISION)  # noqa: E731
    call = ours if who == "veneer" else lambda: queue.RangeDecoder(theirs).decode(model, COUNT)
    rate(call, group="decode symbols", name=who, work=WORK, unit=UNIT, peer=who != "veneer")


@pytest.mark.parametrize("who", ["veneer", "constriction"])
def test_encode_decisions(rate: Rate, who: str) -> None:
    """Decisions with a probability each."""
    model, shares = models.Bernoulli(perfect=False), P1 / 65536.0
    call = native_bits if who == "veneer" else lambda: constriction_encoder(BITS.astype(np.int32), model, shares)
    rate(call, group="encode decisions", name=who, work=WORK, unit=UNIT, peer=who != "veneer")


@pytest.mark.parametrize("who", ["veneer", "constriction"])
def test_decode_decisions(rate: Rate, who: str) -> None:
    """The same, back."""
    model, shares = models.Bernoulli(perfect=False), P1 / 65536.0
    words, theirs = native_bits(), constriction_encoder(BITS.astype(np.int32), model, shares)
    assert np.array_equal(_native_dev.RangeDecoder(words).decode_bits(P1), BITS)
    ours = lambda: _native_dev.RangeDecoder(words).decode_bits(P1)  # noqa: E731
    call = ours if who == "veneer" else lambda: queue.RangeDecoder(theirs).decode(model, shares)
    rate(call, group="decode decisions", name=who, work=WORK, unit=UNIT, peer=who != "veneer")


@pytest.mark.parametrize("direction", ["encode", "decode"])
def test_adaptive_decisions(rate: Rate, direction: str) -> None:
    """Decisions under 500 models that learn."""
    words, _ = _native_dev.adaptive_encode(BITS, CONTEXTS, STATES)
    calls = {
        "encode": lambda: _native_dev.adaptive_encode(BITS, CONTEXTS, STATES),
        "decode": lambda: _native_dev.adaptive_decode(words, CONTEXTS, STATES),
    }
    rate(calls[direction], group=f"{direction} adaptive decisions", name="veneer", work=WORK, unit=UNIT)
