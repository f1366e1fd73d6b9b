"""How the latents of a tile are distributed: the network `latent_prior` over the tile alone.

Nothing outside the tile has an influence, so that damage elsewhere does not reach its latents.
Place: before `latents.py`, in encoder and decoder.
Source: docs/format.md, "Latents".
"""

from __future__ import annotations

import numpy
from oracle.enhancement.runner import Runner, run_on

from veneer.enhancement.base_picture import BasePicture
from veneer.enhancement.geometry import Box
from veneer.enhancement.networks import Indices
from veneer.reference.network import Network


def distribution_indices(latent_prior: Network, base: BasePicture, tile: Box, runner: Runner) -> Indices:
    """Indices of the distributions of a tile's latents.

    Args:
        latent_prior: the network.
        base: the base picture, or a part that holds the tile.
        tile: its place there.
        runner: what runs networks.

    Returns:
        uint8 [rows, columns, C], 0..63.
    """
    return run_on(base.part(tile), latent_prior, runner).astype(numpy.uint8, copy=False)
