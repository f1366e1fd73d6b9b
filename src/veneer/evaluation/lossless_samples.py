"""Samples of picture files as they stand there, 8 or 16 bits each, for measuring lossless codecs.

Place: `lossless.py` reads its pictures here.
"""

from __future__ import annotations

import functools
import io
import os
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from veneer.evaluation.installed import imagecodecs_module
from veneer.evaluation.lossless_codecs import FULL_DEPTH, OPTIONAL, Samples
from veneer.regular_file import read_regular_file
from veneer.sample_depth import BYTE_DEPTH

BITS_PER_SAMPLE = 258  # a tag of TIFF
TIFF_STARTS = (b"II*\0", b"MM\0*")
PNG_DEPTH_AT = 24  # where the header of a PNG has the bits of a sample
MODES = {"1": "L", "L": "L", "LA": "LA", "RGB": "RGB", "RGBA": "RGBA"}  # of Pillow, and what they become


def read_samples(path: str) -> tuple[Samples, int]:
    """Samples of a picture file and their bits; those of the last file are kept.

    Args:
        path: of a picture. Palettes are expanded; metadata are left out.

    Returns:
        uint8 or uint16 [H, W, C], not to be written to, and the bits of a sample: 8, or 9..16.

    Raises:
        ValueError: it is no picture of whole numbers of up to 16 bits; one line with the name.
    """
    return _read(path, os.stat(path).st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read(path: str, _: int) -> tuple[Samples, int]:
    try:
        samples, depth = _decoded(read_regular_file(path))
    except (OSError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error
    samples = np.ascontiguousarray(samples[:, :, np.newaxis] if samples.ndim == 2 else samples)
    samples.flags.writeable = False
    return samples, max(depth, BYTE_DEPTH)


def _decoded(data: bytes) -> tuple[Samples, int]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            depth = _depth(image, data)
            return (_of_bytes(image) if depth <= BYTE_DEPTH else _deep(data, image.format or "")), depth
    except UnidentifiedImageError:
        if data[:4] not in TIFF_STARTS:
            raise
    return _deep(data, "TIFF"), FULL_DEPTH  # as RGB of 16 bits, which Pillow does not know


def _depth(image: Image.Image, data: bytes) -> int:
    """Bits of a sample in the file, of which Pillow may show fewer."""
    if image.format == "PNG":
        return data[PNG_DEPTH_AT]
    tags: Any = getattr(image, "tag_v2", None)
    if image.format == "TIFF" and tags is not None:
        return int(max(tags.get(BITS_PER_SAMPLE, (1,))))
    return FULL_DEPTH if image.mode.startswith(("I", "F")) else BYTE_DEPTH


def _of_bytes(image: Image.Image) -> Samples:
    mode = MODES.get(image.mode)
    if mode is None:
        has_alpha = image.mode in ("PA", "La", "RGBa") or "transparency" in image.info
        mode = "RGBA" if has_alpha else "RGB"
    elif "transparency" in image.info:
        mode = "LA" if mode == "L" else "RGBA"
    return np.array(image.convert(mode))


def _deep(data: bytes, format_name: str) -> Samples:
    imagecodecs = imagecodecs_module()
    if imagecodecs is None:
        raise ValueError(f"more than 8 bits need imagecodecs: {OPTIONAL['imagecodecs']}")
    decoders = {"PNG": imagecodecs.png_decode, "TIFF": imagecodecs.tiff_decode}
    if format_name not in decoders:
        raise ValueError(f"{format_name} of more than 8 bits is not read here; convert it to PNG")
    samples: Samples = np.array(decoders[format_name](data))
    if samples.dtype != np.uint16 or samples.ndim > 3 or (samples.ndim == 3 and not 1 <= samples.shape[2] <= 4):
        raise ValueError(f"its samples are {samples.dtype} in the shape {list(samples.shape)}")
    return samples
