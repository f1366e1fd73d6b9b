"""Samples of more than 8 bits come out of every format with their values and their depth, or are refused."""

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from deep_files import load, noise, tiff
from PIL import Image
from samples import make_exif

import veneer
from veneer.cli.deep.portable import read_portable, write_portable
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, save_picture

imagecodecs = pytest.importorskip("imagecodecs")
pytest.importorskip("tifffile")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 12, 14, 16])
def test_tiff_of_every_depth(depth: int, channels: int) -> None:
    samples = noise(depth, channels)
    extra = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
    photometric = "rgb" if channels > 2 else "minisblack"
    data = tiff(samples, bitspersample=depth, photometric=photometric, planarconfig="contig", **extra)
    picture = load(data)
    assert (picture.depth, picture.notes) == (depth, [])
    np.testing.assert_array_equal(picture.pixels, samples)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzw", "predictor": 2},
        {"compression": "deflate", "tile": (16, 16)},
        {"compression": "packbits", "predictor": 2},
        {"compression": "jpegxl"},
        {"byteorder": ">", "compression": "deflate", "predictor": 2},
        {"bigtiff": True},
    ],
    ids=str,
)
def test_tiff_of_every_sort(options: dict[str, object]) -> None:
    np.testing.assert_array_equal(load(tiff(noise(16), photometric="rgb", **options)).pixels, noise(16))


def test_planes_of_tiff() -> None:
    planes = np.ascontiguousarray(noise(16).transpose(2, 0, 1))
    np.testing.assert_array_equal(load(tiff(planes, photometric="rgb", planarconfig="separate")).pixels, noise(16))


def test_white_of_tiff_may_be_0() -> None:
    picture = load(tiff(noise(12, 1), bitspersample=12, photometric="miniswhite"))
    np.testing.assert_array_equal(picture.pixels, 4095 - noise(12, 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_three_bands_of_tiff(dtype: type) -> None:
    """Pillow reads none of these, of 8 bits either."""
    samples = noise(16).astype(dtype)
    picture = load(tiff(samples, photometric="minisblack", planarconfig="contig", extrasamples=[0, 0]))
    np.testing.assert_array_equal(picture.pixels, samples)
    assert picture.depth == 8 * np.dtype(dtype).itemsize
    assert picture.notes == ["its three channels of grey are taken for red, green and blue"]


def test_channels_of_tiff_without_a_meaning() -> None:
    data = tiff(noise(16, 4), photometric="rgb", extrasamples=["unspecified"])
    picture = load(data)
    np.testing.assert_array_equal(picture.pixels, noise(16, 4)[..., :3])
    assert picture.notes == ["has 1 more channel than a picture, which is left out"]
    with pytest.raises(FileFailure, match="has 4 channels without a meaning"):
        load(tiff(noise(16, 4), photometric="minisblack", planarconfig="contig", extrasamples=[0, 0, 0]))


def test_colour_of_tiff_multiplied_by_alpha() -> None:
    samples = np.array([[[1000, 2000, 4000, 8000], [7, 0, 0, 0], [9, 8, 7, 65535]]], np.uint16)
    picture = load(tiff(samples, photometric="rgb", extrasamples=["assocalpha"]))
    expected = [[[8192, 16384, 32768, 8000], [65535, 0, 0, 0], [9, 8, 7, 65535]]]
    assert np.abs(picture.pixels[..., 0].astype(int) - np.array(expected)[..., 0])[0, [0, 2]].max() <= 1
    assert picture.pixels[0, 0].tolist() == [8192, 16384, 32768, 8000]
    assert picture.notes == ["its colour is divided by its alpha, with which the TIFF has multiplied it"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            lambda: tiff(noise(16).astype(np.float32), photometric="rgb"),
            "has floating point samples of 32 bits.*ImageMagick",
        ),
        (lambda: tiff(noise(16).astype(np.float64), photometric="rgb"), "has floating point samples of 64 bits"),
        (lambda: tiff(noise(16).astype(np.uint32), photometric="rgb"), "has 32 bits a sample.*gdal_translate"),
        (lambda: tiff(noise(15).astype(np.int16), photometric="rgb"), "has samples with a sign"),
        (lambda: tiff(noise(16, 4), photometric="separated"), "is a TIFF in CMYK"),
        (lambda: b"v/1\x01" + bytes(100), "is OpenEXR"),
        (lambda: imagecodecs.jpegxl_encode(noise(16).astype(np.float32) / 65535), "has floating point samples of 32"),
        (lambda: imagecodecs.jpeg2k_encode(noise(15, 1)[..., 0].astype(np.int16), level=0), "samples of int16"),
    ],
)
def test_other_samples_are_refused(data: object, text: str) -> None:
    with pytest.raises(FileFailure, match=text):
        load(data())  # type: ignore[operator]


def test_page_of_a_deep_tiff_is_turned_with_strip_alone() -> None:
    data = tiff(noise(16), photometric="rgb", extratags=[(274, 3, 1, 6, True)])
    assert load(data).pixels.shape == (20, 30, 3)
    assert load(data).exif is not None
    np.testing.assert_array_equal(load(data, strip=True).pixels, np.rot90(noise(16), -1))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [10, 12])
def test_avif(depth: int, channels: int) -> None:
    samples = noise(depth, channels)
    one = samples[..., 0] if channels == 1 else samples
    matrix = {} if channels < 3 else {"matrix": 0, "pixelformat": "444"}
    data = imagecodecs.avif_encode(one, level=100, bitspersample=depth, primaries=9, transfer=16, speed=9, **matrix)
    picture = load(data)
    assert (picture.depth, picture.cicp, picture.notes) == (depth, (9, 16, 0, 1), [])
    np.testing.assert_array_equal(picture.pixels, samples)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("depth", [10, 12])
