"""Folders of files here and elsewhere, through fsspec: what is in them, reading, and writing whole or not at all.

A place is a local path or a URL that fsspec knows, chained ones such as `zip://::photos.zip` included.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import glob
import json
import os
import posixpath
import re
import secrets
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from veneer.cli import folders
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.files import Outputs
from veneer.cli.paths import Task
from veneer.cli.whole_files import unfinished_name

CHAIN = "::"
LOCAL_PROTOCOLS = frozenset(("file", "local"))

WEB_PROTOCOLS = frozenset(("http", "https"))

# Where nothing can be written, whatever the permissions.
READ_ONLY_PROTOCOLS = WEB_PROTOCOLS | {"zip", "tar", "libarchive", "github"}

# Object stores: there are no folders to make, and an object appears once all of it has arrived.
OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss"))

# What tells one version of a file from the next, by the names that file systems give it. `created` of a local file is
# the time of its last change of any sort, which programs that set `mtime` back cannot set.
_VERSION_KEYS = ("ETag", "etag", "mtime", "created", "LastModified", "last_modified", "updated", "modified", "CRC")

_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{16}\.part")


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


def absolute(url: str) -> str:
    """The same place for processes in other folders and on other machines: local paths made absolute."""
    head, chain, tail = url.rpartition(CHAIN)
    if "://" in tail:
        return url
    slash = "/" if tail.endswith(("/", os.sep)) else ""
    return head + chain + os.path.abspath(os.path.expanduser(tail)).rstrip("/") + slash


def protocol_of(url: str) -> str:
    """The name of the file system, "file" for local paths."""
    head = url.split(CHAIN, 1)[0]
    return head.split("://", 1)[0] if "://" in head else head if CHAIN in url else "file"


def join(url: str, relative: str) -> str:
    """The place of a file below another place."""
    head, chain, tail = url.partition(CHAIN)
    return f"{head.rstrip('/')}/{relative}{chain}{tail}"


def default_folder(url: str) -> Path:
    """Where to keep notes about a place: in it where it is local, else in the current folder."""
    return _local_path(url) if protocol_of(url) in LOCAL_PROTOCOLS else Path()


def list_files(url: str, wanted: Callable[[str], bool], start: re.Pattern[bytes] | None = None) -> list[Entry]:
    """Files that a folder, a pattern or a name stands for.

    Args:
        url: an absolute place.
        wanted: says by its name whether a file in a folder is one to take; what is named is taken in any case.
        start: how files of folders of this machine begin that are taken whatever their names are.

    Returns:
        Entries, those of folders that cannot be read and of links that lead elsewhere among them, with the failure;
        all in order of their relative paths; those of a pattern are relative to the part of it before the
        first wildcard.

    Raises:
        FileFailure: there is nothing, or the file system refuses or is not installed.
    """
    with _failures(url):
        fs, path = _open(url)
        fs.invalidate_cache()
        web = protocol_of(url) in WEB_PROTOCOLS
        if web and path.endswith("/"):
            fs.ls(path)  # searching passes over what does not answer
        unseen: list[Entry] = []
        if protocol_of(url) in LOCAL_PROTOCOLS and fs.isdir(path):
            searched, base = folders.search(path, wanted, start), path
            found = {str(file): fs.info(str(file)) for file in searched.files}
            unseen = [_unseen(name, failure, base) for name, failure in searched.failures]
        elif path.endswith("/") or (not web and fs.isdir(path)):
            base = path
            found, unseen = _find_elsewhere(fs, path)
            found = {name: info for name, info in found.items() if wanted(posixpath.basename(name))}
        elif fs.exists(path):
            found, base = {path: fs.info(path)}, posixpath.dirname(path)
        elif glob.has_magic(path):
            found, base = fs.glob(path, detail=True), _before_magic(path)
            found = {name: info for name, info in found.items() if info["type"] == "file"}
            if protocol_of(url) in LOCAL_PROTOCOLS:
                unseen = [_unseen(name, failure, base) for name, failure in folders.unsearched(path)]
        else:
            raise FileFailure(f"{url}: no such file or folder", "check the name")
        entries = [_entry(url, fs, name, info, base) for name, info in found.items()] + unseen
    if not entries:
        raise FileFailure(f"{url}: there is nothing to do in it", "check the name, or look for files of another kind")
    return sorted(entries, key=lambda entry: entry.relative)


def _find_elsewhere(fs: Any, path: str) -> tuple[dict[str, Any], list[Entry]]:
    """Files below a folder that is not of this machine, and folders in it that cannot be read.

    fsspec's own search passes over the latter; where a file system has a search of its own, that is taken, since one
    request for all is what it is for.
    """
    import fsspec

    if type(fs).find is not fsspec.AbstractFileSystem.find:
        return fs.find(path, detail=True), []
    found: dict[str, Any] = {}
    unseen: list[Entry] = []
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            listing = fs.ls(folder, detail=True)
        except OSError as error:
            unseen.append(_unseen(folder, from_os_error(error), path))
            continue
        for info in listing:
            if info["type"] == "directory" and info["name"].rstrip("/") != folder.rstrip("/"):
                waiting.append(info["name"])
            elif info["type"] != "directory":
                found[info["name"]] = info
    return found, unseen


def _unseen(name: str, failure: FileFailure, base: str) -> Entry:
    """The entry of what could not be looked at."""
    return Entry(name, name.removeprefix(base).lstrip("/"), None, "", failure)


def sizes(url: str) -> dict[str, int | None]:
    """What is in a folder already: relative paths and bytes; nothing where there is no such folder."""
    with _failures(url):
        fs, path = _open(url)
        fs.invalidate_cache()
        try:
            found = fs.find(path, detail=True)
        except FileNotFoundError:
            return {}
        return {name.removeprefix(path).lstrip("/"): info.get("size") for name, info in found.items()}


def read(url: str) -> bytes:
    """The bytes of a file; raises FileFailure, which leaves it to others to name the file."""
    with _failures(url, named=False):
        fs, path = _open(url)
        data: bytes = fs.cat_file(path)
        return data


def write(url: str, data: bytes) -> None:
    """Writes a file, which appears once it is complete; raises FileFailure."""
    if protocol_of(url) in LOCAL_PROTOCOLS:
        Outputs(force=True).write(Task(None, _local_path(url), make_folder=True), data)
        return
    with _failures(url):
        fs, path = _open(url)
        if protocol_of(url) in OBJECT_STORES:
            fs.pipe_file(path, data)
            return
        folder, name = posixpath.split(path)
        temporary = f"{folder}/.{name}.{secrets.token_hex(8)}.part"
        fs.makedirs(folder, exist_ok=True)
        try:
            fs.pipe_file(temporary, data)
            fs.mv(temporary, path)
        except BaseException:
            with contextlib.suppress(Exception):
                fs.rm_file(temporary)
            raise


def remove(url: str) -> None:
    """Removes a file; raises FileFailure."""
    with _failures(url):
        fs, path = _open(url)
        fs.rm_file(path)


def remove_unfinished(targets: Iterable[str]) -> None:
    """Removes what killed processes left half written beside local files, and nothing that others are writing."""
    names: dict[str, set[str]] = collections.defaultdict(set)
    for target in targets:
        if protocol_of(target) in LOCAL_PROTOCOLS:
            path = _local_path(target)
            names[str(path.parent)].add(unfinished_name(path.name, "")[1 : -len("..part")])
    for folder, known in names.items():
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            match = _UNFINISHED.fullmatch(name)
            if match and match[1] in known:
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, name))


def _local_path(url: str) -> Path:
    return Path(url.split("://", 1)[-1])


def _open(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    try:
        import fsspec
    except ImportError:
        raise FileFailure("fsspec is not installed", "pip install 'veneer[batch]'") from None
    head, chain, tail = url.partition(CHAIN)
    try:
        if chain:
            return _archive(protocol_of(url), tail), head.partition("://")[2]
        fs, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise FileFailure(" ".join(str(error).split()), "install that with pip") from error
    except ValueError as error:
        what = " ".join(str(error).split()).rstrip(".")
        raise FileFailure(what, "give a path or a URL such as s3://bucket/folder") from error
    return fs, path


@functools.lru_cache(64)
def _archive(protocol: str, place: str) -> Any:
    """The file system within a file, whose table of contents is read once."""
    import fsspec

    return fsspec.core.url_to_fs(f"{protocol}://{CHAIN}{place}")[0]


def _entry(url: str, fs: Any, name: str, info: dict[str, Any], base: str) -> Entry:
    version = {key: str(info[key]) for key in _VERSION_KEYS if info.get(key) is not None}
    relative = name.removeprefix(base).lstrip("/")
    if protocol_of(url) in WEB_PROTOCOLS:
        relative = urllib.parse.unquote(relative)
    return Entry(_url_of(url, fs, name), relative, info.get("size"), json.dumps({"size": info.get("size"), **version}))


def _url_of(url: str, fs: Any, name: str) -> str:
    """The URL of a file that was found below `url`."""
    _, chain, tail = url.partition(CHAIN)
    if protocol_of(url) in LOCAL_PROTOCOLS:
        return name
    return f"{protocol_of(url)}://{name}{chain}{tail}" if chain else str(fs.unstrip_protocol(name))


def _before_magic(pattern: str) -> str:
    """The folders of a pattern before its first wildcard."""
    parts = pattern.split("/")
    magic = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:magic])


@contextlib.contextmanager
def _failures(url: str, *, named: bool = True) -> Iterator[None]:
    """Turns whatever a file system raises into a FileFailure, which names `url` where that is asked for."""
    prefix = f"{url}: " if named else ""
    try:
        yield
    except FileFailure:
        raise
    except OSError as error:
        failure = from_os_error(error)
        raise FileFailure(f"{prefix}{failure.what}", failure.remedy) from error
    except Exception as error:  # clients of object stores raise kinds of their own
        what = " ".join(str(error).split()) or type(error).__name__
        raise FileFailure(f"{prefix}{what}", f"check {protocol_of(url)} access and fsspec's configuration") from error
