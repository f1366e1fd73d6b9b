"""Vectors of the modular base: lossless files."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from entropy_writers import write_bit
from fast_payloads import Plan, ended, two_fast_samples
from samples import make_picture
from valid_vectors import END, File, head_chunk, put_together, tile_chunk

from veneer import _native
from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.reference.adaptive import BitModel


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
    yield from _edges()


def _edges() -> Iterator[File]:
    """What pictures seldom lead to."""
    plans = (
        Plan(unit=8, own=(-1023, -1023, -1023, -770)),  # which leave 4095 for the other one
        Plan(own=(1023, 1023, 1023, 1023, 259), cross=((1023, 1023, 1023, 1023, 3),)),
        Plan(cross=((-1023, -1023, -1023, -1023, -3), (*[0] * 10, 1023))),
    )
    head = modular_head(width=2, height=1, channels=3)
    file = put_together([head, tile_chunk(data=b"\2" + ended(two_fast_samples(*plans))), END])
    yield "modular_fast_coefficients", file, "fast: unit and coefficients at their edges"
    samples = np.random.default_rng(1).integers(0, 1 << 16, (17, 19, 2)).astype(np.uint16)
    for form in ("photo", "fast"):
        file = modular_file(samples, 16, form)
        yield f"modular_{form}_fine_alpha", file, f"{form}: alpha of more than 256 values, by the form photo"
