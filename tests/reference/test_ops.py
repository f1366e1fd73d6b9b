"""Operations against their definitions, written as loops over single values."""

import numpy as np
import pytest

from veneer.reference import ops
from veneer.reference.fixed_point import Integers


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def integers(rng: np.random.Generator, *shape: int) -> Integers:
    return rng.integers(-32768, 32768, shape)


def at(x: Integers, row: int, column: int) -> Integers:
    """The pixel at a place, or the edge pixel next to it."""
    height, width = x.shape[:2]
    pixel: Integers = x[min(max(row, 0), height - 1), min(max(column, 0), width - 1)]
    return pixel


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (2, 5), (4, 3)])
def test_convolution(rng: np.random.Generator, kernel: int, size: tuple[int, int]) -> None:
    x, weight, bias = integers(rng, *size, 3), integers(rng, 2, 3, kernel, kernel), integers(rng, 2)
    result = ops.convolution(x, weight, bias)
    half = kernel // 2
    for y, column, channel in np.ndindex(*size, 2):
        total = int(bias[channel])
        for k, dy, dx in np.ndindex(3, kernel, kernel):
            total += int(at(x, y + dy - half, column + dx - half)[k]) * int(weight[channel, k, dy, dx])
        assert result[y, column, channel] == total


@pytest.mark.parametrize("size", [(1, 1), (3, 4)])
def test_depthwise(rng: np.random.Generator, size: tuple[int, int]) -> None:
    x, weight, bias = integers(rng, *size, 5), integers(rng, 5, 3, 3), integers(rng, 5)
    result = ops.depthwise(x, weight, bias)
    for y, column, channel in np.ndindex(*size, 5):
        total = int(bias[channel])
        for dy, dx in np.ndindex(3, 3):
            total += int(at(x, y + dy - 1, column + dx - 1)[channel]) * int(weight[channel, dy, dx])
        assert result[y, column, channel] == total


def test_scale(rng: np.random.Generator) -> None:
    x, weight, bias = integers(rng, 2, 3, 4), integers(rng, 4), integers(rng, 4)
    result = ops.scale(x, weight, bias)
    assert all(result[i] == x[i] * weight[i[2]] + bias[i[2]] for i in np.ndindex(x.shape))


def test_table_lookup() -> None:
    x = np.array([[[-32768], [-3], [-2], [0], [2], [3], [32767]]], np.int64)
    assert ops.table_lookup(x, np.array([10, 20, 30, 40, 50]), -2).ravel().tolist() == [10, 10, 10, 30, 50, 50, 50]


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_pixel_unshuffle_and_shuffle(rng: np.random.Generator, factor: int) -> None:
    x = integers(rng, 2 * factor, 3 * factor, 2)
    squares = ops.pixel_unshuffle(x, factor)
    assert squares.shape == (2, 3, 2 * factor**2)
    for y, column, channel in np.ndindex(x.shape):
        place = channel * factor**2 + y % factor * factor + column % factor
        assert squares[y // factor, column // factor, place] == x[y, column, channel]
    np.testing.assert_array_equal(ops.pixel_shuffle(squares, factor), x)


def test_concat_and_slice(rng: np.random.Generator) -> None:
    a, b = integers(rng, 2, 3, 4), integers(rng, 2, 3, 5)
    joined = ops.concat([a, b, a])
    np.testing.assert_array_equal(ops.channel_slice(joined, 4, 5), b)
    np.testing.assert_array_equal(ops.channel_slice(joined, 9, 4), a)
