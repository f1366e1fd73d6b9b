"""Writes files whole or not at all, and never replaces a file that must stay.

A file is written under an unfinished name beside its target, and takes the target's name once it is complete. A name
that is free is taken by a hard link, which fails where another program has taken it meanwhile; renaming would not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat

MAX_NAME_BYTES = 255  # of a name in a folder, as most file systems have it

_PRIVATE = 0o600
_ANY = 0o666

# What file systems say that have no hard links.
_NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL))


def unfinished_name(name: str, token: str) -> str:
    """The name that a file has beside its target until it is complete.

    Args:
        name: of the target, without its folder.
        token: hexadecimal digits that tell who writes it.
    """
    ending = f".{token}.part"
    room = MAX_NAME_BYTES - len(ending) - 1
    short = os.fsencode(name)[:room].decode(errors="ignore") if len(os.fsencode(name)) > room else name
    return f".{short}{ending}"


def write_whole(
    target: str,
    data: bytes,
    *,
    replace: bool,
    token: str | None = None,
    source: os.stat_result | None = None,
) -> os.stat_result:
    """Writes a file that appears once it is complete. Symbolic links are not followed: resolve them first.

    The file can be read by nobody who cannot read `source`. One that replaces another keeps its permissions, and its
    owner and group where the system allows that.

    Args:
        target: path of the file; its folder exists.
        data: all of it.
        replace: an existing file may be replaced.
        token: for the unfinished name; None for one of its own.
        source: what the file is made of, for its permissions; None where that is no file.

    Returns:
        What the file system says of the new file.

    Raises:
        FileExistsError: there is a file, and `replace` is false. It stays as it is.
        OSError: the system refuses. Nothing is left behind.
    """
    folder, name = os.path.split(target)
    unfinished = os.path.join(folder, unfinished_name(name, token or secrets.token_hex(8)))
    descriptor = create_unfinished(unfinished, source)
    try:
        with open(descriptor, "wb") as file:
            if replace:
                keep_permissions(file.fileno(), target)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a name could outlast a loss of power without its bytes
            status = os.fstat(file.fileno())
        put_in_place(unfinished, target, replace=replace)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unfinished)
    return status


def create_unfinished(path: str, source: os.stat_result | None = None) -> int:
    """Makes a new empty file; returns a descriptor to write to it.

    Its permissions are those that new files get, without what `source` denies to its group or to others.
    """
    wanted = _ANY if source is None else _PRIVATE | _readers(source.st_mode)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), wanted)
    if source is not None:
        _keep_group(descriptor, source)
    return descriptor


def put_in_place(unfinished: str, target: str, *, replace: bool) -> None:
    """Gives a complete file its name; raises FileExistsError where that is taken and must not be replaced."""
    if replace:
        os.replace(unfinished, target)
        return
    try:
        os.link(unfinished, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_LINKS:
            raise
        # Without hard links, an empty file of our own takes the name first.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        try:
            os.replace(unfinished, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(target)
            raise
    else:
        os.unlink(unfinished)


def keep_permissions(descriptor: int, replaced: str) -> None:
    """Gives a new file the permissions, owner and group of the one that it replaces, as far as the system allows."""
    if not hasattr(os, "fchown"):
        return
    try:
        old = os.stat(replaced)
    except OSError:
        return  # there is none
    if not stat.S_ISREG(old.st_mode):
        return
    with contextlib.suppress(OSError):  # only the administrator may give files away
        os.fchown(descriptor, old.st_uid if os.geteuid() == 0 else -1, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode) & 0o777)
    _keep_group(descriptor, old)


def _readers(mode: int) -> int:
    """Read and write permissions of group and others, without those of who may not read."""
    return (0o060 if mode & stat.S_IRGRP else 0) | (0o006 if mode & stat.S_IROTH else 0)


def _keep_group(descriptor: int, model: os.stat_result) -> None:
    """Lets the group of `model` read a file, or none at all, where not everybody may."""
    if not hasattr(os, "fchown"):
        return
    status = os.fstat(descriptor)
    if status.st_gid == model.st_gid or model.st_mode & stat.S_IROTH or not status.st_mode & stat.S_IRWXG:
        return
    try:
        os.fchown(descriptor, -1, model.st_gid)
    except OSError:
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & 0o707)
