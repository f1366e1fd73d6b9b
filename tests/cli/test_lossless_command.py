"""`veneer encode --lossless` and its way back: pictures of 8 and of 16 bits, and what is refused."""

import io
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from PIL import Image
from samples import XMP, make_exif, make_picture, srgb_profile

import veneer
from veneer.cli.batch import work
from veneer.cli.deep.png import with_deep_samples
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, load_picture, save_picture


def deep_samples(channels: int = 3) -> np.ndarray:
    """A picture of 16 bits with something in the lower ones, uint16 [40, 50, C]."""
    noise = np.random.default_rng(channels).integers(0, 256, (40, 50, channels))
    return (make_picture(40, 50, channels).astype(np.uint16) << 8 | noise).astype(np.uint16)


def deep_png(samples: np.ndarray) -> bytes:
    """A PNG of 16 bits."""
    buffer = io.BytesIO()
    pixels = (samples >> 8).astype(np.uint8)
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
    return with_deep_samples(buffer.getvalue(), samples)


@pytest.mark.parametrize("option", [["--lossless"], ["-q", "100"]])
def test_there_and_back(option: list[str], run: Command, tmp_path: Path) -> None:
    pixels = make_picture(60, 70, 4).copy()
    pixels[..., 3] |= 1  # no colour is hidden
    Image.fromarray(pixels).save(tmp_path / "a.png")
    run("encode", "a.png", *option)
    run("decode", "a.vnr", "b.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "b.png")), pixels)
    assert "coding       lossless" in run("info", "a.vnr").stdout


def test_bounds_and_hidden_colour(run: Command, tmp_path: Path) -> None:
    pixels = make_picture(60, 70, 4).copy()
    pixels[:30, :, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png")
    run("encode", "a.png", "b.vnr", "--lossless", "--exact", "--max-error", "3")
    decoded = veneer.decode((tmp_path / "b.vnr").read_bytes())
    assert 0 < np.abs(decoded.astype(int) - pixels).max() <= 3
    assert "near-lossless, errors up to 3" in run("info", "b.vnr").stdout


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_16_bits(channels: int, run: Command, tmp_path: Path) -> None:
    pytest.importorskip("imagecodecs")
    samples = deep_samples(channels)
    if channels in (2, 4):
        samples[..., -1] |= 1
    (tmp_path / "a.png").write_bytes(deep_png(samples))
    run("encode", "a.png", "--lossless")
    np.testing.assert_array_equal(veneer.decode((tmp_path / "a.vnr").read_bytes()), samples)
    run("decode", "a.vnr", "b.png")
    again = load_picture((tmp_path / "b.png").read_bytes(), max_pixels=1 << 20, strip=False)
    np.testing.assert_array_equal(again.pixels, samples)


def test_tiff_of_16_bits() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    samples = deep_samples()
    loaded = load_picture(imagecodecs.tiff_encode(samples), max_pixels=1 << 20, strip=False)
    np.testing.assert_array_equal(loaded.pixels, samples)
    assert loaded.depth == 16


def test_metadata_of_deep_pictures_is_kept() -> None:
    pytest.importorskip("imagecodecs")
    saved = save_picture(
        Picture(deep_samples(), srgb_profile(), make_exif()[6:], XMP, depth=16, density=(1, 3000, 4000)), ".png"
    )
    loaded = load_picture(saved, max_pixels=1 << 20, strip=False)
    np.testing.assert_array_equal(loaded.pixels, deep_samples())
    assert (loaded.icc, loaded.exif, loaded.xmp) == (srgb_profile(), make_exif()[6:], XMP)
    assert loaded.density == (1, 3000, 4000)


@pytest.mark.parametrize("depth", [1, 4, 10, 12])
def test_other_depths_are_scaled(depth: int) -> None:
    most = (1 << depth) - 1
    samples = np.linspace(0, most, 256).astype(np.uint8 if depth <= 8 else np.uint16).reshape(16, 16, 1)
    picture = Picture(samples, depth=depth)
    image = np.asarray(Image.open(io.BytesIO(save_picture(picture, ".png"))))
    largest = 255 if depth <= 8 else 65535
    np.testing.assert_allclose(image / largest, samples[..., 0] / most, atol=0.51 / largest)
    assert any(f"{depth} bits" in note for note in picture.notes)


def test_formats_of_8_bits_say_what_is_lost() -> None:
    picture = Picture(deep_samples(), depth=16)
    image = np.asarray(Image.open(io.BytesIO(save_picture(picture, ".bmp"))))
    assert np.abs(image / 255 - deep_samples() / 65535).max() < 1 / 255
    assert "its 16 bits a sample become 8 in BMP, dithered; choose PNG or TIFF to keep them" in picture.notes


def test_without_imagecodecs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(FileFailure, match="read by imagecodecs, which is missing") as caught:
        load_picture(deep_png(deep_samples()), max_pixels=1 << 20, strip=False)
    assert "pip install '.[deep]'" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--lossless", "--tune", "psnr"], "--tune has no effect with --lossless"),
        (["--lossless", "-q", "50"], "--quality has no effect with --lossless"),
        (["--lossless", "--bpp", "1"], "--bpp has no effect with --lossless"),
        (["--lossless", "--layers", "base"], "--layers has no effect with --lossless"),
        (["-q", "100", "--tune", "psnr"], "--tune has no effect with --quality 100, which is lossless"),
        (["--max-error", "1"], "--max-error has no effect without --lossless"),
        (["--exact"], "--exact has no effect without --lossless"),
    ],
)
def test_options_without_effect(options: list[str], text: str, run: Command, tmp_path: Path) -> None:
    Image.fromarray(make_picture(8, 8)).save(tmp_path / "a.png")
    assert text in run("encode", "a.png", *options, code=2).stderr


def _batch(folder: Path, **options: object) -> work.Outcome:
    Image.fromarray(make_picture(20, 30)).save(folder / "a.png")
    job = work.Job(str(folder / "a.png"), str(folder / "a.vnr"))
    return work.do_job(job, work.Recipe(".vnr", {"lossless": True, **options}, False, 1 << 20, True))


def test_batch_compares_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _batch(tmp_path).failure is None
    (tmp_path / "a.vnr").unlink()
    assert _batch(tmp_path, max_error=2).failure is None
    (tmp_path / "a.vnr").unlink()
    decode = veneer.decode
    monkeypatch.setattr(veneer, "decode", lambda *given, **options: decode(*given, **options) ^ 4)
    failure = _batch(tmp_path, max_error=2).failure
    assert failure is not None
    assert "does not decode to the samples of the source" in failure
    assert not (tmp_path / "a.vnr").exists()


def test_compare_of_deep_files(run: Command, tmp_path: Path) -> None:
    pytest.importorskip("imagecodecs")
    (tmp_path / "a.vnr").write_bytes(veneer.encode(deep_samples(), lossless=True, effort=1))
    Image.fromarray((deep_samples() >> 8).astype(np.uint8)).save(tmp_path / "a.png")
    result = run("compare", "a.png", "a.vnr")
    assert "its 16 bits a sample are compared as 8" in result.stderr
