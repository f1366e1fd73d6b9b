"""Where the bytes of a file come from: bytes themselves, a path, or a file that is open.

What the operating system says of a path or an open file is an OSError, as of `open`. What the caller has mixed up is a
VeneerError of BAD_SETTING.

Place: top of the package; `decode`, `read_info`, `dump_syntax` and `restore_jpeg` begin here.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import IO, cast

from veneer.arguments import shown, wrong
from veneer.errors import VeneerError

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes]

_WHAT = "bytes, a path, or a file open for reading bytes"


def read_source(source: Source, signature: bytes = b"") -> memoryview:
    """The bytes of a file.

    Args:
        source: bytes, or anything with the buffer interface; a path (str or PathLike); or a file open for reading
            bytes, which is read from its beginning where it can be sought in, else from where it is.
        signature: what the file must begin with; of one that begins otherwise, no more is read.

    Returns:
        One dimension of unsigned bytes, not copied where that can be.

    Raises:
        VeneerError: BAD_SETTING where it is something else, is closed, or was opened as text or for writing.
        OSError: it cannot be opened or read.
    """
    data = buffer_of(source)
    if data is not None:
        return data
    with opened(source) as file:
        start = file.read(len(signature))
        if start != signature:
            return memoryview(start)
        return memoryview(start + file.read())


class OpenFile:
    """An open file whose faults are the errors of this module.

    Args:
        file: whatever has a method `read`.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def is_seekable(self) -> bool:
        """Whether it can be sought in."""
        seekable = getattr(self._file, "seekable", None)
        return bool(seekable()) if callable(seekable) else callable(getattr(self._file, "seek", None))

    def size(self) -> int:
        """Its bytes; goes to its beginning."""
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(0)
        return size

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end; all for -1."""
        parts: list[bytes] = []
        left = size
        while left:
            parts.append(self._read_some(left))
            left -= len(parts[-1]) if size > 0 else 0
            if not parts[-1]:
                break
        return b"".join(parts)

    def _read_some(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except io.UnsupportedOperation as error:
            raise wrong(f'the file is not open for reading bytes ({error}); open it with mode "rb"') from error
        except (VeneerError, OSError, MemoryError):
            raise
        except Exception as error:  # closed meanwhile, or somebody else's class
            raise wrong(f"the file cannot be read: {error}") from error
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise wrong(f'the file does not give bytes but {type(data).__name__}; open it with mode "rb"')
        return bytes(data)


def buffer_of(source: object) -> memoryview | None:
    """The bytes of an object with the buffer interface, None where it has none; VeneerError where they are gone."""
    try:
        view = memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return None
    except Exception as error:  # released, or closed
        raise wrong(f"data cannot be used: {error}") from error
    try:
        return view.cast("B")
    except (TypeError, ValueError):  # of a format that cannot be cast, with gaps, or empty
        return memoryview(view.tobytes())


@contextlib.contextmanager
def opened(source: Source) -> Iterator[OpenFile]:
    """A path opened, or a file that is open, at its beginning; raises as `read_source`. What was open stays open."""
    if isinstance(source, (str, os.PathLike)):
        try:
            file = open(source, "rb")  # noqa: SIM115 - closed below
        except OSError:
            raise
        except Exception as error:  # a zero byte in a name, what somebody else's class raises
            raise wrong(f"data: {shown(source)} is no path: {error}") from None
        with file:
            yield OpenFile(file)
        return
    yield _at_its_beginning(source)


def _at_its_beginning(source: object) -> OpenFile:
    """An open file; raises VeneerError unless it is one, for reading bytes."""
    if not callable(getattr(source, "read", None)):
        raise wrong(f"data must be {_WHAT}, not {shown(source)}")
    if isinstance(source, io.TextIOBase):
        raise wrong('the file is open as text; open it with mode "rb"')
    if getattr(source, "closed", False) is True:
        raise wrong("the file is closed")
    file = cast(IO[bytes], source)
    try:
        result = OpenFile(file)
        if result.is_seekable():
            file.seek(0)
    except OSError:
        raise
    except Exception as error:  # somebody else's class
        raise wrong(f"the file cannot be read: {error}") from error
    return result
