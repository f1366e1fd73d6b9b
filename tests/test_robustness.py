"""Cut, changed and made-up files: a picture or a VeneerError, within the limits, and nothing else."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hostile import changed_bytes, changed_payload, try_everything
from samples import XMP, four_tiles, make_exif, make_picture

import veneer
from veneer import VeneerError, VeneerWarning
from veneer.bitstream.container import read_contents, write_contents

MUTATIONS = 200
FINDINGS = sorted((Path(__file__).parent / "findings" / "decode").iterdir())
SETTINGS_SIZE = 16  # of native/fuzz/fuzz_decode.cpp, before the file


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    """Small files of different sorts."""
    return [
        veneer.encode(make_picture(5, 4, 1), effort=1),
        veneer.encode(make_picture(40, 50, 4), quality=20, effort=1, exif=make_exif(3), xmp=XMP),
        four_tiles(),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("which", range(3))
def test_cut_anywhere(files: list[bytes], which: int) -> None:
    data = files[which]
    step = max(1, len(data) // 250)
    for length in range(0, len(data), step):
        try_everything(data[:length])
        with pytest.raises(VeneerError):
            veneer.decode(data[:length], strict=True)


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.name)
def test_what_fuzzing_found(path: Path) -> None:
    """However it is read; while it comes byte by byte, it is refused by feed() and finish(), never by picture()."""
    data = path.read_bytes()[SETTINGS_SIZE:]
    try_everything(data)
    decoder = veneer.Decoder(threads=1)
    for start in range(len(data)):
        try:
            decoder.feed(data[start : start + 1])
        except VeneerError:
            break
        decoder.picture()


def test_cut_behind_a_tile_keeps_it() -> None:
    data = four_tiles()
    whole = veneer.decode(data)
    second = data.index(b"BASE", data.index(b"BASE") + 1) - 4
    with pytest.warns(VeneerWarning):
        decoded = veneer.decode(data[: second + 10])
    np.testing.assert_array_equal(decoded[:64, :64], whole[:64, :64])
    assert decoded.shape == whole.shape


@pytest.mark.slow
@pytest.mark.parametrize("which", range(3))
def test_mutations(files: list[bytes], which: int) -> None:
    rng = np.random.default_rng(which)
    for _ in range(MUTATIONS):
        try_everything(changed_bytes(files[which], rng))


@pytest.mark.parametrize("which", range(3))
@pytest.mark.slow
def test_mutations_behind_right_checksums(files: list[bytes], which: int) -> None:
    rng = np.random.default_rng(which)
    for _ in range(MUTATIONS):
        try_everything(changed_payload(files[which], rng))


def declaring(width: int, height: int, tile_log2: int, tiles: int = 1) -> bytes:
    """A few bytes that declare a picture of any size."""
    small = read_contents(memoryview(veneer.encode(make_picture(8, 8), effort=1)), strict=True, max_pixels=1 << 28)
    head = dataclasses.replace(small.head, width=width, height=height, tile_log2=tile_log2)
    return write_contents(head, small.metadata, [small.colour_tiles[0] or b""] * tiles, [])


def test_a_bomb_is_refused() -> None:
    bomb = declaring(65535, 65535, 16)
    with pytest.raises(VeneerError, match="max_pixels") as caught:
        veneer.decode(bomb)
    assert caught.value.kind == veneer.ErrorKind.LIMIT
    with pytest.raises(VeneerError, match="tiles of 65535x65535 pixels"):
        veneer.read_info(bomb)
    assert veneer.read_info(declaring(65535, 65535, 8, 65536), verify=True).problems == ()


MEASURE = """
import resource, sys, warnings
import veneer

warnings.simplefilter("ignore", veneer.VeneerWarning)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
veneer.decode(open(sys.argv[1], "rb").read())
before = peak()
try:
    veneer.decode(open(sys.argv[2], "rb").read(), **eval(sys.argv[3]))
    print("picture", peak() - before)
except veneer.VeneerError as error:
    print(error.code.name, peak() - before)
"""


@pytest.mark.parametrize(
    ("size", "options", "outcome", "limit_bytes"),
    [
        ((65535, 65535, 16), {}, "PICTURE_TOO_LARGE", 1 << 20),
        ((65535, 65535, 16), {"layers": "preview"}, "PICTURE_TOO_LARGE", 1 << 20),
        ((65535, 65535, 16), {"region": (0, 0, 1, 1)}, "PICTURE_TOO_LARGE", 1 << 20),
        ((65535, 65535, 6), {"max_pixels": 1 << 32}, "TOO_MANY_TILES", 1 << 20),
        # Allowed by the caller: a region costs the tiles it touches (3 planes of int16, and notes for each unit)...
        ((65535, 65535, 8), {"max_pixels": 1 << 32, "region": (0, 0, 64, 64)}, "picture", 40 << 20),
        # ... and a picture of 4 megapixels of which one tile is there what whole ones cost, in pixels 12 MB.
        ((2048, 2048, 6), {}, "picture", 40 << 20),
    ],
)
def test_memory_follows_what_is_allowed(
    tmp_path: Path, size: tuple[int, int, int], options: dict[str, object], outcome: str, limit_bytes: int
) -> None:
    """Peak memory of a process of its own, above what decoding a small picture has taken."""
    (tmp_path / "small.vnr").write_bytes(four_tiles())
    (tmp_path / "bomb.vnr").write_bytes(declaring(*size))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "small.vnr"), str(tmp_path / "bomb.vnr"), repr(options)]
    said, grown = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert said == outcome
    assert int(grown) <= limit_bytes
