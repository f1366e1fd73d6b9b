"""What the decoder may use where it is compiled to WebAssembly, whose runtime (native/wasm) has these parts alone."""

import re
from pathlib import Path

import pytest
from source_list_of_core import NATIVE

FOLDERS = ("api", "base", "common", "container", "enhance", "entropy", "network", "picture")
CONVERSION = re.compile(r"%(?:0?\d*(?:ll|l|z)?[dux]|s|c|%)")  # of wasm/format.cpp

pytestmark = pytest.mark.skipif(not NATIVE.is_dir(), reason="an installed package has no sources")


def decoder_files() -> list[Path]:
    files = [path for folder in FOLDERS for path in (NATIVE / folder).rglob("*") if path.suffix in (".cpp", ".h")]
    return [path for path in files if not path.name.startswith("enc_")]


def without_comments(path: Path) -> str:
    return re.sub(r"//.*", "", path.read_text())


def test_texts_have_conversions_of_the_runtime() -> None:
    found = 0
    for path in decoder_files():
        text = re.sub(r'"\s*PRI([dux])64\s*"', r"ll\1", without_comments(path))
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text):
            rest = CONVERSION.sub("", literal)
            assert "%" not in rest, f"{path}: {literal}"
            found += rest != literal
    assert found > 100


def test_handlers_take_types_that_nothing_derives_from() -> None:
    """The runtime compares types and no bases of them. `std::system_error` is of threads, which WebAssembly has not."""
    handler = re.compile(r"catch \(const ([\w:]+)&")
    taken = {name for path in decoder_files() for name in handler.findall(without_comments(path))}
    assert taken == {"Failure", "std::system_error"}
    assert "class Failure final :" in (NATIVE / "common" / "failure.h").read_text()
