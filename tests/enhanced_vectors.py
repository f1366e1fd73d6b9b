"""Files of tests/vectors with enhancement or a base picture of half size, and the small models that they name."""

from __future__ import annotations

import dataclasses
import functools
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from enhancers import enhanced_file, make_every_kind, make_model, write_models
from oracle.models import load
from restorers import make_restorer
from samples import make_picture
from valid_vectors import END, File, chunks_of, head_chunk, put_together, tile_chunk

import veneer
from veneer.conformance.generator import Inventor, invent_filters, random_file
from veneer.enhancement import models as known_models
from veneer.enhancement.models import MANIFEST, Entry, available, by_name
from veneer.inference.network import Network
from veneer.inference.weights import Model
from veneer.reference.filters import FIRST, INDEX
from veneer.reference.head import HEAD_FORMAT, HEAD_NAMES

MODELS = Path(__file__).parent / "vectors" / "1" / "models"
# Numbers from 65000 on are for tests.
TINY, PLAIN, STRANGE, TEXTURED, BAD_TEXTURE, KINDS = range(65000, 65006)
RESTORER, PLAIN_RESTORER, BAD_RESTORER = range(65006, 65009)  # of JPEGs
FULL, BASE = "layers=full", "layers=base"


def write_vector_models() -> None:
    """Makes the models, but for those that are there."""
    tiny, plain = make_model(TINY, "tiny"), make_model(PLAIN, "plain", latents=False, scales=(1,))
    restore_half = tiny.networks["restore_half"]
    # With inputs of other sizes.
    restore = Network(dataclasses.replace(restore_half.graph, name="restore"), restore_half.arrays)
    textured = make_model(TEXTURED, "textured", latents=False, texture=True)
    restorer = make_restorer().networks["jpeg_restore"]
    small = plain.networks["restore"]
    bad = Network(dataclasses.replace(small.graph, name="texture"), small.arrays)  # with inputs of `restore`
    made = (
        tiny,
        plain,
        Model(STRANGE, "strange", {"restore": restore, "restore_half": restore_half}),
        textured,
        Model(BAD_TEXTURE, "bad_texture", {"restore": small, "texture": bad}),
        Model(KINDS, "kinds", {"restore": make_every_kind()}),
        make_restorer(RESTORER, "restorer"),
        Model(PLAIN_RESTORER, "plain_restorer", {"jpeg_restore": restorer}),
        Model(BAD_RESTORER, "bad_restorer", {"jpeg_restore": restorer, "texture": textured.networks["texture"]}),
    )
    found = available(MODELS) if (MODELS / MANIFEST).exists() else []
    there = [load(entry) for entry in found if entry.path.parent == MODELS]
    write_models(MODELS, *there, *(model for model in made if model.id not in {old.id for old in there}))


@functools.cache
def entry(name: str) -> Entry:
    found = by_name(name, MODELS)
    assert found is not None
    return found


def enhancement_chunk(
    index: int = 0, data: bytes = b"", *, slot: int = 0, strength: int = 64, flags: int = 0
) -> tuple[bytes, bytes]:
    """A chunk eNHA."""
    return b"eNHA", struct.pack("<HBBB", index, slot, flags, strength) + data


def slot_of(name: str, role: int = 1) -> tuple[int, bytes, int]:
    """A record of the table of models."""
    return entry(name).id, entry(name).check, role


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
    kinds = enhanced_file(make_picture(21, 34), MODELS, "kinds")
    yield "enhanced_every_kind", kinds, "a network with every kind of operation", (FULL, BASE)
    some = [chunk for chunk in chunks_of(data) if chunk[0] != b"eNHA" or chunk[1][0] in (1, 2)]
    yield "enhanced_some_tiles", put_together(some), "enhancement of two of four tiles", (FULL,)
    turned = [chunk for chunk in chunks_of(data) if chunk[0] != b"eNHA"][:-1]
    turned += [chunk for chunk in chunks_of(data) if chunk[0] == b"eNHA"][::-1]
    yield "enhanced_in_disorder", put_together([*turned, END]), "chunks eNHA in disorder", (FULL,)
    for strength in (0, 1, 128):
        chunks = [*small("tiny"), enhancement_chunk(strength=strength), END]
        yield f"enhanced_strength_{strength}", put_together(chunks), "Strength at its edges, latents of 0", (FULL,)
    chunks = [*small("plain"), enhancement_chunk(data=b"\x01\x02"), END]
    yield "enhanced_needless_data", put_together(chunks), "data that no network takes", (FULL,)
    for channels, size in ((1, (33, 40)), (3, (64, 65)), (3, (1, 1)), (3, (130, 33))):
        name = "half_{}x{}_{}".format(*size, channels)
        yield name, enhanced_file(make_picture(*size, channels), MODELS, base_scale=2), "a base of half size", ways
    data = veneer.encode(make_picture(41, 60), layers="base", base_scale=2, quality=30)
    yield "half_without_enhancement", data, "a base of half size alone"


