"""Cut, changed and made-up files: a picture or a VeneerError, within the limits, and nothing else."""

import dataclasses
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from samples import XMP, four_tiles, make_exif, make_picture

import veneer
from veneer import VeneerError, VeneerWarning
from veneer.bitstream.chunks import write_chunk
from veneer.bitstream.container import read_contents, write_contents
from veneer.bitstream.syntax import SIGNATURE

MUTATIONS = 400


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    """Small files of different sorts."""
    return [
        veneer.encode(make_picture(5, 4, 1), effort=1),
        veneer.encode(make_picture(40, 50, 4), quality=20, effort=1, exif=make_exif(3), xmp=XMP),
        four_tiles(),
    ]


def try_everything(data: bytes) -> None:
    """Every way to read a file; VeneerError is a fine answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", VeneerWarning)
        for options in ({}, {"strict": True}, {"region": (0, 0, 3, 3)}):
            try:
                pixels = veneer.decode(data, max_pixels=1 << 16, threads=1, **options)
                assert pixels.size
            except VeneerError:
                pass
        try:
            veneer.read_info(data, verify=True)
            assert list(veneer.dump_syntax(data))
        except VeneerError:
            pass


@pytest.mark.parametrize("which", range(3))
def test_cut_anywhere(files: list[bytes], which: int) -> None:
    data = files[which]
    step = max(1, len(data) // 800)
    for length in range(0, len(data), step):
        try_everything(data[:length])
        with pytest.raises(VeneerError):
            veneer.decode(data[:length], strict=True)


def test_cut_behind_a_tile_keeps_it() -> None:
    data = four_tiles()
    whole = veneer.decode(data)
    second = data.index(b"BASE", data.index(b"BASE") + 1) - 4
    with pytest.warns(VeneerWarning):
        decoded = veneer.decode(data[: second + 10])
    np.testing.assert_array_equal(decoded[:64, :64], whole[:64, :64])
    assert decoded.shape == whole.shape


def mutations(data: bytes, rng: np.random.Generator) -> Iterator[bytes]:
    for _ in range(MUTATIONS):
        changed = bytearray(data)
        for _ in range(int(rng.integers(1, 5))):
            place = int(rng.integers(len(changed)))
            kind = rng.integers(4)
            if kind == 0:
                changed[place] ^= 1 << int(rng.integers(8))
            elif kind == 1:
                changed[place : place + 4] = rng.bytes(4)
            elif kind == 2:
                del changed[place : place + int(rng.integers(1, 30))]
            else:
                source = int(rng.integers(len(changed)))
                changed[place:place] = changed[source : source + int(rng.integers(1, 60))]
            if not changed:
                break
        yield bytes(changed)


@pytest.mark.parametrize("which", range(3))
def test_mutations(files: list[bytes], which: int) -> None:
    for changed in mutations(files[which], np.random.default_rng(which)):
        try_everything(changed)


def reframed(data: bytes, rng: np.random.Generator) -> bytes:
    """Changes a byte of a payload and puts the checksum right, so that the damage reaches deeper layers."""
    chunks = []
    position = len(SIGNATURE)
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "little")
        chunks.append((data[position + 4 : position + 8], bytearray(data[position + 8 : position + 8 + length])))
        position += 12 + length
    payload = chunks[int(rng.integers(len(chunks) - 1))][1]
    payload[int(rng.integers(len(payload)))] = int(rng.integers(256))
    return SIGNATURE + b"".join(write_chunk(name, bytes(payload)) for name, payload in chunks)


@pytest.mark.parametrize("which", range(3))
def test_mutations_behind_right_checksums(files: list[bytes], which: int) -> None:
    rng = np.random.default_rng(which)
    for _ in range(MUTATIONS):
        try_everything(reframed(files[which], rng))


def test_a_bomb_is_refused() -> None:
    small = read_contents(memoryview(veneer.encode(make_picture(8, 8), effort=1)), strict=True, max_pixels=1 << 28)
    head = dataclasses.replace(small.head, width=65535, height=65535, tile_log2=16)
    bomb = write_contents(head, small.metadata, [small.colour_tiles[0] or b""], [])
    with pytest.raises(VeneerError, match="max_pixels") as caught:
        veneer.decode(bomb)
    assert caught.value.kind == veneer.ErrorKind.LIMIT
    assert veneer.read_info(bomb, verify=True).problems == ()
