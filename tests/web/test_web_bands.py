"""One picture by several workers: the same pixels, problems and errors as by one, whatever the file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import Browser, find_vectors
from enhancers import enhanced_file
from samples import make_exif, make_picture
from test_web_vectors import AT_A_TIME, options, places_of_models
from web_files import places_of_models as places_in

import veneer
from veneer.conformance.vectors import pixel_hash, read_index

WIDTH, HEIGHT = 203, 301  # no multiples of tiles or blocks


@pytest.fixture(scope="module")
def made(files: Path) -> dict[str, bytes]:
    """A file of each kind with several rows of tiles, by its name in `files`."""
    pixels = make_picture(HEIGHT, WIDTH)
    base: dict[str, Any] = {"quality": 60, "effort": 1, "layers": "base", "tile_size": 64}
    enhanced = enhanced_file(pixels, files / "models")
    wide = np.ascontiguousarray(pixels.transpose(1, 0, 2))  # is cut into columns
    found = {
        "base": veneer.encode(pixels, **base),
        "grey": veneer.encode(pixels[:, :, 0], **base),
        "alpha": veneer.encode(make_picture(HEIGHT, WIDTH, 4), **base),
        "turned": veneer.encode(pixels, **base, exif=make_exif(6)),
        "previewed": veneer.encode(pixels, **base, preview=True),
        "deep": veneer.encode(pixels.astype(np.uint16) * 257, **base, depth=16),
        "lossless": veneer.encode(make_picture(HEIGHT, WIDTH, 4), lossless=True, effort=1, tile_size=64),
        "deep_lossless": veneer.encode(pixels.astype(np.uint16) * 4, lossless=True, depth=10, effort=1, tile_size=64),
        "jpeg": veneer.encode_jpeg((files / "photo.jpg").read_bytes(), effort=1),
        "enhanced": enhanced,
        "enhanced_wide": enhanced_file(wide, files / "models"),
        "thin": veneer.encode(pixels[:, :1], **base),
        "one_tile": veneer.encode(pixels, **{**base, "tile_size": 512}),
    }
    found["cut"] = found["base"][: len(found["base"]) * 2 // 3]
    found["cut_enhanced"] = enhanced[: len(enhanced) * 2 // 3]
    damaged = bytearray(found["base"])
    damaged[len(damaged) // 2] ^= 1
    found["damaged"] = bytes(damaged)
    return found


def run(browser: Browser, folder: Path, files: dict[str, bytes], models: Any, **wanted: object) -> dict[str, Any]:
    own = folder / "banded"
    own.mkdir(exist_ok=True)
    for name, data in files.items():
        (own / f"{name}.vnr").write_bytes(data)
    asked = [{"name": f"/files/banded/{name}.vnr", "options": wanted} for name in files]
    return dict(zip(files, browser.run("bands.js", seconds=120, files=asked, models=models), strict=True))


def test_each_kind(browser: Browser, files: Path, made: dict[str, bytes]) -> None:
    models = places_in(files / "models", "/files/models")
    found = run(browser, files, made, models)
    for name, each in found.items():
        assert each["several"] == each["one"], name
        assert each["shown"]["isEqual"], name
    alone = {name for name, each in found.items() if not each["shared"]}
    assert alone == {"jpeg", "one_tile"}  # they have one row of tiles
    for name in made.keys() - {"cut", "cut_enhanced", "damaged"}:
        assert found[name]["strict"] == found[name]["one"], name
        pixels = veneer.decode(files / "banded" / f"{name}.vnr", models=files / "models")
        assert found[name]["several"]["hash"] == pixel_hash(pixels), name
    for name in ("cut", "cut_enhanced", "damaged"):
        assert found[name]["several"]["problems"], name
        assert found[name]["strict"].keys() == {"error"}, name
    assert found["enhanced"]["several"]["enhanced"]
    assert found["enhanced"]["shown"]["stages"] == ["info", "base", "picture"]


@pytest.mark.parametrize("realism", [0, 0.5, 1])
def test_realism(browser: Browser, files: Path, made: dict[str, bytes], realism: float) -> None:
    models = places_in(files / "models", "/files/models")
    found = run(browser, files, {"enhanced": made["enhanced"]}, models, realism=realism)["enhanced"]
    assert found["shared"]
    pixels = veneer.decode(files / "banded" / "enhanced.vnr", models=files / "models", realism=realism)
    assert found["several"]["hash"] == found["one"]["hash"] == pixel_hash(pixels)


def test_part_and_preview(browser: Browser, files: Path, made: dict[str, bytes]) -> None:
    models = places_in(files / "models", "/files/models")
    box = {"x": 11, "y": 37, "width": 101, "height": 190}
    for name in ("base", "enhanced", "lossless"):
        found = run(browser, files, {name: made[name]}, models, region=box)[name]
        assert found["shared"]
        pixels = veneer.decode(files / "banded" / f"{name}.vnr", models=files / "models", region=tuple(box.values()))
        assert found["several"]["hash"] == found["one"]["hash"] == pixel_hash(pixels)
    small = run(browser, files, {"previewed": made["previewed"]}, models, layers="preview")["previewed"]
    assert not small["shared"]
    assert small["several"] == small["one"]


def test_without_a_model(browser: Browser, files: Path, made: dict[str, bytes]) -> None:
    found = run(browser, files, {"enhanced": made["enhanced"]}, "/files/")["enhanced"]
    assert found["several"] == found["one"]
    assert not found["several"]["enhanced"]
    assert found["strict"] == {"error": 605}


def test_bands_that_end_early(browser: Browser, files: Path, made: dict[str, bytes]) -> None:
    """A caller that gives up, or whose function throws, and a worker that stops."""
    models = places_in(files / "models", "/files/models")
    (files / "banded").mkdir(exist_ok=True)
    (files / "banded" / "enhanced.vnr").write_bytes(made["enhanced"])
    found = browser.run("bands_ended.js", url="/files/banded/enhanced.vnr", models=models)
    assert found == {
        "aborted": ["enough"] * 3,
        "thrown": "TypeError: mine",
        "no threads": ["argument 102"] * 3,
        "workers left": 0,
        "after all": [WIDTH, HEIGHT],
        "after a crash": [WIDTH, HEIGHT],
    }


@pytest.mark.slow
def test_vectors_in_bands(browser: Browser) -> None:
    vectors = [vector for vector in read_index(find_vectors()) if not vector.wants_jpeg and not vector.of_weights]
    models = places_of_models()
    wrong, shared = [], 0
    for first in range(0, len(vectors), AT_A_TIME):
        part = vectors[first : first + AT_A_TIME]
        asked = []
        for vector in part:
            wanted: dict[str, Any] = options(vector)
            if "realism" in wanted:
                wanted["realism"] = float(wanted["realism"])
            asked.append({"name": f"/vectors/{vector.name}", "options": wanted})
        for vector, found in zip(part, browser.run("bands.js", seconds=300, files=asked, models=models), strict=True):
            shared += found["shared"]
            strict = found["strict"].get("hash", str(found["strict"].get("error")))
            shown = found["shown"].get("isEqual", found["shown"] == found["one"])
            if strict != vector.outcome or found["several"] != found["one"] or not shown:
                wrong.append((vector.name, vector.options, found))
    print(f"{browser.name}: {shared} of {len(vectors)} in bands")  # noqa: T201
    assert wrong == []
    assert shared > 200  # most vectors have one tile and no enhancement
