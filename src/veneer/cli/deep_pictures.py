"""Pictures of more than 8 bits a sample, which Pillow has no modes for: read by imagecodecs, written as PNG.

Source: Portable Network Graphics (third edition), 5.3, 11.2.1 (IHDR) and 9.2 (filters), for what is written.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy
import numpy.typing

from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note
from veneer.sample_depth import BYTE_DEPTH, Samples, as_bytes, scaled

if TYPE_CHECKING:
    from veneer.cli.pictures import Picture

PNG_DEPTH = 16

# Formats, as Pillow names them, that are read with more than 8 bits.
DEEP_FORMATS = ("PNG", "TIFF")

_SIGNATURE_SIZE = 8
_SUB = 1  # a filter type: differences to the pixel before


def read_deep(data: bytes, format_name: str) -> Samples:
    """The samples of a picture of one of DEEP_FORMATS.

    Args:
        data: the file.
        format_name: as Pillow names it.

    Returns:
        uint16 [H, W, C].

    Raises:
        FileFailure: imagecodecs is not there, or the samples are no whole numbers of up to 16 bits.
    """
    try:
        import imagecodecs
    except ImportError:
        what = f"has more than 8 bits a sample: {format_name} of that sort is read by imagecodecs, which is missing"
        raise FileFailure(what, "pip install '.[deep]'") from None
    decode = imagecodecs.png_decode if format_name == "PNG" else imagecodecs.tiff_decode
    samples: Samples = numpy.asarray(decode(data))
    if samples.ndim == 2:
        samples = samples[:, :, numpy.newaxis]
    if samples.dtype != numpy.uint16 or samples.ndim != 3 or not 1 <= samples.shape[2] <= 4:
        what = (
            f"has samples of {samples.dtype} in the shape {list(samples.shape)}, which are not grey or RGB of 16 bits"
        )
        raise FileFailure(what, "convert it to a PNG of 16 bits first")
    return numpy.ascontiguousarray(samples)


def fit_depth(picture: Picture, format_name: str) -> Samples | None:
    """Makes the samples of a picture those of 8 bits, with a note of what that loses.

    Args:
        picture: its pixels, depth and notes change where the depth is not 8.
        format_name: what it is to be saved as.

    Returns:
        Samples of 16 bits, big-endian, for `with_deep_samples`; None where the result has 8 bits.
    """
    depth = picture.depth
    if depth == BYTE_DEPTH:
        return None
    samples, deep = picture.pixels, None
    if depth > BYTE_DEPTH and format_name == "PNG":
        deep = scaled(samples, depth, PNG_DEPTH).astype(">u2")
        if depth < PNG_DEPTH:
            picture.notes.append(Note(f"its {depth} bits a sample are written as 16, by scale", loses=False))
    elif depth > BYTE_DEPTH:
        picture.notes.append(f"its {depth} bits a sample become 8 in {format_name}; choose PNG to keep them")
    else:
        picture.notes.append(Note(f"samples of {depth} bits are written as 8, by scale", loses=False))
    picture.pixels, picture.depth = as_bytes(samples, depth), BYTE_DEPTH
    return deep


def with_deep_samples(png: bytes, samples: Samples) -> bytes:
    """A PNG of 8 bits with samples of 16 in the place of its own.

    Args:
        png: as Pillow writes it, grey or RGB, with or without alpha; not interlaced.
        samples: [H, W, C], big-endian.

    Returns:
        The PNG, everything else as it was.
    """
    parts, place, written = [png[:_SIGNATURE_SIZE]], _SIGNATURE_SIZE, False
    while place < len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        content = png[place + 8 : place + 8 + length]
        place += 12 + length
        if name == b"IHDR":
            content = content[:8] + bytes([PNG_DEPTH]) + content[9:]
        if name == b"IDAT":
            if written:
                continue
            content, written = _image_data(samples), True
        parts += [struct.pack(">I", len(content)), name, content, struct.pack(">I", zlib.crc32(name + content))]
    return b"".join(parts)


def _image_data(samples: Samples) -> bytes:
    """Rows of differences to the pixel before, byte by byte, compressed."""
    height, width, channels = samples.shape
    pixel = 2 * channels
    raw = samples.reshape(height, -1).view(numpy.uint8).reshape(height, width * pixel)
    rows = numpy.empty((height, 1 + width * pixel), numpy.uint8)
    rows[:, 0] = _SUB
    rows[:, 1 : 1 + pixel] = raw[:, :pixel]
    numpy.subtract(raw[:, pixel:], raw[:, :-pixel], out=rows[:, 1 + pixel :])
    return zlib.compress(rows.tobytes(), 4)
