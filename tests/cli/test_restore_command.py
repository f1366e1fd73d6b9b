"""The subcommand that restores JPEGs: names, metadata, and what it says of other files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command, write_photo
from enhancers import write_models
from PIL import Image
from restorers import make_restorer
from samples import make_picture

import veneer


@pytest.fixture
def models(folder: Path) -> Path:
    return write_models(folder / "models", make_restorer())


def test_one_picture_with_its_metadata(run: Command, folder: Path, models: Path) -> None:
    write_photo(folder / "a.jpg", orientation=6)
    found = run("restore", "a.jpg", "--models", "models", "--json")
    assert json.loads(found.stdout) | {"result_bytes": 0} == {
        "file": "a.jpg",
        "result": "a.png",
        "source_bytes": (folder / "a.jpg").stat().st_size,
        "result_bytes": 0,
        "width": 40,
        "height": 30,
    }
    with Image.open(folder / "a.jpg") as source, Image.open(folder / "a.png") as result:
        expected = veneer.restore_jpeg((folder / "a.jpg").read_bytes(), models=models)
        np.testing.assert_array_equal(np.asarray(result), expected)
        assert result.info["icc_profile"] == source.info["icc_profile"]
        assert result.getexif()[0x0112] == source.getexif()[0x0112] == 6


def test_realism(run: Command, folder: Path, models: Path) -> None:
    write_photo(folder / "a.jpg")
    run("restore", "a.jpg", "--models", "models", "--realism", "0.5")
    with Image.open(folder / "a.png") as result:
        found = np.asarray(result)
    data = (folder / "a.jpg").read_bytes()
    np.testing.assert_array_equal(found, veneer.restore_jpeg(data, realism=0.5, models=models))
    assert (found != veneer.restore_jpeg(data, models=models)).any()


def test_names(run: Command, folder: Path, models: Path) -> None:
    assert models
    write_photo(folder / "in" / "a.jpg")
    write_photo(folder / "in" / "deep" / "b.jpeg")
    Image.fromarray(make_picture(20, 30)).save(folder / "in" / "c.png")
    run("restore", "in", "-o", "out", "--format", "webp", "--models", "models")
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.webp")) == ["out/a.webp", "out/deep/b.webp"]
    run("restore", "in/a.jpg", "again.jpg", "--models", "models")
    run("restore", "in/a.jpg", "again.jpg", "-o", "both/", "--models", "models")
    assert sorted(path.name for path in (folder / "both").iterdir()) == ["a.png", "again.png"]
    piped = run("restore", "-", "--models", "models", data=(folder / "in" / "a.jpg").read_bytes())
    assert piped.stdout_bytes == (folder / "both" / "a.png").read_bytes()


def test_what_cannot_be_restored(one_line: Callable[..., str], folder: Path, models: Path) -> None:
    assert models
    Image.fromarray(make_picture(20, 30)).save(folder / "a.png")
    Image.fromarray(make_picture(20, 30)).convert("CMYK").save(folder / "b.jpg")
    (folder / "c.jpg").write_bytes(b"\xff\xd8\xff")
    options = ("-o", "d.png", "--models", "models")
    assert "this is no JPEG" in one_line("restore", "a.png", *options)
    assert "a JPEG in CMYK cannot be restored" in one_line("restore", "b.jpg", *options)
    assert "c.jpg" in one_line("restore", "c.jpg", *options)
    write_photo(folder / "d.jpg")
    assert "--max-pixels" in one_line("restore", "d.jpg", "--max-pixels", "100", *options)
    assert "exists" in one_line("restore", "d.jpg", "-o", "a.png", "--models", "models")
    assert not (folder / "d.png").exists()
