"""Every mode of picture that Pillow has, to the four layouts of Veneer and with what is said about it."""

import io
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin, features
from samples import make_exif, make_picture, srgb_profile

from veneer.cli.depth import sample_bits
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, load_picture, save_picture


def file_of(image: Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def load(data: bytes, **options: Any) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_picture(data, max_pixels=1 << 28, **{"strip": False, **options})


RGB = Image.fromarray(make_picture(20, 30))
GREY = Image.fromarray(make_picture(20, 30, 1)[:, :, 0])
RGBA = Image.fromarray(make_picture(20, 30, 4))
LA = Image.merge("LA", [GREY, GREY.transpose(Image.Transpose.FLIP_LEFT_RIGHT)])


@pytest.mark.parametrize(
    ("image", "name", "expected"),
    [
        (RGB, "PNG", RGB),
        (GREY, "PNG", GREY),
        (LA, "PNG", LA),
        (RGBA, "PNG", RGBA),
        (RGBA, "TIFF", RGBA),
        (RGB, "PPM", RGB),
        (GREY.convert("1"), "PNG", GREY.convert("1").convert("L")),
        (GREY.convert("1"), "TIFF", GREY.convert("1").convert("L")),
        (RGB.quantize(64), "PNG", RGB.quantize(64).convert("RGB")),
        (RGB.quantize(64), "GIF", RGB.quantize(64).convert("RGB")),
        (RGB.quantize(64), "BMP", RGB.quantize(64).convert("RGB")),
    ],
)
def test_modes(image: Image.Image, name: str, expected: Image.Image) -> None:
    picture = load(file_of(image, name))
    array = np.asarray(expected)
    np.testing.assert_array_equal(picture.pixels, array.reshape(20, 30, -1))
    assert picture.notes == []


def test_transparent_palette() -> None:
    picture = load(file_of(RGB.quantize(16), "PNG", transparency=3))
    expected = np.asarray(RGB.quantize(16)) == 3
    assert picture.pixels.shape == (20, 30, 4)
    assert expected.any()
    np.testing.assert_array_equal(picture.pixels[:, :, 3] == 0, expected)


@pytest.mark.parametrize(("image", "key", "channels"), [(GREY, 100, 2), (RGB, (1, 2, 3), 4)])
def test_transparent_colour(image: Image.Image, key: Any, channels: int) -> None:
    assert load(file_of(image, "PNG", transparency=key)).pixels.shape == (20, 30, channels)


@pytest.mark.parametrize(
    ("icc", "how"),
    [
        (None, ""),
        (b"nonsense", " without its ICC profile, which cannot be used"),
        (srgb_profile(), " without its ICC profile, which cannot be used"),
    ],
)
def test_cmyk(icc: bytes | None, how: str) -> None:
    picture = load(file_of(RGB.convert("CMYK"), "JPEG", quality=100, icc_profile=icc))
    assert picture.pixels.shape == (20, 30, 3)
    assert picture.icc is None
    assert picture.notes == [f"CMYK is converted to sRGB{how}"]
    assert np.abs(picture.pixels.astype(int) - np.asarray(RGB)).mean() < 12


def test_lab() -> None:
    lab = Image.merge("LAB", [GREY, Image.new("L", (30, 20), 128), Image.new("L", (30, 20), 128)])
    picture = load(file_of(lab, "TIFF"))
    assert picture.pixels.shape == (20, 30, 3)
    assert picture.notes == ["LAB is converted to sRGB"]


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "TIFF"])
def test_many_frames(name: str) -> None:
    options = {"lossless": True} if name == "WEBP" else {}
    data = file_of(RGB, name, save_all=True, append_images=[RGB.rotate(180), RGB.rotate(90)], **options)
    picture = load(data)
    assert picture.notes == ["holds 3 pictures; only the first is taken"]
    assert picture.pixels.shape[:2] == (20, 30)


