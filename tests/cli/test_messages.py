"""Names in what is printed: one line, nothing that a terminal obeys, JSON that gives names to the byte."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_tools import Command, write_photo
from click.testing import CliRunner

from veneer.cli.main import main
from veneer.cli.messages import json_text, printable

HOSTILE = "a\x1b[31mred\nb\x7f\x9b\u202egnp"
SHOWN = r"a\x1b[31mred\nb\x7f\u009b\u202egnp"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name.png", "plain name.png"),
        ("日本 é\u00a0\u202f👩\u200d🚀", "日本 é\u00a0\u202f👩\u200d🚀"),
        (HOSTILE, SHOWN),
        ("a\r\tb", r"a\r\tb"),
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
        ("a\u2028b\u2029c\u0085", r"a\u2028b\u2029c\u0085"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_printable_in_other_encodings() -> None:
    assert printable("é日👩", "latin-1") == r"é\u65e5\U0001f469"
    assert printable("é", "ascii") == r"\u00e9"
    assert printable("é", "no such encoding") == r"\u00e9"


def test_json_is_valid_and_tells_names_apart() -> None:
    values = {"file": os.fsdecode(b"caf\xe9\x7f"), "nested": [{"b": os.fsdecode(b"\xff")}], "plain": "é\n", "n": 1}
    text = json_text(values)
    assert text.isascii()
    assert text.isprintable()
    assert "\\ud" not in text
    read = json.loads(text)
    assert read["file"] == "caf\ufffd\x7f"
    assert base64.b64decode(read["file_base64"]) == b"caf\xe9\x7f"
    assert base64.b64decode(read["nested"][0]["b_base64"]) == b"\xff"
    assert (read["plain"], read["n"]) == ("é\n", 1)
    assert "plain_base64" not in read


@pytest.mark.parametrize("name", [HOSTILE, os.fsdecode(b"caf\xe9")])
def test_hostile_names_in_all_output(folder: Path, name: str) -> None:
    """Each of these prints the name of a file; none of it reaches the terminal as it is."""
    write_photo(folder / "x.png").rename(folder / f"{name}.png")
    write_photo(folder / "x.jpg").rename(folder / f"{name}.jpg")
    for arguments in (
        ["encode", f"{name}.png"],
        ["encode", f"{name}.png"],  # which exists now
        ["encode", f"{name} gone.png"],
        ["decode", f"{name}.vnr", f"{name}.tif"],
        ["decode", f"{name}.vnr", "--region", "900,0,1,1"],
        ["restore", f"{name}.jpg", f"{name} restored.png"],
        ["info", f"{name}.vnr"],
        ["info", f"{name}.png"],
        ["dump", f"{name}.vnr"],
        ["dump", f"{name}.png"],
        ["compare", f"{name}.png", f"{name}.vnr", "-o", f"{name} map.html"],
        ["compare", f"{name}.png", f"{name} gone"],
        ["score", f"{name} gone"],
        ["encode", f"{name}.png", f"{name}.x"],
        ["encode", f"{name}.png", "--models", name],
        ["doctor", name],
        [f"--{name}"],
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        text = result.output
        assert not {char for char in text if not char.isprintable()} - {"\n"}, arguments
        by_click = name.encode(errors="replace").decode().replace("?", "\ufffd"), repr(name)[1:-1]
        assert any(form in text for form in (printable(name), *by_click)) or arguments[0] == "compare", arguments
        if arguments[0] != "dump" and result.exit_code == 1:
            assert text.count("\n") == 1, text


def test_json_of_hostile_names(run: Command, folder: Path) -> None:
    for name in (HOSTILE, os.fsdecode(b"caf\xe9")):
        write_photo(folder / "x.png").rename(folder / f"{name}.png")
        lines = run("encode", f"{name}.png", f"{name} gone.png", "--json", code=1).stdout.splitlines()
        done = next(json.loads(line) for line in lines if "error" not in line)
        exact = {key: base64.b64decode(value) for key, value in done.items() if key.endswith("_base64")}
        for key, expected in (("file", f"{name}.png"), ("result", f"{name}.vnr")):
            assert exact.get(f"{key}_base64", os.fsencode(done[key])) == os.fsencode(expected)
        assert json.loads(run("info", "--json", f"{name}.vnr").stdout)["width"] == 40


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal_of_another_encoding(folder: Path, encoding: str) -> None:
    write_photo(folder / "x.png").rename(folder / "日本.png")
    command = [sys.executable, "-m", "veneer", "encode", "-e", "1", "日本.png", "missing 日.png"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 1
    assert rb"\u65e5\u672c.png -> \u65e5\u672c.vnr" in done.stdout
    assert rb"missing \u65e5.png: no such file" in done.stderr
    assert b"Traceback" not in done.stderr
