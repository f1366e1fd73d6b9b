"""Files that cost a decoder as much as a few bytes can: one for each structure of the format.

Tests count the work that they make, `benchmarks/hostile_costs.py` measures it. Every file has about as many bytes as it
is asked to have, or declares as many pixels.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import struct
from collections.abc import Sequence

import numpy as np
from samples import make_picture

import veneer
from veneer import limits
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import FRAME_SIZE, write_chunk
from veneer.bitstream.container import read_contents
from veneer.bitstream.syntax import SIGNATURE, Enhancement, Head, ModelSlot

TILE = 64  # pixels of a side of the smallest tile
END = write_chunk(b"TEND", b"")
ANY_PAYLOAD = b"\0"


@functools.cache
def small(channels: int = 1) -> tuple[Head, bytes, bytes]:
    """Head, colour and alpha of a picture of one tile."""
    data = veneer.encode(make_picture(TILE, TILE, channels), quality=5, effort=1, layers="base")
    contents = read_contents(memoryview(data), strict=True, max_pixels=TILE * TILE)
    alpha = contents.alpha_tiles[0] if contents.alpha_tiles else None
    return contents.head, contents.colour_tiles[0] or b"", alpha or b""


def file_of(head: Head, *chunks: bytes) -> bytes:
    """Signature, HEAD and chunks."""
    return b"".join((SIGNATURE, write_chunk(b"HEAD", fields.write(syntax.HEAD, head)), *chunks))


def tile_chunk(index: int, data: bytes = b"", name: bytes = b"BASE") -> bytes:
    """A chunk BASE or ALPH."""
    return write_chunk(name, struct.pack("<H", index) + data)


def enhancement_chunk(index: int, slot: int = 0, data: bytes = b"") -> bytes:
    """A chunk eNHA."""
    return write_chunk(b"eNHA", fields.write(syntax.ENHANCEMENT, Enhancement(index, slot, 0, 64, data)))


def with_models(head: Head, *models: tuple[int, bytes]) -> Head:
    """A head with a table of models that restore."""
    return dataclasses.replace(head, models=tuple(ModelSlot(*model, syntax.RESTORES) for model in models))


def head_of(width: int, height: int, tile_log2: int, channels: int = 1) -> Head:
    """A head that declares a picture."""
    return dataclasses.replace(small(channels)[0], width=width, height=height, tile_log2=tile_log2)


def grid_head(count: int, channels: int = 1) -> Head:
    """The head of a picture of so many tiles of the smallest size, in rows of at most 256."""
    columns = min(count, 256)
    return head_of(columns * TILE, -(-count // columns) * TILE, 6, channels)


def tiles_alone(count: int) -> bytes:
    """A file of `count` tiles of a byte each."""
    return file_of(grid_head(count), *(tile_chunk(index, ANY_PAYLOAD) for index in range(count)), END)


def tiles_with_enhancement(count: int, model_id: int = 9999, check: bytes = b"none", data: bytes = b"") -> bytes:
    """A file of `count` tiles, and for each a chunk eNHA of one model."""
    tiles = (tile_chunk(index, ANY_PAYLOAD) for index in range(count))
    enhancement = (enhancement_chunk(index, data=data) for index in range(count))
    return file_of(with_models(grid_head(count), (model_id, check)), *tiles, *enhancement, END)


def models_that_differ(count: int) -> bytes:
    """A file of `count` tiles, each with another model than the one before."""
    tiles = (tile_chunk(index, ANY_PAYLOAD) for index in range(count))
    head = with_models(grid_head(count), *((number, b"none") for number in range(limits.MAX_MODELS)))
    return file_of(head, *tiles, *(enhancement_chunk(i, i % limits.MAX_MODELS) for i in range(count)), END)


def tiles_behind_enhancement(count: int) -> bytes:
    """A file of `count` tiles, each after its enhancement, which is not allowed."""
    pairs = (enhancement_chunk(index) + tile_chunk(index, ANY_PAYLOAD) for index in range(count))
    return file_of(with_models(grid_head(count), (0, b"none")), *pairs, END)


def empty_chunks(size: int, name: bytes = b"xXXX") -> bytes:
    """A tile, and chunks of no known type without payload."""
    head, colour, _ = small()
    count = min(size // FRAME_SIZE, limits.MAX_CHUNKS - 2)
    return file_of(head, write_chunk(name, b"") * count, tile_chunk(0, colour), END)


def long_offsets(size: int) -> bytes:
    """A chunk tOCS of far more lengths than tiles."""
    head, colour, _ = small()
    return file_of(head, write_chunk(b"tOCS", struct.pack("<I", 99) * (size // 4)), tile_chunk(0, colour), END)


def types_everywhere(size: int) -> bytes:
    """Damage after which every fourth byte could begin a chunk that would end after the end of the file."""
    head, colour, _ = small()
    return file_of(head, tile_chunk(0, colour), b"BASE" * (size // 4))


def headers_everywhere(size: int) -> bytes:
    """Damage after which every eighth byte could begin a chunk of no bytes, with a wrong checksum."""
    head, colour, _ = small()
    return file_of(head, tile_chunk(0, colour), b"\xff" * 8, struct.pack("<I4s", 0, b"TEND") * (size // 8))


def long_headers_everywhere(size: int) -> bytes:
    """Damage after which every eighth byte could begin a chunk up to the end of the file, with a wrong checksum."""
    head, colour, _ = small()
    count = size // 8
    headers = (struct.pack("<I4s", max(8 * (count - i - 2), 0), b"BASE") for i in range(count))
    return file_of(head, tile_chunk(0, colour), b"\xff" * 8, *headers)


def claims_to_the_end(size: int) -> bytes:
    """Headers that claim the rest of the file, with a wrong checksum, each before an intact chunk."""
    head, colour, _ = small()
    intact = enhancement_chunk(0)
    count = size // (8 + len(intact))
    parts = [struct.pack("<I4s", (count - i) * (8 + len(intact)) - 10, b"xXXX") + intact for i in range(count)]
    return file_of(head, tile_chunk(0, colour), *parts, b"\xff" * 8)


def nested_tiles(count: int) -> bytes:
    """Tiles whose chunks lie in each other, all with right checksums, where tOCS says that they begin."""
    head = grid_head(count)
    inner = b""
    for index in reversed(range(count)):
        inner = write_chunk(b"BASE", struct.pack("<H", index) + b"\0" * 4 + inner)
    offsets = write_chunk(b"tOCS", struct.pack("<I", 14 - FRAME_SIZE) * count)
    return file_of(head, offsets, inner, END)


def damaged_chunks(size: int) -> bytes:
    """A tile, and empty chunks each of which has a wrong checksum."""
    head, colour, _ = small()
    bad = write_chunk(b"xXXX", b"")[:-1] + b"\xff"
    count = min(size // FRAME_SIZE, limits.MAX_CHUNKS - 2)
    return file_of(head, tile_chunk(0, colour), bad * count, END)


def lost_framing(size: int) -> bytes:
    """A tile, and intact chunks with a byte too much between them."""
    head, colour, _ = small()
    part = b"\xff" + enhancement_chunk(0)
    return file_of(head, tile_chunk(0, colour), part * (size // len(part)), END)


def nearly_all_lost(pixels: int, channels: int = 3, *, payload: bytes | None = None) -> bytes:
    """A square picture of which one tile of 64 x 64 is there."""
    side = math.isqrt(pixels)
    log2 = 6
    while (-(-side >> log2)) ** 2 > limits.MAX_TILES:
        log2 += 1
    head = head_of(side, side, log2, channels)
    return file_of(head, tile_chunk(0, small(channels)[1] if payload is None else payload))


def one_tile(pixels: int, channels: int = 3, *, data: bytes | None = None, alpha: bytes | None = None) -> bytes:
    """A square picture of one tile of few bytes."""
    side = math.isqrt(pixels)
    head = head_of(side, side, max(6, (side - 1).bit_length()), channels)
    chunks = [tile_chunk(0, small(channels)[1] if data is None else data)]
    if channels in (2, 4):
        chunks.append(tile_chunk(0, small(channels)[2] if alpha is None else alpha, b"ALPH"))
    return file_of(head, *chunks, END)


@functools.cache
def flat(side: int, channels: int) -> tuple[Head, bytes, bytes]:
    """Head, colour and alpha of a flat square of one tile."""
    pixels = np.full((side, side, channels), 90, np.uint8)
    tile_size = max(TILE, 1 << (side - 1).bit_length())
    data = veneer.encode(pixels, quality=30, effort=1, layers="base", tile_size=tile_size, preview=False)
    contents = read_contents(memoryview(data), strict=True, max_pixels=side * side)
    return contents.head, contents.colour_tiles[0] or b"", (contents.alpha_tiles or [b""])[0] or b""


def one_flat_tile(pixels: int, channels: int = 3) -> bytes:
    """A square picture of one tile that takes next to nothing, and decodes."""
    head, colour, alpha = flat(math.isqrt(pixels), channels)
    return file_of(head, tile_chunk(0, colour), *([tile_chunk(0, alpha, b"ALPH")] if alpha else []), END)


def screen_that_recurs(pixels: int, channels: int = 3) -> bytes:
    """A square picture of one tile of screen content: no row is of one colour, and hardly a byte says so."""
    side = math.isqrt(pixels)
    y, x = np.mgrid[:side, :side]
    picture = np.repeat(((7 * x + 13 * y) // 3 % 5 * 50).astype(np.uint8)[:, :, None], channels, 2)
    return veneer.encode(picture, quality=90, effort=1, layers="base", tile_size=1 << (side - 1).bit_length())


def screen_of_noise(pixels: int, size: int, channels: int = 3) -> bytes:
    """A square picture of one tile of screen content, of any bytes: most colours are spelled out."""
    side = math.isqrt(pixels)
    head = dataclasses.replace(head_of(side, side, (side - 1).bit_length(), channels), tools=2)
    return file_of(head, tile_chunk(0, noise_payload(size)), END)


def three_quarters_lost(pixels: int, *, noise: bool = False) -> bytes:
    """A square picture of four tiles, of which the first is there, flat or of noise."""
    side = math.isqrt(pixels)
    head, colour, _ = flat(side // 2, 3)
    if noise:
        data = noise_at_its_finest(side // 2, 3)
        contents = read_contents(memoryview(data), strict=True, max_pixels=pixels)
        head, colour = contents.head, contents.colour_tiles[0] or b""
    return file_of(dataclasses.replace(head, width=side, height=side), tile_chunk(0, colour))


def noise_at_its_finest(side: int, channels: int) -> bytes:
    """A square of noise that takes as many bytes as the format has room for."""
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, channels)).astype(np.uint8)
    return veneer.encode(pixels, step_index=0, effort=1, layers="base", tile_size=side, preview=False)


def preview_alone(pixels: int, channels: int = 3) -> bytes:
    """A square picture with a preview of a few bytes, and the tiles lost but for one."""
    side = math.isqrt(pixels)
    head, colour, alpha = small(channels)
    log2 = 6
    while (-(-side >> log2)) ** 2 > limits.MAX_TILES:
        log2 += 1
    declared = head_of(side, side, log2, channels)
    parts = [write_chunk(b"pREV", fields.write(syntax.BASE_PARAMETERS, head) + colour)]
    if channels in (2, 4):
        parts.append(write_chunk(b"pALP", alpha))
    return file_of(declared, *parts, tile_chunk(0, colour))


def noise_payload(size: int, seed: int = 0) -> bytes:
    """Bytes of no pattern: decoded, they make the smallest blocks."""
    return np.random.default_rng(seed).bytes(size)


def metadata(size: int, names: Sequence[bytes] = (b"iCCP", b"eXIF", b"xMP_")) -> bytes:
    """A tile, and metadata of a size each."""
    head, colour, _ = small()
    payload = b"II*\0" + b"\0" * (size - 4)
    return file_of(head, *(write_chunk(name, payload) for name in names), tile_chunk(0, colour), END)
