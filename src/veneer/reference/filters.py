"""Filters of tiles: their values from the stream, and what they make of the enhanced picture.

Source: docs/format.md, "Filters".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy

from veneer.entropy.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.tile import Samples

# Distributions: of what comes first, of codes, and of coefficients.
MORE, COUNT, FIRST_CODE, NEXT_CODE = 18, 46, 53, 46
INDEX = (54, 50, 50, 45, 45, 45, 45)
FIRST: tuple[int, ...] = (12, 12, 12, 0, 0, 0, 0)
NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2))
MARGIN = 3
FILTERED = 128  # Strength above this

Box = tuple[int, int, int, int]


class SymbolCoder(Protocol):
    """Where symbols come from."""

    def symbol(self, cdf: list[int], precision: int) -> int: ...


class Plane(NamedTuple):
    """Codes of thresholds, and seven coefficients for each class."""

    codes: list[int]
    taps: list[list[int]]


def read_filters(coder: SymbolCoder, planes: int) -> tuple[bool, list[Plane]]:
    """Whether latents follow, and the filters of each plane; VeneerError of LATENTS_DAMAGED."""

    def value(index: int, low: int, high: int, foretold: int = 0) -> int:
        try:
            found = foretold + coder.symbol(cumulative_frequencies()[index].tolist(), PRECISION) - MAX_VALUE
        except ValueError:
            found = high + 1
        if not low <= found <= high:
            raise VeneerError(ErrorCode.LATENTS_DAMAGED, "the filters of a tile are no code")
        return found

    more = value(MORE, 0, 1)
    counts = [value(COUNT, 0, 8) for _ in range(planes)]
    result = []
    for count in counts:
        plane = Plane([], [])
        for k in range(1, count):
            plane.codes.append(
                value(FIRST_CODE, 0, 63, 32)
                if k == 1
                else value(NEXT_CODE, plane.codes[-1] + 1, 63, plane.codes[-1] + 1)
            )
        foretold = list(FIRST)
        for _ in range(count):
            foretold = [value(index, -127, 127, tap) for index, tap in zip(INDEX, foretold, strict=True)]
            plane.taps.append(foretold)
        result.append(plane)
    return more == 1, result


def filter_tiles(enhanced: Samples, quarters: Samples, tiles: Mapping[Box, list[Plane]]) -> Samples:
    """The picture with the filters of some tiles, given as x, y, w and h; all [H, W, 1 or 3] at full size."""
    known, base = planes_of(enhanced), planes_of(quarters)
    result = enhanced.copy()
    for (x, y, w, h), filters in tiles.items():
        place = numpy.s_[y : y + h, x : x + w]
        changes = [change_of(known[p], base[p], plane)[place] for p, plane in enumerate(filters)]
        if len(changes) == 3:
            luma, co, cg = changes
            changes = [luma - cg + co, luma + cg, luma - cg - co]
        result[place] = (result[place] + (numpy.stack(changes, axis=2) + 1024 >> 11)).clip(0, 255)
    return result


def planes_of(samples: Samples) -> list[Samples]:
    """Y, Co and Cg, or grey, four times as large as they are."""
    if samples.shape[2] == 1:
        return [4 * samples[..., 0]]
    r, g, b = samples[..., 0], samples[..., 1], samples[..., 2]
    return [r + 2 * g + b, 2 * (r - b), 2 * g - r - b]


def change_of(known: Samples, base: Samples, plane: Plane) -> Samples:
    """The change of all pixels of a plane in 1/2048 of a level."""
    height, width = known.shape
    # Activity needs sums of what needs neighbours: three pixels around, the nearest inside the picture.
    wide = numpy.pad(known, MARGIN, mode="edge")

    def at(i: int, j: int, extent: int = 0) -> Samples:
        top, left = MARGIN - extent + j, MARGIN - extent + i
        return wide[top : top + height + 2 * extent, left : left + width + 2 * extent]

    change: Samples = numpy.zeros_like(known)
    if not plane.taps:
        return change
    middle = 2 * at(0, 0, 2)
    d = abs(middle - at(-1, 0, 2) - at(1, 0, 2)) + abs(middle - at(0, -1, 2) - at(0, 1, 2))
    activity = sum((d[j : j + height, i : i + width] for j in range(5) for i in range(5)), change)
    classes = sum(((activity >= (4 + (code & 3) << (code >> 2))).astype(int) for code in plane.codes), change)
    taps = numpy.array(plane.taps)[classes]
    change = taps[..., 0] * (base - 4 * known)
    for n, (i, j) in enumerate(NEIGHBOURS, 1):
        change = change + taps[..., n] * (4 * (at(i, j) + at(-i, -j) - 2 * known))
    return change
