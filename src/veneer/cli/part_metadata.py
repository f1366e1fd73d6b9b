"""Metadata of a part of a picture: the small pictures that it holds show the whole, so they are taken out.

A face or a number plate that was cut away must not be passed on in the thumbnail. What is taken out of Exif is
overwritten where it stands, so that the makers' notes, which point to places in the file, stay right.
Source: Exif 2.32, section 4.6; TIFF 6.0, section 2; XMP part 2, "XMP basic namespace"; IPTC-IIM 4.2, section 1.5 and
chapter 6.
"""

from __future__ import annotations

import dataclasses
import re
import struct
from collections.abc import Iterator

from veneer.cli.notes import Note

NOTE = Note("small pictures in its metadata show the whole, and are left out", loses=False)

_EXIF_DIRECTORY, _MAKER_NOTE, _PIXEL_WIDTH, _PIXEL_HEIGHT = 0x8769, 0x927C, 0xA002, 0xA003
_STRIP_PLACES, _STRIP_SIZES, _JPEG_PLACE, _JPEG_SIZE = 0x0111, 0x0117, 0x0201, 0x0202
_SHORT, _LONG = 3, 4
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ENTRY_SIZE = 12
_HEADER_SIZE = 8
_MOST_DIRECTORIES = 16  # of thumbnails, of which there is one in practice

_JPEG_START = re.compile(rb"\xff\xd8\xff[\xc0-\xc4\xdb\xdd\xe0-\xef\xfe]")
_JPEG_END = b"\xff\xd9"

# Where XMP has thumbnails, by the usual names of its basic namespace; and the picture before a lens blur, which cameras
# of telephones keep there.
_XMP_THUMBNAILS = ((b"<xmp:Thumbnails", b"</xmp:Thumbnails>"), (b"<xap:Thumbnails", b"</xap:Thumbnails>"))
_XMP_PICTURES = re.compile(rb"""\b(?:GImage|GDepth):Data\s*=\s*("[^"]*"|'[^']*')""")


# A dataset of IPTC: a mark, its record and number, its size. Three of record 2 hold a preview.
_IPTC_MARK, _IPTC_HEADER_SIZE = b"\x1c", 5
_IPTC_PREVIEWS = frozenset(((2, 200), (2, 201), (2, 202)))


@dataclasses.dataclass(frozen=True)
class _Entry:
    """A field of a directory: where it stands, and where its value does."""

    tag: int
    kind: int
    count: int
    place: int

    @property
    def size(self) -> int:
        return _TYPE_SIZES.get(self.kind, 0) * self.count


