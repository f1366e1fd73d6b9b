"""Changed forms of crops: other sizes, colours and contrasts, to train on more variety than the pictures have.

A network of half a million weights memorizes a part of a thousand crops, which does not help on other pictures. Changes
are made before coding, so that all coding errors are real.

Place: `prepare.py` uses it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import numpy.typing
from PIL import Image

from veneer.training.data import CROP, Pixels

MOSAIC_SHARE, ENLARGED_SHARE, TONED_SHARE = 0.25, 0.35, 0.75  # of forms; mosaics and enlargements exclude each other
SMALLEST_PART = 144  # side of the smallest part that is enlarged
GAMMA, CONTRAST, SATURATION = 0.5, 0.35, 0.6  # largest changes, as logarithms to base 2

Reals = numpy.typing.NDArray[numpy.float64]


def changed_form(crops: Sequence[Pixels], number: int, rng: numpy.random.Generator) -> Pixels:
    """One crop in another form.

    Args:
        crops: uint8 [256, 256, 3] each; others than the one asked for may be drawn into a mosaic with it.
        number: of the crop.
        rng: decides everything.

    Returns:
        uint8 [256, 256, 3].
    """
    kind = rng.random()
    if kind < MOSAIC_SHARE:
        pixels = _mosaic([crops[number], *(crops[i] for i in rng.integers(len(crops), size=3))], rng)
    elif kind < MOSAIC_SHARE + ENLARGED_SHARE:
        pixels = _enlarged(crops[number], rng)
    else:
        pixels = crops[number]
    return _toned(pixels, rng) if rng.random() < TONED_SHARE else pixels


def _mosaic(crops: Sequence[Pixels], rng: numpy.random.Generator) -> Pixels:
    """Four crops at half their sides, which are sharper and busier than any of them."""
    side = CROP // 2
    small = [Image.fromarray(crop).resize((side, side), Image.Resampling.LANCZOS) for crop in crops]
    whole = Image.new("RGB", (CROP, CROP))
    for place, part in zip(rng.permutation(4), small, strict=True):
        whole.paste(part, (int(place % 2) * side, int(place // 2) * side))
    return numpy.asarray(whole)


def _enlarged(crop: Pixels, rng: numpy.random.Generator) -> Pixels:
    """A part of a crop brought to its size: as soft as cameras' pictures are before they are reduced."""
    side = int(rng.integers(SMALLEST_PART, CROP))
    x, y = (int(place) for place in rng.integers(CROP - side + 1, size=2))
    part = Image.fromarray(crop).resize((CROP, CROP), Image.Resampling.BICUBIC, box=(x, y, x + side, y + side))
    return numpy.asarray(part)


def _toned(crop: Pixels, rng: numpy.random.Generator) -> Pixels:
    """Other brightness, contrast and saturation, and colours exchanged."""
    gamma, contrast, saturation = numpy.exp2(rng.uniform(-1, 1, 3) * (GAMMA, CONTRAST, SATURATION))
    values: Reals = (crop / 255.0) ** gamma
    mean = values.mean(axis=(0, 1), keepdims=True).mean(axis=2, keepdims=True)
    values = mean + contrast * (values - mean)
    grey = values.mean(axis=2, keepdims=True)
    values = grey + saturation * (values - grey)
    values = values[:, :, rng.permutation(3)]
    return numpy.round(values * 255).clip(0, 255).astype(numpy.uint8)
