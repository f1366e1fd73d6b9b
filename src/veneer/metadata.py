"""Metadata as callers give it, brought to what a file holds. Encoder only.

Source: docs/format.md, "Metadata".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from veneer import exif as exif_data
from veneer.arguments import check_bytes, check_integer, numbers_of, shown
from veneer.bitstream.contents import Metadata
from veneer.bitstream.metadata import ContentLight, Density, Texts, keyword_problem, write_value
from veneer.bitstream.syntax import CodedGainMap
from veneer.errors import ErrorCode, VeneerError
from veneer.mastering_display import MasteringDisplay


def check_metadata(
    *,
    icc: bytes | None = None,
    exif: bytes | None = None,
    xmp: bytes | str | None = None,
    iptc: bytes | None = None,
    text: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
    density: Density | None = None,
    content_light: ContentLight | None = None,
    mastering_display: MasteringDisplay | None = None,
    gain_map: CodedGainMap | None = None,
) -> Metadata:
    """Checks metadata as `encode` takes it, but for the gain map, which is coded; what is empty is left out.

    Raises:
        VeneerError: BAD_METADATA.
    """
    if isinstance(xmp, str):
        if not _is_unicode(xmp):
            raise VeneerError(ErrorCode.BAD_METADATA, "xmp has half a surrogate pair; give it as bytes, or mend it")
        xmp = xmp.encode()
    exif = check_bytes("exif", exif)
    return Metadata(
        icc=check_bytes("icc", icc),
        exif=(exif_data.without_prefix(exif) or None) if exif else None,
        xmp=check_bytes("xmp", xmp),
        iptc=check_bytes("iptc", iptc),
        text=_check_texts(text),
        density=_check_density(density),
        content_light=_check_content_light(content_light),
        mastering_display=None if mastering_display is None else _check_display(mastering_display).units,
        gain_map=gain_map,
    )


def _check_texts(text: Any) -> Texts:
    """Pairs of keyword and text."""
    if text is None:
        return ()
    try:
        pairs = [(keyword, value) for keyword, value in (text.items() if isinstance(text, Mapping) else text)]
    except Exception:  # no pairs, or what somebody else's class raises
        pairs = [(None, None)]
    for keyword, value in pairs:
        if not (isinstance(keyword, str) and isinstance(value, str)):
            raise VeneerError(ErrorCode.BAD_METADATA, "text must be pairs of keyword and text, both of them str")
        wrong = keyword_problem(keyword)
        if wrong is not None:
            raise VeneerError(ErrorCode.BAD_METADATA, f"a keyword of text {wrong}: {ascii(keyword)[:100]}")
        if "\0" in value or not _is_unicode(value):
            what = "a NUL" if "\0" in value else "half a surrogate pair"
            raise VeneerError(ErrorCode.BAD_METADATA, f"the text of {keyword!a} has {what}")
    return tuple(pairs)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_density(density: Any) -> Density | None:
    """Unit, density along x and along y."""
    if density is None:
        return None
    try:
        unit, x, y = (check_integer("density", value, 0, (1 << 31) - 1) for value in numbers_of(density, 3) or ())
        write_value(b"dENS", (unit, x, y))
    except ValueError:  # VeneerError is one
        what = "density must be (unit 0 or 1, density along x, density along y), of 1..2147483647 each"
        raise VeneerError(ErrorCode.BAD_METADATA, f"{what}, not {shown(density)}") from None
    return unit, x, y


def _check_content_light(light: Any) -> ContentLight | None:
    """Largest light level, and largest mean."""
    if light is None:
        return None
    values = numbers_of(light, 2)
    try:
        content, average = (check_integer("content_light", value, 0, 0xFFFF) for value in values or ())
    except ValueError:  # VeneerError is one
        what = "content_light must be (largest, largest mean light level) in cd/m2, of 0..65535 each"
        raise VeneerError(ErrorCode.BAD_METADATA, f"{what}, not {shown(light)}") from None
    return content, average


def _check_display(display: Any) -> MasteringDisplay:
    if not isinstance(display, MasteringDisplay):
        text = f"mastering_display must be a MasteringDisplay, not {type(display).__name__}"
        raise VeneerError(ErrorCode.BAD_METADATA, text)
    return display
