"""Fields, structures made of them, and the visitors that read, write, measure, trace and tabulate.

A structure is declared once, in `syntax.py`, as a list of fields; everything that touches its bytes is a visitor
over that list.
Source: docs/format.md, "Conventions"; the scheme is that of libjxl's `fields.h`.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from veneer.bitstream.kinds import PACKED, Bytes, Counted, Numbers, Signed, Unsigned
from veneer.errors import ErrorCode, VeneerError

Value = int | bytes | tuple[Any, ...]
Record = TypeVar("Record")


@dataclasses.dataclass(frozen=True)
class Records:
    """Records of one structure, all of whose fields have fixed sizes: as many as fill what is left, at most `most`."""

    structure: Structure[Any]
    most: int
    size: None = None

    @property
    def type_name(self) -> str:
        return f"{self.structure.name}[]"

    @property
    def item(self) -> int:
        """Bytes of one record."""
        return fixed_size(self.structure)

    def read(self, data: memoryview, offset: int = 0) -> tuple[Any, ...]:
        return tuple(read(self.structure, data[i : i + self.item], offset + i) for i in range(0, len(data), self.item))

    def write(self, value: Any) -> bytes:
        return b"".join(write(self.structure, record) for record in value)


Kind = Unsigned | Signed | Bytes | Numbers | Counted | Records

# Characters of a text that a dump shows.
_SHOWN_TEXT = 60


@dataclasses.dataclass(frozen=True)
class Field:
    """One field of a structure.

    Attributes:
        name: as in the specification, `Mixed_Case`; the attribute of the record is the same in lower case.
        kind: how its bytes are read.
        valid: values that this version allows; None: any. For `Numbers`, each of them.
        later: values that a later version gives a meaning; they are refused as unsupported, not as invalid.
        later_code: the error code for `later` values.
        names: what single values are called.
        about: one sentence for the specification.
    """

    name: str
    kind: Kind
    about: str
    valid: range | tuple[int, ...] | None = None
    later: range | tuple[int, ...] = ()
    later_code: ErrorCode = ErrorCode.FEATURE
    names: Mapping[int, str] = dataclasses.field(default_factory=dict)

    @property
    def attribute(self) -> str:
        return self.name.lower()

    def check(self, value: Value, offset: int | None) -> None:
        """Raises VeneerError of FIELD_VALUE or `later_code` unless `value` is allowed."""
        if self.valid is None or isinstance(value, bytes):
            return
        for number in value if isinstance(value, tuple) else (value,):
            if number in self.later:
                text = f"{self.name} {number} needs a newer decoder; this one knows {describe_range(self.valid)}"
                raise VeneerError(self.later_code, text, offset)
            if number not in self.valid:
                text = f"{self.name} is {number}, but must be {describe_range(self.valid)}"
                raise VeneerError(ErrorCode.FIELD_VALUE, text, offset)

    def describe(self, value: Value) -> str:
        """The value for people: numbers with their names, bytes as their beginning in hexadecimal."""
        if isinstance(value, int):
            return f"{value} ({self.names[value]})" if value in self.names else str(value)
        if isinstance(self.kind, Records):
            return "; ".join(self.kind.structure.describe(record) for record in _records(value)) or "none"
        if isinstance(value, bytes) and isinstance(self.kind, (Bytes, Counted)) and self.kind.text:
            return printable(value.decode("utf-8", "backslashreplace"), _SHOWN_TEXT)
        shown = value[:8].hex(" ") if isinstance(value, bytes) else ", ".join(map(str, value[:8]))
        return shown + (", ..." if isinstance(value, tuple) else " ...") * (len(value) > 8)


def printable(text: str, length: int) -> str:
    """The first characters of `text`, with escapes for control characters of terminals."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:length])
    return shown + " ..." * (len(text) > length)


def _records(value: Value) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def describe_range(values: range | tuple[int, ...]) -> str:
    """`7`, `1..9` or `0, 4, 5`."""
    if isinstance(values, range) and len(values) > 1:
        return f"{values[0]}..{values[-1]}"
    return ", ".join(map(str, values))


class Visitor(Protocol):
    """Called with each field of a structure in file order."""

    def visit(self, field: Field, value: Value | None) -> Value:
        """Takes the record's value, or None if there is none yet; returns the value to keep."""


@dataclasses.dataclass(frozen=True)
class Structure(Generic[Record]):
    """A list of fields and the dataclass that holds their values.

    Attributes:
        name: the title of its section in the specification.
        record: dataclass with one attribute for each field.
        fields: in file order.
        repeated: as many consecutive records as fill the data; for `read_all`, not `read`.
    """

    name: str
    record: Callable[..., Record]
    fields: tuple[Field, ...]
    repeated: bool = False

    def visit(self, visitor: Visitor, record: object | None = None) -> Record:
        """Leads `visitor` over the fields; `record` supplies values to a writer."""
        values = {}
        for field in self.fields:
            values[field.attribute] = visitor.visit(field, getattr(record, field.attribute, None))
        return self.record(**values)

    def describe(self, record: object) -> str:
        """A record on one line, for people."""
        return ", ".join(f"{f.name} {f.describe(getattr(record, f.attribute))}" for f in self.fields)


