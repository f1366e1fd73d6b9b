"""Files of tests/vectors with enhancement or a base picture of half size, and the small models that they name."""

from __future__ import annotations

import dataclasses
import functools
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from enhancers import enhanced_file, make_model, write_models
from samples import make_picture
from valid_vectors import END, File, chunks_of, head_chunk, put_together, tile_chunk

import veneer
from veneer.conformance.generator import random_file
from veneer.enhancement.models import Entry, available, by_name, load
from veneer.enhancement.networks import networks_of
from veneer.inference.weights import Model

MODELS = Path(__file__).parent / "vectors" / "1" / "models"
# Numbers from 65000 on are for tests.
TINY, PLAIN, STRANGE = 65000, 65001, 65002
FULL, BASE = "layers=full", "layers=base"


def write_vector_models() -> None:
    """Makes the models, but for those that are there."""
    if (MODELS / "manifest.toml").exists():
        return
    tiny, plain = make_model(TINY, "tiny"), make_model(PLAIN, "plain", latents=False, scales=(1,))
    g_s_2 = tiny.networks["g_s_2"]
    g_s = dataclasses.replace(g_s_2, graph=dataclasses.replace(g_s_2.graph, name="g_s"))  # with inputs of other sizes
    write_models(MODELS, tiny, plain, Model(STRANGE, "strange", {"g_s": g_s, "g_s_2": g_s_2}))


@functools.cache
def entry(name: str) -> Entry:
    found = by_name(name, MODELS)
    assert found is not None
    return found


def enhancement_chunk(
    index: int = 0, data: bytes = b"", *, model: str = "tiny", strength: int = 64, check: bytes | None = None
) -> tuple[bytes, bytes]:
    """A chunk eNHA."""
    fields = struct.pack("<IH4sB", index, entry(model).id, check or entry(model).check, strength)
    return b"eNHA", fields + data


def enhanced_files() -> Iterator[File]:
    """Pictures with enhancement."""
    ways = (FULL, BASE, "layers=full realism=0", "layers=full realism=0.6")
    for channels in (1, 2, 3, 4):
        data = enhanced_file(make_picture(37, 50, channels), MODELS)
        some = ways if channels % 2 else ways[:2]
        yield f"enhanced_{channels}", data, f"enhancement of {channels} channels", some
    data = enhanced_file(make_picture(70, 90), MODELS)
    yield "enhanced_tiles", data, "enhancement of four tiles, across their edges", ways
    yield "enhanced_plain", enhanced_file(make_picture(20, 66), MODELS, "plain"), "a model without latents", ways
    some = [chunk for chunk in chunks_of(data) if chunk[0] != b"eNHA" or chunk[1][0] in (1, 2)]
    yield "enhanced_some_tiles", put_together(some), "enhancement of two of four tiles", (FULL,)
    turned = [chunk for chunk in chunks_of(data) if chunk[0] != b"eNHA"][:-1]
    turned += [chunk for chunk in chunks_of(data) if chunk[0] == b"eNHA"][::-1]
    yield "enhanced_in_disorder", put_together([*turned, END]), "chunks eNHA in disorder", (FULL,)
    for strength in (0, 1, 128):
        chunks = [*small(), enhancement_chunk(strength=strength), END]
        yield f"enhanced_strength_{strength}", put_together(chunks), "Strength at its edges, latents of 0", (FULL,)
    chunks = [*small(), enhancement_chunk(data=b"\x01\x02", model="plain"), END]
    yield "enhanced_needless_data", put_together(chunks), "data that no network takes", (FULL,)
    for channels, size in ((1, (33, 40)), (3, (64, 65)), (3, (1, 1)), (3, (130, 33))):
        name = "half_{}x{}_{}".format(*size, channels)
        yield name, enhanced_file(make_picture(*size, channels), MODELS, base_scale=2), "a base of half size", ways
    data = veneer.encode(make_picture(41, 60), layers="base", base_scale=2, quality=30)
    yield "half_without_enhancement", data, "a base of half size alone"


def small() -> list[tuple[bytes, bytes]]:
    """The chunks of a small picture, up to its tile."""
    payload = bytes.fromhex("95de89ff173b657b3912")
    return [head_chunk(width=30, height=20, channels=3, default_realism=255), tile_chunk(data=payload)]


def released_files() -> Iterator[File]:
    """A picture for each released model, by all networks that it has."""
    for released in available():
        folder = released.path.parent
        for scale in (1, 2):
            if by_name(released.name, folder) == released and networks_of(load(released), scale) is not None:
                data = enhanced_file(make_picture(45, 52), folder, released.name, base_scale=scale)
                about = f"the released model {released.id}, Base_Scale {scale}"
                yield f"released_{released.id}_{released.name}_{scale}", data, about, (FULL, "layers=full realism=1")


def random_enhanced_files() -> Iterator[File]:
    """Random choices of everything, enhancement with them."""
    model = load(entry("tiny"))
    for seed in range(16):
        data = random_file(np.random.default_rng([2, seed]), (TINY, entry("tiny").check, model))
        yield f"random_enhanced_{seed:02}", data, "random choices of everything that is legal", (FULL,)


def invalid_enhanced_files() -> Iterator[File]:
    """Enhancement that a strict decoder refuses."""
    cases: dict[str, tuple[Sequence[tuple[bytes, bytes]], str]] = {
        "short_enhancement": ([*small(), (b"eNHA", bytes(10)), END], "eNHA without its last field"),
        "strength_129": ([*small(), enhancement_chunk(strength=129), END], "Strength above its values"),
        "enhancement_out_of_range": ([*small(), enhancement_chunk(1), END], "eNHA of a tile that is not there"),
        "enhancement_of_tile_70000": ([*small(), enhancement_chunk(70000), END], "Tile_Index above its values"),
        "enhancement_twice": ([*small(), enhancement_chunk(), enhancement_chunk(), END], "two eNHA of one tile"),
        "enhancement_before_tile": ([small()[0], enhancement_chunk(), small()[1], END], "eNHA before a tile"),
        "models_differ": (
            [
                head_chunk(width=70),
                tile_chunk(),
                tile_chunk(index=1),
                enhancement_chunk(),
                enhancement_chunk(1, model="plain"),
                END,
            ],
            "two models in one file",
        ),
        "unknown_model": ([*small(), enhancement_chunk(check=b"????"), END], "another weight file than there is"),
        "strange_model": ([*small(), enhancement_chunk(model="strange"), END], "a model that no decoder can use"),
        "model_without_scale_2": (
            [head_chunk(base_scale=2), tile_chunk(), enhancement_chunk(model="plain"), END],
            "a model without networks for bases of half size",
        ),
        "model_without_h_s": (
            [head_chunk(base_scale=2), tile_chunk(), enhancement_chunk(model="strange"), END],
            "a model whose g_s takes latents, without h_s",
        ),
        "latents_are_no_code": ([*small(), enhancement_chunk(data=b"\xff" * 20), END], "offset >= range"),
        "half_size_with_alpha": ([head_chunk(channels=2, base_scale=2), tile_chunk(), END], "Base_Scale 2 with alpha"),
    }
    for name, (chunks, about) in cases.items():
        yield name, put_together(chunks), about, (FULL,) if "model" in name or "latents" in name else ("",)
