"""Geometry and quantization tables of a JPEG base.

Source: docs/format.md, "Geometry".
"""

from __future__ import annotations

import dataclasses

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import clamp

# Places in natural order along the zigzag.
ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
# Tables K.1 and K.2 of the standard, in natural order.
STANDARD = (
    (
        *(
            16,
            11,
            10,
            16,
            24,
            40,
            51,
            61,
            12,
            12,
            14,
            19,
            26,
            58,
            60,
            55,
            14,
            13,
            16,
            24,
            40,
            57,
            69,
            56,
            14,
            17,
            22,
            29,
        ),
        *(51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121),
        *(120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ),
    (
        *(17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66),
        *([99] * 38),
    ),
)


@dataclasses.dataclass
class Component:
    """Its identifier, sampling factors and table; blocks [rows, columns] in all, and those that hold samples."""

    id: int
    h: int
    v: int
    table: int
    blocks: tuple[int, int] = (0, 0)
    visible: tuple[int, int] = (0, 0)


@dataclasses.dataclass
class Geometry:
    """Of a JPEG; `steps` has tables in natural order, `mcus` rows and columns of MCUs."""

    width: int = 0
    height: int = 0
    components: list[Component] = dataclasses.field(default_factory=list)
    colour: int = 0
    steps: list[list[int]] = dataclasses.field(default_factory=list)
    mcus: tuple[int, int] = (0, 0)


def read_geometry(payload: bytes) -> Geometry:
    """Reads the payload of JHDR.

    Raises:
        ValueError: it is none.
    """
    coder = RangeDecoder(bytes_to_words(payload))
    count = coder.raw(3)
    if count > 4:
        raise ValueError("components: more than 4")
    geometry = Geometry()
    if count:
        geometry.width, geometry.height = coder.raw(16), coder.raw(16)
        if not (geometry.width and geometry.height):
            raise ValueError("no pixels")
        plain = coder.raw(1)
        for c in range(count):
            number = c + 1 if plain else coder.raw(8)
            h, v = coder.raw(2) + 1, coder.raw(2) + 1
            geometry.components.append(Component(number, h, v, coder.raw(2)))
        geometry.colour = coder.raw(1) if count > 2 else 0
        _count_blocks(geometry)
        tables = _Tables(coder)
        geometry.steps = [tables.read() for _ in range(1 + max(part.table for part in geometry.components))]
    if not coder.valid():
        raise ValueError("geometry: no code")
    return geometry


def _count_blocks(geometry: Geometry) -> None:
    parts, width, height = geometry.components, geometry.width, geometry.height
    alone = len(parts) == 1
    most_h, most_v = (1, 1) if alone else (max(part.h for part in parts), max(part.v for part in parts))
    columns, rows = -(-width // (8 * most_h)), -(-height // (8 * most_v))
    geometry.mcus = rows, columns
    for part in parts:
        h, v = (1, 1) if alone else (part.h, part.v)
        part.blocks = rows * v, columns * h
        part.visible = -(-height * v // (8 * most_v)), -(-width * h // (8 * most_h))


class _Tables:
    def __init__(self, coder: RangeDecoder) -> None:
        self._coder = coder
        self._changes = BitModel()
        self._sign = (BitModel(), BitModel())
        self._size = [BitModel() for _ in range(16)]

    def read(self) -> list[int]:
        """A table in natural order."""
        coder, steps = self._coder, [0] * 64
        if coder.raw(1):
            kind, quality = coder.raw(1), coder.raw(7)
            if not 1 <= quality <= 100:
                raise ValueError("quality: not within 1..100")
            percent = 5000 // quality if quality < 50 else 200 - 2 * quality
            return [clamp((step * percent + 50) // 100, 1, 255) for step in STANDARD[kind]]
        before = 16
        for k, place in enumerate(ZIGZAG):
            before += self._change(k)
            if not 1 <= before <= 65535:
                raise ValueError("step: not within 1..65535")
            steps[place] = before
        return steps

    def _change(self, k: int) -> int:
        if not read_bit(self._coder, self._changes):
            return 0
        negative = read_bit(self._coder, self._sign[k >= 10])
        n = 0
        while n < 16 and read_bit(self._coder, self._size[n]):
            n += 1
        value = (1 << n) + self._coder.raw(n)
        return -value if negative else value
