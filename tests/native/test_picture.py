"""What C++ makes of a base layer is what Python makes: decoding, filling in, interpolation, previews."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import interpolation
from oracle.base_layer import TileStatus, decode_base, decode_base_quarters
from oracle.concealment import CELL, PREVIEW_CELL, conceal
from oracle.preview import covering_region, decode_preview, preview_tile_log2, reduce_picture
from samples import make_picture

import veneer
from veneer import _native
from veneer.base.enc_layer import BaseLayer, encode_base
from veneer.bitstream.container import read_contents

Samples = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

few = settings(deadline=None, max_examples=25)


def random_samples(rng: np.random.Generator, shape: tuple[int, ...], quarters: bool) -> Samples:
    """Noise, slopes and large constant areas."""
    top = 1020 if quarters else 255
    y, x = np.mgrid[: shape[0], : shape[1]]
    slope = (x[:, :, None] * 3 + y[:, :, None] * rng.integers(1, 5, shape[2])) % (top + 1)
    noise = rng.integers(0, top + 1, shape)
    mixed = np.where((x // 50 + y // 70)[:, :, None] % 3 == 0, noise, slope)
    mixed[: shape[0] // 4] = rng.choice([0, top])
    return mixed.astype(np.int16 if quarters else np.uint8)


@few
@given(st.data())
def test_concealment(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300))
    x, y = data.draw(st.integers(0, 63)), data.draw(st.integers(0, 63))
    quarters, has_preview = data.draw(st.booleans()), data.draw(st.booleans())
    rng = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    rows, columns = (y + height - 1) // CELL + 1, (x + width - 1) // CELL + 1
    lost = rng.random((rows, columns)) < data.draw(st.sampled_from([0.1, 0.5, 0.9, 1.1]))
    channels, first, count = data.draw(st.sampled_from([(1, 0, 1), (2, 1, 1), (3, 0, 3), (4, 0, 3), (4, 3, 1)]))
    samples = random_samples(rng, (height, width, channels), quarters)
    shape = rows * PREVIEW_CELL, columns * PREVIEW_CELL, count
    preview = rng.integers(0, 256, shape).astype(np.uint8) if has_preview else None
    if preview is not None and data.draw(st.booleans()):
        preview[:] = preview[:1, :1]
    expected = samples.copy()
    conceal(expected[:, :, first : first + count], lost, origin=(x, y), top=1020 if quarters else 255, preview=preview)
    fill = _native.conceal_quarters if quarters else _native.conceal_levels
    np.testing.assert_array_equal(fill(samples, lost.astype(np.uint8), (x, y), preview, first, count), expected)


@pytest.mark.parametrize("with_preview", [False, True])
def test_concealment_of_more_than_a_block(with_preview: bool) -> None:
    """Holes that are larger than what is brought to full size at a time, and one that is far from the others."""
    rng = np.random.default_rng(3)
    samples = random_samples(rng, (1400, 1290, 1), False)
    lost = np.zeros((22, 21), bool)
    lost[2:15, 1:19] = True
    lost[6:8, 3:9] = False
    lost[20, 20] = True
    preview = rng.integers(0, 256, (22 * 8, 21 * 8, 1)).astype(np.uint8) if with_preview else None
    expected = samples.copy()
    conceal(expected, lost, preview=preview)
    filled = _native.conceal_levels(samples, lost.astype(np.uint8), (0, 0), preview, 0, 1)
    np.testing.assert_array_equal(filled, expected)


@few
@given(st.integers(1, 90), st.integers(1, 40), st.integers(1, 4), st.integers(0, 1 << 30), st.sampled_from([0, 1, 600]))
def test_interpolation(height: int, width: int, channels: int, seed: int, span: int) -> None:
    rng = np.random.default_rng(seed)
    # Noise of full range overshoots on both sides.
    values = (
        rng.choice([0, 1020], (height, width, channels))
        if span == 1
        else rng.integers(span // 2, 1021 - span // 2, (height, width, channels))
    )
    quarters = values.astype(np.int16)
    for threads in (1, 2):
        result = _native.interpolate(quarters, threads)
        np.testing.assert_array_equal(result, interpolation.interpolate(quarters))


@pytest.mark.parametrize(("planes", "channels"), [(1, 1), (1, 2), (3, 3), (3, 4)])
def test_quarters_to_pixels(planes: int, channels: int) -> None:
    rng = np.random.default_rng(planes)
    quarters = rng.integers(-8, 1030, (13, 37, planes)).astype(np.int16)
    pixels = np.full((13, 37, channels), 77, np.uint8)
    expected = pixels.copy()
    expected[:, :, :planes] = interpolation.to_pixels(quarters)
    np.testing.assert_array_equal(_native.quarters_to_pixels(quarters, pixels), expected)


@few
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 4), st.sampled_from([2, 3, 8, 16]), st.integers(0, 999))
def test_reduce_picture(height: int, width: int, channels: int, scale: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, channels)).astype(np.uint8)
    if channels in (2, 4):
        pixels[:, :, -1] *= rng.random((height, width)) < 0.3  # squares without any alpha among them
    for threads in (1, 2):
        np.testing.assert_array_equal(_native.reduce_picture(pixels, scale, threads), reduce_picture(pixels, scale))


def keys(distance: float) -> float:
    """The cubic kernel of a = -0.5."""
    d = abs(distance)
    if d < 1:
        return 1.5 * d**3 - 2.5 * d**2 + 1
    return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0


def enlarged_exactly(small: Samples, scale: int) -> npt.NDArray[np.float64]:
    """A whole picture, in floating point."""

    def matrix(count: int) -> npt.NDArray[np.float64]:
        weights = np.zeros((count * scale, count))
        for place in range(count * scale):
            centre = (place + 0.5) / scale - 0.5
            for tap in range(int(np.floor(centre)) - 1, int(np.floor(centre)) + 3):
                weights[place, min(max(tap, 0), count - 1)] += keys(centre - tap)
        return weights

    rows, columns = matrix(small.shape[0]), matrix(small.shape[1])
    large: npt.NDArray[np.float64] = np.einsum("yv,vuc,xu->yxc", rows, small.astype(float), columns)
    return large


@pytest.mark.parametrize("scale", [2, 8])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_enlarge(channels: int, scale: int) -> None:
    """Bicubic, rounded; with alpha of colours times alpha."""
    rng = np.random.default_rng(channels)
    small = rng.integers(0, 256, (9, 11, channels)).astype(np.uint8)
    region = (0, 0, 11 * scale, 9 * scale)
    large = _native.enlarge_picture(small, region, scale, 2)
    if channels % 2:
        exact = enlarged_exactly(small, scale)
        np.testing.assert_allclose(large, exact.clip(0, 255), atol=0.52)
        return
    alpha = enlarged_exactly(small[:, :, -1:], scale)
    np.testing.assert_allclose(large[:, :, -1:], alpha.clip(0, 255), atol=0.52)
    colour = enlarged_exactly(small[:, :, :-1] * small[:, :, -1:].astype(float), scale)
    visible = alpha[:, :, 0] > 4
    expected = (colour[visible] / alpha[visible]).clip(0, 255)
    np.testing.assert_allclose(large[visible][:, :-1], expected, atol=0.7)
    assert not large[alpha[:, :, 0] <= -0.01][:, :-1].any()


@pytest.mark.parametrize("scale", [1, 2, 3, 8])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_enlarged_regions_fit_together(channels: int, scale: int) -> None:
    small = make_picture(19, 16, channels)
    height, width = 19 * scale - scale // 2, 16 * scale - scale // 3
    whole = _native.enlarge_picture(small, (0, 0, width, height), scale)
    rng = np.random.default_rng(scale)
    for _ in range(8):
        x, y = (int(rng.integers(0, side)) for side in (width, height))
        w, h = (int(rng.integers(1, rest + 1)) for rest in (width - x, height - y))
        part = _native.enlarge_picture(small, (x, y, w, h), scale, 2)
        np.testing.assert_array_equal(part, whole[y : y + h, x : x + w])
    if scale == 1:
        np.testing.assert_array_equal(whole, small[:height, :width])


@pytest.mark.parametrize("scale", [2, 3, 8])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_enlarged_constants_are_exact(channels: int, scale: int) -> None:
    for value in (1, 77, 254, 255):
        small = np.full((3, 5, channels), value, np.uint8)
        assert (_native.enlarge_picture(small, (0, 0, 5 * scale, 3 * scale), scale) == value).all()


def test_covering_region_and_tile() -> None:
    for region in ((0, 0, 8, 8), (7, 8, 2, 9), (3, 100, 62000, 1)):
        assert _native.covering_region(region) == covering_region(region)
    for size in ((1, 1), (64, 2), (65, 64), (8192, 1)):
        assert _native.preview_tile_log2(*size) == preview_tile_log2(*size)


HEIGHT, WIDTH = 300, 417


@functools.cache
def encoded(channels: int) -> BaseLayer:
    pixels = np.array(make_picture(HEIGHT, WIDTH, channels))
    if channels in (2, 4):
        pixels[100:, 50:200, -1] = 0
    return encode_base(pixels, step_index=110, tune=1, effort=1, tile_log2=7, threads=1)


def harm(data: st.DataObject, tiles: list[bytes]) -> list[bytes | None]:
    """Some tiles are missing, some are damaged, or have other bytes where it is not noticed."""
    harmed: list[bytes | None] = list(tiles)
    for i, kind in enumerate(data.draw(st.lists(st.integers(0, 5), min_size=len(tiles), max_size=len(tiles)))):
        if kind == 1:
            harmed[i] = None
        elif kind == 2:
            harmed[i] = b"\xff" * 40
        elif kind == 3:
            harmed[i] = tiles[i][: len(tiles[i]) // 2] + b"\x5a" + tiles[i][len(tiles[i]) // 2 + 1 :]
    return harmed


class CountedPreview:
    """Gives a preview, or none, and counts how often it was asked."""

    def __init__(self, preview: Pixels | None) -> None:
        self.preview, self.calls = preview, 0

    def __call__(self) -> Pixels | None:
        self.calls += 1
        return self.preview


def draw_preview(data: st.DataObject, channels: int) -> CountedPreview | None:
    kind = data.draw(st.sampled_from(["picture", "none", "no source"]))
    if kind == "no source":
        return None
    return CountedPreview(reduce_picture(make_picture(HEIGHT, WIDTH, channels)) if kind == "picture" else None)


def draw_cut(data: st.DataObject, colour: list[bytes | None]) -> int | None:
    """Cuts a tile somewhere."""
    whole = [i for i, payload in enumerate(colour) if payload]
    if not whole or not data.draw(st.booleans()):
        return None
    tile = data.draw(st.sampled_from(whole))
    payload = colour[tile]
    assert payload is not None
    colour[tile] = payload[: data.draw(st.integers(0, len(payload)))]
    return tile


@few
@given(st.data())
def test_decode_base(data: st.DataObject) -> None:
    channels = data.draw(st.integers(1, 4))
    layer = encoded(channels)
    colour, alpha = harm(data, layer.colour_tiles), harm(data, layer.alpha_tiles)
    cut = draw_cut(data, colour)
    preview = draw_preview(data, channels)
    x, y = data.draw(st.integers(0, WIDTH - 1)), data.draw(st.integers(0, HEIGHT - 1))
    region = x, y, data.draw(st.integers(1, WIDTH - x)), data.draw(st.integers(1, HEIGHT - y))
    if data.draw(st.booleans()):
        region = 0, 0, WIDTH, HEIGHT
    place: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "channels": channels, "tile_log2": 7, "region": region}
    expected, states = decode_base(
        colour, alpha, parameters=layer.parameters, threads=1, cut_tile=cut, preview=preview, **place
    )
    calls = preview.calls if preview else 0
    pixels, status = _native.decode_base_filled(
        colour,
        alpha,
        params=layer.parameters,
        threads=2,
        cut_tile=-1 if cut is None else cut,
        preview=preview,
        **place,
    )
    assert status == states
    np.testing.assert_array_equal(pixels, expected)
    assert preview is None or preview.calls == 2 * calls


@few
@given(st.data())
def test_decode_base_quarters(data: st.DataObject) -> None:
    channels = data.draw(st.integers(1, 4))
    layer = encoded(channels)
    colour = harm(data, layer.colour_tiles)
    cut = draw_cut(data, colour)
    preview = draw_preview(data, channels)
    place: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "channels": channels, "tile_log2": 7}
    expected = decode_base_quarters(
        colour, parameters=layer.parameters, threads=1, cut_tile=cut, preview=preview, **place
    )
    quarters, maps, steps, status, lost = _native.decode_quarters_filled(
        colour, params=layer.parameters, threads=2, cut_tile=-1 if cut is None else cut, preview=preview, **place
    )
    assert status == expected.status
    np.testing.assert_array_equal(quarters, expected.quarters)
    np.testing.assert_array_equal(maps, expected.maps)
    np.testing.assert_array_equal(steps, expected.steps)
    np.testing.assert_array_equal(lost, expected.lost)


def test_nothing_is_filled_in_where_all_is_lost() -> None:
    layer = encoded(4)
    count = len(layer.colour_tiles)
    preview = CountedPreview(None)
    _, status = _native.decode_base_filled(
        [None] * count,
        layer.alpha_tiles,
        width=WIDTH,
        height=HEIGHT,
        channels=4,
        tile_log2=7,
        params=layer.parameters,
        region=(0, 0, WIDTH, HEIGHT),
        threads=1,
        preview=preview,
    )
    assert status == [TileStatus.MISSING] * count
    assert preview.calls == 0


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_decode_preview(channels: int) -> None:
    data = veneer.encode(make_picture(403, 397, channels), quality=80, effort=1, tile_size=128, preview=True)
    contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 20)
    coded, head = contents.preview, contents.head
    assert coded is not None
    alpha = coded.alpha or b""
    size = {"width": 397, "height": 403, "channels": channels}
    preview = _native.decode_preview(coded.parameters, coded.colour, alpha, **size)
    np.testing.assert_array_equal(preview, decode_preview(coded, head, 1))
    assert preview.shape == (51, 50, channels)
    assert _native.decode_preview(coded.parameters, b"\xff" * 20, alpha, **size).size == 0
    if alpha:
        assert _native.decode_preview(coded.parameters, coded.colour, b"\xff" * 20, **size).size == 0
