"""The lossless codecs that are measured, Veneer among them, as one table; one whose library is missing is not in it.

Each gives back the samples that it was given, or the measurement fails. Every encoder and decoder runs on one thread.
Place: `lossless.py` runs them, `codecs.py` takes them into its own table.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import io
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, features

import veneer
from veneer.evaluation.installed import imagecodecs_module, library, veneer_version
from veneer.sample_depth import BYTE_DEPTH

Samples = npt.NDArray[Any]  # uint8 or uint16 [H, W, C]: grey (C = 1), grey and alpha (2), RGB (3), RGB and alpha (4)

FULL_DEPTH = 16
AVIF_DEPTH = 12
OXIPNG_LEVEL = 4
OPTIONAL = {  # what is left out where it is not installed, and how to have it
    "pyoxipng": "pip install '.[oxipng]'",
    "imagecodecs": "pip install '.[eval]'",
}


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a decoder is to give: a file need not say it, as an optimizer may have left channels and bits out."""

    channels: int
    depth: int  # bits of a sample, 1..16

    @property
    def dtype(self) -> npt.DTypeLike:
        """Of the samples."""
        return np.uint8 if self.depth <= BYTE_DEPTH else np.uint16


@dataclasses.dataclass(frozen=True)
class LosslessCodec:
    """One codec with everything settled.

    Attributes:
        name: as it stands in CSV files.
        label: as people write it.
        encode: samples and their bits -> the file.
        decode: the file and what was in it -> samples.
        version: of the library, so that results of another one are not mixed with these.
        note: what the label leaves out.
        most_depth: bits of a sample, at most.
    """

    name: str
    label: str
    encode: Callable[[Samples, int], bytes]
    decode: Callable[[bytes, Shape], Samples]
    version: str
    note: str = ""
    most_depth: int = FULL_DEPTH

    @property
    def family(self) -> str:
        """The format that its files are of."""
        return self.label.split(",")[0]


@functools.cache
def lossless_codecs() -> dict[str, LosslessCodec]:
    """Every lossless codec that can run here, by name."""
    makers = (_veneer, _png, _webp, _jpeg_xl, _jpeg2000, _avif, _qoi)
    return {codec.name: codec for maker in makers for codec in maker()}


def missing() -> list[str]:
    """One line for each library that is not there, with what is left out for it."""
    lines = []
    for name, remedy in OPTIONAL.items():
        if importlib.util.find_spec("oxipng" if name == "pyoxipng" else name) is None:
            lines.append(f"{name} is not installed, codecs that need it are left out: {remedy}")
    lines += [f"Pillow has no {name} here" for name in ("webp", "jpg_2000") if not features.check(name)]
    return lines


def _veneer() -> Iterator[LosslessCodec]:
    def make(name: str, label: str, effort: int) -> LosslessCodec:
        def encode(samples: Samples, depth: int) -> bytes:
            return veneer.encode(samples, lossless=True, exact=True, depth=depth, effort=effort, threads=1)

        note = f"effort {effort}, colour under alpha 0 kept"
        return LosslessCodec(
            name, label, encode, lambda data, _: veneer.decode(data, threads=1), veneer_version(), note
        )

    yield make("veneer-ll", "Veneer, lossless", 5)
    yield make("veneer-ll-e1", "Veneer, lossless, effort 1", 1)
    yield make("veneer-ll-e7", "Veneer, lossless, effort 7", 7)
    yield make("veneer-ll-e9", "Veneer, lossless, effort 9", 9)