def png_of_depth(depth: int, colour_type: int) -> bytes:
    """A PNG of any depth, with the rows of one of 8 bits that is wide enough."""
    width, height = RGB.size
    wide = Image.new("L", (width * {2: 3, 6: 4}[colour_type] * depth // 8, height))
    data = bytearray(file_of(wide, "PNG"))
    data[16:24] = struct.pack(">II", width, height)
    data[24:26] = bytes([depth, colour_type])
    data[29:33] = PngImagePlugin._crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def tiff_of_depth(bits: int) -> bytes:
    """One RGB pixel in a TIFF of any depth."""
    tags = {256: 1, 257: 1, 258: 0, 259: 1, 262: 2, 273: 0, 277: 3, 278: 1, 279: 3 * bits // 8}
    behind = 8 + 2 + 12 * len(tags) + 4
    tags[258], tags[273] = behind, behind + 6
    entries = [struct.pack("<HHII", tag, 3 if tag == 258 else 4, 3 if tag == 258 else 1, tags[tag]) for tag in tags]
    directory = struct.pack("<4sIH", b"II*\0", 8, len(tags)) + b"".join(entries) + bytes(4)
    return directory + struct.pack("<3H", bits, bits, bits) + bytes(3 * bits // 8)


DEEP = {
    "png grey": lambda: file_of(Image.new("I;16", (4, 4)), "PNG"),
    "png rgb": lambda: png_of_depth(16, 2),
    "png rgba": lambda: png_of_depth(16, 6),
    "tiff grey": lambda: file_of(Image.new("I;16", (4, 4)), "TIFF"),
    "tiff 32": lambda: file_of(Image.new("I", (4, 4)), "TIFF"),
    "tiff float": lambda: file_of(Image.new("F", (4, 4)), "TIFF"),
    "tiff rgb": lambda: tiff_of_depth(16),
    "pgm": lambda: b"P5 2 2 65535\n" + bytes(8),
    "ppm": lambda: b"P6 2 2 1023\n" + bytes(24),
    "ppm plain": lambda: b"P3 1 1 65535\n1 2 3\n",
    "sgi": lambda: b"\x01\xda\x00\x02\x00\x03\x00\x02\x00\x02\x00\x03" + bytes(500 + 24),
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_pictures(kind: str) -> None:
    """None is reduced to 8 bits, as Pillow does it: samples of up to 16 bits are taken, others refused."""
    pytest.importorskip("imagecodecs")
    if kind in ("tiff 32", "tiff float", "sgi"):
        with pytest.raises(FileFailure, match=r"Veneer keeps whole numbers|which are not read of SGI"):
            load(DEEP[kind]())
        return
    picture = load(DEEP[kind]())
    assert picture.pixels.dtype == np.uint16
    assert picture.depth == (10 if kind == "ppm" else 16)


@pytest.mark.skipif(not features.check("jpg_2000"), reason="Pillow without JPEG 2000")
def test_deep_jpeg_2000() -> None:
    assert load(file_of(RGB, "JPEG2000")).pixels.shape == (20, 30, 3)
    pytest.importorskip("imagecodecs")
    assert load(file_of(Image.new("I;16", (8, 8)), "JPEG2000")).depth == 16


@pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
def test_avif() -> None:
    data = file_of(RGB, "AVIF")
    assert load(data).pixels.shape == (20, 30, 3)
    place = data.index(b"av1C") + 6
    with Image.open(io.BytesIO(data)) as image:
        for flags, bits in ((0, 8), (0x40, 10), (0x60, 12)):
            changed = data[:place] + bytes([data[place] & ~0x60 | flags]) + data[place + 1 :]
            assert sample_bits(image, changed) == bits


def test_hand_made_tiff_is_fine_with_8_bits() -> None:
    assert load(tiff_of_depth(8)).pixels.shape == (1, 1, 3)


def test_low_maxval_is_fine() -> None:
    assert load(b"P5 2 1 15\n\x00\x0f").pixels.ravel().tolist() == [0, 255]


def test_exif_of_jpeg_is_kept_to_the_byte() -> None:
    exif = make_exif(5) + b"maker notes that no one understands"
    assert load(file_of(RGB, "JPEG", exif=exif)).exif == exif[6:]


def test_tiff_is_upright_already() -> None:
    picture = load(file_of(RGB, "TIFF", exif=make_exif(6)))
    assert picture.pixels.shape == (30, 20, 3)
    assert picture.exif is not None
    kept = Image.Exif()
    kept.load(picture.exif)
    assert dict(kept)[0x010F] == "Maker"
    assert 0x0112 not in kept


def test_exif_through_tiff() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = 6
    exif.get_ifd(0x8769).update({0x829A: 0.5, 0x9003: "2001:02:03 04:05:06", 0xA005: 1234})
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.5, 0.0)})
    saved = save_picture(Picture(make_picture(20, 30), exif=exif.tobytes()[6:], xmp=b"<x/>"), ".tif")
    with Image.open(io.BytesIO(saved)) as image:
        directory = image.getexif()
        assert (directory[0x010F], directory[0x0112], image.info["xmp"]) == ("Maker", 6, b"<x/>")
        assert directory.get_ifd(0x8769) == {0x829A: 0.5, 0x9003: "2001:02:03 04:05:06"}
        assert directory.get_ifd(0x8825) == {1: "N", 2: (51.0, 28.5, 0.0)}
    loaded = load(saved)
    assert loaded.pixels.shape == (30, 20, 3)
    assert loaded.exif is not None
    again = Image.Exif()
    again.load(loaded.exif)
    assert again.get_ifd(0x8825) == {1: "N", 2: (51.0, 28.5, 0.0)}


def test_broken_exif_through_tiff() -> None:
    picture = Picture(make_picture(8, 8), exif=b"no TIFF structure at all")
    assert load(save_picture(picture, ".tif")).pixels.shape == (8, 8, 3)
    assert picture.notes == ["its Exif is damaged, and is left out of the TIFF"]


def test_too_long_for_the_format() -> None:
    wide = Picture(np.zeros((1, 17000, 3), np.uint8))
    with pytest.raises(FileFailure, match=r"WEBP.*; "):
        save_picture(wide, ".webp")


def test_xmp_that_is_no_text() -> None:
    picture = Picture(make_picture(8, 8), xmp=b"\xff\xfe")
    save_picture(picture, ".png")
    assert picture.notes == ["its XMP is no UTF-8, and is left out of the PNG"]
