"""Metadata of WebP, GIF, AVIF and other formats: from Pillow, and from the file where Pillow does not report them.

Source: the WebP container specification; GIF89a; ISO/IEC 14496-12 for boxes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from PIL import Image, PsdImagePlugin

from veneer.file_metadata.found import METRES_PER_INCH, Metadata, density_per_metre
from veneer.file_metadata.photoshop import take_metadata
from veneer.file_metadata.texts import comment

_EXIF_PREFIX = b"Exif\0\0"
_WEBP_CHUNKS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "))
_GIF_COMMENT, _GIF_EXTENSION, _GIF_IMAGE, _GIF_END = 0xFE, 0x21, 0x2C, 0x3B
_PNM_HEADER = re.compile(rb"P[1-6]((?:\s|#[^\r\n]*[\r\n])+\d+){2,3}")


def read(image: Image.Image, data: bytes, notes: list[str]) -> Metadata:
    """Metadata of a picture of any format that has no module of its own, opened and loaded by Pillow."""
    found = Metadata()
    exif = image.info.get("exif")
    if isinstance(exif, bytes):
        found.exif = exif.removeprefix(_EXIF_PREFIX) or None
    xmp = image.info.get("xmp")
    found.xmp = xmp.encode() if isinstance(xmp, str) else xmp or None
    found.density = _density(image)
    if isinstance(image, PsdImagePlugin.PsdImageFile):
        document = take_metadata([(number, content) for number, _, content in image.resources], notes)
        found.exif, found.xmp, found.iptc = document.exif, document.xmp, document.iptc
    elif image.format == "WEBP":
        _note_webp(data, notes)
    elif image.format == "GIF":
        found.text = tuple(_gif_comments(data, notes))
    elif image.format == "PPM":
        found.text = tuple(_pnm_comments(data, notes))
    elif image.format == "JPEG2000":
        _note_boxes(data, notes)
    else:
        text = image.info.get("comment")
        if isinstance(text, (bytes, str)):
            found.text = tuple(comment(text if isinstance(text, bytes) else text.encode(), notes))
    return found


def _density(image: Image.Image) -> tuple[int, int, int] | None:
    try:
        x, y = image.info["dpi"]
        return density_per_metre(float(x), float(y), METRES_PER_INCH)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _note_webp(data: bytes, notes: list[str]) -> None:
    """Notes chunks of WebP that are not kept, and bytes after the end."""
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    place = 12
    others: dict[bytes, str] = {}
    while place + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, place)
        if name not in _WEBP_CHUNKS:
            others[name] = ascii(name.decode("latin-1"))[1:-1].strip()
        place += 8 + size + size % 2
    notes += [f"its chunk {name} is left out" for name in others.values()]
    _note_bytes_behind(data[end:], "WebP", notes)


def _gif_comments(data: bytes, notes: list[str]) -> Iterator[tuple[str, str]]:
    """All comments of a GIF, also those after the first picture; notes application data and bytes after the end."""
    place = 13 + _table_size(data[10])
    others: dict[str, None] = {}
    while place < len(data) and data[place] != _GIF_END:
        kind = data[place]
        if kind == _GIF_EXTENSION:
            label = data[place + 1] if place + 1 < len(data) else 0
            blocks, place = _gif_blocks(data, place + 2)
            if label == _GIF_COMMENT:
                yield from comment(b"".join(blocks), notes)
            elif label == 0x01:
                others["text to be drawn"] = None
            elif label == 0xFF and blocks and not blocks[0].startswith((b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1")):
                others[f"application data {ascii(blocks[0].decode('latin-1'))[1:-1]}"] = None
        elif kind == _GIF_IMAGE and place + 10 <= len(data):
            _, place = _gif_blocks(data, place + 11 + _table_size(data[place + 9]))
        else:
            return  # no block: Pillow has shown what there is
    notes += [f"its {name} is left out" for name in others]
    _note_bytes_behind(data[place + 1 :], "GIF", notes)


def _gif_blocks(data: bytes, place: int) -> tuple[list[bytes], int]:
    """The blocks there, and the position after them."""
    blocks = []
    while place < len(data) and data[place]:
        blocks.append(data[place + 1 : place + 1 + data[place]])
        place += 1 + data[place]
    return blocks, place + 1


def _table_size(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _pnm_comments(data: bytes, notes: list[str]) -> Iterator[tuple[str, str]]:
    """Comments in the header of PBM, PGM and PPM."""
    header = _PNM_HEADER.match(data)
    lines = re.findall(rb"#[ \t]?([^\r\n]*)", header[0]) if header else []
    if lines:
        yield from comment(b"\n".join(lines), notes)


def _note_boxes(data: bytes, notes: list[str]) -> None:
    """Notes boxes of JPEG 2000 that hold metadata."""
    place = 0
    names = set()
    while place + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, place)
        if name in (b"uuid", b"xml ", b"asoc", b"jp2i"):
            names.add(name.decode().strip())
        if size < 8:
            break
        place += size
    if names:
        notes.append(f"its boxes {', '.join(sorted(names))} are left out")


def _note_bytes_behind(behind: bytes, name: str, notes: list[str]) -> None:
    """Notes bytes after the end of a file; zeros are padding."""
    if behind.strip(b"\0"):
        notes.append(f"{len(behind)} bytes behind the end of the {name} are left out")
