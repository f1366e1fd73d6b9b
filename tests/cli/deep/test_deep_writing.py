"""Samples of more than 8 bits, their colour and metadata in every format that can hold them; dithered elsewhere."""

import io
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from deep_files import load, noise
from PIL import ExifTags, Image
from samples import XMP, make_exif, make_picture, srgb_profile

import veneer
from veneer import colour
from veneer.cli.batch import work
from veneer.cli.colours.light import Light
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, save_picture
from veneer.sample_depth import scaled

imagecodecs = pytest.importorskip("imagecodecs")
tifffile = pytest.importorskip("tifffile")
pytest.importorskip("pillow_jxl")

EXIF = make_exif()[6:]  # of orientation 1
P3 = colour.icc_profile((12, 13, 0, 1))
LIGHT = Light((1000, 203), (*(34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450), 10_000_000, 50))
DEPTHS = {".png": {16}, ".tif": set(range(9, 17)), ".ppm": set(range(9, 17)), ".jxl": set(range(9, 17))}
DEPTHS[".avif"] = {10, 12}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("depth", [9, 10, 11, 12, 14, 16])
@pytest.mark.parametrize("suffix", DEPTHS)
def test_samples_of_every_depth(suffix: str, depth: int, channels: int) -> None:
    if suffix == ".ppm" and channels in (2, 4):
        return
    picture = Picture(noise(depth, channels), depth=depth, cicp=(1, 13, 0, 1))
    again = load(save_picture(picture, suffix))
    if depth in DEPTHS[suffix]:
        assert again.depth == depth
        np.testing.assert_array_equal(again.pixels, noise(depth, channels))
        packed = [note for note in picture.notes if "packed, which not every program reads" in note]
        assert picture.notes == packed
        assert bool(packed) == (suffix == ".tif" and depth < 16)
    else:
        assert len(picture.notes) == 1
        assert f"its {depth} bits a sample" in picture.notes[0]
        exact = noise(depth, channels) / ((1 << depth) - 1)
        most = (1 << again.depth) - 1
        assert np.abs(again.pixels / most - exact).max() < 1 / most
    assert again.cicp == (1, 13, 0, 1)


def test_packed_tiff_is_read_by_others() -> None:
    saved = save_picture(Picture(noise(12, 4, 21, 33), depth=12), ".tif")
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(saved)), noise(12, 4, 21, 33))
    np.testing.assert_array_equal(imagecodecs.tiff_decode(saved), noise(12, 4, 21, 33))


def test_tiff_of_16_bits_needs_no_other_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("imagecodecs", "tifffile"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    saved = save_picture(Picture(noise(16), depth=16), ".tif")
    monkeypatch.undo()
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(saved)), noise(16))


