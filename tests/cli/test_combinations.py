"""Options that would have no effect beside others are refused before any work."""

import dataclasses
from pathlib import Path

import click
import pytest
from cli_tools import Command, write_photo

import veneer
from veneer.cli import combinations
from veneer.cli.main import main


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("command", "refused"),
    [
        ("encode a.png -q 50 --target-size 9k", "--quality"),
        ("encode a.png -q 50 --bpp 1", "--quality"),
        ("encode a.png -q 75 --step-index 90", "--quality"),  # as typed, though it is the default
        ("encode a.png -q 50 --target-ssimulacra2 80", "--quality"),
        ("encode a.png --bpp 1 --target-ssimulacra2 80", "exclude each other"),
        ("encode a.png --target-size 9k --step-index 3", "exclude each other"),
        ("encode a.png --layers base --realism 0.5", "--realism"),
        ("encode a.png --layers base --model standard", "--model"),
        ("encode a.png --layers base --models .", "--models"),
        ("decode a.vnr --layers base --realism 0.5", "--realism"),
        ("decode a.vnr --layers preview --realism 0.5", "--realism"),
        ("decode a.vnr --layers base --models .", "--models"),
        ("decode a.vnr --layers preview --models .", "--models"),
        ("decode a.vnr --backend reference -t 2", "--threads"),
        ("batch . out --format png", "--format"),
        ("batch . out --decode -q 50", "--quality"),
        ("batch . out --decode -e 1", "--effort"),
        ("batch . out --decode --strip", "--strip"),
        ("batch . out --decode --layers base --realism 1", "--realism"),
        ("batch . out --layers base --realism 1", "--realism"),
        ("batch . out -q 50 --bpp 1", "--quality"),
        ("batch . out --scheduler tcp://a:1 -j 2", "--jobs"),
        ("batch . out --scheduler tcp://a:1 --engine local", "--scheduler"),
        ("compare a.png a.png -f", "--force"),
        ("conformance --seed 1", "--seed"),
        ("conformance --output ppm", "--output"),
        ("conformance --decoder x --backend y", "--backend"),
        ("conformance --generate 1 --vectors v --decoder x", "--decoder"),
        ("bench a.png --out r --report-only -j 1", "--jobs"),
        ("bench a.png --out r --report-only --no-memory", "--memory"),
        ("bench a.png --out r --rates= --crop 9x9", "--crop"),
    ],
)
def test_refused(run: Command, folder: Path, command: str, refused: str) -> None:
    write_photo(folder / "a.png")
    said = run(*command.split(), code=2).stderr
    assert refused in said
    assert "has no effect" in said or "exclude each other" in said
    assert sorted(path.name for path in folder.iterdir()) == ["a.png"]


def test_all_options_of_encoding_are_told_from_those_of_decoding() -> None:
    """A new setting of the encoder is refused by `veneer batch --decode`, or is known to mean something there."""
    batch = main.get_command(click.Context(main), "batch")
    assert batch is not None
    options = {parameter.name for parameter in batch.params}
    settings = {field.name for field in dataclasses.fields(veneer.Settings)}
    assert settings & options <= {*combinations.ENCODING, "realism", "layers", "models", "threads"}
    assert set(combinations.ENCODING) <= options


def test_defaults_are_not_refused(run: Command, folder: Path) -> None:
    write_photo(folder / "a.png")
    run("encode", "a.png", "--step-index", "90")
    run("encode", "a.png", "b.vnr", "--layers", "base")
    run("decode", "a.vnr", "c.png", "--layers", "base")
