"""The models of the package: they do what models are for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import Pixels, psnr_db

import veneer
from veneer.enhancement import models
from veneer.enhancement.models import Entry
from veneer.enhancement.networks import networks_of

PHOTO = Path(__file__).parents[2] / "examples" / "fir.jpg"


@pytest.fixture(scope="module")
def photo() -> Pixels:
    """A part of a photograph that no model was trained on."""
    with Image.open(PHOTO) as image:
        return np.asarray(image.convert("RGB").crop((100, 100, 356, 292)))


def test_numbers_and_files(released_models: list[Entry]) -> None:
    assert len({entry.id for entry in released_models}) == len(released_models)
    listed = {entry.path.name for entry in released_models}
    assert listed == {path.name for path in models.PACKAGE_FOLDER.glob("*.vnw")}
    for entry in released_models:
        networks = networks_of(models.load(entry), 1)
        assert networks is not None
        assert networks.h_s is None or networks.g_a is not None, "encoders need g_a"


def test_the_default_is_released(released_models: list[Entry]) -> None:
    assert veneer.Settings().model in {entry.name for entry in released_models}


@pytest.mark.parametrize("step_index", [112, 136])
def test_enhancement_pays(step_index: int, released_models: list[Entry], photo: Pixels) -> None:
    for name in {entry.name for entry in released_models}:
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