def textured_files() -> Iterator[File]:
    """Pictures of a model with `texture`."""
    ways = (FULL, BASE, "layers=full realism=0", "layers=full realism=1")
    file = functools.partial(enhanced_file, folder=MODELS, name="textured")
    for channels in (1, 2, 3, 4):
        yield f"textured_{channels}", file(make_picture(37, 50, channels)), f"texture of {channels} channels", ways
    data = file(make_picture(70, 90))
    more = (*ways, "layers=full realism=0.007", "layers=full realism=0.008", "layers=full realism=0.3")
    yield "textured_tiles", data, "texture over four tiles; shares of 1/64 and none", more
    for size in ((1, 1), (4, 129), (65, 3)):
        yield "textured_{}x{}".format(*size), file(make_picture(*size)), "texture, sizes at their edges", ways
    for channels, size in ((1, (33, 40)), (3, (65, 66)), (3, (1, 9)), (3, (131, 35))):
        name = "textured_half_{}x{}_{}".format(*size, channels)
        yield name, file(make_picture(*size, channels), base_scale=2), "texture over a base of half size", ways
    most = "layers=full realism=1"
    yield "textured_head_1", with_head(data, tune=0), "the same but for its seed and what follows", (most,)
    about = "the same pixels as textured_head_1: Tune and colour have no influence"
    yield "textured_head_2", with_head(data, tune=1, colour_primaries=9, transfer_characteristics=16), about, (most,)
    for seed in (0, 65535):
        yield f"textured_seed_{seed}", with_head(data, noise_seed=seed), "Noise_Seed at its edges", (most,)
    for realism in (0, 1, 2, 255):
        about = "Default_Realism near and at its edges"
        yield f"textured_default_{realism}", with_head(data, default_realism=realism), about, (FULL,)
    two = [slot_of("plain"), slot_of("textured", 2)]
    restored, whole = chunks_of(enhanced_file(make_picture(70, 90), MODELS, "plain")), chunks_of(data)
    chunks = [with_models(restored[0], two), *restored[1:]]
    yield "textured_by_another", put_together(chunks), "a model that restores and another one that textures", ways
    chunks = [with_models(restored[0], [two[0], (*two[1][:1], b"????", 2)]), *restored[1:]]
    about = "a model of texture that is not there, and at realism 0 is not needed"
    yield "textured_by_nobody", put_together(chunks), about, ("layers=full realism=0",)
    chunks = [with_models(whole[0], [slot_of("textured", 1)]), *whole[1:]]
    yield "textured_not_at_all", put_together(chunks), "a model that could texture, but should not", ways
    some = [chunk for chunk in whole if chunk[0] != b"eNHA" or chunk[1][0] in (1, 2)]
    yield "textured_some_tiles", put_together(some), "texture over tiles with and without enhancement", ways


def with_head(data: bytes, **changes: int) -> bytes:
    """A file whose HEAD says something else."""
    (name, head), *others = chunks_of(data)
    size = struct.calcsize(HEAD_FORMAT)
    values = dict(zip(HEAD_NAMES, struct.unpack_from(HEAD_FORMAT, head), strict=True)) | changes
    return put_together([(name, struct.pack(HEAD_FORMAT, *values.values()) + head[size:]), *others])


def with_models(head: tuple[bytes, bytes], models: Sequence[tuple[int, bytes, int]]) -> tuple[bytes, bytes]:
    """A chunk HEAD with another table of models."""
    name, payload = head
    return name, payload[: struct.calcsize(HEAD_FORMAT)] + b"".join(struct.pack("<H4sB", *model) for model in models)


# Values after the numbers of their distributions.
HEAD = ((18, 0), (46, 2), (46, 0), (46, 0))
CLIP = (53, -6)
TAPS_OF_2 = tuple((index, 0) for index in INDEX[:9]) * 2  # of Y
INVALID_FILTERS = (
    ("more_2", ((18, 2), (46, 0), (46, 0), (46, 0)), "neither latents nor none behind them"),
    ("count_9", ((18, 0), (46, 9), (46, 0), (46, 0)), "more classes than there can be"),
    ("count_negative", ((18, 0), (46, 0), (46, 0), (46, -1)), "fewer than none"),
    ("clip_64", (*HEAD, (53, 32), (53, 0), *TAPS_OF_2), "a largest difference above its values"),
    ("code_64", (*HEAD, CLIP, (53, 32), *TAPS_OF_2), "a threshold above its values"),
    ("code_negative", (*HEAD, CLIP, (53, -33), *TAPS_OF_2), "a threshold below its values"),
    (
        "code_falls",
        ((18, 0), (46, 3), (46, 0), (46, 0), CLIP, (53, 0), (46, -1), *TAPS_OF_2, *TAPS_OF_2),
        "equal thresholds",
    ),
    ("tap_128", (*HEAD, CLIP, (53, 0), (54, 116), *TAPS_OF_2[1:]), "a coefficient above its values"),
    (
        "tap_of_class_1",
        (*HEAD, CLIP, (53, 0), *TAPS_OF_2[:3], (44, -100), *TAPS_OF_2[4:12], (44, -28)),
        "one below them",
    ),
)


