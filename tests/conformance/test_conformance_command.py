"""`veneer conformance`: other decoders by command, what they may do wrong, and files of random choices."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from oracle.models import load

import veneer
from veneer.cli.main import main
from veneer.conformance.decoders import Command, Native, Reference
from veneer.conformance.generator import generate, random_file
from veneer.conformance.suite import run
from veneer.conformance.vectors import (
    FOLDERS,
    MODELS,
    WEIGHTS,
    Vector,
    find_vectors,
    read_index,
    read_weights_index,
    write_index,
)
from veneer.enhancement.models import by_name

PYTHON = shlex.quote(sys.executable)
NAMES = ("rgb_alpha.vnr", "grey.vnr", "cut_in_tile.vnr", "preview_3.vnr")
VENEER = f"{PYTHON} -m veneer decode --strict {{options}} {{in}} {{out}}"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder of four vectors, one of them with two ways to decode it."""
    source = find_vectors()
    vectors = [vector for vector in read_index(source) if vector.name in NAMES]
    for vector in vectors:
        (tmp_path / vector.name).write_bytes((source / vector.name).read_bytes())
    write_index(tmp_path, vectors)
    return tmp_path


def program(tmp_path: Path, text: str) -> str:
    """A command that runs Python with {in} and {out} as arguments."""
    path = tmp_path / "decoder.py"
    path.write_text(f"import sys, os\nsource, out = sys.argv[1:]\n{text}\n")
    return f"{PYTHON} {shlex.quote(str(path))} {{in}} {{out}}"


@pytest.mark.slow
def test_our_command_is_a_decoder(few: Path) -> None:
    result = run(Command(VENEER, "png"), few, read_index(few))
    assert result.failures == []
    assert (result.pictures, result.refusals, result.skipped) == (4, 1, 0)


def test_raw_output_without_options(few: Path) -> None:
    text = "import veneer\nopen(out, 'wb').write(veneer.decode(open(source, 'rb').read(), strict=True).tobytes())"
    result = run(Command(program(few, text), "raw"), few, read_index(few))
    assert result.failures == []
    assert (result.pictures, result.refusals, result.skipped) == (3, 1, 1)


@pytest.mark.parametrize(("name", "count"), [("grey.vnr", 1), ("deep_rgb_12.vnr", 1), ("deep_rgb_preview.vnr", 2)])
@pytest.mark.parametrize("format_name", ["raw", "png"])
def test_output_of_each_depth(tmp_path: Path, name: str, count: int, format_name: str) -> None:
    """Two bytes a sample above 8 bits, and previews of one; a PNG of 8 bits is no output of the others."""
    path = tmp_path / "decoder.py"
    path.write_text(
        "import sys, veneer\n"
        "from PIL import Image\n"
        "source, out, *options = sys.argv[1:]\n"
        "picture = veneer.decode(source, strict=True, layers=options[1] if options else 'full')\n"
        "picture.tofile(out) if out.endswith('raw') else Image.fromarray(picture.squeeze()).save(out)\n"
    )
    command = f"{PYTHON} {shlex.quote(str(path))} {{in}} {{out}} {{options}}"
    vectors = [vector for vector in read_index(find_vectors()) if vector.name == name]
    result = run(Command(command, format_name), find_vectors(), vectors)
    assert result.failures == []
    skipped = int(format_name == "png" and "deep" in name)  # the picture, not its preview
    assert (result.pictures, result.skipped) == (count - skipped, skipped)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("pass", "wrote nothing"),
        ("os.abort()", "ended by signal 6"),
        ("open(out, 'wb').write(b'?')", "wrote no picture: "),
        ("from PIL import Image; Image.new('P', (2, 2)).save(out)", "wrote samples of mode P"),
        ("from PIL import Image; Image.new('L', (2, 2)).save(out)", ""),
    ],
)
def test_what_is_no_right_picture(few: Path, text: str, outcome: str) -> None:
    (vector,) = (vector for vector in read_index(few) if vector.name == "grey.vnr")
    result = run(Command(program(few, text), "png"), few, [vector])
    assert result.pictures == 0
    assert result.failures[0][1].startswith(outcome)


def test_a_picture_of_an_invalid_file_is_wrong(few: Path) -> None:
    text = "from PIL import Image; Image.new('L', (2, 2)).save(out)"
    invalid = [vector for vector in read_index(few) if not vector.valid]
    assert len(run(Command(program(few, text), "png"), few, invalid).failures) == 1


def test_wrong_numbers_of_bytes(few: Path) -> None:
    valid = [vector for vector in read_index(few) if vector.name == "grey.vnr"]
    result = run(Command(program(few, "open(out, 'wb').write(b'?')"), "raw"), few, valid)
    assert result.failures[0][1] == "wrote 1 bytes instead of 3150"


@pytest.mark.parametrize("command", ["decode {in}", "decode {out}", "decode '{in} {out}"])
def test_commands_that_cannot_be_run(command: str) -> None:
    with pytest.raises(veneer.VeneerError) as caught:
        Command(command, "png")
    assert caught.value.code == veneer.ErrorCode.BAD_SETTING


def test_a_program_that_is_not_there(few: Path) -> None:
    result = run(Command("no-such-decoder {in} {out}", "png"), few, read_index(few)[:1])
    assert result.failures[0][1].startswith("cannot be started")


def test_table_and_exit_code(few: Path) -> None:
    good = CliRunner().invoke(main, ["conformance", "--vectors", str(few), "--backend", "scalar"])
    assert good.exit_code == 0, good.output
    assert "4/4" in good.output
    vectors = read_index(few)
    write_index(few, [Vector(vector.name, vector.options, "0" * 64, vector.about) for vector in vectors])
    bad = CliRunner().invoke(main, ["conformance", "--vectors", str(few), "--backend", "scalar, 1"])
    assert bad.exit_code == 1
    assert "FAILED scalar, 1 thread: grey.vnr" in bad.output


