"""The decoder that was written from docs/format.md alone makes the pictures of the vectors.

Its modules import nothing of the project, so neither does this test read the index or hash pictures with its code.
"""

import ast
import hashlib
import re
from pathlib import Path

import pytest
from stranger.base_decoder import decode, decode_preview
from stranger.coder import Decoder
from stranger.container import RefusedError

VECTORS = Path(__file__).parents[1] / "vectors" / "1"
INDEX = [line.split("\t")[:3] for line in (VECTORS / "index.tsv").read_text().splitlines()]
# It knows neither networks nor the modular base, of which alpha above 8 bits and half floats are, nor JPEGs.
OTHERS = ("modular_", "jpeg_", "deep_alpha", "float16_")
KNOWN = [row for row in INDEX if "full" not in row[1] and not row[0].startswith(OTHERS)]
CHOSEN = [pytest.param(*row, id=" ".join(row[:2]).strip()) for row in KNOWN]
PICTURES = [vector for vector in CHOSEN if len(vector.values[2]) == 64]
REFUSALS = [vector for vector in CHOSEN if len(vector.values[2]) == 3]


def _decode(name: str, way: str) -> str:
    picture = (decode_preview if "preview" in way else decode)((VECTORS / name).read_bytes())
    return hashlib.sha256("{}x{}x{}\n".format(*picture.shape).encode() + picture.tobytes()).hexdigest()


@pytest.mark.parametrize(("name", "way", "hashed"), PICTURES)
@pytest.mark.slow
def test_pictures(name: str, way: str, hashed: str) -> None:
    assert _decode(name, way) == hashed


@pytest.mark.parametrize(("name", "way", "number"), REFUSALS)
def test_refusals(name: str, way: str, number: str) -> None:
    assert number.isdigit()
    with pytest.raises(RefusedError):
        _decode(name, way)


def test_the_choice_is_wide() -> None:
    assert len(PICTURES) >= 200
    assert len(REFUSALS) >= 80


def test_first_example_of_models() -> None:
    coder = Decoder(bytes.fromhex("cfc8ce5e"), [0x80000000])
    assert [coder.bit(0) for _ in range(10)] == [0, 0, 1, 0, 0, 0, 0, 1, 0, 0]
    assert coder.models == [0x378B600A]


def test_second_example_of_models() -> None:
    coder = Decoder(bytes.fromhex("70fe1183"), [0x80000000, 0x40000000])
    assert [coder.bit(0, 1) for _ in range(4)] == [0, 0, 1, 0]
    assert coder.raw(5) == 22
    assert [coder.symbol((0, 1, 5, 16), 4) for _ in range(3)] == [2, 0, 1]
    assert coder.models == [0x4858B804, 0x3FFFA404]


def test_it_has_nothing_of_the_project() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if re.match(r"veneer\b", name)], path
