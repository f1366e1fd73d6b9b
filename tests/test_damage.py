"""Cut and damaged files: what is there is decoded, what is not is filled in, and both are said."""

from pathlib import Path

import numpy as np
import pytest
from samples import IPTC, XMP, Pixels, make_exif, make_picture, srgb_profile

import veneer
from veneer import ErrorCode, VeneerError
from veneer.bitstream.chunks import ChunkReader
from veneer.bitstream.container import METADATA_TYPES

VECTORS = Path(__file__).parent / "vectors" / "1"
SUPERBLOCK = 64


def decode(data: bytes, **options: object) -> tuple[Pixels, list[VeneerError]]:
    """The picture, and what was reported."""
    problems: list[VeneerError] = []
    pixels = veneer.decode(data, problems=problems, **options)  # type: ignore[arg-type]
    return pixels, problems


def decode_or_refuse(data: bytes) -> tuple[Pixels, list[VeneerError]] | ErrorCode:
    """The same, or the error of a file of which nothing can be shown."""
    try:
        return decode(data)
    except VeneerError as error:
        return error.code


def known_part(problems: list[VeneerError], size: tuple[int, int]) -> np.ndarray:
    """Which pixels of a one-tile picture of that height and width are as they were, by what was reported."""
    columns, rows = -(-size[1] // SUPERBLOCK), -(-size[0] // SUPERBLOCK)
    counts = [int(p.message.split()[2]) for p in problems if p.message.startswith("tile 0: ")]
    known = np.arange(rows * columns).reshape(rows, columns) < (counts[0] if counts else rows * columns)
    return known.repeat(SUPERBLOCK, axis=0).repeat(SUPERBLOCK, axis=1)[: size[0], : size[1]]


@pytest.mark.parametrize("name", ["size_131x67", "rgb_alpha", "flat"])
@pytest.mark.slow
def test_cut_at_every_byte(name: str) -> None:
    data = (VECTORS / f"{name}.vnr").read_bytes()
    whole = veneer.decode(data)
    colours = 3 if whole.shape[2] >= 3 else 1
    shares = []
    for length in range(len(data)):
        with pytest.raises(VeneerError):
            veneer.decode(data[:length], strict=True)
        found = decode_or_refuse(data[:length])
        if isinstance(found, ErrorCode):
            assert found in (ErrorCode.NO_SIGNATURE, ErrorCode.HEAD_CUT, ErrorCode.NO_TILE)
            assert not shares, "more bytes never give less"
            continue
        pixels, problems = found
        known = known_part(problems, whole.shape[:2])
        np.testing.assert_array_equal(pixels[known][:, :colours], whole[known][:, :colours])
        assert problems
        shares.append(known.mean())
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_cut_tile_keeps_its_superblocks() -> None:
    picture = make_picture(200, 330)
    data = veneer.encode(picture, quality=60, effort=1)
    whole = veneer.decode(data)
    cut = data[: len(data) * 6 // 10]
    pixels, problems = decode(cut)
    assert [problem.code for problem in problems] == [ErrorCode.CHUNK_CUT, ErrorCode.CHUNK_CUT]
    known = known_part(problems, (200, 330))
    assert 0.3 < known.mean() < 0.8
    np.testing.assert_array_equal(pixels[known], whole[known])
    assert not (pixels == whole).all()
    # A region gets what the whole has, where that is known.
    part, _ = decode(cut, region=(10, 5, 100, 50))
    np.testing.assert_array_equal(part, whole[5:55, 10:110])


@pytest.fixture(scope="module")
def rich_file() -> bytes:
    """Four tiles with every chunk that a file can have."""
    return veneer.encode(
        make_picture(100, 120, 4),
        quality=40,
        effort=1,
        tile_size=64,
        preview=True,
        icc=srgb_profile(),
        exif=make_exif(),
        xmp=XMP * 40,
        iptc=IPTC,
        text=[("Comment", "one " * 9), ("Author", "somebody")],
        density=(1, 2835, 2835),
        content_light=(1000, 400),
        mastering_display=veneer.MasteringDisplay.of_units((1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        gain_map=veneer.GainMap(np.zeros((9, 8), np.uint8), b"?" * 40),
    )


def test_one_flipped_bit_in_each_chunk(rich_file: bytes) -> None:
    """Only the tile that is hit differs; other chunks cost themselves."""
    whole = veneer.decode(rich_file)
    info = veneer.read_info(rich_file)
    chunks = list(ChunkReader(memoryview(rich_file), 8, pytest.fail).chunks())
    rng = np.random.default_rng(0)
    tiles = []
    for chunk in chunks[1:]:
        place = chunk.payload_offset + int(rng.integers(len(chunk.payload) + 4))
        damaged = bytearray(rich_file)
        damaged[place] ^= 1 << int(rng.integers(8))
        pixels, problems = decode(bytes(damaged))
        assert problems[0].offset == chunk.offset
        same = (pixels == whole).all(axis=2)
        if chunk.type in (b"BASE", b"ALPH"):
            index = chunk.payload[0]
            hit = np.zeros((100, 120), bool)
            hit[index // 2 * 64 : index // 2 * 64 + 64, index % 2 * 64 : index % 2 * 64 + 64] = True
            assert same[~hit].all()
            assert not same[hit].all()
            assert f"{chunk.type.decode()} of tile " in problems[0].message
            tiles.append((chunk.type, index))
        else:
            assert same.all()
            after = veneer.read_info(bytes(damaged))
            for name in METADATA_TYPES.values():
                nothing = () if name == "text" else None
                lost = METADATA_TYPES.get(chunk.type) == name
                assert getattr(after, name) == (nothing if lost else getattr(info, name))
            assert len(after.problems) == (chunk.type != b"TEND")  # said without `verify` too
    assert len(tiles) == 8


def test_a_damaged_length_costs_nothing(rich_file: bytes) -> None:
    whole = veneer.decode(rich_file)
    for chunk in list(ChunkReader(memoryview(rich_file), 8, pytest.fail).chunks())[1:-1]:
        damaged = bytearray(rich_file)
        damaged[chunk.offset + 1] ^= 2
        pixels, problems = decode(bytes(damaged))
        np.testing.assert_array_equal(pixels, whole)
        assert "the length of chunk" in problems[0].message


def test_lost_tiles_are_filled_from_the_preview() -> None:
    y, x = np.mgrid[:256, :256]
    rings = (128 + 100 * np.sin(np.hypot(x - 128, y - 128) / 9)).astype(np.uint8)
    errors = []
    for preview in (False, True):
        data = bytearray(veneer.encode(rings, quality=80, effort=1, tile_size=128, preview=preview))
        second = data.index(b"BASE", data.index(b"BASE") + 4)
        data[second + 30] ^= 1
        pixels, problems = decode(bytes(data))
        assert problems[0].code == ErrorCode.CHECKSUM
        errors.append(float(np.abs(pixels[:128, 128:, 0].astype(int) - rings[:128, 128:]).mean()))
    assert errors[1] < errors[0] / 2


def test_lost_alpha_is_filled_from_the_preview(rich_file: bytes) -> None:
    damaged = bytearray(rich_file)
    damaged[damaged.index(b"ALPH") + 12] ^= 1
    pixels, _ = decode(bytes(damaged))
    whole = veneer.decode(rich_file)
    assert np.abs(pixels[:64, :64, 3].astype(int) - whole[:64, :64, 3]).mean() < 25
    np.testing.assert_array_equal(pixels[:, :, :3], whole[:, :, :3])


def test_info_says_what_is_damaged(rich_file: bytes) -> None:
    damaged = bytearray(rich_file)
    third = -1
    for _ in range(3):
        third = damaged.index(b"BASE", third + 1)
    damaged[third + 20] ^= 1
    problems = veneer.read_info(bytes(damaged[:-30]), verify=True).problems
    assert f"the checksum of chunk BASE of tile 2 is wrong (at byte {third - 4})" in problems
    assert any(text.startswith("the file ends within chunk ALPH of tile 3, ") for text in problems)
    assert "1 of 4 tiles have no colour: 2" in problems
    assert "1 of 4 tiles have no alpha: 3" in problems
