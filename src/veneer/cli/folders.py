"""Searching the folders of this machine: which files to process, and what could not be read.

Links to files are followed. Links to folders are not: they may lead anywhere, or form a circle. A link that leads out
of the searched folders is named, since it may lead to pictures.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.known_starts import begins_like

Wanted = Callable[[str], bool]


@dataclasses.dataclass(frozen=True)
class Found:
    """The result of a search.

    Attributes:
        files: in order of their paths.
        failures: names of what could not be looked at, or leads nowhere, each with the reason.
    """

    files: list[Path]
    failures: list[tuple[str, FileFailure]]


def search(folder: str | Path, wanted: Wanted, start: re.Pattern[bytes] | None) -> Found:
    """Searches a folder and those in it.

    Args:
        folder: where to begin.
        wanted: says by its name whether a file is to be done.
        start: pattern of the first bytes of other files to process; names that begin with a dot are skipped.

    Returns:
        What is there.
    """
    found = Found([], [])
    root = os.path.realpath(folder)

    def note(error: OSError) -> None:
        found.failures.append((str(error.filename), from_os_error(error)))

    for place, folders, names in os.walk(folder, onerror=note):
        for name in sorted(folders):
            path = os.path.join(place, name)
            if os.path.islink(path) and not _is_within(os.path.realpath(path), root):
                what = "is a link to a folder elsewhere, which is not searched"
                found.failures.append((path, FileFailure(what, "name it, or what it leads to, as well")))
        for name in names:
            _look_at(Path(place, name), wanted, start, found)
    found.files.sort()
    found.failures.sort(key=lambda failure: failure[0])
    return found


def _look_at(path: Path, wanted: Wanted, start: re.Pattern[bytes] | None, found: Found) -> None:
    """Enters a file that is to be done, or why it cannot be."""
    known = wanted(path.name)
    if os.path.isfile(path):
        if known or (start is not None and not path.name.startswith(".") and begins_like(path, start)):
            found.files.append(path)
    elif known:
        found.failures.append((str(path), _why_no_file(path)))


def _why_no_file(path: Path) -> FileFailure:
    try:
        path.stat()
    except FileNotFoundError:
        return FileFailure("is a link to a file that is not there", "mend or remove it")
    except OSError as error:
        return from_os_error(error)
    return FileFailure("is no file but a pipe or device", "remove it from the folder")


def unsearched(pattern: str) -> list[tuple[str, FileFailure]]:
    """Folders that a pattern goes through but that cannot be read, with the reason."""
    parts = pattern.split(os.sep)
    magic = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    base = os.sep.join(parts[:magic]) or (os.sep if pattern.startswith(os.sep) else os.curdir)
    depth = None if "**" in parts else len(parts) - magic - 1
    return list(_unreadable(base, depth))


def _unreadable(base: str, depth: int | None) -> Iterator[tuple[str, FileFailure]]:
    errors: list[OSError] = []
    for place, folders, _ in os.walk(base, onerror=errors.append):
        level = 0 if place == base else os.path.relpath(place, base).count(os.sep) + 1
        if depth is not None and level >= depth:
            folders.clear()
    for error in errors:
        yield str(error.filename), from_os_error(error)


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
