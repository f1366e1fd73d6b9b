"""Vectors of the modular base: lossless files, and those that break its rules."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from samples import make_picture
from valid_vectors import END, File, head_chunk, put_together, tile_chunk

from veneer import _native
from veneer.reference.adaptive import BitModel, write_bit
from veneer.reference.range_coder import RangeEncoder, words_to_bytes


def modular_head(**changes: int) -> tuple[bytes, bytes]:
    """HEAD of a lossless file; the header of its base is 0."""
    return head_chunk(**{"base_kind": 1, "step_index": 0, **changes})


def lossless_samples(height: int, width: int, channels: int, depth: int) -> np.ndarray:
    """A picture of some depth, uint16."""
    most = (1 << depth) - 1
    rng = np.random.default_rng([height, width, channels, depth])
    picture = make_picture(height, width, channels) / 255 * most
    return np.clip(np.rint(picture + rng.normal(0, most / 300, picture.shape)), 0, most).astype(np.uint16)


def modular_file(samples: np.ndarray, depth: int, form: str, tile_log2: int = 6) -> bytes:
    """A file of a form, [H, W, C], by the encoder of the core."""
    height, width, channels = samples.shape
    side = 1 << tile_log2
    tiles = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            part = np.ascontiguousarray(samples[y : y + side, x : x + side])
            payload = _native.encode_tile(part, depth=depth, effort=5, exact=True, form=form)
            tiles.append(tile_chunk(index=len(tiles), data=payload))
    head = modular_head(width=width, height=height, channels=channels, bit_depth=depth, tile_log2=tile_log2)
    return put_together([head, *tiles, END])


def varied(depth: int, shape: tuple[int, int]) -> Iterator[tuple[str, np.ndarray]]:
    """Samples that maps are made for, RGB and alpha, uint16 [H, W, 4]."""
    rng = np.random.default_rng(depth)
    most = (1 << depth) - 1
    few = rng.choice(rng.integers(0, most + 1, 6), shape)
    grid = rng.integers(0, 5, shape) * (most // 5) + most % 5
    ramp = np.broadcast_to(np.linspace(0, most, shape[1]).astype(int), shape)
    constant = np.full(shape, most // 3)
    for name, planes in {
        "few": (few, few[::-1], few, constant),
        "grid": (grid, constant, grid[:, ::-1], ramp),
        "grey": (ramp, ramp, ramp, few),
        "constant": (constant, constant, constant, constant),
        "one": (constant, constant, ramp, grid),
    }.items():
        yield name, np.stack(planes, -1).astype(np.uint16)


def form_files(form: str, size: tuple[int, int], varied_size: tuple[int, int]) -> Iterator[File]:
    """Valid files of a form, whose pictures have these rows and columns."""
    for depth, channels in ((1, 1), (2, 2), (5, 3), (8, 1), (8, 2), (8, 3), (8, 4), (10, 3), (12, 4), (16, 1), (16, 4)):
        samples = lossless_samples(*size, channels, depth)
        name = f"modular_{form}_{depth}_bits_{channels}"
        yield name, modular_file(samples, depth, form), f"{form}: {channels} channels of {depth} bits"
    for depth in (3, 8, 16):
        for name, samples in varied(depth, varied_size):
            yield f"modular_{form}_{name}_{depth}", modular_file(samples, depth, form), f"{form}: maps, {name}"
    one = np.full((1, 1, 3), 70, np.uint16)
    one[0, 0, 1] = 71
    yield f"modular_{form}_pixel", modular_file(one, 8, form), f"{form}: one pixel"


def drawn(channels: int, depth: int) -> Iterator[tuple[str, np.ndarray]]:
    """Small drawn pictures of some depth, uint16."""
    rng = np.random.default_rng([channels, depth])
    most = (1 << depth) - 1
    few = rng.integers(0, most + 1, (6, channels))
    sprites = few[rng.integers(0, 6, (2, 7, 9)) * (rng.random((2, 7, 9)) < 0.4)]
    page = np.tile(few[0], (20, 70, 1))
    for x in range(2, 60, 10):
        page[2:9, x : x + 9] = sprites[x // 10 % 2]
        page[11:18, x : x + 9] = sprites[x // 20 % 2]
    many = page[:, :40].copy()
    many[5, 3::4] = rng.integers(0, most + 1, many[5, 3::4].shape)
    shades = np.indices((12, 24)).sum(0)[..., None] * (1 + np.arange(channels)) * (1 + most // 256)
    shades[:, :, -1] //= 3
    pattern = np.tile(few[rng.integers(0, 6, (3, 20))], (4, 2, 1))
    plain = np.tile(few[1], (3, 5, 1))
    for name, samples in (
        ("page", page),
        ("many_colours", many),
        ("shades", shades % (most + 1)),
        ("pattern", pattern),
        ("plain", plain),
    ):
        yield name, samples.astype(np.uint16)


def _one_colour() -> bytes:
    """Data of the form graphics: all pixels of a grey tile are 5."""
    coder = RangeEncoder()
    for value, bits in ((6, 4), (1, 1), (0, 12)):
        coder.raw(value, bits)
    for n in range(4):
        write_bit(coder, int(n < 3), BitModel())  # three bits of 2 * 5 + 1
    coder.raw(3, 3)
    return words_to_bytes(coder.finish())


def graphics_files() -> Iterator[File]:
    """Valid files of the form graphics."""
    for depth, channels in ((1, 1), (8, 1), (8, 2), (8, 3), (8, 4), (16, 2), (16, 3), (16, 4)):
        for name, samples in drawn(channels, depth):
            file = modular_file(samples, depth, "graphics")
            yield f"modular_graphics_{name}_{depth}_bits_{channels}", file, f"graphics: {channels} channels, {name}"
    rng = np.random.default_rng(0)
    cells = rng.permutation(23 * 23)[:512].reshape(16, 32)  # all colours differ: some find no place for their number
    colours = np.stack([cells % 23, cells // 23], -1).astype(np.uint16)
    yield "modular_graphics_colours", modular_file(colours, 8, "graphics"), "graphics: 512 colours"
    grey = np.stack([rng.integers(0, 250, (9, 10)).astype(np.uint16)] * 3, -1)
    grey[0, 0] = 1, 2, 3  # so that no channel is a copy
    yield "modular_graphics_grey_noise", modular_file(grey, 8, "graphics"), "graphics: noise without colour"
    head = modular_head(width=3, height=2)
    file = put_together([head, tile_chunk(data=b"\3" + _one_colour()), END])
    yield "modular_graphics_one_colour", file, "graphics: a list of one colour"


def modular_files() -> Iterator[File]:
    """Valid files."""
    yield from form_files("stored", (37, 70), (40, 50))
    for form in ("photo", "fast", "graphics"):  # which the reference decoder takes a millisecond a sample for
        yield from form_files(form, (12, 21), (9, 14))
    yield from graphics_files()


def _stored(most: int, *values: int) -> bytes:
    """Numbers of the form stored."""
    bits = "".join(f"{value:0{most.bit_length()}b}" for value in values)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def _maps(*numbers: tuple[int, int]) -> bytes:
    """A part of maps: numbers, and their bits."""
    coder = RangeEncoder()
    for value, bits in numbers:
        coder.raw(value, bits)
    payload = words_to_bytes(coder.finish())
    return bytes([len(payload)]) + payload


def _steep_table() -> bytes:
    """A part of maps with a table that goes beyond the largest value."""
    coder = RangeEncoder()
    for value, bits in ((2, 2), (1, 8), (200, 8)):
        coder.raw(value, bits)
    for n in range(1, 8):
        write_bit(coder, int(n < 7), BitModel())  # seven bits
    coder.raw(0, 6)
    payload = words_to_bytes(coder.finish())
    return bytes([len(payload)]) + payload


def wrong_modular_files() -> Iterator[File]:
    """Files that break a rule of the modular base."""
    plain = b"\0" + bytes(64)
    for name, chunks in {
        "scale": [modular_head(base_scale=2), tile_chunk(data=plain), END],
        "alpha_chunk": [modular_head(channels=2), tile_chunk(data=plain * 2), tile_chunk(b"ALPH"), END],
        "depth_0": [modular_head(bit_depth=0), tile_chunk(data=plain), END],
        "depth_17": [modular_head(bit_depth=17), tile_chunk(data=plain), END],
        "tools": [modular_head(co_step_offset=1), tile_chunk(data=plain), END],
        "reserved": [modular_head(tools=1), tile_chunk(data=plain), END],
        "models": [(b"HEAD", modular_head()[1] + struct.pack("<H4sB", 1, b"abcd", 1)), tile_chunk(data=plain), END],
    }.items():
        yield f"modular_head_{name}", put_together(chunks), f"a head of the modular base: {name.replace('_', ' ')}"
    grey = {"width": 2, "height": 1}
    two = _stored(255, 1, 2)
    for name, payload, head in (
        ("empty", b"", grey),
        ("unknown_flag", b"\x08" + two, grey),
        ("too_short", b"\0" + two[:1], grey),
        ("too_long", b"\0" + two + b"\0", grey),
        ("bits_behind_the_end", b"\0\x01", {**grey, "bit_depth": 1}),
        ("number_too_large", b"\4" + _maps((1, 2), (0, 8), (2, 8), (1, 8)) + b"\xf0", grey),
        ("maps_too_long", b"\4\x7f" + two, grey),
        ("length_of_six_bytes", b"\4\x80\x80\x80\x80\x80\0" + two, grey),
        ("grid_without_step", b"\4" + _maps((1, 2), (0, 8), (2, 8), (0, 8)) + b"\x50", grey),
        ("grid_too_large", b"\4" + _maps((1, 2), (200, 8), (2, 8), (100, 8)) + b"\x50", grey),
        ("table_too_large", b"\4" + _steep_table() + b"\x40", grey),
        ("copy_of_itself", b"\4" + _maps((3, 2)), grey),
        ("copy_as_alpha", b"\4" + _maps((0, 2), (3, 2)) + two, {**grey, "channels": 2}),
        ("data_for_no_plane", b"\4" + _maps((1, 2), (7, 8), (0, 8)) + b"\0", grey),
        ("graphics_without_candidates", b"\3", grey),
        ("graphics_list_too_large", b"\3" + b"\xff" * 40, grey),
        ("graphics_no_code", b"\3\xff\xff\xff\xf7\xf0\xff\xff\xff", grey),
        ("graphics_without_end", b"\3\0\0\0\x40", grey),
        ("maps_are_no_code", b"\4\x09" + b"\xff" * 9 + two, grey),
    ):
        file = put_together([modular_head(**head), tile_chunk(data=payload), END])
        yield f"modular_tile_{name}", file, f"a modular tile: {name.replace('_', ' ')}"
