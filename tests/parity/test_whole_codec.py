"""The same file from every SIMD target's encoder, and the same pixels from every target's decoder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import veneer
from veneer import _native_dev
from veneer.backend import force_target

TARGETS = [name for name in _native_dev.transform_targets() if name != "scalar"]


@pytest.fixture(autouse=True)
def _any_target_afterwards() -> Iterator[None]:
    yield
    force_target("auto")


def make_picture(height: int, width: int, channels: int) -> np.ndarray:
    """Smooth areas, edges, texture and noise, [H, W, C]."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width]
    planes = []
    for c in range(channels):
        plane = 90 + 60 * np.sin(x / (9 + c) + y / 23) + 40 * ((x // 37 + y // 29 + c) % 2)
        plane[height // 2 :] += rng.normal(0, 14, (height - height // 2, width))
        planes.append(plane)
    return np.clip(np.rint(np.stack(planes, -1)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("effort", "tune", "quality"), [(1, "psnr", 95), (3, "visual", 20), (5, "visual", 75), (9, "psnr", 60)]
)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.slow
def test_target_does_not_matter(target: str, effort: int, tune: str, quality: int, channels: int) -> None:
    picture = make_picture(133, 150, channels)
    assert force_target("scalar")
    data = veneer.encode(picture, quality=quality, effort=effort, tune=tune)
    pixels = veneer.decode(data)
    assert force_target(target)
    assert veneer.encode(picture, quality=quality, effort=effort, tune=tune) == data
    np.testing.assert_array_equal(veneer.decode(data), pixels)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("tune", "step"), [("visual", 120), ("psnr", 130), ("visual", 160)])
@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.slow
def test_target_does_not_matter_with_networks(target: str, tune: str, step: int) -> None:
    """Enhancement that pays, filters, bases of half size: what the encoder reckons with outside of the core, too."""
    with Image.open(Path(__file__).parents[2] / "examples" / "fir.jpg") as image:
        picture = np.asarray(image.convert("RGB").crop((100, 100, 292, 260)))
    assert force_target("scalar")
    data = veneer.encode(picture, step_index=step, effort=5, tune=tune)
    assert b"eNHA" in data
    pixels = veneer.decode(data, realism=1)
    assert force_target(target)
    assert veneer.encode(picture, step_index=step, effort=5, tune=tune) == data
    np.testing.assert_array_equal(veneer.decode(data, realism=1), pixels)
