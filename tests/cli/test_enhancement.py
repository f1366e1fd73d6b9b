"""Options of the command for enhancement, and what it says of files that have it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from enhancers import enhanced_file, make_model, make_texture, write_models
from oracle.models import load
from PIL import Image
from samples import make_picture

import veneer
from veneer.enhancement.enc_default_realism import default_realism
from veneer.enhancement.models import Entry
from veneer.inference.weights import Model

PHOTO = Path(__file__).parents[2] / "examples" / "fir.jpg"


@pytest.fixture
def models(folder: Path) -> Path:
    return write_models(folder / "models", make_model())


def test_decode(run: Command, folder: Path, models: Path) -> None:
    data = enhanced_file(make_picture(70, 90), models)
    (folder / "a.vnr").write_bytes(data)
    for layers, options in (("full", ["--models", "models"]), ("base", [])):
        run("decode", "a.vnr", f"{layers}.png", "--layers", layers, *options, "--strict")
        with Image.open(folder / f"{layers}.png") as image:
            expected = veneer.decode(data, layers=layers, models=models)
            np.testing.assert_array_equal(np.asarray(image), expected)
    found = run("decode", "a.vnr", "other.png")
    assert "model 900, which enhances the file, is not known to this version of veneer" in found.stderr
    assert (folder / "other.png").read_bytes() == (folder / "base.png").read_bytes()


def test_unknown_model(one_line: Callable[..., str], folder: Path, models: Path) -> None:
    (folder / "a.vnr").write_bytes(enhanced_file(make_picture(20, 30), models))
    assert "--models" in one_line("decode", "a.vnr", "a.png", "--strict")
    Image.fromarray(make_picture(20, 30)).save(folder / "b.png")
    assert "there is no model 'huge'" in one_line("encode", "b.png", "--model", "huge", "--models", "models")
    (models / "tiny-900.vnm").unlink()
    assert "tiny-900.vnm cannot be read" in one_line("encode", "b.png", "--model", "tiny", "--models", "models")
    shutil.rmtree(models)
    models.mkdir()
    assert "manifest.toml" in one_line("encode", "b.png", "--models", "models")


def test_realism(run: Command, folder: Path) -> None:
    models = write_models(folder / "models", make_model(901, "textured", texture=True))
    data = enhanced_file(make_picture(70, 90), models, "textured")
    (folder / "a.vnr").write_bytes(data)
    assert "realism 0.39" in run("info", "a.vnr").stdout
    for options in ((), ("--realism", "1"), ("--realism", "0")):
        run("decode", "-f", "a.vnr", "a.png", *options, "--models", "models", "--strict")
        share = float(options[1]) if options else None
        with Image.open(folder / "a.png") as image:
            np.testing.assert_array_equal(np.asarray(image), veneer.decode(data, realism=share, models=models))


def test_encode_with_realism(run: Command, folder: Path, released_models: list[Entry]) -> None:
    """With released networks, whose enhancement pays, and a `texture`; or without."""
    networks = dict(load(next(entry for entry in released_models if entry.name == "standard")).networks)
    networks.pop("texture", None)
    bare, photo = Model(902, "bare", networks), Model(903, "photo", {**networks, "texture": make_texture()})
    write_models(folder / "models", bare, photo)
    with Image.open(PHOTO) as image:
        image.crop((100, 100, 228, 196)).save(folder / "b.png")
    coarse = ("-e", "1", "--step-index", "140", "--base-scale", "1", "--models", "models")
    for name, options, expected in (
        ("photo", ("--realism", "0.4"), 0.4),
        ("photo", ("--tune", "psnr"), 0),
        ("photo", ("--tune", "psnr", "--realism", "1"), 1),
        ("photo", (), default_realism(140)),
        ("bare", ("--realism", "1"), 0),
    ):
        run("encode", "-f", "b.png", *coarse, "--model", name, *options)
        info = json.loads(run("info", "--json", "b.vnr").stdout)
        assert info["model_id"] == (903 if name == "photo" else 902)
        assert info["default_realism"] == pytest.approx(expected, abs=0.5 / 255)


def test_info_and_dump(run: Command, folder: Path, models: Path) -> None:
    (folder / "a.vnr").write_bytes(enhanced_file(make_picture(70, 150), models, base_scale=2))
    text = run("info", "a.vnr").stdout
    assert "model 900" in text
    assert "base of half size" in text
    info = json.loads(run("info", "--json", "a.vnr").stdout)
    assert (info["model_id"], info["base_scale"]) == (900, 2)
    assert info["enhancement_bytes"] > 2 * 23
    dump = run("dump", "a.vnr").stdout
    assert dump.count("eNHA") == 4  # the name, and the type of the header, of two tiles
    assert "Strength" in dump


def test_base_scale(run: Command, folder: Path) -> None:
    Image.fromarray(make_picture(50, 40)).save(folder / "a.png")
    run("encode", "a.png", "--base-scale", "2", "--layers", "base")
    assert veneer.read_info((folder / "a.vnr").read_bytes()).base_scale == 2
    run("encode", "a.png", "--base-scale", "3", code=2)
