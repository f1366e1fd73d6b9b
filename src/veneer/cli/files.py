"""Reading inputs and writing results whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import threading
from pathlib import Path

from veneer.cli import streams, whole_files
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.messages import silence
from veneer.cli.paths import STREAM, Task


def read_source(source: Path | None) -> bytes:
    """The bytes of a file, or of standard input; raises FileFailure."""
    try:
        if source is None:
            return _read_standard_input()
        number = streams.descriptor_of(source)
        if number is not None:
            return streams.read_descriptor(number)
        mode = os.stat(source).st_mode
        if stat.S_ISFIFO(mode):
            return streams.read_pipe(source)
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise FileFailure("is a device, which may never end", "name a file")
        return source.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error


def source_of(name: str) -> Path | None:
    """The argument of `read_source` for a name on the command line; raises FileFailure."""
    if not name:
        raise FileFailure("the name is empty", "name a file")
    return None if name == STREAM else Path(name)


def _read_standard_input() -> bytes:
    try:
        number = sys.stdin.fileno()
    except (OSError, ValueError):  # it is no descriptor but a stand-in, as in tests
        return sys.stdin.buffer.read()
    try:
        return streams.read_descriptor(number)
    except OSError as error:
        failure = from_os_error(error)
    except FileFailure as found:
        failure = found
    raise FileFailure(f"standard input {failure.what}", failure.remedy)


class Outputs:
    """Writes results; a file appears under its name once it is complete.

    A result that is new may be read by those whom the process lets read new files (umask), and of them by those alone
    who may read its source. One that replaces a file gets the permissions of that file, and as far as the process
    may give them its owner and group.

    Args:
        force: existing files may be replaced.
    """

    def __init__(self, force: bool) -> None:
        self._force = force
        self._lock = threading.Lock()
        self._temporary: set[str] = set()
        self._closed = False

    def check(self, task: Task, *sources: Path) -> None:
        """Raises FileFailure if the result could not be written, as far as can be known before the work.

        Not even `force` replaces the source of the task, or one of `sources`.
        """
        target = task.target
        if target is None:
            if sys.stdout.buffer.isatty():
                raise FileFailure("standard output is a terminal", "name a file or redirect it")
            return
        if streams.is_stream(target):
            streams.check_writable(target)
            return
        _check_name(target)
        try:
            found = _status(target)
        except OSError as error:
            raise _of_target(str(target), from_os_error(error)) from error
        if found is None:
            if not task.make_folder and not target.parent.is_dir():
                raise FileFailure(f"there is no folder {target.parent}", "make it or choose another")
        elif stat.S_ISDIR(found.st_mode):
            raise FileFailure(f"the result {target} is a folder", "name a file")
        elif not self._force:
            raise _exists(target)
        elif not found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise FileFailure(f"{target} is read-only", "change its permissions or choose another name")
        elif any(_is_file(source, found) for source in (task.source, *sources) if source is not None):
            raise FileFailure(f"{target} is the source itself", "choose another name, so that the original stays")

    def write(self, task: Task, data: bytes) -> None:
        """Writes a result; raises FileFailure and leaves nothing behind where that fails."""
        where = "standard output" if task.target is None else str(task.target)
        try:
            if task.target is None:
                _write_standard_output(data)
            elif streams.is_stream(task.target):
                streams.write_stream(task.target, data)
            else:
                self._write_file(task, Path(os.path.realpath(task.target)), data)
        except OSError as error:
            raise _of_target(where, from_os_error(error)) from error

    def _write_file(self, task: Task, target: Path, data: bytes) -> None:
        if task.make_folder:
            target.parent.mkdir(parents=True, exist_ok=True)
        replaces = self._force and target.exists()
        temporary, number = self._create_temporary(target, None if replaces else _regular_status(task.source))
        try:
            with open(number, "wb") as file:
                if replaces:
                    whole_files.keep_permissions(number, str(target))
                file.write(data)
                file.flush()
                os.fsync(number)  # else the name could outlast a loss of power without its bytes
            with self._lock:
                if not self._closed:
                    whole_files.put_in_place(temporary, str(target), replace=self._force)
        except FileExistsError:
            raise _exists(target) from None
        finally:
            with self._lock, contextlib.suppress(FileNotFoundError):
                self._temporary.discard(temporary)
                os.unlink(temporary)

    def _create_temporary(self, target: Path, source: os.stat_result | None) -> tuple[str, int]:
        """Makes an empty file beside `target`, which nobody can read who cannot read `source`; name and descriptor."""
        name = f"{target.parent}/{whole_files.unfinished_name(target.name, secrets.token_hex(8))}"
        with self._lock:
            if self._closed:
                raise FileFailure("interrupted", "run it again")
            number = whole_files.create_unfinished(name, source)
            self._temporary.add(name)
        return name, number

    def abandon(self) -> None:
        """Removes unfinished files and lets no more appear."""
        with self._lock:
            self._closed = True
            for name in self._temporary:
                with contextlib.suppress(OSError):
                    os.unlink(name)


def _write_standard_output(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError:
        silence(sys.stdout)
        raise


def _exists(target: Path) -> FileFailure:
    return FileFailure(f"{target} exists", "replace it with --force or choose another name")


def _of_target(where: str, failure: FileFailure) -> FileFailure:
    return FileFailure(f"{where}: {failure.what}", failure.remedy)


def _status(target: Path) -> os.stat_result | None:
    """The status of the file with a name, links followed; None if there is no file."""
    try:
        return os.stat(target)
    except FileNotFoundError:
        return None


def _check_name(target: Path) -> None:
    """Raises FileFailure where a name has more bytes than the file system takes."""
    size = len(os.fsencode(target.name))
    try:
        most = os.pathconf(target.parent, "PC_NAME_MAX")
    except (OSError, ValueError):
        most = whole_files.MAX_NAME_BYTES
    if 0 < most < size:
        what = f"the name of the result has {size} bytes, and names have at most {most} here"
        raise FileFailure(what, "choose a shorter one with -o")


def _regular_status(source: Path | None) -> os.stat_result | None:
    """The status of a source that is a regular file."""
    if source is None:
        return None
    status = os.stat(source)
    return status if stat.S_ISREG(status.st_mode) else None


def _is_file(path: Path, found: os.stat_result) -> bool:
    """Whether a path leads to a file that was found otherwise."""
    try:
        return os.path.samestat(os.stat(path), found)
    except OSError:
        return False
