"""Grain: noise through fixed filters; the texture generator gives only the level of each filter at each place.

Noise that a network draws itself has a pattern from square to square, which looks like a screen and which a critic
finds at once. Detail that coding takes away runs along edges, hairs and waves, so there is a filter for each of four
directions, and the levels say how much of each is lacking around a square. The filters add up to one that knows no
direction: with equal levels the grain has none either.

Place: `network.py` writes it into `texture`, `train.py` trains its levels.
"""

from __future__ import annotations

import functools
import math

import numpy
import torch
from torch import Tensor
from torch.nn import functional

from veneer.training.float_network import Reals
from veneer.training.graph_writer import REDUCTION, Writer
from veneer.training.texture.data import Samples
from veneer.training.texture.losses import line_art, luma, skin_colour

GRAIN_LEVEL = "grain_level"  # result: deviations of the detail that is lacking, in units of the amplitude
GRAIN_CHANNELS = 32
DIRECTIONS = 4  # of waves: across, falling, down, rising
# Deviations in pixels of two Gaussians, between which grain is, and how far its filters reach.
FINE, COARSE, REACH = 0.5, 1.6, 4
NOISE_CHANNELS = 8
NOISE_FRACTION_BITS, MOST_NOISE = 8, 255  # -1 .. 1
# Where within squares of 4 x 4 the noise stands, rows and columns of a chessboard: on four places it would have their
# pattern.
PLACES = ((0, 0), (0, 2), (1, 1), (1, 3), (2, 0), (2, 2), (3, 1), (3, 3))
LEAST_VARIANCE = 0.05  # of what is lacking, squared levels
AROUND = 1  # squares of 4 x 4 on every side of one, over which it is taken
OUTPUTS = 3 * REDUCTION**2
_SAMPLES = 64  # of the frequencies, on each side


@functools.cache
def filters() -> Reals:
    """Filters of the directions: [4, 9, 9].

    In frequencies: the difference of two Gaussians times the squared cosine of twice the angle to the direction.
    """
    y, x = numpy.meshgrid(*2 * [numpy.fft.fftfreq(_SAMPLES)], indexing="ij")
    radius, angle = 2 * (numpy.pi**2) * (x * x + y * y), numpy.arctan2(y, x)
    ring = numpy.exp(-(FINE**2) * radius) - numpy.exp(-(COARSE**2) * radius)
    kernels = []
    for direction in range(DIRECTIONS):
        # Directions are the same half a turn further.
        away = numpy.angle(numpy.exp(2j * (angle - math.pi * direction / DIRECTIONS))) / 2
        share = numpy.where(abs(away) < math.pi / DIRECTIONS, numpy.cos(DIRECTIONS / 2 * away) ** 2, 0.0)
        kernel = numpy.fft.fftshift(numpy.fft.ifft2(ring * share).real)
        middle = slice(_SAMPLES // 2 - REACH, _SAMPLES // 2 + REACH + 1)
        kernels.append(kernel[middle, middle])
    return numpy.stack(kernels)


def fine_noise(direction: int) -> Reals:
    """Filter that makes noise of deviation 1 in one direction, alike in R, G and B, of the noise of squares.

    Returns:
        [48, 8, 3, 3], weights of a convolution.
    """
    kernel = filters()[direction]
    weight = numpy.zeros((REDUCTION, REDUCTION, NOISE_CHANNELS, 3, 3))
    for channel, (row, column) in enumerate(PLACES):
        for index in numpy.ndindex(REDUCTION, REDUCTION, 3, 3):
            i, j, v, u = index
            y, x = REDUCTION * (v - 1) + row - i, REDUCTION * (u - 1) + column - j
            if max(abs(y), abs(x)) <= REACH:
                weight[i, j, channel, v, u] = kernel[REACH + y, REACH + x]
    # The difference of two bytes has a variance of 65535 / 6. Every pixel gets the same deviation.
    deviation = math.sqrt(65535 / 6) / (1 << NOISE_FRACTION_BITS)
    weight /= numpy.sqrt(numpy.square(weight).sum(axis=(2, 3, 4), keepdims=True)) * deviation
    return numpy.tile(weight.reshape(REDUCTION**2, NOISE_CHANNELS, 3, 3), (3, 1, 1, 1))


def write_grain(writer: Writer, x: str, noise: str, share: float) -> str:
    """Fine noise of all directions times their levels, in units of the amplitude."""
    b = writer.builder
    inner = b.convolution("grain_inner", x, GRAIN_CHANNELS, low=0)
    level = b.convolution(GRAIN_LEVEL, inner, DIRECTIONS, kernel=1, low=0)
    total = ""
    for direction in range(DIRECTIONS):
        writer.constants[f"fine_noise{direction}/weight"] = share * fine_noise(direction)
        writer.constants[f"fine_noise{direction}/bias"] = numpy.zeros(OUTPUTS)
        fine = b.convolution(f"fine_noise{direction}", noise, OUTPUTS)
        spread = numpy.zeros((OUTPUTS, DIRECTIONS, 1, 1))
        spread[:, direction] = 1
        writer.constants[f"grain_spread{direction}/weight"] = spread
        writer.constants[f"grain_spread{direction}/bias"] = numpy.zeros(OUTPUTS)
        levels = b.convolution(f"grain_spread{direction}", level, OUTPUTS, kernel=1)
        part = b.multiply(f"grain_part{direction}", fine, levels, shift=0)
        total = b.add(f"grain{direction}", total, part) if total else part
    return total


def unlikelihood(level: Tensor, samples: Samples) -> Tensor:
    """How badly levels of grain [N, 4, h, w] predict the missing detail: -log likelihood, [N].

    The deviation of the detail around a square is taken as distributed exponentially with mean level x amplitude. With
    that of a normal distribution a few edges would make all places noisy that could have one. What is lacking of line
    art counts as nothing, of skin as half: grain there looks like dirt.
    """
    with torch.no_grad():
        lacking = luma(samples.original) - luma(samples.enhanced)
        kernels = torch.from_numpy(filters()).to(lacking)[:, None]
        detail = functional.conv2d(functional.pad(lacking, (REACH,) * 4, mode="replicate"), kernels)
        energy = functional.avg_pool2d(detail.square(), REDUCTION)
        # Levels that jump from square to square would show; and few pixels say little.
        around = functional.pad(energy, (AROUND,) * 4, mode="replicate")
        deviation = (functional.avg_pool2d(around, 2 * AROUND + 1, 1) + LEAST_VARIANCE).sqrt()
        wanted = 1 - functional.max_pool2d(line_art(luma(samples.original)), 3, 1, 1)
        wanted = wanted * (1 - 0.5 * skin_colour(samples.enhanced))
        deviation = deviation * wanted.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
    mean = ((level.float() * samples.amplitude).square() + LEAST_VARIANCE).sqrt()
    return (mean.log() + deviation / mean).mean(dim=(1, 2, 3))


def draw_noise(shape: tuple[int, int, int], device: torch.device) -> Tensor:
    """Noise [N, 8, h, w] distributed as decoders have it: the difference of two bytes, over 256.

    Args:
        shape: N, h, w.
        device: to be on.
    """
    count, height, width = shape
    bytes_ = torch.randint(0, 256, (2, count, NOISE_CHANNELS, height, width), device=device)
    return (bytes_[0] - bytes_[1]).float() / (1 << NOISE_FRACTION_BITS)
