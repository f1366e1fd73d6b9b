"""The reference decoder above 8 bits, held to the numbers of the document and to what 8 bits give."""

from __future__ import annotations

import functools
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from deep_vectors import CHOSEN, DEPTHS, EXAMPLE, EXAMPLE_HEAD
from enhanced_vectors import enhancement_chunk, entry, slot_of
from modular_vectors import lossless_samples
from oracle.models import load
from samples import make_picture
from valid_vectors import END, PREVIEW, head_chunk, head_of, head_values, preview_chunk, put_together, tile_chunk

from veneer import ErrorCode, VeneerError, _native, reference
from veneer.conformance.generator import Inventor, random_alpha
from veneer.reference import filters, tile_filters, trees
from veneer.reference.base import read_base, read_colour
from veneer.reference.container import read_file
from veneer.reference.depth import Depth
from veneer.reference.enhancement import enhance
from veneer.reference.head import BASE_PARAMETERS
from veneer.reference.tile import Tile

BASE_NAMES = [field.name for field in BASE_PARAMETERS]
SPECIFICATION = Path(__file__).parents[2] / "docs" / "format.md"


def rows_of_table() -> dict[str, list[int]]:
    """The table of "Samples of planes": by name, the values of 8..16 bits."""
    text = SPECIFICATION.read_text()
    text = text[text.index("### Samples of planes") :]
    rows = re.findall(r"^\| `(\w+)` \| ([\d |]+) \|$", text[: text.index("### Colour")], re.MULTILINE)
    return {name: [int(value) for value in [*values.split(" | "), values.split(" | ")[-1]]] for name, values in rows}


def file_of(depth: int, payload: bytes = b"", *more: tuple[bytes, bytes], **fields: int) -> bytes:
    return put_together([head_chunk(bit_depth=depth, **fields), tile_chunk(data=payload), *more, END])


def test_numbers_are_those_of_the_document() -> None:
    rows = rows_of_table()
    assert set(rows) == {"fraction", "top", "widest", "middle"}
    for name, values in rows.items():
        assert [getattr(Depth(depth), name) for depth in range(8, 17)] == values, name


@pytest.mark.parametrize("depth", range(8, 17))
def test_ends_and_middle_of_the_range(depth: int) -> None:
    own = Depth(depth)
    exact = np.array([0, own.middle, own.top])
    for pixels in (own.pixels(exact), own.changed_pixels(exact, np.zeros(3, np.int64))):
        assert pixels[0] == 0
        assert pixels[1] >> (depth - 8) == 128
        assert pixels[2] == 2**depth - 1
    assert own.quarters(exact).tolist() == [0, 512, 1020]
    assert own.changed_pixels(exact, np.array([-1, 99999, 1])).tolist() == [0, 2**depth - 1, 2**depth - 1]
    assert own.changed_pixels(exact, np.array([640, 640, -640]))[0] >> (depth - 8) == 10


def test_the_example_at_every_depth() -> None:
    """c[0][0] = 4610, so r is 288 where there are 2 binary places, and 4610 where there are 6."""
    fine = 8192 + 4610
    expected = [200, (800 + 1) >> 1, 800, *((fine + 2 ** (13 - depth)) >> (14 - depth) for depth in (11, 12, 13))]
    expected += [fine, 2 * fine + 1, 4 * fine + 3]
    found = [int(reference.decode(file_of(depth, EXAMPLE, **EXAMPLE_HEAD))[0, 0, 0]) for depth in (8, *DEPTHS)]
    assert found == expected


class Flat(Inventor):
    """One block of 64 x 64 of each tree, of mode DC, without coefficients."""

    def __init__(self) -> None:
        super().__init__(np.random.default_rng(0))
        self._script = [0, *[0] * 5, 1, 0, 0, *[0] * 5, 1, 1]

    def invent(self) -> int:
        return self._script.pop(0)


