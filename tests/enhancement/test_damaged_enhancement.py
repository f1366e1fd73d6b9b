"""Damage to a chunk eNHA costs the latents of its tile; damage to a tile leaves the latents of others alone."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from enhancers import enhanced_file
from samples import Pixels, make_picture

import veneer
from veneer.bitstream.chunks import ChunkReader, write_chunk
from veneer.bitstream.container import FIRST_CHUNK
from veneer.errors import ErrorCode

# Halo of `restore` of the test model, and a unit for the alignment.
REACH = 19


@pytest.fixture(scope="module")
def file(folder: Path) -> bytes:
    return enhanced_file(make_picture(190, 180), folder)  # 3 x 3 tiles


@pytest.fixture(scope="module")
def whole(file: bytes, folder: Path) -> Pixels:
    return veneer.decode(file, models=folder, strict=True)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(chunk.type, bytes(chunk.payload)) for chunk in ChunkReader(memoryview(data), FIRST_CHUNK, print).chunks()]


def place_of(data: bytes, name: bytes, tile: int) -> int:
    """Offset of the payload of a tile's chunk."""
    for chunk in ChunkReader(memoryview(data), FIRST_CHUNK, print).chunks():
        if chunk.type == name and bytes(chunk.payload[:2]) == struct.pack("<H", tile):
            return chunk.payload_offset
    raise AssertionError


def changed_tiles(a: Pixels, b: Pixels) -> set[int]:
    """Tiles with pixels that differ, but for a margin that `restore` sees across."""
    found = set()
    for tile in range(9):
        y, x = 64 * (tile // 3), 64 * (tile % 3)
        box = np.s_[y + REACH : min(y + 64, 190) - REACH, x + REACH : min(x + 64, 180) - REACH]
        if (a[box] != b[box]).any():
            found.add(tile)
    return found


@pytest.mark.parametrize("tile", range(9))
def test_flipped_bit(tile: int, file: bytes, whole: Pixels, folder: Path) -> None:
    place = place_of(file, b"eNHA", tile) + 12
    damaged = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
    with pytest.warns(veneer.VeneerWarning, match="checksum of chunk eNHA"):
        decoded = veneer.decode(damaged, models=folder)
    assert changed_tiles(decoded, whole) <= {tile}
    np.testing.assert_array_equal(veneer.decode(file, layers="base"), base_of(damaged))


def base_of(data: bytes) -> Pixels:
    with pytest.warns(veneer.VeneerWarning, match="eNHA"):
        return veneer.decode(data, layers="base")


def test_latents_that_are_no_code(file: bytes, whole: Pixels, folder: Path) -> None:
    parts = [
        (name, payload[:5] + b"\xff" * 60 if name == b"eNHA" and payload[0] == 4 else payload)
        for name, payload in chunks(file)
    ]
    data = file[:FIRST_CHUNK] + b"".join(write_chunk(*part) for part in parts)
    with pytest.warns(veneer.VeneerWarning, match=r"latents or filters of 1 tiles \(4\)") as caught:
        decoded = veneer.decode(data, models=folder)
    assert caught[0].message.problem.code == ErrorCode.LATENTS_DAMAGED  # type: ignore[union-attr]
    assert changed_tiles(decoded, whole) == {4}
    # As without the chunk: the tile is its base.
    kept = [part for part in parts if not (part[0] == b"eNHA" and part[1][0] == 4)]
    without = file[:FIRST_CHUNK] + b"".join(write_chunk(*part) for part in kept)
    np.testing.assert_array_equal(veneer.decode(without, models=folder, strict=True), decoded)
    base = veneer.decode(file, layers="base")
    np.testing.assert_array_equal(decoded[64:128, 64:128], base[64:128, 64:128])


@pytest.mark.parametrize("tile", [0, 4])
def test_lost_tile_leaves_other_latents_alone(tile: int, file: bytes, whole: Pixels, folder: Path) -> None:
    place = place_of(file, b"BASE", tile) + 8
    damaged = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
    with pytest.warns(veneer.VeneerWarning):
        decoded = veneer.decode(damaged, models=folder)
    assert changed_tiles(decoded, whole) == {tile}


def test_cut_behind_the_tiles_gives_the_base(file: bytes, folder: Path) -> None:
    end = place_of(file, b"eNHA", 0) - 8
    for length in (end, end + 5, end + 15):
        with pytest.warns(veneer.VeneerWarning):
            decoded = veneer.decode(file[:length], models=folder)
        np.testing.assert_array_equal(decoded, veneer.decode(file, layers="base"))


def test_random_damage_is_survived(file: bytes, folder: Path) -> None:
    rng = np.random.default_rng(4)
    first = place_of(file, b"eNHA", 0)
    for _ in range(30):
        changed = bytearray(file)
        for place in rng.integers(first, len(file), 3):
            changed[place] ^= 1 << int(rng.integers(8))
        with pytest.warns(veneer.VeneerWarning):
            assert veneer.decode(bytes(changed), models=folder).shape == (190, 180, 3)
