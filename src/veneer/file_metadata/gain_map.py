"""Gain maps of JPEG: a second picture behind the first, which an index in its segments leads to.

Source: CIPA DC-007 (Multi-Picture Format), 5.2; ISO 21496-1, annex C; Ultra HDR Image Format 1.1.
"""

from __future__ import annotations

import dataclasses
import itertools
import struct
from collections.abc import Iterator

from veneer.file_metadata import extended_xmp
from veneer.file_metadata.jpeg import SIGNATURE, icc_profile, segments

_APP1, _APP2, _SCAN = 0xE1, 0xE2, 0xDA
_INDEX = b"MPF\0"
_ISO = b"urn:iso:std:iso:ts:21496:-1\0"
_VERSIONS_ALONE = 4  # bytes of these metadata in the first picture, which has no more than versions
_HDRGM = b"http://ns.adobe.com/hdr-gain-map/1.0/"

_ENTRIES = 0xB002  # the tag of the index that lists pictures
_ENTRY = 16  # bytes of each
_MOST_PICTURES, _MOST_SEGMENTS = 16, 4096  # looked at; pictures may overlap, and each be as long as the file

_FRAMES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


@dataclasses.dataclass(frozen=True)
class FoundGainMap:
    """A gain map as a JPEG has it.

    Attributes:
        picture: the map, a JPEG.
        metadata: of ISO 21496-1, or an XMP packet.
        is_xmp: whether they are the latter.
        icc: the profile of the alternate picture, which is that of the map; None where there is none, and of XMP, which
            knows no such.
    """

    picture: bytes
    metadata: bytes
    is_xmp: bool
    icc: bytes | None


def find(data: bytes) -> FoundGainMap | None:
    """The gain map of a JPEG; None where it has none."""
    for picture in _further_pictures(data):
        metadata = _metadata(picture)
        if metadata is not None:
            content, is_xmp = metadata
            return FoundGainMap(picture, content, is_xmp, None if is_xmp else icc_profile(picture))
    return None


def is_announced(front: bytes) -> bool:
    """Whether a JPEG says before its first scan that it has a gain map: by an index, and a mark of either sort."""
    return has_index(front) and any(_is_mark(marker, content) for marker, content, _ in _front(front))


def has_index(front: bytes) -> bool:
    """Whether a JPEG has an index of pictures before its first scan."""
    return any(marker == _APP2 and content.startswith(_INDEX) for marker, content, _ in _front(front))


def frame(data: bytes) -> tuple[int, int, int] | None:
    """Width, height and components of a JPEG as its first frame says them; None where there is none."""
    for marker, content, _ in segments(data, 0):
        if marker in _FRAMES and len(content) >= 6:
            height, width, components = struct.unpack_from(">HHB", content, 1)
            return width, height, components
    return None


def _is_mark(marker: int, content: bytes) -> bool:
    is_xmp = marker == _APP1 and content.startswith(extended_xmp.PREFIX) and _HDRGM in content
    return is_xmp or (marker == _APP2 and content.startswith(_ISO))


def _front(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker and content of the segments before the first scan, and where each ends."""
    for marker, content, end in segments(data, 0):
        if marker == _SCAN:
            return
        yield marker, content, end


def _metadata(picture: bytes) -> tuple[bytes, bool] | None:
    """Those of a gain map, and whether they are XMP; those of ISO 21496-1 take precedence."""
    front = itertools.islice(_front(picture), _MOST_SEGMENTS)
    contents = [(marker, content) for marker, content, _ in front if _is_mark(marker, content)]
    for marker, content in contents:
        if marker == _APP2 and len(content) > len(_ISO) + _VERSIONS_ALONE:
            return content.removeprefix(_ISO), False
    for marker, content in contents:
        if marker == _APP1:
            return content.removeprefix(extended_xmp.PREFIX), True
    return None


def _further_pictures(data: bytes) -> Iterator[bytes]:
    """The pictures behind the first that its index names, as far as they are JPEGs."""
    for marker, content, end in _front(data):
        if marker == _APP2 and content.startswith(_INDEX):
            origin = end - len(content) + len(_INDEX)  # from which offsets count
            for size, offset in _entries(content.removeprefix(_INDEX))[1:_MOST_PICTURES]:
                picture = data[origin + offset : origin + offset + size]
                if picture.startswith(SIGNATURE):
                    yield picture


def _entries(index: bytes) -> list[tuple[int, int]]:
    """Size and offset of each picture that an index lists, the first one included; nothing where it is damaged."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(index[:4])
    if order is None:
        return []
    try:
        (place,) = struct.unpack_from(f"{order}I", index, 4)
        (count,) = struct.unpack_from(f"{order}H", index, place)
        for i in range(count):
            tag, _, length, value = struct.unpack_from(f"{order}HHII", index, place + 2 + 12 * i)
            if tag == _ENTRIES:
                starts = range(value, value + length - _ENTRY + 1, _ENTRY)
                return [struct.unpack_from(f"{order}II", index, start + 4) for start in starts]
    except struct.error:
        pass
    return []
