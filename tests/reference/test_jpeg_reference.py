"""Pixels of JPEGs, decoded and restored, by the reference decoder and by the core."""

from __future__ import annotations

import numpy as np
import pytest
from jpeg_files import blocks_of, random_levels, standard_tables
from networks import of_reference
from restorers import make_restorer

from veneer import _native
from veneer.inference.model_network import native_model
from veneer.inference.weights import write_model
from veneer.reference import jpeg_pixels, jpeg_restoration
from veneer.reference.jpeg_pixels import Colour, Component, Jpeg

RESTORER = make_restorer()
MODEL = native_model(write_model(RESTORER))

SAMPLINGS = [
    [(1, 1)],
    [(2, 2), (1, 1)],
    *([(h, v), (1, 1), (1, 1)] for h in (1, 2, 3, 4) for v in (1, 2, 3, 4)),
    [(2, 2), (1, 2), (2, 1)],
    [(1, 1), (2, 2), (2, 2)],
    [(3, 3), (2, 2), (2, 1)],
    [(2, 2), (1, 1), (1, 1), (2, 2)],
    [(1, 1), (1, 1), (1, 1), (1, 1)],
]


def both(
    width: int, height: int, sampling: list[tuple[int, int]], colour: Colour, quality: int = 40
) -> tuple[Jpeg, _native.JpegPicture]:
    rng = np.random.default_rng([width, height, colour])
    tables = standard_tables(quality)
    components, arrays = [], []
    for i, ((h, v), (rows, columns)) in enumerate(zip(sampling, blocks_of(width, height, sampling), strict=True)):
        levels = random_levels(rows, columns, tables[min(i, 1)], rng)
        levels[0, 0] = rng.integers(-32768, 32768, 64)
        components.append(Component(h, v, tables[min(i, 1)].astype(np.int64), levels.astype(np.int64)))
        arrays.append((h, v, min(i, 1), levels))
    return Jpeg(width, height, components, colour), _native.JpegPicture(width, height, arrays, tables, int(colour))


def colours_of(count: int) -> list[Colour]:
    return {3: [Colour.YCC, Colour.RGB], 4: [Colour.CMYK, Colour.YCCK]}.get(count, [Colour.GREY])


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_pixels(sampling: list[tuple[int, int]]) -> None:
    for colour in colours_of(len(sampling)):
        for width, height in ((37, 50), (1, 1), (4, 3), (5, 9), (70, 16)):
            reference, core = both(width, height, sampling, colour)
            np.testing.assert_array_equal(core.pixels(), jpeg_pixels.decode_pixels(reference))


@pytest.mark.parametrize("sampling", [each for each in SAMPLINGS if len(each) < 4], ids=str)
def test_what_networks_are_told(sampling: list[tuple[int, int]]) -> None:
    for quality in (3, 50, 93):
        reference, core = both(61, 45, sampling, Colour(len(sampling) // 3), quality)
        coding = jpeg_restoration.coding_of(reference)
        assert core.strength == jpeg_restoration.describe_coding(coding)
        pixels = core.pixels()
        expected = jpeg_restoration.describe_blocks(pixels.astype(np.int64), coding)
        np.testing.assert_array_equal(core.maps(pixels), expected)


@pytest.mark.parametrize(("realism", "quality"), [(0, 40), (0, 99), (30, 40)])
def test_restored_pixels(realism: int, quality: int) -> None:
    networks = [of_reference(RESTORER.networks[name]) for name in ("jpeg_restore", "texture")]
    for sampling in ([(2, 2), (1, 1), (1, 1)], [(1, 1)] * 3, [(1, 1)]):
        reference, core = both(60, 41, sampling, Colour(len(sampling) // 3), quality)
        expected = jpeg_restoration.restored_pixels(reference, *networks, realism, 9)
        np.testing.assert_array_equal(core.restored(MODEL, realism=realism, seed=9), expected)


def test_what_stays_as_it_is() -> None:
    network = of_reference(RESTORER.networks["jpeg_restore"])
    for sampling, colour in (([(1, 1)] * 3, Colour.RGB), ([(1, 1)] * 4, Colour.YCCK)):
        reference, core = both(20, 20, sampling, colour)
        np.testing.assert_array_equal(jpeg_restoration.restored_pixels(reference, network), core.pixels())
