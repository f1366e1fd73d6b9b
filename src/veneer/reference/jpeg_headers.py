"""Segments of a JPEG, and what its scans need of them.

Source: docs/format.md, "Script"; ITU-T T.81, annexes B, C and K.2.
"""

from __future__ import annotations

import collections
import dataclasses
import struct

from veneer.reference.jpeg_geometry import Geometry

DHT, DRI, SOI, EOI, SOS = 0xC4, 0xDD, 0xD8, 0xD9, 0xDA
FRAMES, OTHER_FRAMES = (0xC0, 0xC1, 0xC2), (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
RESTARTS = range(0xD0, 0xD8)
MOST_SHIFT = 13


@dataclasses.dataclass
class Scan:
    """Components by number with their tables of DC and AC; Ss, Se, Ah and Al."""

    parts: list[tuple[int, int, int]]
    first: int = 0
    last: int = 63
    high: int = 0
    low: int = 0


@dataclasses.dataclass
class Headers:
    """What segments have said so far. `codes` are, by class and number, of each symbol its code and its length."""

    progressive: bool | None = None
    frame: tuple[int, int, list[tuple[int, int, int]]] = (0, 0, [])
    interval: int = 0
    codes: dict[tuple[int, int], dict[int, tuple[int, int]]] = dataclasses.field(default_factory=dict)

    def copy(self) -> Headers:
        """Another one that says the same."""
        return Headers(self.progressive, self.frame, self.interval, dict(self.codes))

    def follow(self, text: bytes, at: int) -> Scan:
        """Reads segments up to the header of a scan that the text ends with.

        Raises:
            ValueError: it does not end with one.
        """
        scan = None
        while at < len(text):
            scan = None
            at = _find_segment(text, at)
            marker, length = text[at + 1], struct.unpack_from(">H", text, at + 2)[0]
            if marker in (SOI, EOI) or length < 2 or at + 2 + length > len(text):
                raise ValueError("no segment")
            scan = self._read(marker, text[at + 4 : at + 2 + length])
            at += 2 + length
        if scan is None:
            raise ValueError("no scan at the end")
        return scan

    def _read(self, marker: int, content: bytes) -> Scan | None:
        if marker == DHT:
            self._read_codes(content)
        elif marker == DRI and len(content) >= 2:
            self.interval = struct.unpack_from(">H", content)[0]
        elif marker in FRAMES:
            self._read_frame(marker, content)
        elif marker in OTHER_FRAMES:
            raise ValueError("a frame of another process")
        elif marker == SOS:
            return self._read_scan(content)
        return None

    def _read_frame(self, marker: int, content: bytes) -> None:
        if self.progressive is not None or len(content) < 6 or content[0] != 8:
            raise ValueError("a frame of another kind")
        height, width, count = struct.unpack_from(">HHB", content, 1)
        if len(content) < 6 + 3 * count or max(content[8 : 6 + 3 * count : 3], default=0) > 3:
            raise ValueError("a frame without its components")
        parts = [(content[i], content[i + 1] >> 4, content[i + 1] & 15) for i in range(6, 6 + 3 * count, 3)]
        self.progressive, self.frame = marker == 0xC2, (width, height, parts)

    def _read_codes(self, content: bytes) -> None:
        while content:
            kind, number = content[0] >> 4, content[0] & 15
            size = 17 + sum(content[1:17])
            if kind > 1 or number > 3 or size > min(len(content), 17 + 256):
                return
            self.codes[kind, number] = _codes(content[1:17], content[17:size])
            content = content[size:]

    def _read_scan(self, content: bytes) -> Scan | None:
        count = content[0] if content else 0
        identifiers = [part[0] for part in self.frame[2]]
        if not 1 <= count <= len(identifiers) or len(content) < 4 + 2 * count:
            return None
        scan = Scan([])
        for i in range(1, 1 + 2 * count, 2):
            used = {part for part, _, _ in scan.parts}
            free = [c for c, name in enumerate(identifiers) if name == content[i] and c not in used]
            dc, ac = content[i + 1] >> 4, content[i + 1] & 15
            if not free or max(dc, ac) > 3:
                return None
            scan.parts.append((free[0], dc, ac))
        if self.progressive:
            scan.first, scan.last, bits = content[1 + 2 * count : 4 + 2 * count]
            scan.high, scan.low = bits >> 4, bits & 15
            band = scan.last == 0 if scan.first == 0 else count == 1 and scan.first <= scan.last < 64
            if not band or scan.low > MOST_SHIFT or scan.high not in (0, scan.low + 1):
                return None
        return scan


def same_geometry(headers: Headers, geometry: Geometry) -> bool:
    """Whether the frame is that of JHDR."""
    width, height, parts = headers.frame
    own = [(part.id, part.h, part.v) for part in geometry.components]
    return (width, parts) == (geometry.width, own) and height in (0, geometry.height)


def _find_segment(text: bytes, at: int) -> int:
    while at + 4 <= len(text):
        if text[at] == 0xFF and 0xC0 <= text[at + 1] < 0xFF and text[at + 1] not in RESTARTS:
            return at
        at += 1
    raise ValueError("no segment")


def _codes(counts: bytes, symbols: bytes) -> dict[int, tuple[int, int]]:
    """Code and length of each symbol; none if there are too many of a length."""
    codes: dict[int, tuple[int, int]] = {}
    code, at = 0, 0
    for length, count in enumerate(counts, start=1):
        for symbol in symbols[at : at + count]:
            if code >> length:
                return {}
            codes.setdefault(symbol, (code, length))
            code += 1
        at, code = at + count, 2 * code
    return codes


def optimal_table(counts: collections.Counter[int]) -> bytes:
    """Counts and symbols of the best table for symbols that are written so often."""
    left = dict(counts) | {256: 1}  # the code of ones alone is no symbol's
    lengths = dict.fromkeys(left, 0)
    trees = {symbol: [symbol] for symbol in left}
    while len(left) > 1:
        v1, v2 = sorted(left, key=lambda symbol: (left[symbol], -symbol))[:2]
        left[v1] += left.pop(v2)
        trees[v1] += trees.pop(v2)
        for symbol in trees[v1]:
            lengths[symbol] += 1
    bits = collections.Counter(length for length in lengths.values() if length)
    for length in range(max(bits, default=0), 16, -1):
        while bits[length]:
            shorter = max(size for size in range(1, length - 1) if bits[size])
            bits[length] -= 2
            bits[length - 1] += 1
            bits[shorter + 1] += 2
            bits[shorter] -= 1
    if +bits:
        bits[max(+bits)] -= 1
    symbols = sorted((length, symbol) for symbol, length in lengths.items() if length and symbol < 256)
    return bytes(bits[length] for length in range(1, 17)) + bytes(symbol for _, symbol in symbols)
