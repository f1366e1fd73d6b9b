"""The networks of a model that enhance pictures, as the compiled core runs them for the encoder.

Place: between `models.py`, which finds weight files, and the encoder's choices.
h, w: rows and columns of units of 4 x 4 base pixels.
Source: docs/format.md, "Inputs of networks", "Latents" and "Running the networks".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy
import numpy.typing

from veneer import backend
from veneer.enhancement.base_picture import BasePicture, Bytes
from veneer.enhancement.geometry import Box, cells_of
from veneer.enhancement.unrounded import Unrounded

# int16 [rows, columns, C], -127..127.
Latents = numpy.typing.NDArray[numpy.int16]
# uint8 [rows, columns, C], 0..63: how each latent is distributed.
Indices = numpy.typing.NDArray[numpy.uint8]

PLAIN_STRENGTH = 64


@dataclasses.dataclass(frozen=True)
class TileEnhancement:
    """What a file says of a tile beside its base.

    Attributes:
        strength: 0..128.
        data: filters and latents as one stream of the range coder; empty where there are none.
        filtered: whether the stream begins with filters.
    """

    strength: int = PLAIN_STRENGTH
    data: bytes = b""
    filtered: bool = False


@dataclasses.dataclass(frozen=True)
class Networks:
    """Those of a model for one Base_Scale.

    Attributes:
        core: the networks in the core.
        threads: that run them, at most; 0 for as many as there are cores. No influence on results.
    """

    core: backend.Networks
    threads: int

    @property
    def finds_latents(self) -> bool:
        """Whether the model can find latents for a picture, and takes them."""
        return self.core.latent_analysis is not None

    @property
    def textures(self) -> bool:
        """Whether the model can add texture."""
        return self.core.texture is not None

    @property
    def takes_strength(self) -> bool:
        """Whether the strength of tiles has an influence."""
        return self.core.takes_strength

    def latents_in(self, base: BasePicture, box: Box, y: Latents) -> Latents:
        """The latents of a box of the base picture, a view into those of all of it."""
        _, reduction = self.core.latents or (0, 1)
        return y[cells_of(box, base.scale, reduction)]

    def no_latents(self, base: BasePicture) -> Latents | None:
        """Latents that are all 0; None where networks take none."""
        if self.core.latents is None:
            return None
        channels, reduction = self.core.latents
        rows, columns = (-(-side // reduction) for side in base.size)
        return numpy.zeros((rows, columns, channels), numpy.int16)

    def analyse(self, base: BasePicture, original: Bytes) -> Latents:
        """The latents of a whole picture; uint8 [H, W, 1 or 3] is the original at full size."""
        return self.core.analyse(base.arrays, numpy.ascontiguousarray(original), self._threads)

    def latent_indices(self, base: BasePicture, box: Box) -> Indices:
        """How the latents of a tile are distributed; nothing outside the tile has an influence."""
        return self.core.latent_indices(base.part(box).arrays, self._threads)

    def decode(self, base: BasePicture, tiles: Sequence[tuple[Box, TileEnhancement]]) -> tuple[Latents | None, Bytes]:
        """What decoders read of tiles.

        Args:
            base: the base picture.
            tiles: their places there, and what the file says of them.

        Returns:
            Latents, None where networks take none; and the strength of each unit, uint8 [h, w].
        """
        given = [(box, tile.strength, tile.data, tile.filtered) for box, tile in tiles]
        y, strengths, _, _ = self.core.decode(base.arrays, given, self._threads)
        return y, strengths

    def synthesize(self, base: BasePicture, y: Latents | None, strengths: Bytes, realism: int) -> Unrounded:
        """The enhanced picture, before filters and texture.

        Args:
            base: the base picture.
            y: latents; None where networks take none.
            strengths: uint8 [h, w], of each unit, 0..128.
            realism: 0..64.

        Returns:
            int16 [H, W, 1 or 3] at full size, in 1/64 of a level, 0..16320.

        Raises:
            VeneerError: NETWORK_TOO_LARGE.
        """
        return self.core.synthesize(base.arrays, y, strengths, realism, self._threads)

    @property
    def _threads(self) -> int:
        return backend.thread_count(self.threads)


def networks_of(model: backend.Model, scale: int, threads: int) -> Networks | None:
    """The networks of a model for a Base_Scale, run by at most so many threads; None where it has none.

    Raises:
        VeneerError: MODEL_UNKNOWN where they are not as they should be.
    """
    core = model.networks(scale)
    return None if core is None else Networks(core, threads)
