"""Colour of AVIF, HEIF and JPEG 2000: the boxes `colr` of their ISO container.

Decoders of AVIF and HEIF give RGB of full range, so that nclx's matrix and range are not needed any more.
Source: ISO/IEC 14496-12, 12.1.5 (colr); ISO/IEC 23008-12, 6.5.5 and 9.3 (pitm, ipco, ipma); ISO/IEC 15444-1, I.5.3.3.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator

from veneer import colour
from veneer.cli.colours.description import Colour
from veneer.cli.colours.light import Light, light_of_boxes
from veneer.colour import Cicp

_JP2_ENUMERATED, _JP2_PROFILES, _JP2_CICP = 1, (2, 3), 5
_JP2_SRGB = (16, 17, 18)  # RGB, grey and YCC of sRGB
_VIEWING = b"amve"


@dataclasses.dataclass(frozen=True)
class Box:
    """A box within the bytes of a file: its type, and where its content is."""

    kind: bytes
    start: int
    end: int


def is_boxed(data: bytes) -> bool:
    """Whether a file begins as AVIF, HEIF and JPEG 2000 do."""
    return data[4:8] in (b"ftyp", b"jP  ")


def read_boxes(data: bytes, icc: bytes | None, notes: list[str]) -> Colour | None:
    """The colour that AVIF, HEIF or JPEG 2000 describe.

    Args:
        data: the file.
        icc: the ICC profile as the decoder gives it.
        notes: to which is added what is left out.

    Returns:
        The colour, or None where the file says none. An ICC profile and a CICP may both be there; the profile stands
        before it.
    """
    try:
        if data[4:8] == b"jP  ":
            return _jpeg_2000(data, notes)
        properties = list(_primary_properties(data))
        if any(_is_gain_map(data, box) for box in _items(data)):
            notes.append("its gain map is left out")
    except (struct.error, ValueError, IndexError):  # damaged boxes say nothing
        properties = []
    cicp = None
    for box in properties:
        kind = data[box.start : box.start + 4]
        if box.kind == b"colr" and kind == b"nclx" and box.end - box.start >= 11:
            primaries, transfer = struct.unpack_from(">HH", data, box.start + 4)
            if primaries < 256 and transfer < 256:
                cicp = (primaries, transfer, 0, 1)
        elif box.kind == b"colr" and kind in (b"prof", b"rICC") and icc is None:
            icc = data[box.start + 4 : box.end]
    if cicp is None and icc is None:
        return None
    return Colour(colour.SRGB if cicp is None or colour.is_srgb(cicp) else cicp, icc)


def read_boxes_light(data: bytes, notes: list[str]) -> Light:
    """The light levels of an AVIF or HEIF; what is wrong or has no place is noted."""
    found: dict[bytes, bytes] = {}
    try:
        for box in _primary_properties(data):
            found.setdefault(box.kind, data[box.start : box.end])
    except (struct.error, ValueError, IndexError):  # damaged boxes say nothing
        return Light()
    if _VIEWING in found:
        notes.append("its viewing environment (amve) is left out")
    return light_of_boxes(found, notes)


def primary_bits(data: bytes) -> int | None:
    """Bits of a sample of the primary item: by its AV1 configuration, else by pixi, which grids have; None without."""
    try:
        found = {box.kind: data[box.start : box.end] for box in _primary_properties(data)}
        if b"av1C" in found:
            flags = found[b"av1C"][2]
            return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
        if b"pixi" in found:
            return max(found[b"pixi"][5 : 5 + found[b"pixi"][4]])
    except (struct.error, ValueError, IndexError):
        pass
    return None


def with_nclx(data: bytes, cicp: Cicp) -> bytes:
    """An AVIF or HEIF with the primaries and transfer characteristics of a CICP in each of its nclx boxes.

    Raises:
        ValueError: it has no nclx box.
    """
    changed = bytearray(data)
    boxes = [box for box in _colour_boxes(data) if data[box.start : box.start + 4] == b"nclx"]
    for box in boxes:
        struct.pack_into(">HH", changed, box.start + 4, cicp[0], cicp[1])
    if not boxes:
        raise ValueError("the file has no nclx box")
    return bytes(changed)


def boxes_between(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes side by side between two places; a damaged one ends them."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1 and start + 16 <= end:
            size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            return
        yield Box(kind, start + header, start + size)
        start += size


def children(data: bytes, parent: Box | None, *kinds: bytes) -> list[Box]:
    """Boxes of some kinds within a box, or within the file."""
    if parent is None:
        inside = boxes_between(data, 0, len(data))
    else:
        full_box = 4 if parent.kind == b"meta" else 0
        inside = boxes_between(data, parent.start + full_box, parent.end)
    return [box for box in inside if box.kind in kinds]


def first_box(data: bytes, parent: Box | None, kind: bytes) -> Box:
    """The first box of a kind; ValueError where there is none."""
    found = children(data, parent, kind)
    if not found:
        raise ValueError(f"no {kind.decode('latin-1')} box")
    return found[0]


def _colour_boxes(data: bytes) -> list[Box]:
    properties = first_box(data, first_box(data, first_box(data, None, b"meta"), b"iprp"), b"ipco")
    return children(data, properties, b"colr")


def _primary_properties(data: bytes) -> Iterator[Box]:
    """Properties of the primary item."""
    return properties_of(data, primary_item(data, first_box(data, None, b"meta")))


def properties_of(data: bytes, item: int) -> Iterator[Box]:
    """Properties of an item; ValueError where a box is missing, struct.error and IndexError where one is cut."""
    iprp = first_box(data, first_box(data, None, b"meta"), b"iprp")
    ipco, ipma = first_box(data, iprp, b"ipco"), first_box(data, iprp, b"ipma")
    properties = list(boxes_between(data, ipco.start, ipco.end))
    for index in _associations(data, ipma, item):
        if 1 <= index <= len(properties):
            yield properties[index - 1]


def primary_item(data: bytes, meta: Box) -> int:
    """Number of the item that is the picture."""
    pitm = first_box(data, meta, b"pitm")
    return int(struct.unpack_from(">I" if data[pitm.start] else ">H", data, pitm.start + 4)[0])


def _associations(data: bytes, ipma: Box, item: int) -> list[int]:
    """Numbers, from 1 on, of the properties of an item."""
    version, wide = data[ipma.start], data[ipma.start + 3] & 1
    (count,) = struct.unpack_from(">I", data, ipma.start + 4)
    place = ipma.start + 8
    for _ in range(count):
        (number,) = struct.unpack_from(">I" if version else ">H", data, place)
        place += 4 if version else 2
        size = data[place] * (2 if wide else 1)
        if place + 1 + size > ipma.end:
            break
        content = data[place + 1 : place + 1 + size]
        place += 1 + size
        if number == item:
            mask = 0x7FFF if wide else 0x7F
            return [value & mask for (value,) in struct.iter_unpack(">H" if wide else ">B", content)]
    return []


def _items(data: bytes) -> list[Box]:
    """Entries of the list of items."""
    iinf = first_box(data, first_box(data, None, b"meta"), b"iinf")
    count_size = 4 if data[iinf.start] else 2
    return [box for box in boxes_between(data, iinf.start + 4 + count_size, iinf.end) if box.kind == b"infe"]


def _is_gain_map(data: bytes, entry: Box) -> bool:
    """Whether an item is the picture that a gain map makes."""
    number_size = 4 if data[entry.start] >= 3 else 2
    place = entry.start + 4 + number_size + 2
    return data[place : place + 4] == b"tmap"


def _jpeg_2000(data: bytes, notes: list[str]) -> Colour | None:
    for box in children(data, first_box(data, None, b"jp2h"), b"colr"):
        method = data[box.start]
        content = data[box.start + 3 : box.end]
        if method == _JP2_ENUMERATED:
            space = int.from_bytes(content[:4], "big")
            if space not in _JP2_SRGB:
                notes.append(f"its colour space has the number {space} of JPEG 2000, and is taken for sRGB")
            return Colour()
        if method in _JP2_PROFILES:
            return Colour(icc=content)
        if method == _JP2_CICP and len(content) >= 7:
            primaries, transfer = struct.unpack_from(">HH", content)
            return Colour((primaries & 255, transfer & 255, 0, 1))
    return None
