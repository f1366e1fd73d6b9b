"""Descriptors, named pipes, devices and closed streams as sources and results."""

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_tools import Command, process, write_photo
from samples import four_tiles

from veneer.cli import streams

OneLine = Callable[..., str]


def shell(script: str) -> subprocess.CompletedProcess[str]:
    """A script of bash in which $V is the command."""
    environment = os.environ | {"V": f"{sys.executable} -m veneer"}
    return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_names_of_standard_output_and_descriptors(folder: Path) -> None:
    write_photo(folder / "a.png")
    done = shell(
        "$V encode -q 50 a.png b.vnr && $V encode -q 50 a.png /dev/stdout > c.vnr"
        " && $V encode -q 50 a.png /dev/stdout >> c.vnr"
        " && $V encode -q 50 a.png -o /dev/fd/3 3> d.vnr && $V encode -q 50 a.png -o >(cat > e.vnr)"
        " && cat a.png | $V encode -q 50 /dev/stdin f.vnr && $V encode -q 50 <(cat a.png) g.vnr"
        " && $V decode b.vnr /dev/stdout > h.png && $V decode b.vnr >(cat > i.png); code=$?; sleep 0.5; exit $code"
    )
    assert done.returncode == 0, done.stderr
    expected = (folder / "b.vnr").read_bytes()
    for name in ("d", "e", "f", "g"):
        assert (folder / f"{name}.vnr").read_bytes() == expected, name
    assert (folder / "c.vnr").read_bytes() == 2 * expected
    assert (folder / "h.png").read_bytes() == (folder / "i.png").read_bytes() != b""


def test_descriptors_that_do_not_fit(folder: Path) -> None:
    write_photo(folder / "a.png")
    done = shell("$V encode a.png -o /dev/fd/9; echo $?; $V encode a.png -o /dev/fd/9 9< a.png; echo $?")
    assert done.stdout == "1\n1\n"
    assert [line.split(":")[2] for line in done.stderr.splitlines()] == [" /dev/fd/9"] * 2
    assert sorted(path.name for path in folder.iterdir()) == ["a.png"]


def test_named_pipes(run: Command, folder: Path) -> None:
    source = write_photo(folder / "a.png").read_bytes()
    os.mkfifo("in.png")
    os.mkfifo("out.vnr")
    read: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: (folder / "in.png").write_bytes(source)),
        threading.Thread(target=lambda: read.append((folder / "out.vnr").read_bytes())),
    ]
    for thread in threads:
        thread.start()
    run("encode", "in.png", "out.vnr", "-q", "50")
    for thread in threads:
        thread.join()
    run("encode", "a.png", "b.vnr", "-q", "50")
    assert read == [(folder / "b.vnr").read_bytes()]


@pytest.mark.parametrize("command", ["encode", "decode", "restore", "info", "dump", "compare"])
def test_named_pipe_that_nobody_writes_to(
    one_line: OneLine, monkeypatch: pytest.MonkeyPatch, folder: Path, command: str
) -> None:
    monkeypatch.setattr(streams, "PIPE_PATIENCE_SECONDS", 0.1)
    write_photo(folder / "a.png")
    os.mkfifo("pipe")
    arguments = ["a.png", "pipe"] if command == "compare" else ["pipe"]
    assert "pipe: nobody writes to this pipe; " in one_line(command, *arguments)


def test_named_pipe_that_nobody_reads_from(one_line: OneLine, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(streams, "PIPE_PATIENCE_SECONDS", 0.1)
    write_photo(folder / "a.png")
    os.mkfifo("pipe")
    assert "a.png: nobody reads from this pipe; " in one_line("encode", "a.png", "pipe")
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "a.vnr: nobody reads from this pipe; " in one_line("decode", "a.vnr", "-o", "pipe")


def test_loop_of_links(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.jpg")
    (folder / "a.vnr").write_bytes(four_tiles())
    (folder / "loop").symlink_to("other")
    (folder / "other").symlink_to("loop")
    for command in (
        ["encode", "a.jpg", "loop"],
        ["encode", "a.jpg", "-f", "-o", "loop"],
        ["encode", "loop"],
        ["decode", "a.vnr", "loop", "--format", "png"],
        ["restore", "a.jpg", "loop", "--format", "png"],
        ["info", "loop"],
    ):
        assert "leads back to itself" in one_line(*command)
    assert (folder / "loop").is_symlink()


@pytest.mark.parametrize(
    ("arguments", "redirections", "code", "said"),
    [
        ("encode -f a.png b.vnr", ">&-", 0, ""),
        ("encode -f a.png b.vnr", "2>&-", 0, ""),
        ("encode -f a.png b.vnr --json", ">&-", 1, ""),
        ("encode missing.png b.vnr", "2>&-", 1, ""),
        ("encode - b.vnr", "<&-", 1, "-: standard input is closed"),
        ("encode - -", "<&- >&- 2>&-", 1, ""),
        ("encode a.png -", ">&-", 1, "a.png: standard output: is closed"),
        ("info a.vnr", ">&-", 1, "standard output: is closed"),
        ("info a.vnr", "> /dev/full", 1, "standard output: no space"),
        ("info --json a.vnr", "> /dev/full", 1, "standard output: no space"),
        ("compare a.png a.png", "> /dev/full", 1, "standard output: no space"),
        ("--version", "> /dev/full", 1, "standard output: no space"),
        ("info a.vnr a.vnr", "| true", 1, ""),
        ("nonsense", "2>&-", 2, ""),
    ],
)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.slow
def test_streams_that_are_closed_or_full(folder: Path, arguments: str, redirections: str, code: int, said: str) -> None:
    write_photo(folder / "a.png")
    (folder / "a.vnr").write_bytes(four_tiles())
    done = shell(f"$V {arguments} {redirections}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == bool(said), done.stderr
    assert done.stderr.startswith(f"veneer: {said}" if said else "")


def test_all_is_done_though_nobody_reads_of_it(folder: Path) -> None:
    for index in range(3):
        write_photo(folder / f"{index}.png")
    running = process("encode", "0.png", "1.png", "2.png", "-o", "out/", "-e", "1")
    assert running.stdout
    running.stdout.close()
    assert running.stderr
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(timeout=60) == 0
    assert len(list((folder / "out").glob("*.vnr"))) == 3


def test_block_devices_and_sockets_are_no_results(
    monkeypatch: pytest.MonkeyPatch, one_line: OneLine, folder: Path
) -> None:
    import socket

    write_photo(folder / "a.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.vnr")
        assert "s.vnr is a socket" in one_line("encode", "a.png", "s.vnr", "-f")
    monkeypatch.setattr(streams.stat, "S_ISBLK", lambda _: True)
    assert "is a disk" in one_line("encode", "a.png", "-o", os.devnull)


def test_writing_in_parts(folder: Path) -> None:
    """Data larger than the buffer of a pipe arrive whole."""
    os.mkfifo("pipe")
    data = bytes(range(256)) * 1000
    read: list[bytes] = []
    thread = threading.Thread(target=lambda: read.append((folder / "pipe").read_bytes()))
    thread.start()
    streams.write_stream(Path("pipe"), data)
    thread.join()
    assert read == [data]


def test_descriptors_by_name() -> None:
    names = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/fd/63": 63, "/proc/self/fd/3": 3, f"/proc/{os.getpid()}/fd/4": 4}
    assert {name: streams.descriptor_of(name) for name in names} == names
    for other in ("dev/stdout", "/dev/fd/", "/dev/fd/x", "/proc/1234567/fd/1", "/dev/stdout/x"):
        assert streams.descriptor_of(other) is None
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        streams.read_descriptor(250)
