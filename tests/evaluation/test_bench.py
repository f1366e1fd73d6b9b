"""A whole benchmark of small pictures: what is measured, what is kept, what the report says."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from samples import make_picture

for needed in ("bjontegaard", "matplotlib", "scipy", "ssimulacra2"):
    pytest.importorskip(needed)

import veneer  # noqa: E402
from veneer.cli.main import main  # noqa: E402
from veneer.evaluation import bench, codecs, crops, measure  # noqa: E402

CODECS = "veneer-base-e1,jpeg-420,png"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in (1, 2):
        Image.fromarray(make_picture(170, 190, seed=number)).save(folder / f"picture{number}.png")
    return folder


def run_bench(pictures: Path, out: Path, *options: str) -> Result:
    common = ["--codecs", CODECS, "--points", "4", "--rates", "0.6", "--crop", "64x48", "-j", "1", "--no-memory"]
    return CliRunner().invoke(main, ["bench", str(pictures), "--out", str(out), *common, *options])


@pytest.fixture(scope="module")
def folder(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a benchmark wrote."""
    out = tmp_path_factory.mktemp("out")
    result = run_bench(pictures, out)
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [str(out / "report.html"), str(out / "report.md")]
    return out


def test_results_are_what_the_codecs_give(folder: Path, pictures: Path) -> None:
    rows = read(folder / "results.csv")
    assert len(rows) == 2 * (4 + 4 + 1)
    pixels = np.asarray(Image.open(pictures / "picture1.png"))
    data = veneer.encode(pixels, quality=5, effort=1, layers="base")
    (row,) = (r for r in rows if r["codec"] == "veneer-base-e1" and r["setting"] == "5" and r["image"] == "picture1")
    assert int(row["bytes"]) == len(data)
    assert float(row["bpp"]) == pytest.approx(8 * len(data) / (170 * 190), abs=1e-5)
    error = np.mean((veneer.decode(data).astype(float) - pixels) ** 2)
    assert float(row["psnr"]) == pytest.approx(10 * np.log10(255**2 / error), abs=1e-4)
    assert all(float(r["encode_s"]) > 0 and float(r["decode_s"]) > 0 for r in rows)


def test_nothing_is_measured_twice(folder: Path, pictures: Path) -> None:
    before = (folder / "results.csv").read_bytes()
    assert run_bench(pictures, folder).exit_code == 0
    assert (folder / "results.csv").read_bytes() == before  # times would differ


def plan_of(
    pictures: Path, out: Path, rates_bpp: tuple[float, ...] = (), shown: frozenset[str] | None = None
) -> bench.Plan:
    return bench.Plan(
        paths=tuple(bench.find_pictures([pictures])),
        out=out,
        codecs=("jpeg-420",),
        jobs=1,
        points=4,
        rates_bpp=rates_bpp,
        crop_size=(64, 48),
        shown=shown,
        memory=False,
    )


def test_what_is_missing_or_of_another_version_is_measured(pictures: Path, tmp_path: Path) -> None:
    plan = plan_of(pictures, tmp_path)
    records = bench.Records(tmp_path / bench.RESULTS, measure.FIELDS, bench.RESULTS_KEY)
    assert len(list(bench._measurements(plan, records))) == 8
    rows = measure.measure([codecs.all_codecs()["jpeg-420"]], 5, str(pictures / "picture1.png"))
    records.add(rows)
    assert len(list(bench._measurements(plan, records))) == 7
    records.add([row | {"version": "libjpeg-turbo 1.0"} for row in rows])
    assert len(list(bench._measurements(plan, records))) == 8
    keeping = bench.dataclasses.replace(plan, keep_versions=True)
    assert len(list(bench._measurements(keeping, records))) == 7


def test_crops_have_the_bytes_that_were_asked_for(folder: Path) -> None:
    rows = read(folder / "crops.csv")
    assert {row["codec"] for row in rows} == {"original", "jpeg-420"}  # the effort is no codec of its own here
    for row in rows:
        with Image.open(folder / "crops" / row["file"]) as crop:
            assert crop.size == (64, 48)
        if row["codec"] != "original":
            assert 0.8 * 0.6 < float(row["bpp"]) <= 0.6


def test_markdown_has_every_codec_and_the_truth_about_losses(folder: Path) -> None:
    text = (folder / "report.md").read_text()
    assert "## Where Veneer loses" in text
    assert "## BD-rate against JPEG 4:2:0, all that both have" in text
    assert re.search(r"^\| Veneer base, effort 1 \| [-+]\d", text, re.MULTILINE)
    assert "nan" not in text


def test_bd_rates_of_the_report_are_those_of_the_package(folder: Path) -> None:
    from bjontegaard import bd_rate

    rows = read(folder / "results.csv")
    (reported,) = (
        row
        for row in read(folder / "bd_rates.csv")
        if (row["anchor"], row["codec"], row["metric"], row["image"])
        == ("jpeg-420", "veneer-base-e1", "psnr", "picture2")
        and row["window"].startswith("all")
    )
    points = [
        np.array(
            sorted((float(r["bpp"]), float(r["psnr"])) for r in rows if r["codec"] == name and r["image"] == "picture2")
        ).T
        for name in ("jpeg-420", "veneer-base-e1")
    ]
    expected = bd_rate(*points[0], *points[1], "pchip", require_matching_points=False, min_overlap=0)
    assert float(reported["bd_rate_percent"]) == pytest.approx(expected, abs=0.05)


