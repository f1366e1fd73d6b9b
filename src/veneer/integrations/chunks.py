"""Chunks of arrays as pictures: what the codecs of numcodecs and zarr share.

A chunk is one picture; or, where its channels are "bands", as many grey pictures as it has bands, one after
another, preceded by a header. The header holds the bytes "VNRB"; version 1, the number of axes, and 1 where the last
axis holds the bands, else 0, one byte each; then the length of each axis and the size of each picture in bytes, in 32
bits each, the lowest byte first. Chunks of signed samples, which lossless coding takes, have the bytes "VNRS" before
all else, and samples with 2^(bits - 1) added.
"""

from __future__ import annotations

import dataclasses
import math
import struct
from typing import Any, Literal, get_args

import numpy
import numpy.typing

import veneer
from veneer import ErrorCode, VeneerError

Channels = Literal["colour", "colour+alpha", "bands"]
Pixels = numpy.typing.NDArray[Any]  # uint8; lossless uint16, int8, int16 and float16, too

_COUNTS = {"colour": (1, 3), "colour+alpha": (2, 4)}
_HINT = 'channels="colour" takes 1 (grey) or 3 (RGB), "colour+alpha" 2 or 4, "bands" any number, each coded by itself'

_BANDS = b"VNRB"
_SIGNED = b"VNRS"  # before all else where samples are signed: they are coded with 2^(bits - 1) added
_VERSION = 1
_HEAD = struct.Struct("<4sBBB")
_MOST_AXES = 32


def _refusal(text: str) -> VeneerError:
    return VeneerError(ErrorCode.BAD_PIXELS, text)


@dataclasses.dataclass(frozen=True)
class ChunkCoder:
    """How chunks are coded; a part of both codecs.

    Attributes:
        channels_last: whether the last axis holds the channels; else the last two are rows and columns.
        channels: what channels are: "colour", grey or RGB; "colour+alpha", the same and a last one of alpha, where
            colour is not kept below alpha 0; "bands" that have nothing to do with each other, each coded as a grey
            picture. They are never guessed by their number.
        quality: 0..100, as of `veneer.encode`.
        effort: 1..9, as of `veneer.encode`.
        tune: "visual" or "psnr", as of `veneer.encode`.
        layers: "base" or "full", to encode and to decode.
        lossless: whether every sample comes back as it is, colour below alpha 0 too. Samples may then be integers of up
            to 16 bits, or float16.
        max_error: of lossless chunks, by how much samples may differ, 0..8; alpha does not.

    Raises:
        VeneerError: BAD_SETTING.
    """

    channels_last: bool = True
    channels: Channels = "colour"
    quality: float = 75
    effort: int = 5
    tune: veneer.Tune = "visual"
    layers: veneer.Layers = "full"
    lossless: bool = False
    max_error: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.channels_last, (bool, numpy.bool_)):
            text = f"channels_last must be True or False, not {self.channels_last!r}"
            raise VeneerError(ErrorCode.BAD_SETTING, text)
        if not isinstance(self.channels, str) or self.channels not in get_args(Channels):
            text = f"channels must be {' or '.join(get_args(Channels))}, not {self.channels!r}"
            raise VeneerError(ErrorCode.BAD_SETTING, text)
        names = ("quality", "effort", "tune", "layers", "lossless", "max_error")
        settings = veneer.Settings(**{name: getattr(self, name) for name in names})
        plain = {name: getattr(settings, name) for name in names}
        for name, value in plain.items() | {("channels_last", bool(self.channels_last))}:
            object.__setattr__(self, name, value)  # as plain numbers, which JSON knows

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """Raises VeneerError of BAD_PIXELS unless chunks of this shape can be coded."""
        axes = 3 if self.channels_last else 2
        form = "[..., H, W, C]" if self.channels_last else "[..., H, W]"
        if len(shape) == 2 and self.channels != "bands":
            return  # a plane of grey
        if len(shape) < axes:
            raise _refusal(f"chunks must be {form}, not {list(shape)}")
        if self.channels == "bands":
            return
        if math.prod(shape[:-axes]) != 1:
            hint = ' or channels="bands"' if not self.channels_last else ""
            raise _refusal(f"chunks must be {form} with axes of length 1 in front{hint}, not {list(shape)}")
        if self.channels_last and shape[-1] not in _COUNTS[self.channels]:
            raise _refusal(f"chunks of {shape[-1]} channels: {_HINT}")

    def encode(self, chunk: Any) -> bytes:
        """Codes a chunk.

        Args:
            chunk: uint8 of a shape that `check_shape` allows, in C order where it is contiguous.

        Returns:
            A Veneer file, or several after a header.

        Raises:
            VeneerError: BAD_PIXELS.
        """
        array = numpy.asanyarray(chunk)
        self.check_dtype(array.dtype)
        self.check_shape(array.shape)
        if array.flags.f_contiguous and not array.flags.c_contiguous:
            # Who decodes takes the bytes for those of an array in the same order, and is not told which that was.
            raise _refusal('the chunk is in Fortran order; make the array with order="C"')
        if array.dtype.kind == "i":
            return _SIGNED + self._encode_unsigned(_shifted(array))
        return self._encode_unsigned(array)

    def check_dtype(self, dtype: Any) -> None:
        """Raises VeneerError of BAD_PIXELS unless chunks of this type can be coded."""
        if dtype == numpy.uint8 or (self.lossless and dtype.kind in "iuf" and dtype.itemsize <= 2):
            return
        if self.lossless:
            raise _refusal(f"chunks must be integers of 8 or 16 bits, or float16, not {dtype}")
        text = f"chunks must be uint8, not {dtype}; scale them to 0..255 and convert them"
        raise _refusal(text + (", or use lossless=True" if dtype.kind in "iuf" and dtype.itemsize <= 2 else ""))

    def _encode_unsigned(self, array: Any) -> bytes:
        if self.channels == "bands":
            return self._encode_bands(array)
        axes = 3 if self.channels_last and array.ndim > 2 else 2
        return self._encode_picture(array.reshape(array.shape[-axes:]))

    def _encode_picture(self, pixels: Any) -> bytes:
        if self.lossless:
            return veneer.encode(
                pixels, preview=False, lossless=True, max_error=self.max_error, exact=True, effort=self.effort
            )
        return veneer.encode(
            pixels, preview=False, quality=self.quality, effort=self.effort, tune=self.tune, layers=self.layers
        )

    def _encode_bands(self, array: Any) -> bytes:
        planes = numpy.moveaxis(array, -1, -3) if self.channels_last else array
        files = [self._encode_picture(plane) for plane in planes.reshape(-1, *planes.shape[-2:])]
        if not files or array.ndim > _MOST_AXES:
            raise _refusal(f"a chunk of shape {list(array.shape)} has no bands, or too many axes")
        head = _HEAD.pack(_BANDS, _VERSION, array.ndim, self.channels_last)
        numbers = [*array.shape, *map(len, files)]
        return b"".join([head, struct.pack(f"<{len(numbers)}I", *numbers), *files])

    def decode(self, data: Any) -> Pixels:
        """The pixels of a chunk, without texture, which would be no data.

        Args:
            data: what `encode` gave, as bytes or another object with the buffer interface.

        Returns:
            Samples of the type of the chunk, [H, W, C], or [H, W] where the last axis holds no channels; of bands the
            shape of the chunk.

        Raises:
            VeneerError: it is damaged, or something else.
        """
        view = memoryview(data).cast("B")
        if view[: len(_SIGNED)] == _SIGNED:
            return _unshifted(self.decode(view[len(_SIGNED) :]))
        if view[: len(_BANDS)] == _BANDS:
            return self._decode_bands(view)
        pixels = self._decode_picture(view)
        return pixels if self.channels_last or pixels.shape[2] > 1 else pixels[:, :, 0]

    def _decode_picture(self, data: memoryview) -> Pixels:
        return veneer.decode(data, layers=self.layers, realism=0, strict=True)

    def _decode_bands(self, data: memoryview) -> Pixels:
        try:
            _, version, axes, last = _HEAD.unpack_from(data)
            shape = struct.unpack_from(f"<{axes}I", data, _HEAD.size)
            planes_shape = (*shape[:-3], shape[-1], *shape[-3:-1]) if last else shape
            count = math.prod(planes_shape[:-2])
            first = _HEAD.size + 4 * axes
            sizes = struct.unpack_from(f"<{count}I", data, first) if 4 * count <= len(data) else ()
        except (struct.error, IndexError):
            raise VeneerError(ErrorCode.CHUNK_CUT, "the chunk of bands ends in its head", len(data)) from None
        if version != _VERSION or last > 1:
            raise VeneerError(ErrorCode.VERSION, f"the chunk of bands is of version {version}", len(_BANDS))
        start = first + 4 * count
        if len(sizes) != count or start + sum(sizes) != len(data):
            raise VeneerError(ErrorCode.CHUNK_SIZE, "the chunk of bands has not the size that its head says", start)
        planes = []
        for size in sizes:
            plane = self._decode_picture(data[start : start + size])[:, :, :1]
            if plane.shape[:2] != planes_shape[-2:]:
                raise VeneerError(ErrorCode.CHUNK_SIZE, "a band has not the size that the chunk's head says", start)
            planes.append(plane)
            start += size
        stacked = numpy.stack(planes).reshape(planes_shape)
        return numpy.ascontiguousarray(numpy.moveaxis(stacked, -3, -1) if last else stacked)


