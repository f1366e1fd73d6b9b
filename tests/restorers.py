"""Small networks that restore JPEGs, for tests: they take every input there is, smooth a little, and add a pattern."""

from __future__ import annotations

import numpy as np
from enhancers import make_texture

from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Array, Network
from veneer.inference.weights import Model

SHIFT = 20


def make_restorer(model_id: int = 901, name: str = "restore") -> Model:
    """A model of them."""
    b, arrays = GraphBuilder("jpeg_restore"), dict[str, Array]()

    def linear(layer: str, weight: Array, gain: float) -> None:
        arrays[f"{layer}/weight"] = weight.astype("i2")
        arrays[f"{layer}/bias"] = np.zeros(len(weight), "i4")
        arrays[f"{layer}/multiplier"] = np.full(len(weight), round(gain * (1 << SHIFT)), "i4")
        arrays[f"{layer}/shift"] = np.full(len(weight), SHIFT, "u1")

    rng = np.random.default_rng(11)
    picture = b.input("picture", 3, low=0, high=255)
    step = b.input("step", 1, reduction=4, low=0, high=255)
    settings = b.input("settings", 4, reduction=4, low=-64, high=63)
    maps = b.input("maps", 10, reduction=4, low=0, high=15)

    kernel = np.array([[1, 2, 1], [2, -12, 2], [1, 2, 1]])
    linear("smooth", np.stack([kernel] * 3), 1 / 32)
    smooth = b.depthwise("smooth", picture)

    # Side information on the coding, as a pattern of a level or two in squares of 8 x 8 pixels.
    told = b.pixel_unshuffle("told_squares", b.concat("told", step, settings, maps), 2)
    linear("features", rng.integers(-3, 4, (8, 60, 3, 3)), 1 / 512)
    features = b.convolution("features", told, 8, low=-40, high=40)
    linear("pattern", rng.integers(-1, 2, (3 * 64, 8, 1, 1)), 1 / 16)
    pattern = b.convolution("pattern", features, 3 * 64, kernel=1, low=-3, high=3)
    change = b.add("change", smooth, b.pixel_shuffle("pattern_squares", pattern, 8))
    total = b.add("enhanced", picture, change, multiplier_a=64, multiplier_b=64, low=0, high=16320)
    b.output(total, fraction_bits=6)
    return Model(model_id, name, {"jpeg_restore": Network(b.build(), arrays), "texture": make_texture(maps=10)})
