"""Chromium and Firefox, headless, for tests of pages: a server on loopback gives scripts to run, and takes results.

A browser is started once. It shows `pages/runner.html`, which asks for work, imports the script of each job, and posts
what its function gives. That needs no driver, and is the same in every browser.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import http.client
import http.server
import json
import lzma
import os
import queue
import shutil
import signal
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest

from veneer.enhancement import models

PAGES = Path(__file__).parent / "pages"
VIEWER = Path(__file__).parents[2] / "src" / "veneer" / "viewer"
TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".png": "image/png",
    ".vnr": "image/x-veneer",
    ".wasm": "application/wasm",
}
PROGRAMS = {"chromium": ("chromium",), "firefox": ("firefox-esr", "firefox")}
START_SECONDS = 60
FLAGS = (*chromium.FLAGS, "--enable-precise-memory-info")
# Of Firefox: it asks nobody for updates, and shows no pages of its own.
PREFERENCES = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.update.enabled": False,
    "app.normandy.enabled": False,
    "services.settings.server": "data:,",
}


@dataclasses.dataclass
class Site:
    """What the server has: files below prefixes of the path, the first that fits.

    Attributes:
        folders: a path that begins with the key is a file in the folder.
        delays: seconds that a file takes to come, by its path; it comes in two halves.
        ports: of other servers on loopback, which have what is below the key.
    """

    folders: dict[str, Path]
    delays: dict[str, float] = dataclasses.field(default_factory=dict)
    ports: dict[str, int] = dataclasses.field(default_factory=dict)

    def find(self, path: str) -> Path | None:
        for prefix, folder in self.folders.items():
            if path.startswith(prefix):
                file = (folder / path.removeprefix(prefix)).resolve()
                inside = file.is_relative_to(folder.resolve())
                return file if inside and (file.is_file() or packed(file).is_file()) else None
        return None


def packed(file: Path) -> Path:
    return file.with_name(file.name + ".xz")


@functools.cache
def unpacked(file: Path) -> bytes:
    return lzma.decompress(packed(file).read_bytes())


class Server(http.server.ThreadingHTTPServer):
    """The site, jobs for the browser, and its results."""

    daemon_threads = True

    def __init__(self, site: Site) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.site = site
        self.jobs: queue.Queue[dict[str, Any]] = queue.Queue()
        self.results: queue.Queue[dict[str, Any]] = queue.Queue()
        self.requests: list[str] = []
        self.accepted: dict[str, str | None] = {}  # the header Accept of the last request for a path
        self.forwarded: list[tuple[str, str]] = []  # paths below Site.ports, and the type of their answers

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        self.server.requests.append(path)
        self.server.accepted[path] = self.headers["Accept"]
        if path == "/job":
            self._give_job()
            return
        for prefix, port in self.server.site.ports.items():
            if path.startswith(prefix):
                self._forward(path, path.removeprefix(prefix), port)
                return
        file = self.server.site.find(path)
        if file is None:
            self.send_error(404)
            return
        data = file.read_bytes() if file.is_file() else unpacked(file)
        self.send_response(200)
        self.send_header("Content-Type", TYPES.get(file.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Access-Control-Allow-Origin", "*")  # it is another origin by its name localhost
        self.end_headers()
        self._send(data, self.server.site.delays.get(path, 0))

    def _send(self, data: bytes, delay: float) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # a page that is left
            half = len(data) // 2
            self.wfile.write(data[:half])
            self.wfile.flush()
            threading.Event().wait(delay)
            self.wfile.write(data[half:])

    def _forward(self, path: str, rest: str, port: int) -> None:
        """Gives what another server answers to the same header Accept."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        with contextlib.closing(connection):
            connection.request("GET", f"/{rest}", headers={"Accept": self.headers["Accept"] or "*/*"})
            response = connection.getresponse()
            data = response.read()
        self.server.forwarded.append((path, response.headers["Content-Type"]))
        self.send_response(response.status)
        for name in ("Content-Type", "Content-Length", "Vary"):
            if response.headers[name] is not None:
                self.send_header(name, response.headers[name])
        self.end_headers()
        self._send(data, 0)

    def _give_job(self) -> None:
        try:
            job = self.server.jobs.get(timeout=20)
        except queue.Empty:
            job = {}
        data = json.dumps(job).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(data)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.results.put(json.loads(data))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Browser:
    """A browser that runs scripts of `pages/`.

    Attributes:
        name: "chromium" or "firefox".
        server: where its pages come from.
    """

    def __init__(self, name: str, profile: Path, site: Site) -> None:
        self.name = name
        self.server = Server(site)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        address = f"{self.server.address}/pages/runner.html"
        self._process = subprocess.Popen(
            command(name, profile, address),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self, script: str, seconds: float = 60, **arguments: Any) -> Any:
        """What the default function of a script gives for arguments; AssertionError with what it throws."""
        self.server.jobs.put({"script": script, "arguments": arguments})
        try:
            result = self.server.results.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"{self.name}: {script} took more than {seconds} s") from None
        assert "error" not in result, f"{self.name}: {result['error']}"
        return result["value"]

    def processes(self) -> Iterator[Path]:
        """Their folders below /proc."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(int(process.name)) == self._process.pid:
                    yield process

    def memory_bytes(self) -> int:
        """Memory of all processes of the browser: what is theirs alone (proportional set size)."""
        total = 0
        for process in self.processes():
            with contextlib.suppress(OSError):  # it has ended
                for line in (process / "smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) << 10
        return total

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.server.shutdown()
        self.server.server_close()


def command(name: str, profile: Path, address: str) -> list[str]:
    program = find(name)
    assert program is not None
    if name == "chromium":
        return [program, *FLAGS, f"--user-data-dir={profile}", address]
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in PREFERENCES.items()]
    profile.mkdir(exist_ok=True)
    (profile / "user.js").write_text("".join(lines))
    return [program, "--headless", "--no-remote", "--profile", str(profile), address]


@functools.cache
def find(name: str) -> str | None:
    """The path of a browser; None where it is not installed."""
    return next((path for program in PROGRAMS[name] if (path := shutil.which(program))), None)


@pytest.fixture(scope="session", params=sorted(PROGRAMS))
def browser(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Each browser that is there. `browser.server.site.folders["/files/"]` is an empty folder for files of a test."""
    name = request.param
    if find(name) is None:
        pytest.skip(f"no {name} here")
    if not (VIEWER / "veneer.js").is_file():
        pytest.skip("the viewer is not built; see docs/howto/web.md")
    files = tmp_path_factory.mktemp("files")
    weights = models.PACKAGE_FOLDER
    folders = {"/pages/": PAGES, "/files/": files, "/vectors/": find_vectors(), "/weights/": weights, "/": VIEWER}
    site = Site(folders)
    made = Browser(name, tmp_path_factory.mktemp("profile"), site)
    try:
        made.run("ready.js", seconds=START_SECONDS)
        yield made
    finally:
        made.close()


def find_vectors() -> Path:
    return Path(__file__).parents[1] / "vectors" / "1"
