"""The tables that docs/format.md prints in "Base layer", and those that stand beside it as files.

Tests hold each of them to the document and to the native core.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

# "Block shapes and scans": width and height to size class and shape class.
SHAPES = {
    (4, 4): (0, 0),
    (8, 4): (0, 1),
    (4, 8): (0, 1),
    (8, 8): (1, 2),
    (16, 8): (1, 3),
    (8, 16): (1, 3),
    (16, 16): (1, 4),
    (32, 16): (2, 5),
    (16, 32): (2, 5),
    (32, 32): (2, 6),
    (64, 64): (2, 7),
}
DIAGONAL_FIRST = (0, 1, 2, 3, 4, 5, 7, 9, 12, 17)

# "Contexts": name and dimensions of all adaptive models, in the order of the warm-start table.
MODELS = {
    "node": (2, 4, 16, 3),
    "mode": (2, 2, 2, 4, 24, 32),
    "cfl": (3, 4),
    "derived": (3, 4),
    "alpha": (2, 3, 32),
    "transform": (3, 24, 3),
    "empty": (3, 8, 12, 3),
    "last": (2, 8, 6, 32),
    "last_offset": (2, 21),
    "significant": (2, 3, 3, 10, 24),
    "nearby": (3, 8, 21, 8),
    "greater1": (2, 3, 3, 24),
    "greater1_nearby": (3, 8, 8),
    "greater": (2, 4, 24),
    "escape": (2, 8, 16),
    "step_offset": (3, 16),
}
MODEL_FIRST = dict(
    zip(MODELS, itertools.accumulate((math.prod(sizes) for sizes in MODELS.values()), initial=0), strict=False)
)

# "Neighbour cells" and "Coefficients": first values of classes.
BLOCK_ENERGY_FIRST = (0, 4, 10, 20, 36, 60, 100, 170, 300, 560, 1100, 2400)
ENERGY_FIRST = (
    *(0, 1, 2, 3, 4, 5, 7, 9, 11, 14, 18, 22, 28, 35, 44, 56),
    *(70, 88, 111, 140, 176, 240, 340, 500),
)
NEXT_STATE = ((0, 3, 5, 6, 1, 2, 4, 7), (1, 2, 4, 7, 0, 3, 5, 6))  # by parity of the magnitude, then by state

# "Quantization": 2^14 times powers of the sixteenth root of 2.
MANTISSA = (
    *(16384, 17109, 17867, 18658, 19484, 20347, 21247, 22188),
    *(23170, 24196, 25268, 26386, 27554, 28774, 30048, 31379),
)

# "Inverse transform": round(2048 sqrt(2) cos(pi j / 128)).
COSINES = (
    *(2896, 2895, 2893, 2888, 2882, 2875, 2865, 2854, 2841, 2826, 2810, 2791, 2772),
    *(2750, 2727, 2702, 2676, 2648, 2618, 2587, 2554, 2520, 2484, 2447, 2408, 2368),
    *(2326, 2283, 2239, 2193, 2146, 2098, 2048, 1997, 1945, 1892, 1837, 1782, 1725),
    *(1668, 1609, 1550, 1489, 1428, 1365, 1302, 1238, 1174, 1108, 1042, 976, 909),
    *(841, 772, 704, 635, 565, 495, 425, 355, 284, 213, 142, 71, 0),
)

# "Prediction": slope of each direction, 1/32 sample along the edge for each sample away from it.
SLOPES = dict(
    zip(
        (3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22),
        (-24, -16, -10, -5, 5, 10, 16, 24, 32, -32, -24, -16, -10, -5, 5, 10, 16, 24),
        strict=True,
    )
)
INVERSE = {-5: 1638, -10: 819, -16: 512, -24: 341, -32: 256}
SHARP = (
    *((0, 64, 0, 0), (-1, 64, 1, 0), (-2, 64, 2, 0), (-2, 62, 4, 0)),
    *((-3, 61, 6, 0), (-4, 61, 8, -1), (-4, 59, 10, -1), (-4, 57, 12, -1)),
    *((-5, 56, 15, -2), (-5, 54, 17, -2), (-5, 51, 20, -2), (-5, 49, 22, -2)),
    *((-5, 47, 25, -3), (-5, 44, 28, -3), (-4, 41, 30, -3), (-4, 39, 33, -4)),
    *((-4, 36, 36, -4), (-4, 33, 39, -4), (-3, 30, 41, -4), (-3, 28, 44, -5)),
    *((-3, 25, 47, -5), (-2, 22, 49, -5), (-2, 20, 51, -5), (-2, 18, 53, -5)),
    *((-2, 15, 56, -5), (-1, 12, 57, -4), (-1, 10, 59, -4), (-1, 9, 60, -4)),
    *((0, 5, 62, -3), (0, 3, 63, -2), (0, 3, 63, -2), (0, 1, 64, -1)),
)

WARM_FIRST = (0, 98, 122, 146)  # "Warm-start tables": the first Step_Index of each class

# "Latents": greatest magnitude, and bits of a whole distribution.
MAX_LATENT = 127
LATENT_PRECISION = 24

PACKAGE = Path(__file__).parents[1]
# The folder `tables` beside docs/format.md: the package has a copy; a checkout has the folder itself.
FOLDERS = (PACKAGE / "tables", PACKAGE.parents[1] / "docs" / "tables")


def _bytes(name: str) -> bytes:
    folder = next(folder for folder in FOLDERS if folder.is_dir())
    return (folder / name).read_bytes()


def _table(name: str, kind: str) -> npt.NDArray[np.int64]:
    """The numbers of a file, of a type as NumPy names it."""
    return np.frombuffer(_bytes(name), kind).astype(np.int64)


@functools.cache
def warm_start(warm_class: int) -> list[int]:
    """Entries of 16 bits of one of the four tables."""
    return [int(entry) for entry in _table("warm_start.bin", "<u2").reshape(len(WARM_FIRST), -1)[warm_class]]


@functools.cache
def trained() -> npt.NDArray[np.int64]:
    """Matrices of the trained transform, [14, 16, 16], see "Inverse transform"."""
    return _table("trained_4x4.bin", "i1").reshape(14, 16, 16)


@functools.cache
def latent_cdfs() -> list[list[int]]:
    """The 64 distributions of latents, see "Latents": cumulative frequencies of -127..127, 256 numbers each."""
    shares = _table("latents.bin", "<u4").reshape(64, MAX_LATENT + 1).tolist()
    return [list(itertools.accumulate([*half[:0:-1], *half], initial=0)) for half in shares]


@functools.cache
def jpeg_levels() -> tuple[list[list[list[int]]], list[list[list[int]]], list[int], list[int]]:
    """Tables of "Levels": weights of levels and of magnitudes, [3, 64, 40], first models, and first weights."""
    signed, unsigned = _table("jpeg_levels.bin", "<i2"), _table("jpeg_levels.bin", "<u2")
    taps, models = 3 * 64 * 40, 45696
    weights, magnitudes = (signed[i * taps : (i + 1) * taps].reshape(3, 64, 40).tolist() for i in range(2))
    end = 2 * taps + models
    return weights, magnitudes, unsigned[2 * taps : end].tolist(), signed[end:].tolist()


@functools.cache
def jpeg_dictionary() -> bytes:
    """What headers and metadata of JPEG files often hold, see "Bytes model"."""
    return _bytes("jpeg_dictionary.bin")


def last_class(first: Sequence[int], value: int) -> int:
    """The last class whose first value is not above `value`."""
    return max(index for index, least in enumerate(first) if least <= value)


def log2(n: int) -> int:
    """Of a power of two."""
    return n.bit_length() - 1


def clamp(v: int, a: int, b: int) -> int:
    """The value of a..b nearest to v."""
    return min(max(v, a), b)


def gradient(w: int, n: int, nw: int) -> int:
    """The median of w, n and w + n - nw."""
    return clamp(w + n - nw, min(w, n), max(w, n))