def stream_of(*values: tuple[int, int]) -> bytes:
    """Data of a chunk eNHA: values after the numbers of their distributions."""
    inventor = Inventor(np.random.default_rng(0))
    inventor.write_values(*values)
    return inventor.payload()


def filtered_files() -> Iterator[File]:
    """Tiles with filters."""
    plain = ((54, 10), (48, -5), (48, 3), (44, -7), (44, 2), (44, 1), (44, 0), (50, 7), (50, -3))
    chroma = (*plain, (36, 4), (36, -2), (46, 3))
    none = ((18, 0), (46, 0), (46, 0), (46, 0))
    cases = {
        "none": none,
        "none_though_more": ((18, 1), *none[1:]),
        "luma": ((18, 0), (46, 1), (46, 0), (46, 0), CLIP, *plain),
        "all": (
            (18, 0),
            (46, 2),
            (46, 1),
            (46, 3),
            CLIP,
            (53, -8),
            *plain * 2,
            *chroma,
            (53, -32),
            (46, 62),
            *chroma * 3,
        ),
        "at_their_edges": (
            *((18, 0), (46, 8), (46, 2), (46, 1), (53, 31), (53, -10), *((46, value) for value in (0, 3, 2, 6, 0, 4))),
            *((index, 127 - tap) for index, tap in zip(INDEX[:9], FIRST, strict=False)),
            *((index, value) for value in (-127, -127, 127, 127, -127, 0, 0) for index in INDEX[:9]),
            *((53, 31), *chroma, *((index, 0) for index in INDEX)),
            *((index, -127) for index in INDEX),
        ),
    }
    for name, values in cases.items():
        chunks = [*small("plain"), enhancement_chunk(data=stream_of(*values), flags=1), END]
        yield f"filtered_{name}", put_together(chunks), f"filters: {name.replace('_', ' ')}", (FULL, BASE)
    for channels, size, scale in (
        (1, (37, 50), 1),
        (3, (130, 70), 1),
        (4, (66, 70), 1),
        (3, (65, 66), 2),
        (1, (9, 70), 2),
    ):
        rng = np.random.default_rng([4, channels, scale])
        file = chunks_of(enhanced_file(make_picture(*size, channels), MODELS, "textured", base_scale=scale))
        chunks = []
        for name, payload in file:
            if name == b"eNHA":
                inventor = Inventor(rng)
                invent_filters(rng, inventor, 3 if channels > 2 else 1, more=False)
                payload = payload[:3] + bytes([1, int(rng.integers(129))]) + inventor.payload()
            chunks.append((name, payload))
        about = f"filters of random choice, {channels} channels, Base_Scale {scale}"
        ways = (FULL, "layers=full realism=0", "layers=full realism=1")
        yield "filtered_{}x{}_{}_{}".format(*size, channels, scale), put_together(chunks), about, ways


def small(model: str, role: int = 1) -> list[tuple[bytes, bytes]]:
    """The chunks of a small picture, up to its tile."""
    payload = bytes.fromhex("95de89ff173b657b3912")
    values = {"width": 30, "height": 20, "channels": 3, "default_realism": 255}
    return [head_chunk(slot_of(model, role), **values), tile_chunk(data=payload)]


def released_files() -> Iterator[File]:
    """A picture for each released model, by all networks that it has."""
    for released in available():
        folder = released.path.parent
        for scale in (1, 2):
            if by_name(released.name, folder) == released and known_models.load(released).networks(scale) is not None:
                data = enhanced_file(make_picture(45, 52), folder, released.name, base_scale=scale)
                about = f"the released model {released.id}, Base_Scale {scale}"
                yield f"released_{released.id}_{released.name}_{scale}", data, about, (FULL, "layers=full realism=1")


