"""Makes the files of tests/vectors for the current format version; run by hand, for a version and a released model.

    python tests/make_vectors.py

A file that is there already is never written again, nor is what was expected of it: what was released must decode for
ever. Until a version is frozen its folder may be deleted and made anew. The example of docs/format.md is made from the
smallest file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
from pathlib import Path

from deep_vectors import deep_files, wrong_deep_files
from enhanced_vectors import (
    MODELS,
    enhanced_files,
    filtered_files,
    invalid_enhanced_files,
    random_enhanced_files,
    released_files,
    textured_files,
    write_vector_models,
)
from float16_vectors import half_files, wrong_half_files
from invalid_modular_vectors import wrong_modular_files
from invalid_vectors import invalid_files
from jpeg_vectors import jpeg_files, wrong_jpeg_files
from modular_vectors import modular_files
from valid_vectors import valid_files
from weight_vectors import invalid_weight_files

import veneer
from veneer import backend
from veneer.bitstream import syntax
from veneer.conformance.vectors import INDEX, WEIGHTS, Vector, pixel_hash, read_index, write_index
from veneer.reference.adaptive import BitModel
from veneer.reference.container import read_file
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tile import Models, Tile
from veneer.reference.trees import read_tile

FOLDER = Path(__file__).parent / "vectors" / str(syntax.FORMAT_VERSION)
SPECIFICATION = Path(__file__).parents[1] / "docs" / "format.md"


# What makes files, and whether they are valid.
GROUPS = (
    (valid_files, True),
    (enhanced_files, True),
    (filtered_files, True),
    (textured_files, True),
    (random_enhanced_files, True),
    (released_files, True),
    (modular_files, True),
    (deep_files, True),
    (half_files, True),
    (jpeg_files, True),
    (invalid_files, False),
    (wrong_modular_files, False),
    (wrong_deep_files, False),
    (wrong_half_files, False),
    (wrong_jpeg_files, False),
    (invalid_enhanced_files, False),
)


def annotated(data: bytes) -> str:
    """A hex dump with the name and value of every field, as docs/format.md shows it."""
    lines = []
    for line in veneer.dump_syntax(data):
        if line.depth == 0 and line.name != "Signature":
            lines.append(f"\n{line.name}")
            continue
        piece = data[line.offset : line.offset + line.size].hex(" ")
        lines.append(f"{line.offset:04x}  {piece:24}  {line.name}: {line.text}")
    return "```\n" + "\n".join(lines) + "\n```"


class NotedModels(Models):
    """Models that note which of them are asked for."""

    def __init__(self, step_index: int) -> None:
        super().__init__(step_index)
        self.asked: list[str] = []

    def __call__(self, name: str, *indices: int) -> BitModel:
        self.asked.append(name + "".join(f"[{index}]" for index in indices))
        return super().__call__(name, *indices)


class NotingDecoder(RangeDecoder):
    """A range decoder that writes down its decisions as rows of a table."""

    def __init__(self, payload: bytes, models: NotedModels) -> None:
        super().__init__(bytes_to_words(payload))
        self._models = models
        self.rows: list[str] = []

    def bit(self, p1: int) -> int:
        value = super().bit(p1)
        self._note(", ".join(f"`{name}`" for name in self._models.asked), p1, value)
        self._models.asked.clear()
        return value

    def raw(self, count: int) -> int:
        value = super().raw(count)
        self._note(f"raw({count})", "", value)
        return value

    def _note(self, models: str, p1: int | str, value: int) -> None:
        self.rows.append(f"| {models} | {p1} | {value} | {self._range:016x} | {self._offset:016x} |")


def decisions(data: bytes) -> str:
    """The symbols of the only tile of a file of grey, one by one, as docs/format.md shows them."""
    file = read_file(data, 1 << 20)
    models = NotedModels(file.head.step_index)
    coder = NotingDecoder(file.tiles[b"BASE", 0], models)
    tile = Tile(coder, file.head.width, file.head.height, file.head)
    tile.models = models
    assert read_tile(tile)
    first = f"| start | | | {2**64 - 1:016x} | {RangeDecoder(bytes_to_words(file.tiles[b'BASE', 0]))._offset:016x} |"
    head = "| Model | p1 | Value | `range` | `offset` |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, first, *coder.rows])


def outcome(data: bytes, vector: Vector) -> str:
    """Hash of the pixels or of the JPEG, or number of the error, that a strict decoder gives."""
    try:
        if vector.wants_jpeg:
            return hashlib.sha256(veneer.decode_jpeg(data)).hexdigest()
        return pixel_hash(veneer.decode(data, strict=True, models=MODELS, **vector.keywords))
    except veneer.VeneerError as error:
        return str(error.code.value)


def write_weight_files() -> None:
    """Writes weight files and model files that are to be refused, as far as they are missing, and their index."""
    folder = FOLDER / WEIGHTS
    folder.mkdir(exist_ok=True)
    vectors = read_index(folder) if (folder / INDEX).exists() else []
    known = {vector.name for vector in vectors}
    for name, data, about in invalid_weight_files():
        if name in known:
            continue
        try:
            backend.ModelFile(data) if name.endswith(".vnm") else backend.WeightFile(data)
        except veneer.VeneerError as error:
            vectors.append(Vector(name, "", str(error.code.value), about))
            (folder / name).write_bytes(data)
            sys.stdout.write(f"{name}: {error.code.value}: {error.message}\n")
        else:
            raise ValueError(f"{name} can be read")
    write_index(folder, vectors)


def main() -> None:
    """Writes what is missing and the indices."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    vectors = read_index(FOLDER) if (FOLDER / INDEX).exists() else []
    known = {vector.name for vector in vectors}
    write_vector_models()
    write_weight_files()
    for group, valid in GROUPS:
        for stem, data, about, *ways in group():
            path = FOLDER / f"{stem}.vnr"
            if path.name in known:
                continue
            made = [Vector(path.name, options, "", about) for options in (ways[0] if ways else ("",))]
            made = [dataclasses.replace(vector, outcome=outcome(data, vector)) for vector in made]
            if made[0].valid != valid:
                raise ValueError(f"{stem}: {made[0].outcome}")
            path.write_bytes(data)
            vectors += made
            sys.stdout.write(f"{path.name}: {', '.join(vector.outcome for vector in made)}\n")
    write_index(FOLDER, vectors)
    example = annotated((FOLDER / "smallest.vnr").read_bytes())
    text = SPECIFICATION.read_text()
    text = re.sub(r"```\n0000  8b.*?```", lambda _: example, text, flags=re.DOTALL)
    table = decisions((FOLDER / "smallest.vnr").read_bytes())
    SPECIFICATION.write_text(re.sub(r"\| Model \| p1 .*?\n\n", lambda _: table + "\n\n", text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
