"""The operations of integer networks in NumPy: the definition, which the native kernels repeat bit for bit.

Between `fixed_point.py`, which rounds, and `network.py`, which strings operations together. A tensor is int64
[H, W, C] with values of int16; beyond its edges stand copies of the edge pixels.
Source: docs/format.md, "Integer operations".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from veneer.reference.fixed_point import Integers


def _taps(x: Integers, kernel: int) -> list[tuple[int, int, Integers]]:
    """Every (dy, dx) of a kernel with the tensor moved so that the tap's pixel stands at each pixel's place."""
    height, width = x.shape[:2]
    half = kernel // 2
    padded = numpy.pad(x, ((half, half), (half, half), (0, 0)), mode="edge")
    return [(dy, dx, padded[dy : dy + height, dx : dx + width]) for dy in range(kernel) for dx in range(kernel)]


def convolution(x: Integers, weight: Integers, bias: Integers) -> Integers:
    """Sums over taps and input channels.

    Args:
        x: [H, W, I].
        weight: [O, I, K, K], K 1 or 3; tap (dy, dx) meets the pixel at (y + dy - K//2, x + dx - K//2).
        bias: [O].

    Returns:
        Accumulators [H, W, O].
    """
    total = numpy.broadcast_to(bias, (*x.shape[:2], len(bias))).copy()
    for dy, dx, moved in _taps(x, weight.shape[2]):
        total += moved @ weight[:, :, dy, dx].T
    return total


def depthwise(x: Integers, weight: Integers, bias: Integers) -> Integers:
    """Sums over taps, each channel by itself.

    Args:
        x: [H, W, C].
        weight: [C, K, K], K 1 or 3.
        bias: [C].

    Returns:
        Accumulators [H, W, C].
    """
    total = numpy.broadcast_to(bias, x.shape).copy()
    for dy, dx, moved in _taps(x, weight.shape[1]):
        total += moved * weight[:, dy, dx]
    return total


def scale(x: Integers, weight: Integers, bias: Integers) -> Integers:
    """Accumulators x weight + bias; weight and bias [C]."""
    return x * weight + bias


def table_lookup(x: Integers, table: Integers, first: int) -> Integers:
    """Entry x - first of the table [N]; values below and above it take its ends."""
    return table[numpy.clip(x - first, 0, len(table) - 1)]


def pixel_unshuffle(x: Integers, factor: int) -> Integers:
    """Squares of factor x factor pixels become pixels: [H, W, C] to [H/f, W/f, C f f], channel c f f + dy f + dx."""
    height, width, channels = x.shape
    squares = x.reshape(height // factor, factor, width // factor, factor, channels)
    return squares.transpose(0, 2, 4, 1, 3).reshape(height // factor, width // factor, channels * factor * factor)


def pixel_shuffle(x: Integers, factor: int) -> Integers:
    """Undoes `pixel_unshuffle`: [H, W, C f f] to [H f, W f, C]."""
    height, width, channels = x.shape
    squares = x.reshape(height, width, channels // (factor * factor), factor, factor)
    return squares.transpose(0, 3, 1, 4, 2).reshape(height * factor, width * factor, -1)


def concat(tensors: Sequence[Integers]) -> Integers:
    """Channels of all tensors, in order."""
    return numpy.concatenate(tensors, axis=2)


def channel_slice(x: Integers, first: int, channels: int) -> Integers:
    """Channels first .. first + channels - 1."""
    return x[:, :, first : first + channels]