def _png() -> Iterator[LosslessCodec]:
    def encode(samples: Samples, _: int) -> bytes:
        if samples.dtype == np.uint8:
            return _saved(samples, "PNG", optimize=True)
        return bytes(_need_imagecodecs().png_encode(_squeezed(samples), level=9))

    yield LosslessCodec(
        "png", "PNG, optimized", encode, _decode_png, library("zlib", "zlib"), "Pillow; above 8 bits libpng at level 9"
    )
    if importlib.util.find_spec("oxipng") is not None:
        import oxipng

        def optimize(samples: Samples, _: int) -> bytes:
            if samples.dtype == np.uint8:
                plain = _saved(samples, "PNG", compress_level=1)
            else:
                plain = bytes(_need_imagecodecs().png_encode(_squeezed(samples), level=1))
            return bytes(oxipng.optimize_from_memory(plain, level=OXIPNG_LEVEL, optimize_alpha=False))

        version = f"pyoxipng {metadata.version('pyoxipng')}"
        note = f"level {OXIPNG_LEVEL}; its encoder takes as many threads as it likes"
        yield LosslessCodec("oxipng", "PNG, oxipng", optimize, _decode_png, version, note)


def _webp() -> Iterator[LosslessCodec]:
    if features.check("webp"):
        yield LosslessCodec(
            "webp-ll",
            "WebP, lossless",
            lambda samples, _: _saved(samples, "WEBP", lossless=True, method=6, quality=100, exact=True),
            _decode_by_pillow,
            library("webp", "libwebp"),
            "method 6, quality 100, exact",
            BYTE_DEPTH,
        )


def _jpeg_xl() -> Iterator[LosslessCodec]:
    imagecodecs = imagecodecs_module()
    if imagecodecs is None or not imagecodecs.JPEGXL.available:
        return

    def make(name: str, effort: int) -> LosslessCodec:
        def encode(samples: Samples, depth: int) -> bytes:
            bits = max(depth, BYTE_DEPTH)
            options = {"lossless": True, "bitspersample": bits, "usecontainer": False, "numthreads": 1}
            return bytes(imagecodecs.jpegxl_encode(_squeezed(samples), effort=effort, **options))

        def decode(data: bytes, shape: Shape) -> Samples:
            return _with_channels(imagecodecs.jpegxl_decode(data, numthreads=1), shape)

        label = f"JPEG XL, lossless, effort {effort}"
        return LosslessCodec(name, label, encode, decode, imagecodecs.jpegxl_version(), f"effort {effort}")

    yield make("jxl-ll-e7", 7)
    yield make("jxl-ll-e9", 9)


def _jpeg2000() -> Iterator[LosslessCodec]:
    imagecodecs = imagecodecs_module()
    deep = imagecodecs is not None and imagecodecs.JPEG2K.available

    def encode(samples: Samples, depth: int) -> bytes:
        if depth <= BYTE_DEPTH:
            return _saved(samples, "JPEG2000", no_jp2=True, irreversible=False, mct=int(samples.shape[2] >= 3))
        options = {"codecformat": "j2k", "bitspersample": depth, "mct": samples.shape[2] >= 3, "numthreads": 1}
        return bytes(imagecodecs.jpeg2k_encode(_squeezed(samples), level=0, reversible=True, **options))

    def decode(data: bytes, shape: Shape) -> Samples:
        if shape.depth <= BYTE_DEPTH:
            return _decode_by_pillow(data, shape)
        return _with_channels(imagecodecs.jpeg2k_decode(data, numthreads=1), shape)

    if features.check("jpg_2000"):
        most, version = FULL_DEPTH if deep else BYTE_DEPTH, library("jpg_2000", "OpenJPEG")
        yield LosslessCodec("j2k-ll", "JPEG 2000, lossless", encode, decode, version, "5/3 wavelet, reversible", most)


