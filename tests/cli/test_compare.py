"""`veneer compare`: metrics and the difference of two pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from PIL import Image
from samples import make_picture, psnr_db

import veneer
from veneer.evaluation.metrics import Metric


@pytest.fixture
def pair(folder: Path) -> tuple[str, str]:
    """A picture as PNG and as a Veneer file."""
    Image.fromarray(make_picture(40, 56)).save(folder / "a.png")
    (folder / "b.vnr").write_bytes(veneer.encode(make_picture(40, 56), quality=30, effort=1))
    return "a.png", "b.vnr"


def test_metrics(run: Command, pair: tuple[str, str]) -> None:
    expected = psnr_db(make_picture(40, 56), veneer.decode(Path("b.vnr").read_bytes()))
    assert f"PSNR RGB             {expected:.4f} dB" in run("compare", *pair).stdout
    figures = json.loads(run("compare", "--json", *pair).stdout)
    assert figures["psnr"] == pytest.approx(expected)
    assert figures["a"] == "a.png"
    assert figures["msssim"] is None  # too small for it


def test_map_as_png(run: Command, pair: tuple[str, str]) -> None:
    run("compare", *pair, "-o", "map.png")
    a, b = make_picture(40, 56), veneer.decode(Path("b.vnr").read_bytes())
    sheet = np.asarray(Image.open("map.png"))
    assert np.array_equal(sheet[:, :56], a)
    assert np.array_equal(sheet[:, 56:112], b)
    assert np.array_equal(sheet[:, 112:], np.clip(128 + 8 * (b.astype(int) - a), 0, 255))


def test_grey_and_transparent_pictures(run: Command, folder: Path) -> None:
    grey = make_picture(20, 20, 1)
    Image.fromarray(grey[:, :, 0]).save(folder / "grey.png")
    clear = np.dstack([np.repeat(grey, 3, axis=2), np.zeros((20, 20), np.uint8)])
    Image.fromarray(clear).save(folder / "clear.png")
    Image.fromarray(np.full((20, 20, 3), 255, np.uint8)).save(folder / "white.png")
    assert "99.0000 dB" in run("compare", "clear.png", "clear.png").stdout
    assert "PSNR RGB             0.0000 dB" in run("compare", "clear.png", "white.png").stdout  # over black
    result = run("compare", "grey.png", "clear.png")
    assert "clear.png: note: it is laid over white and over black" in result.stderr


def test_failures(one_line: Callable[..., str], pair: tuple[str, str], folder: Path) -> None:
    Image.fromarray(make_picture(40, 57)).save(folder / "wide.png")
    assert "wide.png: pictures of different size, 56x40 and 57x40" in one_line("compare", "a.png", "wide.png")
    assert "missing.png: no such file" in one_line("compare", "a.png", "missing.png")
    assert "map.bmp: the difference is written as .png or .html, not .bmp" in one_line(
        "compare", *pair, "-o", "map.bmp"
    )
    (folder / "map.png").write_bytes(b"kept")
    assert "map.png exists" in one_line("compare", *pair, "-o", "map.png")
    assert (folder / "map.png").read_bytes() == b"kept"
    (folder / "cut.vnr").write_bytes((folder / "b.vnr").read_bytes()[:20])
    assert "cut.vnr" in one_line("compare", "a.png", "cut.vnr")


def test_transparency_is_measured_over_white_and_black(run: Command) -> None:
    """A white mark on nothing: over white nothing of it is seen, and whatever happens to it neither."""
    mark = np.full((64, 64, 4), 255, np.uint8)
    mark[:, :, 3] = 0
    mark[16:48, 16:48, 3] = 255
    other = mark.copy()
    other[16:20, 16:48, 3] = 0
    Image.fromarray(mark).save("a.png")
    Image.fromarray(other).save("b.png")
    result = run("compare", "a.png", "b.png", "--json")
    error = (64 * 64) / (4 * 32)
    assert json.loads(result.stdout)["psnr"] == pytest.approx(10 * np.log10(error), abs=1e-6)
    assert result.stderr.count("laid over white and over black") == 2
    same = json.loads(run("compare", "a.png", "a.png", "--json").stdout)
    assert same["psnr"] == 99


def test_metrics_by_name(run: Command) -> None:
    Image.new("RGB", (40, 40)).save("a.png")
    values = json.loads(run("compare", "a.png", "a.png", "--json", "--metrics", "psnr_y,psnr").stdout)
    assert list(values) == ["a", "b", "psnr", "psnr_y"]
    unknown = run("compare", "a.png", "a.png", "--metrics", "psnr,vmaf", code=2).stderr
    assert "there is no metric 'vmaf', only psnr, psnr_y, msssim, ssimulacra2" in unknown
    run("compare", "a.png", "a.png", "--metrics", "", code=2)
    assert "ssimulacra2" in run("compare", "--help").stdout


def test_metric_that_is_not_installed(one_line: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (40, 40)).save("a.png")
    monkeypatch.setattr(Metric, "present", lambda metric: not metric.needs)
    assert "the metric msssim needs scipy; " in one_line("compare", "a.png", "a.png", "--metrics", "msssim")
