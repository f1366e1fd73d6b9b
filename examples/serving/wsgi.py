"""Serves the .vnr files of a folder by WSGI: with any server of that kind, or with the one of Python's library.

    python examples/serving/wsgi.py photos/ --cache /var/cache/pictures --port 8001

For another server, name the folders in the environment: PICTURES=photos/ PICTURES_CACHE=/var/cache/pictures
gunicorn --chdir examples/serving wsgi:application
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socketserver
import wsgiref.simple_server
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

from fallbacks import Fallbacks
from pictures import Pictures

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_PIECE = 1 << 16  # bytes


def make_application(pictures: Pictures) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """A WSGI application (PEP 3333)."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # WSGI gives the bytes of the path as Latin-1.
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "surrogateescape")
        answer = pictures.answer(
            environ["REQUEST_METHOD"], path, environ.get("HTTP_ACCEPT"), environ.get("HTTP_IF_NONE_MATCH")
        )
        start_response(f"{answer.status} {answer.reason}", answer.headers)
        if answer.file is None:
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
        wrapper = environ.get("wsgi.file_wrapper", FileWrapper)
        wrapped: Iterable[bytes] = wrapper(open(answer.file, "rb"), _PIECE)  # noqa: SIM115 - the server closes it
        return wrapped

    return application


class ThreadingServer(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    """A thread for each request."""

    daemon_threads = True


def main() -> None:
    """Serves until it is interrupted; the first line of its output is the address."""
    parser = argparse.ArgumentParser(description="Serves the .vnr files of a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for decoded pictures, outside of the other")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 for any that is free")
    parser.add_argument("--quality", type=int, default=85, help="of decoded pictures, 0..100")
    parser.add_argument("--avif", action="store_true", help="offer AVIF, too")
    options = parser.parse_args()
    pictures = Pictures(options.folder, Fallbacks(options.cache, quality=options.quality, avif=options.avif))
    with wsgiref.simple_server.make_server(
        options.host, options.port, make_application(pictures), ThreadingServer
    ) as server:
        print(f"http://{options.host}:{server.server_port}/", flush=True)  # noqa: T201 - it is a program
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
elif "PICTURES" in os.environ:
    application = make_application(
        Pictures(Path(os.environ["PICTURES"]), Fallbacks(Path(os.environ["PICTURES_CACHE"])))
    )
