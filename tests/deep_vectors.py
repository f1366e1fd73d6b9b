"""Files of tests/vectors with a transform base of more than 8 bits, valid and not."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import numpy as np
from enhanced_vectors import BASE, FULL, enhancement_chunk, entry, slot_of
from invalid_vectors import flip, tile_filters_that_are_none
from modular_vectors import lossless_samples, varied
from oracle.models import load
from valid_vectors import END, LONG, LOUD, PREVIEW, File, head_chunk, loudest, preview_chunk, put_together, tile_chunk

import veneer
from veneer import _native
from veneer.conformance.generator import random_alpha, random_colour, random_file
from veneer.reference.head import Head

DEPTHS = range(9, 17)
CHOSEN = (9, 10, 12, 16)
FORMS = ("stored", "photo", "fast", "graphics")
CHANNELS = {1: "grey", 2: "alpha_grey", 3: "rgb", 4: "alpha_rgb"}
EXAMPLE = bytes.fromhex("24088aff42263eee")  # the tile of the example of the document: a pixel of 200 of 8 bits
EXAMPLE_HEAD = {"width": 1, "height": 1, "step_index": 128, "matrix": 10, "step_group_log2": 5}
ALPHA = b"\0" + bytes(64 * 12 // 8)  # 8 x 8 samples of 12 bits


def hand_made() -> Iterator[File]:
    """Small payloads at every depth."""
    for depth in DEPTHS:
        data = put_together([head_chunk(bit_depth=depth), tile_chunk(), END])
        yield f"deep_{depth}_empty", data, f"a tile of {depth} bits whose payload is empty"
        data = put_together([head_chunk(bit_depth=depth, **EXAMPLE_HEAD), tile_chunk(data=EXAMPLE), END])
        yield f"deep_{depth}_example", data, f"one pixel of {depth} bits"
        wide = head_chunk(bit_depth=depth, **{**LONG, "width": 40})
        data = put_together([wide, tile_chunk(data=b"\x10" * 90), END])
        yield f"deep_{depth}_wide_range", data, f"any bytes as a payload of {depth} bits"
    for depth in CHOSEN:
        loud = [head_chunk(bit_depth=depth, **LOUD), tile_chunk(data=loudest()), END]
        yield f"deep_{depth}_loudest", put_together(loud), "sums that leave 32 bits wrap"


def with_alpha() -> Iterator[File]:
    """Alpha in each form of a modular tile, and with maps."""
    for depth, form in itertools.product(CHOSEN, FORMS):
        size = (40, 70) if form == "stored" else (12, 21)
        payload = _alpha(lossless_samples(*size, 1, depth), depth, form)
        yield f"deep_alpha_{depth}_{form}", _grey(size, depth, payload), f"alpha of {depth} bits in the form {form}"
    for name, samples in varied(12, (9, 14)):
        payload = _alpha(samples[:, :, 3:], 12, "")
        yield f"deep_alpha_12_{name}", _grey((9, 14), 12, payload), f"alpha of 12 bits with maps: {name}"


def _alpha(samples: np.ndarray, depth: int, form: str) -> bytes:
    return _native.encode_tile(np.ascontiguousarray(samples), depth=depth, effort=5, exact=True, form=form)


def _grey(size: tuple[int, int], depth: int, payload: bytes) -> bytes:
    """A file of grey and alpha: two columns of tiles where it is wide."""
    height, width = size
    head = head_chunk(bit_depth=depth, height=height, width=width, channels=2, tile_log2=7, step_index=120)
    return put_together([head, tile_chunk(data=b"\x31\x41\x59\x26"), tile_chunk(b"ALPH", data=payload), END])


def invented() -> Iterator[File]:
    """Random choices, at every depth and for all channels."""
    for depth, channels in itertools.product(DEPTHS, CHANNELS):
        rng = np.random.default_rng([depth, channels])
        size = [int(side) for side in rng.integers(30, 90, 2)]
        fields = {"step_index": 70 + 9 * int(rng.integers(9)), "matrix": depth % 7, "co_step_offset": 5}
        fields |= {"step_group_log2": (0, 4, 5, 6)[channels - 1], "tools": (0, 1, 4, 5)[depth % 4], "tile_log2": 6}
        fields |= {"width": size[0], "height": size[1], "channels": channels, "bit_depth": depth}
        name, payload = head_chunk(**fields)
        head = Head(default_realism=0, noise_seed=0, base_scale=1, **fields)
        chunks = []
        for index in range(head.columns * head.rows):
            _, _, w, h = head.tile_box(index)
            chunks.append(tile_chunk(index=index, data=random_colour(rng, w, h, head)))
            if head.alpha:
                chunks.append(tile_chunk(b"ALPH", index, random_alpha(rng, w, h, depth)))
        data = put_together([(name, payload), *chunks, END])
        yield (
            f"deep_{CHANNELS[channels]}_{depth}_invented",
            data,
            f"random choices: {channels} channels of {depth} bits",
        )
    for seed in range(16):
        data = random_file(np.random.default_rng([11, seed]), deep=True)
        yield f"{_prefix(data)}_random_{seed:02}", data, "random choices of everything that is legal above 8 bits"


def _prefix(data: bytes) -> str:
    return "deep_alpha" if data[25] % 2 == 0 else "deep"  # Channels


def encoded() -> Iterator[File]:
    """Vectors that the encoder makes of pictures."""
    encode = functools.partial(veneer.encode, layers="base")
    for depth, (channels, name) in itertools.product(CHOSEN, CHANNELS.items()):
        data = encode(deep_picture(45, 70, channels, depth), depth=depth, quality=70)
        yield f"deep_{name}_{depth}", data, f"{channels} channels of {depth} bits"
    for depth in CHOSEN:
        picture = deep_picture(150, 170, 3, depth)
        for effort in (1, 8):
            data = encode(picture, depth=depth, quality=75, tune="psnr", effort=effort, tile_size=64)
            about = f"tiles of {depth} bits, effort {effort}: filters{', dependent quantization' * (effort == 8)}"
            yield f"deep_{depth}_effort_{effort}", data, about if effort > 1 else about.split(":")[0]
        for quality in (0, 100):
            step = veneer.Settings().quality_step(quality)
            data = encode(deep_picture(60, 50, 3, depth), depth=depth, step_index=step)
            yield f"deep_{depth}_q{quality}", data, f"{depth} bits, quality {quality}"
        noise = np.random.default_rng(1).integers(0, 1 << depth, (24, 24, 3)).astype(np.uint16)
        yield f"deep_{depth}_noise", encode(noise, depth=depth, step_index=0), f"{depth} bits, the finest step"
        two = np.where(np.indices((50, 60)).sum(0) // 9 % 2, 2**depth - 1, 0).astype(np.uint16)
        data = encode(two, depth=depth, quality=90)
        yield f"deep_{depth}_ends", data, f"the least and the largest sample of {depth} bits"
    for size in ((1, 65), (65, 1), (1, 1), (5, 5), (131, 67)):
        data = encode(deep_picture(*size, 3, 12), depth=12, quality=60)
        yield "deep_size_{}x{}".format(*size), data, "12 bits: height x width at the edges of blocks and tiles"
    data = encode(deep_picture(130, 100, 4, 10), depth=10, quality=50, tile_size=64)
    yield "deep_alpha_tiles", data, "RGB and alpha of 10 bits in six tiles, without a preview", ("", PREVIEW)


def deep_picture(height: int, width: int, channels: int, depth: int) -> np.ndarray:
    """A picture of some depth whose alpha is smooth."""
    samples = lossless_samples(height, width, channels, depth)
    if channels % 2 == 0:
        samples[:, :, -1] = np.indices((height, width)).sum(0) * (2**depth - 1) // (height + width)
    return samples


def deep_previews() -> Iterator[File]:
    """Previews, which have 8 bits."""
    for channels, tools in ((1, 0), (3, 2), (4, 0)):
        chunks = [preview_chunk(bytes(range(7, 90, 3)), step_index=90, matrix=3, tools=tools)]
        tiles = [tile_chunk(data=b"\x55\x21")]
        if channels == 4:
            chunks.append((b"pALP", random_alpha(np.random.default_rng(channels), 8, 7)))
            tiles.append(tile_chunk(b"ALPH", data=random_alpha(np.random.default_rng(5), 61, 50, 12)))
        data = put_together([head_chunk(width=61, height=50, channels=channels, bit_depth=12), *chunks, *tiles, END])
        about = f"a preview of {channels} channels in a picture of 12 bits"
        yield f"deep_{CHANNELS[channels]}_preview", data, about, ("", PREVIEW)


def deep_enhanced() -> Iterator[File]:
    """Enhancement, with filters, latents and texture."""
    for prefix, name, first, count in (("enhanced", "tiny", 12, 10), ("textured", "textured", 13, 8)):
        found = entry(name)
        for seed in range(count):
            rng = np.random.default_rng([first, seed])
            data = random_file(rng, (found.id, found.check, load(found)), deep=True)
            about = "random choices of everything that is legal above 8 bits, with enhancement"
            yield f"{_prefix(data)}_{prefix}_{seed:02}", data, about, (FULL, BASE, "layers=full realism=1")
    for depth, strength in itertools.product(CHOSEN, (0, 128)):
        head = head_chunk(slot_of("tiny"), bit_depth=depth, width=70, height=20, channels=3)
        tiles = [tile_chunk(data=b"\x95\xde\x89"), tile_chunk(index=1, data=b"\x3b\x65\x7b")]
        data = put_together([head, *tiles, enhancement_chunk(strength=strength), END])
        about = f"one enhanced tile of two, {depth} bits, Strength {strength}"
        yield f"deep_{depth}_strength_{strength}", data, about, (FULL, BASE)


def deep_files() -> Iterator[File]:
    """Valid ones."""
    yield from hand_made()
    yield from with_alpha()
    yield from invented()
    yield from encoded()
    yield from deep_previews()
    yield from deep_enhanced()


def wrong_deep_files() -> Iterator[File]:
    """Files that a strict decoder refuses."""
    for name, fields, about in (
        ("later_deep_half_size", {"base_scale": 2}, "Base_Scale 2"),
        ("later_deep_half_size_alpha", {"base_scale": 2, "channels": 4}, "Base_Scale 2 and alpha"),
        ("later_deep_screen_content", {"tools": 2}, "screen content"),
        ("later_deep_all_tools", {"tools": 7}, "all tools"),
        ("later_deep_tools_8", {"tools": 8}, "Tools 8"),
        ("wrong_deep_step", {"step_index": 224}, "Step_Index 224"),
    ):
        data = put_together([head_chunk(bit_depth=10, **fields), tile_chunk(), END])
        yield name, data, f"a picture of 10 bits with {about}"
    data = put_together([head_chunk(bit_depth=1), tile_chunk(), END])
    yield "later_bit_depth_1", data, "Bit_Depth 1 with Base_Kind 0"
    head = head_chunk(bit_depth=12, channels=2)
    for name, payload in {
        "empty": b"",
        "of_8_bits": random_alpha(np.random.default_rng(1), 8, 8),
        "too_short": ALPHA[:-1],
        "too_long": ALPHA + b"\0",
        "unknown_form": b"\x08" + ALPHA,
        "copy": b"\4\1\xc0" + ALPHA,
        "photo_without_end": b"\1",
    }.items():
        data = put_together([head, tile_chunk(), tile_chunk(b"ALPH", data=payload), END])
        yield f"deep_alpha_wrong_{name}", data, f"ALPH of 12 bits: {name.replace('_', ' ')}"
    missing = put_together([head, tile_chunk(), END])
    yield "deep_alpha_missing", missing, "no ALPH in a picture with alpha of 12 bits"
    data = put_together([head_chunk(bit_depth=16), tile_chunk(data=b"\xff" * 9), END])
    yield "deep_payload_is_no_code", data, "offset >= range in a tile of 16 bits"
    for name, payload, why in tile_filters_that_are_none():
        yield f"deep_{name}", put_together([head_chunk(bit_depth=14, tools=4), tile_chunk(data=payload), END]), why
    whole = put_together([head, tile_chunk(data=b"\x31\x41"), tile_chunk(b"ALPH", data=ALPHA), END])
    base, alpha = whole.index(b"BASE") - 4, whole.index(b"ALPH") - 4
    yield "deep_cut_in_tile", whole[: base + 11], "cut within a tile of 12 bits"
    yield "deep_alpha_cut", whole[: alpha + 40], "cut within alpha of 12 bits"
    yield "deep_alpha_flipped_bit", flip(whole, alpha + 40, 4), "a bit of alpha of 12 bits is wrong"
