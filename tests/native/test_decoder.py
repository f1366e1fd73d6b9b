"""The decoder in C++ against the oracle in Python: pixels and problems of whole, damaged and cut files, and regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle.decoder import decode as oracle_decode

import veneer
from veneer.conformance import vectors
from veneer.errors import VeneerError

VECTORS = vectors.find_vectors()
MODELS = VECTORS / vectors.MODELS
# One of each sort; released models take long.
# The oracle knows no JPEGs; tests/test_jpeg_files.py has their ruins.
NAMES = sorted(
    {vector.name for vector in vectors.read_index(VECTORS) if not vector.name.startswith(("released", "jpeg"))}
)


def outcome(decode: Any, data: bytes, **options: Any) -> tuple[Any, ...]:
    """Pixels and problems, or the error."""
    problems: list[VeneerError] = []
    try:
        pixels = decode(data, problems=problems, models=MODELS, **options)
    except VeneerError as error:
        return "refused", error.code, error.offset, error.message
    return pixels.shape, pixels.tobytes(), [(each.code, each.offset, each.message) for each in problems]


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """A file cut, or with some bytes changed."""
    if rng.random() < 0.3 or len(data) < 9:
        return data[: int(rng.integers(len(data) + 1))]
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        changed[int(rng.integers(8, len(data)))] ^= int(rng.integers(1, 256))
    return bytes(changed)


@pytest.mark.parametrize("name", NAMES)
def test_vectors_and_their_ruins(name: str) -> None:
    data = (VECTORS / name).read_bytes()
    rng = np.random.default_rng(list(name.encode()))
    for file in (data, damaged(data, rng), damaged(data, rng)):
        for layers in ("full", "base", "preview"):
            expected = outcome(oracle_decode, file, layers=layers)
            assert outcome(veneer.decode, file, layers=layers, threads=2) == expected, layers


ENHANCED = [
    name
    for name in NAMES
    if name.startswith(("enhanced", "filtered", "textured", "half"))
    or (name.startswith("deep") and any(part in name for part in ("enhanced", "textured", "strength", "random")))
]


@pytest.mark.parametrize("name", ENHANCED)
def test_regions_of_ruins(name: str) -> None:
    data = (VECTORS / name).read_bytes()
    rng = np.random.default_rng(list(name.encode()))
    try:
        info = veneer.read_info(data)
    except VeneerError:
        pytest.skip("no picture")
    for file in (data, damaged(data, rng)):
        x, y = int(rng.integers(info.width)), int(rng.integers(info.height))
        region = (x, y, int(rng.integers(1, info.width - x + 1)), int(rng.integers(1, info.height - y + 1)))
        for realism in (None, 0.0, 1.0):
            options = {"region": region, "realism": realism}
            assert outcome(veneer.decode, file, **options) == outcome(oracle_decode, file, **options)


def test_oracle_is_not_the_decoder() -> None:
    """It decodes by parts of the core that it puts together itself."""
    text = (Path(__file__).parents[1] / "oracle" / "decoder.py").read_text()
    assert "backend.decode(" not in text
    assert "_native" not in text
