"""Results appear exclusively and whole, with the right permissions and names."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_tools import Command, write_photo
from samples import four_tiles

from veneer.cli import encode as encode_module
from veneer.cli import files
from veneer.cli.failure import FileFailure
from veneer.cli.files import Outputs
from veneer.cli.paths import Task

OneLine = Callable[..., str]


@pytest.fixture
def umask() -> Iterator[None]:
    """The usual umask, whatever that of the machine is."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def no_hard_links(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("intruder", ["file", "link"])
def test_what_appears_during_the_work_is_kept(
    one_line: OneLine, folder: Path, monkeypatch: pytest.MonkeyPatch, links: bool, intruder: str
) -> None:
    """Between the check and the end of the work somebody else makes a file of the result's name."""
    write_photo(folder / "a.png")
    read_source = files.read_source

    def read_and_intrude(source: Path | None) -> bytes:
        if intruder == "file":
            (folder / "a.vnr").write_bytes(b"precious")
        else:
            (folder / "a.vnr").symlink_to("nowhere")
        return read_source(source)

    monkeypatch.setattr(encode_module, "read_source", read_and_intrude)
    if not links:
        monkeypatch.setattr(os, "link", no_hard_links)
    if intruder == "link":  # it is resolved like one that was there before: what it names is made
        monkeypatch.setattr(os.path, "realpath", str)
    assert "a.vnr exists; replace it with --force" in one_line("encode", "a.png")
    if intruder == "file":
        assert (folder / "a.vnr").read_bytes() == b"precious"
    else:
        assert os.readlink("a.vnr") == "nowhere"
    assert not (folder / "nowhere").exists()


def test_without_hard_links(run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_photo(folder / "a.png")
    run("encode", "a.png")
    monkeypatch.setattr(os, "link", no_hard_links)
    run("encode", "a.png", "b.vnr")
    assert (folder / "b.vnr").read_bytes() == (folder / "a.vnr").read_bytes()
    assert mode(folder / "b.vnr") == mode(folder / "a.vnr")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    run("encode", "a.png", "c.vnr", code=1)
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "a.vnr", "b.vnr"]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("source", "result"),
    [(0o644, 0o644), (0o640, 0o640), (0o600, 0o600), (0o400, 0o600), (0o444, 0o644), (0o604, 0o604)],
)
def test_a_result_is_read_by_no_more_people_than_its_source(
    run: Command, folder: Path, source: int, result: int
) -> None:
    write_photo(folder / "a.png").chmod(source)
    run("encode", "a.png")
    assert mode(folder / "a.vnr") == result
    (folder / "a.vnr").chmod(source)
    run("decode", "a.vnr", "b.png")
    assert mode(folder / "b.png") == result


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("permissions", [0o600, 0o664, 0o755])
def test_a_replaced_file_keeps_its_permissions(run: Command, folder: Path, permissions: int) -> None:
    write_photo(folder / "a.png")
    (folder / "real.vnr").write_bytes(b"old")
    (folder / "real.vnr").chmod(permissions)
    (folder / "a.vnr").symlink_to("real.vnr")
    os.link("real.vnr", "hard.vnr")
    run("encode", "a.png", "-f")
    assert (folder / "a.vnr").is_symlink()
    assert mode(folder / "real.vnr") == permissions
    assert (folder / "real.vnr").read_bytes() != b"old" == (folder / "hard.vnr").read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="files are given away by root alone")
def test_a_replaced_file_keeps_its_owner(run: Command, folder: Path) -> None:
    write_photo(folder / "a.png")
    (folder / "a.vnr").write_bytes(b"old")
    os.chown("a.vnr", 1234, 2345)
    run("encode", "a.png", "-f")
    assert ((folder / "a.vnr").stat().st_uid, (folder / "a.vnr").stat().st_gid) == (1234, 2345)


def test_owner_that_cannot_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    for name, before, after in (("a", 0o640, 0o640), ("b", 0o644, 0o644)):
        (folder / name).write_bytes(b"old")
        (folder / name).chmod(before)
        Outputs(True).write(Task(None, folder / name), b"new")
        assert mode(folder / name) == after


@pytest.mark.parametrize(("name", "fits"), [("é" * 124 + ".png", True), ("é" * 126 + "a.p", False), ("日" * 85, False)])
def test_names_are_measured_in_bytes(run: Command, folder: Path, name: str, fits: bool) -> None:
    write_photo(folder / "a.png").rename(folder / name)
    result = run("encode", name, code=0 if fits else 1)
    if fits:
        assert (folder / name).with_suffix(".vnr").exists()
    else:
        size = len(os.fsencode(name)) + 4
        assert f"the name of the result has {size} bytes, and names have at most 255 here; " in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["encode", "decode", "restore", "info", "dump"])
