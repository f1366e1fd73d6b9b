"""The reference decoder of tiles against the native one: invented, random, encoded and extreme payloads."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from samples import make_picture
from valid_vectors import LOUD, head_of, head_values, loudest

from veneer import VeneerError, _native
from veneer.conformance.generator import Inventor
from veneer.reference import transform, trees
from veneer.reference.base import to_exact
from veneer.reference.decoder import decode_alpha
from veneer.reference.depth import Pixels
from veneer.reference.head import Head
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import SHAPES
from veneer.reference.tile import Samples, Tile


def make_head(**changes: int) -> Head:
    return head_of(head_values(**changes))


def base_parameters(head: Head) -> bytes:
    offsets = head.co_step_offset, head.cg_step_offset
    return struct.pack("<BbbBBB", head.step_index, *offsets, head.matrix, head.step_group_log2, head.tools)


def decode_native(payload: bytes, w: int, h: int, head: Head) -> tuple[Pixels, bool]:
    pixels, status = _native.decode_base(
        [payload],
        [],
        width=w,
        height=h,
        channels=3 if head.colour else 1,
        tile_log2=16,
        params=base_parameters(head),
        region=(0, 0, w, h),
        threads=1,
    )
    return pixels, status == [0]


def pixels_of(tile: Tile, w: int, h: int) -> Pixels:
    return tile.depth.pixels(to_exact([plane[:h, :w] for plane in tile.planes], tile.depth))


def check(payload: bytes, w: int, h: int, head: Head) -> tuple[Tile, bool]:
    """Both decoders agree; the tile, and whether its payload is a code."""
    tile = Tile(RangeDecoder(bytes_to_words(payload)), w, h, head)
    good = trees.read_tile(tile)
    pixels, valid = decode_native(payload, w, h, head)
    assert valid == good
    if valid:
        np.testing.assert_array_equal(pixels, pixels_of(tile, w, h))
    return tile, valid


def any_head(rng: np.random.Generator, colour: bool) -> Head:
    return make_head(
        channels=3 if colour else 1,
        step_index=int(rng.integers(224)),
        co_step_offset=int(rng.integers(-128, 128)),
        cg_step_offset=int(rng.integers(-128, 128)),
        matrix=int(rng.integers(16)),
        step_group_log2=int(rng.choice([0, 4, 5, 6])),
        tools=int(rng.integers(2)),
    )


def any_size(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(1, 150)), int(rng.integers(1, 150))


@pytest.mark.slow
def test_invented_payloads() -> None:
    seen: set[str] = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        w, h = any_size(rng)
        head = any_head(rng, seed % 4 > 0)
        inventor = Inventor(rng)
        invented = Tile(inventor, w, h, head)
        trees.read_tile(invented)
        tile, _ = check(inventor.payload(), w, h, head)
        assert all(np.array_equal(a, b) for a, b in zip(tile.planes, invented.planes, strict=True)), seed
        for leaf in {id(leaf): leaf for tree in tile.leaves for leaf in tree.values()}.values():
            seen |= {f"mode {leaf.mode}", f"tree {leaf.tree}, {leaf.w} x {leaf.h}", f"alternative {leaf.alternative}"}
    assert seen == {
        *(f"mode {mode}" for mode in range(24)),
        *(f"tree {tree}, {w} x {h}" for tree in range(2) for w, h in SHAPES),
        *(f"alternative {pair}" for pair in range(4)),
    }


@pytest.mark.parametrize("seed", range(10))
def test_random_bytes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, h = any_size(rng)
    check(rng.bytes(int(rng.integers(3000))), w, h, any_head(rng, seed % 4 > 0))


def test_empty_payload() -> None:
    assert check(b"", 70, 70, make_head(channels=3, step_index=120))[1]


def test_payload_of_no_encoder() -> None:
    assert not check(b"\xff" * 100, 70, 70, make_head(channels=3, step_index=120))[1]


def test_sums_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = []

    def wrap(a: Samples) -> Samples:
        result: Samples = (a + 2**31) % 2**32 - 2**31
        wrapped.append(bool((a != result).any()))
        return result

    monkeypatch.setattr(transform, "wrap", wrap)
    check(loudest(), 64, 64, make_head(**LOUD))
    assert any(wrapped)


@pytest.mark.parametrize(
    ("channels", "step_index", "effort", "options"),
    [
        (1, 60, 1, {}),
        (1, 130, 5, {"step_group_log2": 5, "matrix": 3}),
        (3, 110, 1, {"co_offset": -7, "cg_offset": 5, "step_group_log2": 4}),
        (3, 150, 8, {"step_group_log2": 6}),
        (3, 100, 9, {"matrix": 15}),
    ],
)
def test_encoded_pictures(channels: int, step_index: int, effort: int, options: dict[str, int]) -> None:
    picture = make_picture(75, 130, channels)
    params, payloads, _ = _native.encode_base(
        picture, step_index=step_index, tune=1, effort=effort, tile_log2=16, threads=1, options=options
    )
    names = ("step_index", "co_step_offset", "cg_step_offset", "matrix", "step_group_log2", "tools")
    head = make_head(channels=channels, **dict(zip(names, struct.unpack("<BbbBBB", params), strict=True)))
    tile, _ = check(payloads[0], 130, 75, head)
    assert np.abs(pixels_of(tile, 130, 75).astype(int) - picture).mean() < 8


# Alpha


@pytest.mark.parametrize("seed", range(12))
def test_random_bytes_as_alpha(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, h = int(rng.integers(1, 50)), int(rng.integers(1, 50))
    payload = rng.bytes(int(rng.integers(200)))
    pixels, status = _native.decode_base(
        [b""],
        [payload],
        width=w,
        height=h,
        channels=2,
        tile_log2=16,
        params=base_parameters(make_head()),
        region=(0, 0, w, h),
        threads=1,
    )
    try:
        alpha = decode_alpha(RangeDecoder(bytes_to_words(payload)), w, h)
    except VeneerError:
        assert status == [4]  # TileStatus.ALPHA_DAMAGED
    else:
        assert status == [0]
        np.testing.assert_array_equal(pixels[..., 1], alpha)
