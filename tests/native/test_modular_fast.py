"""The fast form: numbers come back, the reference decoder reads the same, and no data make the decoder fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veneer import _native as native
from veneer.errors import VeneerError
from veneer.reference.modular_fast import read_fast

SORTS = ("noise", "constant", "checkerboard", "ramp", "steps", "photo", "one plane")


def _planes(seed: int, height: int, width: int, channels: int, depth: int, sort: str) -> np.ndarray:
    """Numbers of 0..2^depth - 1, [height, width, channels]."""
    rng = np.random.default_rng(seed)
    most = (1 << depth) - 1
    shape = (height, width, channels)
    if sort == "constant":
        return np.full(shape, rng.integers(0, most + 1), np.uint16)
    if sort == "checkerboard":
        return np.repeat((np.indices((height, width)).sum(0) % 2 * most)[..., None], channels, 2).astype(np.uint16)
    if sort == "ramp":
        return (np.linspace(0, most, width)[None, :, None] * np.ones(shape)).astype(np.uint16)
    if sort == "steps":  # between the extremes, at random places
        return (
            rng.integers(0, 2, (height // 3 + 1, width // 3 + 1, channels)).repeat(3, 0).repeat(3, 1) * most
        ).astype(np.uint16)[:height, :width]
    if sort == "photo":  # waves that the channels share, and a little noise
        y, x = np.indices((height, width))
        waves = np.sin(x / 7 + seed) + np.cos(y / 5) + np.sin((x + 2 * y) / 11)
        noise = rng.normal(0, 0.02, shape)
        return np.clip((waves[..., None] / 6 + 0.5 + noise) * most, 0, most).astype(np.uint16)
    numbers = rng.integers(0, most + 1, shape, dtype=np.uint16)
    if sort == "one plane":
        numbers[..., 1:] = 0
    return numbers


def _cases(largest: int) -> st.SearchStrategy[np.ndarray]:
    sizes = st.integers(1, largest)
    return st.builds(
        _planes, st.integers(0, 1000), sizes, sizes, st.sampled_from((1, 3)), st.integers(1, 16), st.sampled_from(SORTS)
    )


def _most(planes: np.ndarray) -> list[int]:
    return [int(planes[..., c].max()) for c in range(planes.shape[2])]


def _decoded(payload: bytes, planes: np.ndarray) -> np.ndarray | None:
    return native.decode_form("fast", payload, width=planes.shape[1], height=planes.shape[0], most=_most(planes))


@settings(deadline=None, max_examples=150)
@given(_cases(64), st.integers(1, 9))
def test_numbers_come_back(planes: np.ndarray, effort: int) -> None:
    payload = native.encode_form("fast", planes, most=_most(planes), effort=effort)
    np.testing.assert_array_equal(_decoded(payload, planes), planes)


@pytest.mark.parametrize("shape", [(1, 4000, 3), (4000, 1, 3), (1, 1, 1), (2, 300, 3), (3, 2, 3), (130, 150, 3)])
@pytest.mark.parametrize("sort", ["noise", "photo"])
def test_odd_shapes_come_back(shape: tuple[int, int, int], sort: str) -> None:
    planes = _planes(1, *shape, 16, sort)
    payload = native.encode_form("fast", planes, most=_most(planes), effort=5)
    np.testing.assert_array_equal(_decoded(payload, planes), planes)


@settings(deadline=None, max_examples=40)
@given(_cases(14))
def test_reference_reads_the_same(planes: np.ndarray) -> None:
    height, width, channels = planes.shape
    payload = native.encode_form("fast", planes, most=_most(planes), effort=1)
    decoded = read_fast(payload, width, height, _most(planes), channels)
    np.testing.assert_array_equal(np.stack([decoded[c] for c in range(channels)], 2), planes)


@pytest.mark.parametrize("depth", [8, 16])
def test_reference_reads_eight_predictors(depth: int) -> None:
    """A tile large enough that all of them are sent."""
    planes = _planes(3, 128, 128, 3, depth, "photo")
    payload = native.encode_form("fast", planes, most=_most(planes), effort=5)
    np.testing.assert_array_equal(np.stack(read_fast(payload, 128, 128, _most(planes), 3), 2), planes)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.integers(1, 30), st.integers(1, 30), st.sampled_from((1, 3)), st.integers(0, 16))
def test_reference_and_decoder_agree_on_any_data(
    data: bytes, width: int, height: int, channels: int, bits: int
) -> None:
    most = [(1 << bits) - 1] * channels
    decoded = native.decode_form("fast", data, width=width, height=height, most=most)
    try:
        expected = np.stack(read_fast(data, width, height, most, channels), 2)
    except VeneerError:
        assert decoded is None
    else:
        np.testing.assert_array_equal(decoded, expected)


@settings(deadline=None, max_examples=60)
@given(_cases(40), st.data())
def test_damaged_payloads_do_no_harm(planes: np.ndarray, data: st.DataObject) -> None:
    payload = bytearray(native.encode_form("fast", planes, most=_most(planes), effort=1))
    if payload:
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at] ^= data.draw(st.integers(1, 255))
        payload = payload[: data.draw(st.integers(0, len(payload)))]
    decoded = _decoded(bytes(payload), planes)
    assert decoded is None or all(decoded[..., c].max() <= m for c, m in enumerate(_most(planes)))


@pytest.mark.skipif(not native.cpu_features()["avx2"], reason="this processor has no other kernels")
@settings(deadline=None, max_examples=40)
@given(_cases(50))
def test_kernels_write_and_read_the_same(planes: np.ndarray) -> None:
    payloads = []
    for name in ("scalar", "avx2"):
        native.force_target(name)
        try:
            payloads.append(native.encode_form("fast", planes, most=_most(planes), effort=5))
            np.testing.assert_array_equal(_decoded(payloads[0], planes), planes)
        finally:
            native.force_target("auto")
    assert payloads[0] == payloads[1]


def test_photographs_are_smaller_than_by_their_bits() -> None:
    """Waves with noise of about 5 levels: 4.4 bits a number are the noise, of the 8 that are stored."""
    planes = _planes(5, 200, 200, 3, 8, "photo")
    payload = native.encode_form("fast", planes, most=_most(planes), effort=5)
    assert len(payload) < 0.6 * planes.size
