"""The enhancement of a picture as the decoder reads it: latents, strengths and filters of tiles.

Place: between `decoder` and the networks.
h, w: rows and columns of units of 4 x 4 base pixels.
Source: docs/format.md, "Enhancement".
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy
from oracle.enhancement.entropy_model import distribution_indices
from oracle.enhancement.latents import read_filters, read_latents
from oracle.enhancement.networks import Networks
from oracle.enhancement.runner import Runner

from veneer.enhancement.base_picture import BasePicture, Bytes
from veneer.enhancement.filters import TileFilters
from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.enhancement.networks import PLAIN_STRENGTH, Latents, TileEnhancement


@dataclasses.dataclass(frozen=True)
class DecodedEnhancement:
    """What the network `restore` is told beside the base.

    Attributes:
        y: latents, int16 [rows, columns, C]; None where it takes none.
        strengths: uint8 [h, w].
        filters: those that there are, and the box of the tile in the base picture.
        damaged: positions in the list of tiles whose latents or filters are no code.
    """

    y: Latents | None
    strengths: Bytes
    filters: list[tuple[Box, TileFilters]]
    damaged: list[int]

    def part(self, networks: Networks, box: Box) -> tuple[Latents | None, Bytes]:
        """Latents and strengths of a box, which begins at multiples of the alignment."""
        y = None if self.y is None else networks.latents_in(box, self.y)
        return y, self.strengths[_units_of(box)]


def decode_enhancement(
    networks: Networks,
    base: BasePicture,
    tiles: Sequence[tuple[Box, TileEnhancement]],
    runner: Runner,
) -> DecodedEnhancement:
    """Reads the latents of some tiles.

    Args:
        networks: of the model.
        base: the base picture, or a part that holds the tiles.
        tiles: their places there, and what the file says of them.
        runner: what runs networks.

    Returns:
        Latents and strengths of the whole part; where there is no tile they are as for one without a chunk.
    """
    y = no_latents(networks, base)
    strengths = numpy.full(base.steps.shape, PLAIN_STRENGTH, numpy.uint8)
    filters: list[tuple[Box, TileFilters]] = []
    damaged = []
    for number, (box, tile) in enumerate(tiles):
        indices = (
            functools.partial(distribution_indices, networks.latent_prior, base, box, runner)
            if networks.latent_prior
            else None
        )
        found: Latents | None = None
        if tile.filtered:
            both = read_filters(tile.data, base.quarters.shape[2], indices)
            if both is None:
                damaged.append(number)
                continue
            found = both[1]
            filters.append((box, both[0]))
        elif indices is not None and tile.data:
            found = read_latents(tile.data, indices())
            if found is None:
                damaged.append(number)
                continue
        if y is not None and found is not None:
            networks.latents_in(box, y)[:] = found
        strengths[_units_of(box)] = tile.strength
    return DecodedEnhancement(y, strengths, filters, damaged)


def no_latents(networks: Networks, base: BasePicture) -> Latents | None:
    """Latents that are all 0."""
    if networks.latents is None:
        return None
    rows, columns = (-(-side // networks.latents.reduction) for side in base.size)
    return numpy.zeros((rows, columns, networks.latents.channels), numpy.int16)


def _units_of(box: Box) -> tuple[slice, slice]:
    return cells_of(box, 1, UNIT)
