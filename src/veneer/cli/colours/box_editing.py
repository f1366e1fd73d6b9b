"""Adds properties and items to an AVIF that a library has written without them.

Source: ISO/IEC 14496-12, 8.11 (iloc, iinf, iref, iprp); ISO/IEC 23008-12, annex A.2 (Exif) and A.3 (XMP).
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence

from veneer.cli.colours.boxes import Box, boxes_between, first_box, primary_item

XMP_TYPE = b"application/rdf+xml"


@dataclasses.dataclass(frozen=True)
class Item:
    """An item that describes the picture.

    Attributes:
        kind: its type, such as Exif or mime.
        content: its bytes.
        content_type: of an item of type mime.
    """

    kind: bytes
    content: bytes
    content_type: bytes = b""


@dataclasses.dataclass
class Location:
    """Where the bytes of an item are: places from the beginning of the file, but for method 1, within the box idat."""

    item: int
    method: int
    extents: list[tuple[int, int]]


def exif_item(exif: bytes) -> Item:
    """Exif, without the prefix that it has in JPEG, as an item."""
    return Item(b"Exif", bytes(4) + exif)


def with_boxes(data: bytes, properties: Sequence[tuple[bytes, bytes]], items: Sequence[Item] = ()) -> bytes:
    """An AVIF with more properties of its primary item, and more items that describe it.

    Args:
        data: the file, which has at least one property and one item.
        properties: types and contents of boxes; none of them is essential.
        items: to be added.

    Returns:
        The file.

    Raises:
        ValueError: a box is missing.
        struct.error: a box is cut.
    """
    if not properties and not items:
        return data
    meta = first_box(data, None, b"meta")
    parts = {box.kind: data[box.start : box.end] for box in boxes_between(data, meta.start + 4, meta.end)}
    primary = primary_item(data, meta)
    entries = list(boxes_between(data, *_inside_of_list(data, first_box(data, meta, b"iinf"))))
    numbers = range(first_free := 1 + max(_number_of(data, entry) for entry in entries), first_free + len(items))
    parts[b"iprp"] = _with_properties(parts[b"iprp"], primary, properties)
    parts[b"iinf"] = _with_entries(parts[b"iinf"], list(zip(numbers, items, strict=True)))
    if items:
        parts[b"iref"] = parts.get(b"iref", bytes(4)) + b"".join(
            _box(b"cdsc", struct.pack(">HHH", number, 1, primary)) for number in numbers
        )
    locations = locations_of(parts[b"iloc"])
    old_size = meta.end - meta.start + 8
    # The sizes of all boxes are known once iloc has as many entries as it will have.
    shift = len(_meta(parts, [*locations, *(Location(number, 0, [(0, 0)]) for number in numbers)])) - old_size
    for location in locations:
        if location.method == 0:
            moved = [(place + shift * (place >= meta.end), size) for place, size in location.extents]
            location.extents = moved
    place = len(data) + shift + 8
    for number, item in zip(numbers, items, strict=True):
        locations.append(Location(number, 0, [(place, len(item.content))]))
        place += len(item.content)
    start = meta.start - 8
    added = _box(b"mdat", b"".join(item.content for item in items)) if items else b""
    return data[:start] + _meta(parts, locations) + data[meta.end :] + added


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _meta(parts: dict[bytes, bytes], locations: list[Location]) -> bytes:
    whole = {**parts, b"iloc": _iloc(locations)}
    return _box(b"meta", bytes(4) + b"".join(_box(kind, content) for kind, content in whole.items()))


def _inside_of_list(data: bytes, iinf: Box) -> tuple[int, int]:
    return iinf.start + (8 if data[iinf.start] else 6), iinf.end


def _number_of(data: bytes, entry: Box) -> int:
    version = data[entry.start]
    return int(struct.unpack_from(">I" if version >= 3 else ">H", data, entry.start + 4)[0])


def _with_entries(iinf: bytes, added: Sequence[tuple[int, Item]]) -> bytes:
    """The list of items with more of them."""
    form = ">I" if iinf[0] else ">H"
    size = struct.calcsize(form)
    (count,) = struct.unpack_from(form, iinf, 4)
    entries = b""
    for number, item in added:
        named = struct.pack(">IHH4sB", 2 << 24, number, 0, item.kind, 0)  # version 2, not protected, without a name
        entries += _box(b"infe", named + (item.content_type + b"\0" if item.kind == b"mime" else b""))
    return iinf[:4] + struct.pack(form, count + len(added)) + iinf[4 + size :] + entries


def _with_properties(iprp: bytes, primary: int, properties: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Properties, and which item has which, with more of the primary one."""
    ipco, ipma = (first_box(iprp, Box(b"", 0, len(iprp)), kind) for kind in (b"ipco", b"ipma"))
    count = len(list(boxes_between(iprp, ipco.start, ipco.end)))
    boxes = iprp[ipco.start : ipco.end] + b"".join(_box(kind, content) for kind, content in properties)
    numbers = range(count + 1, count + 1 + len(properties))
    return _box(b"ipco", boxes) + _box(b"ipma", _with_associations(iprp[ipma.start : ipma.end], primary, numbers))


def _with_associations(ipma: bytes, primary: int, numbers: Sequence[int]) -> bytes:
    wide = ipma[3] & 1
    item, one = (">I" if ipma[0] else ">H"), (">H" if wide else ">B")
    (count,) = struct.unpack_from(">I", ipma, 4)
    place, result = 8, ipma[:8]
    for _ in range(count):
        start = place
        (number,) = struct.unpack_from(item, ipma, place)
        place += struct.calcsize(item)
        size = ipma[place]
        end = place + 1 + size * struct.calcsize(one)
        if number == primary:
            more = b"".join(struct.pack(one, value) for value in numbers)
            result += ipma[start:place] + bytes([size + len(numbers)]) + ipma[place + 1 : end] + more
        else:
            result += ipma[start:end]
        place = end
    return result


def locations_of(iloc: bytes) -> list[Location]:
    """Where the items are, by the content of the box iloc; ValueError where it is cut."""
    version = iloc[0]
    offset_size, length_size, base_size, index_size = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15
    place = 6

    def take(size: int) -> int:
        nonlocal place
        place += size
        if place > len(iloc):
            raise ValueError("the box iloc is cut")
        return int.from_bytes(iloc[place - size : place], "big")

    locations = []
    for _ in range(take(4 if version == 2 else 2)):
        item = take(4 if version == 2 else 2)
        method = take(2) & 15 if version else 0
        take(2)  # data in this file
        base = take(base_size)
        extents = []
        for _ in range(take(2)):
            take(index_size if version else 0)
            offset = take(offset_size)
            extents.append((base + offset, take(length_size)))
        locations.append(Location(item, method, extents))
    return locations


def _iloc(locations: Sequence[Location]) -> bytes:
    """Version 1, with places and lengths of 32 bits."""
    parts = [struct.pack(">IBBH", 1 << 24, 0x44, 0, len(locations))]
    for location in locations:
        parts.append(struct.pack(">HHHH", location.item, location.method, 0, len(location.extents)))
        parts += [struct.pack(">II", *extent) for extent in location.extents]
    return b"".join(parts)
