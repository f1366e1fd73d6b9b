"""The pictures whose encodings and decodings are pinned: made of integers alone, and three parts of a photograph.

The parts of the photograph are kept as PNG beside this file, so that no JPEG decoder decides what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

FOLDER = Path(__file__).parent


def _noise(height: int, width: int, channels: int, seed: int) -> npt.NDArray[np.uint32]:
    """Bits that depend on place and seed alone: a multiplicative hash, the same with every version of NumPy."""
    index = np.arange(height * width * channels, dtype=np.uint32).reshape(height, width, channels)
    value = index * np.uint32(0x9E3779B1) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    value ^= value >> np.uint32(15)
    value *= np.uint32(0x2C1B3C6D)
    return value ^ (value >> np.uint32(12))


def _photograph(name: str) -> Pixels:
    with Image.open(FOLDER / name) as image:
        return np.asarray(image)


def _slopes(height: int, width: int, channels: int) -> Pixels:
    """Slopes in different directions, an edge, and noise of three levels."""
    y, x = np.mgrid[:height, :width]
    planes = [((c + 2) * x + (3 - c) * y) // 2 % 256 + 24 * (x * 3 > y * 4) for c in range(channels)]
    return np.clip(np.stack(planes, -1) + _noise(height, width, channels, 1) % 3, 0, 255).astype(np.uint8)


def _text() -> Pixels:
    """Black bars of random lengths on white, as text has them."""
    bits = _noise(12, 40, 1, 2)[..., 0] % 3 > 0
    rows = np.repeat(np.repeat(bits, 6, 0), 3, 1)
    rows[::6] = False
    return np.where(rows, 0, 255).astype(np.uint8)[..., None].repeat(3, -1)


def _with_alpha(channels: int) -> Pixels:
    """A slope behind a soft disc, with a hole."""
    y, x = np.mgrid[:72, :88]
    distance = (x - 40) ** 2 + (y - 36) ** 2
    alpha = np.clip(1100 - distance, 0, 255)
    alpha[distance < 90] = 0
    return np.concatenate([_slopes(72, 88, channels - 1), alpha[..., None].astype(np.uint8)], -1)


PICTURES: dict[str, Callable[[], Pixels]] = {
    "needles": lambda: _photograph("needles.png"),
    "ground": lambda: _photograph("ground.png"),
    "whole": lambda: _photograph("whole.png"),
    "grey": lambda: _photograph("needles.png")[:, :, 1:2],
    "slopes": lambda: _slopes(64, 96, 3),
    "odd": lambda: _slopes(37, 61, 3),
    "noise": lambda: (_noise(48, 64, 3, 3) % 256).astype(np.uint8),
    "text": _text,
    "flat": lambda: np.full((64, 64, 3), (200, 30, 90), np.uint8),
    "pixel": lambda: np.full((1, 1, 1), 77, np.uint8),
    "grey_alpha": lambda: _with_alpha(2),
    "colour_alpha": lambda: _with_alpha(4),
}
