"""JPEG files as Pillow reads them: pixels, and how they were coded.

Place: first of restoration; `layer.py` and `training/jpegs.py` call it.
"""

from __future__ import annotations

import io

import numpy
from PIL import Image

from veneer.restoration.side_information import BLOCK, MOST_SAMPLING, Coding, Pixels


def coding_of(image: Image.Image) -> Coding:
    """How an open JPEG was coded.

    Args:
        image: of one or three components.
    """
    tables: dict[int, list[int]] = image.quantization  # type: ignore[attr-defined]
    components: list[tuple[int, int, int, int]] = image.layer  # type: ignore[attr-defined]
    luma, chroma = components[0], components[min(1, len(components) - 1)]
    square = (BLOCK, BLOCK)
    across, down = (min(MOST_SAMPLING, max(1, luma[i] // chroma[i])) for i in (1, 2))
    return Coding(
        numpy.array(tables[luma[3]], numpy.int64).reshape(square),
        numpy.array(tables[chroma[3]], numpy.int64).reshape(square),
        (across, down),
    )


def read_jpeg(data: bytes) -> tuple[Pixels, Coding]:
    """Decodes a JPEG.

    Args:
        data: the file.

    Returns:
        pixels: uint8 [H, W, 3]; grey ones have three equal channels; coding: of the file.
    """
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image.convert("RGB")), coding_of(image)