def test_page_stands_by_itself(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    links = re.findall(r"""(?:src|href)=["']?([^"'\s>]+)""", page)
    assert [link for link in links if not link.startswith(("data:", "#"))] == []
    assert re.findall(r"url\(|@import|fetch\(|XMLHttpRequest", page) == []
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["pictures"] == ["picture1", "picture2"]
    assert len(data["points"]["jpeg-420"]["picture1"]) == 4
    assert [len(entry["versions"]) for entry in data["slider"]] == [2, 2]


def test_sharing_a_source_means_sharing_files(pictures: Path) -> None:
    jpeg = codecs.all_codecs()["jpeg-420"]
    calls = []

    def encode(pixels: codecs.Pixels, setting: float) -> bytes:
        calls.append(setting)
        return jpeg.encode(pixels, setting)

    both = [codecs.dataclasses.replace(jpeg, name=name, encode=encode) for name in ("a", "b")]
    rows = measure.measure(both, 50, str(pictures / "picture1.png"))
    assert [row["codec"] for row in rows] == ["a", "b"]
    assert rows[0]["bytes"] == rows[1]["bytes"]
    assert len(calls) <= measure.MAX_RUNS


def test_lossless_codecs_are_held_to_it(pictures: Path) -> None:
    jpeg = codecs.dataclasses.replace(codecs.all_codecs()["jpeg-420"], lossless=True)
    with pytest.raises(ValueError, match="not lossless"):
        measure.measure([jpeg], 50, str(pictures / "picture1.png"))


@pytest.mark.parametrize("name", ["jpeg-420", "veneer-base-e1", "jxl-e7", "j2k"])
def test_files_are_fitted_to_a_size(name: str) -> None:
    if name not in codecs.all_codecs():
        pytest.skip(f"no {name} here")
    pixels, codec = make_picture(170, 190), codecs.all_codecs()[name]
    _, data = crops.encode_to_size(codec, pixels, 3000)
    assert 0.85 * 3000 < len(data) <= 3000
    setting, data = crops.encode_to_size(codec, pixels, 10)
    assert codec.bounds is not None
    assert setting == codec.bounds[0]
    assert len(data) > 10


def test_memory_is_that_of_the_call(pictures: Path) -> None:
    row = measure.peak_memory(codecs.all_codecs()["jpeg-420"], 50, str(pictures / "picture1.png"))
    assert int(row["width"]) * int(row["height"]) >= measure.MEMORY_PIXELS
    assert int(row["decode_bytes"]) > 3 * measure.MEMORY_PIXELS / 2  # the pixels themselves, at least most of them


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["empty"], "no pictures"),
        (["missing.png"], "no such file"),
        (["a/x.png", "b/x.png"], "two pictures are called x"),
        (["text.png"], "cannot be read"),
        (["deep.png"], "more than 8 bits"),
        (["pipes"], "not a regular file"),
    ],
)
def test_what_cannot_be_measured(tmp_path: Path, names: list[str], message: str) -> None:
    for name in ("a/x.png", "b/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(make_picture(16, 16)).save(tmp_path / name)
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    (tmp_path / "pipes").mkdir()
    os.mkfifo(tmp_path / "pipes/y.png")
    Image.fromarray(np.zeros((16, 16), np.uint16)).save(tmp_path / "deep.png")
    inputs = [str(tmp_path / name) for name in names]
    options = ["--out", str(tmp_path / "out"), "--codecs", "jpeg-420", "--rates", "", "--no-memory", "-j", "1"]
    result = CliRunner().invoke(main, ["bench", *inputs, *options])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("veneer: bench: ")
    assert message in line


def test_unknown_codecs_are_named(pictures: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["bench", str(pictures), "--out", str(tmp_path), "--codecs", "jpeg-421"])
    assert result.exit_code == 1
    assert "no codec 'jpeg-421' here, only" in result.stderr


def test_pictures_to_show_are_chosen(pictures: Path, tmp_path: Path) -> None:
    shown = frozenset(["picture2"])
    plan = plan_of(pictures, tmp_path, rates_bpp=(0.5,), shown=shown)
    records = bench.Records(tmp_path / bench.CROPS, crops.FIELDS, bench.CROPS_KEY)
    assert [task.what for task in bench._crops(plan, records)] == [
        "original 0.5 bpp picture2.png",
        "jpeg-420 0.5 bpp picture2.png",
    ]
    assert "no picture 'x' to show" in run_bench(pictures, tmp_path, "--shown", "x").stderr


@pytest.mark.slow
def test_interrupted_and_taken_up_again(pictures: Path, tmp_path: Path) -> None:
    options = ["--codecs", "veneer-base-e1,webp-m6", "--rates", "", "--no-memory", "-j", "1"]
    arguments = ["bench", str(pictures), "--out", str(tmp_path), *options]
    command = [sys.executable, "-m", "veneer", *arguments]
    results, deadline = tmp_path / "results.csv", time.monotonic() + 300
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            while not results.exists() or len(results.read_text().splitlines()) < 3:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)  # what Ctrl-C does, even where that is ignored
            _, message = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130
    assert message.startswith("veneer: interrupted")
    kept = read(results)
    assert kept
    assert CliRunner().invoke(main, arguments).exit_code == 0
    rows = read(results)
    assert len(rows) == 2 * (10 + 8)
    assert all(row in rows for row in kept)


def test_report_of_some_of_the_codecs(folder: Path, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_bytes((folder / "results.csv").read_bytes())
    options = ("--points", "4", "--rates", "0.6", "--crop", "64x48", "--report-only", "--codecs", "veneer-base-e1")
    assert CliRunner().invoke(main, ["bench", str(pictures), "--out", str(tmp_path), *options]).exit_code == 0
    assert "JPEG" not in (tmp_path / "report.md").read_text()
