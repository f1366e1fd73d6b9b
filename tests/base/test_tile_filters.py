"""Filters of tiles: they make pictures nearer to the original, and are those of the reference decoder."""

import types
from typing import cast

import numpy as np
import pytest
from samples import Pixels, make_drawing, make_picture, psnr_db

import veneer
from veneer import _native, backend
from veneer.base.enc_layer import encode_base, filter_base
from veneer.bitstream.container import read_contents
from veneer.reference.base import read_colour, to_exact
from veneer.reference.head import Head

FILTERS = 4  # bit of Tools


def tools(data: bytes) -> int:
    return read_contents(memoryview(data), strict=True, max_pixels=1 << 22).head.tools


def coded(pixels: Pixels, filters: int, step_index: int = 120) -> tuple[bytes, list[bytes]]:
    options = {"filters": filters}
    result = backend.encode_base(
        pixels, step_index=step_index, tune=0, effort=3, tile_log2=12, threads=1, options=options
    )
    return result[0], result[1]


def decoded(
    parameters: bytes, tiles: list[bytes], shape: tuple[int, ...], region: tuple[int, int, int, int] | None = None
) -> tuple[Pixels, int]:
    """Pixels, and what became of the tile."""
    height, width, channels = shape
    pixels, status = _native.decode_base(
        tiles,
        [],
        width=width,
        height=height,
        channels=channels,
        tile_log2=12,
        params=parameters,
        region=region or (0, 0, width, height),
        threads=1,
    )
    return pixels, status[0]


@pytest.mark.parametrize("channels", [1, 3])
def test_nearer_to_the_original(channels: int) -> None:
    picture = make_picture(200, 260, channels)
    likeness = []
    for filters in (0, 1):
        parameters, tiles = coded(picture, filters)
        assert parameters[5] == FILTERS * filters
        likeness.append((psnr_db(decoded(parameters, tiles, picture.shape)[0], picture), len(tiles[0])))
    assert likeness[1][0] > likeness[0][0] + 0.05
    assert likeness[0][1] < likeness[1][1] <= likeness[0][1] + 256


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("step_index", [90, 120, 160])
def test_as_the_reference(channels: int, step_index: int, target: str) -> None:
    picture = make_picture(70, 91, channels)
    parameters, tiles = coded(picture, 1, step_index)
    values = dict(zip(("step_index", "co_step_offset", "cg_step_offset", "matrix"), parameters, strict=False))
    head = types.SimpleNamespace(
        **values, step_group_log2=parameters[4], tools=parameters[5], colour=channels == 3, bit_depth=8
    )
    tile = read_colour(tiles[0], 91, 70, cast(Head, head))
    expected = tile.depth.pixels(to_exact([plane[:70, :91] for plane in tile.planes], tile.depth))
    assert backend.force_target(target)
    assert np.array_equal(decoded(parameters, tiles, picture.shape)[0], expected)


def test_parts_are_those_of_the_whole() -> None:
    picture = make_picture(200, 150)
    parameters, tiles = coded(picture, 1)
    whole = decoded(parameters, tiles, picture.shape)[0]
    for y, rows in ((0, 1), (0, 61), (3, 59), (60, 8), (125, 3), (199, 1)):
        part = decoded(parameters, tiles, picture.shape, (5, y, 140, rows))[0]
        assert np.array_equal(part, whole[y : y + rows, 5:145]), (y, rows)


def test_a_size_beyond_the_end_is_damage() -> None:
    picture = make_picture(70, 80)
    parameters, tiles = coded(picture, 1)
    assert decoded(parameters, tiles, picture.shape)[1] == 0
    for payload in (b"", b"\xff" + tiles[0][1:20]):
        assert decoded(parameters, [payload], picture.shape)[1] != 0


def test_which_files_have_filters() -> None:
    picture = make_picture(160, 200)
    assert tools(veneer.encode(picture, quality=60, layers="base", tune="psnr")) & FILTERS
    assert not tools(veneer.encode(picture, quality=60, layers="base", tune="psnr", effort=1)) & FILTERS
    assert not tools(veneer.encode(picture, quality=60, layers="base", tune="visual")) & FILTERS
    # Networks were trained without: it is the one or the other.
    for quality in (20, 99):
        data = veneer.encode(picture, quality=quality, tune="psnr")
        assert bool(tools(data) & FILTERS) == (b"eNHA" not in data)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_filters_put_before_coded_tiles_are_those_of_the_encoder(channels: int) -> None:
    picture = make_picture(150, 130, channels).copy()
    if channels == 4:
        picture[:40, :60, 3] = 0
    arguments = {"tune": 0, "effort": 3, "tile_log2": 6, "threads": 2}
    plain = encode_base(picture, step_index=120, **arguments)
    assert filter_base(plain, picture, **arguments) == encode_base(picture, step_index=120, filters=True, **arguments)


def test_screen_content_is_not_filtered() -> None:
    drawing = make_drawing(70, 90)
    data = veneer.encode(drawing, step_index=0, layers="base", tune="psnr")
    assert np.array_equal(veneer.decode(data), drawing)
