"""Servers of examples/serving on loopback, and requests to them."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "serving"
_WAIT_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(port: int, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Reply:
    """One request; the path goes out as it is given."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        sent["Accept"] = accept
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_WAIT_SECONDS)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str | Path], port: int, log: Path, **environment: str) -> Iterator[int]:
    """A server process, once its port answers; ended afterwards."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(_WAIT_SECONDS)


@contextlib.contextmanager
def wsgi_server(folder: Path, cache: Path, *options: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, EXAMPLES / "wsgi.py", folder, "--cache", cache, "--port", str(port), *options]
    with running(command, port, cache.parent / "wsgi.log"):
        yield port


@contextlib.contextmanager
def asgi_server(folder: Path, cache: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--app-dir", EXAMPLES, "--port", str(port), "asgi:application"]
    names = {"PICTURES": str(folder), "PICTURES_CACHE": str(cache)}
    with running(command, port, cache.parent / "asgi.log", **names):
        yield port


@contextlib.contextmanager
def nginx_server(folder: Path, upstream: int, work: Path) -> Iterator[int]:
    """nginx with the configuration of the example, its folder and ports replaced."""
    port = free_port()
    text = (EXAMPLES / "nginx.conf").read_text()
    for old, new in (
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("root /srv/pictures;", f"root {folder};"),
        ("127.0.0.1:8001;", f"127.0.0.1:{upstream};"),
    ):
        assert len(re.findall(re.escape(old), text)) == 1
        text = text.replace(old, new)
    work.mkdir()
    user = "user root;\n" if os.geteuid() == 0 else ""  # the folders of tests are for their user alone
    paths = "".join(
        f"{name}_temp_path {work}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"{user}pid {work}/pid;\nerror_log {work}/error.log;\ndaemon off;\nevents {{}}\n"
    (work / "nginx.conf").write_text(f"{main}http {{\naccess_log off;\n{paths}{text}\n}}\n")
    with running(["nginx", "-c", work / "nginx.conf", "-p", work], port, work / "output.log"):
        yield port
