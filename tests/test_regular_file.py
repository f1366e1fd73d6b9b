"""Names that stand for pipes, devices and files without end."""

import os
import socket
from pathlib import Path

import pytest

from veneer.regular_file import UnfitFile, read_regular_file


def test_bytes_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"some bytes")
    (tmp_path / "link").symlink_to("a")
    assert read_regular_file(tmp_path / "a") == b"some bytes"
    assert read_regular_file(str(tmp_path / "link"), limit=10) == b"some bytes"


def test_limit_holds_whatever_the_size_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(11))
    with pytest.raises(UnfitFile) as caught:
        read_regular_file(tmp_path / "a", limit=10)
    assert caught.value.strerror == "it is larger than 10 bytes"


def test_file_that_tells_no_size() -> None:
    path = Path("/proc/self/status")
    if not path.exists():
        pytest.skip("this system has no /proc")
    assert path.stat().st_size == 0
    assert b"Name:" in read_regular_file(path)
    with pytest.raises(UnfitFile):
        read_regular_file(path, limit=10)


def test_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnfitFile, match="a pipe, not a regular file"):
        read_regular_file(tmp_path / "pipe")


def test_pipe_that_takes_the_place_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    opened = os.open

    def swap(*arguments: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return opened(path, *arguments[1:])

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(UnfitFile, match="a pipe"):
        read_regular_file(path)


def test_device_without_end() -> None:
    with pytest.raises(UnfitFile, match="a device"):
        read_regular_file("/dev/zero", limit=10)


def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # whose full path may be too long for a socket
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        with pytest.raises(UnfitFile, match="a socket"):
            read_regular_file("socket")


def test_what_the_system_refuses(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for name in ("missing", "loop", ".", "x" * 300):
        with pytest.raises(OSError, match=name[:20]):
            read_regular_file(tmp_path / name) if name != "." else read_regular_file(".")


def test_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    read = os.read

    def grow(descriptor: int, count: int) -> bytes:
        data = read(descriptor, count)
        if data:
            path.write_bytes(b"and after")
        return data

    monkeypatch.setattr(os, "read", grow)
    with pytest.raises(UnfitFile, match="changed while it was read"):
        read_regular_file(path)
