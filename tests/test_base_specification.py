"""docs/format.md, "Base layer", against the code: its tables against the sources, and a decoder written from it.

`base_reference` reads all numbers out of the document, so that it decodes what the native decoder decodes only if text,
tables and code agree.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import re
from pathlib import Path
from types import ModuleType

import base_reference as reference
import numpy as np
import numpy.typing as npt
import pytest
from samples import make_picture

from veneer import _native

ROOT = Path(__file__).parents[1]
BASE = ROOT / "native" / "base"
TITLES = set(re.findall(r"^#+ (.+)$", reference.FORMAT, re.MULTILINE))
SOURCES = sorted([*(ROOT / "native").rglob("*.h"), *(ROOT / "native").rglob("*.cpp")])


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
    return reference.numbers(body[1])


def constants(*files: str) -> dict[str, int]:
    """The integer constants of C++ sources."""
    text = "".join((BASE / file).read_text() for file in files)
    return {name: int(value) for name, value in re.findall(r"constexpr int (k\w+) = (\d+);", text)}


# Tables


def test_printed_arrays() -> None:
    assert array("block_shape.cpp", "kFirst") == reference.DIAGONAL_FIRST
    assert array("neighbourhood.h", "kEnergyFirst") == reference.ENERGY_FIRST
    assert array("neighbourhood.cpp", "kBlockEnergyFirst") == reference.BLOCK_ENERGY_FIRST
    next_state = array("coefficients.h", "kNextState")
    assert [next_state[::2], next_state[1::2]] == reference.NEXT_STATE
    assert array("quantization.h", "kStepMantissa") == reference.MANTISSA
    assert array("dct_tables.h", "kCosine") == reference.COSINES
    assert reference.WARM_FIRST == array("warm_models.h", "kWarmFirst") == _native.warm_first
    slopes = array("prediction_tables.h", "kSlopes")
    directions = {mode: slope for mode, slope in enumerate(slopes, 3) if slope != 0}
    assert directions == reference.SLOPES
    assert {s: round(256 * 32 / -s) for s in slopes if s < 0} == reference.INVERSE


def test_printed_arrays_are_what_their_formulas_say() -> None:
    assert [round(2048 * math.sqrt(2) * math.cos(math.pi * j / 128)) for j in range(65)] == reference.COSINES
    assert [round(2**14 * 2 ** (i / 16)) for i in range(16)] == reference.MANTISSA
    assert sorted(reference.SHARP) == list(range(32))
    assert all(sum(taps) == 64 for taps in reference.SHARP.values())
    assert all(sorted(states) == list(range(8)) for states in reference.NEXT_STATE)


def test_shapes() -> None:
    shapes = {(w, h) for w in (4, 8, 16, 32, 64) for h in (4, 8, 16, 32, 64) if max(w, h) <= 2 * min(w, h)}
    shapes -= {(64, 32), (32, 64)}
    assert set(reference.SHAPES) == shapes
    for (w, h), (count, size_class, shape_class) in reference.SHAPES.items():
        log2_area = (w * h).bit_length() - 1
        assert count == min(w, 32) * min(h, 32)
        assert size_class == (log2_area > 5) + (log2_area > 8)
        assert shape_class == min(log2_area - 4, constants("block_shape.h")["kShapeClasses"] - 1)


def test_printed_scans() -> None:
    text = reference.section("Block shapes and scans")
    for w, h in ((4, 4), (8, 4)):
        printed = re.search(rf"scan of {w} x {h}\s+begins ([(\d, )\s]+)[;.]", text) or re.search(
            rf"that of {w} x {h}\s+begins ([(\d, )\s]+)[;.]", text
        )
        assert printed is not None
        pairs = [(int(u), int(v)) for u, v in re.findall(r"\((\d+),\s+(\d+)\)", printed[1])]
        assert pairs == reference.scan(w, h)[: len(pairs)]
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
    assert declared == reference.MODELS
    assert list(declared) == list(reference.MODELS)
    assert first == _native.model_count
    assert f"Together {first} models" in reference.section("Contexts")


def test_warm_start_file() -> None:
    data = reference.WARM_FILE.read_bytes()
    assert data == load_make_tables().warm_start(), "run docs/make_tables.py"
    text = reference.section("Warm-start tables")
    assert hashlib.sha256(data).hexdigest() in text, "run docs/make_tables.py"
    assert f"{len(data)} bytes" in text
    assert f"{_native.warm_classes} x {_native.model_count} numbers" in text
    tables = np.frombuffer(data, "<u2").reshape(_native.warm_classes, _native.model_count)
    for index, table in enumerate(tables):
        np.testing.assert_array_equal(table, _native.warm_table(index))


def test_latent_distributions_file() -> None:
    data = reference.WARM_FILE.with_name("latents.bin").read_bytes()
    assert data == load_make_tables().latents(), "run docs/make_tables.py"
    text = (ROOT / "docs" / "format.md").read_text()
    assert hashlib.sha256(data).hexdigest() in text, "run docs/make_tables.py"
    assert f"{len(data)} bytes" in text
    shares = np.frombuffer(data, "<u4").reshape(64, 128).astype(np.int64)
    assert (shares[:, 0] + 2 * shares[:, 1:].sum(axis=1) == 1 << 24).all()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_cited_titles_exist(path: Path) -> None:
    for citation in re.findall(r"docs/format\.md,((?:[^.]|\.\w)*)", path.read_text()):
        for title in re.findall(r'"([^"]+)"', citation):
            assert title in TITLES


# Decoding


def decode_native(
    payload: bytes, w: int, h: int, colour: bool, parameters: reference.Parameters
) -> tuple[npt.NDArray[np.uint8], bool]:
    pixels, status = _native.decode_base(
        [payload],
        [],
        width=w,
        height=h,
        channels=3 if colour else 1,
        tile_log2=16,
        params=parameters.to_bytes(),
        region=(0, 0, w, h),
        threads=1,
    )
    return pixels, status == [0]


def check(payload: bytes, w: int, h: int, colour: bool, parameters: reference.Parameters) -> reference.Tile:
    tile = reference.Tile(payload, w, h, colour, parameters)
    pixels, valid = decode_native(payload, w, h, colour, parameters)
    assert valid == tile.valid
    if valid:
        np.testing.assert_array_equal(pixels, tile.pixels(w, h))
    return tile


def any_parameters(rng: np.random.Generator) -> reference.Parameters:
    return reference.Parameters(
        step_index=int(rng.integers(224)),
        co_step_offset=int(rng.integers(-128, 128)),
        cg_step_offset=int(rng.integers(-128, 128)),
        matrix=int(rng.integers(16)),
        step_group_log2=int(rng.choice([0, 4, 5, 6])),
        tools=int(rng.integers(2)),
    )


def any_size(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(1, 150)), int(rng.integers(1, 150))


def test_invented_payloads() -> None:
    seen: set[str] = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        w, h = any_size(rng)
        colour, parameters = seed % 4 > 0, any_parameters(rng)
        inventor = reference.Inventor(rng)
        invented = reference.Tile(inventor, w, h, colour, parameters)
        tile = check(inventor.payload(), w, h, colour, parameters)
        assert all(np.array_equal(a, b) for a, b in zip(tile.planes, invented.planes, strict=True)), seed
        seen |= tile.seen
    assert seen == {
        *(f"mode {mode}" for mode in range(24)),
        *(f"tree {tree}, {w} x {h}" for tree in range(2) for w, h in reference.SHAPES),
        *("alternative 0", "alternative 1"),
    }


@pytest.mark.parametrize("seed", range(10))
def test_random_bytes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    w, h = any_size(rng)
    check(rng.bytes(int(rng.integers(3000))), w, h, seed % 4 > 0, any_parameters(rng))


def test_empty_payload() -> None:
    assert check(b"", 70, 70, True, reference.Parameters(120)).valid


def test_payload_of_no_encoder() -> None:
    assert not check(b"\xff" * 100, 70, 70, True, reference.Parameters(120)).valid


class Loudest(reference.Inventor):
    """One block of 64 x 64 with all coefficients at their largest: sums of the transform leave 32 bits."""

    def __init__(self) -> None:
        super().__init__(np.random.default_rng(0))
        self.script = [0, 0, 0, 0, 0, 0, 0]  # a leaf, of mode DC, not empty

    def invent(self) -> int:
        return self.script.pop() if self.script else 1

    def raw(self, count: int) -> int:
        self.encoder.raw(0, count)  # all positive
        return 0


def test_sums_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    inventor, parameters = Loudest(), reference.Parameters(223)
    reference.Tile(inventor, 64, 64, False, parameters)
    wrapped = []

    def wrap(a: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        result = (a + 2**31) % 2**32 - 2**31
        wrapped.append(bool((a != result).any()))
        return result

    monkeypatch.setattr(reference, "wrap", wrap)
    check(inventor.payload(), 64, 64, False, parameters)
    assert any(wrapped)


@pytest.mark.parametrize(
    ("channels", "step_index", "effort", "options"),
    [
        (1, 60, 1, {}),
        (1, 130, 5, {"step_group_log2": 5, "matrix": 3}),
        (3, 110, 1, {"co_offset": -7, "cg_offset": 5, "step_group_log2": 4}),
        (3, 150, 8, {"step_group_log2": 6}),
        (3, 100, 9, {"matrix": 15}),
    ],
)
def test_encoded_pictures(channels: int, step_index: int, effort: int, options: dict[str, int]) -> None:
    picture = make_picture(75, 130, channels)
    params, payloads, _ = _native.encode_base(
        picture, step_index=step_index, tune=1, effort=effort, tile_log2=16, threads=1, options=options
    )
    signed = [value - 256 if value > 127 else value for value in params]
    parameters = reference.Parameters(params[0], signed[1], signed[2], *params[3:6])
    assert parameters.to_bytes() == params
    tile = check(payloads[0], 130, 75, channels == 3, parameters)
    assert np.abs(tile.pixels(130, 75).astype(int) - picture).mean() < 8
