"""Filters of tiles: from their values in the stream, and run by the reference decoder.

Source: docs/format.md, "Filters".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from veneer.enhancement.base_picture import Quarters
from veneer.enhancement.filters import (
    FIRST_TAPS,
    FIRST_THRESHOLD,
    MAX_COEFFICIENT,
    MAX_THRESHOLD,
    PlaneFilters,
    TileFilters,
    tap_count,
    threshold,
)
from veneer.enhancement.geometry import Box
from veneer.enhancement.unrounded import Unrounded
from veneer.reference import filters as reference

MARGIN = 3  # pixels around one that have an influence on it


def from_values(counts: Sequence[int], coded: Sequence[int]) -> TileFilters | None:
    """The inverse of `to_values`; None where values are not as they should be."""
    planes, values = [], iter(coded)
    clip = FIRST_THRESHOLD + next(values) if any(counts) else 0
    if not 0 <= clip <= MAX_THRESHOLD:
        return None
    for p, count in enumerate(counts):
        codes: list[int] = []
        for _ in range(count - 1):
            codes.append(next(values) + (codes[-1] + 1 if codes else FIRST_THRESHOLD))
        if sorted({*codes}) != codes or not all(0 <= code <= MAX_THRESHOLD for code in codes):
            return None
        foretold, classes = FIRST_TAPS[: tap_count(p)], []
        for _ in range(count):
            foretold = tuple(before + next(values) for before in foretold)
            classes.append(foretold)
        if any(abs(tap) > MAX_COEFFICIENT for taps in classes for tap in taps):
            return None
        planes.append(PlaneFilters(tuple(codes), tuple(classes)))
    return TileFilters(tuple(planes), clip)


def apply_filters(enhanced: Unrounded, base: Quarters, tiles: Sequence[tuple[Box, TileFilters]]) -> Unrounded:
    """The enhanced picture, or a part of it, with some tiles filtered; as of `veneer.enhancement.filters`."""
    planes = {
        box: [
            reference.Plane(threshold(tile.clip), [*each.thresholds], [[*taps] for taps in each.coefficients])
            for each in tile.planes
        ]
        for box, tile in tiles
        if tile
    }
    if not planes:
        return enhanced
    filtered = reference.filter_tiles(enhanced.astype(numpy.int64), base.astype(numpy.int64), planes)
    return filtered.astype(numpy.int16)
