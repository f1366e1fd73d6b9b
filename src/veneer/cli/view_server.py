"""The server of `veneer view`: the viewer, the files that the user named, and models, for one page on this machine.

Nobody else gets anything: it listens on the loopback interface; each address begins with a random token; a request must
name this server as its host, so that no page reaches it by a name of its own that leads here; and one that a page of
another origin makes is refused.
"""

from __future__ import annotations

import functools
import hmac
import http.server
import json
import secrets
import threading
import time
import urllib.parse
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import veneer
from veneer.cli import dump
from veneer.cli.failure import FileFailure
from veneer.cli.files import read_source
from veneer.cli.messages import printable
from veneer.enhancement import models

VIEWER = Path(veneer.__file__).parent / "viewer"
_LOOPBACK = "127.0.0.1"
_TOKEN_BYTES = 24
_GRACE = 3.0  # seconds in which a page that is loaded anew comes back
_PATIENCE = 60.0  # and in which a browser opens the first
_PULSE = 1.0  # between bytes on a connection that is held open, which show that the page is still there
_OPEN = "open"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_PAGE = ("index.html", "viewer.css", "viewer.js", "veneer.js", "veneer-worker.js")
_PACKED = {".wasm": "application/wasm", ".bin": "application/octet-stream"}  # the decoder and its tables
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class ViewServer(http.server.ThreadingHTTPServer):
    """Serves the viewer with some files.

    Args:
        files: name and path of each, or its bytes. Paths are read anew with every request.
        port: on the loopback interface; 0 for any that is free.
        until_closed: whether `serve_forever` returns when the last page was closed, or none was opened in a minute.

    Raises:
        OSError: the port cannot be had.
    """

    daemon_threads = True

    def __init__(self, files: Sequence[tuple[str, Path | bytes]], port: int, *, until_closed: bool = False) -> None:
        super().__init__((_LOOPBACK, port), _Handler)
        self.files = files
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.until_closed = until_closed
        self._pages = 0
        self._last_seen = time.monotonic() + _PATIENCE - _GRACE
        self._lock = threading.Lock()

    def note_page(self, change: int) -> None:
        """A page was opened (1) or closed (-1)."""
        with self._lock:
            self._pages += change
            self._last_seen = time.monotonic()

    def service_actions(self) -> None:
        """Is called by `serve_forever` twice a second."""
        with self._lock:
            is_left = self._pages == 0 and time.monotonic() > self._last_seen + _GRACE
        if self.until_closed and is_left:
            # It waits for the loop that has called this, so another thread must do it.
            threading.Thread(target=self.shutdown, daemon=True).start()
            self.until_closed = False

    @property
    def origin(self) -> str:
        return f"http://{_LOOPBACK}:{self.server_port}"

    @property
    def address(self) -> str:
        return f"{self.origin}/{self.token}/"