def random_enhanced_files() -> Iterator[File]:
    """Random choices of everything, enhancement with them."""
    for prefix, first, name, count in (
        ("random_enhanced", 2, "tiny", 16),
        ("random_textured", 3, "textured", 8),
        ("random_filtered", 5, "tiny", 8),
    ):
        found = entry(name)
        for seed in range(count):
            data = random_file(np.random.default_rng([first, seed]), (found.id, found.check, load(found)))
            yield f"{prefix}_{seed:02}", data, "random choices of everything that is legal", (FULL,)


def invalid_enhanced_files() -> Iterator[File]:
    """Enhancement that a strict decoder refuses."""
    tiny = small("tiny")
    number, check, _ = slot_of("tiny")
    values = {"width": 30, "height": 20, "channels": 3}
    two = (number, check, 1), (number, b"????", 2)
    cases: dict[str, tuple[Sequence[tuple[bytes, bytes]], str]] = {
        "short_enhancement": ([*tiny, (b"eNHA", bytes(4)), END], "eNHA without its last field"),
        "filters_missing": ([*tiny, enhancement_chunk(flags=1), END], "filters, but no data"),
        **{
            f"filters_{name}": ([*tiny, enhancement_chunk(data=stream_of(*values), flags=1), END], about)
            for name, values, about in INVALID_FILTERS
        },
        "enhancement_out_of_range": ([*tiny, enhancement_chunk(1), END], "eNHA of a tile that is not there"),
        "enhancement_twice": ([*tiny, enhancement_chunk(), enhancement_chunk(), END], "two eNHA of one tile"),
        "enhancement_before_tile": ([tiny[0], enhancement_chunk(), tiny[1], END], "eNHA before a tile"),
        "enhancement_flags_2": ([*tiny, enhancement_chunk(flags=2), END], "Flags of a later version"),
        "enhancement_strength_129": ([*tiny, enhancement_chunk(strength=129), END], "Strength above its values"),
        "enhancement_slot_8": ([*tiny, enhancement_chunk(slot=8), END], "Slot above its values"),
        "enhancement_slot_1": ([*tiny, enhancement_chunk(slot=1), END], "a slot behind the table of models"),
        "enhancement_by_texture": ([*small("textured", 2), enhancement_chunk(), END], "a slot that does not restore"),
        "slots_differ": (
            [
                head_chunk(slot_of("tiny"), slot_of("plain"), width=70),
                tile_chunk(),
                tile_chunk(index=1),
                enhancement_chunk(),
                enhancement_chunk(1, slot=1),
                END,
            ],
            "two models in one file",
        ),
        "models_cut": ([(b"HEAD", tiny[0][1][:-1]), tiny[1], END], "a table of models that ends within one"),
        "models_9": ([head_chunk(*[slot_of("tiny")] * 9), tile_chunk(), END], "too many models"),
        "models_role_0": ([head_chunk(slot_of("tiny", 0)), tile_chunk(), END], "a model without a role"),
        "models_role_4": ([head_chunk(slot_of("tiny", 4)), tile_chunk(), END], "a role of a later version"),
        "unknown_model": (
            [head_chunk((number, b"????", 1), **values), tiny[1], enhancement_chunk(), END],
            "another model file than there is",
        ),
        "unknown_texture_model": (
            [head_chunk(*two, **values, default_realism=255), tiny[1], enhancement_chunk(), END],
            "another model file for texture than there is",
        ),
        "model_without_texture": (
            [*small("tiny", 3), enhancement_chunk(), END],
            "a model that should texture, without a network texture",
        ),
        "strange_model": ([*small("strange"), enhancement_chunk(), END], "a model that no decoder can use"),
        "bad_texture_model": (
            [*small("bad_texture", 3), enhancement_chunk(), END],
            "a network texture that no decoder can use",
        ),
        "model_without_scale_2": (
            [head_chunk(slot_of("plain"), base_scale=2), tile_chunk(), enhancement_chunk(), END],
            "a model without networks for bases of half size",
        ),
        "model_without_latent_prior": (
            [head_chunk(slot_of("strange"), base_scale=2), tile_chunk(), enhancement_chunk(), END],
            "a model whose restore takes latents, without latent_prior",
        ),
        "latents_are_no_code": ([*tiny, enhancement_chunk(data=b"\xff" * 20), END], "offset >= range"),
        "filters_are_no_code": (
            [*tiny, enhancement_chunk(data=b"\xff" * 20, flags=1), END],
            "filters with offset >= range",
        ),
        "half_size_with_alpha": ([head_chunk(channels=2, base_scale=2), tile_chunk(), END], "Base_Scale 2 with alpha"),
    }
    for name, (chunks, about) in cases.items():
        yield (
            name,
            put_together(chunks),
            about,
            (FULL,) if any(part in name for part in ("model", "latents", "filters")) else ("",),
        )
