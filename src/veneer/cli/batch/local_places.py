"""Lists, reads and writes files of this machine; writing never replaces a file that must stay.

Place: `places.py` calls it for everything that is not a URL.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator

from veneer.cli import folders
from veneer.cli.batch.names import FREE, Entry, before_magic, unseen
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.whole_files import write_whole
from veneer.regular_file import UnfitFile, read_regular_file

_LOOP = FileFailure("is a link that leads back to itself", "check where it points")


def search(folder: str, wanted: Callable[[str], bool], start: re.Pattern[bytes] | None) -> list[Entry]:
    """Entries of all files below a folder, and of what could not be looked at: `folders.search` says which."""
    found = folders.search(folder, wanted, start)
    seen = [entry_of(str(path), folder) for path in found.files]
    return seen + [unseen(name, failure, folder) for name, failure in found.failures]


def match(pattern: str, paths: Iterable[str]) -> list[Entry]:
    """Entries of the files that a pattern stands for, and of what could not be looked at."""
    base = before_magic(pattern)
    seen = [entry_of(path, base) for path in paths if not os.path.isdir(path)]
    return seen + [unseen(name, failure, base) for name, failure in folders.unsearched(pattern)]


def entry_of(path: str, base: str) -> Entry:
    """The entry of a file below a folder; with a failure where it is not a file that can be read."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return unseen(path, FileFailure("is a link to a file that is not there", "mend or remove it"), base)
    except OSError as error:
        return unseen(path, failure_of(error), base)
    if not stat.S_ISREG(status.st_mode):
        return unseen(path, FileFailure("is no file but a pipe or device", "name a file"), base)
    return Entry(path, path.removeprefix(base).lstrip("/"), status.st_size, version_of(status))


def version_of(status: os.stat_result) -> str:
    """A text that changes when a source does."""
    # `created`, as fsspec calls it, is the time of any change, which programs that set `mtime` back cannot set.
    return json.dumps({"size": status.st_size, "mtime": str(status.st_mtime), "created": str(status.st_ctime)})


def stamp_of(status: os.stat_result) -> str:
    """A text that changes when a result is written again, by whomever."""
    times = {"mtime_ns": status.st_mtime_ns, "ctime_ns": status.st_ctime_ns}
    return json.dumps({"size": status.st_size, **times, "inode": status.st_ino})


def status_of(path: str) -> os.stat_result | None:
    """The status of a result's file; None if there is no file; raises FileFailure where no result can be written."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure_of(error) from error
    if stat.S_ISDIR(status.st_mode):
        raise FileFailure("the result is a folder", "choose another place")
    if not stat.S_ISREG(status.st_mode):
        raise FileFailure("the result is not a regular file", "choose another place")
    return status


def read(path: str) -> bytes:
    """The bytes of a regular file; raises FileFailure."""
    try:
        return read_regular_file(path)
    except OSError as error:
        raise failure_of(error) from error
    except ValueError as error:
        raise FileFailure("there is a NUL in its name", "rename it") from error


def write(path: str, data: bytes, replace: Callable[[str], bool], token: str, source: str | None) -> str | None:
    """Writes a result whole or not at all, and makes its folder.

    Args:
        path: of the result; links are followed.
        data: all of it.
        replace: says by the stamp of what stands there whether that may be replaced; by FREE, whether anything may
            that appears meanwhile.
        token: for its unfinished name.
        source: what it is made of, so that it gets no more readers; None where that is no local file.

    Returns:
        The stamp of the new file; None where something stands there that must not be replaced.

    Raises:
        OSError: the system refuses.
        FileFailure: no result can stand there.
    """
    target = os.path.realpath(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    present = status_of(target)
    if present is not None and not replace(stamp_of(present)):
        return None
    if present is not None and not present.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise FileFailure("the result is read-only", "change its permissions or choose another place")
    origin = os.stat(source) if source is not None else None
    try:
        written = write_whole(target, data, replace=present is not None or replace(FREE), token=token, source=origin)
    except FileExistsError:
        return None
    now = os.stat(target)  # taking its name changed it; unless it is another program's file by now
    return stamp_of(now if now.st_ino == written.st_ino else written)


def unfinished(folders: Iterable[str]) -> Iterator[str]:
    """Paths of unfinished files in some folders."""
    for folder in folders:
        try:
            names = os.listdir(folder)
        except OSError:
            continue  # it is not there, or what is wrong with it shows when a result goes there
        yield from (os.path.join(folder, name) for name in names if name.endswith(".part"))


def failure_of(error: OSError) -> FileFailure:
    """The failure for a refusal of the operating system, or for a file that must not be read."""
    if error.errno == errno.ELOOP:
        return _LOOP
    if isinstance(error, UnfitFile):
        return FileFailure(str(error.strerror), "run it again" if error.errno == errno.EAGAIN else "name a file")
    return from_os_error(error)
