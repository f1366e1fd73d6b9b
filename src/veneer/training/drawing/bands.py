"""The bands of detail: oriented filters that measure the missing detail and draw noise.

    octave   periods, pixels   directions   drawn from
    0        2 .. 2.8          4            noise of pixels, 9 x 9
    1        2.8 .. 4          4            noise of pixels, 9 x 9
    2        4 .. 6.4          8            noise of squares of 2 x 2 pixels, 17 x 17: long strokes

A filter of octave 2 is evaluated at the positions of pixels, whatever noise it is drawn from: no interpolation, hence
no image of it at other periods. All filters have no mean and make noise of deviation 1.

Place: constants of `network.py`, measure of `losses.py` and `gate.py`.
"""

from __future__ import annotations

import functools
import math

import numpy
import torch
from torch import Tensor
from torch.nn import functional

from veneer.training.float_network import Reals
from veneer.training.graph_writer import REDUCTION

PERIODS = ((2.0, 2.8), (2.8, 4.0), (4.0, 6.4))
DIRECTIONS = (4, 4, 8)
BANDS = sum(DIRECTIONS)
FINE_BANDS = DIRECTIONS[0] + DIRECTIONS[1]
REACH, LONG_REACH = 4, 8  # pixels to every side of the middle
# Deviations of the windows of long strokes across and along, pixels.
ACROSS, ALONG = 2.2, 4.0
_SAMPLES = 64  # of the frequencies, on each side
BLURS = 4  # by 1 2 1 each way: the blur that is taken off what is added is 9 x 9
# Of noise: the difference of two bytes over 256.
NOISE_DEVIATION = math.sqrt(65535 / 6) / 256


