"""Refuses picture files for their size or depth, before they are loaded."""

from __future__ import annotations

from veneer.cli.deep_pictures import DEEP_FORMATS
from veneer.cli.failure import FileFailure
from veneer.cli.jxl import is_jxl, read_header

# ImageMagick's command was renamed in version 7.
_REDUCE = "reduce it first, for instance with ImageMagick: convert IN -depth 8 OUT.png (magick IN ... in version 7)"


def check_before_opening(data: bytes, max_pixels: int, *, deep: bool) -> None:
    """Refuses a JPEG XL that must not be loaded: opening it decodes it, and tells no depth."""
    if is_jxl(data):
        header = read_header(data)
        check_size(header.width, header.height, max_pixels)
        check_depth(header.bits, deep=deep, format_name="JPEG XL")


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises FileFailure for a picture of more pixels than are allowed."""
    if width * height > max_pixels:
        what = f"{width}x{height} pixels are more than the {max_pixels} allowed"
        raise FileFailure(what, "raise --max-pixels if you trust the file")


def check_depth(bits: int, *, deep: bool, format_name: str) -> None:
    """Raises FileFailure for more bits a sample than can be kept; `deep`: of a lossless file, where the reader can."""
    if bits <= 8 or (deep and bits <= 16 and format_name in DEEP_FORMATS):
        return
    if not deep:
        what = f"has {bits} bits a sample, but Veneer keeps 8 unless with --lossless"
        raise FileFailure(what, _REDUCE)
    what = f"has {bits} bits a sample, which are read of {' and '.join(DEEP_FORMATS)} of up to 16 bits alone"
    raise FileFailure(what, _REDUCE)
