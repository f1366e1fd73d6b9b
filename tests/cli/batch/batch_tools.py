"""Small archives, and processes that are waited for and killed midway."""

from __future__ import annotations

import contextlib
import csv
import functools
import http.server
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from cli_tools import process
from PIL import Image
from samples import make_picture

from veneer.cli.batch import command
from veneer.cli.batch.work import Job, Outcome, Recipe, do_job

QUICK = ("-e", "1", "--layers", "base")

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
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are done in this process, one by one: the processes of others take seconds to start."""

    def run(jobs: Iterable[Job], recipe: Recipe, *, workers: int) -> Iterator[Outcome]:
        assert workers >= 1
        yield from (do_job(job, recipe) for job in jobs)

    monkeypatch.setattr(command, "run_local", run)


class Gate:
    """A folder on the web whose first files are handed out, and the others once it is opened.

    What waits for them is at work for as long as a test needs, however fast the machine is.

    Args:
        folder: with the files.
        count: how many come at once.
    """

    def __init__(self, folder: Path, count: int) -> None:
        gate, self._opened, self._left = self, threading.Event(), threading.Semaphore(count)

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.endswith(".png") and not gate._left.acquire(blocking=False):
                    gate._opened.wait(600)
                with contextlib.suppress(ConnectionError):  # of one who was killed meanwhile
                    super().do_GET()

            def log_message(self, *_: object) -> None:
                pass

        handler = functools.partial(Handler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def open(self) -> None:
        """Lets all files through."""
        self._opened.set()

    def close(self) -> None:
        self.open()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gate(archive: Path) -> Iterator[Gate]:
    """The archive on the web, of which four pictures come at once."""
    pytest.importorskip("aiohttp")
    with contextlib.closing(Gate(archive, 4)) as served:
        yield served


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
