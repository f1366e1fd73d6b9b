"""Reading inputs and writing results whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import threading
from pathlib import Path

from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.paths import Task

UNFINISHED_NAME_LENGTH = 100  # characters of a result's name that its unfinished file bears


def read_source(source: Path | None) -> bytes:
    """The bytes of a file, or of standard input; raises FileFailure."""
    if source is None and sys.stdin.buffer.isatty():
        raise FileFailure("standard input is a terminal", "name a file or pipe one in")
    if source is not None and source.is_char_device():
        raise FileFailure("is a device, which may never end", "name a file")
    try:
        return sys.stdin.buffer.read() if source is None else source.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error


class Outputs:
    """Writes results; a file appears under its name once it is complete.

    Args:
        force: existing files may be replaced.
    """

    def __init__(self, force: bool) -> None:
        self._force = force
        self._lock = threading.Lock()
        self._temporary: set[str] = set()
        self._closed = False

    def check(self, task: Task) -> None:
        """Raises FileFailure if the result could not be written, as far as can be known before the work."""
        target = task.target
        if target is None:
            if sys.stdout.buffer.isatty():
                raise FileFailure("standard output is a terminal", "name a file or redirect it")
            return
        if target.is_dir():
            raise FileFailure(f"the result {target} is a folder", "name a file")
        if target.is_file():
            if not self._force:
                raise FileFailure(f"{target} exists", "replace it with --force or choose another name")
            if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
                raise FileFailure(f"{target} is read-only", "change its permissions or choose another name")
        if not task.make_folder and not target.parent.is_dir():
            raise FileFailure(f"there is no folder {target.parent}", "make it or choose another")

    def write(self, task: Task, data: bytes) -> None:
        """Writes a result; raises FileFailure and leaves nothing behind where that fails."""
        try:
            if task.target is None:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            else:
                self._write_file(task.target.resolve(), data, task.make_folder)
        except OSError as error:
            failure = from_os_error(error)
            where = "standard output" if task.target is None else str(task.target)
            raise FileFailure(f"{where}: {failure.what}", failure.remedy) from error

    def _write_file(self, target: Path, data: bytes, make_folder: bool) -> None:
        if make_folder:
            target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a device or a pipe: there is nothing to replace
            return
        temporary = self._create_temporary(target)
        try:
            with open(temporary, "wb") as file:
                file.write(data)
            with self._lock:
                if not self._closed:
                    os.replace(temporary, target)
        finally:
            with self._lock, contextlib.suppress(FileNotFoundError):
                self._temporary.discard(temporary)
                os.unlink(temporary)

    def _create_temporary(self, target: Path) -> str:
        """Makes an empty file beside `target`, with the permissions that new files get."""
        name = f"{target.parent}/.{target.name[:UNFINISHED_NAME_LENGTH]}.{secrets.token_hex(8)}.part"
        with self._lock:
            if self._closed:
                raise FileFailure("interrupted", "run it again")
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            self._temporary.add(name)
        return name

    def abandon(self) -> None:
        """Removes unfinished files and lets no more appear."""
        with self._lock:
            self._closed = True
            for name in self._temporary:
                with contextlib.suppress(OSError):
                    os.unlink(name)
