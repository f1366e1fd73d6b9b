"""Files of random choices: every choice that the format allows, likely or not. The pictures are noise.

The reference decoder asks for symbols, and an `Inventor` makes them up and encodes them; so the legal syntax is defined
in one place only.
Source: docs/format.md, "Conformance".
"""

from __future__ import annotations

import dataclasses
import functools
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from veneer import reference
from veneer.bitstream.chunks import write_chunk
from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.conformance.vectors import MODELS, Vector, find_vectors, pixel_hash, write_index
from veneer.enhancement.models import by_name, file_of, weights_of
from veneer.errors import VeneerError
from veneer.reference import alpha, container, enhancement, filters, modular_photo, tile_filters, trees
from veneer.reference.base import read_base
from veneer.reference.chunks import SIGNATURE
from veneer.reference.container import File
from veneer.reference.head import (
    BASE_PARAMETERS,
    HEAD_FIELDS,
    HEAD_FORMAT,
    RESTORES,
    SCREEN_CONTENT,
    TEXTURES,
    Head,
    ModelSlot,
)
from veneer.reference.modular import PHOTO, STORED
from veneer.reference.tables import LATENT_PRECISION, MAX_LATENT, latent_cdfs
from veneer.reference.tile import Tile

EDGES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 63, 64)  # sides of pictures
LONG_EDGES = (65, 68, 96, 127, 129)
# Model_Id, Model_Check, and the model.
NamedModel = tuple[int, bytes, reference.Model]

MODEL_NAMES = ("tiny", "textured")  # of those that come with the vectors

MOST_PIXELS = 9000  # beyond that, files are large and slow to check
MOST_SCREEN_PIXELS = 1500  # the same limit for pictures with screen content
MOST_PHOTO_SAMPLES = 300  # likewise for alpha in the form photo


