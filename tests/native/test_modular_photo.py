"""The photo form of modular tiles: what is written comes back, by every target and by the reference decoder."""

from __future__ import annotations

import decimal
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veneer import _native as native
from veneer.reference import modular_approximations, modular_photo
from veneer.reference.range_coder import RangeDecoder, bytes_to_words


def _planes(seed: int, height: int, width: int, channels: int, most: int, sort: str) -> np.ndarray:
    """Samples that are hard on predictors in different ways, uint16 [H, W, C]."""
    rng = np.random.default_rng(seed)
    y, x, c = np.indices((height, width, channels))
    if sort == "noise":
        return rng.integers(0, most + 1, (height, width, channels), dtype=np.uint16)
    if sort == "constant":
        return np.full((height, width, channels), most // 2, np.uint16)
    if sort == "checkerboard":
        return ((x + y + c) % 2 * most).astype(np.uint16)
    if sort == "steps":  # extremes that change at random places
        return ((x // 5 + y // 3) % 2 * most ^ (rng.random((height, width, channels)) < 0.05) * most).astype(np.uint16)
    slope = (7 * x + 3 * y + 11 * c) * most / (7 * width + 3 * height + 40)
    return np.clip(slope + rng.integers(-2, 3, slope.shape), 0, most).astype(np.uint16)


SORTS = ("noise", "constant", "checkerboard", "steps", "ramp")
planes = st.builds(
    _planes,
    st.integers(0, 1000),
    st.integers(1, 24),
    st.integers(1, 24),
    st.sampled_from([1, 3]),
    st.sampled_from([0, 1, 2, 100, 255, 1023, 65535]),
    st.sampled_from(SORTS),
)


def _encoded(samples: np.ndarray, most: int) -> bytes:
    return native.encode_form("photo", samples, most=[most] * samples.shape[2])


def _decoded(data: bytes, like: np.ndarray, most: int) -> np.ndarray | None:
    height, width, channels = like.shape
    return native.decode_form("photo", data, width=width, height=height, most=[most] * channels)


@settings(deadline=None, max_examples=60)
@given(planes)
def test_samples_come_back(samples: np.ndarray) -> None:
    most = max(1, int(samples.max()))
    np.testing.assert_array_equal(_decoded(_encoded(samples, most), samples, most), samples)


@settings(deadline=None, max_examples=10)
@given(planes)
def test_the_reference_decoder_agrees(samples: np.ndarray) -> None:
    samples = samples[:12, :13]
    most = max(1, int(samples.max()))
    height, width, channels = samples.shape
    coder = RangeDecoder(bytes_to_words(_encoded(samples, most)))
    read = modular_photo.read_photo(coder, width, height, [most] * channels)
    assert read is not None
    np.testing.assert_array_equal(np.stack(read, 2), samples)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("most", [255, 65535])
def test_every_target_writes_the_same(sort: str, most: int) -> None:
    samples = _planes(1, 60, 67, 3, most, sort)
    try:
        payloads = {name: native.force_target(name) and _encoded(samples, most) for name in ("scalar", "avx2", "neon")}
    finally:
        native.force_target("auto")
    assert len({payload for payload in payloads.values() if payload}) == 1


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=80), st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3]), st.integers(0, 65535))
def test_any_data_give_planes_or_nothing(data: bytes, height: int, width: int, channels: int, most: int) -> None:
    read = _decoded(data, np.zeros((height, width, channels)), most)
    assert read is None or read.max() <= most


def test_cut_and_changed_payloads_are_noticed_or_harmless() -> None:
    samples = _planes(2, 20, 30, 3, 255, "ramp")
    payload = bytearray(_encoded(samples, 255))
    for place in range(0, len(payload), 7):
        changed = payload.copy()
        changed[place] ^= 0x5A
        read = _decoded(bytes(changed), samples, 255)
        assert read is None or read.max() <= 255
        _decoded(bytes(payload[:place]), samples, 255)


def test_photographs_shrink() -> None:
    y, x = np.indices((96, 96))
    rng = np.random.default_rng(5)
    smooth = 128 + 60 * np.sin(x / 9) * np.cos(y / 13)
    samples = np.stack([np.clip(smooth + 20 * c + rng.normal(0, 1.5, smooth.shape), 0, 255) for c in range(3)], 2)
    payload = _encoded(samples.astype(np.uint16), 255)
    entropy = math.log2(1.5 * math.sqrt(2 * math.pi * math.e))  # of the noise, in bits a sample
    assert 8 * len(payload) < 1.15 * entropy * samples.size


def test_tables_of_the_reference_decoder_are_what_they_are_called() -> None:
    decimal.getcontext().prec = 30
    one = decimal.Decimal(1)
    for j in range(49):
        x = decimal.Decimal(j) / 4
        assert modular_approximations.SOFTPLUS[j] == round(256 * (one + (-x).exp()).ln())
        assert modular_approximations.GROWTH[j] == (round(256 * ((x.exp() - 1) / x).ln()) if j else 0)
    for m in range(256):
        assert modular_approximations.LOG8[m] == math.floor(256 * math.log2(1 + m / 256))
