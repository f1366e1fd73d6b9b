"""Files at given rates, and the benchmark of realism that judges them."""

from __future__ import annotations

import csv
import dataclasses
import functools
import importlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from samples import make_picture

for needed in ("bjontegaard", "scipy", "ssimulacra2"):
    pytest.importorskip(needed)

from veneer.evaluation.codecs import Codec, Pixels, all_codecs  # noqa: E402

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PIXELS = np.zeros((100, 200, 3), np.uint8)


@pytest.fixture
def benchmark_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Programs of benchmarks/ can be imported."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in set(sys.modules) - before:
        if name in ("coded_files", "realism", "crops_sheet"):
            del sys.modules[name]


@pytest.fixture
def coded_files(request: pytest.FixtureRequest) -> ModuleType:
    request.getfixturevalue("benchmark_folder")
    return importlib.import_module("coded_files")


class Imaginary:
    """A codec whose files have sizes by a rule, and what it was asked for."""

    def __init__(self, codec: Codec, growth: float) -> None:
        self.calls: list[float] = []
        self._growth = growth
        self.codec = codec

    def encode(self, pixels: Pixels, setting: float) -> bytes:
        self.calls.append(setting)
        height, width = pixels.shape[:2]
        return bytes(int(height * width / 8 * 0.03 * math.exp(self._growth * setting)))


def imaginary(*, whole: bool, version: str = "1") -> Imaginary:
    made = Imaginary(all_codecs()["jpeg-420"], 0.06)
    made.codec = Codec(
        name="imaginary",
        label="Imaginary",
        family="Imaginary",
        encode=made.encode,
        decode=lambda _: PIXELS,
        settings=(1, 50, 100),
        bounds=(1, 100),
        source="imaginary x=1",
        version=version,
        whole=whole,
    )
    return made


@pytest.mark.parametrize("whole", [False, True])
def test_files_come_near_the_rate_from_below(coded_files: ModuleType, tmp_path: Path, whole: bool) -> None:
    made = imaginary(whole=whole)
    store = coded_files.FileStore(tmp_path)
    for rate in (0.1, 0.15, 0.5, 2.0):
        coded = store.at_rate(made.codec, "a", PIXELS, rate)
        found = 8 * len(coded.data) / (PIXELS.shape[0] * PIXELS.shape[1])
        assert coded.reached
        assert found <= 1.02 * rate
        assert found >= (0.94 if whole else 0.98) * rate  # a whole step is 6 %
        assert len(coded.data) == len(made.encode(PIXELS, coded.setting))


def test_files_are_made_once(coded_files: ModuleType, tmp_path: Path) -> None:
    first = imaginary(whole=False)
    coded = coded_files.FileStore(tmp_path).at_rate(first.codec, "a", PIXELS, 0.3)
    again = imaginary(whole=False)
    assert coded_files.FileStore(tmp_path).at_rate(again.codec, "a", PIXELS, 0.3) == coded
    assert again.calls == []
    other = imaginary(whole=False, version="2")
    assert coded_files.FileStore(tmp_path).at_rate(other.codec, "a", PIXELS, 0.3).data == coded.data
    assert len(other.calls) == 1  # it knew where to look
    related = imaginary(whole=False)
    related.codec = dataclasses.replace(related.codec, source="imaginary x=2")
    assert coded_files.FileStore(tmp_path).at_rate(related.codec, "a", PIXELS, 0.3).data == coded.data
    assert len(related.calls) == 1
    kept = imaginary(whole=False, version="3")
    store = coded_files.FileStore(tmp_path, frozenset(["imaginary"]))
    assert store.at_rate(kept.codec, "a", PIXELS, 0.3) == coded
    assert kept.calls == []


def test_hints_may_all_be_wrong(coded_files: ModuleType, tmp_path: Path) -> None:
    first = imaginary(whole=False)
    for number in range(12):
        coded_files.FileStore(tmp_path).at_rate(first.codec, "a", PIXELS, 0.3 * 0.95**number)
    larger = imaginary(whole=False, version="2")
    larger.codec = dataclasses.replace(larger.codec, encode=lambda *given: 2 * larger.encode(*given))
    coded = coded_files.FileStore(tmp_path).at_rate(larger.codec, "a", PIXELS, 0.3)
    assert 0.98 * 0.3 <= 8 * len(coded.data) / (PIXELS.shape[0] * PIXELS.shape[1]) <= 1.02 * 0.3


