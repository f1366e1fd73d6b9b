"""Samples of one depth as those of another."""

import numpy as np
import pytest

from veneer.sample_depth import dithered, scaled


def mix(number: int) -> int:
    """As in the format, "Noise"."""
    number = ((number ^ (number >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    number = ((number ^ (number >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return number ^ (number >> 16)


@pytest.mark.parametrize(("depth", "to"), [(16, 8), (10, 8), (9, 8), (16, 12), (12, 10)])
def test_dither_is_the_hash_of_the_place(depth: int, to: int) -> None:
    samples = np.random.default_rng(depth).integers(0, 1 << depth, (70, 5, 4)).astype(np.uint16)
    result = dithered(samples, depth, to, (300, 900))
    most, largest = (1 << depth) - 1, (1 << to) - 1
    assert result.dtype == (np.uint8 if to == 8 else np.uint16)
    for y, x, channel in np.ndindex(samples.shape):
        share = mix(mix(mix(0) ^ (4 * (900 + y) + channel)) ^ (300 + x)) & 0xFFFF
        assert result[y, x, channel] == (int(samples[y, x, channel]) * largest * 65536 + share * most) // (most * 65536)


def test_dither_keeps_what_has_a_counterpart() -> None:
    bytes_of_all = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(dithered(scaled(bytes_of_all, 8, 16), 16), bytes_of_all)
    ends = np.array([[[0], [1023]]], np.uint16)
    assert dithered(ends, 10).ravel().tolist() == [0, 255]


def test_dither_has_the_right_mean() -> None:
    flat = np.full((200, 200, 1), 12345, np.uint16)
    assert abs(dithered(flat, 16).mean() - 12345 / 257) < 0.01
