"""Modular tiles: what is written comes back, maps of values and alpha included, and nothing crashes on other data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veneer import _native as native


def _tile(seed: int, height: int, width: int, channels: int, depth: int, sort: str) -> np.ndarray:
    rng = np.random.default_rng(seed)
    most = (1 << depth) - 1
    shape = (height, width, channels)
    if sort == "noise":
        return rng.integers(0, most + 1, shape, dtype=np.uint16)
    if sort == "constant":
        return np.full(shape, rng.integers(0, most + 1), np.uint16)
    if sort == "checkerboard":
        cells = np.indices((height, width)).sum(0) % 2 * most
        return np.repeat(cells[..., None], channels, 2).astype(np.uint16)
    if sort == "grid":  # values a step apart
        step = int(rng.integers(1, most + 1))
        return (rng.integers(0, most // step + 1, shape) * step).astype(np.uint16)
    if sort == "few":  # a few values anywhere
        values = rng.integers(0, most + 1, 5)
        return values[rng.integers(0, 5, shape)].astype(np.uint16)
    if sort == "grey":  # equal red, green and blue
        return np.repeat(rng.integers(0, most + 1, (height, width, 1)), channels, 2).astype(np.uint16)
    ramp = np.linspace(0, most, width)[None, :, None] * np.ones(shape)
    return ramp.astype(np.uint16)


SORTS = ("noise", "constant", "checkerboard", "grid", "few", "grey", "ramp")
tiles = st.builds(
    _tile,
    st.integers(0, 1000),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 4),
    st.shared(st.integers(1, 16), key="depth"),
    st.sampled_from(SORTS),
)
depths = st.shared(st.integers(1, 16), key="depth")


def _decoded(payload: bytes, like: np.ndarray, depth: int) -> np.ndarray | None:
    height, width, channels = like.shape
    return native.decode_tile(payload, width=width, height=height, channels=channels, depth=depth)


@settings(deadline=None, max_examples=80)
@given(tiles, depths, st.integers(1, 9))
def test_samples_come_back(samples: np.ndarray, depth: int, effort: int) -> None:
    payload = native.encode_tile(samples, depth=depth, effort=effort, exact=True)
    np.testing.assert_array_equal(_decoded(payload, samples, depth), samples)


@settings(deadline=None, max_examples=100)
@given(tiles, depths, st.integers(1, 8))
def test_errors_stay_within_the_bound_and_alpha_has_none(samples: np.ndarray, depth: int, max_error: int) -> None:
    payload = native.encode_tile(samples, depth=depth, effort=1, max_error=max_error, exact=True)
    decoded = _decoded(payload, samples, depth)
    assert decoded is not None
    assert np.abs(decoded.astype(int) - samples).max() <= max_error
    assert decoded.max() < 1 << depth
    if samples.shape[2] % 2 == 0:
        np.testing.assert_array_equal(decoded[..., -1], samples[..., -1])


@settings(deadline=None, max_examples=50)
@given(tiles, depths)
def test_only_hidden_colour_is_free(samples: np.ndarray, depth: int) -> None:
    decoded = _decoded(native.encode_tile(samples, depth=depth), samples, depth)
    assert decoded is not None
    shown = samples[..., -1] > 0 if samples.shape[2] % 2 == 0 else np.ones(samples.shape[:2], bool)
    np.testing.assert_array_equal(decoded[shown], samples[shown])
    if samples.shape[2] % 2 == 0:
        np.testing.assert_array_equal(decoded[..., -1], samples[..., -1])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_constant_planes_take_no_room(channels: int) -> None:
    samples = np.full((300, 200, channels), 40000, np.uint16)
    assert len(native.encode_tile(samples, depth=16, exact=True)) < 24


def test_ten_bits_in_sixteen_cost_ten() -> None:
    shallow = np.random.default_rng(1).integers(0, 1024, (64, 64, 1), dtype=np.uint16)
    deep = shallow * 64
    assert len(native.encode_tile(deep, depth=16)) <= len(native.encode_tile(shallow, depth=10)) + 16


@settings(deadline=None, max_examples=100)
@given(tiles, depths, st.data())
def test_damaged_payloads_do_no_harm(samples: np.ndarray, depth: int, data: st.DataObject) -> None:
    payload = bytearray(native.encode_tile(samples, depth=depth, effort=1))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    decoded = _decoded(bytes(payload[: data.draw(st.integers(0, len(payload)))]), samples, depth)
    assert decoded is None or decoded.max() < 1 << depth


@pytest.mark.parametrize("payload", [b"", b"\x08", b"\x80", b"\x04", b"\x04\xff\xff\xff\xff\xff", b"\x04\x05abcd"])
def test_what_is_no_payload_is_refused(payload: bytes) -> None:
    assert native.decode_tile(payload, width=3, height=2, channels=1, depth=8) is None
