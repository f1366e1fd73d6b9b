"""Restored pixels of a JPEG: what the network `jpeg_restore` is told, and running it.

Source: docs/format.md, "Restored pixels of a JPEG".
"""

from __future__ import annotations

import dataclasses
import math

import numpy

from veneer.reference.jpeg_pixels import Colour, Jpeg, decode_pixels
from veneer.reference.network import Network
from veneer.reference.texture import noise
from veneer.reference.tile import Samples

MOST_STEP = 172
FINEST_STEP = 8  # from which a JPEG without subsampling is restored
LOW, HIGH = 15, 49  # frequencies of a table
LOG_BITS = 24
OCTAVES = (0, 16, 25, 32)
RESPONSE = (256, 251, 237, 216, 192, 168, 147, 133)
BUCKETS = (1, 2, 3, 5, 7, 11, 15, 22, 31, 45, 63)
TRANSFORM = numpy.array(
    [
        [round(4096 * math.sqrt((2 if k else 1) / 8) * math.cos(math.pi * k * (2 * n + 1) / 16)) for n in range(8)]
        for k in range(8)
    ]
)


@dataclasses.dataclass(frozen=True)
class Coding:
    """Tables [8, 8] of luma and of chroma, and samples of luma for one of chroma across and down."""

    luma: Samples
    chroma: Samples
    across: int
    down: int


def restored_pixels(
    jpeg: Jpeg, restore: Network, texture: Network | None = None, realism: int = 0, seed: int = 0
) -> Samples:
    """The restored picture, int64 [H, W, 1 or 3] in 0..255; `texture` is there if realism, 0..64, is not 0."""
    decoded, coding = decode_pixels(jpeg), coding_of(jpeg)
    if jpeg.colour not in (Colour.GREY, Colour.YCC) or is_fine(coding):
        return decoded
    height, width, channels = decoded.shape
    maps, (step, settings) = describe_blocks(decoded, coding), describe_coding(coding)
    units = maps.shape[:2]
    every = {
        "picture": numpy.broadcast_to(decoded, (height, width, 3)),
        "maps": maps,
        "step": numpy.full((*units, 1), step),
        "settings": numpy.broadcast_to(numpy.array(settings), (*units, 4)),
    }
    result = run(restore, every, (height, width))
    if realism and texture is not None:
        shown = result if channels == 3 else numpy.broadcast_to(result[:, :, 1:2], (height, width, 3))
        every |= {
            "picture": shown,
            "realism": numpy.full((*units, 1), realism),
            "missing": numpy.zeros((*units, 1)),
            "noise": numpy.array([[noise(seed, u, v) for u in range(units[1])] for v in range(units[0])]),
        }
        result = run(texture, every, (height, width))
    return (result if channels == 3 else result[:, :, 1:2]) + 32 >> 6


def run(network: Network, every: dict[str, Samples], size: tuple[int, int]) -> Samples:
    """The output of a network that gets those inputs that it declares."""
    (result,) = network.run({each.name: every[each.name].astype("i2") for each in network.graph.inputs}, size).values()
    return result.astype(numpy.int64)


