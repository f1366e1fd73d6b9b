"""Small archives, and processes that are waited for and killed midway."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_tools import process
from PIL import Image
from samples import make_picture

COUNT = 24


@pytest.fixture
def archive(folder: Path) -> Path:
    """A folder `in` of small pictures in subfolders."""
    for index in range(COUNT):
        path = folder / "in" / f"roll {index % 3}" / f"{index:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_picture(40 + index, 50, seed=index)).save(path)
    return folder / "in"


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the command in a process of its own, which is gone at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        started.append(process(*arguments, start_new_session=True))
        return started[-1]

    yield begin
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.communicate()


def results(folder: Path) -> dict[str, bytes]:
    """Every result below a folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.vnr"))}


def wait_for_results(folder: Path, count: int) -> int:
    """Waits until a folder holds so many results; gives how many it holds then."""
    end = time.monotonic() + 300
    while (there := len(results(folder))) < count:
        assert time.monotonic() < end, "no results appear"
        time.sleep(0.005)
    return there


def finish(running: subprocess.Popen[bytes]) -> dict[str, object]:
    """The summary of a run with --json that goes well."""
    stdout, stderr = running.communicate(timeout=600)
    assert running.returncode == 0, stderr.decode()
    summary: dict[str, object] = json.loads(stdout)
    return summary


def table(path: Path) -> list[dict[str, str]]:
    """The report."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