def _shifted(array: Any) -> Any:
    """Signed samples as unsigned ones, the least as 0."""
    unsigned = array.astype(array.dtype.newbyteorder("=")).view(f"u{array.dtype.itemsize}")
    return unsigned ^ unsigned.dtype.type(1 << (8 * array.dtype.itemsize - 1))


def _unshifted(pixels: Pixels) -> Pixels:
    if pixels.dtype.kind != "u":
        raise VeneerError(ErrorCode.CHUNK_ORDER, "a chunk of signed samples within another")
    bits = 8 * pixels.dtype.itemsize
    shifted: Pixels = (pixels ^ pixels.dtype.type(1 << (bits - 1))).view(f"i{bits // 8}")
    return shifted


def put(pixels: Pixels, out: Any) -> None:
    """Puts the pixels of a chunk into an array of the same shape, whatever its order, or into a flat buffer.

    Raises:
        VeneerError: BAD_PIXELS, where it does not fit.
    """
    target = out if isinstance(out, numpy.ndarray) else numpy.asarray(memoryview(out))
    if target.dtype == numpy.uint8 != pixels.dtype and target.ndim == 1 and target.size == pixels.nbytes:
        target = target.view(pixels.dtype)
    if target.dtype != pixels.dtype or not target.flags.writeable:
        raise _refusal(f"out must be {pixels.dtype} and writable, not {target.dtype}")
    if _without_ones(target.shape) == _without_ones(pixels.shape):
        target[...] = pixels.reshape(target.shape)
    elif target.ndim == 1 and target.size == pixels.size:
        target[:] = pixels.ravel()
    else:
        raise _refusal(f"out of shape {list(target.shape)} does not fit a chunk of {list(pixels.shape)}")


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [side for side in shape if side != 1]
