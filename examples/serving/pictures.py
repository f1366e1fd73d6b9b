"""Answers requests for the files of a folder: .vnr files as they are, or as a picture that the client can show.

It knows nothing of servers; `wsgi.py` and `asgi.py` connect it to them.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import stat
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path

from fallbacks import CannotMake, Fallbacks
from negotiation import VENEER, choose

SUFFIX = ".vnr"
LOG = logging.getLogger("veneer.serving")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is sent.

    Attributes:
        status: of HTTP.
        reason: the words for it.
        headers: names and values.
        body: the bytes, where they are few.
        file: what is sent in their place; None where there is none.
    """

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    file: Path | None = None


class Pictures:
    """The .vnr files of a folder and of those in it.

    Args:
        folder: what is served.
        fallbacks: makes pictures for clients that do not know Veneer.
        max_age: seconds for which clients may keep an answer without asking again.
    """

    def __init__(self, folder: Path, fallbacks: Fallbacks, *, max_age: int = 3600) -> None:
        self._folder = folder.resolve(strict=True)
        self._fallbacks = fallbacks
        self._max_age = max_age

    def answer(self, method: str, path: str, accept: str | None, if_none_match: str | None) -> Answer:
        """The answer to a request.

        Args:
            method: GET or HEAD; others are refused.
            path: of the address, decoded; whatever a client sends.
            accept: the header Accept, or None.
            if_none_match: the header If-None-Match, or None.
        """
        if method not in ("GET", "HEAD"):
            return _plain(405, "Method Not Allowed", [("Allow", "GET, HEAD")])
        source = self._find(path)
        if source is None:
            return _plain(404, "Not Found")
        try:
            return self._of_file(method, source, accept, if_none_match)
        except CannotMake as error:
            LOG.warning("%s: %s", source, error)
            return _plain(500, "Internal Server Error", [("Vary", "Accept")])
        except FileNotFoundError:
            return _plain(404, "Not Found")
        except OSError as error:
            LOG.error("%s: %s", source, error)
            return _plain(500, "Internal Server Error", [("Vary", "Accept")])

    def _find(self, path: str) -> Path | None:
        """The regular file for a path; None where there is none, or where it would lie outside of the folder."""
        parts = path.removeprefix("/").split("/")
        if "\0" in path or "\\" in path or not path.endswith(SUFFIX):
            return None
        if any(not part or part.startswith(".") for part in parts):  # `..` too, and what is hidden
            return None
        try:
            found = self._folder.joinpath(*parts).resolve(strict=True)  # links too lead where they lead
            is_file = stat.S_ISREG(os.stat(found).st_mode)
        except (OSError, ValueError):
            return None
        return found if is_file and found.is_relative_to(self._folder) else None

    def _of_file(self, method: str, source: Path, accept: str | None, if_none_match: str | None) -> Answer:
        media_type = choose(accept, self._fallbacks.types_for(source))
        if media_type is None:
            return _plain(406, "Not Acceptable", [("Vary", "Accept")])
        status = source.stat()
        version = f"{status.st_mtime_ns:x}-{status.st_size:x}"
        if media_type != VENEER:
            version = self._fallbacks.version(source, media_type)
        tag = f'"{version}"'
        headers = [
            ("Vary", "Accept"),  # so that caches keep what they get for one client from the others
            ("ETag", tag),
            ("Last-Modified", formatdate(status.st_mtime, usegmt=True)),
            ("Cache-Control", f"public, max-age={self._max_age}"),
        ]
        if if_none_match is not None and _matches(if_none_match, tag):
            return Answer(304, "Not Modified", headers)
        file = source if media_type == VENEER else self._fallbacks.get(source, media_type)
        headers += [("Content-Type", media_type), ("Content-Length", str(file.stat().st_size))]
        headers += [("X-Content-Type-Options", "nosniff")]
        return Answer(200, "OK", headers, file=file if method == "GET" else None)


def _matches(header: str, tag: str) -> bool:
    """Whether If-None-Match names a tag; weak ones count as the same (RFC 9110, 13.1.2)."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in header.split(","))


def _plain(status: int, reason: str, headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """A few words. They name no file: what is wrong is in the log."""
    body = f"{status} {reason}\n".encode()
    fixed = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return Answer(status, reason, [*fixed, *headers], body)