def test_source_of_too_long_a_name(one_line: OneLine, command: str) -> None:
    options = [] if command in ("info", "dump") else ["-o", "b.png"]
    assert "the name is too long" in one_line(command, "n" * 300, *options)
    assert "the name is too long" in one_line(command, "n/" * 2500, *options)


@pytest.mark.parametrize(
    "name", ["-a.png", "~", "~root", "a::b.png", "zip::c.png", "*.png", "a?[b].png", " .png", "é日.png"]
)
def test_unusual_names(run: Command, folder: Path, name: str) -> None:
    write_photo(folder / "in" / "a.png").rename(folder / "in" / name)
    (folder / "in" / name).rename(name)
    run("encode", "-o", "out.vnr", "--", name)
    run("encode", "--", name)
    result = Path(name).with_suffix(".vnr") if name.endswith(".png") else Path(f"{name}.vnr")
    assert result.read_bytes() == (folder / "out.vnr").read_bytes()
    assert run("info", "--", str(result)).stdout.startswith(f"{result}\n")
    run("decode", "-o", "back.png", "--", str(result))


def test_empty_names_and_slashes(run: Command, one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    assert "the name is empty" in one_line("encode", "")
    assert "the name is empty" in one_line("info", "")
    assert "is empty" in run("encode", "a.png", "-o", "", code=2).stderr
    assert "is empty" in run("encode", "a.png", "", code=2).stderr
    assert "a.png/: is a file, not a folder" in one_line("encode", "a.png/")
    assert not (folder / "a.vnr").exists()


class TestSecondName:
    """Whether the second of two names is a source or the result."""

    def test_encode(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        run("encode", "a.png", "result")
        assert "result exists" in run("encode", "a.png", "result", code=1).stderr
        run("encode", "a.png", "result", "-f")
        (folder / "empty").write_bytes(b"")  # as mktemp makes it
        run("encode", "a.png", "empty", "-f")
        assert sorted(path.name for path in folder.iterdir()) == ["a.png", "empty", "result"]
        assert (folder / "empty").read_bytes() == (folder / "result").read_bytes() != b""

    def test_encode_to_another_suffix(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        assert "result.bin is not there" in run("encode", "a.png", "result.bin", code=2).stderr
        run("encode", "a.png", "-o", "result.bin")
        assert sorted(path.name for path in folder.iterdir()) == ["a.png", "result.bin"]

    def test_two_sources(self, run: Command, folder: Path) -> None:
        for name in ("a.png", "b", "c.tmp"):
            write_photo(folder / "x.png").rename(folder / name)
        run("encode", "a.png", "b")
        run("encode", "b", "c.tmp", "-f")
        assert sorted(path.name for path in folder.glob("*.vnr")) == ["a.vnr", "b.vnr", "c.tmp.vnr"]
        run("encode", "b*", "a*.png", "-f", code=1)  # of the former also the results, which are Veneer files

    def test_decode(self, run: Command, folder: Path) -> None:
        (folder / "a.vnr").write_bytes(four_tiles())
        (folder / "b").write_bytes(four_tiles())
        (folder / "notes").write_bytes(b"words")
        run("decode", "a.vnr", "b")
        assert sorted(path.name for path in folder.glob("*.png")) == ["a.png", "b.png"]
        assert "no format goes by the ending of result" in run("decode", "a.vnr", "result", "-f", code=1).stderr
        run("decode", "a.vnr", "result", "--format", "png")
        assert (folder / "result").read_bytes() == (folder / "a.png").read_bytes()
        run("decode", "a.vnr", "result[1].png")
        assert (folder / "result[1].png").exists()
        run("decode", "a.vnr", "notes", "--format", "png", code=1)
        assert (folder / "notes").read_bytes() == b"words"

    def test_restore(self, run: Command, folder: Path) -> None:
        for name in ("a", "b"):
            write_photo(folder / f"{name}.jpg")
        (folder / "b.jpg").rename(folder / "b")
        run("restore", "a.jpg", "b")
        assert sorted(path.name for path in folder.glob("*.png")) == ["a.png", "b.png"]
        run("restore", "a.jpg", "result", "--format", "png")
        run("restore", "a.jpg", "result", "--format", "png", code=1)


def test_failure_of_a_check_names_the_result(folder: Path) -> None:
    with pytest.raises(FileFailure, match="nowhere"):
        Outputs(False).check(Task(None, folder / "nowhere" / "a.vnr"))
