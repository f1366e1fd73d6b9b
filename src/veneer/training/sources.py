"""Selects the training crops: pictures of 256 x 256 pixels are taken whole, of larger ones a few crops.

Place: before `prepare.py` and `jpegs.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy
from PIL import Image

from veneer.training.data import CROP, Pixels

SUFFIXES = {".avif", ".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}
CROPS_PER_PICTURE = 8  # at most, of large ones

Source = tuple[str, int, int]  # path, x, y


def find_sources(folder: Path, seed: int, most: int = CROPS_PER_PICTURE) -> list[Source]:
    """Up to `most` crops of each picture of a folder and its subfolders, in the order of their names."""
    sources: list[Source] = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        with Image.open(path) as image:
            width, height = image.size
        if width < CROP or height < CROP:
            continue
        rng = numpy.random.default_rng([seed, *path.name.encode()])
        count = min(most, max(1, width * height // (2 * CROP * CROP)))
        for _ in range(count):
            sources.append((str(path), int(rng.integers(width - CROP + 1)), int(rng.integers(height - CROP + 1))))
    return sources


def read_crop(source: Source) -> Pixels:
    """The pixels of a crop, uint8 [256, 256, 3]."""
    path, x, y = source
    with Image.open(path) as image:
        return numpy.asarray(image.convert("RGB").crop((x, y, x + CROP, y + CROP)))
