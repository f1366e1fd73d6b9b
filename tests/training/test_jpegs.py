"""JPEGs made while training goes on: what they are made of, and a network that learns from them."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny import TINY, picture

from veneer import backend
from veneer.inference.model_network import native_model, networks_in
from veneer.inference.weights import write_model
from veneer.training import export, jpegs
from veneer.training.jpegs import CHECKS, JpegSet
from veneer.training.networks import load_enhancer
from veneer.training.runs import LOG, Place
from veneer.training.train import train

CPU = torch.device("cpu")
TINY_RESTORE = dataclasses.replace(TINY, source="jpeg", latent_channels=0, texture_channels=0)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for kind, seeds in (("train", (1, 2)), ("valid", (3,))):
        (folder / kind).mkdir()
        for seed in seeds:
            Image.fromarray(picture(seed)).save(folder / kind / f"{seed}.png")
    return folder


def test_samples_follow_from_the_generator_and_lie_on_the_grid(pictures: Path) -> None:
    crops = JpegSet(pictures, "train", CPU)
    first, again, other = (crops.random_batch(6, 64, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6))
    assert torch.equal(first.base, again.base)
    assert torch.equal(first.maps, again.maps)
    assert not torch.equal(first.base, other.base)
    assert first.base.shape == first.original.shape == (6, 3, 64, 64)
    assert first.maps.shape == (6, 10, 16, 16)
    assert first.step.shape == (6, 1, 16, 16)
    assert torch.equal(first.maps[:, 0, 0], (torch.arange(16) % 2).float().expand(6, 16))
    assert torch.equal(crops.whole(0, 2).base, crops.whole(0, 2).base)


def test_all_ways_of_coding_are_drawn() -> None:
    pixels = picture(4)
    rng = np.random.default_rng(0)
    samples = [jpegs.draw_sample(pixels, 64, rng) for _ in range(120)]
    assert {tuple(sample.settings[2:]) for sample in samples} == {(0, 0), (16, 0), (16, 16)}
    steps = [sample.step for sample in samples]
    assert min(steps) < 90
    assert max(steps) > 160
    assert any((sample.original == sample.original[:, :, :1]).all() for sample in samples)
    assert any((sample.decoded != sample.decoded[:, :, :1]).any() for sample in samples)


def test_validation_is_always_the_same(pictures: Path) -> None:
    first, again = (JpegSet(pictures, "valid", CPU) for _ in range(2))
    assert len(first) == CHECKS
    assert np.array_equal(first.coded_bytes, again.coded_bytes)
    assert first.coded_bytes.min() > 600
    assert len(set(first.steps.tolist())) == len(jpegs.CHECKED_QUALITIES)
    assert torch.equal(first.whole(2, 2).base, again.whole(2, 2).base)
    with pytest.raises(FileNotFoundError, match="no pictures"):
        JpegSet(pictures / "valid", "valid", CPU)


def test_training_improves_on_jpegs(pictures: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY_RESTORE, steps=60, batch=4, crop=64, ema=0.9, decay=1.0)
    train(config, pictures, tmp_path, place=Place(CPU, 0, 1))
    report = json.loads((tmp_path / LOG).read_text())
    assert report["rate_change"] < -0.01
    assert min(report["gain_db"]) > 0

    # `restore_jpeg` takes the exported file, and does the same in integers.
    model, held_out = load_enhancer(tmp_path), JpegSet(pictures, "valid", CPU)
    exported = native_model(write_model(export.export_model(model, held_out, 7)))
    assert backend.jpeg_networks(exported) == (True, False)
    network = networks_in(exported)["jpeg_restore"]
    for number in (0, CHECKS - 1):
        found = export.compare_on_jpeg(model, network, held_out, number)
        assert found.integer_db == pytest.approx(found.float_db, abs=0.02)
