"""Kinds of fields: how the bytes of one field become a value and back. All are whole bytes, little-endian.

Source: docs/format.md, "Conventions".
"""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

# The letters of `struct` for kinds of fixed size.
PACKED = {"u8": "B", "u16": "H", "u32": "I", "i8": "b", "bytes[4]": "4s"}


@dataclasses.dataclass(frozen=True)
class Unsigned:
    """An unsigned integer of `size` bytes."""

    size: int

    @property
    def type_name(self) -> str:
        return f"u{8 * self.size}"

    def read(self, data: memoryview) -> int:
        return int.from_bytes(data, "little")

    def write(self, value: Any) -> bytes:
        return int(value).to_bytes(self.size, "little")


@dataclasses.dataclass(frozen=True)
class Signed:
    """A two's complement integer of `size` bytes."""

    size: int

    @property
    def type_name(self) -> str:
        return f"i{8 * self.size}"

    def read(self, data: memoryview) -> int:
        return int.from_bytes(data, "little", signed=True)

    def write(self, value: Any) -> bytes:
        return int(value).to_bytes(self.size, "little", signed=True)


@dataclasses.dataclass(frozen=True)
class Bytes:
    """Bytes as they are: `size` of them, or all that is left where `size` is None; `text` says they are ASCII."""

    size: int | None = None
    text: bool = False

    @property
    def type_name(self) -> str:
        return "bytes" if self.size is None else f"bytes[{self.size}]"

    def read(self, data: memoryview) -> bytes:
        return bytes(data)

    def write(self, value: Any) -> bytes:
        return bytes(value)


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Unsigned integers of `item` bytes each, 4 or 2, as many as fill what is left, `most` of them at most."""

    item: int
    most: int
    size: None = None

    @property
    def type_name(self) -> str:
        return f"u{8 * self.item}[]"

    def read(self, data: memoryview) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // self.item}{PACKED[self.type_name[:-2]]}", data)

    def write(self, value: Any) -> bytes:
        return b"".join(int(item).to_bytes(self.item, "little") for item in value)


@dataclasses.dataclass(frozen=True)
class Counted:
    """As many bytes as the field named `length` says, which stands before it; `text` says that they are UTF-8."""

    length: str
    text: bool = True
    size: None = None

    @property
    def type_name(self) -> str:
        return f"bytes[{self.length}]"

    def read(self, data: memoryview) -> bytes:
        return bytes(data)

    def write(self, value: Any) -> bytes:
        return bytes(value)
