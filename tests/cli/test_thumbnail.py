"""`veneer thumbnail`."""

from __future__ import annotations

import io
import os
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from cli_tools import Command
from PIL import Image
from samples import make_exif, make_picture, psnr_db

import veneer
from veneer.cli import desktop_entries

VECTORS = Path(__file__).parents[1] / "vectors" / "1"


def pixels_of(path: Path) -> numpy.ndarray:
    with Image.open(path) as image:
        return numpy.asarray(image)


def test_it_has_the_size_and_the_texts_of_the_standard(run: Command, folder: Path) -> None:
    path = folder / "a picture é.vnr"
    path.write_bytes(veneer.encode(make_picture(300, 400)))
    os.utime(path, (1_000_000_000.75, 1_000_000_000.75))
    run("thumbnail", "-s", "100", path.name, "small.png")
    with Image.open("small.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (100, 75))
        assert image.text["Thumb::URI"] == f"file://{folder}/a%20picture%20%C3%A9.vnr"
        assert image.text["Thumb::MTime"] == "1000000000"
        assert image.text["Thumb::Size"] == str(path.stat().st_size)
        assert image.text["Thumb::Mimetype"] == "image/x-veneer"
        assert (image.text["Thumb::Image::Width"], image.text["Thumb::Image::Height"]) == ("400", "300")
    whole = Image.fromarray(veneer.decode(path)).resize((100, 75), Image.Resampling.LANCZOS)
    assert psnr_db(numpy.asarray(whole), pixels_of(folder / "small.png")) > 35


def test_the_preview_is_enough_where_it_is_large_enough(
    run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(640, 480), preview=True))
    asked: list[str] = []
    decode = veneer.decode
    monkeypatch.setattr(veneer, "decode", lambda data, **how: asked.append(how["layers"]) or decode(data, **how))
    run("thumbnail", "-s", "80", "a.vnr", "b.png")
    run("thumbnail", "-s", "81", "a.vnr", "c.png")
    assert asked == ["preview", "base"]
    assert pixels_of(folder / "b.png").shape == (80, 60, 3)
    assert pixels_of(folder / "c.png").shape == (81, 61, 3)


def test_small_pictures_keep_their_size(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(30, 40, 4), lossless=True, exact=True))
    run("thumbnail", "a.vnr", "a.png")
    assert (pixels_of(folder / "a.png") == make_picture(30, 40, 4)).all()


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_it_is_upright(run: Command, folder: Path, orientation: int) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(30, 40), lossless=True, exif=make_exif(orientation)))
    run("thumbnail", "a.vnr", "a.png")
    turns = {3: 2, 6: 3, 8: 1}[orientation]
    assert (pixels_of(folder / "a.png") == numpy.rot90(make_picture(30, 40), turns)).all()
    with Image.open("a.png") as image:
        assert int(image.text["Thumb::Image::Width"]) == image.width


@pytest.mark.parametrize("channels", [3, 4])
def test_colour_becomes_srgb(run: Command, folder: Path, channels: int) -> None:
    pixels = numpy.full((16, 16, channels), 255, numpy.uint8)
    pixels[..., :3] = (60, 200, 60)
    display_p3 = veneer.colour.parse_cicp("display-p3")
    (folder / "a.vnr").write_bytes(veneer.encode(pixels, lossless=True, cicp=display_p3))
    run("thumbnail", "a.vnr", "a.png")
    red, green, *_ = pixels_of(folder / "a.png")[8, 8]
    assert red < 30, "green of Display P3 has less red in sRGB"
    assert green > 195


@pytest.mark.parametrize(
    "name", ["grey_alpha", "grey", "float16_fast_rgb", "deep_alpha_grey_16", "jpeg_cmyk", "jpeg_420_0", "enhanced_1"]
)
def test_files_of_all_kinds(run: Command, folder: Path, name: str) -> None:
    run("thumbnail", "-s", "32", str(VECTORS / f"{name}.vnr"), "a.png")
    pixels = pixels_of(folder / "a.png")
    assert pixels.dtype == numpy.uint8
    assert pixels.shape[2] == (4 if "alpha" in name else 3)
    assert max(pixels.shape[:2]) <= 32
    assert pixels[..., :3].std() > 0


def test_a_damaged_file_gives_what_there_is(run: Command, folder: Path) -> None:
    data = bytearray(veneer.encode(make_picture(200, 200), tile_size=64))
    data[len(data) // 2] ^= 255
    (folder / "a.vnr").write_bytes(data)
    assert "note: " in run("thumbnail", "a.vnr", "a.png").stderr
    assert pixels_of(folder / "a.png").shape == (128, 128, 3)


def test_no_veneer_file(one_line: Callable[..., str], folder: Path) -> None:
    (folder / "a.vnr").write_bytes(b"something else")
    assert "a.vnr" in one_line("thumbnail", "a.vnr", "a.png")
    assert "no such file" in one_line("thumbnail", "b.vnr", "a.png")
    assert "there is no folder" in one_line("thumbnail", "a.vnr", "no/a.png")
    assert not (folder / "a.png").exists()


def test_only_empty_files_and_thumbnails_are_replaced(run: Command, one_line: Callable[..., str], folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(30, 40)))
    Image.new("L", (1, 1)).save("mine.png")
    before = (folder / "mine.png").read_bytes()
    assert "is no thumbnail; replace it with --force" in one_line("thumbnail", "a.vnr", "mine.png")
    assert (folder / "mine.png").read_bytes() == before
    assert "is no thumbnail" in one_line("thumbnail", "a.vnr", "a.vnr")
    run("thumbnail", "--force", "a.vnr", "mine.png")
    with (folder / "made.png").open("w+b") as file:  # as programs do that start thumbnailers, and read what they opened
        run("thumbnail", "a.vnr", "made.png")
        assert file.read().startswith(b"\x89PNG")
    run("thumbnail", "-s", "20", "a.vnr", "made.png")
    assert pixels_of(folder / "made.png").shape == (15, 20, 3)
    assert "source itself" in one_line("thumbnail", "--force", "a.vnr", "a.vnr")


def test_streams(run: Command) -> None:
    result = run("thumbnail", "--uri", "trash:///a.vnr", "-", "-", data=veneer.encode(make_picture(30, 40)))
    with Image.open(io.BytesIO(result.stdout_bytes)) as image:
        assert image.text["Thumb::URI"] == "trash:///a.vnr"
        assert "Thumb::MTime" not in image.text


def test_the_entry_for_file_managers_works(run: Command, folder: Path) -> None:
    (folder / "a b.vnr").write_bytes(veneer.encode(make_picture(300, 400)))
    (entry,) = [
        one.text
        for one in desktop_entries.entries(desktop_entries.user_place(), ["veneer"])
        if one.name.endswith(".thumbnailer")
    ]
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    values = {"%s": "64", "%u": "file:///elsewhere/a%20b.vnr", "%i": "a b.vnr", "%o": "out.png"}
    program, *arguments = [values.get(word, word) for word in shlex.split(line.removeprefix("Exec="))]
    assert program == "veneer"
    run(*arguments)
    with Image.open("out.png") as image:
        assert image.size == (64, 48)
        assert image.text["Thumb::URI"] == "file:///elsewhere/a%20b.vnr"
