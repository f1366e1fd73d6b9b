"""The bytes of a JPEG file from its levels and its script.

Source: docs/format.md, "Script".
"""

from __future__ import annotations

import collections
import hashlib
import itertools
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from veneer.reference.jpeg_geometry import ZIGZAG, Geometry
from veneer.reference.jpeg_headers import Headers, Scan, optimal_table, same_geometry
from veneer.reference.jpeg_script import Interval, ScanNotes, Script

Levels = npt.NDArray[np.int16]  # [rows, columns, 64] of blocks
LONGEST_RUN, MOST_WAITING, MOST_TABLES = 32767, 937, 8
ZEROS_16 = 0xF0


class Output(Protocol):
    """Where codes of a scan go."""

    def symbol(self, kind: int, table: int, symbol: int) -> None: ...
    def bits(self, value: int, count: int) -> None: ...
    def end(self, cut: bool) -> None: ...
    def put(self, text: bytes) -> None: ...


class _BitOutput:
    def __init__(self, headers: Headers, padding: Iterator[int]) -> None:
        self._headers, self._padding = headers, padding
        self._value, self._count = 0, 0
        self.out = bytearray()

    def symbol(self, kind: int, table: int, symbol: int) -> None:
        codes = self._headers.codes.get((kind, table), {})
        if symbol not in codes:
            raise ValueError("a symbol has no code")
        self.bits(*codes[symbol])

    def bits(self, value: int, count: int) -> None:
        self._value = self._value << count | value & (1 << count) - 1
        self._count += count
        while self._count >= 8:
            self._count -= 8
            byte = self._value >> self._count & 255
            self.out += b"\xff\0" if byte == 255 else bytes([byte])
        self._value &= (1 << self._count) - 1

    def end(self, cut: bool) -> None:
        if cut:
            self._value = self._count = 0
        while self._count:
            self.bits(next(self._padding), 1)

    def put(self, text: bytes) -> None:
        self.out += text


class _Counting:
    def __init__(self) -> None:
        self.counts: dict[tuple[int, int], collections.Counter[int]] = collections.defaultdict(collections.Counter)

    def symbol(self, kind: int, table: int, symbol: int) -> None:
        self.counts[kind, table][symbol] += 1

    def bits(self, value: int, count: int) -> None: ...
    def end(self, cut: bool) -> None: ...
    def put(self, text: bytes) -> None: ...


