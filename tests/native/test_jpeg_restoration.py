"""Restored pixels of JPEGs by the core: what its networks are told, regions, bands, texture."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from enhancers import make_model
from jpeg_files import Component, blocks_of, random_levels, standard_tables
from networks import of_reference
from oracle.jpeg_losses import BLOCK, Coding, describe_coding, describe_picture
from restorers import make_restorer

from veneer import _native
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.model_network import native_model
from veneer.inference.weights import write_model
from veneer.reference.texture import noise

Pixels = npt.NDArray[np.uint8]
Tables = npt.NDArray[np.uint16]
GREY, YCC, RGB, CMYK = range(4)

RESTORER = make_restorer()
MODEL = native_model(write_model(RESTORER))
SAMPLINGS = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (3, 2), (4, 4)]


def make_jpeg(
    width: int, height: int, sampling: list[tuple[int, int]], tables: Tables | None = None, colour: int | None = None
) -> _native.JpegPicture:
    rng = np.random.default_rng([width, height, len(sampling)])
    tables = standard_tables(30) if tables is None else tables
    components = []
    for i, ((h, v), (rows, columns)) in enumerate(zip(sampling, blocks_of(width, height, sampling), strict=True)):
        table = min(i, len(tables) - 1)
        components.append(Component(h, v, table, random_levels(rows, columns, tables[table], rng)))
    arrays = [(each.h, each.v, each.table, each.levels) for each in components]
    kinds = (GREY, GREY, YCC, CMYK)
    return _native.JpegPicture(width, height, arrays, tables, kinds[len(sampling) - 1] if colour is None else colour)


def coding_of(tables: Tables, sampling: tuple[int, int], *, grey: bool = False) -> Coding:
    luma, chroma = (table.astype(np.int64).reshape(BLOCK, BLOCK) for table in (tables[0], tables[0 if grey else -1]))
    return Coding(luma, chroma, sampling)


def colours(h: int, v: int) -> list[tuple[int, int]]:
    return [(h, v), (1, 1), (1, 1)]


def told(picture: _native.JpegPicture, shown: npt.NDArray[np.generic]) -> dict[str, npt.NDArray[np.generic]]:
    """Inputs of networks: a picture, and what a JPEG says of its losses."""
    maps = picture.maps(picture.pixels())
    step, settings = picture.strength
    units = maps.shape[:2]
    return {
        "picture": np.broadcast_to(shown, (*shown.shape[:2], 3)),
        "step": np.full((*units, 1), step, np.int16),
        "settings": np.broadcast_to(np.array(settings, np.int16), (*units, 4)),
        "maps": maps,
    }


def test_strengths() -> None:
    rng = np.random.default_rng(3)
    kinds = (256, 65536, 20, 4)
    cases = [standard_tables(quality) for quality in range(1, 101, 7)]
    cases += [rng.integers(1, kinds[i % 4], (2, 64)).astype(np.uint16) for i in range(200)]
    cases += [(2 ** rng.integers(0, 16, (2, 64))).astype(np.uint16) for _ in range(50)]
    cases += [np.full((2, 64), step, np.uint16) for step in (1, 2, 255, 65535)]
    for i, tables in enumerate(cases):
        sampling = 1 + i % 4, 1 + i // 4 % 4
        step, settings = describe_coding(coding_of(tables, sampling))
        assert make_jpeg(8, 8, colours(*sampling), tables).strength == (step, settings.tolist())
    step, settings = describe_coding(coding_of(cases[3], (1, 1), grey=True))
    assert make_jpeg(8, 8, [(1, 1)], cases[3]).strength == (step, settings.tolist())


@pytest.mark.parametrize("sampling", [*SAMPLINGS, None], ids=str)
def test_maps(sampling: tuple[int, int] | None) -> None:
    tables = standard_tables(90)
    for width, height in ((70, 61), (1, 1), (128, 33), (5, 100)):
        picture = make_jpeg(width, height, colours(*sampling) if sampling else [(1, 1)], tables)
        pixels = picture.pixels()
        expected = describe_picture(pixels, coding_of(tables, sampling or (1, 1), grey=sampling is None))
        np.testing.assert_array_equal(picture.maps(pixels, threads=2), expected)
    assert expected[:, :, 4].max() > 4
    assert bool(expected[:, :, 8:].any()) == (sampling is not None)


def test_maps_of_coarse_and_fine_tables() -> None:
    """Thresholds are exact at both ends of the range of steps."""
    rng = np.random.default_rng(4)
    pixels = rng.choice([0, 255], (64, 64, 3)).astype(np.uint8)
    for steps in (1, 255, 2040, 65535):
        tables = np.full((2, 64), steps, np.uint16)
        for sampling in ((1, 1), (4, 4)):
            picture = make_jpeg(64, 64, colours(*sampling), tables)
            np.testing.assert_array_equal(
                picture.maps(pixels), describe_picture(pixels, coding_of(tables, sampling)), err_msg=str(steps)
            )


SHAPES = [(90, 70, colours(2, 2)), (17, 33, colours(1, 1)), (1, 1, colours(2, 1)), (65, 130, [(1, 1)])]


@pytest.mark.parametrize(("width", "height", "sampling"), SHAPES, ids=str)
def test_the_network_gives_what_the_reference_gives(width: int, height: int, sampling: list[tuple[int, int]]) -> None:
    picture = make_jpeg(width, height, sampling)
    decoded = picture.pixels()
    network = of_reference(RESTORER.networks["jpeg_restore"])
    expected = (network.run(told(picture, decoded), decoded.shape[:2])["enhanced"] + 32) >> 6
    found = picture.restored(MODEL, threads=2)
    np.testing.assert_array_equal(found, expected if found.shape[2] == 3 else expected[:, :, 1:2])
    assert (found != decoded).any()


@pytest.mark.parametrize(("width", "height", "sampling"), SHAPES, ids=str)
def test_texture(width: int, height: int, sampling: list[tuple[int, int]]) -> None:
    picture = make_jpeg(width, height, sampling)
    plain = picture.pixels()
    restored = of_reference(RESTORER.networks["jpeg_restore"]).run(told(picture, plain), plain.shape[:2])["enhanced"]
    inputs = told(picture, restored if plain.shape[2] == 3 else restored[:, :, 1:2])
    rows, columns = inputs["maps"].shape[:2]
    inputs |= {
        "missing": np.zeros((rows, columns, 1), np.uint8),
        "noise": np.array([[noise(77, u, v) for u in range(columns)] for v in range(rows)], "i2"),
        "realism": np.full((rows, columns, 1), 40, np.uint8),
    }
    expected = (of_reference(RESTORER.networks["texture"]).run(inputs, plain.shape[:2])["textured"] + 32) >> 6
    found = picture.restored(MODEL, realism=40, seed=77)
    np.testing.assert_array_equal(found, expected if found.shape[2] == 3 else expected[:, :, 1:2])


@pytest.mark.parametrize(
    ("sampling", "realism"), list(itertools.product([colours(2, 2), colours(3, 1), [(1, 1)]], [0, 25]))
)
def test_regions_bands_and_columns(sampling: list[tuple[int, int]], realism: int) -> None:
    width, height = 210, 150
    picture = make_jpeg(width, height, sampling)
    whole = picture.restored(MODEL, realism=realism, seed=5)
    in_parts = picture.restored(MODEL, realism=realism, seed=5, threads=3, max_columns=64, band_pixels=37 * width)
    np.testing.assert_array_equal(in_parts, whole)
    rng = np.random.default_rng(6)
    for _ in range(25):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = int(rng.integers(1, min(50, width - x) + 1)), int(rng.integers(1, min(50, height - y) + 1))
        part = picture.restored(MODEL, (x, y, w, h), realism=realism, seed=5, band_pixels=20 * w)
        np.testing.assert_array_equal(part, whole[y : y + h, x : x + w])
        left, top, across, down = picture.visible_part(MODEL, (x, y, w, h), realism)
        assert left <= x < x + w <= left + across <= width
        assert top <= y < y + h <= top + down <= height


def test_a_region_reads_what_it_says() -> None:
    """Levels outside the MCUs of visible_part() have no influence."""
    width, height, tables = 400, 300, standard_tables(30)
    rng = np.random.default_rng(9)
    sampling = colours(2, 2)
    shapes = blocks_of(width, height, sampling)
    levels = [random_levels(*shape, tables[min(i, 1)], rng) for i, shape in enumerate(shapes)]

    def picture_of(given: list[npt.NDArray[np.int16]]) -> _native.JpegPicture:
        arrays = [(h, v, min(i, 1), given[i]) for i, (h, v) in enumerate(sampling)]
        return _native.JpegPicture(width, height, arrays, tables, YCC)

    picture, region = picture_of(levels), (200, 130, 30, 20)
    expected = picture.restored(MODEL, region, realism=30)
    x, y, w, h = picture.mcus(picture.visible_part(MODEL, region, 30))
    others = [np.full_like(each, 50) for each in levels]
    for other, own, (across, down) in zip(others, levels, sampling, strict=True):
        rows, columns = slice(y * down, (y + h) * down), slice(x * across, (x + w) * across)
        other[rows, columns] = own[rows, columns]
    assert w * h < 25 * 19
    np.testing.assert_array_equal(picture_of(others).restored(MODEL, region, realism=30), expected)


@pytest.mark.parametrize("realism", [0, 30])
@pytest.mark.parametrize("sampling", [colours(2, 2), colours(3, 1), colours(1, 4), [(1, 1)]], ids=str)
def test_parts_of_a_picture_are_restored_as_in_the_whole(sampling: list[tuple[int, int]], realism: int) -> None:
    """The levels that visible_part() and mcus() name, as an image of their own at its place, are enough."""
    width, height, tables = 390, 330, standard_tables(30)
    rng = np.random.default_rng(11)
    shapes = blocks_of(width, height, sampling)
    levels = [random_levels(*shape, tables[min(i, 1)], rng) for i, shape in enumerate(shapes)]

    def picture_of(across: int, down: int, given: list[npt.NDArray[np.int16]]) -> _native.JpegPicture:
        arrays = [(h, v, min(i, 1), given[i]) for i, (h, v) in enumerate(sampling)]
        return _native.JpegPicture(across, down, arrays, tables, YCC if len(sampling) == 3 else GREY)

    picture = picture_of(width, height, levels)
    mcu = 8 * max(h for h, _ in sampling), 8 * max(v for _, v in sampling)
    for region in ((200, 170, 40, 30), (0, 0, 9, 9), (381, 300, 9, 30), (3, 321, 60, 9)):
        expected = picture.restored(MODEL, region, realism=realism, seed=3)
        seen = picture.visible_part(MODEL, region, realism)
        x, y, w, h = picture.mcus(seen)
        left, top = x * mcu[0], y * mcu[1]
        right, bottom = min((x + w) * mcu[0], width), min((y + h) * mcu[1], height)
        own = [
            np.ascontiguousarray(each[y * v : (y + h) * v, x * u : (x + w) * u])
            for each, (u, v) in zip(levels, sampling, strict=True)
        ]
        part = picture_of(right - left, bottom - top, own)
        found = part.restored_part(MODEL, (left, top, width, height), region, realism, 3)
        np.testing.assert_array_equal(found, expected, err_msg=str(region))

        at_most = _native.visible_jpeg_part_at_most(MODEL, width, height, region, realism)
        for inner in (seen, (left, top, right - left, bottom - top)):
            assert at_most[0] <= inner[0]
            assert at_most[1] <= inner[1]
            assert at_most[0] + at_most[2] >= inner[0] + inner[2]
            assert at_most[1] + at_most[3] >= inner[1] + inner[3]


def test_fine_jpegs_stay_as_they_are() -> None:
    fine, coarse = np.full((2, 64), 7, np.uint16), np.full((2, 64), 7, np.uint16)
    coarse[1, 63] = 8
    for tables, sampling, left in ((fine, (1, 1), True), (coarse, (1, 1), False), (fine, (2, 1), False)):
        picture = make_jpeg(60, 40, colours(*sampling), tables)
        assert np.array_equal(picture.restored(MODEL), picture.pixels()) == left
        if left:
            assert picture.visible_part(MODEL, (3, 4, 5, 6)) == (3, 4, 5, 6)


def test_what_cannot_be_restored() -> None:
    assert make_jpeg(20, 20, [(1, 1)] * 2).can_be_restored
    for picture in (make_jpeg(20, 20, colours(1, 1), colour=RGB), make_jpeg(20, 20, [(1, 1)] * 4)):
        assert not picture.can_be_restored
        with pytest.raises(ValueError, match="cannot be restored"):
            picture.restored(MODEL)


def test_models_of_another_kind() -> None:
    """A network that takes what is not known here is refused, `texture` for other bases as well."""
    restore = RESTORER.networks["jpeg_restore"]
    other = make_model(texture=True).networks["texture"]
    mixed = write_model(type(RESTORER)(903, "mixed", {"jpeg_restore": restore, "texture": other}))
    with pytest.raises(VeneerError, match="maps is 8 channels") as caught:
        make_jpeg(20, 20, colours(1, 1)).restored(native_model(mixed))
    assert caught.value.code == ErrorCode.MODEL_UNKNOWN
    with pytest.raises(ValueError, match="lacks a network"):
        make_jpeg(20, 20, colours(1, 1)).restored(native_model(write_model(make_model())))
