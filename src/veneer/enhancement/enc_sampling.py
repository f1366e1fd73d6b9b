"""What enhancement does for a picture, by squares of it. Encoder only.

Place: `enc_layering` asks for it where networks over the whole picture would take most of the time of encoding.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from veneer.enhancement.base_picture import BasePicture, Bytes
from veneer.enhancement.enc_layer import StrengthSums, enhance_plainly
from veneer.enhancement.geometry import Box
from veneer.enhancement.networks import PLAIN_STRENGTH, Networks

# Sides of the squares that networks run on, and of what is judged of them: networks see no further here, which changes
# pixels at the ends and not the mean.
SEEN, MARGIN = 256, 32
# Of squares in tiles, a multiple of what each network needs: limits.MAX_REDUCTION.
ALIGNMENT = 64
# Squares are at least so far apart, and in a large picture as far as makes about so many of them.
LEAST_DISTANCE, MOST_SQUARES = 768, 8

# The base picture of a tile, and the original as uint8 [H, W, 1 or 3] of the same pixels.
TileOf = Callable[[int], tuple[BasePicture, Bytes]]


@dataclasses.dataclass(frozen=True)
class Sample:
    """Judgement of a picture.

    Attributes:
        strength: 0..128, the best one for all squares together.
        error: squared error of the base, over all samples of the picture.
        gain: what of it enhancement takes off at that strength.
        latents: whether the networks would send latents.
    """

    strength: int
    error: float
    gain: float
    latents: bool


# Of a picture that is known to gain.
PLAIN_SAMPLE = Sample(PLAIN_STRENGTH, 0.0, math.inf, latents=False)


def judge(networks: Networks, tiles: Sequence[Box], tile_of: TileOf) -> Sample:
    """Runs networks of full size on some squares.

    Args:
        networks: of the model, with Base_Scale 1.
        tiles: their places in the picture, which they cover.
        tile_of: decodes a tile; is called once for each that has a square.
    """
    sums = StrengthSums()
    latents = False
    for index, boxes in _squares(tiles).items():
        base, original = tile_of(index)
        for x, y, width, height in boxes:
            seen = base.part((x, y, width, height))
            source = original[y : y + height, x : x + width]
            if networks.finds_latents and not latents:
                latents = bool(networks.analyse(seen, source).any())
            enhanced = enhance_plainly(networks, seen)
            inner = (_inner(y, height, base.size[0]), _inner(x, width, base.size[1]))
            sums.add(seen.shown[inner], source[inner], enhanced[inner])
    strength = sums.best() if networks.takes_strength else PLAIN_STRENGTH
    whole = sum(width * height for _, _, width, height in tiles) * sums.channels / max(1, sums.samples)
    return Sample(strength, whole * sums.error, whole * (sums.error - sums.error_at(strength)), latents)


def _inner(first: int, side: int, whole: int) -> slice:
    """What is judged of a side of a square: all but the margins where the tile goes on."""
    return slice(MARGIN if first > 0 else 0, side - (MARGIN if first + side < whole else 0))


def _squares(tiles: Sequence[Box]) -> dict[int, list[Box]]:
    """The squares by the number of the tile that each lies in, in pixels of the tile; smaller where the tile is."""
    right, bottom = max(x + width for x, _, width, _ in tiles), max(y + height for _, y, _, height in tiles)
    distance = max(LEAST_DISTANCE, math.isqrt(right * bottom // MOST_SQUARES))
    found: dict[int, list[Box]] = {}
    for centre_y in _centres(bottom, distance):
        for centre_x in _centres(right, distance):
            for index, (left, top, width, height) in enumerate(tiles):
                x, y = centre_x - left, centre_y - top
                if 0 <= x < width and 0 <= y < height:
                    found.setdefault(index, []).append(
                        (_first(x, width), _first(y, height), min(width, SEEN), min(height, SEEN))
                    )
    return found


def _centres(side: int, distance: int) -> list[int]:
    count = max(1, side // distance)
    return [(2 * number + 1) * side // (2 * count) for number in range(count)]


def _first(centre: int, side: int) -> int:
    """Where a square begins within a tile: at a multiple of each alignment of networks."""
    return min(max(0, centre - SEEN // 2), max(0, side - SEEN)) // ALIGNMENT * ALIGNMENT
