"""Levels of a tile of a JPEG base.

Source: docs/format.md, "Levels".
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from veneer.reference.jpeg_level_blocks import Block, BlockReader, Damaged, Others
from veneer.reference.jpeg_level_decisions import Decider
from veneer.reference.range_coder import RangeDecoder, bytes_to_words

Levels = npt.NDArray[np.int16]


@dataclasses.dataclass
class Component:
    """Sampling factors, quantization table of 64 steps, and levels [rows of blocks, columns of blocks, 64]."""

    h: int
    v: int
    step: Sequence[int]
    levels: Levels


def decode_levels(data: bytes, components: Sequence[Component], mcus: tuple[int, int, int, int]) -> bool:
    """Fills in the levels of a tile.

    Args:
        data: of the tile.
        components: of the picture; a single one has factors of 1.
        mcus: x, y, width, height.

    Returns:
        Whether the data are those of an encoder.
    """
    if not data or data[0] > 1:
        return False
    coder = RangeDecoder(bytes_to_words(data[1:]))
    decider = Decider(coder, data[0] == 1)
    planes: list[list[list[Block]]] = []
    try:
        for k in range(len(components)):
            planes.append(_read_plane(decider, components, planes, k, mcus))
    except Damaged:
        return False
    return coder.raw(1) == 1 and coder.valid()


def _read_plane(
    decider: Decider,
    components: Sequence[Component],
    planes: list[list[list[Block]]],
    k: int,
    mcus: tuple[int, int, int, int],
) -> list[list[Block]]:
    component = components[k]
    left, top, columns, rows = (n * (component.v if i % 2 else component.h) for i, n in enumerate(mcus))
    plane: list[list[Block]] = []
    missing = Block()

    def at(y: int, x: int) -> Block:
        return plane[y][x] if y >= 0 and 0 <= x < len(plane[y]) else missing

    for y in range(rows):
        plane.append([])
        for x in range(columns):
            around = (at(y, x - 1), at(y - 1, x), at(y - 1, x - 1), at(y - 1, x + 1), at(y, x - 2), at(y - 2, x))
            others = _others(components, planes, k, x, y) if k % 3 else Others()
            block = BlockReader(decider, k % 3, component.step, around, others).read()
            plane[y].append(block)
            component.levels[top + y, left + x] = block.level
    return plane


def _others(components: Sequence[Component], planes: list[list[list[Block]]], k: int, x: int, y: int) -> Others:
    own, luma, cb = components[k], components[0], components[1]
    p, q = max(1, luma.h // own.h), max(1, luma.v // own.v)
    blocks = [
        planes[0][y * luma.v // own.v + j][x * luma.h // own.h + i] for j, i in itertools.product(range(q), range(p))
    ]
    places = [v // q * 8 + u // p for v, u in itertools.product(range(8), range(8))]
    others = Others(
        [sum(abs(block.coefficient[z]) for block in blocks) // len(blocks) for z in places],
        sum(block.inner for block in blocks) // len(blocks),
    )
    if k % 3 == 2 and (cb.h, cb.v) == (own.h, own.v):
        others.cb = planes[1][y][x]
    return others
