"""JPEGs that `veneer encode` keeps as they are, and their way back."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from jpeg_vectors import arithmetic, jpeg_of
from PIL import Image

import veneer


@pytest.fixture
def photo(folder: Path) -> bytes:
    """A file photo.jpg."""
    data = jpeg_of(120, 160)
    (folder / "photo.jpg").write_bytes(data)
    return data


def test_there_and_back(run: Command, photo: bytes, folder: Path) -> None:
    result = run("encode", "photo.jpg")
    size = (folder / "photo.vnr").stat().st_size
    assert f"{len(photo)} -> {size} bytes, the JPEG less" in result.stdout
    assert size < len(photo)
    assert "keeps a JPEG" in run("info", "photo.vnr").stdout
    run("decode", "photo.vnr", "back.jpg")
    assert (folder / "back.jpg").read_bytes() == photo
    (line,) = run("decode", "photo.vnr", "again.jpeg", "--json").stdout.splitlines()
    assert json.loads(line)["kept"] == "jpeg"


@pytest.mark.parametrize(
    "option",
    [
        ["-q", "75"],
        ["-q", "100"],
        ["--bpp", "1"],
        ["--layers", "base"],
        ["--tune", "psnr"],
        ["--strip"],
        ["--tile-size", "64"],
    ],
)
@pytest.mark.usefixtures("photo")
def test_options_that_ask_for_pixels(option: list[str], run: Command, folder: Path) -> None:
    run("encode", "photo.jpg", *option)
    assert veneer.read_info(folder / "photo.vnr").base_kind != "jpeg"


@pytest.mark.parametrize("option", [["--lossless"], ["-e", "1"], ["--preview"], ["--strict"], ["-t", "1"]])
def test_options_that_do_not(option: list[str], run: Command, photo: bytes, folder: Path) -> None:
    run("encode", "photo.jpg", *option)
    assert veneer.decode_jpeg(folder / "photo.vnr") == photo


def test_a_lossless_one_is_shown_as_it_is(run: Command, photo: bytes) -> None:
    run("encode", "photo.jpg", "--lossless")
    run("decode", "photo.vnr")
    with Image.open("photo.png") as image:
        np.testing.assert_array_equal(np.asarray(image), np.asarray(Image.open(io.BytesIO(photo))))


@pytest.mark.parametrize("option", [["--pixels"], ["--output-quality", "90"], ["--region", "0,0,16,16"]])
def test_pixels_of_it(option: list[str], run: Command, photo: bytes, folder: Path) -> None:
    run("encode", "photo.jpg")
    run("decode", "photo.vnr", "b.jpg", *option)
    assert (folder / "b.jpg").read_bytes() != photo
    with Image.open("b.jpg") as image:
        assert image.size == ((16, 16) if "--region" in option else (160, 120))


def test_what_has_no_pixels(run: Command, one_line: Callable[..., str], folder: Path) -> None:
    data = arithmetic(jpeg_of(16, 16))
    (folder / "a.jpg").write_bytes(data)
    run("encode", "a.jpg")
    run("decode", "a.vnr", "b.jpg")
    assert (folder / "b.jpg").read_bytes() == data
    assert "decode it to a .jpg" in one_line("decode", "a.vnr", "b.png")


def test_damage(run: Command, one_line: Callable[..., str], photo: bytes, folder: Path) -> None:
    data = veneer.encode_jpeg(photo)
    place = data.index(b"JSCR") + 20
    (folder / "a.vnr").write_bytes(data[:place] + b"\x55" + data[place + 1 :])
    assert "--pixels" in one_line("decode", "a.vnr", "b.jpg")
    run("decode", "a.vnr", "b.jpg", "--pixels", code=0)


@pytest.mark.usefixtures("photo")
def test_larger_ones_than_allowed(run: Command, one_line: Callable[..., str]) -> None:
    assert "--max-pixels" in one_line("encode", "photo.jpg", "--max-pixels", "100")
    run("encode", "photo.jpg")
    assert "--max-pixels" in one_line("decode", "photo.vnr", "b.jpg", "--max-pixels", "100")
