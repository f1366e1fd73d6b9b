"""JPEG XL of more than 8 bits, by imagecodecs, which writes no metadata: boxes with it are put around its codestream.

Source: ISO/IEC 18181-2, clause 9 (boxes).
"""

from __future__ import annotations

import struct

from veneer.cli.jxl import CODESTREAM, CONTAINER, boxes
from veneer.sample_depth import Samples

_EFFORT = 7
_FILE_TYPE = struct.pack(">I4s4sI4s", 20, b"ftyp", b"jxl ", 0, b"jxl ")


def encode_jxl(samples: Samples, depth: int) -> bytes:
    """A lossless JPEG XL, whose header names linear samples, as imagecodecs takes those of more than 8 bits.

    Args:
        samples: uint16 [H, W, C].
        depth: 9..16.

    Returns:
        The file.

    Raises:
        ImportError: imagecodecs is not there.
    """
    import imagecodecs

    one = samples[:, :, 0] if samples.shape[2] == 1 else samples
    return bytes(imagecodecs.jpegxl_encode(one, effort=_EFFORT, lossless=True, bitspersample=depth))


def with_metadata(data: bytes, exif: bytes | None, xmp: bytes | None) -> bytes:
    """A JPEG XL with Exif and XMP in boxes."""
    added = b""
    if exif is not None:
        added += _box(b"Exif", bytes(4) + exif)
    if xmp is not None:
        added += _box(b"xml ", xmp)
    if not added:
        return data
    if data.startswith(CODESTREAM):
        return CONTAINER + _FILE_TYPE + added + _box(b"jxlc", data)
    parts = [_box(kind, content) for kind, content in boxes(data)]
    before = next(index for index, (kind, _) in enumerate(boxes(data)) if kind in (b"jxlc", b"jxlp"))
    return b"".join([*parts[:before], added, *parts[before:]])


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content
