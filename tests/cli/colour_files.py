"""Small picture files that describe their colour in every way there is, and how a viewer shows a file."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, TiffImagePlugin

from veneer import colour

Pixels = npt.NDArray[np.uint8]

# Muted colours, which are inside sRGB as samples of any of the spaces tried here; flat parts survive JPEG.
COLOURS = ((120, 110, 100), (200, 190, 170), (90, 100, 95), (255, 255, 255), (40, 40, 40), (160, 140, 150))
PATCHES: Pixels = np.repeat(np.repeat(np.array([COLOURS], np.uint8), 16, axis=0), 16, axis=1)
GREY_PATCHES: Pixels = np.ascontiguousarray(PATCHES[:, :, :1])

P3_WHITE_FIRST = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
SRGB_WHITE_FIRST = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
ODD_WHITE_FIRST = (0.3457, 0.3585, 0.66, 0.33, 0.25, 0.66, 0.15, 0.07)  # no known space; its white is D50


def save(pixels: Pixels, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, name, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def gama(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def chrm(values: tuple[float, ...]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(100_000 * value) for value in values)))


def cicp(*codes: int) -> bytes:
    return chunk(b"cICP", bytes(codes))


def iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def png(*chunks: bytes, pixels: Pixels = PATCHES) -> bytes:
    """A PNG with these chunks after its header."""
    data = save(pixels, "PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def png_chunk(data: bytes, name: bytes) -> bytes | None:
    """The content of a chunk; None where there is none."""
    place = 8
    while place + 12 <= len(data):
        size, found = struct.unpack_from(">I4s", data, place)
        if found == name:
            return data[place + 8 : place + 8 + size]
        place += 12 + size
    return None


def exif_of(space: int, index: str = "", **fields: Any) -> Image.Exif:
    """Exif with a ColorSpace, an InteroperabilityIndex, and other fields of its first directory."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space
    if index:
        exif.get_ifd(0xA005)[1] = index
        exif.get_ifd(0x8769)[0xA005] = exif.get_ifd(0xA005)
    for tag, value in fields.items():
        exif[int(tag.removeprefix("tag"))] = value
    return exif


def adobe_exif() -> bytes:
    """Exif of a camera set to Adobe RGB, written by hand: Pillow does not write the directory of interoperability."""
    first = struct.pack("<HHHII", 1, 0x8769, 4, 1, 26) + struct.pack("<I", 0)
    camera = struct.pack("<H", 2) + struct.pack("<HHIHH", 0xA001, 3, 1, 0xFFFF, 0)
    camera += struct.pack("<HHII", 0xA005, 4, 1, 56) + struct.pack("<I", 0)
    interop = struct.pack("<HHHI4s", 1, 1, 2, 4, b"R03\0") + struct.pack("<I", 0)
    return b"Exif\0\0II*\0\x08\0\0\0" + first + camera + interop


def tiff_fields(white: tuple[float, ...], primaries: tuple[float, ...], table: npt.NDArray[Any] | None) -> Any:
    """A directory with WhitePoint, PrimaryChromaticities and TransferFunction."""
    fields = TiffImagePlugin.ImageFileDirectory_v2()
    rational = TiffImagePlugin.IFDRational
    fields[318] = tuple(rational(round(10_000 * value), 10_000) for value in white)
    fields[319] = tuple(rational(round(10_000 * value), 10_000) for value in primaries)
    fields.tagtype[318] = fields.tagtype[319] = 5
    if table is not None:
        fields[301] = tuple(int(value) for value in table)
        fields.tagtype[301] = 3
    return fields


