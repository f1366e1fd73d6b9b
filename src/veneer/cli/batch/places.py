"""Lists and reads files here and elsewhere, and writes them whole or not at all.

A place is a local path or a URL that fsspec knows, chained ones such as `zip://::photos.zip` included: `names.py` tells
one from the other.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator

from veneer.cli.batch import local_places, remote_places
from veneer.cli.batch.names import (
    ANYTHING,
    FREE,
    Entry,
    Present,
    TakenFailure,
    is_local,
    protocol_of,
)
from veneer.cli.failure import FileFailure

TOKEN_DIGITS = 8  # hexadecimal, of a run; unfinished files have as many more of their own
_UNFINISHED = re.compile(r"\..*\.([0-9a-f]{8})[0-9a-f]{8}\.part")


def list_files(url: str, wanted: Callable[[str], bool], start: re.Pattern[bytes] | None = None) -> list[Entry]:
    """Files that a folder, a pattern or a name stands for.

    Args:
        url: an absolute place.
        wanted: says by its name whether a file in a folder is one to take; what is named is taken in any case.
        start: pattern of the first bytes of local files that are taken whatever their names are.

    Returns:
        Entries, those of folders that cannot be read and of links that lead elsewhere among them, with the failure;
        all in order of their relative paths; those of a pattern are relative to the part of it before the
        first wildcard.

    Raises:
        FileFailure: there is nothing, or the file system refuses or is not installed.
    """
    with _failures(url):
        entries = _list_local(url, wanted, start) if is_local(url) else remote_places.list_files(url, wanted)
    if not entries:
        raise FileFailure(f"{url}: there is nothing to do in it", "check the name, or look for files of another kind")
    return sorted(entries, key=lambda entry: entry.relative)


def _list_local(path: str, wanted: Callable[[str], bool], start: re.Pattern[bytes] | None) -> list[Entry]:
    if os.path.isdir(path):
        return local_places.search(path.rstrip("/") or "/", wanted, start)
    if os.path.lexists(path):
        return [local_places.entry_of(path, os.path.dirname(path))]
    if glob.has_magic(path):
        return local_places.match(path, remote_places.match_local(path))
    raise FileFailure(f"{path}: no such file or folder", "check the name")


def look(destination: str, targets: Iterable[str]) -> dict[str, Present | FileFailure]:
    """The existing files with the names of results below a place; names that are free are left out.

    Local files are looked at one by one, since a folder may be a link; elsewhere the place is listed.
    """
    if is_local(destination):
        found = {target: _look_local(target) for target in targets}
        return {target: there for target, there in found.items() if there is not None}
    with _failures(destination):
        return dict(remote_places.look(destination, targets))


def unfit_target(destination: str, relative: str) -> FileFailure | None:
    """Why a result cannot have its name in a place; None where it can."""
    if is_local(destination):
        return None
    with _failures(destination):
        return remote_places.unfit_target(destination, relative)


def _look_local(target: str) -> Present | FileFailure | None:
    try:
        status = local_places.status_of(target)
    except FileFailure as failure:
        return failure
    except ValueError as error:
        return FileFailure(str(error), "rename it")
    return None if status is None else Present(status.st_size, local_places.stamp_of(status))


def read(url: str) -> bytes:
    """The bytes of a file; raises FileFailure, which leaves it to others to name the file."""
    with _failures(url, named=False):
        return local_places.read(url) if is_local(url) else remote_places.read(url)


def stamp_of(url: str) -> str | None:
    """The stamp of a file as `write` gives it; None where there is none. Raises FileFailure."""
    with _failures(url):
        if is_local(url):
            status = local_places.status_of(url)
            return None if status is None else local_places.stamp_of(status)
        return remote_places.stamp_of(url)


def write(url: str, data: bytes, *, may_replace: str, token: str, source: str | None = None) -> str | None:
    """Writes a file, which appears once it is complete.

    A name that is free is taken in one step with a look at it where the file system can do that: here, and in object
    stores whose client knows exclusive writing. Elsewhere the last look comes just before.

    Args:
        url: the file; its folder is made.
        data: all of it.
        may_replace: NOTHING, ANYTHING, or the stamp of what stands there and may be replaced.
        token: of the run, TOKEN_DIGITS hexadecimal digits.
        source: what it is made of, so that it gets no more readers where both are here.

    Returns:
        The stamp of the new file.

    Raises:
        TakenFailure: there is another file. It stays.
        FileFailure: the file system refuses. Nothing is left behind.
    """

    def replace(stamp: str) -> bool:
        return may_replace == ANYTHING or (stamp != FREE and stamp == may_replace)

    token += secrets.token_hex(TOKEN_DIGITS // 2)
    with _failures(url):
        if is_local(url):
            origin = source if source is not None and is_local(source) else None
            stamp = local_places.write(url, data, replace, token, origin)
            if stamp is None:
                raise TakenFailure(url)
            return stamp
        return remote_places.write(url, data, replace, token)


def remove(url: str) -> None:
    """Removes a file; raises FileFailure."""
    with _failures(url):
        if is_local(url):
            os.unlink(os.path.realpath(url))
        else:
            remote_places.remove(url)


def remove_unfinished(targets: Iterable[str], tokens: Iterable[str]) -> None:
    """Removes what runs of these tokens, which must have ended, left half written beside results."""
    ended = set(tokens)

    def is_ended(name: str) -> bool:
        match = _UNFINISHED.fullmatch(name)
        return match is not None and match[1] in ended

    local, remote = set[str](), set[str]()
    for target in targets:
        (local if is_local(target) else remote).add(target.rpartition("/")[0])
    for path in local_places.unfinished(local):
        if is_ended(os.path.basename(path)):
            with contextlib.suppress(OSError):
                os.unlink(path)
    remote_places.remove_unfinished(remote, is_ended)


@contextlib.contextmanager
def _failures(url: str, *, named: bool = True) -> Iterator[None]:
    """Turns whatever a file system raises into a FileFailure, which names `url` where that is asked for."""
    prefix = f"{url}: " if named else ""
    try:
        yield
    except FileFailure as failure:
        if type(failure) is not FileFailure or not named or failure.what.startswith(url):
            raise
        raise FileFailure(f"{prefix}{failure.what}", failure.remedy) from failure
    except OSError as error:
        refused = local_places.failure_of(error)
        raise FileFailure(f"{prefix}{refused.what}", refused.remedy) from error
    except Exception as error:  # clients of object stores raise kinds of their own
        what = " ".join(str(error).split()) or type(error).__name__
        raise FileFailure(f"{prefix}{what}", f"check {protocol_of(url)} access and fsspec's configuration") from error
