"""The native range coder and the reference against an exact one, and against each other on words that nobody wrote."""

from typing import Any

import numpy as np
import pytest
from coders import (
    ExactEncoder,
    Interval,
    check_decodes,
    exact_words,
    intervals,
    native_words,
    python_words,
    random_cdf,
    words_of,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from veneer import _native_dev
from veneer.conformance import enc_range_coder
from veneer.reference import range_coder

STREAMS = st.lists(intervals(), max_size=40)
WORDS = st.lists(st.one_of(st.sampled_from([0, 1, 2**31, 2**32 - 1]), st.integers(0, 2**32 - 1)), max_size=12)


def check_all(stream: list[Interval]) -> list[int]:
    words = exact_words(stream)
    assert native_words(stream) == words
    assert python_words(stream) == words
    check_decodes(stream, words)
    return words


@settings(deadline=None)
@given(STREAMS)
def test_any_stream(stream: list[Interval]) -> None:
    check_all(stream)


@settings(deadline=None)
@given(STREAMS, WORDS)
def test_end_stands_whatever_follows(stream: list[Interval], following: list[int]) -> None:
    check_decodes(stream, exact_words(stream) + following if stream else [])


def test_empty_stream() -> None:
    assert check_all([]) == []
    assert _native_dev.words_to_bytes(words_of([])) == b""


@pytest.mark.parametrize("precision", [1, 16, 24])
def test_symbols_that_say_nothing(precision: int) -> None:
    assert check_all([(0, 1 << precision, precision)] * 5) == [0]


def test_every_width_at_the_end() -> None:
    """The state comes by all magnitudes; the end takes one word or two."""
    extra = set()
    for first in [(0, 1, 1), (1, 1, 1), (0, 1, 24), (2**24 - 1, 1, 24), (1, 2, 2), (12345, 678, 16), (1000, 3, 10)]:
        for halvings in range(70):
            for bit in (0, 1):
                stream = [first] + [(bit, 1, 1)] * halvings
                coder = ExactEncoder()
                for interval in stream:
                    coder.encode(*interval)
                extra.add(len(check_all(stream)) - coder.words)
    assert extra == {1, 2}


def straddling(target: int, precision: int, count: int) -> list[Interval]:
    """Intervals that hold the number `target` of the first 64 bits, as narrow as can be."""
    coder, stream = ExactEncoder(), []
    for _ in range(count):
        point = target << 32 * coder.words
        left = (point - coder.low) // (coder.width >> precision)
        stream.append((left, 1, precision))
        coder.encode(*stream[-1])
        assert coder.low <= target << 32 * coder.words < coder.low + coder.width
    return stream


@pytest.mark.parametrize("precision", [5, 7, 11, 16, 19, 24])
@pytest.mark.parametrize("seed", range(5))
def test_carry_through_many_words(seed: int, precision: int) -> None:
    """A number with zeros for its further words: below it they are all ones until the last symbol says otherwise."""
    target = int(np.random.default_rng(seed).integers(2**32, 2**64 - 2**32, dtype=np.uint64))
    stream = straddling(target, precision, 300 // precision)
    coder = ExactEncoder()
    for interval in stream:
        coder.encode(*interval)
    left = ((target << 32 * coder.words) - coder.low) // (coder.width >> precision)
    below = check_all([*stream, (left - 1, 1, precision), (0, 1, 24)]) if left > 0 else None
    above = check_all([*stream, (left + 1, 1, precision), (0, 1, 24)]) if left + 1 < 1 << precision else None
    assert below is None or below[2:6] == [2**32 - 1] * 4
    assert above is None or above[2:6] == [0] * 4
    assert below or above


@pytest.mark.parametrize("p1", [1, 2, 3, 2**15 - 1, 2**15, 2**15 + 1, 2**16 - 2, 2**16 - 1])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_decisions(p1: int, share: float) -> None:
    bits = (np.random.default_rng(p1).random(1000) < share).astype(np.uint8)
    probabilities = np.full(len(bits), p1, np.uint16)
    native, reference = _native_dev.RangeEncoder(), enc_range_coder.RangeEncoder()
    native.encode_bits(bits, probabilities)
    for bit in bits.tolist():
        reference.bit(bit, p1)
    words = reference.finish()
    assert native.finish().tolist() == words
    assert exact_words((2**16 - p1, p1, 16) if bit else (0, 2**16 - p1, 16) for bit in bits) == words
    decoder, reading = _native_dev.RangeDecoder(words_of(words)), range_coder.RangeDecoder(words)
    assert np.array_equal(decoder.decode_bits(probabilities), bits)
    assert [reading.bit(p1) for _ in bits] == bits.tolist()
    assert decoder.valid()
    assert reading.valid()


@settings(deadline=None)
@given(st.lists(st.integers(0, 32).flatmap(lambda n: st.tuples(st.integers(0, 2**n - 1), st.just(n))), max_size=20))
def test_raw(values: list[tuple[int, int]]) -> None:
    native, reference = _native_dev.RangeEncoder(), enc_range_coder.RangeEncoder()
    for value, count in values:
        native.raw(value, count)
        reference.raw(value, count)
    words = reference.finish()
    assert native.finish().tolist() == words
    decoder, reading = _native_dev.RangeDecoder(words_of(words)), range_coder.RangeDecoder(words)
    assert [decoder.raw(count) for _, count in values] == [value for value, _ in values]
    assert [reading.raw(count) for _, count in values] == [value for value, _ in values]


@pytest.mark.parametrize("precision", range(1, 25))
def test_tables(precision: int) -> None:
    rng = np.random.default_rng(precision)
    for size in {1, 2, min(3, 1 << precision), min(300, 1 << precision), min(5000, 1 << precision)}:
        cdf = random_cdf(rng, size, precision)
        symbols = rng.integers(0, size, 300).astype(np.int32)
        symbols[:2] = 0, size - 1
        native, reference = _native_dev.RangeEncoder(), enc_range_coder.RangeEncoder()
        native.encode_symbols(symbols, cdf, precision)
        for symbol in symbols.tolist():
            reference.symbol(symbol, cdf, precision)
        words = reference.finish()
        assert native.finish().tolist() == words
        decoder, reading = _native_dev.RangeDecoder(words_of(words)), range_coder.RangeDecoder(words)
        assert np.array_equal(decoder.decode_symbols(len(symbols), cdf, precision), symbols)
        table = cdf.tolist()
        assert [reading.symbol(table, precision) for _ in symbols] == symbols.tolist()


def test_finish_leaves_the_encoder_alone() -> None:
    for coder in (_native_dev.RangeEncoder(), enc_range_coder.RangeEncoder()):
        coder.raw(5, 3)
        assert list(coder.finish()) == list(coder.finish())
        coder.raw(2**32 - 1, 32)
        coder.raw(1, 5)
        assert list(coder.finish()) == exact_words((int(b), 1, 1) for b in f"101{2**32 - 1:b}00001")


@settings(deadline=None)
@given(WORDS)
def test_payload(words: list[int]) -> None:
    payload = enc_range_coder.words_to_bytes(words)
    assert _native_dev.words_to_bytes(words_of(words)) == payload
    assert not payload.endswith(b"\0")
    back = range_coder.bytes_to_words(payload)
    assert back == words[: len(back)]
    assert not any(words[len(back) :])


def test_zero_words_at_the_end_cost_nothing() -> None:
    stream = [(0, 1, 24)] * 1000
    words = check_all(stream)
    assert len(words) == 751
    assert enc_range_coder.words_to_bytes(words) == b""
    check_decodes(stream, [])


@settings(deadline=None)
@given(WORDS, st.lists(st.tuples(st.sampled_from(["bit", "raw", "symbol"]), st.integers(1, 2**16 - 1)), max_size=60))
def test_hostile_words(words: list[int], actions: list[tuple[str, int]]) -> None:
    """Both decoders decode random bytes to the same symbols, or both refuse them."""
    native, reference = _native_dev.RangeDecoder(words_of(words)), range_coder.RangeDecoder(words)
    valid = reference.valid()
    for action, number in actions:
        found: list[Any] = []
        for coder in (native, reference):
            try:
                if action == "raw":
                    found.append(coder.raw(number % 33))
                elif action == "bit" and isinstance(coder, range_coder.RangeDecoder):
                    found.append(coder.bit(number))
                elif action == "bit":
                    found.append(coder.decode_bits(np.array([number], np.uint16))[0])
                elif isinstance(coder, range_coder.RangeDecoder):
                    found.append(coder.symbol([0, 1, number + 1, 2**24], 24))
                else:
                    found.append(coder.decode_symbols(1, words_of([0, 1, number + 1, 2**24]), 24)[0])
            except ValueError as error:
                found.append(str(error))
        assert found[0] == found[1]
        assert native.valid() == reference.valid() <= valid
        valid = reference.valid()


def test_all_ones_are_no_stream() -> None:
    for coder in (_native_dev.RangeDecoder(words_of([2**32 - 1] * 3)), range_coder.RangeDecoder([2**32 - 1] * 3)):
        assert not coder.valid()
        with pytest.raises(ValueError, match="no stream"):
            coder.quantile(8)


BITS, ONE = np.array([0, 1], np.uint8), np.array([1], np.uint16)
CDF = words_of([0, 1, 4])


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("encode", (0, 0, 8)),
        ("encode", (200, 57, 8)),
        ("encode", (2**32 - 1, 2**32 - 1, 8)),
        ("encode", (0, 1, 0)),
        ("encode", (0, 1, 25)),
        ("raw", (1, 33)),
        ("raw", (1, -1)),
        ("raw", (4, 2)),
        ("encode_bits", (BITS, ONE)),
        ("encode_bits", (BITS + 1, np.array([1, 1], np.uint16))),
        ("encode_bits", (BITS, np.array([1, 0], np.uint16))),
        ("encode_bits", (BITS[None], ONE)),
        ("encode_symbols", (np.array([2], np.int32), CDF, 2)),
        ("encode_symbols", (np.array([-1], np.int32), CDF, 2)),
        ("encode_symbols", (np.array([0], np.int32), CDF, 3)),
        ("encode_symbols", (np.array([0], np.int32), CDF + 1, 2)),
        ("encode_symbols", (np.array([0], np.int32), words_of([0, 2, 2, 4]), 2)),
        ("encode_symbols", (np.array([0], np.int32), words_of([0]), 0)),
        ("encode_symbols", (np.array([0], np.int32), words_of([]), 1)),
        ("encode_symbols", (np.array([0], np.int32), CDF, 32)),
    ],
)
def test_wrong_arguments_to_the_encoder(method: str, arguments: tuple[Any, ...]) -> None:
    coder = _native_dev.RangeEncoder()
    with pytest.raises(ValueError, match=r"must|table|raw"):
        getattr(coder, method)(*arguments)
    assert coder.finish().size == 0


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("quantile", (0,)),
        ("quantile", (25,)),
        ("consume", (1, 1, 8)),
        ("consume", (0, 0, 8)),
        ("decode_symbols", (-1, CDF, 2)),
        ("decode_symbols", (1, CDF, 1)),
        ("decode_bits", (np.array([0], np.uint16),)),
        ("raw", (33,)),
    ],
)
def test_wrong_arguments_to_the_decoder(method: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"must|interval|raw"):
        getattr(_native_dev.RangeDecoder(words_of([])), method)(*arguments)


