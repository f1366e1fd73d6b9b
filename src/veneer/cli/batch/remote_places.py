"""Lists, reads and writes files elsewhere, through fsspec: object stores, archives, the web, other machines.

Place: `places.py` calls it for every place that is a URL.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import inspect
import json
import posixpath
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

from veneer.cli.batch.names import (
    CHAIN,
    FREE,
    OBJECT_STORES,
    WEB_PROTOCOLS,
    Entry,
    Present,
    TakenFailure,
    before_magic,
    join,
    protocol_of,
    unseen,
)
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.whole_files import unfinished_name

# What tells one version of a file from the next, by the names that file systems give it.
_VERSION_KEYS = ("ETag", "etag", "mtime", "created", "LastModified", "last_modified", "updated", "modified", "CRC")

_MISREAD = FileFailure("its name means another object to the client of this store", "rename it")


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError:
        raise FileFailure("fsspec is not installed", "pip install '.[batch]'") from None
    return fsspec


def _open(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    fsspec = _fsspec()
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
    return _fsspec().core.url_to_fs(f"{protocol}://{CHAIN}{place}")[0]


def _entry(url: str, fs: Any, name: str, info: dict[str, Any], base: str) -> Entry:
    version = {key: str(info[key]) for key in _VERSION_KEYS if info.get(key) is not None}
    relative = name.removeprefix(base).lstrip("/")
    if protocol_of(url) in WEB_PROTOCOLS:
        relative = urllib.parse.unquote(relative)
    failure = _MISREAD if _is_misread(fs, name) else None
    text = json.dumps({"size": info.get("size"), **version})
    return Entry(_url_of(url, fs, name), relative, info.get("size"), text, failure)


def _url_of(url: str, fs: Any, name: str) -> str:
    """The URL of a file that was found below `url`."""
    _, chain, tail = url.partition(CHAIN)
    return f"{protocol_of(url)}://{name}{chain}{tail}" if chain else str(fs.unstrip_protocol(name))


def list_files(url: str, wanted: Callable[[str], bool]) -> list[Entry]:
    """As `places.list_files`, in any order."""
    fs, path = _open(url)
    fs.invalidate_cache()
    web = protocol_of(url) in WEB_PROTOCOLS
    if web and path.endswith("/"):
        fs.ls(path)  # searching passes over what does not answer
    unsearched: list[Entry] = []
    if path.endswith("/") or (not web and fs.isdir(path)):
        base = path
        found, unsearched = _find(fs, path)
        found = {name: info for name, info in found.items() if wanted(posixpath.basename(name))}
    elif fs.exists(path):
        found, base = {path: fs.info(path)}, posixpath.dirname(path)
    elif glob.has_magic(path):
        found, base = fs.glob(path, detail=True), before_magic(path)
        found = {name: info for name, info in found.items() if info["type"] == "file"}
    else:
        raise FileFailure(f"{url}: no such file or folder", "check the name")
    return [_entry(url, fs, name, info, base) for name, info in found.items()] + unsearched


def _find(fs: Any, path: str) -> tuple[dict[str, Any], list[Entry]]:
    """Files below a folder, and folders in it that cannot be read.

    fsspec's own search passes over the latter; where a file system has a search of its own, that is taken, since one
    request for all is what it is for.
    """
    if type(fs).find is not _fsspec().AbstractFileSystem.find:
        return fs.find(path, detail=True), []
    found: dict[str, Any] = {}
    unsearched: list[Entry] = []
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            listing = fs.ls(folder, detail=True)
        except OSError as error:
            unsearched.append(unseen(folder, from_os_error(error), path))
            continue
        for info in listing:
            if info["type"] == "directory" and info["name"].rstrip("/") != folder.rstrip("/"):
                waiting.append(info["name"])
            elif info["type"] != "directory":
                found[info["name"]] = info
    return found, unsearched


def _is_misread(fs: Any, path: str) -> bool:
    """Whether an object store takes part of a name for something else, as `?versionId=` for a version."""
    if not hasattr(fs, "split_path"):
        return False
    bucket, key, *_ = fs.split_path(path)
    return f"{bucket}/{key}" != path


def _lists_all(fs: Any) -> bool:
    """Whether searching finds everything, since there are no links."""
    protocols = (fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol
    return not OBJECT_STORES.isdisjoint(protocols) or "memory" in protocols


def _info(fs: Any, path: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = fs.info(path)
    except FileNotFoundError:
        return None
    return found


def _present(info: dict[str, Any]) -> Present:
    """An entry of the listing of a file system; its stamp is the property that changes most reliably."""
    version = next(([key, str(info[key])] for key in _VERSION_KEYS if info.get(key) is not None), None)
    return Present(info.get("size"), json.dumps([info.get("size"), version]))


def unfit_target(destination: str, relative: str) -> FileFailure | None:
    """Why a result cannot have its name in a place; None where it can."""
    if CHAIN in destination:
        return None
    fs, path = _open(join(destination, relative))
    meant = f"{_open(destination)[1].rstrip('/')}/{relative}"
    return _MISREAD if path != meant or _is_misread(fs, path) else None


def look(destination: str, targets: Iterable[str]) -> dict[str, Present]:
    """The existing files with the names of results: from a listing, and where links are possible, by query."""
    fs, path = _open(destination)
    fs.invalidate_cache()
    try:
        listed = fs.find(path, detail=True)
    except FileNotFoundError:
        listed = {}
    present = {}
    for target in targets:
        name = _open(target)[1]
        info = listed.get(name) or (None if _lists_all(fs) else _info(fs, name))
        if info is not None:
            present[target] = _present(info)
    return present


def read(url: str) -> bytes:
    """The bytes of a file."""
    fs, path = _open(url)
    data: bytes = fs.cat_file(path)
    return data


def stamp_of(url: str) -> str | None:
    """The stamp of a file; None where there is none."""
    fs, path = _open(url)
    fs.invalidate_cache(posixpath.dirname(path))
    info = _info(fs, path)
    return None if info is None else _present(info).stamp


def write(url: str, data: bytes, replace: Callable[[str], bool], token: str) -> str | None:
    """Writes a file as `places.write` does; `replace` says by its stamp whether what stands there may be replaced."""
    fs, path = _open(url)
    before = stamp_of(url)
    if before is not None and not replace(before):
        raise TakenFailure(url)
    if protocol_of(url) not in OBJECT_STORES:
        _put_file(fs, path, data, token)
    elif not _put_object(fs, path, data, exclusive=before is None and not replace(FREE)):
        raise TakenFailure(url)
    return stamp_of(url)


def _put_object(fs: Any, path: str, data: bytes, *, exclusive: bool) -> bool:
    """Stores an object; False where `exclusive` and there is one by now."""
    if not exclusive or "mode" not in inspect.signature(fs.pipe_file).parameters:
        fs.pipe_file(path, data)
        return True
    try:
        fs.pipe_file(path, data, mode="create")
    except Exception:
        fs.invalidate_cache(posixpath.dirname(path))
        if _info(fs, path) is not None:
            return False
        fs.pipe_file(path, data)  # the store does not know exclusive writing; what else is wrong shows again
    return True


def _put_file(fs: Any, path: str, data: bytes, token: str) -> None:
    folder, name = posixpath.split(path)
    temporary = f"{folder}/{unfinished_name(name, token)}"
    fs.makedirs(folder, exist_ok=True)
    try:
        fs.pipe_file(temporary, data)
        fs.mv(temporary, path)
    except BaseException:
        with contextlib.suppress(Exception):
            fs.rm_file(temporary)
        raise


def remove(url: str) -> None:
    """Removes a file."""
    fs, path = _open(url)
    fs.rm_file(path)


def remove_unfinished(folders: Iterable[str], is_ended: Callable[[str], bool]) -> None:
    """Removes from folders the files whose names say that they are unfinished, of a run that has ended."""
    for folder in folders:
        if protocol_of(folder) in OBJECT_STORES or CHAIN in folder:
            continue
        with contextlib.suppress(Exception):  # what is wrong with it shows when a result goes there
            fs, path = _open(folder)
            fs.invalidate_cache(path)
            for name in fs.ls(path, detail=False):
                if is_ended(posixpath.basename(name)):
                    fs.rm_file(name)


def match_local(pattern: str) -> list[str]:
    """Local files for a pattern, which works as elsewhere."""
    found: list[str] = _fsspec().filesystem("file").glob(pattern)
    return found
