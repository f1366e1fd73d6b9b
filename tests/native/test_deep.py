"""Pictures of 9..16 bits: the core with the kernels of every target against the reference decoder."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest
from deep_vectors import DEPTHS
from enhanced_vectors import MODELS, entry
from oracle.models import load
from valid_vectors import END, head_chunk, put_together, tile_chunk

import veneer
from veneer import backend, reference
from veneer.conformance.generator import random_alpha, random_file, random_tile_filters


@functools.cache
def model_of(name: str) -> reference.Model:
    return load(entry(name))


def check(data: bytes, target: str, find_model: Callable[..., reference.Model] | None = None, **options: float) -> None:
    """Both decoders make the same of a file."""
    layers = "full" if find_model else "base"
    share = {"realism": int(64 * options["realism"])} if options else {}
    expected = reference.decode(data, find_model=find_model, layers=layers, **share)
    assert backend.force_target(target)
    for threads in (1, 3):
        found = veneer.decode(data, strict=True, models=MODELS, layers=layers, threads=threads, **options)
        assert found.dtype == expected.dtype == np.uint16
        np.testing.assert_array_equal(found, expected)


def random_bytes(seed: int, depth: int) -> bytes:
    """A file whose tiles are bytes of no pattern."""
    rng = np.random.default_rng([seed, depth])
    width, height = (int(side) for side in rng.integers(1, 100, 2))
    tools = int(rng.choice((0, 1, 4, 5)))
    fields = {"width": width, "height": height, "channels": 1 + (seed + depth) % 4, "bit_depth": depth}
    fields |= {"step_index": int(rng.integers(224)), "matrix": int(rng.integers(16)), "tools": tools}
    fields |= {"co_step_offset": int(rng.integers(-20, 21)), "cg_step_offset": int(rng.integers(-20, 21))}
    chunks = [head_chunk(**fields, step_group_log2=int(rng.choice((0, 4, 5, 6))))]
    columns, rows = -(-width // 64), -(-height // 64)
    for index in range(columns * rows):
        w, h = min(64, width - index % columns * 64), min(64, height - index // columns * 64)
        filters = random_tile_filters(rng, 3 if fields["channels"] > 2 else 1) if tools & 4 else b""
        # The first byte keeps the number within the range.
        chunks.append(tile_chunk(index=index, data=filters + bytes(3) + b"\x7f" + rng.bytes(int(rng.integers(600)))))
        if fields["channels"] % 2 == 0:
            chunks.append(tile_chunk(b"ALPH", index, random_alpha(rng, w, h, depth)))
    return put_together([*chunks, END])


@pytest.mark.parametrize("depth", DEPTHS)
def test_random_bytes(depth: int, target: str) -> None:
    for seed in range(3):
        check(random_bytes(seed, depth), target)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_files_of_random_choices(seed: int, target: str) -> None:
    check(random_file(np.random.default_rng([21, seed]), deep=True), target)


@pytest.mark.parametrize("name", ["tiny", "textured"])
@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 10))])
def test_enhanced_files_of_random_choices(name: str, seed: int, target: str) -> None:
    model = model_of(name)
    data = random_file(np.random.default_rng([22, seed]), (entry(name).id, entry(name).check, model), deep=True)
    for options in ({}, {"realism": 0.0}, {"realism": 1.0}):
        check(data, target, lambda *_: model, **options)


@pytest.mark.parametrize("depth", DEPTHS)
def test_regions_are_those_of_the_whole(depth: int) -> None:
    data = random_bytes(5, depth)
    whole = veneer.decode(data, strict=True, layers="base")
    rng = np.random.default_rng(depth)
    height, width = whole.shape[:2]
    for _ in range(4):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1))
        part = veneer.decode(data, strict=True, layers="base", region=(x, y, w, h))
        np.testing.assert_array_equal(part, whole[y : y + h, x : x + w])
