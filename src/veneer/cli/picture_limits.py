"""Refuses picture files for their size or depth, before they are loaded."""

from __future__ import annotations

from veneer.cli.failure import FileFailure
from veneer.cli.jxl import is_jxl, read_header

# ImageMagick's command was renamed in version 7.
_REDUCE = "reduce it first, for instance with ImageMagick: convert IN -depth 8 OUT.png (magick IN ... in version 7)"


def check_before_opening(data: bytes, max_pixels: int) -> None:
    """Refuses a JPEG XL that must not be loaded: opening it decodes it, and tells no depth."""
    if is_jxl(data):
        header = read_header(data)
        check_size(header.width, header.height, max_pixels)
        check_depth(header.bits)


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises FileFailure for a picture of more pixels than are allowed."""
    if width * height > max_pixels:
        what = f"{width}x{height} pixels are more than the {max_pixels} allowed"
        raise FileFailure(what, "raise --max-pixels if you trust the file")


def check_depth(bits: int) -> None:
    """Raises FileFailure for more than 8 bits a sample."""
    if bits > 8:
        what = f"has {bits} bits a sample, but Veneer keeps 8"
        raise FileFailure(what, _REDUCE)