def coding_of(jpeg: Jpeg) -> Coding:
    """How a JPEG was coded."""
    luma, chroma = jpeg.components[0], jpeg.components[1 if len(jpeg.components) == 3 else 0]
    ratios = (min(4, max(1, a // b)) for a, b in ((luma.h, chroma.h), (luma.v, chroma.v)))
    return Coding(luma.steps.reshape(8, 8), chroma.steps.reshape(8, 8), *ratios)


def is_fine(coding: Coding) -> bool:
    """Whether restoration would gain nothing."""
    return (coding.across, coding.down) == (1, 1) and max(coding.luma.max(), coding.chroma.max()) < FINEST_STEP


def log(q: int) -> int:
    """About log2(q), with 24 fraction bits; q is 1..65535."""
    result = q.bit_length() - 1
    x = q << 31 - result
    for _ in range(LOG_BITS):
        x = x * x >> 31
        result = 2 * result + (x >> 32)
        x >>= x >> 32
    return result


def sums_of_logs(table: Samples) -> tuple[int, int]:
    """Of the low and of the high entries of a table."""
    logs = [[log(max(1, int(table[v, u]))) for u in range(8)] for v in range(8)]
    low = sum(logs[v][u] for v in range(8) for u in range(8) if u + v < 5)
    return low, sum(map(sum, logs)) - low


def rounded(a: int, b: int) -> int:
    """The whole number that is nearest to a / b."""
    return (2 * a + b) // (2 * b)


def describe_coding(coding: Coding) -> tuple[int, list[int]]:
    """Step, 0..172, and the four settings, -64..63."""
    low, high = sums_of_logs(coding.luma)
    chroma, _ = sums_of_logs(coding.chroma)
    settings = [
        rounded(16 * (chroma - low), LOW << LOG_BITS),
        rounded(16 * (LOW * high - HIGH * low), LOW * HIGH << LOG_BITS),
        OCTAVES[coding.across - 1],
        OCTAVES[coding.down - 1],
    ]
    step = min(MOST_STEP, 64 + rounded(16 * low, LOW << LOG_BITS))
    return step, [min(63, max(-64, each)) for each in settings]


def describe_blocks(pixels: Samples, coding: Coding) -> Samples:
    """The maps of a picture [H, W, 1 or 3], int64 [ceil(H / 4), ceil(W / 4), 10]."""
    height, width, channels = pixels.shape
    a, d = coding.across, coding.down
    whole = numpy.pad(pixels, ((0, -height % (8 * d)), (0, -width % (8 * a)), (0, 0)), mode="edge")
    red, green, blue = (whole[:, :, min(c, channels - 1)] for c in range(3))
    rows, columns = (side // 4 for side in red.shape)
    j, i = numpy.mgrid[:rows, :columns]
    maps = [i % 2, j % 2, i // 2 % a, j // 2 % d]

    magnitudes = numpy.abs(transformed((77 * red + 150 * green + 29 * blue + 128 >> 8) - 128))
    thresholds = coding.luma << 23
    present, large = counted(magnitudes, thresholds), counted(magnitudes, 3 * thresholds)
    u = numpy.where(present, numpy.arange(8), 0).max(axis=(2, 3))
    v = numpy.where(present, numpy.arange(8)[:, None], 0).max(axis=(2, 3))
    for values in (bucket(present), u, v, bucket(large)):
        maps.append(values.repeat(2, axis=0).repeat(2, axis=1))

    responses = [numpy.array(RESPONSE if ratio == 2 else [256] * 8) for ratio in (d, a)]
    thresholds = coding.chroma * numpy.outer(*responses) * a * d << 7
    for difference in (128 * blue - 43 * red - 85 * green, 128 * red - 107 * green - 21 * blue):
        cells = (difference + 128 >> 8).reshape(4 * rows // d, d, 4 * columns // a, a)
        values = bucket(counted(numpy.abs(transformed(cells.sum(axis=(1, 3)))), thresholds))
        maps.append(values.repeat(2 * d, axis=0).repeat(2 * a, axis=1))
    return numpy.stack(maps, axis=2)[: -(-height // 4), : -(-width // 4)]


def transformed(samples: Samples) -> Samples:
    """Coefficients [rows of blocks, columns of blocks, 8, 8] of samples."""
    height, width = samples.shape
    blocks = samples.reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2)
    result: Samples = TRANSFORM @ blocks @ TRANSFORM.T
    return result


def counted(magnitudes: Samples, thresholds: Samples) -> Samples:
    """1 for coefficients, but the first, that reach their thresholds, else 0."""
    reached = (magnitudes >= thresholds).astype(numpy.int64)
    reached[:, :, 0, 0] = 0
    return reached


def bucket(reached: Samples) -> Samples:
    """The bucket of the number of coefficients in each block."""
    result: Samples = numpy.searchsorted(numpy.array(BUCKETS), reached.sum(axis=(2, 3)), side="right")
    return result
