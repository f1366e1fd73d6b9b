"""Colour in the header of a JPEG XL by codes: reads them, and writes them, since its writers here know none but sRGB.

Of a lossless file the header names the colour of the samples, and nothing else depends on it: the name can be changed.
Source: ISO/IEC 18181-1:2024, annex D (ImageMetadata), annex E (ColourEncoding); libjxl for the default of intensity.
"""

from __future__ import annotations

import dataclasses
import struct

from veneer.cli.jxl import CODESTREAM, CONTAINER, Bits, boxes, read_start, start_of_codestream
from veneer.colour import SRGB, Cicp

_D65, _DCI = 1, 11  # white points
_PRIMARIES = {1: (_D65, 1), 9: (_D65, 9), 11: (_DCI, 11), 12: (_D65, 11)}  # white and primaries, by those of H.273
_TRANSFERS = {1: 1, 6: 1, 8: 8, 13: 13, 14: 1, 15: 1, 16: 16, 17: 17, 18: 18}  # the curve of BT.2020 is that of BT.709
_GAMMAS = {4: 4545455, 5: 3571429}  # exponents of the curves 2.2 and 2.8 in 10^-7
_INTENSITY = {16: 10000.0, 18: 1000.0}  # cd/m2, which libjxl supposes of PQ and HLG
_ENUM = ((0, 0), (1, 0), (2, 4), (18, 6))
_RGB, _GREY = 0, 1
_CUSTOM = 2  # white point or primaries
_RELATIVE = 1  # rendering intent
_ALPHA, _SPOT, _CFA = 0, 2, 5  # kinds of extra channels


def has_jxl_codes(cicp: Cicp) -> bool:
    """Whether JPEG XL has codes for a CICP."""
    return bool(cicp[0] in _PRIMARIES and (cicp[1] in _TRANSFERS or cicp[1] in _GAMMAS) and cicp[3])


def with_jxl_codes(data: bytes, cicp: Cicp) -> bytes:
    """A lossless JPEG XL whose header names another colour.

    Args:
        data: the file, a codestream or a container with one in one piece, whose samples are not in XYB.
        cicp: the colour, of which `has_jxl_codes` is true.

    Returns:
        The file.

    Raises:
        ValueError: it is another sort of file.
    """
    if data.startswith(CODESTREAM):
        return _renamed(data, cicp)
    parts, found = [CONTAINER], False
    for kind, content in boxes(data):
        if kind == b"jxlc":
            content, found = _renamed(content, cicp), True
        if kind != CONTAINER[4:8]:
            parts.append(struct.pack(">I4s", 8 + len(content), kind) + content)
    if not found:
        raise ValueError("its codestream is in several pieces")
    return b"".join(parts)


def read_jxl_codes(data: bytes) -> Cicp | None:
    """The CICP of the codes in the header; None where it has a profile, or chromaticities or a curve without a code."""
    bits = Bits(start_of_codestream(data))
    if read_start(bits).is_default:
        return SRGB  # all is default
    _skip_channels(bits)
    bits.take(1)  # whether samples are in XYB
    found = _read_colour(bits)
    if found.white is None:
        return None
    transfer = {code: known for known, code in _GAMMAS.items()}.get(found.gamma or 0)
    if found.gamma is None:
        transfer = next((known for known, code in _TRANSFERS.items() if code == found.transfer), None)
    colours = (found.white, found.primaries if found.primaries is not None else 1)
    primaries = next((known for known, codes in _PRIMARIES.items() if codes == colours), None)
    return None if primaries is None or transfer is None else (primaries, transfer, 0, 1)


@dataclasses.dataclass(frozen=True)
class _Encoding:
    """ColourEncoding; white is None where it is of another sort than by codes."""

    grey: bool = False
    white: int | None = None
    primaries: int | None = None
    gamma: int | None = None
    transfer: int | None = None


