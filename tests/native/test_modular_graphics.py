"""The graphics form of modular tiles: samples come back, the reference reads the same, other data do no harm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veneer import _native as native
from veneer.errors import VeneerError
from veneer.reference.modular_graphics import read_graphics

SORTS = ("noise", "constant", "checkerboard", "steps", "ramp", "sprites", "pattern", "text")


def _planes(seed: int, height: int, width: int, channels: int, most: int, sort: str) -> np.ndarray:
    """Samples [H, W, C] of 0..most."""
    rng = np.random.default_rng(seed)
    shape = (height, width, channels)
    few = rng.integers(0, most + 1, (5, channels))
    if sort == "noise":
        samples = rng.integers(0, most + 1, shape)
    elif sort == "constant":
        samples = np.broadcast_to(few[0], shape)
    elif sort == "checkerboard":
        samples = np.repeat(np.indices((height, width)).sum(0)[..., None] % 2 * most, channels, 2)
    elif sort == "steps":  # the extremes in blocks of odd sizes
        samples = np.kron(rng.integers(0, 2, (height // 3 + 1, width // 5 + 1, channels)), np.ones((3, 5, 1))) * most
    elif sort == "ramp":
        samples = np.indices((height, width)).sum(0)[..., None] * (1 + np.arange(channels)) % (most + 1)
    elif sort == "sprites":  # the same small pictures again and again
        sprites = few[rng.integers(0, 5, (3, 8, 8))]
        samples = np.concatenate(
            [np.concatenate(list(sprites[rng.integers(0, 3, width // 8 + 1)]), 1) for _ in range(height // 8 + 1)]
        )
    elif sort == "pattern":  # rows that come back
        samples = np.tile(few[rng.integers(0, 5, (3, width))], (height // 3 + 1, 1, 1))
    else:  # few pixels on a plain ground, of many colours
        samples = np.broadcast_to(few[0], shape).copy()
        ink = rng.random((height, width)) < 0.1
        samples[ink] = rng.integers(0, most + 1, (int(ink.sum()), channels))
    return np.ascontiguousarray(samples[:height, :width]).astype(np.uint16)


samples_of = st.builds(
    _planes,
    st.integers(0, 1000),
    st.integers(1, 80),
    st.integers(1, 80),
    st.integers(1, 4),
    st.shared(st.sampled_from((0, 1, 3, 100, 255, 1023, 65535)), key="most"),
    st.sampled_from(SORTS),
)
largest = st.shared(st.sampled_from((0, 1, 3, 100, 255, 1023, 65535)), key="most")


def _decoded(payload: bytes, like: np.ndarray, most: int) -> np.ndarray | None:
    height, width, channels = like.shape
    return native.decode_form("graphics", payload, width=width, height=height, most=[most] * channels)


def _by_reference(payload: bytes, like: np.ndarray, most: int) -> np.ndarray:
    height, width, channels = like.shape
    colours = 1 if channels < 3 else 3
    return np.stack(read_graphics(payload, width, height, [most] * channels, colours), -1)


@settings(deadline=None, max_examples=150)
@given(samples_of, largest, st.integers(1, 9))
def test_samples_come_back(samples: np.ndarray, most: int, effort: int) -> None:
    payload = native.encode_form("graphics", samples, most=[most] * samples.shape[2], effort=effort)
    np.testing.assert_array_equal(_decoded(payload, samples, most), samples)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("sort", SORTS)
def test_the_reference_reads_the_same(sort: str, channels: int) -> None:
    most = 65535 if sort == "ramp" else 255
    height, width = (9, 11) if sort == "noise" else (20, 37)
    samples = _planes(7, height, width, channels, most, sort)
    payload = native.encode_form("graphics", samples, most=[most] * channels)
    np.testing.assert_array_equal(_by_reference(payload, samples, most), samples)


def test_planes_of_different_ranges() -> None:
    most = [1, 65535, 0, 7]
    rng = np.random.default_rng(3)
    samples = np.stack([rng.integers(0, m + 1, (12, 15)) for m in most], -1).astype(np.uint16)
    payload = native.encode_form("graphics", samples, most=most)
    np.testing.assert_array_equal(native.decode_form("graphics", payload, width=15, height=12, most=most), samples)
    np.testing.assert_array_equal(np.stack(read_graphics(payload, 15, 12, most, 3), -1), samples)


@pytest.mark.parametrize("shape", [(1, 65535), (65535, 1), (1, 1), (3, 300)])
def test_long_and_small_tiles(shape: tuple[int, int]) -> None:
    samples = _planes(2, *shape, 3, 255, "text")
    payload = native.encode_form("graphics", samples, most=[255] * 3)
    np.testing.assert_array_equal(_decoded(payload, samples, 255), samples)


def test_more_colours_than_a_list_holds() -> None:
    samples = np.arange(90 * 90, dtype=np.uint16).reshape(90, 90, 1)
    payload = native.encode_form("graphics", samples, most=[65535], effort=9)
    np.testing.assert_array_equal(_decoded(payload, samples, 65535), samples)


def test_a_list_of_hundreds_is_tried_with_more_effort() -> None:
    rng = np.random.default_rng(5)
    samples = rng.integers(0, 65536, (300, 3))[rng.integers(0, 300, (60, 60))].astype(np.uint16)
    plain, listed = (native.encode_form("graphics", samples, most=[65535] * 3, effort=e) for e in (6, 7))
    assert len(listed) < len(plain)
    np.testing.assert_array_equal(_decoded(listed, samples, 65535), samples)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.integers(1, 4), st.sampled_from((0, 1, 255, 65535)))
def test_any_data_give_values_of_the_range_or_nothing(data: bytes, channels: int, most: int) -> None:
    like = np.zeros((6, 9, channels))
    decoded = _decoded(data, like, most)
    if decoded is None:
        with pytest.raises(VeneerError, match="modular tile"):
            _by_reference(data, like, most)
    else:
        assert decoded.max() <= most
        np.testing.assert_array_equal(_by_reference(data, like, most), decoded)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_payload_does_no_harm(data: st.DataObject) -> None:
    samples = _planes(11, 40, 50, 4, 255, "sprites")
    payload = bytearray(native.encode_form("graphics", samples, most=[255] * 4))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    decoded = _decoded(bytes(payload), samples, 255)
    assert decoded is None or decoded.max() <= 255


def test_drawn_pictures_take_few_bytes() -> None:
    """A page of text-like sprites: the second half costs next to nothing."""
    samples = np.tile(_planes(13, 64, 160, 3, 255, "sprites"), (2, 1, 1))
    half, whole = (native.encode_form("graphics", part, most=[255] * 3) for part in (samples[:64], samples))
    assert len(whole) < len(half) * 1.3 + 40