def bmp(space: int, points: tuple[float, ...] = (0,) * 9, gamma: float = 0, profile: bytes = b"") -> bytes:
    """A BMP with the header of version 5."""
    old = save(PATCHES, "BMP")
    rows = old[54:]
    head = struct.pack("<IiiHHIIiiII", 124, PATCHES.shape[1], PATCHES.shape[0], 1, 24, 0, len(rows), 0, 0, 0, 0)
    head += struct.pack("<4II", 0, 0, 0, 0, space) + struct.pack("<9i", *(round(v * (1 << 30)) for v in points))
    head += struct.pack("<3I", *[round(gamma * 65536)] * 3)
    head += struct.pack("<IIII", 4, 124 + len(rows) if profile else 0, len(profile), 0)
    body = head + rows + profile
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + 124) + body


def gif(profile: bytes) -> bytes:
    """A GIF with an ICC profile in its application extension."""
    buffer = io.BytesIO()
    Image.fromarray(PATCHES).quantize(16, dither=Image.Dither.NONE).save(buffer, "GIF")
    data = buffer.getvalue()
    size = 13 + 3 * (2 << (data[10] & 7) if data[10] & 0x80 else 0)
    blocks = [profile[start : start + 255] for start in range(0, len(profile), 255)]
    extension = b"\x21\xff\x0bICCRGBG1012" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    return data[:size] + extension + data[size:]


def qoi(linear: bool) -> bytes:
    """A QOI of pixels that are each written out."""
    height, width, _ = PATCHES.shape
    pixels = b"".join(b"\xfe" + bytes(pixel) for pixel in PATCHES.reshape(-1, 3))
    return b"qoif" + struct.pack(">IIBB", width, height, 3, linear) + pixels + bytes(7) + b"\x01"


def jpeg_2000(profile: bytes) -> bytes:
    """A JPEG 2000 whose colr box holds a profile."""
    data = save(PATCHES, "JPEG2000")
    place = data.index(b"colr") - 4
    (size,) = struct.unpack_from(">I", data, place)
    box = struct.pack(">I4sBBB", 11 + len(profile), b"colr", 2, 0, 0) + profile
    header = data.index(b"jp2h") - 4
    (header_size,) = struct.unpack_from(">I", data, header)
    changed = data[:place] + box + data[place + size :]
    grown = struct.pack(">I", header_size + len(box) - size)
    return changed[:header] + grown + changed[header + 4 :]


def avif(primaries: int, transfer: int, **options: Any) -> bytes:
    """An AVIF whose nclx names other codes than Pillow writes."""
    data = save(PATCHES, "AVIF", quality=100, subsampling="4:4:4", **options)
    place = data.index(b"nclx") + 4
    return data[:place] + struct.pack(">HH", primaries, transfer) + data[place + 4 :]


def viewed(data: bytes) -> npt.NDArray[np.int64]:
    """The sRGB colours of the patches of a file, [N, 3], as a viewer shows them that goes by ICC profiles and nclx."""
    with Image.open(io.BytesIO(data)) as image:
        array = np.asarray(image.convert(image.mode.removesuffix("A")))
        return in_srgb(array, shown_by(data, image))


def shown_by(data: bytes, image: Image.Image) -> bytes | None:
    """The profile by which a viewer shows a file."""
    if data[4:8] == b"ftyp" and "icc_profile" not in image.info:
        primaries, transfer = struct.unpack_from(">HH", data, data.index(b"nclx") + 4)
        return colour.icc_profile((primaries, transfer, 0, 1))
    profile: bytes | None = image.info.get("icc_profile")  # of JPEG XL its plugin makes one of the codes in the file
    return profile


def in_srgb(array: Pixels, profile: bytes | None) -> npt.NDArray[np.int64]:
    """The colours of the patches of samples with a profile."""
    samples = np.ascontiguousarray(array[8:9, 8::16])
    image = Image.fromarray(samples)
    if profile is None:
        image = image.convert("RGB")
    else:
        space = {"RGB": "RGB", "GRAY": "L"}[str(colour.profile_space(profile))]
        assert image.mode == space, "a profile that does not fit the samples"
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(
            image, source, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
        )
        assert converted is not None
        image = converted
    return np.asarray(image)[0].astype(np.int64)
