"""AVIF and JPEG XL as outputs, and how good the outputs are."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from PIL import Image, features
from samples import XMP, make_exif, make_picture, psnr_db, srgb_profile
from test_pictures import load

import veneer
from veneer.cli import readers
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, check_output, save_picture

needs_avif = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
LOSSY = [".jpg", ".webp", pytest.param(".avif", marks=needs_avif), ".jxl"]
LOSSLESS = [".png", ".tif", ".bmp", ".ppm"]


@pytest.fixture(autouse=True)
def jxl_where_it_is_asked_for(request: pytest.FixtureRequest) -> None:
    if ".jxl" in request.node.name:
        pytest.importorskip("pillow_jxl")


@pytest.mark.parametrize("suffix", LOSSY)
def test_quality_decides_size_and_error(suffix: str) -> None:
    pixels = make_picture(96, 128)
    saved = [save_picture(Picture(pixels), suffix, quality) for quality in (10, 60, 90)]
    errors = [psnr_db(load(data).pixels, pixels) for data in saved]
    assert len(saved[0]) < len(saved[1]) < len(saved[2])
    assert errors[0] < errors[1] < errors[2] < 60


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_formats_without_a_quality_refuse_one(suffix: str) -> None:
    with pytest.raises(FileFailure, match="has no quality: it is lossless; leave --output-quality out"):
        save_picture(Picture(make_picture(8, 8)), suffix, 80)


@pytest.mark.parametrize("suffix", [".jxl", pytest.param(".avif", marks=needs_avif)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_without_a_quality_nothing_is_lost(suffix: str, channels: int) -> None:
    pixels = make_picture(40, 56, channels)
    picture = load(save_picture(Picture(pixels), suffix))
    shown = picture.pixels.astype(int)
    expected = pixels.astype(int)
    if shown.shape[2] > channels:  # AVIF of Pillow has RGB only
        expected = expected[:, :, [0, 0, 0, 1][: shown.shape[2]]]
    assert np.abs(shown - expected).max() <= (0 if suffix == ".jxl" else 3)


@pytest.mark.parametrize("suffix", [".jxl", pytest.param(".avif", marks=needs_avif)])
def test_metadata_and_orientation(suffix: str) -> None:
    pixels = make_picture(20, 30)
    picture = Picture(pixels, exif=make_exif(6)[6:], xmp=XMP, icc=srgb_profile())
    saved = save_picture(picture, suffix)
    with Image.open(io.BytesIO(saved)) as image:
        shown = np.asarray(image)
        orientation = image.getexif().get(0x0112, 1)
        assert image.getexif()[0x010F] == "Maker"
    turned = shown if orientation == 1 else np.rot90(shown, -1)
    assert orientation in (1, 6)
    assert np.abs(turned.astype(int) - np.rot90(pixels, -1)).max() <= 3
    assert load(saved).xmp == XMP
    if suffix == ".jxl":
        assert orientation == 1, "readers of JPEG XL do not look at Exif"


def test_on_the_command_line(run: Command, one_line: Callable[..., str], folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(64, 64), effort=1, layers="base"))
    run("decode", "a.vnr", "fine.jpg", "--output-quality", "95")
    run("decode", "a.vnr", "coarse.jpg", "--output-quality", "20")
    assert (folder / "coarse.jpg").stat().st_size < (folder / "fine.jpg").stat().st_size
    assert "PNG has no quality" in one_line("decode", "a.vnr", "--output-quality", "20")
    assert "0<=x<=100" in run("decode", "a.vnr", "--output-quality", "101", code=2).stderr
    run("restore", "fine.jpg", "restored.webp", "--output-quality", "20")
    assert "PNG has no quality" in one_line("restore", "fine.jpg", "restored.png", "--output-quality", "20")


def test_in_batches(run: Command, folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.vnr").write_bytes(veneer.encode(make_picture(64, 64), effort=1, layers="base"))
    arguments = ("batch", "--decode", "--format", "webp", "in", "out", "-j", "1")
    sizes = []
    for quality in ("90", "20"):
        run(*arguments, "--output-quality", quality)
        sizes.append((folder / "out" / "a.webp").stat().st_size)
    assert sizes[0] > sizes[1], "another quality makes the files anew"
    assert "is for the results of --decode" in run("batch", "in", "out", "--output-quality", "9", code=2).stderr


def test_jxl_without_its_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    readers.has_jxl.cache_clear()
    try:
        with pytest.raises(FileFailure, match=r"cannot be written .* pip install '\.\[jxl\]'"):
            check_output(".jxl", None)
    finally:
        readers.has_jxl.cache_clear()