@pytest.mark.parametrize("whole", [False, True])
def test_rates_out_of_reach(coded_files: ModuleType, tmp_path: Path, whole: bool) -> None:
    made = imaginary(whole=whole)
    store = coded_files.FileStore(tmp_path)
    low, high = (store.at_rate(made.codec, "a", PIXELS, rate) for rate in (0.001, 500))
    assert (low.reached, low.setting) == (False, 1)
    assert (high.reached, high.setting) == (True, 100)


@pytest.mark.parametrize("name", ["jpeg-420", "jxl-e7", "veneer-base-e1"])
def test_real_codecs(coded_files: ModuleType, tmp_path: Path, name: str) -> None:
    if name not in all_codecs():
        pytest.skip(f"no {name} here")
    pixels = make_picture(170, 190)
    coded = coded_files.FileStore(tmp_path).at_rate(all_codecs()[name], "a", pixels, 0.8)
    assert 0.85 * 0.8 < 8 * len(coded.data) / (170 * 190) <= 1.02 * 0.8


@pytest.mark.usefixtures("benchmark_folder")
def test_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    realism = importlib.import_module("realism")
    monkeypatch.setattr(realism.critic, "critic_auc", functools.partial(realism.critic.critic_auc, steps=4))
    for number in range(3):
        Image.fromarray(make_picture(360, 400, seed=number)).save(tmp_path / f"p{number}.png")
    out = tmp_path / "out"
    options = ["--codecs", "jpeg-420", "veneer-base-e1", "--rates", "1", "0.2", "--work", str(tmp_path / "work")]
    arguments = ["realism", str(tmp_path), *options, "--out", str(out)]
    monkeypatch.setattr(sys, "argv", arguments)
    realism.main()
    text = capsys.readouterr()
    assert len(text.err.splitlines()) == 4
    assert text.out == (out / "realism.md").read_text()
    assert "| JPEG 4:2:0 | " in text.out
    assert str(tmp_path) not in text.out
    with (out / "realism.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["codec"], row["target_bpp"]) for row in rows] == [
        ("jpeg-420", "0.2"),
        ("jpeg-420", "1"),
        ("veneer-base-e1", "0.2"),
        ("veneer-base-e1", "1"),
    ]
    for row in rows:
        assert 0 <= float(row["auc"]) <= 1
        assert float(row["frechet"]) > 0
        assert float(row["bpp"]) <= 1.02 * float(row["target_bpp"]) or row["reached"] != "3"
    realism.main()
    assert capsys.readouterr() == (text.out, "")  # nothing is measured twice


@pytest.mark.usefixtures("benchmark_folder")
def test_claims(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    realism = importlib.import_module("realism")
    paths = [Path("a.png"), Path("b.png")]
    bench = realism.Bench(paths, realism.FileStore(tmp_path), tmp_path, frozenset())
    points = {
        ("avif-444-s4", "0.15"): ("30", "4", "5", "0.95"),
        ("avif-444-s4", "0.3"): ("33", "2", "2", "0.9"),
        ("veneer-real0", "0.15"): ("31", "3", "4", "0.9"),
        ("veneer-real1", "0.15"): ("29.5", "1.5", "2.5", "0.8"),
    }
    for (codec, rate), (psnr, distance, frechet, auc) in points.items():
        row = {"codec": codec, "target_bpp": rate, "pictures": "2", "reached": "2", "bpp": rate, "version": ""}
        figures = {"psnr": psnr, "ssimulacra2": "50", "squeezenet": distance, "frechet": frechet, "auc": auc}
        bench.points.add([row | figures])
    verdicts = [line.split()[-1] for line in realism._claims_at_low_rate(bench)]
    assert verdicts == ["met.", "missed.", "met.", "missed."]
    for codec, scores in (("veneer-real0", (60, 70)), ("veneer", (59, 68))):
        for path, score in zip(paths, scores, strict=True):
            row = dict.fromkeys(realism.PICTURE_FIELDS, "1") | {"codec": codec, "target_bpp": "0.5"}
            bench.pictures.add([row | {"image": path.stem, "ssimulacra2": str(score)}])
    bench.points.add([dict.fromkeys(realism.POINT_FIELDS, "1") | {"codec": "veneer", "target_bpp": "0.5"}])
    (line,) = realism._claims_of_realism(bench)
    assert line.endswith("2.00, missed.")
