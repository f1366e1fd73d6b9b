"""Encoder: filters of tiles over the enhanced picture, what a file says of them, and running them.

What networks cannot know of a picture, a few numbers can tell: how far to sharpen or to smooth it, and where. Wiener
filters of classes of pixels go back to the adaptive loop filter of H.266 (Karczewicz et al., "VVC In-Loop Filters",
IEEE Transactions on Circuits and Systems for Video Technology 31, 2021).

Place: behind `restore`, before `texture`.
Source: docs/format.md, "Filters".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from veneer import backend
from veneer.enhancement.base_picture import Quarters
from veneer.enhancement.geometry import Box
from veneer.enhancement.unrounded import Unrounded

TAPS = 12  # of chroma; luma and grey have no use for the last three
LUMA_TAPS = 9
MAX_CLASSES = 8
MAX_COEFFICIENT = 127  # of 1/128
MAX_THRESHOLD = 63
MARGIN = 3  # pixels around one that have an influence on it

# Distributions of what is coded: whether latents follow, number of classes, code of the first threshold less
# FIRST_THRESHOLD, how far those of others are from the next possible one, and coefficients less what they are foretold
# from, by tap.
MORE_INDEX = 18
COUNT_INDEX = 46
FIRST_INDEX = 53
NEXT_INDEX = 46
TAP_INDICES: tuple[int, ...] = (54, 48, 48, 44, 44, 44, 44, 50, 50, 36, 36, 46)
FIRST_THRESHOLD = 32
# What coefficients of the first class are foretold from; those of others are from those of the class before.
FIRST_TAPS: tuple[int, ...] = (12, 5, 4, 0, 0, 0, 0, 10, 12, 0, 0, 0)


@dataclasses.dataclass(frozen=True)
class PlaneFilters:
    """The filters of a plane, one for each class of its pixels.

    Attributes:
        thresholds: codes of the activities where classes begin, from the second class on, rising, 0..63.
        coefficients: those of each class, `tap_count` of them, -127..127 in 1/128; no classes where the plane is not
            filtered.
    """

    thresholds: tuple[int, ...] = ()
    coefficients: tuple[tuple[int, ...], ...] = ()


@dataclasses.dataclass(frozen=True)
class TileFilters:
    """The filters of a tile.

    Attributes:
        planes: of Y, or of Y, Co and Cg.
        clip: code of the largest difference that some coefficients see whole, 0..63; 0 where nothing is filtered.
    """

    planes: tuple[PlaneFilters, ...] = ()
    clip: int = 0

    def __bool__(self) -> bool:
        """Whether there is anything to filter."""
        return any(plane.coefficients for plane in self.planes)


def tap_count(plane: int) -> int:
    """How many coefficients a class of a plane has: Y or grey is plane 0."""
    return TAPS if plane else LUMA_TAPS


def threshold(code: int) -> int:
    """What a code stands for, activity or a difference in 1/16 of a level: four steps for each doubling."""
    return (4 + (code & 3)) << (code >> 2)


def head_indices(planes: int) -> list[int]:
    """Distributions of what the stream begins with: whether latents follow, and the number of classes of each plane."""
    return [MORE_INDEX] + [COUNT_INDEX] * planes


def value_indices(counts: Sequence[int]) -> list[int]:
    """Distributions of all that follows the head."""
    indices = [FIRST_INDEX] if any(counts) else []
    for p, count in enumerate(counts):
        indices += [FIRST_INDEX if k == 0 else NEXT_INDEX for k in range(count - 1)]
        indices += TAP_INDICES[: tap_count(p)] * count
    return indices


def to_values(tile: TileFilters) -> tuple[list[int], list[int]]:
    """What is coded: the numbers of classes, and all that follows, -127..127 each."""
    values = [tile.clip - FIRST_THRESHOLD] if tile else []
    for p, plane in enumerate(tile.planes):
        for k, code in enumerate(plane.thresholds):
            values.append(code - plane.thresholds[k - 1] - 1 if k else code - FIRST_THRESHOLD)
        foretold = FIRST_TAPS[: tap_count(p)]
        for taps in plane.coefficients:
            values += [tap - before for tap, before in zip(taps, foretold, strict=True)]
            foretold = taps
    return [len(plane.coefficients) for plane in tile.planes], values


def apply_filters(
    enhanced: Unrounded, base: Quarters, tiles: Sequence[tuple[Box, TileFilters]], threads: int
) -> Unrounded:
    """Filters some tiles of the enhanced picture.

    Args:
        enhanced: int16 [H, W, 1 or 3], the enhanced picture or a part of it in 1/64 of a level.
        base: int16 of the same shape, the base at full size in quarters of a level.
        tiles: their places in the part, as far as they lie in it, and their filters.
        threads: at most this many; 0 for as many as there are cores.

    Returns:
        As `enhanced`; right for all pixels further than MARGIN from the edges of the part, or at
        edges of the picture.
    """
    tiles = [(box, filters) for box, filters in tiles if filters]
    if not tiles:
        return enhanced
    given = [
        (box, ([(plane.thresholds, plane.coefficients) for plane in tile.planes], tile.clip)) for box, tile in tiles
    ]
    return backend.apply_filters(enhanced, base, given, backend.thread_count(threads))
