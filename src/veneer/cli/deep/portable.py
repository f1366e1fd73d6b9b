"""PGM and PPM with more than 8 bits a sample: two bytes each, the higher one first.

Source: the PGM and PPM specifications of Netpbm.
"""

from __future__ import annotations

import re

import numpy

from veneer.sample_depth import Samples

_HEADER = re.compile(rb"P([2356])" + 3 * rb"(?:\s|#[^\r\n]*[\r\n])+(\d+)" + rb"(?:#[^\r\n]*[\r\n])*\s")
_PLAIN = b"2", b"3"


def read_portable(data: bytes) -> tuple[Samples, int]:
    """Samples of the first picture, and their depth.

    Args:
        data: a PGM or PPM, plain or binary.

    Returns:
        uint16 [H, W, 1 or 3]; bits of a sample. The largest value of the file becomes the largest of these bits.

    Raises:
        ValueError: it is damaged or cut.
    """
    header = _HEADER.match(data)
    if header is None:
        raise ValueError("its header is damaged")
    kind = header[1]
    width, height, most = (int(header[index]) for index in (2, 3, 4))
    shape = (height, width, 3 if kind in b"36" else 1)
    count = height * width * shape[2]
    if kind in _PLAIN:
        lines = re.sub(rb"#[^\r\n]*", b"", data[header.end() :])
        values = numpy.array(lines.split(maxsplit=count)[:count], dtype=numpy.int64)
    else:
        values = numpy.frombuffer(data, ">u2" if most > 255 else numpy.uint8, count, header.end())
    if len(values) < count or not 0 < most < 1 << 16 or values.max() > most:
        raise ValueError("its samples are cut, or above the largest value that it names")
    depth = most.bit_length()
    largest = (1 << depth) - 1
    if most != largest:
        values = (values.astype(numpy.int64) * largest + most // 2) // most
    samples: Samples = values.astype(numpy.uint16).reshape(shape)
    return samples, depth


def write_portable(samples: Samples, depth: int) -> bytes:
    """A binary PGM or PPM of more than 8 bits a sample; uint16 [H, W, 1 or 3]."""
    height, width, channels = samples.shape
    header = f"P{6 if channels == 3 else 5}\n{width} {height}\n{(1 << depth) - 1}\n"
    return header.encode() + samples.astype(">u2").tobytes()
