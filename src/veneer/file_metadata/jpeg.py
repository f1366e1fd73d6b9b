"""Metadata of JPEG, read from its segments.

Source: ITU-T T.81, B.1; ITU-T T.871 (JFIF); Exif 2.32, 4.7; XMP Specification Part 3, 1.1.3.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from veneer.file_metadata import extended_xmp, photoshop
from veneer.file_metadata.found import METRES_PER_INCH, Density, Metadata, density_per_metre, density_ratio
from veneer.file_metadata.texts import comment

SIGNATURE = b"\xff\xd8\xff"

_SCAN, _END, _COMMENT, _APP0 = 0xDA, 0xD9, 0xFE, 0xE0
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # after coded data

_JFIF, _EXIF, _ICC, _ADOBE = b"JFIF\0", b"Exif\0", b"ICC_PROFILE\0", b"Adobe"
_INDEX = "segment APP2 MPF"
_METRES = {1: METRES_PER_INCH, 2: 0.01}  # by the unit of JFIF
_KINDS_OF_BYTES = (
    (rb".{4,64}?ftyp", "a video or the like"),
    (rb"\0*\xff\xd8\xff", "a JPEG"),
    (rb"\0*PK\x03\x04", "a ZIP archive"),
)


def read(data: bytes, notes: list[str], *, pictures: int = 1) -> Metadata:
    """Metadata of a JPEG.

    Args:
        data: the file.
        notes: to which is added what is left out.
        pictures: how many pictures in sequence the file is known to hold; those are noted as such.

    Returns:
        The metadata.
    """
    found = Metadata()
    main: bytes | None = None
    exif: list[bytes] = []
    resources: list[bytes] = []
    extensions: list[bytes] = []
    texts: list[tuple[str, str]] = []
    others: list[str] = []
    end = len(data)  # where there is no marker of the end, as in files that are cut
    for marker, content, place in segments(data, 0):
        end = place if marker == _END else end
        if marker == _COMMENT:
            texts += comment(content, notes)
        elif marker == _APP0 and content.startswith(_JFIF):
            found.density = _density(content)
            others += ["thumbnail of JFIF"] * (content[12:14].count(0) < len(content[12:14]))
        elif marker == _APP0 + 1 and content.startswith(_EXIF):
            exif.append(content[6:])
        elif marker == _APP0 + 1 and content.startswith(extended_xmp.PREFIX):
            others += ["second XMP packet"] * (main is not None)
            main = content.removeprefix(extended_xmp.PREFIX) if main is None else main
        elif marker == _APP0 + 1 and content.startswith(extended_xmp.EXTENSION_PREFIX):
            extensions.append(content.removeprefix(extended_xmp.EXTENSION_PREFIX))
        elif marker == _APP0 + 13 and content.startswith(photoshop.JPEG_PREFIX):
            resources.append(content.removeprefix(photoshop.JPEG_PREFIX))
        elif _APP0 <= marker < _APP0 + 16 and not content.startswith((_ICC, _ADOBE)):
            others.append(f"segment APP{marker - _APP0} {_identifier(content)}".rstrip())
    found.exif = b"".join(exif) or None
    found.xmp = extended_xmp.join(main, extensions, notes) or None
    found.iptc = photoshop.split_iptc(b"".join(resources), notes)
    found.text = tuple(texts)
    if pictures > 1:  # of which it is the index
        others = [name for name in others if name != _INDEX]
    notes += [f"its {name} is left out" for name in dict.fromkeys(others)]
    _note_bytes_behind(data, end, pictures, notes)
    return found


def icc_profile(data: bytes) -> bytes | None:
    """The ICC profile of a JPEG, of its pieces in their order; None where there is none, or a piece is missing."""
    pieces = {
        content[12]: (content[13], content[14:])
        for marker, content, _ in segments(data, 0)
        if marker == _APP0 + 2 and content.startswith(_ICC) and len(content) > 14
    }
    count = next((count for count, _ in pieces.values()), 0)
    if sorted(pieces) != list(range(1, count + 1)):
        return None
    return b"".join(pieces[number][1] for number in sorted(pieces)) or None


def segments(data: bytes, place: int) -> Iterator[tuple[int, bytes, int]]:
    """Marker and content of each segment of the picture that begins there, and where it ends; the last is its end.

    Nothing more comes where the file is cut.
    """
    place += 2
    while (found := _MARKER.match(data, place) or _MARKER.search(data, place)) is not None:
        marker, place = data[found.end() - 1], found.end()
        if marker == _END:
            yield marker, b"", place
            return
        if marker in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        content = data[place + 2 : place + length]
        place += max(length, 2)
        yield marker, content, place


def _density(content: bytes) -> Density | None:
    """The density of JFIF; None where it only says that pixels are square."""
    try:
        unit, x, y = struct.unpack_from(">BHH", content, 7)
    except struct.error:
        return None
    if unit in _METRES:
        return density_per_metre(x, y, _METRES[unit])
    return density_ratio(x, y)


def _identifier(content: bytes) -> str:
    """The identifier of a segment, as far as it is text."""
    found = re.match(rb"[\x20-\x7e]{2,40}", content)
    return "" if found is None else found[0].decode("ascii").strip()


def _note_bytes_behind(data: bytes, end: int, pictures: int, notes: list[str]) -> None:
    """Notes bytes after the end of the picture and after pictures that are noted already; zeros are padding."""
    for _ in range(pictures - 1):
        start = data.find(SIGNATURE, end)
        if start < 0:
            break
        end = max((place for _, _, place in segments(data, start)), default=len(data))
    behind = data[end:]
    if not behind.strip(b"\0\r\n "):
        return
    kinds = [f" ({kind})" for pattern, kind in _KINDS_OF_BYTES if re.match(pattern, behind, re.DOTALL)]
    notes.append(f"{len(behind)} bytes behind the end of the JPEG{''.join(kinds)} are left out")


def density_of_jfif(density: Density, notes: list[str]) -> tuple[int, int, int]:
    """Unit and densities as JFIF says them, in 16 bits each."""
    unit, x, y = density
    if unit == 1:
        choices = [(number, round(x * metres), round(y * metres), metres) for number, metres in _METRES.items()]
        exact = [c for c in choices if (round(c[1] / c[3]), round(c[2] / c[3])) == (x, y)]
        number, x, y, _ = (exact or choices)[0]
        if not exact:
            notes.append(f"its density is rounded to {x} x {y} pixels per inch")
        unit = number
    while max(x, y) > 0xFFFF or min(x, y) < 1:
        if unit or min(x, y) < 1:
            notes.append("its density has no place in JPEG, and is left out")
            return 0, 1, 1
        x, y = x // 2, y // 2
    return unit, x, y


def with_segments(data: bytes, segments: list[tuple[int, bytes]], density: Density | None, notes: list[str]) -> bytes:
    """A JPEG with more segments after its own APPn, and a density in its JFIF."""
    place = 2
    while data[place] == 0xFF and _APP0 <= data[place + 1] < _APP0 + 16:
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    parts = [struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content for marker, content in segments]
    head = bytearray(data[:place])
    if density is not None and head[6:11] == _JFIF:
        head[13:18] = struct.pack(">BHH", *density_of_jfif(density, notes))
    return b"".join((head, *parts, data[place:]))


def photoshop_segments(iptc: bytes) -> list[tuple[int, bytes]]:
    """IPTC as segments APP13, as many as it takes."""
    resource = photoshop.iptc_resource(iptc)
    size = 65533 - len(photoshop.JPEG_PREFIX)
    starts = range(0, len(resource), size)
    return [(_APP0 + 13, photoshop.JPEG_PREFIX + resource[start : start + size]) for start in starts]


def xmp_segments(packet: bytes) -> list[tuple[int, bytes]]:
    """XMP as segments APP1, with an extension above 64 kB."""
    return [(_APP0 + 1, content) for content in extended_xmp.split(packet)]


def comment_segment(text: str) -> tuple[int, bytes] | None:
    """A comment as a segment; None where it is too long for one."""
    data = text.encode()
    return (_COMMENT, data) if len(data) <= 65533 else None