class _Tiff:
    """A TIFF structure that is changed where it stands; raises struct.error where it points outside."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self._order = "<" if data[:1] == b"I" else ">"

    def numbers(self, code: str, place: int) -> tuple[int, ...]:
        return struct.unpack_from(self._order + code, self.data, place)

    def write(self, code: str, place: int, number: int) -> None:
        struct.pack_into(self._order + code, self.data, place, number)

    def directory(self, place: int) -> tuple[list[_Entry], int]:
        """Its fields, and where the place of the next directory stands."""
        (count,) = self.numbers("H", place)
        entries = []
        for start in range(place + 2, place + 2 + count * _ENTRY_SIZE, _ENTRY_SIZE):
            tag, kind, values = self.numbers("HHI", start)
            entry = _Entry(tag, kind, values, start + 8)
            if entry.size > 4:  # what does not fit stands elsewhere
                entry = dataclasses.replace(entry, place=self.numbers("I", entry.place)[0])
            entries.append(entry)
        return entries, place + 2 + count * _ENTRY_SIZE

    def values(self, entry: _Entry) -> tuple[int, ...]:
        """Of a field of SHORT or LONG; nothing of another one."""
        code = {_SHORT: "H", _LONG: "I"}.get(entry.kind)
        return self.numbers(f"{entry.count}{code}", entry.place) if code and entry.count <= len(self.data) else ()


def part_of_exif(exif: bytes, width: int, height: int, *, whole: bool) -> tuple[bytes, bool]:
    """Exif of a part of a picture, or of all of it at another size.

    Args:
        exif: a TIFF structure, perhaps damaged.
        width: of the part in pixels.
        height: of the part in pixels.
        whole: the part shows all that the picture does, so that small pictures may stay.

    Returns:
        The Exif, and whether small pictures were taken out. What cannot be understood stays as it is.
    """
    tiff = _Tiff(exif)
    taken_out = False
    try:
        (first,) = tiff.numbers("I", 4)
        entries, next_place = tiff.directory(first)
        kept = range(first, next_place + 4)
        details = [field for entry in entries if entry.tag == _EXIF_DIRECTORY for field in _fields(tiff, entry)]
        for field in details:
            if field.tag in (_PIXEL_WIDTH, _PIXEL_HEIGHT) and field.count == 1 and field.kind in (_SHORT, _LONG):
                side = width if field.tag == _PIXEL_WIDTH else height
                tiff.write("H" if field.kind == _SHORT else "I", field.place, side)
        if whole:
            return bytes(tiff.data), False
        for field in details:
            if field.tag == _MAKER_NOTE:
                taken_out |= _blank_jpegs(tiff.data, field.place, field.place + field.size)
        (thumbnails,) = tiff.numbers("I", next_place)
        tiff.write("I", next_place, 0)
        for start, end in list(_thumbnail_ranges(tiff, thumbnails)):
            if start >= _HEADER_SIZE and not (start < kept.stop and end > kept.start):
                taken_out = True
                _blank(tiff.data, start, end)
    except struct.error:
        pass  # points outside: nobody finds more of it than was found here
    return bytes(tiff.data), taken_out


def part_of_xmp(xmp: bytes) -> tuple[bytes, bool]:
    """XMP of a part of a picture, and whether small pictures were taken out."""
    kept, count = _XMP_PICTURES.subn(b"", xmp)
    for opening, closing in _XMP_THUMBNAILS:
        start = kept.find(opening)
        end = kept.rfind(closing)
        if 0 <= start < end:  # XMP has each property once
            kept, count = kept[:start] + kept[end + len(closing) :], count + 1
    return kept, count > 0


def part_of_iptc(iptc: bytes) -> tuple[bytes, bool]:
    """IPTC of a part of a picture, and whether small pictures were taken out; what cannot be read stays."""
    kept, place = bytearray(), 0
    while iptc[place : place + 1] == _IPTC_MARK and place + _IPTC_HEADER_SIZE <= len(iptc):
        number = iptc[place + 1], iptc[place + 2]
        size = int.from_bytes(iptc[place + 3 : place + 5])
        start = place + _IPTC_HEADER_SIZE
        if size & 0x8000:  # so many bytes say how many follow
            start += size & 0x7FFF
            size = int.from_bytes(iptc[place + _IPTC_HEADER_SIZE : start])
        end = start + size
        if end > len(iptc):
            break
        if number not in _IPTC_PREVIEWS:
            kept += iptc[place:end]
        place = end
    kept += iptc[place:]
    return bytes(kept), len(kept) < len(iptc)


def _fields(tiff: _Tiff, pointer: _Entry) -> list[_Entry]:
    return tiff.directory(tiff.values(pointer)[0])[0] if tiff.values(pointer) else []


def _thumbnail_ranges(tiff: _Tiff, place: int) -> Iterator[tuple[int, int]]:
    """The bytes of the directories from the second on: the directories, their values, and their pictures."""
    for _ in range(_MOST_DIRECTORIES):
        if not place:
            return
        entries, next_place = tiff.directory(place)
        values = {entry.tag: tiff.values(entry) for entry in entries}
        for places, sizes in ((_JPEG_PLACE, _JPEG_SIZE), (_STRIP_PLACES, _STRIP_SIZES)):
            for start, size in zip(values.get(places, ()), values.get(sizes, ()), strict=False):
                yield start, start + size
        yield from ((entry.place, entry.place + entry.size) for entry in entries if entry.size > 4)
        yield place, next_place + 4
        (place,) = tiff.numbers("I", next_place)


def _blank(data: bytearray, start: int, end: int) -> None:
    """Overwrites bytes, or cuts them off at the end."""
    if end >= len(data):
        del data[start:]
    else:
        data[start:end] = bytes(end - start)


def _blank_jpegs(data: bytearray, start: int, end: int) -> bool:
    """Overwrites pictures in the makers' notes; whether there were any."""
    found = _JPEG_START.search(data, start, end)
    if found is None:
        return False
    last = data.rfind(_JPEG_END, found.start(), end)
    stop = end if last < 0 else last + len(_JPEG_END)
    data[found.start() : stop] = bytes(min(stop, len(data)) - found.start())
    return True