@pytest.mark.parametrize("depth", range(8, 17))
def test_a_flat_tile_is_the_middle(depth: int) -> None:
    fields = {"width": 64, "height": 64, "channels": 3}
    inventor = Flat()
    trees.read_tile(Tile(inventor, 64, 64, head_of(head_values(**fields))))
    pixels = reference.decode(file_of(depth, inventor.payload(), **fields))
    assert pixels.dtype == (np.uint8 if depth == 8 else np.uint16)
    assert pixels.shape == (64, 64, 3)
    expected = [128, 256, 512, 1024, 2048, 4096, 8192, 16385, 32770][depth - 8]
    assert (pixels == expected).all()


def encoded(channels: int) -> tuple[bytes, dict[str, int]]:
    """A tile of 60 x 50 pixels that is nowhere near the ends of the range, and the fields of its HEAD."""
    picture = (60 + make_picture(50, 60, channels) / 2).astype(np.uint8)
    params, (payload,), _ = _native.encode_base(picture, step_index=110, tune=1, effort=7, tile_log2=6, threads=1)
    fields = dict(zip(BASE_NAMES, struct.unpack("<BbbBBB", params), strict=True))
    return payload, {**fields, "width": 60, "height": 50, "channels": channels}


@pytest.mark.parametrize("channels", [1, 3])
def test_samples_of_planes_have_the_same_share_of_the_range(channels: int) -> None:
    payload, fields = encoded(channels)
    planes = {d: read_colour(payload, 60, 50, head_of(head_values(**fields, bit_depth=d))).planes for d in range(8, 17)}
    assert planes[8][0].std() > 50
    for p in range(channels):
        for depth in (9, 10):
            np.testing.assert_array_equal(planes[depth][p], planes[8][p])
        assert np.abs(planes[11][p] / 16 - planes[8][p]).max() < 8
        assert np.abs(planes[11][p] / 16 - planes[8][p]).mean() < 2
        assert (planes[11][p] % 16).any()
        for depth in range(12, 17):
            np.testing.assert_array_equal(planes[depth][p], planes[11][p])


@pytest.mark.parametrize("planes", [1, 3])
def test_filters_scale_with_the_samples(planes: int) -> None:
    """Sixteen times the samples have the classes of the samples, and sixteen times the change before it is rounded."""
    rng = np.random.default_rng(planes)
    head = head_of(head_values(width=40, height=30, channels=planes, bit_depth=12))
    samples = [rng.integers(200, 800, (32, 40)), *(rng.integers(-200, 200, (32, 40)) for _ in range(planes - 1))]
    found = [
        filters.Plane(filters.step_of(20), [30, 33, 36], rng.integers(-20, 21, (4, 10 if p > 0 else 8)).tolist())
        for p in range(planes)
    ]
    tile = Tile(None, 40, 32, head)  # type: ignore[arg-type]
    for plane, own in zip(tile.planes, samples, strict=True):
        plane[:] = 16 * own
    tile_filters.filter_tile(tile, found)
    for p, plane in enumerate(found):
        change = filters.weighted(plane, filters.activity_of(samples[p]), filters.comparisons(samples, p, plane.clip))
        assert change.any()
        expected = tile.depth.clip(16 * samples[p] + ((16 * change + 64) >> 7), p)
        np.testing.assert_array_equal(tile.planes[p], expected)


@pytest.mark.parametrize("depth", CHOSEN)
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_without_loss(depth: int, channels: int) -> None:
    alpha = lossless_samples(20, 30, 1, depth)
    payload = _native.encode_tile(alpha, depth=depth)
    data = file_of(depth, b"\x31\x41", tile_chunk(b"ALPH", data=payload), width=30, height=20, channels=channels)
    pixels = reference.decode(data)
    assert pixels.dtype == np.uint16
    assert pixels.shape == (20, 30, channels)
    np.testing.assert_array_equal(pixels[:, :, -1:], alpha)
    colour = file_of(depth, b"\x31\x41", width=30, height=20, channels=channels - 1)
    np.testing.assert_array_equal(pixels[:, :, :-1], reference.decode(colour))


