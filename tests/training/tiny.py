"""A cache of two pictures and a network of a few hundred weights, for tests that train in a second."""

from pathlib import Path

import numpy as np
from PIL import Image

from veneer.training import prepare
from veneer.training.config import Config

TINY = Config(
    model="tiny",
    channels=16,
    blocks_before=1,
    deep_channels=16,
    deep_blocks=1,
    blocks_after=1,
    map_features=4,
    latent_channels=2,
    latent_features=4,
    analysis_channels=8,
    entropy_channels=8,
    texture_channels=8,
    steps=12,
    batch=2,
    crop=32,
    learning_rate=3e-3,
    warm_up=3,
    rate_ramp=0.5,
)


def picture(seed: int, width: int = 256, height: int = 256) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Soft shapes with edges and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        waves = sum(
            40 * np.sin(x * rng.uniform(-0.2, 0.2) + y * rng.uniform(-0.2, 0.2) + rng.uniform(0, 6)) for _ in range(3)
        )
        planes.append(128 + waves + 30 * np.sign(np.sin(x * 0.07 + y * 0.05)) + rng.normal(0, 4, x.shape))
    return np.stack(planes, axis=2).clip(0, 255).astype(np.uint8)


def make_cache(folder: Path, **changes: int) -> Path:
    """A cache of two crops at two steps each, and one crop for validation."""
    pictures, held_out = folder / "pictures", folder / "held_out"
    for place, seeds in ((pictures, (1, 2)), (held_out, (3,))):
        place.mkdir(parents=True)
        for seed in seeds:
            Image.fromarray(picture(seed)).save(place / f"{seed}.png")
    cache = folder / "cache"
    prepare.prepare(pictures, cache, validation=held_out, versions=2, efforts=[1], jobs=1, **changes)
    return cache
