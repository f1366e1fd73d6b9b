"""The models of the package: they do what models are for."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import numpy as np
import pytest
from oracle.enhancement.runner import run_native
from PIL import Image
from samples import Pixels, psnr_db
from test_whole_path import decode_with

import veneer
from veneer.backend import inference_targets, jpeg_networks
from veneer.enhancement import models
from veneer.enhancement.models import Entry
from veneer.inference.graph import Graph
from veneer.reference.network import Network
from veneer.reference.weights import read_model_file, read_structure

PHOTO = Path(__file__).parents[2] / "examples" / "fir.jpg"


@pytest.fixture(scope="module")
def photo() -> Pixels:
    """A part of a photograph."""
    with Image.open(PHOTO) as image:
        return np.asarray(image.convert("RGB").crop((100, 100, 356, 292)))


def test_numbers_and_files(released_models: list[Entry]) -> None:
    assert len({entry.id for entry in released_models}) == len(released_models)
    listed = {entry.path.name for entry in released_models}
    listed |= {name for entry in released_models for name in models.weight_file_names(entry)}
    assert listed == {path.name for path in models.PACKAGE_FOLDER.glob("*.vn[mw]")}
    for entry in released_models:
        assert entry.path.name == f"{entry.name}-{entry.id}.vnm"
        model = models.load(entry)
        networks = model.networks(1)
        if networks is None:
            assert jpeg_networks(model)[0]
            continue
        assert networks.latent_prior is None or networks.latent_analysis is not None, "encoders need latent_analysis"


def test_the_default_is_released(released_models: list[Entry]) -> None:
    assert veneer.Settings().model in {entry.name for entry in released_models}


@pytest.mark.parametrize(("step_index", "names"), [(112, {"standard"}), (136, {"standard", "fast"})])
def test_enhancement_pays(step_index: int, names: set[str], released_models: list[Entry], photo: Pixels) -> None:
    """At fine steps less is to be gained, and `fast` may be left out."""
    assert names <= {entry.name for entry in released_models}
    for name in names:
        data = veneer.encode(photo, model=name, step_index=step_index, tune="psnr", base_scale=1)
        assert b"eNHA" in data, name
        enhanced, base = veneer.decode(data, strict=True), veneer.decode(data, layers="base", strict=True)
        assert psnr_db(enhanced, photo) > psnr_db(base, photo) + 0.05, name


def test_grey_and_alpha(released_models: list[Entry], photo: Pixels) -> None:
    assert released_models
    alpha = np.full((*photo.shape[:2], 1), 200, np.uint8)
    for pixels in (photo[:, :, 1:2], np.concatenate([photo, alpha], axis=2)):
        data = veneer.encode(pixels, step_index=130, tune="psnr")
        decoded, base = veneer.decode(data, strict=True), veneer.decode(data, layers="base")
        assert psnr_db(decoded, pixels) >= psnr_db(base, pixels)


def test_coarse_steps(released_models: list[Entry], photo: Pixels) -> None:
    assert released_models
    for base_scale in (None, 1, 2):
        data = veneer.encode(photo, step_index=178, base_scale=base_scale)
        assert veneer.decode(data, strict=True).shape == photo.shape


def test_what_the_manifest_says_of_speed(released_models: list[Entry]) -> None:
    manifest = tomllib.loads((models.PACKAGE_FOLDER / models.MANIFEST).read_text())
    said = {fields["id"]: fields["kmac_per_pixel"] for fields in manifest["model"]}
    for entry in released_models:
        networks = {
            each.name: read_structure(models.weights_of(entry, each.name, each.sha256))
            for each in read_model_file(models.file_of(entry)).networks
        }
        parts = {name: (each.inputs, each.operations, each.outputs) for name, each in networks.items()}
        counted = {name: Graph(name, *graph).multiplications_per_pixel / 1e3 for name, graph in parts.items()}
        assert said[entry.id] == {name: pytest.approx(count, abs=0.05) for name, count in counted.items()}


@pytest.mark.parametrize("base_scale", [1, 2])
def test_every_backend_gives_the_same(base_scale: int, released_models: list[Entry], photo: Pixels) -> None:
    runs = [functools.partial(run_native, target=target, threads=2, strip=16) for target in inference_targets()]
    for entry in released_models:
        if models.load(entry).networks(1) is None:
            continue
        data = veneer.encode(photo[:66, :79], step_index=136, model=entry.name, base_scale=base_scale)
        if b"eNHA" not in data:
            continue
        expected = veneer.decode(data, strict=True)
        for run in (*runs, Network.run):
            decoded = decode_with(run, data, entry.path.parent, entry.name)
            np.testing.assert_array_equal(decoded, expected, entry.name)
