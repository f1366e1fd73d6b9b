"""The fuzz targets of native/fuzz: the campaign knows all of them, and has seeds for them."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from source_list_of_core import NATIVE

FUZZ = NATIVE / "fuzz"

pytestmark = pytest.mark.skipif(not NATIVE.is_dir(), reason="an installed package has no sources")


@pytest.fixture(scope="module")
def campaigns() -> ModuleType:
    """native/fuzz/run.py, which is no part of a package and imports its neighbours."""
    before = list(sys.path)
    sys.path.insert(0, str(FUZZ))
    try:
        specification = importlib.util.spec_from_file_location("fuzz_campaigns", FUZZ / "run.py")
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        sys.modules["fuzz_campaigns"] = module  # where dataclasses look for it
        specification.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module


def test_every_target_can_be_run(campaigns: ModuleType) -> None:
    programs = [path for path in FUZZ.glob("fuzz_*.*") if path.suffix in (".cpp", ".py")]
    written = {path.stem.removeprefix("fuzz_") for path in programs}
    assert set(campaigns.TARGETS) == written
    assert set(campaigns.LONGEST_INPUT) == written
    table = (FUZZ / "README.md").read_text()
    assert [name for name in campaigns.TARGETS if f"| `{name}` |" not in table] == []


def test_sources_are_sanitized(campaigns: ModuleType) -> None:
    """All of them for memory, and all but kernels of pixels for undefined behaviour and coverage."""
    for source in campaigns.read_sources("decode", "encode", "fuzz"):
        flags = campaigns.flags_of(source)
        if source.simd == "avx512" and not campaigns.runs_avx512():
            assert flags == []  # an empty table
        elif source.simd or source.path.startswith(campaigns.KERNELS):
            assert "-fsanitize=address" in flags
        else:
            assert "-fsanitize=fuzzer-no-link,address,undefined" in flags


def test_seeds_of_the_decoder(campaigns: ModuleType, tmp_path: Path) -> None:
    """16 bytes of settings and a file: small pictures, in pieces and not, in all layers."""
    seeds = [path.read_bytes() for path in campaigns.write_seeds("decode", tmp_path).iterdir()]
    assert len(seeds) > 400
    assert max(map(len, seeds)) <= campaigns.LONGEST_INPUT["decode"]
    flags = {seed[0] for seed in seeds}
    assert {flag & 3 for flag in flags} == {0, 1, 2}
    assert {flag >> 4 & 1 for flag in flags} == {0, 1}
    small = (FUZZ.parents[1] / "tests" / "vectors" / "1" / "smallest.vnr").read_bytes()
    assert small in {seed[16:] for seed in seeds}


def test_seeds_of_lossless_tiles(campaigns: ModuleType, tmp_path: Path) -> None:
    """Payloads behind the five bytes of their shape, in more forms than one."""
    seeds = [path.read_bytes() for path in campaigns.write_seeds("modular", tmp_path).iterdir()]
    assert max(map(len, seeds)) <= campaigns.LONGEST_INPUT["modular"]
    assert {"stored", "photo", "graphics"} <= {
        ("stored", "photo", "fast", "graphics")[seed[5] & 3] for seed in seeds if seed[4] == 0 and len(seed) > 5
    }