def _directional(octave: int, direction: int) -> Reals:
    """Filter of a fine octave, [9, 9]: a ring of frequencies times the squared cosine of twice the angle."""
    y, x = numpy.meshgrid(*2 * [numpy.fft.fftfreq(_SAMPLES)], indexing="ij")
    frequency, angle = numpy.hypot(x, y), numpy.arctan2(y, x)
    finest, coarsest = PERIODS[octave]
    # A bump over the octave's logarithm. Within an octave, too, pictures have less the faster it varies: what is drawn
    # with as much up to the finest waves looks like linen.
    place = numpy.log2(numpy.maximum(frequency, 1e-6) * math.sqrt(finest * coarsest)) / math.log2(coarsest / finest)
    ring = numpy.where(abs(place) < 1, numpy.cos(math.pi / 2 * place) ** 2 / numpy.maximum(frequency, 0.1), 0.0)
    away = numpy.angle(numpy.exp(2j * (angle - math.pi * direction / DIRECTIONS[octave]))) / 2
    share = numpy.where(abs(away) < math.pi / 4, numpy.cos(2 * away) ** 2, 0.0)
    kernel = numpy.fft.fftshift(numpy.fft.ifft2(ring * share).real)
    middle = slice(_SAMPLES // 2 - REACH, _SAMPLES // 2 + REACH + 1)
    window = numpy.hanning(2 * REACH + 3)[1:-1] ** 0.5
    return numpy.asarray(kernel[middle, middle] * numpy.outer(window, window))


def _long(direction: int, y: Reals, x: Reals) -> Reals:
    """Filter of long strokes at given places, pixels from its middle."""
    angle = math.pi * direction / DIRECTIONS[2]
    across = x * math.cos(angle) + y * math.sin(angle)
    along = y * math.cos(angle) - x * math.sin(angle)
    window = numpy.exp(-((across / ACROSS) ** 2 + (along / ALONG) ** 2) / 2)
    window = window * numpy.cos(math.pi / 2 * numpy.clip(numpy.maximum(abs(x), abs(y)) / (LONG_REACH + 1), 0, 1))
    period = math.sqrt(PERIODS[2][0] * PERIODS[2][1])
    return numpy.asarray(window * numpy.cos(2 * math.pi * across / period))


def _without_mean(kernel: Reals) -> Reals:
    weight = abs(kernel)
    kernel = kernel - weight * kernel.sum() / weight.sum()
    return numpy.asarray(kernel / numpy.sqrt(numpy.square(kernel).sum()))


@functools.cache
def filters() -> Reals:
    """All filters at the size of pixels, of length 1 and without mean, [16, 17, 17]."""
    found = []
    pad = LONG_REACH - REACH
    for octave in range(2):
        found += [
            numpy.pad(_without_mean(_directional(octave, direction)), pad) for direction in range(DIRECTIONS[octave])
        ]
    y, x = numpy.mgrid[-LONG_REACH : LONG_REACH + 1, -LONG_REACH : LONG_REACH + 1].astype(float)
    found += [_without_mean(_long(direction, y, x)) for direction in range(DIRECTIONS[2])]
    return numpy.stack(found)


def on_squares(kernel: Reals) -> Reals:
    """Weights [16, 16, 3, 3] that filter a plane in squares of 4 x 4 pixels by a kernel of at most 9 x 9."""
    weight, reach = numpy.zeros((*4 * [REDUCTION], 3, 3)), len(kernel) // 2
    for i, j, a, b, v, u in numpy.ndindex(weight.shape):
        y, x = REDUCTION * (v - 1) + a - i, REDUCTION * (u - 1) + b - j
        if max(abs(y), abs(x)) <= reach:
            weight[i, j, a, b, v, u] = kernel[reach + y, reach + x]
    return weight.reshape(REDUCTION**2, REDUCTION**2, 3, 3)


def without_blur(times: int) -> Reals:
    """Kernel that takes off the blur by 1 2 1 each way, so many times: [2 times + 1, 2 times + 1]."""
    row = numpy.array([math.comb(2 * times, i) for i in range(2 * times + 1)]) / 4.0**times
    kernel = -numpy.outer(row, row)
    kernel[times, times] += 1
    return kernel


def fine_noise() -> Reals:
    """Weights [8 * 16, 16, 3, 3] that make the two fine octaves from the noise of squares of 4 x 4 pixels.

    Every pixel has the same filter: squares are the layout alone.
    """
    inner = slice(LONG_REACH - REACH, LONG_REACH + REACH + 1)
    return numpy.concatenate([on_squares(kernel) for kernel in filters()[:FINE_BANDS, inner, inner]]) / NOISE_DEVIATION


def coarse_noise() -> Reals:
    """Weights [8 * 64, 16, 3, 3] that make long strokes at 8 x 8 pixels from noise of 4 x 4 squares of 2 x 2 pixels.

    Channel c of the noise is the square in row 2 p + a, column 2 q + b, where c = 8 a + 4 b + 2 p + q: what
    a mean over squares of 2 x 2 within units of 4 x 4 and a pixel unshuffle by 2 lay out.
    """
    side, directions = 2 * REDUCTION, DIRECTIONS[2]
    weight = numpy.zeros((directions, side, side, 2, 2, 2, 2, 3, 3))
    for i, j, a, b, p, q, v, u in numpy.ndindex(side, side, 2, 2, 2, 2, 3, 3):
        # The middle of a square is half a pixel after its first pixel.
        y = side * (v - 1) + 2 * (2 * p + a) + 0.5 - i
        x = side * (u - 1) + 2 * (2 * q + b) + 0.5 - j
        if max(abs(y), abs(x)) <= LONG_REACH:
            for direction in range(directions):
                weight[direction, i, j, a, b, p, q, v, u] = _long(direction, numpy.array(y), numpy.array(x))
    flat = weight.reshape(directions, side**2, -1)
    # The means of four have half the deviation; each pixel's filter is brought to no mean and to deviation 1.
    size = abs(flat)
    flat = flat - size * flat.sum(axis=2, keepdims=True) / size.sum(axis=2, keepdims=True)
    flat = flat / numpy.sqrt(numpy.square(flat).sum(axis=2, keepdims=True)) / (NOISE_DEVIATION / 2)
    # Squares of 8 x 8 as 2 x 2 squares of 4 x 4, for a pixel shuffle by 2.
    split = flat.reshape(directions, 2, REDUCTION, 2, REDUCTION, -1).transpose(0, 2, 4, 1, 3, 5)
    return numpy.asarray(split.reshape(directions * side**2, REDUCTION**2, 3, 3))


def bilinear(factor: int) -> Reals:
    """Weights [factor^2, 3, 3] of each pixel of a square in linear interpolation between the middles of squares."""
    rows = numpy.zeros((factor, 3))
    for i in range(factor):
        place = (i + 0.5) / factor - 0.5
        rows[i, 1 + int(math.copysign(1, place))] = abs(place)
        rows[i, 1] = 1 - abs(place)
    return numpy.asarray(numpy.einsum("iv,ju->ijvu", rows, rows).reshape(factor**2, 3, 3))


@functools.cache
def crosstalk() -> Reals:
    """Response of each filter to each band, drawn at level 1 and less its blur, as variances: [16, 16]."""
    size = 4 * _SAMPLES
    powers = abs(numpy.fft.fft2(filters(), (size, size))) ** 2
    # 1 2 1 in steps each way, BLURS times.
    row = numpy.cos(math.pi * numpy.fft.fftfreq(size)) ** (2 * BLURS)
    kept = (1 - numpy.outer(row, row)) ** 2
    return numpy.asarray(numpy.einsum("ayx,byx->ab", powers, powers * kept) / size**2)


def band_energy(plane: Tensor) -> Tensor:
    """Squared results of all filters, [N, 16, H, W], of a plane [N, 1, H, W]; edges repeated."""
    kernels = torch.from_numpy(filters()).to(plane)[:, None]
    padded = functional.pad(plane, (LONG_REACH,) * 4, mode="replicate")
    fine = slice(LONG_REACH - REACH, -(LONG_REACH - REACH))
    small = functional.conv2d(padded[:, :, fine, fine], kernels[:FINE_BANDS, :, fine, fine])
    return torch.cat([small, functional.conv2d(padded, kernels[FINE_BANDS:])], dim=1).square()