def test_heif(depth: int, channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", depth == 12)
    samples = noise(depth, channels, 64, 80)
    mode = {1: "L;16", 3: "RGB;16", 4: "RGBA;16"}[channels]
    file = pillow_heif.from_bytes(mode, (80, 64), (samples << (16 - depth)).tobytes())
    buffer = io.BytesIO()
    codes = {"color_primaries": 9, "transfer_characteristics": 18, "full_range_flag": 1}
    file.save(buffer, quality=-1, chroma=444, matrix_coefficients=0, **codes)
    picture = load(buffer.getvalue())
    assert (picture.depth, picture.cicp) == (depth, (9, 18, 0, 1))
    np.testing.assert_array_equal(picture.pixels, samples)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 12, 16])
def test_jxl(depth: int, channels: int) -> None:
    pytest.importorskip("pillow_jxl")
    samples = noise(depth, channels)
    one = samples[..., 0] if channels == 1 else samples
    picture = load(imagecodecs.jpegxl_encode(one, lossless=True, bitspersample=depth, effort=1))
    assert (picture.depth, picture.cicp) == (depth, (1, 8, 0, 1))  # linear, as imagecodecs takes deep samples
    np.testing.assert_array_equal(picture.pixels, samples)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("depth", [10, 12, 16])
def test_jpeg_2000(depth: int, channels: int) -> None:
    samples = noise(depth, channels)
    one = samples[..., 0] if channels == 1 else samples
    picture = load(imagecodecs.jpeg2k_encode(one, level=0, bitspersample=depth))
    assert picture.depth == depth
    np.testing.assert_array_equal(picture.pixels, samples)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("depth", [9, 10, 16])
def test_portable(depth: int, channels: int) -> None:
    samples = noise(depth, channels)
    picture = load(write_portable(samples, depth))
    assert picture.depth == depth
    np.testing.assert_array_equal(picture.pixels, samples)


def test_portable_by_other_largest_values() -> None:
    data = b"P2 # comment\n2 2\n1000\n0 1000 # here too\n500 1\n"
    samples, depth = read_portable(data)
    assert (samples.ravel().tolist(), depth) == ([0, 1023, 512, 1], 10)
    with pytest.raises(FileFailure, match="its samples are cut"):
        load(b"P2 2 2 1000 0 1000 500")
    with pytest.raises(FileFailure, match="cannot be read"):
        load(b"P5 2 2 1000\n" + bytes(7))


def test_depth_of_png_by_its_significant_bits() -> None:
    """What is written of 10 bits comes back as 10; any sample that is not one of them keeps 16."""
    saved = save_picture(Picture(noise(10), depth=10), ".png")
    picture = load(saved)
    assert picture.depth == 10
    np.testing.assert_array_equal(picture.pixels, noise(10))
    other = noise(16)
    place = saved.index(b"sBIT")
    claimed = save_picture(Picture(other, depth=16), ".png")
    claimed = claimed[:33] + saved[place - 4 : place + 11] + claimed[33:]
    assert load(claimed).depth == 16
    np.testing.assert_array_equal(load(claimed).pixels, other)


def test_damaged_profiles_of_png_are_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    """The library would print lines of its own."""
    saved = save_picture(Picture(noise(16), depth=16), ".png")
    content = b"x\0\0garbage"
    chunk = struct.pack(">I4s", len(content), b"iCCP") + content
    chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
    picture = load(saved[:33] + chunk + saved[33:])
    np.testing.assert_array_equal(picture.pixels, noise(16))
    assert picture.notes == ["its ICC profile is damaged, and is left out"]
    assert capfd.readouterr().err == ""


def test_second_picture_of_a_deep_png() -> None:
    """Its samples are not those of the first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frames = [Image.fromarray(noise(16, 1)[..., 0]) for _ in range(2)]
        buffer = io.BytesIO()
        frames[0].save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(noise(9, 1)[..., 0])])
    with pytest.raises(FileFailure, match="of which number 2 cannot be read"):
        load(buffer.getvalue(), number=2)


@pytest.mark.parametrize(
    ("module", "extra", "data"),
    [
        ("imagecodecs", "deep", lambda: imagecodecs.avif_encode(noise(10), bitspersample=10)),
        ("tifffile", "deep", lambda: tiff(noise(16), photometric="rgb")),
    ],
)
def test_without_a_library(module: str, extra: str, data: object, monkeypatch: pytest.MonkeyPatch) -> None:
    made = data()  # type: ignore[operator]
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(FileFailure, match=rf"read by {module}, which is missing; pip install '\.\[{extra}\]'"):
        load(made)


def test_deep_pictures_go_through_lossless_files() -> None:
    picture = load(tiff(noise(12), bitspersample=12, photometric="rgb", extratags=[(271, 2, 0, make_exif()[:1], True)]))
    data = veneer.encode(picture.pixels, lossless=True, depth=picture.depth, effort=1)
    np.testing.assert_array_equal(veneer.decode(data), noise(12))
    assert veneer.read_info(data).bit_depth == 12


def test_depth_of_avif_is_that_of_its_picture() -> None:
    """A gain map or an alpha of another depth is not."""
    data = imagecodecs.avif_encode(noise(8).astype(np.uint8), bitspersample=8)
    other = struct.pack(">I4s", 12, b"free") + b"av1C\x81\x60"
    assert load(data + other + bytes(2)).depth == 8
