"""Metadata of a picture file, in the form that Veneer keeps."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import veneer

Texts = tuple[tuple[str, str], ...]
Density = tuple[int, int, int]

COMMENT = "Comment"  # the keyword of what JPEG and GIF have without one

# Bytes of each kind, and texts: as many as a Veneer file may hold.
MAX_LENGTH = 64 << 20
MAX_TEXTS = 1024
MAX_KEYWORD = 79

METRES_PER_INCH = 0.0254
_MAX_DENSITY = (1 << 31) - 1

Found = TypeVar("Found", bound="Metadata")


@dataclasses.dataclass
class Metadata:
    """Metadata, but for colour.

    Attributes:
        exif: Exif, a TIFF structure without the prefix of JPEG, or None.
        xmp: XMP packet or None.
        iptc: records of IPTC-IIM or None.
        text: pairs of keyword and text.
        density: unit (0: a ratio, 1: pixels per metre), density along x, and along y; or None.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    text: Texts = ()
    density: Density | None = None

    def keywords(self) -> dict[str, Any]:
        """Arguments for `veneer.encode`, and for whatever else has these attributes."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(Metadata)}


def metadata_of(info: veneer.Info) -> dict[str, Any]:
    """The metadata of a Veneer file, as `Metadata.keywords` gives them."""
    return {field.name: getattr(info, field.name) for field in dataclasses.fields(Metadata)}


def bounded(found: Metadata, notes: list[str]) -> Metadata:
    """The metadata without what is longer than a Veneer file may hold; each is noted."""
    for name in ("exif", "xmp", "iptc"):
        length = len(getattr(found, name) or b"")
        if length > MAX_LENGTH:
            notes.append(f"its {name.upper()} of {length} bytes is left out: Veneer keeps {MAX_LENGTH} of it")
            found = dataclasses.replace(found)
            setattr(found, name, None)
    kept: list[tuple[str, str]] = []
    left, room = 0, MAX_LENGTH
    for keyword, text in found.text:
        size = len(keyword.encode()) + len(text.encode()) + 5
        if len(kept) == MAX_TEXTS or size > room:
            left += 1
            continue
        room -= size
        kept.append((keyword, text))
    if left:
        notes.append(f"{left} of its {len(found.text)} texts are left out: Veneer keeps {MAX_TEXTS} of 64 MB together")
    return dataclasses.replace(found, text=tuple(kept))


def density_per_metre(x: float, y: float, metres: float) -> Density | None:
    """Density by pixels in so many metres; None where it makes no sense."""
    return _sensible(1, round(x / metres), round(y / metres))


def density_ratio(x: float, y: float) -> Density | None:
    """Density of an unknown unit; None where it only says that pixels are square, or is invalid."""
    return None if x == y else _sensible(0, round(x), round(y))


def _sensible(unit: int, x: int, y: int) -> Density | None:
    return (unit, x, y) if 1 <= x <= _MAX_DENSITY and 1 <= y <= _MAX_DENSITY else None
