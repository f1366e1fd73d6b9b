"""The reference gives back JPEG files from what the core takes them apart into."""

import random

import found_jpegs as files
import pytest
from jpeg_script_vectors import SOI, TABLES, frame, in_scans, levels_of, plain, scan, segment, sized, zeros_behind
from jpeg_scripts import Script, geometry_of

from veneer import _native_dev
from veneer.reference.jpeg_bytes import BytesModel
from veneer.reference.jpeg_geometry import Geometry, read_geometry
from veneer.reference.jpeg_payload import read_file_script
from veneer.reference.jpeg_rebuild import Levels, rebuild
from veneer.reference.jpeg_script import Interval, ScanNotes, read_script
from veneer.reference.tables import jpeg_dictionary

# Intervals of one MCU, and one of them that the marker RST5 ends.
OF_ONE_MCU = SOI + frame() + TABLES + segment(0xDD, b"\0\1") + scan()
RESTART = Interval(None, last=False, restart=5, text=0)
FLIPS = [ScanNotes(0), ScanNotes(0, rule=1, flips=[1, 2]), ScanNotes(0), ScanNotes(0)]


def no_embedded(_payload: bytes, _size: int) -> bytes:
    raise ValueError("no embedded files here")


def comes_back(file: bytes) -> None:
    coded, script, levels = _native_dev.jpeg_parse(file)
    geometry = read_geometry(coded)
    assert [part.blocks for part in geometry.components] == [array.shape[:2] for array in levels]
    assert rebuild(geometry, levels, read_script(script, geometry, no_embedded)) == file


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"mode": "L", "restart_marker_rows": 1},
        {"optimize": True, "subsampling": 1},
        {"progressive": True},
        {"progressive": True, "restart_marker_blocks": 5},
        {"mode": "CMYK", "progressive": True},
        {"keep_rgb": True, "quality": 95},
        {"qtables": [[9] * 64, list(range(1, 65))], "subsampling": 0},
    ],
    ids=str,
)
def test_files(options: dict) -> None:
    comes_back(files.jpeg(37, 29, **options))


def test_mutated_files() -> None:
    rng = random.Random(6)  # noqa: S311
    sources = [files.jpeg(24, 20, **options) for options in ({}, {"progressive": True}, {"restart_marker_blocks": 2})]
    for _ in range(12):
        comes_back(files.mutate(rng.choice(sources), rng))


def test_embedded_files() -> None:
    thumbnail = files.jpeg(64, 48, quality=85)
    file = files.jpeg(16, 16) + b"gap" + thumbnail + b"end"
    inner = _native_dev.jpeg_parse(thumbnail)[0]

    def read_levels(data: bytes, geometry: Geometry) -> list[Levels]:
        rows, columns = geometry.mcus
        levels = _native_dev.jpeg_decode_levels(inner, data, (0, 0, columns, rows))
        assert levels is not None
        return levels

    coded, script, levels = _native_dev.jpeg_parse(file)
    assert len(script) < len(thumbnail)
    geometry = read_geometry(coded)
    assert rebuild(geometry, levels, read_file_script(script, geometry, read_levels)) == file
    with pytest.raises(ValueError, match="too deep"):
        read_file_script(script, geometry, read_levels, depth=2)


def test_long_runs_and_tails() -> None:
    comes_back(files.jpeg(16, 16) + bytes(5000) + b"\xff" * 2000 + b"end")


def test_bytes() -> None:
    geometry = _native_dev.jpeg_parse(files.jpeg(8, 8))[0]
    rng = random.Random(3)  # noqa: S311
    at = [rng.randrange(len(jpeg_dictionary()) - 40) for _ in range(4)]
    plain = b"".join(jpeg_dictionary()[i : i + 40] + rng.randbytes(9) for i in at)
    coded = _native_dev.jpeg_encode_bytes(plain, geometry, 5)
    assert BytesModel(coded, read_geometry(geometry), len(plain)).decode(5, len(plain)) == plain


def test_levels_and_script_have_to_belong_together() -> None:
    geometry, script, levels = _native_dev.jpeg_parse(files.jpeg(24, 20))
    levels[0][0, 0, 0] += 1
    read = read_geometry(geometry)
    with pytest.raises(ValueError, match=r"other bytes|size is wrong|no code"):
        rebuild(read, levels, read_script(script, read, no_embedded))


@pytest.mark.parametrize(
    ("script", "levels", "rising", "again"),
    [
        # Each list: how many, then the number of the block or interval less the one before, and what belongs to it.
        (in_scans(FLIPS), levels_of(), b"\2\1\1", b"\2\1\0"),
        (plain(zero_runs={0: 2, 3: 1}), zeros_behind(20), b"\2\0\2\3\1", b"\2\0\2\0\1"),
        (plain(OF_ONE_MCU, intervals={0: RESTART, 1: RESTART}), levels_of(), b"\2\0\x14\1\x14", b"\2\0\x14\0\x14"),
    ],
    ids=["flips", "zero runs", "intervals"],
)
def test_numbers_of_lists_rise(script: Script, levels: list[Levels], rising: bytes, again: bytes) -> None:
    payload, geometry = sized(script, levels=levels), geometry_of()
    read = read_geometry(geometry)
    file = rebuild(read, levels, read_script(payload, read, no_embedded))
    assert file == _native_dev.jpeg_rebuild(geometry, payload, levels)
    assert payload.count(rising) == 1
    wrong = payload.replace(rising, again)
    assert _native_dev.jpeg_rebuild(geometry, wrong, levels) is None
    with pytest.raises(ValueError, match="do not rise"):
        read_script(wrong, read, no_embedded)
