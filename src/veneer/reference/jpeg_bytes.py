"""The bytes model: contexts of up to twelve bytes and a search for what came before, mixed.

Source: docs/format.md, "Bytes model".
"""

from __future__ import annotations

import struct

from veneer.reference.adaptive import COUNT_BITS, BitModel, read_bit
from veneer.reference.jpeg_geometry import ZIGZAG, Geometry
from veneer.reference.mixing import MASK
from veneer.reference.modular_graphics_mixing import Weights, mixed
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import jpeg_dictionary

LAST_PART, BEGINNING = 446, 20
INPUTS = 15
LONG, LONGEST, SEARCHED, SHORTEST, MISSES = 16, 400, 32, 3, 8
RATE = 32768


def expected_text(geometry: Geometry) -> bytes:
    """The bytes that both sides have before the first one."""
    made = b""
    for number, steps in enumerate(geometry.steps):
        wide = max(steps) > 255
        made += struct.pack(">HHB", 0xFFDB, 131 if wide else 67, number | 16 * wide)
        made += struct.pack(">64H" if wide else ">64B", *(steps[place] for place in ZIGZAG))
    parts = geometry.components
    if parts:
        made += struct.pack(">HHBHHB", 0xFFC0, 8 + 3 * len(parts), 8, geometry.height, geometry.width, len(parts))
        made += b"".join(bytes((part.id, part.h << 4 | part.v, part.table)) for part in parts)
    return jpeg_dictionary()[:-LAST_PART] + made + jpeg_dictionary()[-LAST_PART:]


class _Slot:
    def __init__(self, check: int) -> None:
        self.check = check
        self.models = [BitModel() for _ in range(16)]


class BytesModel:
    """Decodes bytes after those that are expected.

    Args:
        coded: bytes of the range coder.
        geometry: of the JPEG that the bytes belong to.
        size: how many bytes there are.
    """

    def __init__(self, coded: bytes, geometry: Geometry, size: int) -> None:
        self._coder = RangeDecoder(bytes_to_words(coded))
        self._history = bytearray(expected_text(geometry))
        self._start = len(jpeg_dictionary()) - LAST_PART - BEGINNING
        self._bits = min(max((size - 1).bit_length(), 8), 12)
        self._place = {self._hash3(n): n for n in range(SHORTEST, len(self._history))}
        self._follows, self._match, self._length, self._misses = False, 0, 0, 0
        self._word = 0
        self._expected = [BitModel(0xF0000000) for _ in range(32)]
        self._slots: list[dict[int, _Slot]] = [{} for _ in range(INPUTS)]
        self._weights = Weights()

    def decode(self, start: int, size: int) -> bytes:
        """All bytes, of which a file's begin at number `start`.

        Raises:
            ValueError: the data are no code.
        """
        before = len(self._history)
        for number in range(size):
            if number == start:
                self._follows, self._match, self._length, self._misses = True, self._start, LONG, 0
            self._find()
            self._add(self._byte())
        if not self._coder.valid():
            raise ValueError("the bytes are no code")
        return bytes(self._history[before:])

    def _back(self, distance: int) -> int:
        return self._history[-distance]

    def _hash3(self, n: int) -> int:
        return (int.from_bytes(self._history[n - SHORTEST : n], "big") * 0x9E3779B1 & MASK) >> 16

    def _find(self) -> None:
        history, n = self._history, len(self._history)
        key = self._hash3(n)
        p = self._place.get(key, 0)
        self._place[key] = n
        if self._length >= SHORTEST:
            return
        length = 0
        while length < min(SEARCHED, p) and history[p - 1 - length] == history[n - 1 - length]:
            length += 1
        if length >= SHORTEST:
            self._follows, self._match, self._length, self._misses = True, p, length, 0

    def _add(self, value: int) -> None:
        if self._follows:
            same = self._history[self._match] == value
            self._match += 1
            self._length = min(self._length + 1, LONGEST) if same else 0
            self._misses += not same
            self._follows = same or self._misses < MISSES
        letter = ord("a") <= value | 32 <= ord("z")
        self._word = (self._word + value + 1) * 0x2C1B3C6D & MASK if letter else value
        self._history.append(value)

    def _byte(self) -> int:
        length = self._length if self._length < 16 else min(31, 14 + self._length // 8)
        if self._follows and self._length >= LONG and read_bit(self._coder, self._expected[length]):
            return self._history[self._match]
        keys = self._keys(length)
        upper = self._half(keys, 1)
        return self._half([(key ^ upper) * 0x9E3779B1 & MASK for key in keys], upper) - 256

    def _keys(self, length: int) -> list[int]:
        b = self._back
        expected = self._history[self._match] + 1 if self._follows else 0
        last = b(1) | b(2) << 8 | b(3) << 16 | b(4) << 24
        contexts = (
            *(0, b(1), last & 0xFFFF, last & 0xFFFFFF, last, last ^ ((b(5) | b(6) << 8) * 0x2C1B3C6D & MASK)),
            *(self._word, b(2) | b(3) << 8, b(2) | b(4) << 8, b(4) | (len(self._history) & 3) << 8),
            *(b(12) | b(1) << 8, b(12) | b(8) << 8 | b(4) << 16),
            *(expected | length << 9 | self._misses << 14, expected | b(1) << 9, last & 0xF0F0F0 | 1),
        )
        keys = []
        for i, context in enumerate(contexts):
            g = (context + i) * 0x9E3779B1 & MASK
            g = (g ^ (g >> 15)) * 0x85EBCA6B & MASK
            keys.append((g ^ (g >> 13)) * 0x2C1B3C6D & MASK)
        return keys

    def _half(self, keys: list[int], node: int) -> int:
        """Four bits more of the byte, of which `node` has those so far below a 1."""
        slots = []
        for table, key in zip(self._slots, keys, strict=True):
            k = key ^ key >> 16
            number, check = k & (1 << self._bits) - 1, k >> 8 | 1
            if number not in table or table[number].check != check:
                table[number] = _Slot(check)
            slots.append(table[number])
        length = self._length
        match = 0 if not self._follows else 1 if length == 0 else 2 if length < 6 else 3 if length < LONG else 4
        m = 1
        for _ in range(4):
            models = [slot.models[m] for slot in slots]
            known = sum(model.state & (1 << COUNT_BITS) - 1 != 0 for model in models[1:7])
            value = mixed(self._coder, models, self._weights, (match, known), [node], RATE)
            m, node = 2 * m + value, 2 * node + value
        return node
