"""docs/format.md, "Base layer", against the code: its tables against the core and the reference decoder."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import math
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from veneer import _native, _native_dev
from veneer.enhancement import distributions
from veneer.reference import coefficients, mixing, tables

ROOT = Path(__file__).parents[1]
BASE = ROOT / "native" / "base"
FORMAT = (ROOT / "docs" / "format.md").read_text()
CHAPTER = FORMAT[FORMAT.index("\n## Base layer\n") : FORMAT.index("\n## Alpha plane\n")]
TITLES = set(re.findall(r"^#+ (.+)$", FORMAT, re.MULTILINE))
SOURCES = sorted(
    [
        *(ROOT / "native").rglob("*.h"),
        *(ROOT / "native").rglob("*.cpp"),
        *(ROOT / "src" / "veneer" / "reference").rglob("*.py"),
        *(ROOT / "src" / "veneer" / "conformance").rglob("*.py"),
    ]
)
TABLES = ROOT / "docs" / "tables"


def section(title: str) -> str:
    """The text of one section of the chapter."""
    found = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", CHAPTER, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"-?\d+", text)]


def row(name: str, where: str) -> list[int]:
    """The numbers in the row of a table that begins with `name`."""
    found = re.search(rf"^\| {re.escape(name)} \|(.*)$", section(where), re.MULTILINE)
    assert found is not None, name
    return numbers(found[1])


def load_make_tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs" / "make_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def array(file: str, name: str) -> list[int]:
    """The numbers of an array in a C++ source."""
    body = re.search(rf"\b{name}(?:\[\w+\])+ = {{(.*?)}};", (BASE / file).read_text(), re.DOTALL)
    assert body is not None, name
    return numbers(body[1])


def constants(*files: str) -> dict[str, int]:
    """The integer constants of C++ sources."""
    text = "".join((BASE / file).read_text() for file in files)
    return {name: int(value) for name, value in re.findall(r"constexpr int (k\w+) = (\d+);", text)}


# Printed tables


def printed_models() -> dict[str, tuple[list[int], int, int]]:
    """Dimensions, entries and first entry of each model."""
    rows = re.findall(r"^\| `(\w+)` \| ([\dx ]+) \| (\d+) \| (\d+) \|", section("Contexts"), re.MULTILINE)
    return {name: (numbers(sizes), int(entries), int(first)) for name, sizes, entries, first in rows}


def printed_shapes() -> dict[tuple[int, int], tuple[int, int, int]]:
    """Coefficients, size class and shape class of each shape."""
    rows = re.findall(r"^\| ([\dx ,]+) \| (\d+) \| (\d) \| (\d) \|", section("Block shapes and scans"), re.MULTILINE)
    return {
        (int(w), int(h)): (int(count), int(size_class), int(shape_class))
        for sides, count, size_class, shape_class in rows
        for w, h in re.findall(r"(\d+) x (\d+)", sides)
    }


def test_printed_tables_are_those_of_the_reference() -> None:
    assert row("First u + v", "Block shapes and scans") == list(tables.DIAGONAL_FIRST)
    assert row("First", "Neighbour cells") == list(tables.BLOCK_ENERGY_FIRST)
    assert row("First", "Coefficients") == list(tables.ENERGY_FIRST)
    states = [row(f"Next, {parity} magnitude", "Coefficients") for parity in ("even", "odd")]
    assert states == [list(line) for line in tables.NEXT_STATE]
    assert row("mantissa", "Quantization") == list(tables.MANTISSA)
    cosines = re.search(r"^table\[0\.\.64\].*?```(.*?)```", CHAPTER, re.MULTILINE | re.DOTALL)
    assert cosines is not None
    assert numbers(cosines[1]) == list(tables.COSINES)
    pairs = re.findall(r"^\| Mode \|(.*)\n\| -.*\n\| Slope.*? \|(.*)$", CHAPTER, re.MULTILINE)
    assert (
        dict(itertools.chain.from_iterable(zip(numbers(m), numbers(s), strict=True) for m, s in pairs)) == tables.SLOPES
    )
    assert dict(zip(row("s", "Prediction"), row("inverse(s)", "Prediction"), strict=True)) == tables.INVERSE
    lines = [numbers(text) for text in re.findall(r"^ ?\d+ (?: +-?\d+){9}$", section("Prediction"), re.MULTILINE)]
    sharp = {line[start]: tuple(line[start + 1 : start + 5]) for line in lines for start in (0, 5)}
    assert sharp == dict(enumerate(tables.SHARP))
    assert row("First `Step_Index`", "Warm-start tables") == list(tables.WARM_FIRST)
    knots = re.search(r"^knot\[0\.\.48\]:\n\n```\n([\d\s]+)```", FORMAT, re.MULTILINE)
    assert knots is not None
    assert numbers(knots[1]) == list(mixing.KNOT)


def test_tables_of_the_core() -> None:
    assert array("block_shape.cpp", "kFirst") == list(tables.DIAGONAL_FIRST)
    assert array("neighbourhood.h", "kEnergyFirst") == list(tables.ENERGY_FIRST)
    assert array("neighbourhood.cpp", "kBlockEnergyFirst") == list(tables.BLOCK_ENERGY_FIRST)
    next_state = array("coefficients.h", "kNextState")
    assert (tuple(next_state[::2]), tuple(next_state[1::2])) == tables.NEXT_STATE
    assert array("quantization.h", "kStepMantissa") == list(tables.MANTISSA)
    assert array("dct_tables.h", "kCosine") == list(tables.COSINES)
    assert list(tables.WARM_FIRST) == array("warm_models.h", "kWarmFirst") == _native_dev.warm_first
    slopes = array("prediction_tables.h", "kSlopes")
    assert {mode: slope for mode, slope in enumerate(slopes, 3) if slope != 0} == tables.SLOPES
    assert {s: round(256 * 32 / -s) for s in slopes if s < 0} == tables.INVERSE


def test_tables_are_what_their_formulas_say() -> None:
    assert [round(2048 * math.sqrt(2) * math.cos(math.pi * j / 128)) for j in range(65)] == list(tables.COSINES)
    assert [round(2**14 * 2 ** (i / 16)) for i in range(16)] == list(tables.MANTISSA)
    assert len(tables.SHARP) == 32
    assert all(sum(taps) == 64 for taps in tables.SHARP)
    assert all(sorted(states) == list(range(8)) for states in tables.NEXT_STATE)


def test_shapes() -> None:
    shapes = {(w, h) for w in (4, 8, 16, 32, 64) for h in (4, 8, 16, 32, 64) if max(w, h) <= 2 * min(w, h)}
    shapes -= {(64, 32), (32, 64)}
    assert set(tables.SHAPES) == shapes
    for (w, h), (count, size_class, shape_class) in printed_shapes().items():
        assert tables.SHAPES[w, h] == (size_class, shape_class)
        log2_area = (w * h).bit_length() - 1
        assert count == min(w, 32) * min(h, 32)
        assert size_class == (log2_area > 5) + (log2_area > 8)
        assert shape_class == min(log2_area - 4, constants("block_shape.h")["kShapeClasses"] - 1)
    assert set(printed_shapes()) == shapes


def test_printed_scans() -> None:
    text = section("Block shapes and scans")
    for w, h in ((4, 4), (8, 4)):
        printed = re.search(rf"(?:scan of|that of)\s+{w}\s+x\s+{h}\s+begins\s+([(\d, )\s]+)[;.]", text)
        assert printed is not None
        pairs = [(int(u), int(v)) for u, v in re.findall(r"\((\d+),\s+(\d+)\)", printed[1])]
        assert pairs == coefficients.scan(w, h)[: len(pairs)]
        assert len(pairs) == 6


def test_model_table() -> None:
    source = (BASE / "contexts.h").read_text()
    values = constants("contexts.h", "block_shape.h")
    declared, first = {}, 0
    for name, indices in re.findall(r"^ +BitModel (\w+)((?:\[[^\]]+\])+);", source, re.MULTILINE):
        sizes = []
        for index in re.findall(r"\[([^\]]+)\]", indices):
            factor, _, divisor = index.partition(" / ")
            sizes.append(values.get(factor, 0) // int(divisor or 1) if factor[0] == "k" else int(factor))
        declared[name] = (sizes, math.prod(sizes), first)
        first += math.prod(sizes)
    assert declared == printed_models()
    assert list(declared) == list(tables.MODELS) == list(printed_models())
    assert {name: tuple(sizes) for name, (sizes, _, _) in declared.items()} == tables.MODELS
    assert {name: first for name, (_, _, first) in declared.items()} == tables.MODEL_FIRST
    assert first == _native_dev.model_count
    assert f"Together these are {first} models" in section("Contexts")


def test_warm_start_file() -> None:
    data = (TABLES / "warm_start.bin").read_bytes()
    text = section("Warm-start tables")
    assert hashlib.sha256(data).hexdigest() in text, "run docs/make_tables.py"
    assert f"{len(data)} bytes" in text
    assert f"{_native_dev.warm_classes} x {_native_dev.model_count} numbers" in text
    entries = np.frombuffer(data, "<u2").reshape(_native_dev.warm_classes, _native_dev.model_count)
    for index, table in enumerate(entries):
        assert tables.warm_start(index) == table.tolist() == _native_dev.warm_table(index).tolist()


def test_trained_transform_file() -> None:
    data = (TABLES / "trained_4x4.bin").read_bytes()
    text = section("Inverse transform")
    assert hashlib.sha256(data).hexdigest() in text, "run docs/make_tables.py"
    assert f"{len(data)} bytes" in text
    matrices = np.frombuffer(data, np.int8).reshape(14, 16, 16)
    np.testing.assert_array_equal(matrices, tables.trained())
    np.testing.assert_array_equal(matrices, _native_dev.trained_matrices())


def test_latent_distributions_file() -> None:
    data = (TABLES / "latents.bin").read_bytes()
    assert data == load_make_tables().latents(), "run docs/make_tables.py"
    assert hashlib.sha256(data).hexdigest() in FORMAT, "run docs/make_tables.py"
    assert f"{len(data)} bytes" in FORMAT
    shares = np.frombuffer(data, "<u4").reshape(64, 128).astype(np.int64)
    assert (shares[:, 0] + 2 * shares[:, 1:].sum(axis=1) == 1 << tables.LATENT_PRECISION).all()
    assert (
        tables.latent_cdfs() == _native.latent_frequencies().tolist() == distributions.cumulative_frequencies().tolist()
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_cited_titles_exist(path: Path) -> None:
    for citation in re.findall(r"docs/format\.md,((?:[^.]|\.\w)*)", path.read_text()):
        for title in re.findall(r'"([^"]+)"', citation):
            assert title in TITLES
