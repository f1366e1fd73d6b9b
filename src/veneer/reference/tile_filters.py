"""Filters of a decoded tile.

Source: docs/format.md, "Filters of tiles".
"""

from __future__ import annotations

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.filters import Plane, activity_of, comparisons, step_of, weighted
from veneer.reference.tile import Coder, Tile


def read_tile_filters(coder: Coder, planes: int) -> list[Plane]:
    """The filters of each plane; VeneerError of TILE_DAMAGED."""
    models = [[BitModel(1 << 31) for _ in range(8)] for _ in range(12)]

    def number(kind: int) -> int:
        n = 0
        while n < 7 and read_bit(coder, models[kind][n]):
            n += 1
        value: int = 2**n - 1 + coder.raw(n)
        return value

    def difference(kind: int) -> int:
        d = number(kind)
        return -d if d > 0 and coder.raw(1) else d

    counts = [_checked(number(0), 0, 8) for _ in range(planes)]
    clip = step_of(_checked(number(1), 0, 63)) if any(counts) else 0
    result = []
    for p, count in enumerate(counts):
        plane = Plane(clip, [], [])
        for k in range(1, count):
            plane.codes.append(_checked(number(1) + (plane.codes[-1] + 1 if k > 1 else 0), 0, 63))
        taps = [0] * (8 if p == 0 else 10)
        for _ in range(count):
            taps = [_checked(tap + difference(2 + i), -127, 127) for i, tap in enumerate(taps)]
            plane.taps.append(taps)
        result.append(plane)
    _checked(int(coder.valid()), 1, 1)
    return result


def _checked(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise VeneerError(ErrorCode.TILE_DAMAGED, "the filters of a tile are no code")
    return value


def filter_tile(tile: Tile, filters: list[Plane]) -> None:
    """Changes the planes of a decoded tile."""
    known = [plane.copy() for plane in tile.planes]
    for p, plane in enumerate(filters):
        if plane.taps:
            extra = tile.depth.extra
            features = comparisons(known, p, plane.clip << extra)
            change = weighted(plane, activity_of(known[p], extra), features)
            tile.planes[p][:] = tile.depth.clip(known[p] + (change + 64 >> 7), p)
