"""Filters of tiles: their code, what they do, and what the encoder makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from oracle.enhancement.latents import read_filters
from oracle.models import load
from samples import make_picture, psnr_db

import veneer
from veneer import backend, enc_layering, reference
from veneer.bitstream import syntax
from veneer.bitstream.container import read_contents
from veneer.enhancement import filters
from veneer.enhancement.enc_filter_search import choose_filters
from veneer.enhancement.enc_latents import write_filters
from veneer.enhancement.filters import FIRST_TAPS, MAX_CLASSES, PlaneFilters, apply_filters
from veneer.enhancement.models import by_name
from veneer.enhancement.unrounded import to_pixels
from veneer.reference import filters as reference_filters


def random_filters(rng: np.random.Generator, planes: int) -> filters.TileFilters:
    made = []
    for p in range(planes):
        count = int(rng.integers(MAX_CLASSES + 1))
        codes = sorted(rng.choice(40, max(0, count - 1), replace=False).tolist())
        taps = rng.integers(-60, 61, (count, filters.tap_count(p))).tolist()
        made.append(PlaneFilters(tuple(codes), tuple(tuple(each) for each in taps)))
    tile = filters.TileFilters(tuple(made), int(rng.integers(64)))
    return tile if tile else filters.TileFilters(tile.planes)


@pytest.mark.parametrize("planes", [1, 3])
def test_code(planes: int) -> None:
    rng = np.random.default_rng(planes)
    for _ in range(30):
        tile = random_filters(rng, planes)
        y = rng.integers(-3, 4, (2, 3, 4)).astype(np.int16)
        index = rng.integers(0, 64, y.shape).astype(np.uint8)
        found = read_filters(write_filters(tile, None, None), planes, lambda index=index: index)
        assert found == (tile, None)
        both = read_filters(write_filters(tile, y, index), planes, lambda index=index: index)
        assert both is not None
        assert both[0] == tile
        np.testing.assert_array_equal(both[1], y)
        assert read_filters(write_filters(tile, y, index), planes, None) == (tile, None)


def test_steps_of_thresholds() -> None:
    values = [filters.threshold(code) for code in range(filters.MAX_THRESHOLD + 1)]
    assert values[:6] == [4, 5, 6, 7, 8, 10]
    assert values == sorted({*values})
    assert all(values[code + 4] == 2 * values[code] for code in range(60))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (2, 5), (33, 40), (70, 65)])
def test_as_the_reference(channels: int, size: tuple[int, int], target: str) -> None:
    rng = np.random.default_rng([channels, *size])
    enhanced, base = (rng.integers(0, most + 1, (*size, channels), np.int16) for most in (16320, 1020))
    height, width = size
    boxes = [(0, 0, (width + 1) // 2, height)] + ([((width + 1) // 2, height // 2, 1, 1)] if width > 2 else [])
    tiles = [(box, random_filters(rng, channels)) for box in boxes]
    sizes = [filters.tap_count(p) for p in range(channels)]
    extreme = tuple(PlaneFilters((9,), ((127,) * n, (-127,) * n)) for n in sizes)
    tiles[0] = boxes[0], filters.TileFilters(extreme, 63)
    planes = {
        box: [
            reference_filters.Plane(filters.threshold(tile.clip), [*each.thresholds], [[*t] for t in each.coefficients])
            for each in tile.planes
        ]
        for box, tile in tiles
    }
    expected = reference_filters.filter_tiles(enhanced.astype(np.int64), base.astype(np.int64), planes)
    assert backend.force_target(target)
    for threads in (1, 3):
        np.testing.assert_array_equal(apply_filters(enhanced, base, tiles, threads), expected)


def test_what_is_wanted_is_found() -> None:
    """A picture that is the base smoothed by known coefficients in the busy half alone."""
    rng = np.random.default_rng(7)
    enhanced = rng.integers(360 * 16, 392 * 16, (96, 96, 1), dtype=np.int16)
    enhanced[:, 48:] += rng.integers(0, 240 * 16, (96, 48, 1), dtype=np.int16)
    base = (enhanced >> 4) + rng.integers(-9, 10, enhanced.shape, dtype=np.int16)
    known = filters.TileFilters((PlaneFilters((40,), ((0,) * 9, (0, 30, 24, 0, 0, -8, 0, 12, 9))),), 26)
    box = (0, 0, 96, 96)
    original = to_pixels(apply_filters(enhanced, base, [(box, known)], 1))
    found = choose_filters(enhanced, base, original, box, 152, 0.5, 1)
    (plane,) = found.planes
    assert abs(np.array(plane.coefficients[-1]) - known.planes[0].coefficients[1]).max() <= 2
    filtered = to_pixels(apply_filters(enhanced, base, [(box, found)], 1))
    assert psnr_db(filtered, original) > psnr_db(to_pixels(enhanced), original) + 15
    assert not choose_filters(enhanced, base, original, box, 152, 1e9, 1)
    whole = 64 * to_pixels(enhanced).astype(np.int16)
    assert not choose_filters(whole, base, to_pixels(whole), box, 152, 0.5, 1)


@pytest.mark.parametrize(("channels", "scale"), [(1, 1), (3, 1), (4, 1), (3, 2)])
@pytest.mark.slow
def test_whole_path(channels: int, scale: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "RATE_WEIGHT", 0.002)  # for filters to pay in tiles so small
    pixels = make_picture(150, 140, channels)
    options = {"step_index": 120, "tile_size": 64, "tune": "psnr", "base_scale": scale}
    data = veneer.encode(pixels, model="plain" if scale == 1 else "tiny", models=folder, threads=1, **options)
    assert data == veneer.encode(pixels, model="plain" if scale == 1 else "tiny", models=folder, threads=3, **options)
    chunks = read_contents(memoryview(data), strict=True, max_pixels=1 << 28).enhancement
    assert any(chunk and chunk.flags & syntax.FILTERED for chunk in chunks)
    decoded = veneer.decode(data, models=folder, strict=True)
    entry = by_name("plain" if scale == 1 else "tiny", folder)
    assert entry is not None
    np.testing.assert_array_equal(reference.decode(data, find_model=lambda *_: load(entry)), decoded)
    for x, y, width, height in ((0, 0, 1, 1), (60, 61, 9, 8), (63, 0, 2, 150), (100, 100, 40, 50)):
        part = veneer.decode(data, models=folder, region=(x, y, width, height))
        np.testing.assert_array_equal(part, decoded[y : y + height, x : x + width])


def test_first_taps_are_the_specification() -> None:
    text = (Path(__file__).parents[2] / "docs" / "format.md").read_text()
    assert f"index = {filters.TAP_INDICES}" in text
    assert f"first = {FIRST_TAPS}" in text
