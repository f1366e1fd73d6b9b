"""`decode` of the web package in browsers: steps, regions, realism, sources, models, errors."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import pytest
from browsers import Browser
from web_files import HEIGHT, WIDTH, places_of_models

import veneer
from veneer.conformance.vectors import pixel_hash

SLOW_SECONDS = 1.5


@pytest.fixture(scope="module")
def models(files: Path) -> dict[str, str]:
    return places_of_models(files / "models", "/files/models")


def decoded(path: Path, **options: object) -> str:
    return pixel_hash(veneer.decode(path, models=path.parent / "models", **options))  # type: ignore[arg-type]


def test_steps_of_a_file_that_comes_slowly(browser: Browser, files: Path, models: dict[str, str]) -> None:
    browser.server.site.delays["/files/enhanced.vnr"] = SLOW_SECONDS
    try:
        found = browser.run("steps.js", url="/files/enhanced.vnr", models=models)
    finally:
        del browser.server.site.delays["/files/enhanced.vnr"]
    stages = [step["stage"] for step in found["steps"]]
    assert list(dict.fromkeys(stages)) == ["info", "preview", "base", "picture"]
    steps = {step["stage"]: step for step in reversed(found["steps"])}  # the first of each stage
    assert steps["preview"]["size"] == [17, 13]
    assert steps["preview"]["time"] < 1000 * SLOW_SECONDS <= steps["picture"]["time"]
    assert steps["base"]["size"][0] <= WIDTH
    assert found["enhanced"]
    assert found["problems"] == []
    assert found["size"] == [WIDTH, HEIGHT]
    assert found["hash"] == decoded(files / "enhanced.vnr")


@pytest.mark.parametrize("realism", [0, 1])
def test_realism(browser: Browser, files: Path, models: dict[str, str], realism: int) -> None:
    found = browser.run("steps.js", url="/files/enhanced.vnr", models=models, options={"realism": realism})
    assert found["hash"] == decoded(files / "enhanced.vnr", realism=realism)


@pytest.mark.parametrize("layers", ["base", "preview"])
def test_layers(browser: Browser, files: Path, models: dict[str, str], layers: str) -> None:
    found = browser.run("steps.js", url="/files/enhanced.vnr", models=models, options={"layers": layers})
    assert found["hash"] == decoded(files / "enhanced.vnr", layers=layers)
    assert not found["enhanced"]


def test_region(browser: Browser, files: Path, models: dict[str, str]) -> None:
    region = {"x": 50, "y": 20, "width": 40, "height": 30}
    found = browser.run("steps.js", url="/files/enhanced.vnr", models=models, options={"region": region})
    assert found["hash"] == decoded(files / "enhanced.vnr", region=tuple(region.values()))
    assert {step["stage"] for step in found["steps"]} == {"info", "picture"}


def test_every_source(browser: Browser, files: Path) -> None:
    found = browser.run("sources.js", url="/files/base.vnr", jpeg="/files/jpeg.vnr")
    assert len(found["hashes"]) == 7
    assert {*found["hashes"].values()} == {decoded(files / "base.vnr")}
    assert found["untouched"]
    assert browser.server.accepted["/files/jpeg.vnr"] == "image/x-veneer,*/*;q=0.5"  # a server may have other forms
    assert found["jpeg"] == hashlib.sha256((files / "photo.jpg").read_bytes()).hexdigest()


def test_models_are_fetched_once(browser: Browser, models: dict[str, str]) -> None:
    """And of the networks only those that the picture needs."""
    browser.server.requests.clear()
    assert browser.run("kept_models.js", url="/files/enhanced.vnr", models=models) == [True, True]
    counts = {name.split("-")[0]: browser.server.requests.count(place) for name, place in models.items()}
    needed = {"900": 1, "restore": 1, "latent_prior": 1, "texture": 1}
    assert counts == needed | dict.fromkeys(counts.keys() - needed.keys(), 0)


def test_few_tables_are_fetched(browser: Browser, files: Path) -> None:
    """Of the tables that are apart from the decoder a picture needs one, which each worker fetches once."""
    assert (files / "base.vnr").is_file()
    browser.server.requests.clear()
    browser.run("kept_models.js", url="/files/base.vnr", models=None)
    tables = [path for path in browser.server.requests if path.startswith("/table-")]
    assert len(tables) == 2
    assert len({*tables}) == 1


def test_parts_from_another_origin(browser: Browser, models: dict[str, str]) -> None:
    found = browser.run("foreign.js", url="/files/enhanced.vnr", model=models)
    assert found == {"enhanced": True, "size": [WIDTH, HEIGHT], "problems": []}


def test_failures(browser: Browser, files: Path) -> None:
    found = browser.run("failures.js", url="/files/base.vnr", cut="/files/cut.vnr", enhanced="/files/enhanced.vnr")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        veneer.decode(files / "cut.vnr")
    codes = {int(warning.message.problem.code) for warning in caught}  # type: ignore[union-attr]
    assert {*found.pop("cut")} == codes
    assert found == {
        "no file": "environment 901",
        "no veneer": "not-veneer 201",
        "nothing": "not-veneer 201",
        "too large": "limit 701",
        "no region": "argument 103",
        "half a region": "argument 103",
        "realism": "argument 102",
        "layers": "argument 102",
        "strict cut": f"truncated {min(codes)}",
        "strict model": "unsupported 605",
        "no address": "argument 102",
        "own function": "TypeError: mine",
        "without model": [False, [605, 901]],
        "aborted": ["enough", "enough", "enough"],
        "after all": WIDTH,
        "no module": "environment 903",
        "no worker": "environment 903",
    }
