"""Side information on the losses of a JPEG in NumPy, which that of the core is compared with.

Source: docs/format.md, "Restored pixels of a JPEG".
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy
import numpy.typing

Array = numpy.typing.NDArray[Any]
Pixels = numpy.typing.NDArray[numpy.uint8]

UNIT, BLOCK = 4, 8
MAPS, MOST_MAP = 10, 15
SETTINGS, SETTING_FIRST, SETTING_LAST = 4, -64, 63
# Coarser tables than those of quality 7 are told as if they were these: beyond what a network has learnt it does harm.
MOST_STEP_INDEX = 172
# Step index of a step of one level, and its units in an octave.
UNIT_STEP_INDEX, PER_OCTAVE = 64, 16
# Largest ratio of sampling that maps tell apart.
MOST_SAMPLING = 4

# The transform with so many fraction bits in each direction; all its sums stay far below 2^53.
TRANSFORM_BITS = 12
# Coefficients along the zigzag whose mean step stands for low frequencies.
LOW_FREQUENCIES = 15
# Counts from which the next bucket begins: half octaves of count + 1.
BUCKETS = numpy.array((1, 2, 3, 5, 7, 11, 15, 22, 31, 45, 63))


@dataclasses.dataclass(frozen=True)
class Coding:
    """How a JPEG was coded.

    Attributes:
        luma: int64 [8, 8], quantization table of the first component, rows of vertical frequency.
        chroma: int64 [8, 8], quantization table of the second component; that of luma in grey pictures.
        sampling: samples of luma for one of chroma, across and down, 1..4.
    """

    luma: Array
    chroma: Array
    sampling: tuple[int, int]


def _transform() -> Array:
    """Orthonormal DCT of 8 samples, rows of frequency, as whole numbers."""
    k, n = numpy.mgrid[0:BLOCK, 0:BLOCK]
    rows = numpy.cos(math.pi * k * (2 * n + 1) / (2 * BLOCK)) * math.sqrt(2 / BLOCK)
    rows[0] = math.sqrt(1 / BLOCK)
    return numpy.asarray(numpy.round(rows * (1 << TRANSFORM_BITS)))


TRANSFORM = _transform()
# What bringing chroma up by libjpeg's triangle and down again by means leaves of each frequency, in 256ths.
RESPONSE = numpy.round(192 + 64 * numpy.cos(math.pi * numpy.arange(BLOCK) / BLOCK))


def _log_step(steps: Array) -> float:
    """Step index of the geometric mean of some steps."""
    return UNIT_STEP_INDEX + PER_OCTAVE * float(numpy.log2(numpy.maximum(steps, 1)).mean())


def describe_coding(coding: Coding) -> tuple[int, Array]:
    """The numbers that hold for the whole picture: step, 0..172, and settings, int64 [4] in -64..63."""
    vertical, horizontal = numpy.mgrid[0:BLOCK, 0:BLOCK]
    low = horizontal + vertical < math.isqrt(2 * LOW_FREQUENCIES)
    luma = _log_step(coding.luma[low])
    differences = _log_step(coding.chroma[low]) - luma, _log_step(coding.luma[~low]) - luma
    octaves = (PER_OCTAVE * math.log2(ratio) for ratio in coding.sampling)
    settings = numpy.array([round(value) for value in (*differences, *octaves)])
    return min(MOST_STEP_INDEX, round(luma)), settings.clip(SETTING_FIRST, SETTING_LAST)


def _transformed(samples: Array) -> Array:
    """Coefficients [h / 8, w / 8, 8, 8] of samples [h, w], with 2 TRANSFORM_BITS fraction bits."""
    height, width = samples.shape
    blocks = samples.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(1, 2)
    # Whole numbers as float64, so that a fast library multiplies them: every sum is exact.
    return numpy.asarray(TRANSFORM @ blocks.astype(numpy.float64) @ TRANSFORM.T)


def _spread(values: Array, ratio: tuple[int, int]) -> Array:
    """Values of blocks repeated over all of their units."""
    return values.repeat(BLOCK // UNIT * ratio[1], axis=0).repeat(BLOCK // UNIT * ratio[0], axis=1)


def _bucket(counts: Array) -> Array:
    return numpy.searchsorted(BUCKETS, counts, side="right")


def describe_blocks(pixels: Pixels, coding: Coding) -> Array:
    """The maps of some rows of a picture.

    Args:
        pixels: uint8 [H, W, 3], decoded; sides are multiples of the blocks of chroma, 8 times the sampling, and the
            rows begin with one.
        coding: of the JPEG.

    Returns:
        uint8 [H / 4, W / 4, 10], see above.
    """
    red, green, blue = (pixels[:, :, i].astype(numpy.int32) for i in range(3))
    height, width = red.shape
    rows, columns = numpy.mgrid[0 : height // UNIT, 0 : width // UNIT]
    across, down = coding.sampling
    per_block = BLOCK // UNIT
    maps = [columns % per_block, rows % per_block, columns // per_block % across, rows // per_block % down]

    magnitudes = numpy.abs(_transformed((77 * red + 150 * green + 29 * blue + 128 >> 8) - 128))
    half = coding.luma * float(1 << 2 * TRANSFORM_BITS - 1)
    present = magnitudes >= half
    present[:, :, 0, 0] = False
    large = magnitudes >= 3 * half
    large[:, :, 0, 0] = False
    frequency = numpy.arange(BLOCK)
    for values in (
        _bucket(present.sum(axis=(2, 3))),
        (present.any(axis=2) * frequency).max(axis=2),
        (present.any(axis=3) * frequency).max(axis=2),
        _bucket(large.sum(axis=(2, 3))),
    ):
        maps.append(_spread(values, (1, 1)))

    # Sums over the pixels of a sample of chroma, which the thresholds take into account.
    responses = [RESPONSE if ratio == 2 else numpy.full(BLOCK, 256.0) for ratio in (across, down)]
    half = coding.chroma * numpy.outer(responses[1], responses[0]) * float(across * down << 2 * TRANSFORM_BITS - 17)
    for difference in (128 * blue - 43 * red - 85 * green, 128 * red - 107 * green - 21 * blue):
        samples = (difference + 128 >> 8).reshape(height // down, down, width // across, across).sum(axis=(1, 3))
        present = numpy.abs(_transformed(samples)) >= half
        present[:, :, 0, 0] = False
        maps.append(_spread(_bucket(present.sum(axis=(2, 3))), coding.sampling))
    return numpy.stack(maps, axis=2).astype(numpy.uint8)


def describe_picture(pixels: Pixels, coding: Coding) -> Array:
    """The maps of a whole picture, uint8 [ceil(H / 4), ceil(W / 4), 10], of pixels [H, W, 1 or 3]."""
    height, width, _ = pixels.shape
    margins = [(0, -side % (BLOCK * ratio)) for side, ratio in zip((height, width), coding.sampling[::-1], strict=True)]
    whole = numpy.pad(pixels, (*margins, (0, 0)), mode="edge")
    found = describe_blocks(numpy.broadcast_to(whole, (*whole.shape[:2], 3)), coding)
    return found[: -(-height // UNIT), : -(-width // UNIT)]
