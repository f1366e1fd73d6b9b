"""Veneer as a codec of zarr's format 3: every chunk of an array is a picture.

Chunks are coded with loss or, with `lossless`, without.

zarr finds it by the entry point of the package, under the name "veneer"; it goes where an array becomes bytes:

    zarr.create_array(..., dtype="u1", serializer=VeneerCodec(quality=85), compressors=None)

Source: zarr's documentation, "Extending Zarr"; the specification of Zarr 3, "Codecs".
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import numpy
from zarr.abc.codec import ArrayBytesCodec
from zarr.registry import register_codec

import veneer
from veneer import ErrorCode, VeneerError
from veneer.integrations.chunks import Channels, ChunkCoder

NAME = "veneer"


@dataclasses.dataclass(frozen=True, init=False)
class VeneerCodec(ArrayBytesCodec):
    """Chunks of uint8 [..., H, W] or [..., H, W, C], where ... are axes of length 1.

    With `lossless` they may be of integers of up to 16 bits, or of float16.

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

    coder: ChunkCoder
    is_fixed_size = False

    def __init__(
        self,
        *,
        channels_last: bool = True,
        channels: Channels = "colour",
        quality: float = 75,
        effort: int = 5,
        tune: veneer.Tune = "visual",
        layers: veneer.Layers = "full",
        lossless: bool = False,
        max_error: int = 0,
    ) -> None:
        coder = ChunkCoder(channels_last, channels, quality, effort, tune, layers, lossless, max_error)
        object.__setattr__(self, "coder", coder)

    @classmethod
    def from_dict(cls, data: Any) -> VeneerCodec:
        """The codec of an entry of an array's metadata."""
        if data.get("name") != NAME:
            raise VeneerError(ErrorCode.BAD_SETTING, f"the codec is {data.get('name')!r}, not {NAME}")
        try:
            return cls(**data.get("configuration") or {})
        except TypeError as error:
            raise VeneerError(ErrorCode.BAD_SETTING, f"the configuration of {NAME} is wrong: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """The entry of an array's metadata."""
        return {"name": NAME, "configuration": dataclasses.asdict(self.coder)}

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        """Raises VeneerError of BAD_PIXELS where chunks of the array are no pictures."""
        del shape
        native = dtype.to_native_dtype() if hasattr(dtype, "to_native_dtype") else numpy.dtype(dtype)
        self.coder.check_dtype(native)
        chunk_shape = getattr(chunk_grid, "chunk_shape", None)
        if chunk_shape is not None:
            self.coder.check_shape(tuple(chunk_shape))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: Any) -> int:
        """Not known before."""
        raise NotImplementedError

    async def _encode_single(self, chunk_array: Any, chunk_spec: Any) -> Any:
        array = numpy.ascontiguousarray(chunk_array.as_numpy_array())  # the order in memory is not that of the format
        data = await asyncio.to_thread(self.coder.encode, array)
        return chunk_spec.prototype.buffer.from_bytes(data)

    async def _decode_single(self, chunk_bytes: Any, chunk_spec: Any) -> Any:
        pixels = await asyncio.to_thread(self.coder.decode, chunk_bytes.as_numpy_array())
        if pixels.size != numpy.prod(chunk_spec.shape):
            text = f"a picture of {list(pixels.shape)} is no chunk of {list(chunk_spec.shape)}"
            raise VeneerError(ErrorCode.CHUNK_SIZE, text)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(pixels.reshape(chunk_spec.shape))


register_codec(NAME, VeneerCodec)
