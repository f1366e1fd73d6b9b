"""Which library reads samples of more than 8 bits of which format."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy
from PIL import Image, UnidentifiedImageError

from veneer.cli.deep.png import read_png
from veneer.cli.deep.portable import read_portable
from veneer.cli.deep.tiff import read_tiff
from veneer.cli.deep.tiff_layout import DirectoryImage
from veneer.cli.failure import FileFailure
from veneer.sample_depth import BYTE_DEPTH, Samples

# data, number of the picture from 0 on, bits of a sample by the headers -> uint8 or uint16 [H, W] or [H, W, C], depth
Reader = Callable[[bytes, int, int], tuple[Samples, int]]

MOST_BITS = 16


def read_samples(image: Image.Image, data: bytes, bits: int) -> tuple[Samples, int]:
    """Samples of a picture with more than 8 bits, as they are in its file.

    Args:
        image: opened; its format and the number of its picture count.
        data: the file.
        bits: of a sample, by its headers.

    Returns:
        uint8 or uint16 [H, W, C], C in 1..4; bits of a sample.

    Raises:
        FileFailure: what reads it is not installed, or its samples are no whole numbers of up to 16 bits.
    """
    name = image.format or ""
    try:
        samples, depth = DEEP_READERS[name](data, image.tell(), bits)
    except ImportError as error:
        what = f"has more than 8 bits a sample: {name} of that sort is read by {error.name}, which is missing"
        raise FileFailure(what, f"pip install '.[{_EXTRAS.get(name, 'deep')}]'") from None
    if samples.ndim == 2:
        samples = samples[:, :, numpy.newaxis]
    if samples.dtype not in (numpy.uint8, numpy.uint16) or samples.ndim != 3 or not 1 <= samples.shape[2] <= 4:
        what = f"has samples of {samples.dtype} in the shape {list(samples.shape)}, which are not grey or RGB"
        raise FileFailure(what, "convert it to a PNG of 16 bits first")
    return numpy.ascontiguousarray(samples), depth


def open_picture(data: bytes, bits: int | None) -> Image.Image:
    """Opens a picture of any format by Pillow; of a TIFF whose samples Pillow does not know, the fields alone.

    Args:
        data: as Pillow is to read it.
        bits: of a sample, where it is known to be a TIFF.

    Returns:
        An image with metadata, which can be loaded unless it is a `DirectoryImage`.

    Raises:
        UnidentifiedImageError: Pillow does not know it.
        FileFailure: it is a TIFF of samples that nobody reads here.
    """
    import io

    if bits is not None and bits > BYTE_DEPTH:
        return DirectoryImage(io.BytesIO(data))
    try:
        return Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        if bits is None:
            raise
        return DirectoryImage(io.BytesIO(data))


def _read_png(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    del bits
    if number:
        what = f"is an animation of 16 bits a sample, of which number {number + 1} cannot be read here"
        raise FileFailure(what, "leave --picture out for the first, or extract it with what made the file")
    return read_png(data)


def _read_tiff(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    del number  # the page that is wanted is the first of these bytes
    return read_tiff(data), bits


def _read_portable(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    del number, bits
    return read_portable(data)


def _read_avif(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    import imagecodecs

    return numpy.asarray(imagecodecs.avif_decode(data, index=number)), bits


def _read_jxl(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    import imagecodecs

    return numpy.asarray(imagecodecs.jpegxl_decode(data, index=number)), bits


def _read_jpeg_2000(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    del number
    import imagecodecs

    return numpy.asarray(imagecodecs.jpeg2k_decode(data)), bits


def _read_heif(data: bytes, number: int, bits: int) -> tuple[Samples, int]:
    import pillow_heif

    file = pillow_heif.open_heif(data, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    image = file[number]
    depth = re.search(r";(\d+)", image.mode)  # such as RGB;10
    return numpy.asarray(image), int(depth[1]) if depth else bits


DEEP_READERS: dict[str, Reader] = {
    "PNG": _read_png,
    "TIFF": _read_tiff,
    "PPM": _read_portable,
    "AVIF": _read_avif,
    "HEIF": _read_heif,
    "JXL": _read_jxl,
    "JPEG2000": _read_jpeg_2000,
}
_EXTRAS = {"HEIF": "heif"}
