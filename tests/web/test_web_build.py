"""The viewer in the Python package is what web/build.mjs makes of the sources, to the byte."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browsers import VIEWER

ROOT = Path(__file__).parents[2]
REMEDY = "build the viewer anew, as docs/howto/web.md says"


def test_the_viewer_is_built_from_its_sources() -> None:
    """`sources.txt` is written by web/build.mjs with what it builds; the machine code of the decoder is not in it."""
    own_sources = [path for path in (ROOT / "web" / "src").rglob("*") if path.is_file()]
    kept = [path for path in own_sources if "generated" not in path.parts and "demo" not in path.parts]
    headers = [ROOT / "native" / "include" / "veneer" / name for name in ("decode.h", "types.h")]
    digest = hashlib.sha256()
    for path in sorted([*kept, *headers], key=lambda path: path.as_posix()):
        digest.update(path.read_bytes())
    recorded = (VIEWER / "sources.txt").read_text().strip()
    assert recorded == digest.hexdigest(), REMEDY


@pytest.mark.slow
def test_the_viewer_is_built_anew(tmp_path: Path) -> None:
    """Where clang for WebAssembly, Node and the packages of web/package-lock.json are there."""
    for program in ("clang++-22", "wasm-opt", "node"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here")
    if not (ROOT / "web" / "node_modules").is_dir():
        pytest.skip("npm ci has not been run in web/")
    module = tmp_path / "wasm" / "veneer.wasm"
    subprocess.run([sys.executable, ROOT / "native" / "wasm" / "build.py", module, "--tables-apart"], check=True)
    made = tmp_path / "viewer"
    subprocess.run(["node", ROOT / "web" / "build.mjs", "--wasm", module, "--viewer", made], check=True)
    files = {path.name: path.read_bytes() for path in VIEWER.iterdir()}
    differing = {path.name for path in made.iterdir() if files.pop(path.name, b"") != path.read_bytes()}
    assert differing | files.keys() == set(), REMEDY
