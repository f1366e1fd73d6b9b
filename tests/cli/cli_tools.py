"""Running the command in this process or in one of its own, in an empty folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from samples import make_exif, make_picture, srgb_profile

from veneer.cli.main import main

Command = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that is the current one, and still holds no unfinished file at the end."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert [str(path) for path in tmp_path.rglob("*.part")] == []


@pytest.fixture
def run(folder: Path) -> Command:
    """run("encode", "a.png", code=0, data=b"") runs the command and checks its exit code."""
    assert folder.is_dir()

    def invoke(*arguments: str, code: int = 0, data: bytes | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=data)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return invoke


@pytest.fixture
def one_line(run: Command) -> Callable[..., str]:
    """Runs a command that fails for one file, and gives its one line."""

    def invoke(*arguments: str, **options: bytes) -> str:
        lines = run(*arguments, code=1, **options).stderr.splitlines()
        assert len(lines) == 1, lines
        name, what = lines[0].removeprefix("veneer: ").split(": ", 1)
        assert name
        assert "; " in what, "a remedy is missing"
        return lines[0]

    return invoke


def process(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "veneer", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A script that starts the tests in the background ignores interrupts, and processes would inherit that.
    options = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **pipes, **options}
    return subprocess.Popen(command, env=os.environ, **options)  # type: ignore[call-overload,no-any-return]


def write_photo(path: Path, *, width: int = 40, height: int = 30, orientation: int = 1) -> Path:
    """A picture with everything a camera writes."""
    image = Image.fromarray(make_picture(height, width))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=make_exif(orientation), icc_profile=srgb_profile(), quality=95)
    return path
