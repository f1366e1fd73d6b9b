"""Picture files with metadata of every kind, built by hand where Pillow does not write it."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image
from samples import make_picture

from veneer.cli.notes import Note
from veneer.cli.pictures import Picture, load_picture

RGB = Image.fromarray(make_picture(20, 30))
IPTC = b"\x1c\x02\x78\0\x07caption"


def file_of(name: str, image: Image.Image = RGB, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def load(data: bytes, *, strip: bool = False) -> Picture:
    return load_picture(data, max_pixels=1 << 28, strip=strip)


def losses(picture: Picture) -> list[str]:
    """Notes of what is lost."""
    return [note for note in picture.notes if not isinstance(note, Note) or note.loses]


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(*chunks: tuple[bytes, bytes], behind: bytes = b"") -> bytes:
    """A PNG with more chunks before its pixels, and bytes after its end."""
    data = file_of("PNG")
    return data[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + data[33:] + behind


def raw_profile(kind: str, content: bytes, *, name: bytes = b"zTXt") -> tuple[bytes, bytes]:
    """A raw profile as ImageMagick and exiv2 write it."""
    digits = content.hex()
    lines = [digits[start : start + 72] for start in range(0, len(digits), 72)]
    text = "\n".join(["", kind, f"{len(content):8}", *lines, ""]).encode()
    keyword = f"Raw profile type {kind}".encode()
    return name, {
        b"tEXt": keyword + b"\0" + text,
        b"zTXt": keyword + b"\0\0" + zlib.compress(text),
        b"iTXt": keyword + b"\0\0\0\0\0" + text,
    }[name]


def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
    """A resource of Photoshop."""
    title = bytes([len(name)]) + name + b"\0" * ((len(name) + 1) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + title
        + struct.pack(">I", len(content))
        + content
        + b"\0" * (len(content) % 2)
    )


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def jpeg(*segments: tuple[int, bytes], behind: bytes = b"", **options: Any) -> bytes:
    """A JPEG with more segments, and bytes after its end."""
    data = file_of("JPEG", **options)
    return data[:20] + b"".join(segment(*parts) for parts in segments) + data[20:] + behind


def webp_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
