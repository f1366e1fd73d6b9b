"""Bits of a sample in a picture file. Pillow does not report them: it reduces most deep pictures to 8 bits silently.

Source: ISO/IEC 15444-1 (JPEG 2000), A.5.1, for SIZ; the AV1-ISOBMFF binding, 2.3.3, for av1C; Pillow's raw modes.
"""

from __future__ import annotations

from typing import Any

from PIL import Image, TiffImagePlugin

from veneer.cli.colours.boxes import primary_bits
from veneer.cli.jxl import read_header

# Modes in which Pillow keeps more than 8 bits.
DEEP_MODES = ("I", "F")

_SIXTEEN_BITS_A_PIXEL = ("BGR;16", "RGB;16")  # 5, 6 and 5 a sample
_BC6H = 6  # of DDS, in half floats
_J2K_SIZE_MARKER = b"\xff\x4f\xff\x51"
_J2K_DEPTH_OFFSET = 42  # from SOC to Ssiz of the first component
_TIFF_BITS_PER_SAMPLE = 258


def sample_bits(image: Image.Image, data: bytes) -> int:
    """Number of bits of a sample in the file.

    Args:
        image: opened, not yet loaded.
        data: the file.

    Returns:
        Bits of the deepest sample; 8 where the format has no deeper ones.
    """
    if image.format == "PPM":  # by its largest value, whatever the mode
        return max((_raw_bits(tile[0], tile[3]) for tile in getattr(image, "tile", ())), default=8)
    if image.format == "JPEG2000":
        return _jpeg_2000_bits(data)
    if image.format == "JXL":
        return read_header(data).bits
    if image.mode.split(";")[0] in DEEP_MODES:
        return 32 if image.mode in DEEP_MODES else 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits: tuple[int, ...] = image.tag_v2.get(_TIFF_BITS_PER_SAMPLE, (1,))
        return max(bits)
    if image.format in ("AVIF", "HEIF"):
        return primary_bits(data) or max(_av1_bits(data), int(image.info.get("bit_depth", 8)))
    return max((_raw_bits(tile[0], tile[3]) for tile in getattr(image, "tile", ())), default=8)


def _jpeg_2000_bits(data: bytes) -> int:
    """Bits of the deepest component."""
    return max(_jpeg_2000_components(data))


def at_full_range(image: Image.Image, data: bytes) -> Image.Image:
    """A loaded picture whose white is 255: Pillow shifts the samples of a JPEG 2000 with less than 8 bits."""
    if image.format != "JPEG2000" or image.mode not in ("L", "LA", "RGB", "RGBA"):
        return image
    depths = _jpeg_2000_components(data)
    bands = len(image.getbands())
    if min(depths) >= 8 or len(depths) != bands:
        return image
    table = [(value >> (8 - bits)) * 255 // ((1 << bits) - 1) for bits in depths for value in range(256)]
    scaled = image.point(table)
    scaled.info, scaled.format = image.info, image.format
    return scaled


def _jpeg_2000_components(data: bytes) -> list[int]:
    """Bits of each component, by the header of the codestream."""
    marker = data.find(_J2K_SIZE_MARKER)
    place = marker + _J2K_DEPTH_OFFSET
    components = int.from_bytes(data[place - 2 : place], "big")
    depths = data[place : place + 3 * components : 3]
    if marker < 0 or not depths:
        raise ValueError("its codestream is not there")
    return [(depth & 0x7F) + 1 for depth in depths]


def _av1_bits(data: bytes) -> int:
    """Bits by the AV1 configuration boxes, of colour, alpha and whatever else the file holds: 8, 10 or 12."""
    bits, place = 8, data.find(b"av1C")
    while 0 <= place < len(data) - 6:
        flags = data[place + 6]
        bits = max(bits, (12 if flags & 0x20 else 10) if flags & 0x40 else 8)
        place = data.find(b"av1C", place + 4)
    return bits


def _raw_bits(decoder: str, args: Any) -> int:
    """Bits by the decoder that Pillow has chosen for one part of a picture, and its arguments: raw mode first."""
    if decoder in ("ppm", "ppm_plain"):
        return int(args[1]).bit_length()
    if decoder == "bcn" and args and args[0] == _BC6H:
        return 16
    raw_mode = args if isinstance(args, str) else str(args[0]) if args else ""
    return 16 if decoder == "SGI16" or (";16" in raw_mode and raw_mode not in _SIXTEEN_BITS_A_PIXEL) else 8
