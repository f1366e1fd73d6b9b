"""Where the system has no more threads or processes, one line says so."""

from __future__ import annotations

import multiprocessing.context
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli_tools import Command
from PIL import Image


def test_no_threads(run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (9, 9)).save("a.png")

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    said = run("encode", "a.png", code=1).stderr
    assert said.splitlines() == ["veneer: the system has no more threads; use fewer jobs (-j 1), or raise its limit"]
    assert not (folder / "a.vnr").exists()


@pytest.mark.parametrize("command", ["info", "dump", "decode", "encode", "compare", "restore"])
def test_no_memory(run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """As for a file that takes no place on the disk, and more memory than there is."""
    name = "a.vnr" if command in ("info", "dump", "decode") else "a.png"
    Image.new("RGB", (9, 9)).save(folder / "b.png")
    (folder / name).write_bytes((folder / "b.png").read_bytes())

    def refuse(_: Path) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    others = ["b.png"] if command == "compare" else []
    said = run(command, name, *others, code=1).stderr.splitlines()
    assert len(said) == 1
    assert said[0].startswith(f"veneer: {name}: not enough memory; ")


@pytest.mark.skipif(sys.platform == "win32", reason="a current folder cannot be removed there")
def test_no_current_folder(tmp_path: Path) -> None:
    """What is named in full is found all the same."""
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    for arguments, code in ((f"{tmp_path}/a.png -o {tmp_path}/a.vnr", 0), ("a.png", 1), (f"{tmp_path}/a.png b.vnr", 1)):
        gone = f"mkdir {tmp_path}/gone; cd {tmp_path}/gone; rmdir ../gone"
        script = f"{gone}; {sys.executable} -m veneer encode {arguments}"
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == code
        said = "veneer: .: the current folder is not there any more; change to another\n"
        assert done.stderr == ("" if code == 0 else said)


def test_no_processes(run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "in").mkdir()
    Image.new("RGB", (9, 9)).save("in/a.png")

    def refuse(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.context.SpawnProcess, "_Popen", staticmethod(refuse))
    said = run("batch", "in", "out", "-j", "2", code=1).stderr.splitlines()
    assert len(said) == 1
    assert "no process can be started" in said[0]
    assert "-j 1" in said[0]
