"""`veneer score`: the discriminator's judgement, and metrics against a reference."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from PIL import Image
from samples import make_picture

import veneer
from veneer.evaluation import perceptual


@pytest.fixture
def pair(folder: Path) -> tuple[str, str]:
    """A picture as a Veneer file, and its original."""
    picture = make_picture(72, 104)
    Image.fromarray(picture).save(folder / "original.png")
    (folder / "decoded.vnr").write_bytes(veneer.encode(picture, quality=20, effort=1))
    return "decoded.vnr", "original.png"


@pytest.fixture
def discriminator(folder: Path) -> str:
    """A discriminator that was not trained."""
    torch = pytest.importorskip("torch")
    training = pytest.importorskip("veneer.training.discriminator")
    torch.manual_seed(1)
    state = training.Discriminator(training.DiscriminatorConfig(8)).state_dict()
    torch.save({"discriminator": {name: value.half() for name, value in state.items()}}, folder / "judge.pt")
    return "judge.pt"


def test_judgement(run: Command, pair: tuple[str, str], discriminator: str) -> None:
    torch = pytest.importorskip("torch")
    from veneer.training.discriminator import load_discriminator

    answer = json.loads(run("score", "--json", pair[0], "--discriminator", discriminator).stdout)
    pixels = torch.from_numpy(veneer.decode(Path(pair[0]).read_bytes()).copy()).permute(2, 0, 1)[None]
    scores = load_discriminator(Path(discriminator)).judge(pixels)
    assert answer["score"] == pytest.approx(float(scores.mean()), abs=1e-5)
    assert answer["share"] == pytest.approx(float((scores > 0).float().mean()))
    assert answer["reference"] is None
    assert "psnr" not in answer
    text = run("score", pair[0], "--discriminator", discriminator).stdout
    assert text.startswith("Taken for an original  ")
    assert len(text.splitlines()) == 1


def test_large_pictures_are_judged_in_parts(
    run: Command, folder: Path, discriminator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from veneer.evaluation import score

    Image.fromarray(make_picture(64, 133)).save(folder / "wide.png")
    whole = json.loads(run("score", "--json", "wide.png", "--discriminator", discriminator).stdout)
    monkeypatch.setattr(score, "PART", 64)
    parts = json.loads(run("score", "--json", "wide.png", "--discriminator", discriminator).stdout)
    assert score._parts(133) == [slice(0, 64), slice(64, 133)]
    assert parts["score"] == pytest.approx(whole["score"], abs=0.2)


def test_metrics_of_a_reference(run: Command, pair: tuple[str, str], discriminator: str) -> None:
    options = ["--reference", pair[1], "--discriminator", discriminator]
    answer = json.loads(run("score", "--json", pair[0], *options).stdout)
    decoded, original = veneer.decode(Path(pair[0]).read_bytes()), np.asarray(Image.open(pair[1]))
    assert answer["squeezenet"] == pytest.approx(perceptual.distance(original, decoded))
    assert answer["psnr"] < 60
    assert answer["frechet"] is None  # too few patches
    text = run("score", pair[0], *options).stdout
    assert "Frechet distance" in text
    assert "the picture is too small" in text


def test_without_torch(
    run: Command, one_line: Callable[..., str], pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (Path.cwd() / "some.pt").write_bytes(b"")
    line = one_line("score", pair[0], "--discriminator", "some.pt")
    assert "decoded.vnr: torch is not installed; pip install '.[train]'" in line
    text = run("score", pair[0], "--reference", pair[1], "--discriminator", "some.pt").stdout
    assert "needs torch" in text
    assert "PSNR RGB" in text


def test_failures(one_line: Callable[..., str], pair: tuple[str, str], folder: Path, discriminator: str) -> None:
    torch = pytest.importorskip("torch")
    Image.fromarray(make_picture(40, 57)).save(folder / "wide.png")
    assert "different size, 57x40 and 104x72" in one_line("score", pair[0], "--reference", "wide.png")
    assert "missing.png: no such file" in one_line("score", "missing.png")
    assert "no.pt: no such file" in one_line("score", pair[0], "--discriminator", "no.pt")
    torch.save({}, folder / "empty.pt")
    assert "holds no discriminator" in one_line("score", pair[0], "--discriminator", "empty.pt")
    (folder / "noise.pt").write_bytes(b"no weights")
    assert "noise.pt" in one_line("score", pair[0], "--discriminator", "noise.pt")
    Image.fromarray(make_picture(7, 57)).save(folder / "thin.png")
    assert "57x7 pixels are too few" in one_line("score", "thin.png", "--discriminator", discriminator)
