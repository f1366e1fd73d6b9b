"""PNG of 16 bits a sample: read by imagecodecs; written by putting samples into a PNG that Pillow has written.

Source: Portable Network Graphics (third edition), 5.3, 11.2.1 (IHDR), 9.2 (filters), 11.3.2.6 (sBIT), 13.12.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy

from veneer.sample_depth import Samples, scaled

PNG_DEPTH = 16

_SIGNATURE_SIZE = 8
_SUB = 1  # a filter type: differences to the pixel before


def read_png(data: bytes) -> tuple[Samples, int]:
    """Samples of a PNG, and their depth.

    That is 16, or what sBIT says where all samples are those of this depth by scale, as they are written here.

    Args:
        data: the file; of an animation its default picture is taken.

    Returns:
        uint16 [H, W, C]; bits of a sample.

    Raises:
        ImportError: imagecodecs is not there.
    """
    import imagecodecs

    samples: Samples = numpy.asarray(imagecodecs.png_decode(_bare(data)))
    if samples.ndim == 2:
        samples = samples[:, :, numpy.newaxis]
    depth = _significant_bits(data)
    if 8 < depth < PNG_DEPTH:
        fewer = scaled(samples, PNG_DEPTH, depth)
        if numpy.array_equal(scaled(fewer, depth, PNG_DEPTH), samples):
            return fewer, depth
    return samples, PNG_DEPTH


def _bare(data: bytes) -> bytes:
    """The file without what is not needed for samples, of which libpng may print warnings."""
    parts, place = [data[:_SIGNATURE_SIZE]], _SIGNATURE_SIZE
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if name[:1].isupper() or name == b"tRNS":
            parts.append(data[place:end])
        place = end
    return b"".join(parts)


def _significant_bits(data: bytes) -> int:
    """What sBIT says of all channels; 16 where it says different numbers, or is not there."""
    for name, content in _chunks(data):
        if name == b"sBIT":
            return content[0] if content and len(set(content)) == 1 else PNG_DEPTH
        if name == b"IDAT":
            break
    return PNG_DEPTH


def with_deep_samples(png: bytes, samples: Samples, depth: int = PNG_DEPTH) -> bytes:
    """A PNG of 8 bits with samples of 16 in the place of its own.

    Args:
        png: as Pillow writes it, grey or RGB, with or without alpha; not interlaced.
        samples: uint16 [H, W, C], of 16 bits.
        depth: bits that they had before, for sBIT.

    Returns:
        The PNG, everything else as it was.
    """
    parts, written = [png[:_SIGNATURE_SIZE]], False
    for name, content in _chunks(png):
        if name == b"IDAT":
            if written:
                continue
            content, written = _image_data(samples.astype(">u2")), True
        if name == b"IHDR":
            parts.append(_chunk(name, content[:8] + bytes([PNG_DEPTH]) + content[9:]))
            if depth < PNG_DEPTH:
                parts.append(_chunk(b"sBIT", bytes([depth]) * samples.shape[2]))
        else:
            parts.append(_chunk(name, content))
    return b"".join(parts)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each whole chunk."""
    place = _SIGNATURE_SIZE
    while place + 12 <= len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        yield name, png[place + 8 : place + 8 + length]
        place += 12 + length


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))


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
