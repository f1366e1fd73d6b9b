"""Reading files by their names, where a name may turn out to be a pipe, a device or a file without end.

Place: below everything that opens what it finds in a folder: models, sources of an archive.
"""

from __future__ import annotations

import errno
import os
import stat

_STEP = 1 << 20  # bytes read at a time


class UnfitFile(OSError):
    """A name stands for something that must not be read; `strerror` says why."""


def read_regular_file(path: str | os.PathLike[str], limit: int | None = None) -> bytes:
    """The bytes of a regular file. Does not wait for pipes, and does not read devices.

    Args:
        path: of the file; symbolic links are followed.
        limit: a file with more bytes is refused, whatever size the file system tells; None for no limit.

    Raises:
        UnfitFile: it is not a regular file, is larger than `limit`, or changed while it was read.
        OSError: the system refuses.
        ValueError: the path contains a NUL character.
    """
    _require_regular(path, os.stat(path))  # opening a device can have effects of its own
    # A pipe may have taken the file's place since. Opening it must not wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    try:
        before = os.fstat(descriptor)
        _require_regular(path, before)
        data = _read(path, descriptor, limit)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnfitFile(errno.EAGAIN, "it changed while it was read", os.fspath(path))
    return data


def _require_regular(path: str | os.PathLike[str], status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(status.st_mode):
        raise UnfitFile(errno.EINVAL, f"it is {_kind(status.st_mode)}, not a regular file", os.fspath(path))


def _kind(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return kinds.get(stat.S_IFMT(mode), "something else")


def _read(path: str | os.PathLike[str], descriptor: int, limit: int | None) -> bytes:
    parts, count = [], 0
    while part := os.read(descriptor, _STEP):
        parts.append(part)
        count += len(part)
        if limit is not None and count > limit:
            raise UnfitFile(errno.EFBIG, f"it is larger than {limit} bytes", os.fspath(path))
    return b"".join(parts)
