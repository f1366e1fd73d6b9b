"""Vectors of half floats: lossless files whose samples are ordered bits, and what breaks their rules."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from modular_vectors import drawn, modular_head
from samples import make_picture
from valid_vectors import END, PREVIEW, File, head_of, head_values, preview_chunk, put_together, tile_chunk

from veneer import _native
from veneer.conformance.generator import random_colour
from veneer.half_floats import ordered_bits

# Zeros, subnormals, 1, the largest values, infinities, and NaNs: quiet, signalling, with payloads, of either sign.
_BITS = (
    (0x0000, 0x8000, 0x0001, 0x8001, 0x0200, 0x83FF, 0x0400, 0x8400, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF),
    (0x7C00, 0xFC00, 0x7E00, 0xFE00, 0x7C01, 0xFC01, 0x7DFF, 0x7FFF, 0xFFFF, 0x7EAB, 0x3555, 0xC248),
)
SPECIAL = np.array(_BITS, np.uint16).reshape(-1).view(np.float16)


def half_head(**changes: int) -> tuple[bytes, bytes]:
    """HEAD of a file of half floats; Sample_Format lies where the transform base has Cg_Step_Offset."""
    return modular_head(**{"bit_depth": 16, "cg_step_offset": 1, **changes})


def half_file(halves: np.ndarray, form: str, tile_log2: int = 6) -> bytes:
    """A file of a form, of half floats [H, W, C]."""
    height, width, channels = halves.shape
    side = 1 << tile_log2
    tiles = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            part = ordered_bits(halves[y : y + side, x : x + side])
            payload = _native.encode_tile(part, depth=16, effort=5, exact=True, form=form)
            tiles.append(tile_chunk(index=len(tiles), data=payload))
    head = half_head(width=width, height=height, channels=channels, tile_log2=tile_log2)
    return put_together([head, *tiles, END])


def light(height: int, width: int, channels: int) -> np.ndarray:
    """Linear light of a picture, up to 16, with noise and a few values below 0, float16 [H, W, C]."""
    rng = np.random.default_rng([height, width, channels])
    linear = (make_picture(height, width, channels) / 255.0) ** 2.2
    linear = linear * np.geomspace(1 / 16, 16, width)[None, :, None] * rng.normal(1, 0.01, linear.shape)
    if channels % 2 == 0:
        linear[..., -1] = np.linspace(0, 1, width)
    return (linear - 0.001).astype(np.float16)


def with_specials(halves: np.ndarray) -> np.ndarray:
    """A picture in which some samples are special values."""
    rng = np.random.default_rng(halves.size)
    halves = halves.copy()
    halves[rng.random(halves.shape) < 0.1] = np.nan
    places = rng.integers(0, halves.size, 3 * SPECIAL.size)
    halves.reshape(-1)[places] = np.tile(SPECIAL, 3)
    return halves


def half_files() -> Iterator[File]:
    """Valid files."""
    names = {1: "grey", 2: "grey_alpha", 3: "rgb", 4: "rgba"}
    for form in ("stored", "photo", "fast"):
        for channels, name in names.items():
            yield f"float16_{form}_{name}", half_file(light(11, 17, channels), form), f"half floats, {form}: {name}"
        mixed = with_specials(light(9, 13, 4))
        yield f"float16_{form}_special", half_file(mixed, form), f"half floats, {form}: NaN, infinities and others"
    for channels, name in names.items():
        samples = next(samples for kind, samples in drawn(channels, 16) if kind == "pattern")
        halves = samples.view(np.float16)  # of any bits, NaNs too
        yield f"float16_graphics_{name}", half_file(halves, "graphics"), f"half floats, graphics: {name}"
    specials = SPECIAL.reshape(4, 6, 1)
    yield "float16_special", half_file(specials, "stored"), "half floats: both zeros, subnormals, infinities, NaNs"
    yield (
        "float16_pixel",
        half_file(SPECIAL[17:18].reshape(1, 1, 1), "stored"),
        "half floats: one pixel, a signalling NaN",
    )
    yield "float16_tiles", half_file(light(66, 131, 1), "fast"), "half floats: six tiles"
    yield "float16_preview", _with_preview(), "half floats: a preview, which has 8 bits", ("", PREVIEW)
    head = half_head(width=2, height=1, colour_primaries=9, transfer_characteristics=8)
    file = put_together([head, tile_chunk(data=b"\0" + struct.pack(">HH", 48128, 16383)), END])
    yield "float16_one", file, "half floats: the numbers 1 and -2, stored as 48128 and 16383"


def _with_preview() -> bytes:
    """A file with a preview of some grey."""
    halves = light(16, 24, 1)
    head = half_head(width=24, height=16, channels=1)
    small = random_colour(np.random.default_rng(0), 3, 2, head_of(head_values(step_index=60)))
    payload = _native.encode_tile(ordered_bits(halves), depth=16, effort=5, exact=True, form="photo")
    return put_together([head, preview_chunk(small, step_index=60), tile_chunk(data=payload), END])


def wrong_half_files() -> Iterator[File]:
    """Files that break a rule of half floats, or need a newer decoder."""
    plain = b"\0" + bytes(128)
    for name, changes in {
        "depth_8": {"bit_depth": 8},
        "depth_15": {"bit_depth": 15},
        "max_error": {"step_index": 1},
        "base_scale": {"base_scale": 2},
    }.items():
        file = put_together([half_head(**changes), tile_chunk(data=plain), END])
        yield f"float16_wrong_{name}", file, f"half floats with a wrong {name.replace('_', ' ')}"
    for name, changes in {
        "sample_format_2": {"cg_step_offset": 2},
        "sample_format_255": {"cg_step_offset": -1},
        "reserved_low": {"matrix": 1},
        "reserved_high": {"step_group_log2": 1},
    }.items():
        file = put_together([half_head(**changes), tile_chunk(data=plain), END])
        yield f"modular_head_{name}", file, f"a head of the modular base: {name.replace('_', ' ')}"
    whole = half_file(light(66, 131, 1), "fast")
    yield "float16_cut", whole[: len(whole) // 2], "half floats: the file ends within a tile"
    head = half_head(width=2, height=1)
    for name, data in {"empty": b"", "short": b"\0\x3c\0\x3c", "no_code": b"\1" + b"\xff" * 20}.items():
        file = put_together([head, tile_chunk(data=data), END])
        yield f"float16_tile_{name}", file, f"half floats: a tile that is damaged, {name.replace('_', ' ')}"
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    yield "float16_flipped", bytes(flipped), "half floats: a bit of a payload is flipped"
