"""Seeds of the fuzz targets: the files of tests/vectors, taken apart into what each target reads.

Place: called by run.py. The layouts are those of the comments at the head of the targets.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from veneer import VeneerError, _native, _native_dev
from veneer.bitstream import fields, syntax
from veneer.bitstream.container import Contents, read_contents, tile_grid
from veneer.reference import weights

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors"


def write_seeds(target: str, folder: Path) -> Path:
    """Writes the seeds of a target, each under the hash of its bytes, and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "base": base_seeds,
        "alpha": alpha_seeds,
        "modular": modular_seeds,
        "jpeg": jpeg_seeds,
        "weights": weight_seeds,
        "decode": decoder_seeds,
        "python": files,
    }
    for seed in makers.get(target, random_seeds)():
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return folder


def files() -> Iterator[bytes]:
    """Whole files, pictures and weights, valid and not."""
    for pattern in ("vectors/*/*.vnr", "vectors/*/models/*.vn[mw]"):
        for path in sorted((ROOT / "tests").glob(pattern)):
            yield path.read_bytes()


def tiles() -> Iterator[tuple[Contents, int, int, int]]:
    """Contents of the valid vectors, number of each tile, its width and height."""
    for data in files():
        if not data.startswith(syntax.SIGNATURE):
            continue
        try:
            contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 20)
        except VeneerError:
            continue
        grid = tile_grid(contents.head)
        side = 1 << contents.head.tile_log2
        for index in range(grid.count):
            x, y = index % grid.columns * side, index // grid.columns * side
            yield contents, index, min(side, grid.width - x), min(side, grid.height - y)


def base_seeds() -> Iterator[bytes]:
    """Tiles of up to 200 x 200 pixels, whole and cut in the middle."""
    for contents, index, width, height in tiles():
        if contents.head.base_kind == syntax.MODULAR:
            continue
        payload = contents.colour_tiles[index] or b""
        parameters = fields.write(syntax.BASE_PARAMETERS, contents.head)
        if max(width, height) <= 200:
            for cut in (65535, len(payload) // 2):
                kind = contents.head.channels - 1 + 4 * (contents.head.bit_depth - 8)
                front = bytes((width - 1, height - 1, kind)) + parameters
                yield front + struct.pack("<H", cut) + payload


def jpeg_seeds() -> Iterator[bytes]:
    """Small JPEG files, and what they are taken apart into."""
    options: list[dict[str, Any]] = [{}, {"progressive": True}, {"restart_marker_blocks": 3}, {"optimize": True}]
    for mode, choice in itertools.product(("L", "RGB", "CMYK"), options):
        picture = Image.effect_noise((40, 24), 60).convert(mode)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=60, **choice)
        geometry, script, _ = _native_dev.jpeg_parse(out.getvalue())
        yield b"\0" + out.getvalue()
        yield b"\1" + bytes([len(geometry)]) + geometry + b"\x0a" + script


def alpha_seeds() -> Iterator[bytes]:
    """Payloads of alpha, and runs of samples for the encoder."""
    for contents, index, width, height in tiles():
        if contents.alpha_tiles and width <= 150 and height <= 80:
            yield bytes((width - 1, height - 1, 0)) + (contents.alpha_tiles[index] or b"")
    for seed in range(8):
        yield bytes((60, 40, 1)) + numpy.random.default_rng(seed).bytes(400)


def modular_seeds() -> Iterator[bytes]:
    """Payloads of lossless tiles, and runs of samples for the encoder."""
    for contents, index, width, height in tiles():
        head = contents.head
        payload = contents.colour_tiles[index] or b""
        if head.base_kind == syntax.MODULAR and width <= 150 and height <= 80 and len(payload) <= 4000:
            yield bytes((width - 1, height - 1, head.channels - 1, head.bit_depth - 1, 0)) + payload
    yield from modular_forms()
    for seed in range(24):
        rng = numpy.random.default_rng(seed)
        yield bytes((20 + seed, 30, seed % 4, seed % 16, 1, seed % 9, seed % 5)) + rng.bytes(400)


def modular_forms() -> Iterator[bytes]:
    """Payloads of small tiles in each form that the encoder has: smooth, noisy and drawn ones."""
    y, x = numpy.mgrid[:17, :23]
    for form, depth, channels in itertools.product(
        ("stored", "photo", "fast", "graphics"), (1, 8, 12, 16), (1, 2, 3, 4)
    ):
        rng = numpy.random.default_rng((depth, channels))
        noise = rng.integers(0, 4, (17, 23, channels))
        smooth = (x * 7 + y * 3)[:, :, None] * numpy.arange(1, channels + 1) + noise
        drawn = rng.integers(0, 1 << depth, (5, channels))[(x // 5 + y // 4) % 5]
        for samples in (smooth, drawn):
            samples = (samples % (1 << depth)).astype(numpy.uint16)
            try:
                payload = _native.encode_tile(samples, depth=depth, form=form, exact=True)
            except ValueError:  # no form of this encoder
                continue
            yield bytes((22, 16, channels - 1, depth - 1, 0)) + payload


def weight_seeds() -> Iterator[bytes]:
    """Bodies of the smaller weight files and of the model files, behind what says which of these they are."""
    for data in files():
        for number, signature in enumerate(weights.FILE_NAMES):
            if data.startswith(signature) and len(data) < 1 << 14:
                yield bytes([number]) + data[weights.HEADER_SIZE : -4]


def decoder_seeds() -> Iterator[bytes]:
    """Small files behind settings: all of the picture at once, and something else, in pieces, of each file."""
    for number, data in enumerate(file for file in files() if file.startswith(syntax.SIGNATURE)):
        sides = struct.unpack_from("<II", data, 17) if len(data) >= 25 else (0, 0)  # in HEAD, the first chunk
        if sides[0] * sides[1] > 1 << 11 or len(data) > 4000:
            continue
        region = (sides[0] // 3, sides[1] // 3, sides[0] // 3, sides[1] // 3)
        layers, strict, has_region, has_runner = number % 3, number // 3 % 2, number // 6 % 2, number // 12 % 2
        pieces = layers | strict << 2 | has_region << 3 | 1 << 4 | has_runner << 7
        for flags in (0, pieces):
            yield struct.pack("<BB4H4BH", flags, number % 66, *region, 1, 8, 64, 255, 1000) + data


def random_seeds() -> Iterator[bytes]:
    """Bytes at random, for targets whose inputs are instructions."""
    for seed in range(24):
        yield numpy.random.default_rng(seed).bytes(64 << seed % 6)
