"""Sources and results that are not regular files: descriptors such as /dev/stdout, named pipes, devices."""

from __future__ import annotations

import concurrent.futures
import contextlib
import errno
import os
import re
import stat
import sys
import threading
import time
from pathlib import Path

from veneer.cli.failure import FileFailure, from_os_error

if sys.platform != "win32":
    import fcntl

# How long the other end of a named pipe may take to be opened: long enough for a command that is typed after this one.
PIPE_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.02

_STANDARD = {"stdin": 0, "stdout": 1, "stderr": 2}


def descriptor_of(path: str | Path) -> int | None:
    """The descriptor of this process that a name stands for, as shells make them: /dev/stdout, /dev/fd/63.

    Such a name is not opened: that would begin at the start of a file again which a shell appends to, and fails for
    sockets.
    """
    found = re.fullmatch(
        rf"/dev/(stdin|stdout|stderr)|(?:/dev|/proc/(?:self|thread-self|{os.getpid()}))/fd/(\d+)", str(path)
    )
    if found is None:
        return None
    return int(found[2]) if found[1] is None else _STANDARD[found[1]]


def is_stream(path: str | Path) -> bool:
    """Whether what is written to a name goes to a descriptor, a pipe or a device, where nothing is replaced."""
    if descriptor_of(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def read_descriptor(number: int) -> bytes:
    """All that comes from a descriptor.

    Raises:
        FileFailure: it is a terminal or a device.
        OSError: it is closed, or not open for reading.
    """
    _check_access(number, os.O_WRONLY)
    if os.isatty(number):
        raise FileFailure("is a terminal", "name a file or pipe one in")
    if stat.S_ISCHR(os.fstat(number).st_mode):
        raise FileFailure("is a device, which may never end", "name a file")
    with open(os.dup(number), "rb") as file:
        return file.read()


def check_writable(path: Path) -> None:
    """Raises FileFailure where it is known that nothing can be written to a stream."""
    number = descriptor_of(path)
    if number is None:
        mode = os.stat(path).st_mode
        if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
            raise FileFailure(f"{path} is a {'disk' if stat.S_ISBLK(mode) else 'socket'}", "name a file")
        return
    try:
        _check_access(number, os.O_RDONLY)
    except OSError as error:
        failure = from_os_error(error)
        raise FileFailure(f"{path}: {failure.what}", failure.remedy) from error
    if os.isatty(number):
        raise FileFailure(f"{path} is a terminal", "name a file or redirect it")


def _check_access(number: int, forbidden: int) -> None:
    """Raises OSError of EBADF where a descriptor is closed, or open for the other direction alone."""
    if sys.platform == "win32":
        os.fstat(number)
    elif fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == forbidden:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def read_pipe(path: Path) -> bytes:
    """All that comes through a named pipe; raises FileFailure where nobody opens its other end, and OSError."""
    opened: concurrent.futures.Future[int] = concurrent.futures.Future()

    def wait_for_writer() -> None:
        try:
            opened.set_result(os.open(path, os.O_RDONLY))
        except OSError as error:
            opened.set_exception(error)

    thread = threading.Thread(target=wait_for_writer, daemon=True)
    thread.start()
    try:
        number = opened.result(PIPE_PATIENCE_SECONDS)
    except TimeoutError:
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))  # which ends the waiting
        thread.join()
        os.close(opened.result())
        raise FileFailure("nobody writes to this pipe", "start what writes to it first") from None
    with open(number, "rb") as file:
        return file.read()


def write_stream(path: Path, data: bytes) -> None:
    """Writes to a descriptor, a pipe or a device; raises FileFailure where nobody reads from a pipe, and OSError."""
    number = descriptor_of(path)
    with open(_open_to_write(path) if number is None else os.dup(number), "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) or 0 :]


def _open_to_write(path: Path) -> int:
    """Opens a pipe or a device, of a pipe within PIPE_PATIENCE_SECONDS."""
    end = time.monotonic() + PIPE_PATIENCE_SECONDS
    while True:
        try:
            number = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                raise FileFailure("nobody reads from this pipe", "start what reads from it first") from None
            time.sleep(_POLL_SECONDS)
        else:
            os.set_blocking(number, True)
            return number