def test_weight_files(few: Path) -> None:
    """They are for our own decoders; one that can be read is a failure."""
    name = "proof_bias.vnw"
    (few / WEIGHTS).mkdir()
    (few / WEIGHTS / name).write_bytes((find_vectors() / WEIGHTS / name).read_bytes())
    write_index(few / WEIGHTS, [Vector(name, "", "508", "a sum that reaches 2^31")])
    vectors = read_weights_index(few)
    assert [vector.name for vector in vectors] == [f"weights/{name}"]
    for decoder in (Native("scalar", 1), Reference()):
        result = run(decoder, few, vectors)
        assert (result.refusals, result.failures) == (1, [])
    assert run(Command("no-such-decoder {in} {out}", "png"), few, vectors).skipped == 1
    good = CliRunner().invoke(main, ["conformance", "--vectors", str(few), "--backend", "scalar, 1"])
    assert good.exit_code == 0
    assert "2/2" in good.output
    entry = by_name("tiny", find_vectors() / MODELS)
    assert entry is not None
    (path,) = entry.path.parent.glob("latent_prior_half-*.vnw")
    (few / WEIGHTS / name).write_bytes(path.read_bytes())
    for decoder in (Native("scalar", 1), Reference()):
        assert run(decoder, few, vectors).failures == [(vectors[0], "was read, though it is to be refused")]


def test_no_index(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["conformance", "--vectors", str(tmp_path)])
    assert result.exit_code == 1
    assert "index.tsv: no such file" in result.output


def test_no_vectors_in_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("veneer.conformance.vectors.FOLDERS", (tmp_path,))
    result = CliRunner().invoke(main, ["conformance"])
    assert result.exit_code == 1
    assert "name their folder" in result.output
    assert len(FOLDERS) == 2


def test_wrong_index(few: Path) -> None:
    (few / "index.tsv").write_text("a b c\n")
    with pytest.raises(veneer.VeneerError, match="line 1"):
        read_index(few)


@pytest.mark.parametrize("options", [["--generate", "1"], ["--backend", "nothing"]])
def test_wrong_usage(options: list[str]) -> None:
    assert CliRunner().invoke(main, ["conformance", *options]).exit_code == 2


@pytest.mark.slow
def test_generated_files(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    options = ["conformance", "--generate", "30", "--seed", "1000", "--vectors", str(folder)]
    assert CliRunner().invoke(main, options).exit_code == 0
    vectors = read_index(folder)
    assert len(vectors) == 30
    assert {vector.options for vector in vectors} == {"", "layers=full"}
    assert run(Native("scalar", 2), folder, vectors).failures == []
    again = tmp_path / "again"
    generate(again, 2, 1001)
    assert (again / "random_1002.vnr").read_bytes() == (folder / "random_1002.vnr").read_bytes()


def test_random_enhancement() -> None:
    entry = by_name("tiny", find_vectors() / MODELS)
    assert entry is not None
    for seed in range(12):
        data = random_file(np.random.default_rng([3, seed]), (entry.id, entry.check, load(entry)))
        keywords = {"strict": True, "models": find_vectors() / MODELS}
        native = veneer.decode(data, **keywords)
        np.testing.assert_array_equal(veneer.decode(data, backend="reference", **keywords), native, str(seed))


def test_decoding_by_reference(tmp_path: Path) -> None:
    source = find_vectors() / "preview_3.vnr"
    for layers in ("full", "preview"):
        for region in ([], ["--region", "9,8,20,30"]):
            outputs = [tmp_path / f"{backend}.png" for backend in ("native", "reference")]
            for out in outputs:
                options = ["decode", "--quiet", "--force", "--layers", layers, "--backend", out.stem, *region]
                result = CliRunner().invoke(main, [*options, str(source), str(out)])
                assert result.exit_code == 0, result.output
            assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_reference_refuses_regions_outside() -> None:
    data = (find_vectors() / "grey.vnr").read_bytes()
    with pytest.raises(veneer.VeneerError) as caught:
        veneer.decode(data, backend="reference", region=(0, 0, 1000, 1))
    assert caught.value.code == veneer.ErrorCode.BAD_REGION
    with pytest.raises(veneer.VeneerError, match="backend must be"):
        veneer.decode(data, backend="other")


def test_reference_makes_a_preview_where_there_is_none() -> None:
    data = (find_vectors() / "rgb.vnr").read_bytes()
    by_reference = veneer.decode(data, backend="reference", layers="preview")
    assert (by_reference == veneer.decode(data, layers="preview")).all()


@pytest.mark.parametrize("name", ["modular_photo_pixel.vnr", "deep_16_example.vnr", "smallest.vnr"])
def test_preview_of_one_pixel(name: str) -> None:
    """It has the size of the picture, but 8 bits."""
    data = (find_vectors() / name).read_bytes()
    by_reference = veneer.decode(data, backend="reference", layers="preview")
    expected = veneer.decode(data, layers="preview")
    assert by_reference.dtype == expected.dtype == np.uint8
    np.testing.assert_array_equal(by_reference, expected)


@pytest.mark.parametrize("name", ["index.tsv", "grey.vnr"])
def test_pipes_among_vectors(few: Path, name: str) -> None:
    (few / name).unlink()
    os.mkfifo(few / name)
    result = CliRunner().invoke(main, ["conformance", "--vectors", str(few), "--backend", "scalar"])
    assert result.exit_code == 1
    assert f"{few / name}: it is a pipe" in result.output


def test_index_that_is_no_text(few: Path) -> None:
    (few / "index.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(veneer.VeneerError, match="is no index"):
        read_index(few)
