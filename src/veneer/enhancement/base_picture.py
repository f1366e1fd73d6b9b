"""The decoded base as networks read it: the inputs that do not depend on latents, whole or cut to a part.

Place: `enc_base_picture` makes one of what the base layer decodes; `networks.py` hands it to the core.
H, W: rows and columns of the base picture. h, w: of its units of 4 x 4 pixels.
Source: docs/format.md, "Inputs of networks".
"""

from __future__ import annotations

import dataclasses

import numpy
import numpy.typing

from veneer.enhancement.geometry import UNIT, Box, cells_of

Bytes = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]


@dataclasses.dataclass(frozen=True)
class BasePicture:
    """A base picture, or a part of it.

    Attributes:
        quarters: int16 [H, W, 1 or 3], quarters of a level, 0..1020.
        maps: uint8 [h, w, 8], how units were coded.
        steps: uint8 [h, w], their step index.
        settings: step offsets of Co and Cg, Matrix, and 16 where quantization is dependent.
        scale: Base_Scale.
        interpolated: int16 [scale H, scale W, 1 or 3], quarters at full size; None with Base_Scale 1.
    """

    quarters: Quarters
    maps: Bytes
    steps: Bytes
    settings: tuple[int, int, int, int]
    scale: int
    interpolated: Quarters | None = None

    @property
    def arrays(self) -> tuple[Quarters, Bytes, Bytes, tuple[int, int, int, int], int, Quarters | None]:
        """All of it in the order in which the core takes it."""
        return self.quarters, self.maps, self.steps, self.settings, self.scale, self.interpolated

    @property
    def shown(self) -> Quarters:
        """What is shown without enhancement, at full size in quarters of a level."""
        return self.quarters if self.interpolated is None else self.interpolated

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns at full size, the picture that networks run on."""
        return self.scale * self.quarters.shape[0], self.scale * self.quarters.shape[1]

    def part(self, box: Box) -> BasePicture:
        """The pixels of a box, whose x and y are multiples of 4."""
        units, pixels, full = cells_of(box, 1, UNIT), cells_of(box, 1, 1), cells_of(box, self.scale, 1)
        return dataclasses.replace(
            self,
            quarters=self.quarters[pixels],
            maps=self.maps[units],
            steps=self.steps[units],
            interpolated=None if self.interpolated is None else self.interpolated[full],
        )
