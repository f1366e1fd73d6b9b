"""Sources of the decoder take memory through native/common/memory.h alone: from the allocator of their caller."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from source_list_of_core import NATIVE, load_source_list
from test_simd_symbols import COMPILER, TOOLS_ARE_HERE

pytestmark = pytest.mark.skipif(not TOOLS_ARE_HERE, reason="needs a compiler and nm")

# What is held to it.
FOLDERS = ("network",)
TAKERS = ("operator new(", "operator new[](", "malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign")


def sources() -> list[Any]:
    found = load_source_list().read_sources("decode") if NATIVE.is_dir() else []
    return [
        pytest.param(each.path, id=each.path) for each in found if each.path.split("/")[0] in FOLDERS and not each.simd
    ]


def takers_of(source: Path, folder: Path, tables: Path) -> list[str]:
    """What an object calls to take memory of the system."""
    result = folder / "object.o"
    flags = ["-std=c++17", "-O0", f"-I{NATIVE}", f"-I{tables}"]
    subprocess.run([*COMPILER, *flags, "-c", str(source), "-o", str(result)], check=True)
    symbols = subprocess.run(["nm", "--demangle", "-u", str(result)], check=True, capture_output=True, text=True).stdout
    called = [line.split(maxsplit=1)[1] for line in symbols.splitlines()]
    return [name for name in called if name.startswith(TAKERS)]


@pytest.mark.slow
@pytest.mark.parametrize("path", sources())
def test_no_memory_of_the_system(path: str, tmp_path: Path, tables: Path) -> None:
    assert takers_of(NATIVE / path, tmp_path, tables) == []


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    subprocess.run([sys.executable, str(NATIVE / "embed_tables.py"), str(folder)], check=True)
    return folder


def test_memory_of_the_system_is_found(tmp_path: Path) -> None:
    source = tmp_path / "taker.cpp"
    source.write_text("#include <vector>\nvoid f(std::vector<int>* v) { v->push_back(1); }\n")
    assert takers_of(source, tmp_path, tmp_path) == ["operator new(unsigned long)"]
