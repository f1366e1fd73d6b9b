"""Files by their bytes, their paths, and open: the same results, and clear errors."""

import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from samples import four_tiles, make_picture

import veneer
from veneer import ErrorCode, VeneerError


class Plain:
    """No more than `read`, and that in pieces, as of a connection."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self.file.read(min(size, 100) if size >= 0 else 100)


def jpeg_file() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(make_picture(40, 50)).save(buffer, "JPEG", quality=40)
    return buffer.getvalue()


# The result of each function for a file, in a form that can be compared.
CALLS: dict[str, Callable[[Any], Any]] = {
    "decode": lambda source: zlib.crc32(veneer.decode(source)),
    "preview": lambda source: zlib.crc32(veneer.decode(source, layers="preview")),
    "reference": lambda source: zlib.crc32(veneer.decode(source, backend="reference", layers="preview")),
    "read_info": veneer.read_info,
    "verify": lambda source: veneer.read_info(source, verify=True),
    "dump_syntax": lambda source: list(veneer.dump_syntax(source)),
    "restore_jpeg": lambda source: zlib.crc32(veneer.restore_jpeg(source)),
}


def content(call: str) -> bytes:
    return jpeg_file() if call == "restore_jpeg" else four_tiles()


@pytest.mark.parametrize("call", CALLS)
def test_any_source(call: str, tmp_path: Path) -> None:
    data = content(call)
    path = tmp_path / "file"
    path.write_bytes(data)
    expected = CALLS[call](data)
    assert CALLS[call](str(path)) == expected
    assert CALLS[call](path) == expected
    assert CALLS[call](Plain(data)) == expected
    for file in (path.open("rb"), path.open("rb", buffering=0), io.BytesIO(data), path.open("r+b")):
        with file:
            file.read(3)  # it is read from its beginning
            assert CALLS[call](file) == expected
            assert not file.closed
    array = np.frombuffer(data, np.uint8)
    for buffer in (bytearray(data), memoryview(data), array, np.repeat(array, 2)[::2]):
        assert CALLS[call](buffer) == expected


@pytest.mark.parametrize("call", CALLS)
def test_pipes(call: str) -> None:
    data = content(call)
    receiver, sender = os.pipe()
    with os.fdopen(receiver, "rb") as file, os.fdopen(sender, "wb") as target:
        target.write(data)
        target.close()
        assert CALLS[call](file) == CALLS[call](data)


@pytest.mark.parametrize("call", CALLS)
def test_wrong_sources(call: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content(call))
    closed = path.open("rb")
    closed.close()
    with path.open(encoding="latin-1") as text, (tmp_path / "other").open("wb") as written:
        wrong: list[tuple[Any, str]] = [
            (closed, "the file is closed"),
            (text, "open as text"),
            (io.StringIO("x"), "open as text"),
            (written, "not open for reading"),
            (5, "data must be bytes, a path, or a file open for reading bytes, not 5"),
            (None, "data must be bytes"),
            (Image.new("L", (2, 2)), "data must be bytes"),
            ("a\0b", "is no path"),
        ]
        for source, message in wrong:
            with pytest.raises(VeneerError, match=message) as caught:
                CALLS[call](source)
            assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("call", CALLS)
def test_what_the_operating_system_says(call: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="none"):
        CALLS[call](tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        CALLS[call](tmp_path)


@pytest.mark.parametrize("call", CALLS)
def test_other_files(call: str, tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"some text, and no picture")):
        (tmp_path / str(number)).write_bytes(data)
        with pytest.raises(VeneerError) as of_bytes:
            CALLS[call](data)
        with pytest.raises(VeneerError) as of_path:
            CALLS[call](tmp_path / str(number))
        assert of_path.value.code == of_bytes.value.code


class Endless(io.RawIOBase):
    """Gives zeros for ever, and counts them."""

    count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.count += len(buffer)
        assert self.count < 100_000
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_what_is_no_veneer_file_is_not_read_on() -> None:
    for call in (veneer.decode, veneer.dump_syntax):
        with pytest.raises(VeneerError) as caught:
            call(Endless())  # type: ignore[arg-type]
        assert caught.value.code == ErrorCode.NO_SIGNATURE