def _avif() -> Iterator[LosslessCodec]:
    """AVIF with R, G and B as they are: any other matrix loses the last bits of colours."""
    imagecodecs = imagecodecs_module()
    if imagecodecs is None or not imagecodecs.AVIF.available:
        return

    def encode(samples: Samples, depth: int) -> bytes:
        colour: dict[str, Any] = {"pixelformat": "400"}
        if samples.shape[2] >= 3:
            colour = {"pixelformat": "444", "matrix": 0}
        bits = next(bits for bits in (8, 10, 12) if bits >= depth)
        options = {"level": 100, "speed": 4, "bitspersample": bits, "numthreads": 1, **colour}
        return bytes(imagecodecs.avif_encode(_squeezed(samples), **options))

    def decode(data: bytes, shape: Shape) -> Samples:
        return _with_channels(imagecodecs.avif_decode(data, numthreads=1), shape)

    yield LosslessCodec(
        "avif-ll",
        "AVIF, lossless",
        encode,
        decode,
        imagecodecs.avif_version(),
        "libaom, 4:4:4 with the identity matrix, speed 4",
        AVIF_DEPTH,
    )


def _qoi() -> Iterator[LosslessCodec]:
    imagecodecs = imagecodecs_module()
    if imagecodecs is None or not imagecodecs.QOI.available:
        return

    def encode(samples: Samples, _: int) -> bytes:
        channels = samples.shape[2]
        if channels <= 2:  # which it has not
            grey = np.repeat(samples[:, :, :1], 3, axis=2)
            samples = grey if channels == 1 else np.concatenate((grey, samples[:, :, 1:]), axis=2)
        return bytes(imagecodecs.qoi_encode(np.ascontiguousarray(samples)))

    def decode(data: bytes, shape: Shape) -> Samples:
        return _with_channels(imagecodecs.qoi_decode(data), shape)

    yield LosslessCodec("qoi", "QOI", encode, decode, imagecodecs.qoi_version(), "grey as RGB", BYTE_DEPTH)


def _need_imagecodecs() -> Any:
    imagecodecs = imagecodecs_module()
    if imagecodecs is None:
        raise ValueError(f"more than 8 bits need imagecodecs: {OPTIONAL['imagecodecs']}")
    return imagecodecs


def _squeezed(samples: Samples) -> Samples:
    """Grey without the axis of channels, as libraries want it."""
    return np.ascontiguousarray(samples[:, :, 0] if samples.shape[2] == 1 else samples)


def _saved(samples: Samples, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_squeezed(samples)).save(buffer, format_name, **options)
    return buffer.getvalue()


def _decode_png(data: bytes, shape: Shape) -> Samples:
    if shape.depth <= BYTE_DEPTH:
        return _decode_by_pillow(data, shape)
    samples = np.asarray(_need_imagecodecs().png_decode(data))
    if samples.dtype == np.uint8:  # an optimizer has seen that both bytes of every sample are the same
        samples = samples.astype(np.uint16) * 257
    return _with_channels(samples, shape)


def _decode_by_pillow(data: bytes, shape: Shape) -> Samples:
    mode = ("L", "LA", "RGB", "RGBA")[shape.channels - 1]
    with Image.open(io.BytesIO(data)) as image:
        expanded = image.convert("RGBA" if "A" in mode else "RGB") if image.mode == "P" else image
        return np.asarray(expanded.convert(mode)).reshape(image.height, image.width, shape.channels)


def _with_channels(samples: Samples, shape: Shape) -> Samples:
    """Samples with the channels that they had before a codec left out what they have in common."""
    if samples.ndim == 2:
        samples = samples[:, :, np.newaxis]
    there, wanted = samples.shape[2], shape.channels
    if there == wanted:
        return samples
    colours, alpha = samples[:, :, : there - 1 + there % 2], samples[:, :, there - 1 + there % 2 :]
    if colours.shape[2] == 1 and wanted >= 3:
        colours = np.repeat(colours, 3, axis=2)
    elif wanted <= 2:
        colours = colours[:, :, :1]
    if wanted % 2 == 0 and not alpha.shape[2]:
        alpha = np.full((*samples.shape[:2], 1), (1 << max(shape.depth, BYTE_DEPTH)) - 1, samples.dtype)
    return np.concatenate((colours, alpha), axis=2) if wanted % 2 == 0 else colours
