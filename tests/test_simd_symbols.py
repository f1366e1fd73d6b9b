"""Sources of a SIMD target define no function that another source may define, too.

Of inline functions of external linkage, instances of templates of the standard library among them, the linker keeps one
for all. If that one comes from a source that is compiled for AVX-512, every processor without it fails.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from source_list_of_core import NATIVE, load_source_list

COMPILER = os.environ.get("CXX", "g++").split()
TOOLS_ARE_HERE = shutil.which("nm") and shutil.which(COMPILER[-1])
pytestmark = pytest.mark.skipif(
    (platform.machine(), sys.platform) != ("x86_64", "linux") or not TOOLS_ARE_HERE,
    reason="needs a compiler, nm and a processor whose SIMD targets are optional",
)


def simd_sources() -> list[Any]:
    sources = load_source_list().read_sources() if NATIVE.is_dir() else []
    return [pytest.param(source, id=source.path) for source in sources if source.simd and source.flags]


def weak_functions(source: Path, flags: list[str], result: Path) -> list[str]:
    """Names of those that an object defines; not optimised, so that none is left out by being inlined."""
    compile_it = [*COMPILER, "-std=c++17", "-O0", f"-I{NATIVE}", *flags, "-c", str(source), "-o", str(result)]
    subprocess.run(compile_it, check=True)
    symbols = subprocess.run(["nm", "--demangle", str(result)], check=True, capture_output=True, text=True).stdout
    return [line.split(" W ")[1] for line in symbols.splitlines() if " W " in line and not line.startswith(" ")]


@pytest.mark.slow
@pytest.mark.parametrize("source", simd_sources())
def test_no_weak_functions(source: Any, tmp_path: Path) -> None:
    assert weak_functions(NATIVE / source.path, list(source.flags), tmp_path / "object.o") == []


def test_weak_functions_are_found(tmp_path: Path) -> None:
    source = tmp_path / "vector.cpp"
    source.write_text("#include <vector>\nvoid f(std::vector<int>* v) { v->push_back(1); }\n")
    assert any("push_back" in name for name in weak_functions(source, [], tmp_path / "object.o"))
