"""The enhancement of the decoder in C++ gives what Python's modules give, bit by bit."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from enhancers import make_model
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import interpolation
from oracle.enhancement import filters as oracle_filters
from oracle.enhancement import synthesis, texture
from oracle.enhancement.entropy_model import distribution_indices
from oracle.enhancement.latents import read_filters, read_latents
from oracle.enhancement.layer import decode_enhancement
from oracle.enhancement.networks import Networks, networks_of
from oracle.enhancement.realism import realism_from_head, realism_from_share
from oracle.enhancement.runner import native_runner
from oracle.enhancement.synthesis import synthesize
from oracle.enhancement.texture import EnhancedPart, add_texture

from veneer import _native, backend
from veneer.enhancement import filters
from veneer.enhancement.base_picture import BasePicture
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.enc_latents import write_filters, write_latents
from veneer.enhancement.filters import PlaneFilters, TileFilters
from veneer.enhancement.geometry import Box
from veneer.enhancement.networks import TileEnhancement
from veneer.enhancement.unrounded import MAX_UNROUNDED
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.model_network import native_model
from veneer.inference.network import Network
from veneer.inference.weights import Model, write_model
from veneer.reference.weights import read_model

TILE = 64
RUN = native_runner(1)

Array = np.ndarray[Any, Any]


@functools.cache
def model(latents: bool = True) -> Model:
    return make_model(latents=latents, texture=True)


@functools.cache
def python_networks(scale: int, latents: bool = True) -> Networks:
    networks = networks_of(read_model(write_model(model(latents))), scale)
    assert networks is not None
    return networks


@functools.cache
def core(latents: bool = True) -> _native.Model:
    return native_model(write_model(model(latents)))


def enhancer(scale: int, latents: bool = True) -> _native.Networks:
    networks = core(latents).networks(scale)
    assert networks is not None
    return networks


def inside(array: Array) -> Array:
    """The same numbers in the middle of a larger array, so that rows do not follow each other."""
    larger = np.full((array.shape[0] + 2, array.shape[1] + 3, *array.shape[2:]), 99, array.dtype)
    larger[1:-1, 2:-1] = array
    return larger[1:-1, 2:-1]


def smooth(rng: np.random.Generator, shape: tuple[int, int, int], most: int) -> Array:
    """Noise and a ramp over all values, some of them at the ends of the range."""
    ramp = np.linspace(-0.1, 1.1, shape[1])[None, :, None] * most
    return inside(np.clip(ramp + rng.normal(0, most / 20, shape), 0, most).astype(np.int16))


def make_base(height: int, width: int, channels: int, scale: int) -> BasePicture:
    rng = np.random.default_rng([height, width, channels, scale])
    units = -(-height // 4), -(-width // 4)
    quarters = smooth(rng, (height, width, channels), 1020)
    maps = inside(rng.integers(0, 13, (*units, 8), np.uint8))
    steps = inside(rng.integers(100, 200, units, np.uint8))
    interpolated = inside(interpolation.interpolate(quarters)) if scale > 1 else None
    return BasePicture(quarters, maps, steps, (5, -7, 2, 16), scale, interpolated)


def tile_boxes(base: BasePicture) -> list[Box]:
    height, width = base.quarters.shape[:2]
    return [
        (x, y, min(TILE, width - x), min(TILE, height - y))
        for y, x in itertools.product(range(0, height, TILE), range(0, width, TILE))
    ]


def random_filters(rng: np.random.Generator, planes: int) -> TileFilters:
    made = []
    for p in range(planes):
        count = int(rng.integers(filters.MAX_CLASSES + 1))
        codes = sorted(rng.choice(64, max(0, count - 1), replace=False).tolist())
        taps = np.clip(rng.integers(-50, 51, (count, filters.tap_count(p))).cumsum(axis=0), -127, 127).tolist()
        made.append(PlaneFilters(tuple(codes), tuple(tuple(each) for each in taps)))
    tile = TileFilters(tuple(made), int(rng.integers(64)))
    return tile if tile else TileFilters(tile.planes)


def as_native(tile: TileFilters) -> tuple[list[Any], int]:
    planes = [([*plane.thresholds], [[*taps] for taps in plane.coefficients]) for plane in tile.planes]
    return planes, tile.clip


def random_tiles(base: BasePicture, latents: bool, rng: np.random.Generator) -> list[tuple[Box, TileEnhancement]]:
    """All kinds of tiles: plain, without data, with latents, with filters, with both, and damaged ones of these."""
    networks = python_networks(base.scale, latents)
    planes = base.quarters.shape[2]
    tiles = []
    for number, box in enumerate(tile_boxes(base)):
        if networks.latent_prior is None:
            index, y = None, None
        else:
            index = distribution_indices(networks.latent_prior, base, box, RUN)
            y = rng.integers(-5, 6, index.shape, np.int16)
        kind = number % 7
        if kind == 0:
            tile = TileEnhancement()
        elif kind in (1, 2) and y is not None and index is not None:
            tile = TileEnhancement(int(rng.integers(129)), write_latents(y, index))
        else:
            data = write_filters(random_filters(rng, planes), y if kind % 2 else None, index if kind % 2 else None)
            tile = TileEnhancement(int(rng.integers(129)), data, filtered=True)
        if kind == 2:
            tile = dataclasses.replace(tile, data=b"\xff" * 40)
        elif kind == 6:  # the stream of another tile from somewhere on
            tile = dataclasses.replace(tile, data=tile.data[: len(tile.data) // 2] + b"\x7f" * 40)
        tiles.append((box, tile))
    return tiles


def native_decode(base: BasePicture, latents: bool, tiles: Sequence[tuple[Box, TileEnhancement]], threads: int) -> Any:
    listed = [(box, tile.strength, tile.data, tile.filtered) for box, tile in tiles]
    return enhancer(base.scale, latents).decode(base.arrays, listed, threads)


SHAPES = [(1, 1), (66, 9), (131, 197)]


@pytest.mark.parametrize("latents", [True, False])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", [1, 2])
def test_from_payloads_to_the_enhanced_picture(scale: int, channels: int, latents: bool) -> None:
    for shape in SHAPES:
        base = make_base(*shape, channels, scale)
        networks = python_networks(scale, latents)
        tiles = random_tiles(base, latents, np.random.default_rng(shape))
        decoded = decode_enhancement(networks, base, tiles, RUN)
        for threads in (1, 3):
            y, strengths, found, damaged = native_decode(base, latents, tiles, threads)
            assert (y is None) == (decoded.y is None) == (not latents)
            if decoded.y is not None:
                np.testing.assert_array_equal(y, decoded.y)
            np.testing.assert_array_equal(strengths, decoded.strengths)
            assert found == [(box, as_native(tile)) for box, tile in decoded.filters]
            assert damaged == decoded.damaged
        assert len(tiles) < 7 or (len(decoded.filters) >= 2 and len(decoded.damaged) >= 2)
        for realism in (0, 40):
            expected = synthesize(networks, base, decoded.y, decoded.strengths, realism, RUN)
            strengths = inside(decoded.strengths)
            y = None if decoded.y is None else inside(decoded.y)
            made = enhancer(scale, latents).synthesize(base.arrays, y, strengths, realism, 2)
            np.testing.assert_array_equal(made, expected)
            parts = enhancer(scale, latents).synthesize(base.arrays, y, strengths, realism, 1, max_columns=48)
            np.testing.assert_array_equal(parts, expected)
        boxes = [(tuple(scale * side for side in box), tile) for box, tile in decoded.filters]
        filtered = oracle_filters.apply_filters(expected, base.shown, boxes)
        for threads in (1, 2):
            native = _native.apply_filters(inside(expected), base.shown, [(b, as_native(t)) for b, t in boxes], threads)
            np.testing.assert_array_equal(native, filtered)


@pytest.mark.parametrize("scale", [1, 2])
def test_parts_of_pictures(scale: int) -> None:
    """A part of the picture is read and made like the whole; wide pictures in columns see what the whole has."""
    base = make_base(140, 200, 3, scale)
    networks = python_networks(scale)
    box = (16, 32, 128, 108)
    part = base.part(box)
    tiles = [
        (
            (48, 32, 64, 64),
            TileEnhancement(99, write_filters(random_filters(np.random.default_rng(3), 3), None, None), True),
        )
    ]
    decoded = decode_enhancement(networks, part, tiles, RUN)
    y, strengths, found, damaged = native_decode(part, True, tiles, 1)
    np.testing.assert_array_equal(y, decoded.y)
    np.testing.assert_array_equal(strengths, decoded.strengths)
    assert (len(found), damaged) == (1, [])
    for region in ((0, 0, 5, 5), (33, 50, 60, 41), (100, 90, 100, 50)):
        full = tuple(scale * side for side in region)
        size = scale * 200, scale * 140
        native = enhancer(scale).visible_part(full, *size)
        assert native == synthesis.visible_part(networks, full, (size[1], size[0]))
        assert networks.texture is not None
        native = _native.visible_texture_part(core(), full, *size)
        assert native == texture.visible_part(networks.texture, full, (size[1], size[0]))


# Bands are of 32 rows for each thread: edges of tiles lie within them, and some have no tile with filters.
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("threads", [1, 3])
def test_filters_of_boxes(channels: int, threads: int) -> None:
    rng = np.random.default_rng(channels)
    for height, width in ((1, 1), (33, 40), (300, 70)):
        enhanced, base = smooth(rng, (height, width, channels), 16320), smooth(rng, (height, width, channels), 1020)
        boxes = [(0, 0, (width + 1) // 2, height)]
        if height == 300:
            boxes = [(3, 5, 30, 50), (33, 9, 37, 60), (0, 169, 70, 1), (10, 170, 9, 130), (19, 230, 51, 70)]
        tiles = [(box, random_filters(rng, channels)) for box in boxes]
        extreme = [PlaneFilters((9,), ((127,) * n, (-127,) * n)) for n in map(filters.tap_count, range(channels))]
        tiles[0] = boxes[0], TileFilters(tuple(extreme), 63)
        native = _native.apply_filters(enhanced, base, [(box, as_native(tile)) for box, tile in tiles], threads)
        np.testing.assert_array_equal(native, oracle_filters.apply_filters(enhanced, base, tiles))
    nothing = TileFilters(tuple(PlaneFilters() for _ in range(channels)))
    native = _native.apply_filters(enhanced, base, [((0, 0, 70, 300), as_native(nothing))], threads)
    np.testing.assert_array_equal(native, enhanced)


def compare_reading(data: bytes, planes: int, index: Array | None) -> None:
    expected = read_filters(data, planes, None if index is None else lambda: index)
    found, y = _native.read_filters(data, planes, index)
    if expected is None:
        assert found is None
        assert y is None or not (y - y.flat[0]).any()  # as it was, or all 0
        return
    assert found == as_native(expected[0])
    if index is not None:
        np.testing.assert_array_equal(y, np.ones(index.shape) if expected[1] is None else expected[1])


@given(data=st.binary(max_size=60), planes=st.sampled_from([1, 3]), latents=st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_alike(data: bytes, planes: int, latents: bool) -> None:
    index = np.arange(30, dtype=np.uint8).reshape(2, 5, 3) * 2
    compare_reading(data, planes, index if latents else None)
    expected = read_latents(data, index)
    found, y = _native.read_latents(data, index)
    assert found == (expected is not None)
    np.testing.assert_array_equal(y, np.zeros(index.shape) if expected is None else expected)


def test_damaged_payloads_are_read_alike() -> None:
    rng = np.random.default_rng(5)
    verdicts = {True: 0, False: 0}
    for number in range(24):
        planes = 1 if number % 3 else 3
        index = rng.integers(0, 64, (3, 4, 2), np.uint8)
        y = rng.integers(-9, 10, index.shape, np.int16)
        data = write_filters(random_filters(rng, planes), *((y, index) if number % 2 else (None, None)))
        compare_reading(data, planes, inside(index))
        compare_reading(data, planes, None)
        for place in rng.integers(0, len(data), 4):
            changed = data[:place] + bytes([data[place] ^ (1 << int(rng.integers(8)))]) + data[place + 1 :]
            for damaged in (changed, data[:place], data[:place] + b"\xff" * 9):
                compare_reading(damaged, planes, index)
                verdicts[read_filters(damaged, planes, lambda index=index: index) is None] += 1
    assert min(verdicts.values()) > 20


def codes_of(symbols: Sequence[int], indices: Sequence[int]) -> bytes:
    shifted = (np.asarray(symbols, np.int16) + MAX_VALUE).astype(np.uint8)
    return backend.encode_with_tables(shifted, np.asarray(indices, np.uint8), cumulative_frequencies(), PRECISION)


@pytest.mark.parametrize(
    ("counts", "values", "valid"),
    [
        ([0], [], True),
        ([-1], [], False),
        ([9], [], False),
        ([1], [31, *[0] * 9], True),
        ([1], [32, *[0] * 9], False),  # clip 64
        ([1], [-33, *[0] * 9], False),
        ([1], [0, 115, *[0] * 8], True),  # a tap of 127
        ([1], [0, 116, *[0] * 8], False),
        ([2], [0, 0, *[0] * 8, -127, *[0] * 8, 0], True),
        ([2], [0, 0, *[0] * 8, -127, *[0] * 8, -127], False),
        ([3], [0, 31, 0, *[0] * 27], False),  # a threshold of 64
        ([3], [0, 30, 0, *[0] * 27], True),
        ([3], [0, 30, -1, *[0] * 27], False),  # twice the same
        ([2], [0, -33, *[0] * 18], False),
        ([0, 1, 0], [0, *[0] * 12], True),
        ([0, 0, 1], [0, *[1] * 11, 127], True),
        ([0, 0, 1], [0, *[1] * 9, 127, 128 - 1, 0], True),
    ],
)
def test_limits_of_filters(counts: list[int], values: list[int], valid: bool) -> None:
    for more in (0, 1, 2, -1):
        symbols = [more, *counts, *values]
        indices = [*filters.head_indices(len(counts)), *filters.value_indices([min(max(c, 0), 9) for c in counts])]
        data = codes_of(symbols, indices[: len(symbols)]) or b"\0"
        assert (read_filters(data, len(counts), None) is not None) == (valid and more in (0, 1))
        compare_reading(data, len(counts), None)
        compare_reading(data, len(counts), np.full((1, 2, 3), 40, np.uint8))


def make_part(height: int, width: int, channels: int, lost: Sequence[tuple[slice, slice]]) -> EnhancedPart:
    rng = np.random.default_rng([height, width, channels])
    units = -(-height // 4), -(-width // 4)
    missing = np.zeros(units, np.bool_)
    for place in lost:
        missing[place] = True
    maps, steps = inside(rng.integers(0, 13, (*units, 8), np.uint8)), inside(rng.integers(100, 200, units, np.uint8))
    picture = smooth(rng, (height, width, channels), 16320)
    return EnhancedPart(picture, maps, steps, (5, -7, 2, 16), missing, 40, 12, 0xCAFE1234)


def part_arrays(part: EnhancedPart) -> tuple[Any, ...]:
    missing = inside(part.missing.astype(np.uint8))
    return part.picture, part.maps, part.steps, missing, part.settings, part.x, part.y, part.seed


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height_width", [(1, 1), (30, 45), (75, 131)])
def test_texture(channels: int, height_width: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    network = python_networks(1).texture
    assert network is not None
    for lost in ([], [np.s_[:1, :1]], [np.s_[2:5, 3:5], np.s_[4:9, 10:12]]):
        part = make_part(*height_width, channels, lost)
        for realism in (0, 1, 40, 64):
            expected = add_texture(network, part, realism, RUN)
            changed = (expected != part.picture).any()
            assert changed == (realism > 0 or part.missing.any()) or part.picture.size < 100
            for columns in (texture.MAX_COLUMNS, 12, 100):
                made = _native.add_texture(core(), part_arrays(part), realism, 2, max_columns=columns)
                np.testing.assert_array_equal(made, expected, f"{lost} {realism} {columns}")
    monkeypatch.setattr(texture, "MAX_COLUMNS", 12)
    made = _native.add_texture(core(), part_arrays(part), 0, 1)
    np.testing.assert_array_equal(add_texture(network, part, 0, RUN), made)


@pytest.mark.parametrize("seed", [0, 1, 0xCAFEF00D, 0xFFFFFFFF])
def test_noise(seed: int) -> None:
    for u, v, width, height in ((0, 0, 40, 37), (16383, 3, 3, 2), (70, 16383, 1, 1)):
        native = _native.texture_noise(seed, u, v, width, height, 2)
        np.testing.assert_array_equal(native, texture.noise(seed, u, v, (height, width)))


def test_too_large_for_a_network() -> None:
    """Refused before it runs, with the same words."""
    channels = 1024
    builder = GraphBuilder("restore")
    picture = builder.input("picture", 3, low=0, high=1020, fraction_bits=2)
    x = builder.convolution("wide", picture, channels)
    for number in range(4):
        x = builder.depthwise(f"far_{number}", x, low=0)
    x = builder.convolution("enhanced", x, 3, low=0, high=16320)
    builder.output(x, fraction_bits=6)
    graph = builder.build()
    arrays = {name: np.ones(shape, kind) for name, (kind, shape) in graph.arrays.items()}
    huge = Model(904, "huge", {"restore": Network(graph, arrays)})
    networks = networks_of(read_model(write_model(huge)), 1)
    assert networks is not None
    base = make_base(40, 8193, 1, 1)
    strengths = np.full(base.steps.shape, 64, np.uint8)
    with pytest.raises(VeneerError) as expected:
        synthesize(networks, base, None, strengths, 0, RUN)
    native = native_model(write_model(huge)).networks(1)
    assert native is not None
    with pytest.raises(VeneerError) as caught:
        native.synthesize(base.arrays, None, strengths, 0, 1)
    assert caught.value.code == ErrorCode.NETWORK_TOO_LARGE
    assert str(caught.value) == str(expected.value)


def test_rounding_and_scales() -> None:
    every = np.arange(MAX_UNROUNDED + 1, dtype=np.int16)
    for channels in (1, 3):
        picture = inside(every[: len(every) // 3 * 3].reshape(-1, 40 * 3 // channels, channels)[:136])
        np.testing.assert_array_equal(_native.to_pixels(picture, channels), (picture + 32) >> 6)
        with_alpha = _native.to_pixels(picture, channels + 1)
        np.testing.assert_array_equal(with_alpha[:, :, :-1], (picture + 32) >> 6)
        assert (with_alpha[:, :, -1] == 7).all()
    quarters = inside(np.arange(1020, dtype=np.int16).reshape(17, 20, 3))
    np.testing.assert_array_equal(_native.from_quarters(quarters), 16 * quarters)
    rng = np.random.default_rng(1)
    for scale, (width, height) in itertools.product((1, 2), ((1, 1), (8, 9), (41, 30))):
        rows, columns = (-(-side // (4 * scale)) for side in (height, width))
        for shape in ((rows, columns, 8), (rows, columns, 1)):
            units = inside(rng.integers(0, 256, shape, np.uint8))
            expected = texture.in_full_size(units, scale, (height, width))
            np.testing.assert_array_equal(_native.in_full_size(units, scale, width, height), expected)


def test_realism() -> None:
    for head in range(256):
        assert _native.realism_from_head(head) == realism_from_head(head)
    for share in (0.0, 1 / 128, math.nextafter(1 / 128, 0), 0.3, 0.5, 0.9921875, 1.0):
        assert _native.realism_from_share(share) == realism_from_share(share)
