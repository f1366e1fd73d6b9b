"""Names of places and of files in them, and the entry that describes a file.

A place is a local path or a URL that fsspec knows, chained ones such as `zip://::photos.zip` included.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
from pathlib import Path

from veneer.cli.failure import FileFailure

CHAIN = "::"
WEB_PROTOCOLS = frozenset(("http", "https"))

# Where nothing can be written, whatever the permissions.
READ_ONLY_PROTOCOLS = WEB_PROTOCOLS | {"zip", "tar", "libarchive", "github"}

# Object stores: there are no folders to make, and an object appears once all of it has arrived.
OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss"))

# What `write` may put its result in the place of, beside a stamp.
NOTHING = ""
ANYTHING = "anything"

FREE = ""  # the stamp of a name that nothing has

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*(://|::)")


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file in a place.

    Attributes:
        url: to read it by.
        relative: its path below the place, with `/` between folders.
        size: in bytes, where the file system tells it without reading.
        version: a text that changes when the file does, as far as the file system can tell.
        failure: why it could not be looked at; None where it could.
    """

    url: str
    relative: str
    size: int | None
    version: str
    failure: FileFailure | None = None


def unseen(name: str, failure: FileFailure, base: str) -> Entry:
    """The entry of what could not be looked at."""
    return Entry(name, name.removeprefix(base).lstrip("/"), None, "", failure)


@dataclasses.dataclass(frozen=True)
class Present:
    """A file under the name of a result.

    Attributes:
        size: in bytes; None where the file system does not tell.
        stamp: a text that changes when the file is written again.
    """

    size: int | None
    stamp: str


class TakenFailure(FileFailure):
    """There is a file under the name of a result that the result must not replace."""

    def __init__(self, target: str) -> None:
        what = f"{target} exists and is not of this batch"
        super().__init__(what, "replace it with --force, or choose another folder")


def absolute(url: str) -> str:
    """The same place for processes in other folders and on other machines: local paths made absolute."""
    if not os.path.lexists(url) and _SCHEME.match(url):
        if url.startswith(("file://", "local://")) and CHAIN not in url:
            url = url.split("://", 1)[1]
        else:
            head, chain, tail = url.rpartition(CHAIN)
            return url if "://" in tail or not chain else head + chain + _absolute_path(tail)
    return _absolute_path(url)


def _absolute_path(path: str) -> str:
    slash = "/" if path.endswith(("/", os.sep)) else ""
    return os.path.abspath(os.path.expanduser(path)).rstrip("/") + slash


def is_local(url: str) -> bool:
    """Whether an absolute place is a path of this machine, whatever characters are in it."""
    return os.path.isabs(url)


def protocol_of(url: str) -> str:
    """The name of the file system, "file" for local paths."""
    if is_local(url):
        return "file"
    head = url.split(CHAIN, 1)[0]
    return head.split("://", 1)[0] if "://" in head else head if CHAIN in url else "file"


def join(url: str, relative: str) -> str:
    """The place of a file below another place."""
    if is_local(url):
        return f"{url.rstrip('/')}/{relative}"
    head, chain, tail = url.partition(CHAIN)
    return f"{head.rstrip('/')}/{relative}{chain}{tail}"


def default_folder(url: str) -> Path:
    """The folder for journal and report: the place itself where it is local, else the current folder."""
    return Path(url) if is_local(url) else Path()


def before_magic(pattern: str) -> str:
    """The folders of a pattern before its first wildcard."""
    parts = pattern.split("/")
    magic = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:magic])
