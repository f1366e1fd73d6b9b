"""Writes metadata into pictures of common formats; a note names what a format cannot hold."""

from __future__ import annotations

import dataclasses
import struct
import zlib

from veneer.file_metadata import jpeg, photoshop
from veneer.file_metadata.found import COMMENT, Density, Metadata

_JPEG_EXIF = 65533 - 6  # bytes of Exif in a segment, after its prefix
_PACKED_TEXT = 1024  # texts that are longer are compressed
_PNG_HEAD = 33  # bytes of signature and IHDR
_BMP_DENSITY = 38  # place of biXPelsPerMeter


def fit(found: Metadata, homes: frozenset[str], name: str, notes: list[str]) -> Metadata:
    """The metadata that a format has a place for.

    Args:
        found: the metadata to write.
        homes: attributes of `Metadata` that the format keeps; of "comment" the texts of that keyword alone.
        name: of the format.
        notes: to which is added what is left out.

    Returns:
        What is to be written.
    """
    kept = dataclasses.replace(found)
    lost = []
    for attribute in ("exif", "iptc", "xmp"):
        if getattr(found, attribute) is not None and attribute not in homes:
            setattr(kept, attribute, None)
            lost.append(attribute.upper())
    if "text" not in homes:
        kept.text = tuple(pair for pair in found.text if pair[0] == COMMENT and "comment" in homes)
        keywords = list(dict.fromkeys(keyword for keyword, _ in found.text if (keyword, _) not in kept.text))
        if keywords:
            lost.append("texts (" + ", ".join(keywords[:10]) + ", ..." * (len(keywords) > 10) + ")")
    if found.density is not None and not _has_home(found.density, homes):
        kept.density = None
        lost.append("density")
    if lost:
        notes.append(f"{name} has no place for {' and '.join(sorted(lost))}")
    if name == "JPEG":
        _fit_jpeg(kept, notes)
    return kept


def _has_home(density: Density, homes: frozenset[str]) -> bool:
    return "density" in homes or (density[0] == 1 and "density per metre" in homes)


def _fit_jpeg(kept: Metadata, notes: list[str]) -> None:
    """Takes out what is too long for segments of JPEG."""
    if kept.exif is not None and len(kept.exif) > _JPEG_EXIF:
        notes.append(f"JPEG has no place for Exif above 64 kB, these {len(kept.exif)} bytes are left out")
        kept.exif = None
    long = [text for _, text in kept.text if jpeg.comment_segment(text) is None]
    if long:
        notes.append("JPEG has no place for comments above 64 kB, which are left out")
        kept.text = tuple(pair for pair in kept.text if pair[1] not in long)


def finish(data: bytes, name: str, kept: Metadata, notes: list[str]) -> bytes:
    """A file that Pillow has written, with what Pillow does not write."""
    if name == "PNG":
        return data[:_PNG_HEAD] + b"".join(_png_chunks(kept)) + data[_PNG_HEAD:]
    if name == "JPEG":
        segments = jpeg.xmp_segments(kept.xmp) if kept.xmp is not None else []
        if kept.iptc is not None:
            segments += jpeg.photoshop_segments(kept.iptc)
        segments += [segment for _, text in kept.text if (segment := jpeg.comment_segment(text)) is not None]
        return jpeg.with_segments(data, segments, kept.density, notes)
    if name == "BMP" and kept.density is not None:
        density = struct.pack("<II", *kept.density[1:])
        return data[:_BMP_DENSITY] + density + data[_BMP_DENSITY + len(density) :]
    return data


def _png_chunks(kept: Metadata) -> list[bytes]:
    """Density, texts and IPTC."""
    chunks = []
    if kept.density is not None:
        unit, x, y = kept.density
        chunks.append(_chunk(b"pHYs", struct.pack(">IIB", x, y, unit)))
    chunks += [_text_chunk(keyword, text) for keyword, text in kept.text]
    if kept.iptc is not None:
        resource = photoshop.iptc_resource(kept.iptc)
        lines = [resource[start : start + 36].hex() for start in range(0, len(resource), 36)]
        profile = "\n".join(["", "iptc", f"{len(resource):8}", *lines, ""])
        chunks.append(_text_chunk("Raw profile type iptc", profile))
    return chunks


def _text_chunk(keyword: str, text: str) -> bytes:
    name, packed = keyword.encode("latin-1") + b"\0", len(text) > _PACKED_TEXT
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode()
        return _chunk(b"iTXt", name + bytes((packed, 0, 0, 0)) + (zlib.compress(data) if packed else data))
    return _chunk(b"zTXt", name + b"\0" + zlib.compress(data)) if packed else _chunk(b"tEXt", name + data)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
