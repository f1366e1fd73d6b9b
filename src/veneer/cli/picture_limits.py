"""Refuses picture files for their size or depth, before they are loaded."""

from __future__ import annotations

from veneer.cli.deep.reading import DEEP_READERS, MOST_BITS
from veneer.cli.failure import FileFailure
from veneer.cli.jxl import is_jxl, read_header
from veneer.sample_depth import BYTE_DEPTH


def check_before_opening(data: bytes, max_pixels: int) -> None:
    """Refuses a JPEG XL that must not be loaded: opening it decodes it, and tells no depth."""
    if is_jxl(data):
        header = read_header(data)
        if header.floats:
            what = f"has floating point samples of {header.bits} bits, but Veneer keeps whole numbers of up to 16 bits"
            raise FileFailure(what, "turn it into 16 bits, for instance with ImageMagick: convert IN -depth 16 OUT.png")
        check_size(header.width, header.height, max_pixels)
        check_depth(header.bits, "JXL")


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises FileFailure for a picture of more pixels than are allowed."""
    if width * height > max_pixels:
        what = f"{width}x{height} pixels are more than the {max_pixels} allowed"
        raise FileFailure(what, "raise --max-pixels if you trust the file")


def check_depth(bits: int, format_name: str) -> None:
    """Raises FileFailure for more bits a sample than are kept, or than are read of a format."""
    if bits <= BYTE_DEPTH or (bits <= MOST_BITS and format_name in DEEP_READERS):
        return
    if bits > MOST_BITS:
        raise FileFailure(f"has {bits} bits a sample, but Veneer keeps up to {MOST_BITS}", "convert it to 16 bits")
    what = f"has {bits} bits a sample, which are not read of {format_name}"
    raise FileFailure(what, "convert it to a PNG or TIFF of 16 bits")