class _Refused(Exception):
    """A request that is not answered as it wants.

    Attributes:
        status: of the answer.
        why: a line for people.
    """

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ViewServer
    server_version = "veneer"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *_: Any) -> None:
        """Says nothing: the terminal is the user's."""

    def _answer(self, *, with_body: bool) -> None:
        try:
            self._check_origin()
            path = self._own_path()
            if path == _OPEN and with_body:
                self._stay()
                return
            data, content_type = self._find(path)
            status = HTTPStatus.OK
        except _Refused as refused:
            data, content_type, status = f"{refused.why}\n".encode(), "text/plain; charset=utf-8", refused.status
        self.send_response(status)
        headers = {**_HEADERS, "Content-Type": content_type, "Content-Length": str(len(data))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            try:
                self.wfile.write(data)
            except ConnectionError:
                self.close_connection = True  # a page that was left

    def _stay(self) -> None:
        """Answers for as long as the page is open."""
        self.server.note_page(1)
        try:
            self.send_response(HTTPStatus.OK)
            for name, value in {**_HEADERS, "Content-Type": "text/plain; charset=utf-8"}.items():
                self.send_header(name, value)
            self.end_headers()
            while True:
                self.wfile.write(b"\n")
                time.sleep(_PULSE)
        except ConnectionError:
            self.close_connection = True
        finally:
            self.server.note_page(-1)

    def _check_origin(self) -> None:
        hosts = {f"{name}:{self.server.server_port}" for name in (_LOOPBACK, "localhost")}
        if self.headers.get("Host") not in hosts:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "this server has another name")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            raise _Refused(HTTPStatus.FORBIDDEN, "this server is for its own page")

    def _own_path(self) -> str:
        """What follows the token."""
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        token, _, rest = path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.NOT_FOUND, "not found; use the address that veneer view has printed")
        return rest or "index.html"

    def _find(self, path: str) -> tuple[bytes, str]:
        """Body and type."""
        if path in _PAGE:
            return (VIEWER / path).read_bytes(), _TYPES[Path(path).suffix]
        if path in _packed_names():
            return _unpacked(path), _PACKED[Path(path).suffix]
        if path == "files.json":
            return json.dumps(self._files()).encode(), "application/json"
        folder, _, name = path.partition("/")
        if folder == "files" and name.isdecimal() and int(name) < len(self.server.files):
            return _content(self.server.files[int(name)][1]), "application/octet-stream"
        if folder == "models":
            return _model(name), "application/octet-stream"
        raise _Refused(HTTPStatus.NOT_FOUND, "not found")

    def _files(self) -> list[dict[str, Any]]:
        """What the page shows of each file: the last part of its path where that tells it from the others."""
        names = [printable(name) for name, _ in self.server.files]
        short = [Path(name).name for name in names]
        shown = short if len({*short}) == len(short) else names
        return [
            {"name": name, "url": f"files/{i}", "facts": _facts(source)}
            for i, (name, (_, source)) in enumerate(zip(shown, self.server.files, strict=True))
        ]


@functools.cache
def _packed_names() -> frozenset[str]:
    """Files of the viewer that are packed, without the suffix that says so."""
    return frozenset(path.stem for path in VIEWER.glob("*.xz") if Path(path.stem).suffix in _PACKED)


@functools.cache
def _unpacked(name: str) -> bytes:
    import lzma  # which some builds of Python lack; view.py looks for it

    return lzma.decompress((VIEWER / f"{name}.xz").read_bytes())


def _content(source: Path | bytes) -> bytes:
    try:
        return source if isinstance(source, bytes) else read_source(source)
    except FileFailure as failure:
        raise _Refused(HTTPStatus.NOT_FOUND, failure.what) from failure


def _facts(source: Path | bytes) -> list[tuple[str, str]]:
    """What `veneer info` says of a file; of other pictures their size."""
    try:
        data = _content(source)
        return [(title, printable(text)) for title, text in dump.info_rows(veneer.read_info(data, verify=True))]
    except _Refused as refused:
        return [("problem", refused.why)]
    except veneer.VeneerError as error:
        if error.kind is veneer.ErrorKind.NOT_VENEER:
            return [("size", f"{len(data)} bytes"), ("format", "not a Veneer file; the browser reads it itself")]
        return [("problem", str(error))]


def _model(name: str) -> bytes:
    """A model file or a weight file by the name that the viewer asks for: ID-CHECK.vnm, NETWORK-HASH.vnw."""
    try:
        for entry in models.available():
            if name == f"{entry.id}-{entry.check.hex()}.vnm":
                return entry.path.read_bytes()
            if name in models.weight_file_names(entry):
                return (entry.path.parent / name).read_bytes()
    except (veneer.VeneerError, OSError) as error:
        raise _Refused(HTTPStatus.NOT_FOUND, str(error)) from error
    raise _Refused(HTTPStatus.NOT_FOUND, "this installation does not have the model")
