"""The commands of docs/howto/desktop.md that need programs beside Veneer, and what the page says that they print."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from samples import make_picture

ROOT = Path(__file__).parents[2]
PROGRAMS = ("gio", "file", "convert")


def steps() -> list[tuple[str, str]]:
    """Commands after `$ ` that begin with one of the programs, each with the output below it."""
    text = (ROOT / "docs" / "howto" / "desktop.md").read_text()
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        for step in block.split("$ ")[1:] if block.startswith("$ ") else []:
            command, _, output = step.partition("\n")
            if command.split()[0] in PROGRAMS:
                found.append((command, output))
    return found


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("update-mime-database") is None, reason="needs shared-mime-info")
def test_programs_know_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "veneer").write_text(f'#!/bin/sh\nexec {sys.executable} -m veneer "$@"\n')
    (programs / "veneer").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(make_picture(60, 80)).save("photo.jpg")
    for command in ("veneer encode photo.jpg -q 80", "veneer desktop --install"):
        subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    assert len(steps()) == 4
    for command, output in steps():
        if shutil.which(command.split()[0]) is None:
            continue
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == output
    if shutil.which("convert") is not None:
        assert Path("small.vnr").read_bytes().startswith(b"\x8bVNR")
