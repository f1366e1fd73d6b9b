"""Gain maps of picture files: the second picture of Ultra HDR JPEGs, and `tmap` of AVIF and HEIF.

Source: ISO 21496-1; ISO/IEC 23008-12:2022/Amd 1 (tmap); ISO/IEC 14496-12, 8.11 (iloc, iref, pitm).
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from typing import Any

import numpy.typing

import veneer
from veneer.cli.colours.box_editing import Item, Property, locations_of, with_boxes
from veneer.cli.colours.boxes import Box, boxes_between, first_box, primary_item, properties_of
from veneer.cli.failure import FileFailure
from veneer.colour import Cicp

_ISO = "21496"  # of the name of a segment with its metadata, or that there are some
_LEFT_OUT = "its gain map is left out"
_ESSENTIAL = (b"av1C",)  # property of an item that is coded by AV1
_OF_MAP = (b"ispe", b"pixi", b"av1C", b"colr")
_UNSPECIFIED: Cicp = (2, 2, 2, 0)

Samples = numpy.typing.NDArray[Any]


def gain_map_of_jpeg(data: bytes, notes: list[str]) -> veneer.GainMap | None:
    """The gain map of a JPEG, as it is; notes on its parts, which count as left out, are taken away.

    Args:
        data: the file.
        notes: on the JPEG.

    Returns:
        The gain map, or None where there is none that can be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", veneer.VeneerWarning)  # a note says that it is left out
            found = veneer.gain_map(data)
    except veneer.VeneerError:
        found = None
    if found is not None:
        behind = f"{len(found.picture)} bytes behind the end of the JPEG (a JPEG) are left out"
        parts = (_LEFT_OUT, "its segment APP2 MPF is left out", behind)
        notes[:] = [note for note in notes if note not in parts and _ISO not in note]
    return found


def gain_map_of_boxes(data: bytes, notes: list[str], decode: Callable[[bytes], Samples]) -> veneer.GainMap | None:
    """The gain map of an AVIF or HEIF whose picture is that to which it is applied.

    Args:
        data: the file.
        notes: on it; the one that it is left out is taken away.
        decode: gives the samples, [H, W, C], of the primary picture of such a file.

    Returns:
        The gain map, with its samples as an array; None where there is none that can be read.
    """
    try:
        meta = first_box(data, None, b"meta")
        number = _tone_map(data, meta)
        if number is None:
            return None
        base, map_number = _sources(data, meta, number)
        content = _content(data, meta, number)
        if base != primary_item(data, meta) or map_number == base or content[:1] != b"\0":
            return None
        samples = decode(_with_primary(data, meta, map_number))
        if _is_grey(data, map_number):
            samples = samples[:, :, :1]
        if any(box.kind in (b"clli", b"mdcv") for box in properties_of(data, number)):
            notes.append("the light levels of the alternate picture of its gain map are left out")
        cicp, icc = _alternate_colour(data, number)
        found = veneer.GainMap(samples, content[1:], alternate_cicp=cicp, alternate_icc=icc)
    except (struct.error, ValueError, IndexError, StopIteration, FileFailure, veneer.VeneerError):
        return None  # the note that it is left out stays
    if _LEFT_OUT in notes:
        notes.remove(_LEFT_OUT)
    return found


def with_gain_map(data: bytes, map_data: bytes, gain_map: veneer.GainMap) -> bytes:
    """An AVIF with a gain map, and with the picture that it makes, `tmap`, as an alternate.

    Args:
        data: the AVIF of the picture.
        map_data: an AVIF of the map alone.
        gain_map: its metadata, of ISO 21496-1, and the colour of the alternate picture.

    Returns:
        The file.

    Raises:
        ValueError: a box is missing.
    """
    meta, map_meta = (first_box(file, None, b"meta") for file in (data, map_data))
    primary, number = primary_item(data, meta), primary_item(map_data, map_meta)
    of_map = [
        Property(box.kind, map_data[box.start : box.end], box.kind in _ESSENTIAL)
        for box in properties_of(map_data, number)
        if box.kind in _OF_MAP
    ]
    size = next(box for box in properties_of(data, primary) if box.kind == b"ispe")
    *codes, full_range = gain_map.alternate_cicp
    nclx = struct.pack(">HHHB", *codes, full_range << 7)
    alternate = [Property(b"ispe", data[size.start : size.end]), Property(b"colr", b"nclx" + nclx)]
    if gain_map.alternate_icc is not None:
        alternate.append(Property(b"colr", b"prof" + gain_map.alternate_icc))
    content = _content(map_data, map_meta, number)
    items = [
        Item(b"av01", content, properties=of_map, relation=b"", hidden=True),
        Item(b"tmap", b"\0" + gain_map.metadata, properties=alternate, relation=b"dimg", others=(0, 1)),
    ]
    return with_boxes(data, [], items, alternate=2, brand=b"tmap")


def _tone_map(data: bytes, meta: Box) -> int | None:
    """The number of the item that is the picture with its gain map applied."""
    iinf = first_box(data, meta, b"iinf")
    for entry in boxes_between(data, iinf.start + (8 if data[iinf.start] else 6), iinf.end):
        form = ">I" if data[entry.start] >= 3 else ">H"
        place = entry.start + 4 + struct.calcsize(form) + 2
        if data[place : place + 4] == b"tmap":
            return int(struct.unpack_from(form, data, entry.start + 4)[0])
    return None


def _sources(data: bytes, meta: Box, number: int) -> tuple[int, int]:
    """The items that an item is made of: picture and gain map."""
    iref = first_box(data, meta, b"iref")
    form = "I" if data[iref.start] else "H"
    for box in boxes_between(data, iref.start + 4, iref.end):
        start, count = struct.unpack_from(f">{form}H", data, box.start)
        if box.kind == b"dimg" and start == number and count == 2:
            base, gain_map = struct.unpack_from(f">2{form}", data, box.start + struct.calcsize(f">{form}H"))
            return base, gain_map
    raise ValueError("it is made of no two items")


def _content(data: bytes, meta: Box, number: int) -> bytes:
    """The bytes of an item."""
    iloc = first_box(data, meta, b"iloc")
    location = next(each for each in locations_of(data[iloc.start : iloc.end]) if each.item == number)
    if sum(size for _, size in location.extents) > len(data):
        raise ValueError("it is larger than its file")
    start = first_box(data, meta, b"idat").start if location.method == 1 else 0
    return b"".join(data[start + place : start + place + size] for place, size in location.extents)


def _with_primary(data: bytes, meta: Box, number: int) -> bytes:
    """The file with another item as its picture."""
    pitm = first_box(data, meta, b"pitm")
    changed = bytearray(data)
    struct.pack_into(">I" if data[pitm.start] else ">H", changed, pitm.start + 4, number)
    return bytes(changed)


def _is_grey(data: bytes, number: int) -> bool:
    return any(box.kind == b"pixi" and data[box.start + 4] == 1 for box in properties_of(data, number))


def _alternate_colour(data: bytes, number: int) -> tuple[Cicp, bytes | None]:
    """The colour of the picture with its gain map applied."""
    cicp, icc = _UNSPECIFIED, None
    for box in properties_of(data, number):
        kind = data[box.start : box.start + 4]
        if box.kind == b"colr" and kind == b"nclx" and box.end - box.start >= 11:
            primaries, transfer, matrix, flags = struct.unpack_from(">HHHB", data, box.start + 4)
            cicp = (primaries, transfer, matrix, flags >> 7)
        elif box.kind == b"colr" and kind in (b"prof", b"rICC"):
            icc = data[box.start + 4 : box.end]
    return cicp, icc