class Reader:
    """Takes fields from `data`; `offset` is where that lies in the file, for error messages."""

    def __init__(self, data: memoryview, offset: int) -> None:
        self._data = data
        self._offset = offset
        self._position = 0
        self._numbers: dict[str, int] = {}  # values of fields of the present record, by name

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left to read."""
        return self._position == len(self._data)

    def visit(self, field: Field, value: Value | None) -> Value:
        start = self._position
        left = len(self._data) - start
        if isinstance(field.kind, Counted):
            size = self._numbers[field.kind.length]
        else:
            size = left if field.kind.size is None else field.kind.size
        if size > left or (isinstance(field.kind, (Numbers, Records)) and size % field.kind.item):
            raise VeneerError(ErrorCode.CHUNK_SIZE, f"the chunk ends within {field.name}", self._offset + start)
        if isinstance(field.kind, Numbers) and size > field.kind.most * field.kind.item:
            text = f"{size // field.kind.item} numbers in {field.name} are more than the {field.kind.most} allowed"
            raise VeneerError(ErrorCode.CHUNK_SIZE, text, self._offset + start)
        self._position = start + size
        data = self._data[start : self._position]
        if isinstance(field.kind, Records):
            if size > field.kind.most * field.kind.item:
                text = f"{size // field.kind.item} {field.name}, but at most {field.kind.most} are allowed"
                raise VeneerError(ErrorCode.FIELD_VALUE, text, self._offset + start)
            return field.kind.read(data, self._offset + start)
        value = field.kind.read(data)
        field.check(value, self._offset + start)
        if isinstance(value, int):
            self._numbers[field.name] = value
        return value

    def finish(self, structure: Structure[Any]) -> None:
        """Raises VeneerError of CHUNK_SIZE if bytes follow the last field."""
        if self._position < len(self._data):
            text = f"{len(self._data) - self._position} surplus bytes after {structure.name}"
            raise VeneerError(ErrorCode.CHUNK_SIZE, text, self._offset + self._position)


class Writer:
    """Appends fields to `data`."""

    def __init__(self) -> None:
        self.data = bytearray()

    def visit(self, field: Field, value: Value | None) -> Value:
        if value is None:
            raise TypeError(f"{field.name} has no value")
        field.check(value, None)
        self.data += field.kind.write(value)
        return value


@dataclasses.dataclass(frozen=True)
class SyntaxLine:
    """One line of a dump: `size` bytes at `offset` of the file, their name and their value.

    `depth` is 0 for chunks and the signature, 1 for the fields of a chunk.
    """

    offset: int
    size: int
    name: str
    text: str
    depth: int = 1


class Tracer(Reader):
    """A reader that notes each field as a line."""

    def __init__(self, data: memoryview, offset: int) -> None:
        super().__init__(data, offset)
        self.lines: list[SyntaxLine] = []

    def visit(self, field: Field, value: Value | None) -> Value:
        start = self._position
        value = super().visit(field, value)
        size = self._position - start
        self.lines.append(SyntaxLine(self._offset + start, size, field.name, field.describe(value)))
        return value


def read(structure: Structure[Record], data: memoryview, offset: int = 0) -> Record:
    """Reads a whole structure.

    Args:
        structure: what to read.
        data: its bytes, all of them.
        offset: where they lie in the file.

    Returns:
        The record.

    Raises:
        VeneerError: CHUNK_SIZE, FIELD_VALUE, or what a field says for values of later versions.
    """
    reader = Reader(data, offset)
    record = structure.visit(reader)
    reader.finish(structure)
    return record


def read_all(structure: Structure[Record], data: memoryview, offset: int, max_count: int) -> list[Record]:
    """Reads the records of a repeated structure.

    Args:
        structure: what to read.
        data: the bytes of all records.
        offset: where they lie in the file.
        max_count: as many records are allowed.

    Returns:
        The records, at most one more than allowed, so that the caller sees whether there are too many.

    Raises:
        VeneerError: as of `read`.
    """
    reader = Reader(data, offset)
    records: list[Record] = []
    while not reader.is_at_end and len(records) <= max_count:
        records.append(structure.visit(reader))
    return records


def write(structure: Structure[Any], record: object) -> bytes:
    """The bytes of `record`, which may have more attributes than `structure` has fields."""
    writer = Writer()
    structure.visit(writer, record)
    return bytes(writer.data)


def fixed_size(structure: Structure[Any]) -> int:
    """Size in bytes of all fields whose size is fixed."""
    return sum(field.kind.size or 0 for field in structure.fields)


def packed(structure: Structure[Any]) -> struct.Struct:
    """The layout of a structure whose fields have fixed sizes, for code that reads very many of them."""
    return struct.Struct("<" + "".join(PACKED[field.kind.type_name] for field in structure.fields))


def trace(structure: Structure[Any], data: memoryview, offset: int = 0) -> list[SyntaxLine]:
    """Reads a structure for its dump; raises what `read` raises."""
    tracer = Tracer(data, offset)
    while not (structure.repeated and tracer.is_at_end):
        structure.visit(tracer)
        if not structure.repeated:
            break
    tracer.finish(structure)
    return tracer.lines


def table(structure: Structure[Any]) -> str:
    """The structure's table of the specification, in Markdown."""
    lines = ["| Field | Type | Values | Meaning |", "| --- | --- | --- | --- |"]
    for field in structure.fields:
        values = "any" if field.valid is None else describe_range(field.valid)
        names = "; ".join(f"{number} = {name}" for number, name in field.names.items())
        about = f"{field.about} {names[0].upper() + names[1:]}." if names else field.about
        lines.append(f"| `{field.name}` | {field.kind.type_name} | {values} | {about} |")
    return "\n".join(lines)