class Inventor:
    """A range decoder that has no stream: it makes decisions up, and the stream that says so.

    It prefers one value for a while, whatever the models say, so that it comes to all lengths and magnitudes.

    Args:
        rng: the source of all choices.

    Attributes:
        encoder: has what was made up so far.
    """

    def __init__(self, rng: numpy.random.Generator) -> None:
        self._rng = rng
        self._ones = 0.5
        self.encoder = RangeEncoder()

    def invent(self) -> int:
        """A decision."""
        if self._rng.random() < 0.01:
            self._ones = float(self._rng.choice([0, 0.1, 0.5, 0.9, 1], p=[0.1, 0.2, 0.4, 0.2, 0.1]))
        return int(self._rng.random() < self._ones)

    def bit(self, p1: int) -> int:
        value = self.invent()
        self.encoder.bit(value, p1)
        return value

    def raw(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = 2 * value + self.invent()
        self.write(value, count)
        return value

    def write(self, value: int, count: int) -> None:
        """Puts bits of the caller's choice into the stream."""
        self.encoder.raw(value, count)

    def symbol(self, cdf: Sequence[int], precision: int) -> int:
        """One of a table: often one in the middle, where latents are 0, or next to it."""
        count = len(cdf) - 1
        value = int(self._rng.integers(count)) if self.invent() else count // 2 + int(self._rng.integers(-1, 2))
        self.encoder.symbol(value, cdf, precision)
        return value

    def write_values(self, *values: tuple[int, int]) -> None:
        """Puts values of the caller's choice into the stream, each after the number of its distribution."""
        for index, value in values:
            self.encoder.symbol(value + MAX_LATENT, latent_cdfs()[index], LATENT_PRECISION)

    def valid(self) -> bool:
        return True

    def payload(self) -> bytes:
        """The payload from which a decoder reads the same decisions."""
        return words_to_bytes(self.encoder.finish())


def generate(folder: Path, count: int, seed: int = 0) -> None:
    """Writes files of random choices, and an index with what the reference decoder makes of them.

    Args:
        folder: is made where it is missing; an index there is replaced. It gets the models of the package's vectors.
        count: of files; about every third has enhancement, and every fourth more than 8 bits.
        seed: of the first; each further one has the next.

    Raises:
        OSError: a file cannot be written.
        VeneerError: this installation has no vectors.
    """
    shutil.copytree(find_vectors() / MODELS, folder / MODELS, dirs_exist_ok=True)
    found = [by_name(name, folder / MODELS) for name in MODEL_NAMES]
    named = [
        (e.id, e.check, reference.model_of(file_of(e), functools.partial(weights_of, e)))
        for e in found
        if e is not None
    ]
    vectors = []
    for number in range(seed, seed + count):
        rng = numpy.random.default_rng(number)
        model = named[int(rng.integers(len(named)))] if named and rng.random() < 1 / 3 else None
        data = random_file(rng, model, deep=number % 4 == 3)
        pixels = reference.decode(data, find_model=(lambda *_, found=model[2]: found) if model else None)
        name = f"random_{number}.vnr"
        (folder / name).write_bytes(data)
        options = "layers=full" if model else ""
        vectors.append(Vector(name, options, pixel_hash(pixels), f"random choices of seed {number}"))
    write_index(folder, vectors)


# Values of HEAD that go with the transform base, which alone is generated.
_TRANSFORM = {"bit_depth": (8,), "base_kind": (0,)}

# Metadata that may be any bytes.
_BYTES = (b"iCCP", b"eXIF", b"xMP_")


def random_file(rng: numpy.random.Generator, model: NamedModel | None = None, *, deep: bool = False) -> bytes:
    """A valid file of some choice of everything; with enhancement where there is a model, of 9..16 bits if `deep`."""
    values = _random_head(rng)
    if deep:
        values |= {"bit_depth": int(rng.integers(9, 17)), "tools": values["tools"] & ~SCREEN_CONTENT}
    if model and not deep and rng.random() < 0.5:
        values |= {"base_scale": 2, "channels": int(rng.choice((1, 3)))}
    own = {name: values[name] for name in Head.__dataclass_fields__ if name in values}
    head = Head(**own, models=_random_models(rng, model))
    file = File(head)
    for index in range(head.columns * head.rows):
        _, _, w, h = head.tile_box(index)
        file.tiles[b"BASE", index] = random_colour(rng, w, h, head)
        if head.alpha:
            file.tiles[b"ALPH", index] = random_alpha(rng, w, h, head.bit_depth)
    tiles = [(name, container.TILE_INDEX.pack(index) + payload) for (name, index), payload in file.tiles.items()]
    front = [(name, rng.bytes(int(rng.integers(1, 40)))) for name in _BYTES if rng.random() < 0.2]
    if rng.random() < 0.2:
        front += _random_preview(rng, head)
    if rng.random() < 0.5:
        front.append((b"tOCS", struct.pack(f"<{len(tiles)}I", *(len(payload) for _, payload in tiles))))
    else:
        tiles = [tiles[i] for i in rng.permutation(len(tiles))]
    chunks = [front[i] for i in rng.permutation(len(front))] + tiles
    if model:
        chunks += _random_enhancement(rng, file, model)
    if rng.random() < 0.2:
        chunks.insert(int(rng.integers(len(chunks) + 1)), (b"nEW_", rng.bytes(5)))
    table = b"".join(struct.pack("<H4sB", *slot) for slot in head.models)
    parts = [(b"HEAD", struct.pack(HEAD_FORMAT, *values.values()) + table), *chunks, (b"TEND", b"")]
    behind = rng.bytes(3) if rng.random() < 0.1 else b""
    if rng.random() < 0.2:
        parts[1:1] = _random_metadata(rng)
    return SIGNATURE + b"".join(write_chunk(name, payload) for name, payload in parts) + behind


def _random_metadata(rng: numpy.random.Generator) -> list[tuple[bytes, bytes]]:
    """Chunks of the metadata that have a form, and of IPTC, which came with them."""
    density = struct.pack("<BII", rng.integers(2), *rng.integers(1, 1 << 31, 2))
    texts = []
    for _ in range(rng.integers(4)):
        keyword = bytes(rng.integers(33, 127, rng.integers(1, 80), numpy.uint8))
        text = "".join(map(chr, rng.integers(1, 0xD800, rng.integers(20)))).encode()
        texts.append(struct.pack("<B", len(keyword)) + keyword + struct.pack("<I", len(text)) + text)
    made = [(b"iPTC", rng.bytes(9)), (b"dENS", density), (b"tEXT", b"".join(texts))]
    return made + _random_light(rng)


def _random_light(rng: numpy.random.Generator) -> list[tuple[bytes, bytes]]:
    """Chunks of HDR pictures: some of them, of any numbers."""
    metadata, icc = rng.bytes(int(rng.integers(1, 30))), rng.bytes(int(rng.integers(9)))
    colour = bytes((*rng.bytes(3), int(rng.integers(2)))) + struct.pack("<I", len(icc))
    gain_map = struct.pack("<BI", rng.integers(2), len(metadata)) + metadata + colour + icc + rng.bytes(5)
    chunks = [(b"cLLI", rng.bytes(4)), (b"mDCV", rng.bytes(24)), (b"gMAP", gain_map)]
    return [chunk for chunk in chunks if rng.random() < 0.5]


def _random_models(rng: numpy.random.Generator, model: NamedModel | None) -> tuple[ModelSlot, ...]:
    """A table of models: none, one that no chunk names, or `model`, with or without such a one before it."""
    if model is None:
        return (ModelSlot(65535, rng.bytes(4), int(rng.integers(1, 4))),) if rng.random() < 0.1 else ()
    number, check, content = model
    role = RESTORES | TEXTURES if "texture" in content.networks else RESTORES
    unused = ModelSlot(65535, rng.bytes(4), RESTORES)
    return (*[unused] * int(rng.integers(3)), ModelSlot(number, check, role))


def _random_enhancement(rng: numpy.random.Generator, file: File, model: NamedModel) -> list[tuple[bytes, bytes]]:
    """Chunks eNHA of some tiles, at least one."""
    content = model[2]
    base = read_base(file)
    networks = enhancement.networks_of(content, base.scale)
    count = file.head.columns * file.head.rows
    chunks = []
    for index in rng.permutation(count)[: int(rng.integers(1, count + 1))].tolist():
        data = rng.bytes(int(rng.integers(3))) if networks.latent_prior is None else b""
        strength = int(rng.integers(container.MAX_STRENGTH + 1))
        filtered = rng.random() < 0.5
        more = rng.random() < 0.8
        inventor = Inventor(rng)
        if filtered:
            invent_filters(rng, inventor, 3 if file.head.colour else 1, more)
        if networks.latent_prior is not None and more:
            part = base.part(*file.head.tile_box(index))
            enhancement.read_latents(inventor, enhancement.run_network(networks.latent_prior, part))
        if filtered or (networks.latent_prior is not None and more):
            data = inventor.payload()
        fields = container.ENHANCEMENT.pack(index, len(file.head.models) - 1, int(filtered), strength)
        chunks.append((b"eNHA", fields + data))
    return chunks


def invent_filters(rng: numpy.random.Generator, inventor: Inventor, planes: int, more: bool) -> None:
    """Puts filters into a stream."""
    counts = [int(rng.choice((0, 1, 2, 8, int(rng.integers(9))))) for _ in range(planes)]
    inventor.write_values((filters.MORE, int(more)), *((filters.COUNT, count) for count in counts))
    if any(counts):
        inventor.write_values((filters.FIRST_CODE, int(rng.integers(64)) - 32))
    for count, size in zip(counts, filters.TAPS, strict=False):
        last = None
        for code in sorted(rng.choice(64, max(0, count - 1), replace=False).tolist()):
            first = last is None
            inventor.write_values((filters.FIRST_CODE, code - 32) if first else (filters.NEXT_CODE, code - last - 1))
            last = code
        predicted = filters.FIRST[:size]
        for _ in range(count):
            spread = float(rng.choice((0, 4, 30, 200)))
            taps = [int(t) for t in (numpy.array(predicted) + rng.normal(0, spread, size)).clip(-127, 127)]
            taps = [max(before - 127, min(before + 127, tap)) for tap, before in zip(taps, predicted, strict=True)]
            moves = (tap - before for tap, before in zip(taps, predicted, strict=True))
            inventor.write_values(*zip(filters.INDEX, moves, strict=False))
            predicted = tuple(taps)


def _random_preview(rng: numpy.random.Generator, head: Head) -> list[tuple[bytes, bytes]]:
    """Chunks of a preview."""
    fields = BASE_PARAMETERS
    values = {field.name: int(rng.choice(numpy.array(field.values))) for field in fields}
    parameters = struct.pack("<" + "".join(field.letter for field in fields), *values.values())
    own: dict[str, Any] = {name: value for name, value in values.items() if name in Head.__dataclass_fields__}
    small = dataclasses.replace(head, bit_depth=8, **own)
    w, h = -(-head.width // container.PREVIEW_SCALE), -(-head.height // container.PREVIEW_SCALE)
    chunks = [(b"pREV", parameters + random_colour(rng, w, h, small))]
    return [*chunks, (b"pALP", random_alpha(rng, w, h))] if head.alpha else chunks


def _random_head(rng: numpy.random.Generator) -> dict[str, int]:
    """Fields of HEAD by name, in order."""
    values = {
        field.name: int(rng.choice(numpy.array(_TRANSFORM.get(field.name, field.values)))) for field in HEAD_FIELDS
    }
    values["base_scale"] = 1
    values["width"], values["height"] = (int(side) for side in rng.choice(EDGES, 2))
    if rng.random() < 0.2:
        values["width" if rng.random() < 0.5 else "height"] = int(rng.choice(LONG_EDGES))
        values["tile_log2"] = 6
    if values["width"] * values["height"] > MOST_PIXELS:
        values["channels"] = 1
    if values["width"] * values["height"] > MOST_SCREEN_PIXELS:
        values["tools"] &= 5
    # Offsets as encoders have them, most of the time; else chroma is flat or overflows.
    if rng.random() < 0.7:
        values["co_step_offset"], values["cg_step_offset"] = (int(offset) for offset in rng.integers(-12, 13, 2))
    return values


def random_colour(rng: numpy.random.Generator, w: int, h: int, head: Head) -> bytes:
    """A payload of BASE for a tile of w x h pixels."""
    inventor = Inventor(rng)
    trees.read_tile(Tile(inventor, w, h, head))
    before = random_tile_filters(rng, 3 if head.colour else 1) if head.tools & 4 else b""
    return before + inventor.payload()


def random_tile_filters(rng: numpy.random.Generator, planes: int) -> bytes:
    """The bytes before the stream of a tile with filters."""
    while rng.random() < 0.8:
        inventor = Inventor(rng)
        try:
            tile_filters.read_tile_filters(inventor, planes)
        except VeneerError:
            continue
        payload = inventor.payload()
        if len(payload) < 256:
            return bytes([len(payload)]) + payload
    return bytes(1)


def random_alpha(rng: numpy.random.Generator, w: int, h: int, depth: int = 8) -> bytes:
    """Data of ALPH, of random choices; above 8 bits in the form photo, or stored where that would be slow."""
    inventor = Inventor(rng)
    if depth > 8:
        if w * h > MOST_PHOTO_SAMPLES:
            return bytes([STORED]) + numpy.packbits(rng.integers(0, 2, w * h * depth, numpy.uint8)).tobytes()
        modular_photo.PhotoDecoder(inventor, w, h, [2**depth - 1]).decode()
        inventor.write(1, 1)
        return bytes([PHOTO]) + inventor.payload()
    if alpha.read_constant(inventor) is None:
        alpha.read_alpha(inventor, w, h)
        inventor.write(1, 1)
    return inventor.payload()
