"""Filters of tiles: their values from the stream, and what they make of the enhanced picture.

Source: docs/format.md, "Filters".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.tables import LATENT_PRECISION, MAX_LATENT, latent_cdfs
from veneer.reference.tile import Samples

# Distributions: of what comes first, of codes, and of coefficients.
MORE, COUNT, FIRST_CODE, NEXT_CODE = 18, 46, 53, 46
INDEX = (54, 48, 48, 44, 44, 44, 44, 50, 50, 36, 36, 46)
FIRST: tuple[int, ...] = (12, 5, 4, 0, 0, 0, 0, 10, 12, 0, 0, 0)
NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2))
NEAREST = ((1, 0), (0, 1))
TAPS = (9, 12, 12)
MARGIN = 3

Box = tuple[int, int, int, int]


class SymbolCoder(Protocol):
    """Where symbols come from."""

    def symbol(self, cdf: list[int], precision: int) -> int: ...


class Plane(NamedTuple):
    """The largest difference, codes of thresholds, and the coefficients of each class."""

    clip: int
    codes: list[int]
    taps: list[list[int]]


def read_filters(coder: SymbolCoder, planes: int) -> tuple[bool, list[Plane]]:
    """Whether latents follow, and the filters of each plane; VeneerError of LATENTS_DAMAGED."""

    def value(index: int, low: int, high: int, foretold: int = 0) -> int:
        try:
            found = foretold + coder.symbol(latent_cdfs()[index], LATENT_PRECISION) - MAX_LATENT
        except ValueError:
            found = high + 1
        if not low <= found <= high:
            raise VeneerError(ErrorCode.LATENTS_DAMAGED, "the filters of a tile are no code")
        return found

    more = value(MORE, 0, 1)
    counts = [value(COUNT, 0, 8) for _ in range(planes)]
    clip = step_of(value(FIRST_CODE, 0, 63, 32)) if any(counts) else 0
    result = []
    for count, taps in zip(counts, TAPS, strict=False):
        plane = Plane(clip, [], [])
        for k in range(1, count):
            plane.codes.append(
                value(FIRST_CODE, 0, 63, 32)
                if k == 1
                else value(NEXT_CODE, plane.codes[-1] + 1, 63, plane.codes[-1] + 1)
            )
        foretold = list(FIRST[:taps])
        for _ in range(count):
            foretold = [value(index, -127, 127, tap) for index, tap in zip(INDEX, foretold, strict=False)]
            plane.taps.append(foretold)
        result.append(plane)
    return more == 1, result


def step_of(code: int) -> int:
    """What a code stands for."""
    return (4 + (code & 3)) << (code >> 2)


def filter_tiles(enhanced: Samples, quarters: Samples, tiles: Mapping[Box, list[Plane]]) -> Samples:
    """The picture in 1/64 of a level with the filters of some tiles, given as x, y, w and h; all [H, W, 1 or 3]."""
    known, base = planes_of(enhanced + 8 >> 4), planes_of(quarters)
    result = enhanced.copy()
    for (x, y, w, h), filters in tiles.items():
        place = numpy.s_[y : y + h, x : x + w]
        changes = [change_of(known, base, p, plane)[place] for p, plane in enumerate(filters)]
        if len(changes) == 3:
            luma, co, cg = changes
            changes = [luma - cg + co, luma + cg, luma - cg - co]
        result[place] = (result[place] + (numpy.stack(changes, axis=2) + 16 >> 5)).clip(0, 16320)
    return result


def planes_of(samples: Samples) -> list[Samples]:
    """Y, Co and Cg, or grey, four times as large as they are."""
    if samples.shape[2] == 1:
        return [4 * samples[..., 0]]
    r, g, b = samples[..., 0], samples[..., 1], samples[..., 2]
    return [r + 2 * g + b, 2 * (r - b), 2 * g - r - b]


def change_of(known: list[Samples], base: list[Samples], p: int, plane: Plane) -> Samples:
    """The change of all pixels of plane p in 1/2048 of a level."""
    features = [base[p] - known[p], *comparisons(known, p, plane.clip)]
    if p > 0:
        features.append(base[0] - known[0])
    return weighted(plane, activity_of(known[p]) >> 2, features)


def weighted(plane: Plane, activity: Samples, features: list[Samples]) -> Samples:
    """The features times the taps of each sample's class; 0 without filters."""
    zero: Samples = numpy.zeros_like(activity)
    if not plane.taps:
        return zero
    classes = sum(((activity >= step_of(code)).astype(int) for code in plane.codes), zero)
    taps = numpy.array(plane.taps)[classes]
    return sum((taps[..., n] * feature for n, feature in enumerate(features)), zero)


def activity_of(plane: Samples, extra: int = 0) -> Samples:
    """Sums of d over the 5 x 5 samples around each, without `extra` binary places."""
    height, width = plane.shape
    # They need sums of what needs neighbours: three samples around, the nearest inside.
    wide = numpy.pad(plane, MARGIN, mode="edge")
    middle = 2 * wide[1:-1, 1:-1]
    d = abs(middle - wide[1:-1, :-2] - wide[1:-1, 2:]) + abs(middle - wide[:-2, 1:-1] - wide[2:, 1:-1])
    d >>= extra
    return sum((d[j : j + height, i : i + width] for j in range(5) for i in range(5)), numpy.zeros_like(plane))


def comparisons(known: list[Samples], p: int, clip: int) -> list[Samples]:
    """N and C of plane p, and N of Y where that is another one."""
    height, width = known[p].shape

    def around(i: int, j: int, plane: Samples, clip: int = 1 << 20) -> Samples:
        wide = numpy.pad(plane, MARGIN, mode="edge")
        places = [
            numpy.s_[MARGIN + y : MARGIN + y + height, MARGIN + x : MARGIN + x + width] for x, y in ((i, j), (-i, -j))
        ]
        both: Samples = numpy.clip([wide[place] - plane for place in places], -clip, clip).sum(axis=0)
        return both

    features = [*(around(i, j, known[p]) for i, j in NEIGHBOURS), *(around(i, j, known[p], clip) for i, j in NEAREST)]
    return features + [around(i, j, known[0]) for i, j in NEAREST] if p > 0 else features