class _Writer:
    """Writes bits, the lowest of each byte first."""

    def __init__(self) -> None:
        self.value = self.count = 0

    def put(self, value: int, count: int) -> None:
        self.value |= value << self.count
        self.count += count

    def choose(self, value: int, *choices: tuple[int, int]) -> None:
        for index, (base, count) in enumerate(choices):
            if base <= value < base + (1 << count):
                self.put(index, 2)
                self.put(value - base, count)
                return
        raise ValueError(f"{value} is none of the choices")

    def to_bytes(self) -> bytes:
        return self.value.to_bytes((self.count + 7) // 8, "little")


def _renamed(codestream: bytes, cicp: Cicp) -> bytes:
    """A codestream with another ColourEncoding, and what that moves; frames begin at a whole byte behind."""
    head = start_of_codestream(codestream)
    bits = Bits(head)
    written = _Writer()

    def copy(start: int, end: int) -> None:
        value = int.from_bytes(head, "little") >> start
        written.put(value & ((1 << (end - start)) - 1), end - start)

    start_fields = read_start(bits)
    if start_fields.is_default or start_fields.is_extended:
        raise ValueError("its samples are in XYB, or it is turned, or an animation")
    copy(0, start_fields.sizes_end)
    written.put(0, 1)  # not all is default
    intensity = _INTENSITY.get(cicp[1])
    written.put(intensity is not None, 1)
    if intensity is not None:
        written.put(0, 3 + 1 + 1 + 1)  # orientation 1, no intrinsic size, preview or animation
    start = bits.place
    _skip_channels(bits)
    if bits.take(1):
        raise ValueError("its samples are in XYB")
    copy(start, bits.place)
    colour = _read_colour(bits)
    if colour.white is None:
        raise ValueError("it has a colour space of its own")
    grey = colour.grey
    _put_colour(written, cicp, grey)
    if intensity is not None:
        written.put(0, 1)
        written.put(_half(intensity), 16)
        written.put(0, 16 + 1 + 16)  # no smallest light, nothing relative to a display
    start = bits.place
    if bits.choose((0, 0), (1, 4), (17, 8), (273, 12)):  # of U64, whose fourth form is longer; 0 is what is written
        raise ValueError("it has extensions")
    if not bits.take(1):
        raise ValueError("it has other transforms than the default")
    copy(start, bits.place)
    return codestream[:2] + written.to_bytes() + codestream[2 + (bits.place + 7) // 8 :]


def _half(value: float) -> int:
    return int.from_bytes(struct.pack("<e", value), "little")


def _skip_channels(bits: Bits) -> None:
    """From the depth of samples to the channels beside colour."""
    _skip_depth(bits)
    bits.take(1)  # buffers of 16 bits are enough
    for _ in range(bits.choose((0, 0), (1, 0), (2, 4), (1, 12))):
        _skip_extra_channel(bits)


def _skip_depth(bits: Bits) -> None:
    if bits.take(1):
        bits.choose((32, 0), (16, 0), (24, 0), (1, 6))
        bits.take(4)
    else:
        bits.choose((8, 0), (10, 0), (12, 0), (1, 6))


def _skip_extra_channel(bits: Bits) -> None:
    if bits.take(1):
        return  # alpha of 8 bits
    kind = bits.choose(*_ENUM)
    _skip_depth(bits)
    bits.choose((0, 0), (3, 0), (4, 0), (1, 3))  # reduced by
    bits.take(8 * bits.choose((0, 0), (0, 4), (16, 5), (48, 10)))  # name
    if kind == _ALPHA:
        bits.take(1)
    if kind in (_SPOT, _CFA):
        raise ValueError("it has channels that are none of a picture")


def _read_colour(bits: Bits) -> _Encoding:
    if bits.take(1):
        return _Encoding(False, _D65, 1, None, _TRANSFERS[13])  # all is default: sRGB
    with_profile, space = bits.take(1), bits.choose(*_ENUM)
    if with_profile or space not in (_RGB, _GREY):
        return _Encoding()
    white = bits.choose(*_ENUM)
    primaries = None
    if white == _CUSTOM or (space == _RGB and (primaries := bits.choose(*_ENUM)) == _CUSTOM):
        return _Encoding()
    gamma, transfer = (bits.take(24), None) if bits.take(1) else (None, bits.choose(*_ENUM))
    bits.choose(*_ENUM)  # rendering intent
    return _Encoding(space == _GREY, white, primaries, gamma, transfer)


def _put_colour(written: _Writer, cicp: Cicp, grey: bool) -> None:
    white, primaries = _PRIMARIES[cicp[0]]
    written.put(0, 1)  # not sRGB
    written.put(0, 1)  # no profile
    written.choose(_GREY if grey else _RGB, *_ENUM)
    written.choose(white, *_ENUM)
    if not grey:
        written.choose(primaries, *_ENUM)
    gamma = _GAMMAS.get(cicp[1])
    written.put(gamma is not None, 1)
    if gamma is not None:
        written.put(gamma, 24)
    else:
        written.choose(_TRANSFERS[cicp[1]], *_ENUM)
    written.choose(_RELATIVE, *_ENUM)
