"""Interfaces for scripts and shells: JSON, completion, colours, exit codes."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_tools import Command, process, write_photo
from click.testing import CliRunner
from samples import four_tiles

import veneer
from veneer.cli import main as command


def test_encode_and_decode_as_json(run: Command, folder: Path) -> None:
    write_photo(folder / "a.png")
    result = run("encode", "a.png", "missing.png", "-e", "1", "--json", code=1)
    done, failed = sorted(map(json.loads, result.stdout.splitlines()), key=lambda line: "error" in line)
    assert failed == {"file": "missing.png", "error": "no such file or folder", "remedy": "check the name"}
    assert len(result.stderr.splitlines()) == 1
    size = (folder / "a.vnr").stat().st_size
    assert done == {
        "file": "a.png",
        "result": "a.vnr",
        "source_bytes": (folder / "a.png").stat().st_size,
        "result_bytes": size,
        "rate_bpp": pytest.approx(8 * size / 1200, abs=1e-4),
    }
    decoded = json.loads(run("decode", "a.vnr", "b.ppm", "--json").stdout)
    assert (decoded["width"], decoded["height"], decoded["source_bytes"]) == (40, 30, size)


def test_json_makes_way_for_a_picture(run: Command, folder: Path) -> None:
    write_photo(folder / "a.png")
    result = run("encode", "a.png", "-", "--json")
    assert veneer.read_info(result.stdout_bytes).width == 40
    assert json.loads(result.stderr)["result"] == "-"


def test_dump_as_json(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    (values,) = map(json.loads, run("dump", "--json", "a.vnr").stdout.splitlines())
    assert values["file"] == "a.vnr"
    assert {"offset": 17, "size": 4, "name": "Width", "text": "120", "depth": 1} in values["fields"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Command, shell: str) -> None:
    assert "_VENEER_COMPLETE" in run("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [("veneer en", "plain,encode"), ("veneer encode --tu", "plain,--tune"), ("veneer info ", "file,")],
)
def test_completion(words: str, expected: str) -> None:
    environment = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_VENEER_COMPLETE": "bash_complete"}
    script = "from veneer.cli.main import run; run()"
    answer = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | environment, capture_output=True, check=False
    )
    assert expected in answer.stdout.decode().splitlines()


def test_every_subcommand_explains_itself(run: Command) -> None:
    listed = run("--help").output
    context = click.Context(command.main)
    for name in command.main.list_commands(context):
        subcommand = command.main.get_command(context, name)
        assert subcommand is not None
        line = next(line for line in listed.splitlines() if line.startswith(f"  {name} "))
        assert not line.endswith("..."), "a summary that is cut"
        assert subcommand.get_short_help_str(limit=80) in line
        if name != "train":  # whose help is training's own
            assert all(parameter.help for parameter in subcommand.params if parameter.param_type_name == "option")


def test_interrupt_of_any_subcommand(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (folder / "a.vnr").write_bytes(four_tiles())
    monkeypatch.setattr(veneer, "read_info", interrupted)
    result = CliRunner().invoke(command.main, ["info", "a.vnr"])
    assert result.exit_code == 130
    assert result.stderr == "veneer: interrupted\n"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, no_color: str) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    main, side = pty.openpty()
    running = process("encode", "missing.png", stderr=side)
    running.communicate(timeout=600)
    os.close(side)
    said = os.read(main, 1000)
    os.close(main)
    assert (b"\x1b[31m" in said) == (not no_color)
    assert b"missing.png: no such file" in said
    piped = process("encode", "missing.png")
    assert b"\x1b" not in piped.communicate(timeout=600)[1]


@pytest.mark.parametrize("arguments", [["--version"], ["-h"]])
def test_help_and_version_load_no_codec(arguments: list[str]) -> None:
    script = f"""
import sys
from veneer.cli.main import main
try:
    main({arguments!r})
finally:
    print(*{{"numpy", "PIL", "tqdm", "veneer.encoder", "veneer.cli.encode"}} & set(sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr == "\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("encode", "-q", "nan", "a.png"),
        ("encode", "--bpp", "nan", "a.png"),
        ("encode", "--realism", "nan", "a.png"),
        ("encode", "--target-ssimulacra2", "nan", "a.png"),
        ("decode", "--realism", "nan", "a.vnr"),
        ("restore", "--realism", "NaN", "a.jpg"),
        ("batch", "--decode", "--realism", "nan", "in", "out"),
    ],
)
def test_nan_is_wrong_usage(run: Command, arguments: tuple[str, ...]) -> None:
    """No comparison finds it outside of a range."""
    assert "is no number" in run(*arguments, code=2).stderr
