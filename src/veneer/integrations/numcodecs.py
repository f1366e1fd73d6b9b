"""Veneer as a codec of numcodecs, so of zarr: every chunk of an array is a picture, and is coded with loss.

numcodecs finds it by the entry point of the package, under the name "veneer".
Source: numcodecs' documentation, "Codec API".
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy
import numpy.typing
from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray, ndarray_copy
from numcodecs.registry import register_codec

import veneer


class Veneer(Codec):
    """Chunks of uint8 [..., H, W] or [..., H, W, C], where ... are axes of length 1.

    What comes back has the shape [H, W] or [H, W, C]; zarr gives it that of the chunk.

    Args:
        channels_last: whether the last axis holds the channels, 1..4 of them.
        quality: 0..100, as of `veneer.encode`.
        effort: 1..9, likewise.
        tune: "visual" or "psnr", likewise.
        layers: "base" or "full", likewise; also what is decoded.
    """

    codec_id: ClassVar[str] = "veneer"

    def __init__(
        self,
        channels_last: bool = True,
        quality: float = 75,
        effort: int = 5,
        tune: veneer.Tune = "visual",
        layers: veneer.Layers = "full",
    ) -> None:
        self.channels_last = channels_last
        self.quality = quality
        self.effort = effort
        self.tune = tune
        self.layers = layers

    def encode(self, buf: numpy.typing.ArrayLike) -> bytes:
        """A Veneer file; VeneerError (a ValueError) of BAD_PIXELS if the chunk is no picture."""
        array = numpy.asarray(buf)
        axes = 3 if self.channels_last else 2
        if array.ndim > axes and array.size == numpy.prod(array.shape[-axes:]):
            array = array.reshape(array.shape[-axes:])
        settings: dict[str, Any] = {name: value for name, value in vars(self).items() if name != "channels_last"}
        return veneer.encode(array, preview=False, **settings)

    def decode(self, buf: Any, out: Any = None) -> Any:
        """The pixels of a chunk, put into `out` where there is one; without texture, which would be no data."""
        pixels = veneer.decode(ensure_contiguous_ndarray(buf), layers=self.layers, realism=0, strict=True)
        return ndarray_copy(pixels if self.channels_last else pixels[:, :, 0], out)


register_codec(Veneer)
