"""Files of every codec with the same number of bytes, and crops of their pictures for looking at side by side.

Place: `bench.py` calls `make_crop` in worker processes; `report.py` embeds what it wrote.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from veneer.evaluation import metrics
from veneer.evaluation.codecs import Codec, Pixels
from veneer.evaluation.measure import check_decoded, load_picture

FIELDS = (
    "codec",
    "image",
    "target_bpp",
    "setting",
    "bytes",
    "bpp",
    "psnr",
    "ssimulacra2",
    "x",
    "y",
    "width",
    "height",
    "file",
    "version",
)
ORIGINAL = "original"  # stands for the codec of crops of the picture itself

CLOSE_ENOUGH = 0.99  # of the bytes asked for
MAX_TRIES = 9


def make_crop(codec: Codec | None, path: str, target_bpp: float, size: tuple[int, int], folder: str) -> dict[str, str]:
    """Codes a picture at a rate and writes the crop of what comes back as a lossless WebP.

    Args:
        codec: what to code with; None for the picture as it is.
        path: of the picture.
        target_bpp: bits per pixel that the file may have.
        size: width and height of the crop, from the middle of the picture.
        folder: to write to.

    Returns:
        A row of `FIELDS`.
    """
    original = load_picture(path)
    x, y, width, height = middle(original.shape[1], original.shape[0], size)
    row = {"image": Path(path).stem, "target_bpp": f"{target_bpp:g}" if codec else "0", "setting": "", "version": ""}
    row |= {"bytes": str(Path(path).stat().st_size), "bpp": "", "psnr": "", "ssimulacra2": ""}
    row |= {"x": str(x), "y": str(y), "width": str(width), "height": str(height)}
    pixels, name = original, ORIGINAL
    if codec is not None:
        samples = original.shape[0] * original.shape[1]
        setting, data = encode_to_size(codec, original, int(target_bpp * samples / 8))
        pixels, name = codec.decode(data), codec.name
        check_decoded(codec, original, pixels)
        row |= {"setting": f"{setting:g}", "bytes": str(len(data)), "bpp": f"{8 * len(data) / samples:.4f}"}
        row |= {"psnr": f"{metrics.psnr(original, pixels):.2f}", "version": codec.version}
        if metrics.BY_NAME["ssimulacra2"].present():
            row["ssimulacra2"] = f"{metrics.ssimulacra2(original, pixels):.1f}"
    file = f"{row['image']}_{target_bpp:g}_{name}.webp" if codec else f"{row['image']}_{name}.webp"
    crop = Image.fromarray(np.ascontiguousarray(pixels[y : y + height, x : x + width]))
    crop.save(Path(folder) / file, "WEBP", lossless=True, quality=100, method=4)
    return row | {"codec": name, "file": file}


def middle(width: int, height: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """x, y, width and height of the middle of a picture, at most of the size given."""
    w, h = min(width, size[0]), min(height, size[1])
    return (width - w) // 2, (height - h) // 2, w, h


def encode_to_size(codec: Codec, pixels: Pixels, size_bytes: int) -> tuple[float, bytes]:
    """The largest file found that keeps to a size.

    Args:
        codec: with bounds to search in.
        pixels: to code.
        size_bytes: most bytes; where even the lowest setting needs more, its file is the answer.

    Returns:
        The setting and the file.
    """
    if codec.bounds is None:
        raise ValueError(f"{codec.label} has no setting for its rate")
    low, high = codec.bounds
    best = low, codec.encode(pixels, low)
    if len(best[1]) > size_bytes:
        return best
    # Where a scale runs through decades (a distance, a rate), half way is the geometric mean.
    geometric = min(codec.bounds) > 0 and max(codec.bounds) / min(codec.bounds) > 100 and not codec.whole
    for _ in range(MAX_TRIES):
        between = math.sqrt(low * high) if geometric else (low + high) / 2
        between = round(between) if codec.whole else between
        if between in (low, high):
            break
        data = codec.encode(pixels, between)
        if len(data) > size_bytes:
            high = between
            continue
        low = between
        if len(data) >= len(best[1]):
            best = between, data
        if len(data) >= CLOSE_ENOUGH * size_bytes:
            break
    return best
