"""Filters of a decoded tile.

Source: docs/format.md, "Filters of tiles".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy

from veneer.entropy.adaptive import BitModel, read_bit
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.tile import Coder, Samples, Tile

MARGIN = 3
NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2))
NEAREST = ((1, 0), (0, 1))


class Plane(NamedTuple):
    """The largest difference, codes of thresholds, and the coefficients of each class."""

    clip: int
    codes: list[int]
    taps: list[list[int]]


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


def step_of(code: int) -> int:
    """What a code stands for."""
    return (4 + (code & 3)) << (code >> 2)


def filter_tile(tile: Tile, filters: list[Plane]) -> None:
    """Changes the planes of a decoded tile."""
    known = [plane.copy() for plane in tile.planes]
    for p, plane in enumerate(filters):
        if plane.taps:
            low, high = (0, 1020) if p == 0 else (-510, 510)
            tile.planes[p][:] = (known[p] + (_change_of(known, p, plane) + 64 >> 7)).clip(low, high)


def _change_of(known: list[Samples], p: int, plane: Plane) -> Samples:
    """D of all samples of plane p."""
    height, width = known[p].shape
    wide = [numpy.pad(each, MARGIN, mode="edge") for each in known]

    def at(i: int, j: int, extent: int = 0, p: int = p) -> Samples:
        top, left = MARGIN - extent + j, MARGIN - extent + i
        return wide[p][top : top + height + 2 * extent, left : left + width + 2 * extent]

    def around(i: int, j: int, p: int, clip: int = 1 << 20) -> Samples:
        differences = [at(i, j, 0, p) - known[p], at(-i, -j, 0, p) - known[p]]
        both: Samples = numpy.clip(differences, -clip, clip).sum(axis=0)
        return both

    middle = 2 * at(0, 0, 2)
    d = abs(middle - at(-1, 0, 2) - at(1, 0, 2)) + abs(middle - at(0, -1, 2) - at(0, 1, 2))
    zero: Samples = numpy.zeros_like(known[p])
    activity = sum((d[j : j + height, i : i + width] for j in range(5) for i in range(5)), zero)
    classes = sum(((activity >= step_of(code)).astype(int) for code in plane.codes), zero)
    features = [*(around(i, j, p) for i, j in NEIGHBOURS), *(around(i, j, p, plane.clip) for i, j in NEAREST)]
    if p > 0:
        features += [around(i, j, 0) for i, j in NEAREST]
    taps = numpy.array(plane.taps)[classes]
    return sum((taps[..., n] * feature for n, feature in enumerate(features)), zero)