def test_alpha_of_8_bits_is_none() -> None:
    rng = np.random.default_rng(0)
    for payload in (b"", random_alpha(rng, 8, 8)):
        with pytest.raises(VeneerError) as caught:
            reference.decode(file_of(9, b"", tile_chunk(b"ALPH", data=payload), channels=2))
        assert caught.value.code == ErrorCode.TILE_DAMAGED


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_previews_have_8_bits(channels: int) -> None:
    rng = np.random.default_rng(channels)
    preview = [preview_chunk(bytes(range(60)), step_index=100, tools=2)]
    preview += [(b"pALP", random_alpha(rng, 8, 7))] if channels == 4 else []
    found = []
    for depth in (8, 12):
        tiles = [tile_chunk()]
        tiles += [tile_chunk(b"ALPH", data=random_alpha(rng, 60, 50, depth))] if channels == 4 else []
        head = head_chunk(width=60, height=50, channels=channels, bit_depth=depth)
        data = put_together([head, *preview, *tiles, END])
        found.append(reference.decode(data, layers=PREVIEW.split("=")[1]))
    assert found[1].dtype == np.uint8
    np.testing.assert_array_equal(*found)


@functools.cache
def tiny() -> reference.Model:
    return load(entry("tiny"))


@pytest.mark.parametrize("depth", DEPTHS)
def test_networks_change_the_exact_picture(depth: int) -> None:
    model = tiny()
    head = head_chunk(slot_of("tiny"), bit_depth=depth, width=70, height=20, channels=3)
    rng = np.random.default_rng(depth)
    tiles = [tile_chunk(index=i, data=rng.bytes(30)) for i in (0, 1)]
    data = put_together([head, *tiles, enhancement_chunk(strength=128), END])
    base = reference.decode(data, layers="base")
    full = reference.decode(data, find_model=lambda *_: model)
    np.testing.assert_array_equal(full[:, 64:], base[:, 64:])  # without a chunk eNHA
    file = read_file(data, 1 << 20)
    picture = read_base(file)
    assert picture.quarters.max() <= 1020
    enhanced = enhance(file, picture, model, None, None)
    wanted = picture.exact / 2**picture.depth.fraction + enhanced / 64 - picture.quarters / 4
    levels = np.clip(wanted, 0, picture.depth.top / 2**picture.depth.fraction) * 2 ** (depth - 8)
    below, above = (-0.5, 0.5) if depth < 14 else (0, 2 ** (depth - 14) - 1)
    assert below <= (full - levels).min()
    assert (full - levels).max() <= above
    assert (full[:, :64] != base[:, :64]).any()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"bit_depth": 7}, ErrorCode.FEATURE),
        ({"bit_depth": 1}, ErrorCode.FEATURE),
        ({"bit_depth": 17}, ErrorCode.FIELD_VALUE),
        ({"bit_depth": 0}, ErrorCode.FIELD_VALUE),
        ({"bit_depth": 9, "base_scale": 2}, ErrorCode.FEATURE),
        ({"bit_depth": 16, "base_scale": 2, "channels": 4}, ErrorCode.FEATURE),
        ({"bit_depth": 8, "base_scale": 2, "channels": 4}, ErrorCode.FIELD_VALUE),
        ({"bit_depth": 10, "tools": 2}, ErrorCode.FEATURE),
        ({"bit_depth": 12, "tools": 7}, ErrorCode.FEATURE),
        ({"bit_depth": 10, "base_kind": 2, "step_index": 0}, ErrorCode.FEATURE),
    ],
)
def test_what_is_refused(fields: dict[str, int], code: ErrorCode) -> None:
    with pytest.raises(VeneerError) as caught:
        reference.decode(put_together([head_chunk(**fields), tile_chunk(), END]))
    assert caught.value.code == code
