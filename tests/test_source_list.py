"""The one list of C++ sources, native/sources.txt, and what is built from it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from source_list_of_core import NATIVE, load_source_list

pytestmark = pytest.mark.skipif(not NATIVE.is_dir(), reason="an installed package has no sources")


@pytest.fixture(scope="module")
def source_list() -> ModuleType:
    return load_source_list()


def test_every_source_is_listed_once(source_list: ModuleType) -> None:
    listed = [source.path for source in source_list.read_sources()]
    assert sorted(listed) == sorted(path.relative_to(NATIVE).as_posix() for path in NATIVE.rglob("*.cpp"))


def test_parts_and_targets_are_what_names_say(source_list: ModuleType) -> None:
    for source in source_list.read_sources():
        folder, name = source.path.rsplit("/", 1)
        expected = {"bindings": "binding", "bindings/dev": "dev", "fuzz": "fuzz", "test": "test", "wasm": "wasm"}.get(
            folder, "encode" if name.startswith("enc_") else "decode"
        )
        assert source.part == expected, source.path
        target = re.search(r"_(avx2|avx512|neon|simd128)\.cpp$", name)
        assert source.simd == (target[1] if target else ""), source.path


def test_flags_are_those_of_the_machine(source_list: ModuleType) -> None:
    for name in ("x86_64", "AMD64"):
        flags = {source.simd: source.flags for source in source_list.read_sources(machine=name)}
        assert "-mavx2" in flags["avx2"]
        assert {"-mavx512bw", "-mavx512vl", "-mavx512vnni"} <= set(flags["avx512"])
        assert flags["neon"] == flags[""] == ()
    assert not any(source.flags for source in source_list.read_sources(machine="arm64"))


def embed_into(folder: Path) -> None:
    subprocess.run([sys.executable, str(NATIVE / "embed_tables.py"), str(folder)], check=True)


def test_tables_are_embedded_as_they_are(tmp_path: Path) -> None:
    embed_into(tmp_path)
    tables = NATIVE.parent / "docs" / "tables"
    for name, kind in (("warm_start", "<u2"), ("trained_4x4", "i1")):
        numbers = np.array((tmp_path / f"{name}.inc").read_text().rstrip(",\n").split(","), np.int64)
        np.testing.assert_array_equal(numbers, np.fromfile(tables / f"{name}.bin", kind))


def test_embedding_leaves_alone_what_is_there(tmp_path: Path) -> None:
    embed_into(tmp_path)
    path = tmp_path / "warm_start.inc"
    os.utime(path, (0, 0))
    (tmp_path / "trained_4x4.inc").write_text("older")
    embed_into(tmp_path)
    assert path.stat().st_mtime == 0
    assert (tmp_path / "trained_4x4.inc").read_text() != "older"


@pytest.mark.parametrize(
    "path", sorted(NATIVE.rglob("*.cpp")) + sorted(NATIVE.rglob("*.h")), ids=lambda path: path.name
)
def test_decoder_includes_no_encoder(path: Path) -> None:
    if path.name.startswith("enc_") or path.parent.name in ("bindings", "dev", "fuzz", "test"):
        return
    assert not re.search(r'#include "([^"]*/)?enc_', path.read_text()), "the decoder is built without the encoder"
