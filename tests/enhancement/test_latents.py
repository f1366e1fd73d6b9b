"""Latents to bytes and back, against the reference coder, the estimate, and damage."""

import numpy as np
import pytest

from veneer import _native
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.enc_latents import write_latents
from veneer.reference.range_coder import RangeDecoder, bytes_to_words


def read_latents(data: bytes, index: np.ndarray) -> np.ndarray | None:
    found, y = _native.read_latents(data, np.ascontiguousarray(index))
    return y if found else None


def draw(shape: tuple[int, int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Indices, and latents distributed as they say."""
    index = rng.integers(0, 64, shape, dtype=np.uint8)
    cdf = cumulative_frequencies()
    y = [np.searchsorted(cdf[i], rng.integers(1 << PRECISION), side="right") - 1 - MAX_VALUE for i in index.ravel()]
    return np.array(y, np.int16).reshape(shape), index


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 8), (40, 30, 8)])
def test_round_trip(shape: tuple[int, int, int]) -> None:
    y, index = draw(shape, np.random.default_rng(shape))
    data = write_latents(y, index)
    if y.any():
        found = read_latents(data, index)
        assert found is not None
        assert found.dtype == np.int16
        np.testing.assert_array_equal(found, y)
    else:
        assert data == b""


def test_extremes() -> None:
    y = np.array([[[-127, 127, 0, 127, -127]]], np.int16)
    for i in (0, 63):
        index = np.full(y.shape, i, np.uint8)
        np.testing.assert_array_equal(read_latents(write_latents(y, index), index), y)


def test_bytes_are_those_of_the_estimate() -> None:
    y, index = draw((60, 80, 8), np.random.default_rng(1))
    cdf = cumulative_frequencies().astype(np.int64)
    shares = np.diff(cdf)[index, y.astype(np.int64) + MAX_VALUE]
    assert len(write_latents(y, index)) * 8 == pytest.approx((PRECISION - np.log2(shares)).sum(), rel=0.001)


def test_no_latents_are_no_bytes_and_latents_are_some() -> None:
    y = np.zeros((4, 4, 2), np.int16)
    index = np.full(y.shape, 40, np.uint8)
    assert write_latents(y, index) == b""
    # The lowest value of all lies at the lower end of the interval: a stream of zeros, which is left out.
    lowest = np.full((1, 1, 1), -MAX_VALUE, np.int16)
    data = write_latents(lowest, index[:1, :1, :1])
    assert len(data) > 0
    np.testing.assert_array_equal(read_latents(data, index[:1, :1, :1]), lowest)


def test_same_as_the_reference_coder() -> None:
    y, index = draw((5, 7, 4), np.random.default_rng(2))
    data = write_latents(y, index)
    decoder, cdf = RangeDecoder(bytes_to_words(data)), cumulative_frequencies().tolist()
    symbols = [decoder.symbol(cdf[i], PRECISION) for i in index.ravel()]
    np.testing.assert_array_equal(np.array(symbols).reshape(y.shape) - MAX_VALUE, y)


def test_damage_is_no_stream_or_other_latents() -> None:
    y, index = draw((12, 12, 4), np.random.default_rng(3))
    data = write_latents(y, index)
    refused = 0
    for place in range(0, len(data), 7):
        changed = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        found = read_latents(changed, index)
        refused += found is None
        assert found is None or (found.shape == y.shape and np.abs(found).max() <= MAX_VALUE)
    assert read_latents(b"\xff" * len(data), index) is None
    assert refused < len(data)
