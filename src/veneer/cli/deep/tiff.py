"""Samples of TIFF with up to 16 bits: read by tifffile; written uncompressed, with a directory by Pillow.

Source: TIFF 6.0: a row of packed samples ends at a whole byte.
"""

from __future__ import annotations

import io
import logging
from typing import Any

import numpy
from PIL import ExifTags, Image, TiffImagePlugin

from veneer.cli.deep.tiff_layout import Layout, layout_of
from veneer.cli.failure import FileFailure
from veneer.sample_depth import BYTE_DEPTH, Samples

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _OFFSETS, _SAMPLES, _ROWS, _COUNTS = (
    *(256, 257, 258, 259, 262, 273, 277, 278, 279),
)
_PLANAR, _EXTRA, _SAMPLE_FORMAT, _ICC = 284, 338, 339, 34675
_UNCOMPRESSED, _CONTIGUOUS, _STRAIGHT, _UNSIGNED = 1, 1, 2, 1
_BLACK_IS_ZERO, _RGB = 1, 2
_MOST = 1 << 32  # bytes of a TIFF: places in it have 32 bits
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_ROWS_AT_ONCE = 64  # that are packed together


def read_tiff(data: bytes) -> Samples:
    """Samples of the first directory of a TIFF.

    Args:
        data: the file.

    Returns:
        uint8 or uint16 [H, W, C], grey or RGB, with or without alpha, which is not premultiplied.

    Raises:
        ImportError: tifffile is not there, or imagecodecs, by which it reads most compressed files.
        FileFailure: the samples are not those of a picture.
    """
    import imagecodecs  # noqa: F401 - asked for at once, rather than by some files
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it says of odd fields would be lines of ours
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page: Any = file.pages[0]
        layout = layout_of({tag.code: tag.value for tag in page.tags})
        samples: Samples = page.asarray(maxworkers=1)
        if samples.ndim == 3 and page.planarconfig != _CONTIGUOUS:
            samples = samples.transpose(1, 2, 0)
    if samples.ndim == 2:
        samples = samples[:, :, numpy.newaxis]
    if samples.ndim != 3 or samples.shape[2] < layout.channels:
        raise FileFailure(f"has samples in the shape {list(samples.shape)}, which are no picture", "convert it to RGB")
    return _as_picture(samples[:, :, : layout.channels], layout)


def _as_picture(samples: Samples, layout: Layout) -> Samples:
    """Black is 0, and alpha stands for itself."""
    most = (1 << layout.bits) - 1
    samples = numpy.ascontiguousarray(samples, numpy.uint8 if layout.bits <= BYTE_DEPTH else numpy.uint16)
    alpha = layout.channels in (2, 4)
    colours = layout.channels - alpha
    if layout.inverted:
        samples[:, :, :colours] = most - samples[:, :, :colours]
    if layout.premultiplied:
        weight = samples[:, :, colours:].astype(numpy.uint64)
        straight = (samples[:, :, :colours] * numpy.uint64(most) + weight // 2) // numpy.maximum(weight, 1)
        samples[:, :, :colours] = numpy.minimum(straight, most)
    return samples


def write_tiff(samples: Samples, depth: int, fields: Image.Exif, icc: bytes | None) -> bytes:
    """A TIFF of more than 8 bits a sample, not compressed.

    Args:
        samples: uint16 [H, W, C].
        depth: 9..16; below 16 samples are packed.
        fields: of its directory, for metadata.
        icc: profile, or None.

    Returns:
        The file.

    Raises:
        FileFailure: it would be larger than a TIFF can be.
    """
    height, width, channels = samples.shape
    pixels = samples.astype("<u2").tobytes() if depth == 16 else _packed(samples, depth)
    directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    for tag in fields:
        directory[int(tag)] = fields.get_ifd(tag) if tag in _DIRECTORIES else fields[tag]
    directory[_WIDTH], directory[_HEIGHT] = width, height
    directory[_BITS], directory[_SAMPLE_FORMAT] = (depth,) * channels, (_UNSIGNED,) * channels
    directory[_COMPRESSION], directory[_PLANAR], directory[_SAMPLES] = _UNCOMPRESSED, _CONTIGUOUS, channels
    directory[_PHOTOMETRIC] = _RGB if channels >= 3 else _BLACK_IS_ZERO
    if channels in (2, 4):
        directory[_EXTRA] = _STRAIGHT
    if icc is not None:
        directory.tagtype[_ICC] = 7  # UNDEFINED
        directory[_ICC] = icc
    directory[_ROWS], directory[_COUNTS], directory[_OFFSETS] = height, len(pixels), 0  # which Pillow makes a place
    directory.tagtype[_COUNTS] = directory.tagtype[_OFFSETS] = 4  # LONG
    buffer = io.BytesIO()
    directory.save(buffer)
    if buffer.tell() + len(pixels) >= _MOST:
        raise FileFailure(
            f"{len(pixels)} bytes of samples are more than a TIFF holds", "choose PNG, or decode a --region"
        )
    return buffer.getvalue() + pixels


def _packed(samples: Samples, depth: int) -> bytes:
    """Samples of so many bits side by side, the highest bit first; each row begins with a byte of its own."""
    height = len(samples)
    rows = samples.reshape(height, -1, 1).astype(">u2")
    packed = []
    for first in range(0, height, _ROWS_AT_ONCE):
        part = numpy.ascontiguousarray(rows[first : first + _ROWS_AT_ONCE])
        bits = numpy.unpackbits(part.view(numpy.uint8).reshape(*part.shape[:2], 2), axis=2)[:, :, 16 - depth :]
        packed.append(numpy.packbits(bits.reshape(len(part), -1), axis=1).tobytes())
    return b"".join(packed)
