"""Reading inputs and writing results whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
import threading
from pathlib import Path

from veneer.cli import streams
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.messages import silence
from veneer.cli.paths import STREAM, Task

UNFINISHED_NAME_BYTES = 100  # of a result's name that its unfinished file bears
_USUAL_NAME_BYTES = 255  # that a name may have, where the file system does not say


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
    """What `read_source` takes for a name on the command line; raises FileFailure."""
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


def unfinished_name(name: str) -> str:
    """The part of a result's name that its unfinished file bears between `.` and `.HEX.part`: whole characters."""
    return os.fsencode(name)[:UNFINISHED_NAME_BYTES].decode(errors="ignore")


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

    def check(self, task: Task) -> None:
        """Raises FileFailure if the result could not be written, as far as can be known before the work."""
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
        replaced = _status(target) if self._force else None
        readers = _readers(task.source) if replaced is None else 0
        temporary, number = self._create_temporary(target, 0o600 | readers)
        try:
            with open(number, "wb") as file:
                file.write(data)
                if replaced is not None:
                    _give_status(number, replaced)
                elif task.source is not None:
                    _keep_group(number, task.source)
            with self._lock:
                if not self._closed:
                    self._publish(temporary, target)
        finally:
            with self._lock, contextlib.suppress(FileNotFoundError):
                self._temporary.discard(temporary)
                os.unlink(temporary)

    def _create_temporary(self, target: Path, mode: int) -> tuple[str, int]:
        """Makes an empty file beside `target`; its name and descriptor. The umask is taken off `mode`."""
        name = f"{target.parent}/.{unfinished_name(target.name)}.{secrets.token_hex(8)}.part"
        with self._lock:
            if self._closed:
                raise FileFailure("interrupted", "run it again")
            number = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
            self._temporary.add(name)
        return name, number

    def _publish(self, temporary: str, target: Path) -> None:
        """Gives a finished file its name; without `force` only where nothing has that name, even by now."""
        if self._force:
            os.replace(temporary, target)
            return
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise _exists(target) from None
        except OSError:  # file systems without hard links: an empty file holds the name meanwhile
            try:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
            except FileExistsError:
                raise _exists(target) from None
            try:
                os.replace(temporary, target)
            except OSError:
                os.unlink(target)
                raise

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
    """What is there under a name, links followed; None for nothing."""
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
        most = _USUAL_NAME_BYTES
    if 0 < most < size:
        what = f"the name of the result has {size} bytes, and names have at most {most} here"
        raise FileFailure(what, "choose a shorter one with -o")


def _readers(source: Path | None) -> int:
    """Permissions of group and others that a new result may have beside its owner's."""
    if source is None:
        return 0o066
    mode = os.stat(source).st_mode
    if not stat.S_ISREG(mode):
        return 0o066
    return (0o060 if mode & stat.S_IRGRP else 0) | (0o006 if mode & stat.S_IROTH else 0)


def _keep_group(number: int, source: Path) -> None:
    """Sees to it that the group which may read a result is the one that may read its source."""
    found, result = os.stat(source), os.fstat(number)
    group_alone = result.st_mode & stat.S_IRGRP and not result.st_mode & stat.S_IROTH
    if not stat.S_ISREG(found.st_mode) or not group_alone or found.st_gid == result.st_gid:
        return
    if found.st_mode & stat.S_IROTH:
        return  # everybody may read the source
    try:
        os.fchown(number, -1, found.st_gid)
    except OSError:
        os.fchmod(number, stat.S_IMODE(result.st_mode) & ~stat.S_IRWXG)


def _give_status(number: int, replaced: os.stat_result) -> None:
    """Gives a file the permissions of the one that it replaces, and owner and group as far as that is allowed."""
    mode = replaced.st_mode & 0o777
    try:
        os.fchown(number, replaced.st_uid if os.geteuid() == 0 else -1, replaced.st_gid)
    except OSError:
        if not mode & stat.S_IROTH:
            mode &= ~stat.S_IRWXG  # another group is not to read it
    os.fchmod(number, mode)
