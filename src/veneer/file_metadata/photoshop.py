"""Image resources of Photoshop, in which JPEG and PNG, and sometimes TIFF, keep IPTC.

Source: Adobe Photoshop File Formats Specification, "Image Resources Section".
"""

from __future__ import annotations

import struct

from veneer.file_metadata.found import Metadata

JPEG_PREFIX = b"Photoshop 3.0\0"  # of the segments APP13

_SIGNATURE = b"8BIM"
_OTHER_SIGNATURES = (b"MeSa", b"PHUT", b"AgHg", b"DCSR")
_IPTC = 0x0404
_IPTC_DIGEST = 0x0425  # MD5 of it, by which Photoshop sees that others have changed it
_ICC, _EXIF, _XMP = 0x040F, 0x0422, 0x0424
_HEADER = 6  # signature and number


def split_iptc(data: bytes, notes: list[str]) -> bytes | None:
    """The IPTC records among resources; the other resources are noted.

    Args:
        data: resources in sequence.
        notes: to which is added what is left out.

    Returns:
        IPTC records, or None where there are none.
    """
    found, whole = _resources(data)
    if not whole:
        notes.append("its Photoshop resources are damaged, and kept as far as they can be read")
    return _take_iptc(found, notes)


def take_metadata(resources: list[tuple[int, bytes]], notes: list[str]) -> Metadata:
    """Exif, XMP and IPTC among the resources of a Photoshop document; the others are noted.

    Args:
        resources: number and content of each.
        notes: to which is added what is left out.

    Returns:
        The metadata.
    """
    first = dict(reversed(resources))
    kept = [(number, content) for number, content in resources if number not in (_EXIF, _XMP, _ICC)]
    return Metadata(first.get(_EXIF) or None, first.get(_XMP) or None, _take_iptc(kept, notes))


def _take_iptc(found: list[tuple[int, bytes]], notes: list[str]) -> bytes | None:
    iptc = b"".join(content for number, content in found if number == _IPTC)
    others = sorted({number for number, _ in found} - {_IPTC, _IPTC_DIGEST})
    if others:
        names = ", ".join(f"0x{number:04X}" for number in others[:8]) + ", ..." * (len(others) > 8)
        notes.append(f"its Photoshop resources {names} are left out")
    return iptc or None


def iptc_resource(iptc: bytes) -> bytes:
    """IPTC records as a resource."""
    return _SIGNATURE + struct.pack(">HHI", _IPTC, 0, len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def _resources(data: bytes) -> tuple[list[tuple[int, bytes]], bool]:
    """Number and content of each resource, and whether they fill the data."""
    found: list[tuple[int, bytes]] = []
    place = 0
    while data[place : place + 4] in (_SIGNATURE, *_OTHER_SIGNATURES):
        try:
            (number, name_length) = struct.unpack_from(">HB", data, place + 4)
            start = place + _HEADER + 1 + name_length
            start += start - place & 1  # the name and its length take an even number of bytes
            (size,) = struct.unpack_from(">I", data, start)
        except struct.error:
            return found, False
        content = data[start + 4 : start + 4 + size]
        if len(content) < size:
            return found, False
        found.append((number, content))
        place = start + 4 + size + (size & 1)
    return found, not data[place:].strip(b"\0")
