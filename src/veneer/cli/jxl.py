"""Properties of JPEG XL that its plugin for Pillow does not report: depth, orientation, animation, XMP.

Source: ISO/IEC 18181-1, annex D (headers); ISO/IEC 18181-2, clause 9 (boxes).
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator

CODESTREAM = b"\xff\x0a"
_HEADER_BYTES = 4096  # more than a header has before a profile, unless names of channels are very long
CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"


@dataclasses.dataclass(frozen=True)
class Header:
    """Properties of the picture in a codestream.

    Attributes:
        width: in pixels, before the orientation is applied.
        height: in pixels.
        bits: of a sample.
        floats: whether samples are floating point numbers.
        orientation: as in Exif; decoders apply it.
        animated: whether there may be more than one frame.
    """

    width: int
    height: int
    bits: int
    floats: bool
    orientation: int
    animated: bool


class Bits:
    """Reads bits, the lowest of each byte first; `place` is the number of those that have been read."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self.place = 0

    def take(self, count: int) -> int:
        """The number in the next bits; zeros behind the end."""
        value = (self._value >> self.place) & ((1 << count) - 1)
        self.place += count
        return value

    def choose(self, *choices: tuple[int, int]) -> int:
        """One of four: a number, and so many bits that are added to it."""
        base, count = choices[self.take(2)]
        return base + self.take(count)


def is_jxl(data: bytes) -> bool:
    """Whether a file begins like JPEG XL."""
    return data.startswith((CODESTREAM, CONTAINER))


@dataclasses.dataclass(frozen=True)
class Start:
    """What a header says before the depth of samples.

    Attributes:
        width: in pixels, before the orientation is applied.
        height: in pixels.
        sizes_end: number of bits up to there.
        is_default: all behind the sizes is what it is by default, and is not there.
        is_extended: there are fields for orientation and the like, and for intensity.
        orientation: as in Exif.
        animated: whether there may be more than one frame.
    """

    width: int
    height: int
    sizes_end: int
    is_default: bool = False
    is_extended: bool = False
    orientation: int = 1
    animated: bool = False


def read_header(data: bytes) -> Header:
    """The headers of a file; raises ValueError or struct.error where there is no codestream."""
    bits = Bits(start_of_codestream(data))
    start = read_start(bits)
    depth, floats = 8, False
    if not start.is_default:
        floats = bool(bits.take(1))
        choices = ((32, 0), (16, 0), (24, 0), (1, 6)) if floats else ((8, 0), (10, 0), (12, 0), (1, 6))
        depth = bits.choose(*choices)
    return Header(start.width, start.height, depth, floats, start.orientation, start.animated)


def read_start(bits: Bits) -> Start:
    """Reads up to the depth of samples."""
    width, height = _size(bits)
    sizes_end = bits.place
    if bits.take(1):
        return Start(width, height, sizes_end, is_default=True)
    if not bits.take(1):
        return Start(width, height, sizes_end)
    orientation = 1 + bits.take(3)
    if bits.take(1):
        _size(bits)  # intrinsic
    if bits.take(1):
        _skip_preview(bits)
    animated = bool(bits.take(1))
    if animated:
        _skip_animation(bits)
    return Start(width, height, sizes_end, False, True, orientation, animated)


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


def start_of_codestream(data: bytes) -> bytes:
    """The first bytes of a codestream behind its signature; ValueError where a file has none."""
    if data.startswith(CODESTREAM):
        return data[2:_HEADER_BYTES]
    for kind, content in boxes(data):
        if kind in (b"jxlc", b"jxlp"):
            return content[6:_HEADER_BYTES] if kind == b"jxlp" else content[2:_HEADER_BYTES]
    raise ValueError("there is no codestream")


_SIDES = ((1, 9), (1, 13), (1, 18), (1, 30))
_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _size(bits: Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = 8 * (1 + bits.take(5)) if small else bits.choose(*_SIDES)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return (8 * (1 + bits.take(5)) if small else bits.choose(*_SIDES)), height


def _skip_preview(bits: Bits) -> None:
    sides = ((16, 0), (32, 0), (1, 5), (33, 9)) if bits.take(1) else ((1, 6), (65, 8), (321, 10), (1345, 12))
    bits.choose(*sides)
    if not bits.take(3):
        bits.choose(*sides)


def _skip_animation(bits: Bits) -> None:
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
