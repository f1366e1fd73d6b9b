"""The script of a JPEG: its text and notes on its scans.

Source: docs/format.md, "Script" and "Embedded files".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from veneer.reference.jpeg_bytes import BytesModel
from veneer.reference.jpeg_geometry import Geometry

MAX_SCANS, MAX_EMBEDDED = 256, 32
TEXT_FACTOR, TEXT_MORE = 64, 4096
RUN, EMBEDDED = 0, 1


@dataclasses.dataclass
class Interval:
    """An interval that is not as it should be. `mcus` is None where it has all of them."""

    mcus: int | None
    last: bool
    restart: int
    text: int


@dataclasses.dataclass
class ScanNotes:
    """`text` bytes come before the data. Numbers of blocks and intervals are those of the scan."""

    text: int
    rule: int = 0
    heeds_restarts: bool = True
    flips: list[int] = dataclasses.field(default_factory=list)
    zero_runs: dict[int, int] = dataclasses.field(default_factory=dict)
    intervals: dict[int, Interval] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Script:
    """`tables` has place and size of the optimal tables in the text, which are zeros there."""

    size: int
    hash: bytes
    scans: list[ScanNotes] = dataclasses.field(default_factory=list)
    padding: list[int] = dataclasses.field(default_factory=list)
    rest_of_padding: int = 0
    text: bytearray = dataclasses.field(default_factory=bytearray)
    tables: list[tuple[int, int]] = dataclasses.field(default_factory=list)


class Bytes:
    """Takes numbers and bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > len(self.rest):
            raise ValueError("the data end early")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """A number of 7 bits in each byte."""
        value = 0
        for shift in range(0, 42, 7):
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number has more than six bytes")


def read_script(payload: bytes, geometry: Geometry, decode_embedded: Callable[[bytes, int], bytes]) -> Script:
    """Reads the payload of JSCR.

    Args:
        payload: all of it.
        geometry: of JHDR.
        decode_embedded: gives a file within the text by its payload and its size.

    Raises:
        ValueError: it is none.
    """
    data = Bytes(payload)
    flags = data.byte()
    if flags > 3:
        raise ValueError("unknown flags")
    found_hash = data.take(32) if flags & 1 else b""
    script = Script(data.number(), found_hash)
    size, notes_size = data.number(), data.number()
    if notes_size > size:
        raise ValueError("more notes than there are")
    if flags & 2:
        plain = data.take(size)
    else:
        coded = data.take(data.number())
        if size > TEXT_FACTOR * len(coded) + TEXT_MORE:
            raise ValueError("too much text")
        plain = BytesModel(coded, geometry, size).decode(notes_size, size)
    _Notes(Bytes(plain), Bytes(data.rest), decode_embedded, script).read()
    return script


class _Notes:
    def __init__(self, data: Bytes, payloads: Bytes, decode: Callable[[bytes, int], bytes], script: Script) -> None:
        self._data, self._payloads, self._decode, self._script = data, payloads, decode, script

    def read(self) -> None:
        data, script = self._data, self._script
        count = data.number()
        if count > MAX_SCANS:
            raise ValueError("too many scans")
        script.scans = [self._scan() for _ in range(count)]
        bits, script.rest_of_padding = divmod(data.number(), 2)
        packed = data.take(-(-bits // 8))
        script.padding = [packed[i // 8] >> (7 - i % 8) & 1 for i in range(bits)]
        inserts = [self._insert() for _ in range(data.number())]
        if sum(kind == EMBEDDED for _, _, kind, _ in inserts) > MAX_EMBEDDED:
            raise ValueError("too many embedded files")
        for before, size, kind, argument in inserts:
            script.text += data.take(before)
            if len(script.text) + size > script.size:
                raise ValueError("more text than the file has bytes")
            if kind == EMBEDDED:
                script.text += self._decode(self._payloads.take(argument), size)
            elif kind == RUN:
                script.text += bytes([argument]) * size
            else:
                script.tables.append((len(script.text), size))
                script.text += bytes(size)
        script.text += data.rest
        if len(script.text) > script.size or self._payloads.rest:
            raise ValueError("more text than the file has bytes")

    def _insert(self) -> tuple[int, int, int, int]:
        before = self._data.number()
        size, kind = divmod(self._data.number(), 3)
        argument = 0
        if kind == RUN:
            argument = self._data.byte()
        elif kind == EMBEDDED:
            argument = self._data.number()
        return before, size, kind, argument

    def _scan(self) -> ScanNotes:
        data = self._data
        notes = ScanNotes(data.number())
        flags = data.byte()
        if flags & 3 == 3 or flags > 63:
            raise ValueError("unknown flags")
        notes.rule, notes.heeds_restarts = flags & 3, not flags & 4
        if flags & 8:
            notes.flips += self._rising()
        if flags & 16:
            for block in self._rising():
                notes.zero_runs[block] = data.byte()
        if flags & 32:
            for interval in self._rising():
                notes.intervals[interval] = self._interval()
        return notes

    def _rising(self) -> Iterator[int]:
        """The numbers of a list; what else an entry has is read between them."""
        number = 0
        for i in range(self._data.number()):
            step = self._data.number()
            if i > 0 and step == 0:
                raise ValueError("numbers of blocks or intervals that do not rise")
            number += step
            yield number

    def _interval(self) -> Interval:
        flags = self._data.byte()
        if flags > 63:
            raise ValueError("unknown flags")
        mcus = self._data.number() if flags & 1 else None
        text = self._data.number() if flags & 32 else 0
        return Interval(mcus, bool(flags & 2), flags >> 2 & 7, text)
