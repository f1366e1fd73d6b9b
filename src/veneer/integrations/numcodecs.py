"""Veneer as a codec of numcodecs, so of zarr's format 2: every chunk of an array is a picture.

Chunks are coded with loss or, with `lossless`, without.

numcodecs finds it by the entry point of the package, under the name "veneer". For zarr's format 3 there is
`veneer.integrations.zarr`. Source: numcodecs' documentation, "Codec API".
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, NoReturn

import numpy.typing
from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray
from numcodecs.registry import register_codec

import veneer
from veneer.integrations.chunks import Channels, ChunkCoder, put


class Veneer(Codec):
    """Chunks of uint8 [..., H, W] or [..., H, W, C], where ... are axes of length 1, in C order.

    With `lossless` they may be of integers of up to 16 bits, or of float16.

    What comes back has the shape [H, W] or [H, W, C], or with bands that of the chunk; zarr gives it that of the chunk.

    Args:
        channels_last: whether the last axis holds the channels; else the last two are rows and columns.
        channels: "colour" (grey or RGB), "colour+alpha", or "bands" that have nothing to do with each other: each is
            coded as a grey picture. Never guessed by their number.
        quality: 0..100, as of `veneer.encode`.
        effort: 1..9, as of `veneer.encode`.
        tune: "visual" or "psnr", as of `veneer.encode`.
        layers: "base" or "full", to encode and to decode.
        lossless: whether every sample comes back as it is; chunks may then be of integers of up to 16 bits, or float16.
        max_error: of lossless chunks, by how much samples may differ, 0..8.

    Raises:
        VeneerError: BAD_SETTING.
    """

    codec_id: ClassVar[str] = "veneer"

    def __init__(
        self,
        channels_last: bool = True,
        quality: float = 75,
        effort: int = 5,
        tune: veneer.Tune = "visual",
        layers: veneer.Layers = "full",
        channels: Channels = "colour",
        lossless: bool = False,
        max_error: int = 0,
    ) -> None:
        coder = ChunkCoder(channels_last, channels, quality, effort, tune, layers, lossless, max_error)
        for name, value in dataclasses.asdict(coder).items():
            setattr(self, name, value)  # where numcodecs looks for the configuration

    def _coder(self) -> ChunkCoder:
        return ChunkCoder(**vars(self))

    def encode(self, buf: numpy.typing.ArrayLike) -> bytes:
        """A Veneer file, or with bands several in a row; VeneerError (a ValueError) of BAD_PIXELS if that cannot be."""
        return self._coder().encode(buf)

    def decode(self, buf: Any, out: Any = None) -> Any:
        """The pixels of a chunk, put into `out` where there is one; without texture, which would be no data."""
        pixels = self._coder().decode(ensure_contiguous_ndarray(buf))
        if out is None:
            return pixels
        put(pixels, out)
        return out

    def __getitem__(self, index: object) -> NoReturn:
        """Says to zarr's format 3, which looks for a list of codecs in the place of this one, what it needs."""
        codec = "veneer.integrations.zarr.VeneerCodec"
        raise TypeError(f"zarr's format 3 takes pictures as serializer={codec}(...), compressors=None")


register_codec(Veneer)
