"""Pictures of more than 8 bits a sample for tests, small and made here."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from veneer.cli.pictures import Picture, load_picture

Samples = npt.NDArray[np.uint16]
MAX_PIXELS = 1 << 20


def noise(depth: int, channels: int = 3, height: int = 20, width: int = 30) -> Samples:
    """Samples of every value of a depth, [H, W, C]; none has an alpha of 0, whose colour is not kept."""
    values = np.random.default_rng(depth * 8 + channels).integers(0, 1 << depth, (height, width, channels))
    if channels in (2, 4):
        values[..., -1] |= 1
    return values.astype(np.uint16)


def tiff(samples: npt.NDArray[Any], **options: Any) -> bytes:
    """A TIFF by tifffile."""
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples[..., 0] if samples.shape[-1] == 1 else samples, **options)
    return buffer.getvalue()


def load(data: bytes, **options: Any) -> Picture:
    """A picture, with samples of more than 8 bits."""
    return load_picture(data, max_pixels=MAX_PIXELS, **{"strip": False, **options})
