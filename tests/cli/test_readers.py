"""HEIC and JPEG XL through the plugins of Pillow, and what is said where these are not installed."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from samples import XMP, make_exif, make_picture, srgb_profile
from test_pictures import file_of, load

from veneer.cli import jxl, readers
from veneer.cli.failure import FileFailure
from veneer.cli.notes import is_incomplete
from veneer.cli.pictures import load_picture

PIXELS = make_picture(40, 56)
PHOTO = Image.fromarray(PIXELS)


def is_turned(pixels: Any) -> bool:
    """Whether pixels are those of PHOTO turned upright by orientation 6, about."""
    turned = np.rot90(PIXELS, -1).astype(int)
    return pixels.shape == turned.shape and bool(np.abs(pixels - turned).mean() < 8)


def orientation_of(exif: bytes | None) -> Any:
    kept = Image.Exif()
    kept.load(exif or b"")
    return kept.get(0x0112, 1)


class TestHeic:
    @pytest.fixture(autouse=True)
    def plugin(self) -> None:
        pytest.importorskip("pillow_heif")
        assert readers.has_heif()

    def test_pixels_and_metadata(self) -> None:
        picture = load(file_of(PHOTO, "HEIF", quality=95, xmp=XMP, icc_profile=srgb_profile()))
        assert np.abs(picture.pixels.astype(int) - PIXELS).mean() < 5
        assert (picture.xmp, picture.icc, picture.notes) == (XMP, srgb_profile(), [])

    def test_orientation_is_applied_once(self) -> None:
        data = file_of(PHOTO, "HEIF", quality=95, exif=make_exif(6))
        for strip in (False, True):
            picture = load(data, strip=strip)
            assert is_turned(picture.pixels)
            assert orientation_of(picture.exif) == 1

    def test_several_pictures(self) -> None:
        data = file_of(PHOTO, "HEIF", quality=90, save_all=True, append_images=[PHOTO.rotate(180)])
        assert is_incomplete(load(data).notes)
        second = load(data, number=2).pixels
        assert np.abs(second.astype(int) - PIXELS[::-1, ::-1]).mean() < 8

    def test_deep_ones_keep_their_bits(self) -> None:
        pillow_heif = pytest.importorskip("pillow_heif")
        deep = pillow_heif.from_bytes("RGB;16", (56, 40), (PIXELS.astype("<u2") << 8).tobytes())
        buffer = io.BytesIO()
        deep.save(buffer, quality=90)
        picture = load(buffer.getvalue())
        assert picture.depth in (10, 12)
        assert picture.pixels.dtype == np.uint16
        levels = picture.pixels.astype(int) >> (picture.depth - 8)
        assert np.abs(levels - PIXELS.astype(int)).mean() < 8


class TestJpegXl:
    @pytest.fixture(autouse=True)
    def plugin(self) -> None:
        pytest.importorskip("pillow_jxl")
        assert readers.has_jxl()

    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_pixels(self, channels: int) -> None:
        pixels = make_picture(20, 30, channels)
        data = file_of(Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels), "JXL", lossless=True)
        picture = load(data)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert (picture.notes, picture.icc) == ([], None)

    def test_metadata(self) -> None:
        picture = load(file_of(PHOTO, "JXL", lossless=True, exif=make_exif(1), xmp=XMP))
        assert picture.xmp == XMP
        assert (picture.exif or b"").endswith(make_exif(1)[6:])

    def test_orientation_is_that_of_the_codestream(self) -> None:
        picture = load(file_of(PHOTO, "JXL", lossless=True, exif=make_exif(6)))
        np.testing.assert_array_equal(picture.pixels, PIXELS)
        assert orientation_of(picture.exif) == 1

    def test_a_jpeg_within(self, tmp_path: Path) -> None:
        PHOTO.save(tmp_path / "a.jpg", exif=make_exif(6), quality=95)
        with Image.open(tmp_path / "a.jpg") as image:
            decoded = np.asarray(image)
            data = file_of(image, "JXL", lossless_jpeg=True)
        picture = load(data)
        assert picture.pixels.shape in (decoded.shape, (56, 40, 3))
        upright = picture.pixels.shape == (56, 40, 3)
        assert orientation_of(picture.exif) == (1 if upright else 6)

    @pytest.mark.parametrize(("bits", "frames"), [(10, 1), (16, 1), (8, 3)])
    def test_depth_and_animation(self, bits: int, frames: int) -> None:
        imagecodecs = pytest.importorskip("imagecodecs")
        pixels = PIXELS if bits == 8 else PIXELS.astype(np.uint16) << (bits - 8)
        options = {"bitspersample": bits} if bits > 8 else {"photometric": "rgb"}
        data = imagecodecs.jpegxl_encode(
            np.stack([pixels] * frames) if frames > 1 else pixels, lossless=True, **options
        )
        header = jxl.read_header(data)
        assert (header.width, header.height, header.bits, header.animated) == (56, 40, bits, frames > 1)
        if bits == 8:
            assert is_incomplete(load(data).notes)
        else:
            picture = load(data)
            assert picture.depth == bits
            np.testing.assert_array_equal(picture.pixels, pixels)

    def test_too_many_pixels_are_not_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = file_of(PHOTO, "JXL")
        monkeypatch.setattr(Image, "open", None)
        with pytest.raises(FileFailure, match="56x40 pixels are more than the 100 allowed"):
            load_picture(data, max_pixels=100, strip=False)

    def test_damage(self) -> None:
        data = file_of(PHOTO, "JXL", lossless=True)
        with pytest.raises(FileFailure, match="is JPEG XL that cannot be read"):
            load(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("module", "check", "data", "extra"),
    [
        ("pillow_heif", readers.has_heif, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heif"),
        ("pillow_jxl", readers.has_jxl, b"\xff\x0a\0\0\0", "jxl"),
        ("pillow_jxl", readers.has_jxl, jxl.CONTAINER + bytes(20), "jxl"),
    ],
)
def test_readers_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, module: str, check: Any, data: bytes, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    check.cache_clear()
    try:
        with pytest.raises(FileFailure, match=rf"pip install '\.\[{extra}\]'"):
            load(data)
    finally:
        check.cache_clear()


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_upright(prefix: bytes) -> None:
    changed: Callable[[bytes], bytes] = jxl.upright
    exif = prefix + make_exif(6)[6:] + b"maker notes"
    assert len(changed(exif)) == len(exif)
    assert changed(exif).endswith(b"maker notes")
    assert orientation_of(changed(exif)) == 1
    assert changed(prefix + b"II*\0\xff\xff\xff\xff") == prefix + b"II*\0\xff\xff\xff\xff"