@pytest.mark.parametrize("interval", [(0, 0, 8), (-1, 1, 8), (200, 57, 8), (0, 1, 0), (0, 1, 25)])
def test_wrong_arguments_to_the_reference(interval: Interval) -> None:
    with pytest.raises(ValueError, match="must"):
        enc_range_coder.RangeEncoder().encode(*interval)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=400), st.integers(1, 65535), st.integers(0, 14))
def test_certain_is_what_no_continuation_changes(bits: list[int], p1: int, kept: int) -> None:
    """Of a cut stream exactly those decisions are certain that are the same before the least and the largest words."""
    encoder = _native_dev.RangeEncoder()
    encoder.encode_bits(np.array(bits, np.uint8), np.full(len(bits), p1, np.uint16))
    words = list(encoder.finish())[:kept]
    assume(not words or words[-1] >> 24)  # zero bytes at the end would be left out of the payload
    cut, least, largest = (
        _native_dev.RangeDecoder(words_of([*words, *more])) for more in ([], [0] * 20, [2**32 - 1] * 20)
    )
    agree = True
    for _ in bits:
        one, low, high = (int(coder.decode_bits(np.array([p1], np.uint16))[0]) for coder in (cut, least, largest))
        agree = agree and low == high and largest.valid()
        assert one == low
        assert cut.certain() == agree
