"""Properties of JPEG XL that its plugin for Pillow does not report: depth, orientation, animation, XMP.

Source: ISO/IEC 18181-1, annex D (headers); ISO/IEC 18181-2, clause 9 (boxes).
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"


@dataclasses.dataclass(frozen=True)
class Header:
    """Properties of the picture in a codestream.

    Attributes:
        width: in pixels, before the orientation is applied.
        height: in pixels.
        bits: of a sample.
        orientation: as in Exif; decoders apply it.
        animated: whether there may be more than one frame.
    """

    width: int
    height: int
    bits: int
    orientation: int
    animated: bool


class _Bits:
    """Reads bits, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        return value

    def choose(self, *choices: tuple[int, int]) -> int:
        """One of four: a number, and so many bits that are added to it."""
        base, count = choices[self.take(2)]
        return base + self.take(count)


def is_jxl(data: bytes) -> bool:
    """Whether a file begins like JPEG XL."""
    return data.startswith((CODESTREAM, CONTAINER))


def read_header(data: bytes) -> Header:
    """The headers of a file; raises ValueError or struct.error where there is no codestream."""
    bits = _Bits(_codestream(data)[2:64])
    width, height = _size(bits)
    orientation, animated, depth = 1, False, 8
    if not bits.take(1):
        if bits.take(1):  # extra fields
            orientation = 1 + bits.take(3)
            if bits.take(1):
                _size(bits)  # intrinsic
            if bits.take(1):
                _skip_preview(bits)
            animated = bool(bits.take(1))
            if animated:
                _skip_animation(bits)
        if bits.take(1):
            depth = bits.choose((32, 0), (16, 0), (24, 0), (1, 6))
        else:
            depth = bits.choose((8, 0), (10, 0), (12, 0), (1, 6))
    return Header(width, height, depth, orientation, animated)


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box of a container."""
    place = 0
    while data.startswith(CONTAINER) and place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        begin = place + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        end = place + size if size else len(data)
        if end < begin or end > len(data):
            return
        yield kind, data[begin:end]
        place = end


def _codestream(data: bytes) -> bytes:
    if data.startswith(CODESTREAM):
        return data[:64]
    for kind, content in boxes(data):
        if kind in (b"jxlc", b"jxlp"):
            return content[4:68] if kind == b"jxlp" else content[:64]
    raise ValueError("there is no codestream")


_SIDES = ((1, 9), (1, 13), (1, 18), (1, 30))
_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = 8 * (1 + bits.take(5)) if small else bits.choose(*_SIDES)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return (8 * (1 + bits.take(5)) if small else bits.choose(*_SIDES)), height


def _skip_preview(bits: _Bits) -> None:
    sides = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.take(1) else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.choose(*sides)
    if not bits.take(3):
        bits.choose(*sides)


def _skip_animation(bits: _Bits) -> None:
    bits.choose((100, 0), (1000, 0), (1, 10), (1, 30))
    bits.choose((1, 0), (1001, 0), (1, 8), (1, 10))
    bits.choose((0, 0), (0, 3), (0, 16), (0, 32))
    bits.take(1)


def upright(exif: bytes) -> bytes:
    """Exif whose orientation says that nothing is to be turned, changed in its place; with or without prefix."""
    start = 6 if exif.startswith(b"Exif\0\0") else 0
    order = {b"II": "<", b"MM": ">"}.get(exif[start : start + 2])
    changed = bytearray(exif)
    try:
        if order is not None:
            place = start + struct.unpack_from(order + "I", exif, start + 4)[0]
            for entry in range(struct.unpack_from(order + "H", exif, place)[0]):
                if struct.unpack_from(order + "H", exif, place + 2 + 12 * entry)[0] == 0x0112:
                    struct.pack_into(order + "H", changed, place + 2 + 12 * entry + 8, 1)
    except struct.error:
        return exif  # damaged: nobody finds an orientation in it
    return bytes(changed)
