"""Writes scripts, geometries and tiles of JPEG bases by hand, for vectors: also such as no encoder writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from veneer.conformance.enc_range_coder import RangeEncoder
from veneer.conformance.generator import Inventor
from veneer.reference.adaptive import BitModel
from veneer.reference.jpeg_script import Interval, ScanNotes

RUN, EMBEDDED, TABLE = range(3)
Insert = tuple[int, int, int, int]  # text before it, size, kind, argument


@dataclasses.dataclass
class Script:
    """What a script says; `hash` is empty or has 32 bytes, `padding` all padding bits and the one that follows."""

    text: bytes
    scans: Sequence[ScanNotes] = ()
    size: int = 0
    hash: bytes = b""
    padding: tuple[str, int] = ("", 1)
    inserts: Sequence[Insert] = ()
    payloads: bytes = b""


def number(value: int) -> bytes:
    """Seven bits in each byte."""
    made = b""
    while value > 127:
        made, value = made + bytes([value & 127 | 128]), value >> 7
    return made + bytes([value])


def write_script(script: Script) -> bytes:
    """The payload of JSCR, not coded."""
    notes = number(len(script.scans)) + b"".join(_scan(scan) for scan in script.scans)
    bits, rest = script.padding
    notes += number(2 * len(bits) + rest)
    notes += bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))
    notes += number(len(script.inserts))
    for before, size, kind, argument in script.inserts:
        notes += number(before) + number(3 * size + kind)
        notes += bytes([argument]) if kind == RUN else number(argument) if kind == EMBEDDED else b""
    plain = notes + script.text
    front = bytes([2 | bool(script.hash)]) + script.hash + number(script.size)
    return front + number(len(plain)) + number(len(notes)) + plain + script.payloads


def _scan(notes: ScanNotes) -> bytes:
    flags = notes.rule | 4 * (not notes.heeds_restarts)
    flags |= 8 * bool(notes.flips) | 16 * bool(notes.zero_runs) | 32 * bool(notes.intervals)
    made = number(notes.text) + bytes([flags])
    if notes.flips:
        made += number(len(notes.flips)) + _differences(notes.flips)
    if notes.zero_runs:
        steps = np.diff(list(notes.zero_runs), prepend=0).tolist()
        made += number(len(steps))
        made += b"".join(
            number(step) + bytes([count]) for step, count in zip(steps, notes.zero_runs.values(), strict=True)
        )
    if notes.intervals:
        steps = np.diff(list(notes.intervals), prepend=0).tolist()
        made += number(len(steps))
        made += b"".join(
            number(step) + _interval(each) for step, each in zip(steps, notes.intervals.values(), strict=True)
        )
    return made


def _differences(values: list[int]) -> bytes:
    return b"".join(number(step) for step in np.diff(values, prepend=0).tolist())


def _interval(interval: Interval) -> bytes:
    flags = (interval.mcus is not None) | 2 * interval.last | interval.restart << 2 | 32 * bool(interval.text)
    made = bytes([flags]) + (number(interval.mcus) if interval.mcus is not None else b"")
    return made + (number(interval.text) if interval.text else b"")


def payload_of(encoder: RangeEncoder) -> bytes:
    """The bytes of a stream, without zeros at its end."""
    return b"".join(word.to_bytes(4, "little") for word in encoder.finish()).rstrip(b"\0")


def geometry_of(
    width: int = 16,
    height: int = 16,
    count: int = 1,
    quality: int = 50,
    changes: Sequence[int] = (),
    beyond: bool = False,
) -> bytes:
    """The payload of JHDR of 4:4:4: standard tables of a quality, or one of changes of steps along the zigzag.

    With `beyond`, the number of the stream lies in the part of the range that the last bit, a 1, leaves over.
    """
    coder, changed = RangeEncoder(), BitModel()
    signs, sizes = (BitModel(), BitModel()), [BitModel() for _ in range(16)]

    def bit(value: int, model: BitModel) -> None:
        coder.bit(value, model.p1)
        model.update(value)

    coder.raw(count, 3)
    coder.raw(width, 16)
    coder.raw(height, 16)
    coder.raw(1, 1)
    for _ in range(count):
        coder.raw(0, 6)
    if count > 2:
        coder.raw(0, 1)
    coder.raw(int(not changes), 1)
    if not changes:
        coder.raw(0, 1)
        coder.raw(quality, 7)
    for k, change in enumerate(changes):
        bit(int(change != 0), changed)
        if change:
            bit(int(change < 0), signs[k >= 10])
            n = abs(change).bit_length() - 1
            for i in range(min(n + 1, 16)):
                bit(int(i < n), sizes[i])
            if beyond and k == len(changes) - 1:
                return _last_number(coder)
            coder.raw(abs(change) - (1 << n), n)
    return payload_of(coder)


def _last_number(coder: RangeEncoder) -> bytes:
    """The payload of the last number of the range, which is odd."""
    last = coder._lower + coder._range - 1
    assert coder._range % 2 == 1
    assert last < 1 << 64
    return b"".join(word.to_bytes(4, "little") for word in (*coder._words, last >> 32, last & 0xFFFFFFFF))


class Told(Inventor):
    """A range decoder that makes the decisions it is told, then ones."""

    def __init__(self, *decisions: int) -> None:
        super().__init__(np.random.default_rng(0))
        self._told = list(decisions)

    def invent(self) -> int:
        return self._told.pop(0) if self._told else 1
