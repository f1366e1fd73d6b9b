"""Refusals of `--strict`, and files with several pictures."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note, is_incomplete, refuse_losses

PAGES = [Image.fromarray(make_picture(20, 30, seed=seed)) for seed in range(3)]


@pytest.fixture
def pages(folder: Path) -> Path:
    path = folder / "pages.tif"
    PAGES[0].save(path, save_all=True, append_images=PAGES[1:])
    return path


def test_notes() -> None:
    refuse_losses([Note("all is there", loses=False)])
    for loss in ("a plain string", Note("something"), Note("a page", incomplete=True)):
        with pytest.raises(FileFailure, match=f"would lose something: {loss}; "):
            refuse_losses([Note("all is there", loses=False), loss])
    assert is_incomplete(["plain", Note("a page", incomplete=True)])
    assert not is_incomplete(["plain", Note("something")])


@pytest.mark.usefixtures("pages")
def test_pages_that_are_left_out_make_the_exit_code_1(run: Command, folder: Path) -> None:
    result = run("encode", "-e", "1", "pages.tif", code=1)
    assert "pages.tif: note: holds 3 pictures; only the first is taken" in result.stderr
    assert (folder / "pages.vnr").exists()


@pytest.mark.usefixtures("pages")
@pytest.mark.parametrize("number", [1, 3])
def test_a_page_by_its_number(run: Command, folder: Path, number: int) -> None:
    result = run("encode", "-e", "1", "-q", "90", "--layers", "base", "--strict", "--picture", str(number), "pages.tif")
    assert f"number {number} is taken" in result.stderr
    decoded = veneer.decode((folder / "pages.vnr").read_bytes())
    errors = [np.abs(decoded.astype(int) - np.asarray(page)).mean() for page in PAGES]
    assert np.argmin(errors) == number - 1


def test_a_page_that_is_not_there(one_line: Callable[..., str], pages: Path, folder: Path) -> None:
    assert "holds 3 pictures; choose another --picture" in one_line("encode", "--picture", "4", pages.name)
    PAGES[0].save("one.png")
    assert "holds 1 picture; choose another --picture" in one_line("encode", "--picture", "2", "one.png")
    assert list(folder.glob("*.vnr")) == []


def test_strict_writes_nothing_that_loses(one_line: Callable[..., str], pages: Path, folder: Path) -> None:
    assert "would lose something: holds 3 pictures" in one_line("encode", "--strict", pages.name)
    PAGES[0].convert("CMYK").save("cmyk.jpg")
    assert "would lose something: CMYK is converted to sRGB" in one_line("encode", "--strict", "-q", "75", "cmyk.jpg")
    assert list(folder.glob("*.vnr")) == []


def test_strict_decoding_refuses_formats_that_lose(run: Command, one_line: Callable[..., str], folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(20, 30), effort=1, xmp=b"<x/>"))
    run("decode", "a.vnr", "a.ppm")
    (folder / "a.ppm").unlink()
    assert "would lose something: PPM has no place for XMP" in one_line("decode", "--strict", "a.vnr", "a.ppm")
    assert not (folder / "a.ppm").exists()


def test_batches_tell_of_pages_each_time(run: Command, folder: Path, pages: Path) -> None:
    (folder / "in").mkdir()
    pages.rename(folder / "in" / pages.name)
    arguments = ("batch", "in", "out", "-e", "1", "-j", "1")
    for counts in ("1 done, 0 done before", "0 done, 1 done before"):
        assert f"{counts}, 0 failed, 1 in part" in run(*arguments, code=1).stdout
    with open(folder / "out" / "veneer-batch.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["message"].startswith("incomplete: ")
    assert "would lose something" in run(*arguments, "--strict", code=1).stderr
    assert "1 done" in run(*arguments, "--strict", "--picture", "2").stdout
