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
class Property:
    """A property of an item: type and content of its box, and whether readers must know it."""

    kind: bytes
    content: bytes
    essential: bool = False


@dataclasses.dataclass(frozen=True)
class Item:
    """An item to be added.

    Attributes:
        kind: its type, such as Exif or mime.
        content: its bytes.
        content_type: of an item of type mime.
        properties: its own.
        relation: what it is to others: cdsc, it describes them; dimg, it is made of them; empty for nothing.
        others: 0 for the primary item, else the place of an added one, from 1 on.
        hidden: it is not to be shown on its own.
    """

    kind: bytes
    content: bytes
    content_type: bytes = b""
    properties: Sequence[Property] = ()
    relation: bytes = b"cdsc"
    others: Sequence[int] = (0,)
    hidden: bool = False


@dataclasses.dataclass
class Location:
    """Where the bytes of an item are: places from the beginning of the file, but for method 1, within the box idat."""

    item: int
    method: int
    extents: list[tuple[int, int]]


def exif_item(exif: bytes) -> Item:
    """Exif, without the prefix that it has in JPEG, as an item."""
    return Item(b"Exif", bytes(4) + exif)


def with_boxes(
    data: bytes,
    properties: Sequence[tuple[bytes, bytes]],
    items: Sequence[Item] = (),
    *,
    alternate: int = 0,
    brand: bytes = b"",
) -> bytes:
    """An AVIF with more properties of its primary item, and more items.

    Args:
        data: the file, which has at least one property and one item.
        properties: types and contents of boxes; none of them is essential.
        items: to be added.
        alternate: place of an added item, from 1 on, that may be shown in place of the primary one; 0 for none.
        brand: one more of the file, for what it then has; or nothing.

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
    own = {primary: [Property(*each) for each in properties]}
    own |= {number: list(item.properties) for number, item in zip(numbers, items, strict=True) if item.properties}
    parts[b"iprp"] = _with_properties(parts[b"iprp"], own)
    parts[b"iinf"] = _with_entries(parts[b"iinf"], list(zip(numbers, items, strict=True)))
    known = [primary, *numbers]
    for number, item in zip(numbers, items, strict=True):
        if item.relation:
            others = [known[other] for other in item.others]
            named = struct.pack(f">HH{len(others)}H", number, len(others), *others)
            parts[b"iref"] = parts.get(b"iref", bytes(4)) + _box(item.relation, named)
    if alternate:
        group = struct.pack(">I4I", 0, 1 + known[-1], 2, known[alternate], primary)
        parts[b"grpl"] = parts.get(b"grpl", b"") + _box(b"altr", group)
    locations = locations_of(parts[b"iloc"])
    old_size = meta.end - meta.start + 8 - len(brand)
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
    start, brands = meta.start - 8, first_box(data, None, b"ftyp")
    front = _box(b"ftyp", data[brands.start : brands.end] + brand) + data[brands.end : start]
    added = _box(b"mdat", b"".join(item.content for item in items)) if items else b""
    return front + _meta(parts, locations) + data[meta.end :] + added


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
        flags = 2 << 24 | item.hidden  # version 2
        named = struct.pack(">IHH4sB", flags, number, 0, item.kind, 0)  # not protected, without a name
        entries += _box(b"infe", named + (item.content_type + b"\0" if item.kind == b"mime" else b""))
    return iinf[:4] + struct.pack(form, count + len(added)) + iinf[4 + size :] + entries


def _with_properties(iprp: bytes, added: dict[int, list[Property]]) -> bytes:
    """Properties, and which item has which, with more of some items, by their numbers."""
    ipco, ipma = (first_box(iprp, Box(b"", 0, len(iprp)), kind) for kind in (b"ipco", b"ipma"))
    boxes, count = iprp[ipco.start : ipco.end], len(list(boxes_between(iprp, ipco.start, ipco.end)))
    numbers: dict[int, list[tuple[int, bool]]] = {}
    for item, properties in added.items():
        for each in properties:
            boxes += _box(each.kind, each.content)
            count += 1
            numbers.setdefault(item, []).append((count, each.essential))
    return _box(b"ipco", boxes) + _box(b"ipma", _with_associations(iprp[ipma.start : ipma.end], numbers))


def _with_associations(ipma: bytes, added: dict[int, list[tuple[int, bool]]]) -> bytes:
    """Which item has which properties; items that have had none follow the others, as their numbers do."""
    wide = ipma[3] & 1
    item, one, essential = (">I" if ipma[0] else ">H"), (">H" if wide else ">B"), 0x8000 if wide else 0x80

    def packed(properties: list[tuple[int, bool]]) -> bytes:
        return b"".join(struct.pack(one, number | essential * needed) for number, needed in properties)

    (count,) = struct.unpack_from(">I", ipma, 4)
    place, entries, rest = 8, b"", dict(added)
    for _ in range(count):
        start = place
        (number,) = struct.unpack_from(item, ipma, place)
        place += struct.calcsize(item)
        size = ipma[place]
        end = place + 1 + size * struct.calcsize(one)
        more = rest.pop(number, [])
        entries += ipma[start:place] + bytes([size + len(more)]) + ipma[place + 1 : end] + packed(more)
        place = end
    for number, properties in rest.items():
        entries += struct.pack(item, number) + bytes([len(properties)]) + packed(properties)
    return ipma[:4] + struct.pack(">I", count + len(rest)) + entries


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
