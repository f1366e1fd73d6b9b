"""`veneer info` and `veneer dump` of many files, and `veneer info --check`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import Command, write_photo
from samples import four_tiles

OneLine = Callable[..., str]


@pytest.fixture
def archive(folder: Path) -> Path:
    """A folder with two whole files, a damaged, a cut and a foreign one, and a picture."""
    whole = four_tiles()
    changed = bytearray(whole)
    changed[-30] ^= 1
    contents = {"a": whole, "sub/b": whole, "sub/damaged": bytes(changed), "cut": whole[:-20], "foreign": b"words"}
    for name, data in contents.items():
        path = folder / "archive" / f"{name}.vnr"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    write_photo(folder / "archive" / "photo.png")
    return folder / "archive"


WHOLE = {"archive/a.vnr", "archive/sub/b.vnr"}
BAD = {"archive/sub/damaged.vnr", "archive/cut.vnr", "archive/foreign.vnr"}


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize("names", [["archive"], ["archive/**/*.vnr"]])
def test_check(run: Command, names: list[str]) -> None:
    result = run("info", "--check", *names, code=1)
    assert set(result.stdout.splitlines()) == {f"{name}: whole" for name in WHOLE}
    lines = result.stderr.splitlines()
    assert {line.split(": ")[1] for line in lines} == BAD
    assert all("; " in line for line in lines)
    quiet = run("info", "--check", "--quiet", *names, code=1)
    assert (quiet.stdout, quiet.stderr) == ("", result.stderr)


@pytest.mark.usefixtures("archive")
def test_check_of_whole_files(run: Command) -> None:
    result = run("info", "--check", "archive/a.vnr", "archive/sub/b.vnr")
    assert (len(result.stdout.splitlines()), result.stderr) == (2, "")


@pytest.mark.usefixtures("archive")
def test_check_as_json(run: Command) -> None:
    lines = run("info", "--check", "--json", "archive", code=1).stdout.splitlines()
    values = {line["file"]: line for line in map(json.loads, lines)}
    assert {name for name, line in values.items() if line["whole"]} == WHOLE
    assert {name for name, line in values.items() if not line["whole"]} == BAD
    assert "BASE" in values["archive/sub/damaged.vnr"]["problems"][0]
    assert "not a Veneer file" in values["archive/foreign.vnr"]["error"]
    quiet = run("info", "--check", "--json", "--quiet", "archive", code=1).stdout.splitlines()
    assert {json.loads(line)["file"] for line in quiet} == BAD


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize("command", ["info", "dump"])
def test_folders_and_patterns(run: Command, command: str) -> None:
    lines = run(command, "archive", code=1).stdout.splitlines()
    assert WHOLE | BAD - {"archive/foreign.vnr"} <= set(lines)
    assert "archive/a.vnr" in run(command, "archive/[ab].vnr").stdout.splitlines()
    errors = [json.loads(line).get("error") for line in run(command, "--json", "archive", code=1).stdout.splitlines()]
    assert [error for error in errors if error] == ["not a Veneer file (at byte 0)"]


def test_nothing_to_look_at(one_line: OneLine, run: Command, folder: Path) -> None:
    (folder / "empty").mkdir()
    assert "no .vnr files in this folder" in one_line("info", "--check", "empty")
    assert "no file matches" in one_line("dump", "*.vnr")
    assert "--quiet has no effect without --check" in run("info", "--quiet", "empty", code=2).stderr
