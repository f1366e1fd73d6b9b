"""The one list of C++ sources, native/sources.txt, and what is built from it."""

import re
from pathlib import Path
from types import ModuleType

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
        expected = {"bindings": "binding", "fuzz": "fuzz"}.get(
            folder, "encode" if name.startswith("enc_") else "decode"
        )
        assert source.part == expected, source.path
        target = re.search(r"_(avx2|avx512|neon)\.cpp$", name)
        assert source.simd == (target[1] if target else ""), source.path


def test_flags_are_those_of_the_machine(source_list: ModuleType) -> None:
    for name in ("x86_64", "AMD64"):
        flags = {source.simd: source.flags for source in source_list.read_sources(machine=name)}
        assert "-mavx2" in flags["avx2"]
        assert {"-mavx512bw", "-mavx512vl", "-mavx512vnni"} <= set(flags["avx512"])
        assert flags["neon"] == flags[""] == ()
    assert not any(source.flags for source in source_list.read_sources(machine="arm64"))


@pytest.mark.parametrize(
    "path", sorted(NATIVE.rglob("*.cpp")) + sorted(NATIVE.rglob("*.h")), ids=lambda path: path.name
)
def test_decoder_includes_no_encoder(path: Path) -> None:
    if path.name.startswith("enc_") or path.parent.name in ("bindings", "fuzz"):
        return
    assert not re.search(r'#include "([^"]*/)?enc_', path.read_text()), "the decoder is built without the encoder"