class _ScanWriter:
    def __init__(
        self, levels: list[Levels], geometry: Geometry, headers: Headers, scan: Scan, notes: ScanNotes
    ) -> None:
        self._levels, self._geometry, self._scan, self._notes = levels, geometry, scan, notes
        self._progressive = bool(headers.progressive)
        self._interval = headers.interval if notes.heeds_restarts else 0
        self._flips, self._zero_runs = set(notes.flips), dict(notes.zero_runs)
        self._run = 0
        self._waiting: list[int] = []

    def write(self, out: Output, text: bytes) -> int:
        """Writes the data, and returns how much of the text they have."""
        self._out = out
        mcus, of_mcu, taken = *self._mcus(), 0
        intervals = dict(self._notes.intervals)
        size = self._interval or len(mcus)
        number = first = 0
        while True:
            own = mcus[first : first + size]
            note = intervals.pop(number, Interval(None, False, number % 8, 0))
            if note.mcus is not None:
                if note.mcus >= len(own):
                    raise ValueError("a cut interval has all of its MCUs")
                own = own[: note.mcus]
            self._write_interval(own, first * of_mcu)
            out.end(note.mcus is not None)
            if note.last or first + size >= len(mcus):
                break
            if taken + note.text > len(text):
                raise ValueError("text is missing")
            out.put(text[taken : taken + note.text] + bytes((0xFF, 0xD0 + note.restart)))
            taken += note.text
            number, first = number + 1, first + size
        if intervals or self._flips or self._zero_runs:
            raise ValueError("notes are left")
        return taken

    def _mcus(self) -> tuple[list[list[tuple[int, Levels]]], int]:
        """Blocks of each MCU with the number of their part, and how many an MCU has."""
        parts = self._scan.parts
        if len(parts) == 1:
            component = parts[0][0]
            rows, columns = self._geometry.components[component].visible
            levels = self._levels[component]
            return [[(0, levels[y, x])] for y in range(rows) for x in range(columns)], 1
        rows, columns = self._geometry.mcus
        mcus = []
        for row, column in itertools.product(range(rows), range(columns)):
            blocks = []
            for part, (component, _, _) in enumerate(parts):
                own = self._geometry.components[component]
                for y, x in itertools.product(range(own.v), range(own.h)):
                    blocks.append((part, self._levels[component][row * own.v + y, column * own.h + x]))
            mcus.append(blocks)
        return mcus, len(mcus[0])

    def _write_interval(self, mcus: list[list[tuple[int, Levels]]], block: int) -> None:
        self._predicted = [0] * len(self._scan.parts)
        for number, (part, levels) in enumerate(itertools.chain.from_iterable(mcus), start=block):
            self._number = number
            self._write_block(part, [int(levels[place]) for place in ZIGZAG])
        self._end_run()

    def _write_block(self, part: int, block: list[int]) -> None:
        scan = self._scan
        if not self._progressive:
            self._write_dc(part, block[0])
            self._write_band(part, block)
        elif scan.first == 0 and scan.high == 0:
            self._write_dc(part, block[0] >> scan.low)
        elif scan.first == 0:
            self._out.bits(block[0] >> scan.low, 1)
        elif scan.high == 0:
            self._write_band(part, block)
        else:
            self._refine_band([abs(level) >> scan.low for level in block], block)

    def _write_value(self, kind: int, table: int, zeros: int, value: int) -> None:
        size = abs(value).bit_length()
        if size > 15:
            raise ValueError("a level is too large")
        self._out.symbol(kind, table, zeros << 4 | size)
        self._out.bits(value if value >= 0 else value - 1, size)

    def _write_dc(self, part: int, value: int) -> None:
        self._write_value(0, self._scan.parts[part][1], 0, value - self._predicted[part])
        self._predicted[part] = value

    def _write_band(self, part: int, block: list[int]) -> None:
        scan, table, zeros = self._scan, self._scan.parts[part][2], 0
        for k in range(max(scan.first, 1), scan.last + 1):
            magnitude = abs(block[k]) >> scan.low
            if magnitude == 0:
                zeros += 1
                continue
            self._end_run()
            for _ in range(zeros // 16):
                self._out.symbol(1, table, ZEROS_16)
            self._write_value(1, table, zeros % 16, magnitude if block[k] > 0 else -magnitude)
            zeros = 0
        for _ in range(self._zero_runs.pop(self._number, 0)):
            if zeros < 16:
                raise ValueError("more zeros than there are")
            self._end_run()
            self._out.symbol(1, table, ZEROS_16)
            zeros -= 16
        if zeros and self._progressive:
            self._count_block()
        elif zeros:
            self._out.symbol(1, table, 0)

    def _refine_band(self, magnitudes: list[int], block: list[int]) -> None:
        scan, table = self._scan, self._scan.parts[0][2]
        new = [k for k in range(scan.first, scan.last + 1) if magnitudes[k] == 1]
        k = scan.first
        while new and k <= new[-1]:
            begin, zeros = k, 0
            while zeros < 16 and magnitudes[k] != 1:
                zeros += magnitudes[k] == 0
                k += 1
            self._end_run()
            if zeros == 16:
                self._out.symbol(1, table, ZEROS_16)
            else:
                self._out.symbol(1, table, zeros << 4 | 1)
                self._out.bits(int(block[k] > 0), 1)
                k += 1
            self._correct(magnitudes[begin:k])
        for _ in range(self._zero_runs.pop(self._number, 0)):
            if k > scan.last:
                raise ValueError("more zeros than there are")
            begin, zeros = k, 0
            while zeros < 16 and k <= scan.last:
                zeros += magnitudes[k] == 0
                k += 1
            self._end_run()
            self._out.symbol(1, table, ZEROS_16)
            self._correct(magnitudes[begin:k])
        if k <= scan.last:
            self._waiting += [m & 1 for m in magnitudes[k : scan.last + 1] if m > 1]
            self._count_block()

    def _correct(self, magnitudes: list[int]) -> None:
        for magnitude in magnitudes:
            if magnitude > 1:
                self._out.bits(magnitude, 1)

    def _count_block(self) -> None:
        self._run += 1
        refines, rule = self._scan.high != 0, self._notes.rule
        ends = rule == 2 or (rule == 0 and refines and len(self._waiting) > MOST_WAITING)
        if self._number in self._flips:
            self._flips.remove(self._number)
            ends = not ends
        if ends or self._run == LONGEST_RUN:
            self._end_run()

    def _end_run(self) -> None:
        if self._run:
            size = self._run.bit_length() - 1
            self._out.symbol(1, self._scan.parts[0][2], size << 4)
            self._out.bits(self._run, size)
            for bit in self._waiting:
                self._out.bits(bit, 1)
        self._run, self._waiting = 0, []


class _Progress:
    """The lowest bit of each coefficient that is known."""

    def __init__(self, components: int) -> None:
        self._known: list[list[int | None]] = [[None] * 64 for _ in range(components)]

    def add(self, scan: Scan) -> None:
        before = scan.high or None
        for component, _, _ in scan.parts:
            for k in range(scan.first, scan.last + 1):
                if self._known[component][k] != before:
                    raise ValueError("a scan brings what is known, or leaves something out")
                self._known[component][k] = scan.low


def _fill(piece: bytearray, tables: list[tuple[int, int]], counting: _Counting) -> None:
    if len(tables) > MOST_TABLES:
        raise ValueError("too many tables")
    for place, size in tables:
        table = optimal_table(counting.counts[divmod(piece[place - 1], 16)])
        if len(table) != size or place + size > len(piece):
            raise ValueError("a table has another size")
        piece[place : place + size] = table


def rebuild(geometry: Geometry, levels: list[Levels], script: Script) -> bytes:
    """All bytes of the file.

    Raises:
        ValueError: geometry, levels and script do not belong together.
    """
    headers, progress = Headers(), _Progress(len(geometry.components))
    bits_left = iter(script.padding)
    padding = itertools.chain(bits_left, itertools.repeat(script.rest_of_padding))
    text, out, at = bytes(script.text), bytearray(), 0
    tables = list(script.tables)
    for notes in script.scans:
        end = at + notes.text
        piece = bytearray(text[at:end])
        own = [tables.pop(0) for _ in range(sum(place < end for place, _ in tables))]
        start = 2 if at == 0 else 0
        if own:
            read = headers.copy()
            counting = _Counting()
            scan = read.follow(bytes(piece), start)
            _ScanWriter(levels, geometry, read, scan, notes).write(counting, text[end:])
            _fill(piece, [(place - at, size) for place, size in own], counting)
        scan = headers.follow(bytes(piece), start)
        if not same_geometry(headers, geometry) or len(piece) != notes.text:
            raise ValueError("another frame")
        progress.add(scan)
        bits = _BitOutput(headers, padding)
        taken = _ScanWriter(levels, geometry, headers, scan, notes).write(bits, text[end:])
        out += piece + bits.out
        at = end + taken
    out += text[at:]
    if tables or len(out) != script.size or next(bits_left, None) is not None:
        raise ValueError("tables or padding are left, or the size is wrong")
    if script.hash and hashlib.sha256(out).digest() != script.hash:
        raise ValueError("other bytes")
    return bytes(out)