@pytest.mark.parametrize("suffix", [".avif", ".jxl"])
def test_without_imagecodecs(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(FileFailure, match=r"written by imagecodecs, which is missing; pip install '\.\[deep\]'"):
        save_picture(Picture(noise(10), depth=10), suffix)


@pytest.mark.parametrize("suffix", DEPTHS.keys() - {".ppm"})
def test_metadata(suffix: str) -> None:
    depth = 12 if suffix == ".avif" else 16
    again = load(save_picture(Picture(noise(depth), None, EXIF, XMP, depth=depth), suffix))
    np.testing.assert_array_equal(again.pixels, noise(depth))
    assert again.xmp == XMP
    if suffix == ".tif":
        fields, wanted = Image.Exif(), Image.Exif()
        fields.load(b"Exif\0\0" + (again.exif or b""))
        wanted.load(b"Exif\0\0" + EXIF)
        assert all(fields[tag] == wanted[tag] for tag in wanted if tag != ExifTags.IFD.Exif)
    else:
        assert again.exif == EXIF


@pytest.mark.parametrize("suffix", [".png", ".tif", ".avif"])
def test_profiles(suffix: str) -> None:
    for profile in (P3, srgb_profile()):
        again = load(save_picture(Picture(noise(12), profile, depth=12), suffix))
        assert (again.icc, again.notes) == (profile, [])
        np.testing.assert_allclose(again.pixels / ((1 << again.depth) - 1), noise(12) / 4095, atol=1e-5)


@pytest.mark.parametrize("cicp", [(9, 16, 0, 1), (9, 18, 0, 1), (12, 13, 0, 1), (1, 8, 0, 1), (12, 16, 0, 1)])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("suffix", [".png", ".avif", ".jxl"])
def test_codes(suffix: str, channels: int, cicp: colour.Cicp) -> None:
    picture = Picture(noise(10, channels), cicp=cicp, depth=10)
    again = load(save_picture(picture, suffix))
    wanted = (1, *cicp[1:]) if suffix == ".jxl" and channels == 1 else cicp  # grey of JPEG XL has no primaries
    assert (again.cicp, again.icc) == (wanted, None)


@pytest.mark.parametrize("depth", [8, 10])
@pytest.mark.parametrize("suffix", [".png", ".avif"])
def test_light_levels(suffix: str, depth: int) -> None:
    samples = noise(depth, 3, 64, 64).astype(np.uint8 if depth == 8 else np.uint16)
    picture = Picture(samples, xmp=XMP, cicp=(9, 16, 0, 1), depth=depth, light=LIGHT)
    again = load(save_picture(picture, suffix))
    assert (again.light, again.xmp, again.cicp) == (LIGHT, XMP, (9, 16, 0, 1))


@pytest.mark.parametrize("suffix", [".tif", ".jxl", ".ppm", ".webp", ".jpg"])
def test_light_levels_without_a_place_are_named(suffix: str) -> None:
    picture = Picture(noise(16), depth=16, light=LIGHT)
    save_picture(picture, suffix)
    text = "has no place for its light levels (content light level and mastering display), which are left out"
    assert any(text in note for note in picture.notes)


@pytest.mark.parametrize("suffix", [".avif", ".jxl"])
def test_orientation_is_applied_once(suffix: str) -> None:
    """Readers of these formats do not look at Exif for it."""
    again = load(save_picture(Picture(noise(10), exif=make_exif(6)[6:], depth=10), suffix))
    np.testing.assert_array_equal(again.pixels, np.rot90(noise(10), -1))
    assert again.exif == EXIF


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".bmp"])
def test_8_bits_are_dithered(suffix: str) -> None:
    ramp = np.tile(np.linspace(2000, 2600, 256).astype(np.uint16), (64, 1))[..., None].repeat(3, 2)
    picture = Picture(ramp, depth=16)
    save_picture(picture, suffix)
    name = {".jpg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}[suffix]
    assert picture.notes == [f"its 16 bits a sample become 8 in {name}, dithered; choose PNG or TIFF to keep them"]
    means = picture.pixels.astype(float).mean(axis=(0, 2))
    assert np.abs(means - ramp[0, :, 0] / 257).max() < 0.2  # a band would be off by half
    assert picture.depth == 8


def test_part_is_dithered_as_the_whole(run: Command, tmp_path: Path) -> None:
    (tmp_path / "a.vnr").write_bytes(veneer.encode(noise(16), lossless=True, effort=1))
    run("decode", "a.vnr", "whole.bmp")
    run("decode", "a.vnr", "part.bmp", "--region", "7,5,11,9")
    whole, part = (np.asarray(Image.open(tmp_path / name)) for name in ("whole.bmp", "part.bmp"))
    np.testing.assert_array_equal(part, whole[5:14, 7:18])


@pytest.mark.parametrize("suffix", [".bmp", ".ppm", ".jxl"])
def test_colour_is_converted_before_bits_are_taken_off(suffix: str) -> None:
    """Of linear samples 8 bits would leave steps in the dark."""
    dark = np.tile(np.arange(256, dtype=np.uint16), (8, 1))[..., None].repeat(3, 2)
    profile = colour.icc_profile((12, 8, 0, 1))
    picture = Picture(dark, profile, depth=16)
    save_picture(picture, suffix)
    light = dark[0, :, 0] / 65535
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    most = (1 << picture.depth) - 1
    assert np.abs(picture.pixels[..., 1].mean(axis=0) / most - expected).max() < (0.004 if suffix == ".bmp" else 0.0005)
    assert any("it is converted to sRGB" in note for note in picture.notes)


def test_lossy_outputs() -> None:
    smooth = (make_picture(64, 80).astype(np.uint16) << 2) + 3
    picture = Picture(smooth, depth=10, cicp=(9, 16, 0, 1))
    again = load(save_picture(picture, ".avif", quality=90))
    assert (again.depth, again.cicp) == (10, (9, 16, 0, 1))
    assert np.abs(again.pixels.astype(int) - smooth).mean() < 20
    picture = Picture(smooth, depth=10)
    again = load(save_picture(picture, ".jxl", quality=90))
    assert again.depth == 8
    assert picture.notes == ["its 10 bits a sample become 8 in JXL, dithered; choose PNG or TIFF to keep them"]


@pytest.mark.parametrize("suffix", ["png", "tif", "avif", "jxl", "ppm"])
def test_command_there_and_back(suffix: str, run: Command, tmp_path: Path) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(save_picture(Picture(noise(12), depth=12), f".{suffix}"))
    run("encode", f"a.{suffix}", "--lossless")
    assert "12 bits" in run("info", "a.vnr").stdout
    run("decode", "a.vnr", f"b.{suffix}")
    np.testing.assert_array_equal(load((tmp_path / f"b.{suffix}").read_bytes()).pixels, noise(12))


@pytest.mark.parametrize("suffix", ["png", "tif", "avif"])
def test_lossy_files_keep_the_depth(suffix: str, run: Command, tmp_path: Path) -> None:
    smooth = (make_picture(64, 80).astype(np.uint16) << 4) + 5
    (tmp_path / f"a.{suffix}").write_bytes(save_picture(Picture(smooth, depth=12, cicp=(9, 16, 0, 1)), f".{suffix}"))
    run("encode", f"a.{suffix}", "-q", "90", "--layers", "base")
    info = veneer.read_info(tmp_path / "a.vnr")
    assert (info.bit_depth, info.cicp, info.max_error) == (12, (9, 16, 0, 1), None)
    assert np.abs(veneer.decode(tmp_path / "a.vnr").astype(int) - smooth).mean() < 80
    run("decode", "a.vnr", f"b.{suffix}")
    again = load((tmp_path / f"b.{suffix}").read_bytes())
    exact = scaled(veneer.decode(tmp_path / "a.vnr"), 12, again.depth)
    np.testing.assert_array_equal(again.pixels, exact)


@pytest.mark.parametrize("suffix", ["png", "tif", "avif"])
def test_no_score_is_aimed_at_above_8_bits(suffix: str, run: Command, tmp_path: Path) -> None:
    pytest.importorskip("scipy")  # without it such a target is refused at any depth
    smooth = (make_picture(64, 80).astype(np.uint16) << 4) + 5
    (tmp_path / f"a.{suffix}").write_bytes(save_picture(Picture(smooth, depth=12, cicp=(9, 16, 0, 1)), f".{suffix}"))
    refused = run("encode", f"a.{suffix}", "c.vnr", "--target-ssimulacra2", "70", code=1)
    assert "a SSIMULACRA2 is measured of 8" in refused.stderr


def test_batch_keeps_the_depth(tmp_path: Path) -> None:
    """Its PSNR is that of the depth: of 10 bits in 16, noise of a level would seem to be 36 dB less."""
    samples = noise(10)
    (tmp_path / "a.png").write_bytes(save_picture(Picture(samples, depth=10), ".png"))
    job = work.Job(str(tmp_path / "a.png"), str(tmp_path / "a.vnr"))
    options = {"lossless": True, "max_error": 1, "effort": 1}
    outcome = work.do_job(job, work.Recipe(".vnr", options, False, 1 << 20, True))
    assert outcome.failure is None
    decoded = veneer.decode(tmp_path / "a.vnr").astype(int)
    expected = 10 * np.log10(1023**2 / np.square(decoded - samples).mean())
    assert outcome.psnr_db == pytest.approx(expected, abs=0.01)
