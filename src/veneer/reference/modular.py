"""Lossless tiles: maps of values, alpha, and the forms that planes are coded in.

Source: docs/format.md, "Modular base" and "Modular tiles".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.alpha import read_alpha, read_constant
from veneer.reference.container import File
from veneer.reference.modular_fast import read_fast
from veneer.reference.modular_graphics import read_graphics
from veneer.reference.modular_photo import read_photo
from veneer.reference.range_coder import RangeDecoder, bytes_to_words

Plane = numpy.typing.NDArray[numpy.int64]  # [h, w]
# Data, w, h, largest number of each plane, and how many planes are colours, to the numbers of each plane.
ReadForm = Callable[[bytes, int, int, list[int], int], list[Plane]]

STORED, PHOTO, FAST, GRAPHICS = range(4)
MAPS = 4  # bit of the first byte
ALPHA_MOST = 255  # of the coder of alpha planes


def read_modular(file: File) -> numpy.typing.NDArray[numpy.int64]:
    """Decodes all tiles to samples, [H, W, C]."""
    head = file.head
    samples = numpy.zeros((head.height, head.width, head.channels), numpy.int64)
    for index in range(head.columns * head.rows):
        x, y, w, h = head.tile_box(index)
        samples[y : y + h, x : x + w] = read_tile(file.tiles[b"BASE", index], w, h, head.channels, head.bit_depth)
    return samples


def damaged(text: str) -> VeneerError:
    """The error of a payload that is no code."""
    return VeneerError(ErrorCode.TILE_DAMAGED, f"a modular tile: {text}")


def read_tile(data: bytes, w: int, h: int, channels: int, depth: int) -> Plane:
    """Decodes one tile of w x h pixels to samples, [h, w, channels]."""
    if not data or data[0] > (MAPS | GRAPHICS):
        raise damaged("its first byte names no form")
    form, with_maps, data = data[0] % 4, data[0] & MAPS, data[1:]
    colours = 1 if channels < 3 else 3
    maps: list[Plane | None] = [numpy.arange(1 << depth)] * channels
    if with_maps:
        part, data = _take_part(data)
        maps = _read_maps(part, channels, colours, depth)
    most = [-1 if table is None else len(table) - 1 for table in maps]
    numbers = [numpy.zeros((h, w), numpy.int64) for _ in range(channels)]
    has_alpha = channels > colours and most[-1] > 0
    if has_alpha and form in (PHOTO, FAST):
        part, data = _take_part(data)
        numbers[-1] = _read_alpha(part, w, h, most[-1])
        has_alpha = False
    planes = _planes(most[:colours]) + [colours] * has_alpha
    if planes:
        own = [max(most[c], 0) for c in planes]
        found = FORMS[form](data, w, h, own, len(planes) - (has_alpha and len(planes) > 1))
        for c, plane in zip(planes, found, strict=True):
            if plane.max() > max(most[c], 0):
                raise damaged("a number is too large")
            numbers[c] = plane
    elif data:
        raise damaged("there are data for no plane")
    samples = [plane if table is None else table[plane] for table, plane in zip(maps, numbers, strict=True)]
    return numpy.stack([samples[0] if maps[c] is None else samples[c] for c in range(channels)], -1)


def _planes(most: list[int]) -> list[int]:
    """The colours that the form codes."""
    coded = [c for c, largest in enumerate(most) if largest > 0]
    return coded if len(coded) < 2 else list(range(len(most)))


def _take_part(data: bytes) -> tuple[bytes, bytes]:
    """A part with its length before it, and the rest."""
    length = 0
    for i, byte in enumerate(data[:5]):
        length += byte % 128 << 7 * i
        if byte < 128:
            data = data[i + 1 :]
            if length <= len(data):
                return data[:length], data[length:]
            break
    raise damaged("a part is longer than what is left")


def _read_maps(data: bytes, channels: int, colours: int, depth: int) -> list[Plane | None]:
    """The values of each channel by number; None for a copy of channel 0."""
    coder = RangeDecoder(bytes_to_words(data))
    maps: list[Plane | None] = []
    for c in range(channels):
        kind = coder.raw(2)
        if kind == 0:
            values = numpy.arange(1 << depth)
        elif kind == 1:
            offset, last = coder.raw(depth), coder.raw(depth)
            step = coder.raw(depth) if last else 1
            if step == 0:
                raise damaged("a grid has no step")
            values = offset + step * numpy.arange(last + 1)
        elif kind == 2:
            values = _read_table(coder, depth)
        else:
            if c == 0 or c >= colours:
                raise damaged("a channel is a copy that cannot be one")
            maps.append(None)
            continue
        if values[-1] >= 1 << depth:
            raise damaged("a value is too large")
        maps.append(values)
    if not coder.valid():
        raise damaged("its maps are no code")
    return maps


def _read_table(coder: RangeDecoder, depth: int) -> Plane:
    last, values, previous = coder.raw(depth), [coder.raw(depth)], 0
    more = [[BitModel() for _ in range(17)] for _ in range(17)]
    for _ in range(last):
        n = 1
        while n < 16 and read_bit(coder, more[previous][n]):
            n += 1
        values.append(values[-1] + (1 << (n - 1)) + coder.raw(n - 1))
        previous = n
    return numpy.array(values)


def _read_alpha(data: bytes, w: int, h: int, most: int) -> Plane:
    """Alpha by itself."""
    if most > ALPHA_MOST:
        return _read_photo(data, w, h, [most], 1)[0]
    coder = RangeDecoder(bytes_to_words(data))
    constant = read_constant(coder)
    alpha = numpy.full((h, w), constant) if constant is not None else read_alpha(coder, w, h)
    if (constant is None and coder.raw(1) != 1) or not coder.valid():
        raise damaged("alpha is no code")
    if ((alpha >= most) & (alpha < ALPHA_MOST)).any():
        raise damaged("a number of alpha is too large")
    return numpy.minimum(alpha.astype(numpy.int64), most)


def read_stored(data: bytes, w: int, h: int, most: list[int], _colours: int) -> list[Plane]:
    """Numbers as they are."""
    bits = numpy.unpackbits(numpy.frombuffer(data, numpy.uint8)).astype(numpy.int64)
    sizes = [largest.bit_length() * w * h for largest in most]
    if len(data) != (sum(sizes) + 7) // 8 or bits[sum(sizes) :].any():
        raise damaged("stored numbers of another length")
    planes = []
    for largest, size in zip(most, sizes, strict=True):
        own, bits = bits[:size].reshape(h, w, largest.bit_length()), bits[size:]
        planes.append(own @ (1 << numpy.arange(largest.bit_length())[::-1]))
    return planes


def _read_photo(data: bytes, w: int, h: int, most: list[int], _colours: int) -> list[Plane]:
    planes = read_photo(RangeDecoder(bytes_to_words(data)), w, h, most)
    if planes is None:
        raise damaged("the photo form is no code")
    return planes


FORMS: dict[int, ReadForm] = {STORED: read_stored, PHOTO: _read_photo, FAST: read_fast, GRAPHICS: read_graphics}
