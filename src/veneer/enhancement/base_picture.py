"""The decoded base as networks read it: the inputs that do not depend on latents, whole or cut to a part.

Place: encoder and decoder make one of what the base layer decodes; analysis, entropy model and synthesis read it.
H, W: rows and columns of the base picture. h, w: of its units of 4 x 4 pixels.
Source: docs/format.md, "Inputs of networks".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy
import numpy.typing

from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.enhancement.networks import COLOURS
from veneer.inference.network import Array, Network

Bytes = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]

# Runs a network on inputs for a picture of so many rows and columns: `Network.run`, or one of the references.
Runner = Callable[[Network, Mapping[str, Array], tuple[int, int]], dict[str, Array]]


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

    def run(self, network: Network, runner: Runner, **others: Array) -> Array:
        """Runs a network that has one output.

        Args:
            network: one of a model's.
            runner: how.
            others: inputs that are no part of the base, by name; those that the network does not declare are left out.

        Returns:
            Its output.
        """
        inputs: dict[str, Array] = {"maps": self.maps, "step": self.steps[:, :, None], **others}
        inputs["picture"] = numpy.broadcast_to(self.quarters, (*self.quarters.shape[:2], COLOURS))
        inputs["interpolated"] = numpy.broadcast_to(self.shown, (*self.shown.shape[:2], COLOURS))
        settings = numpy.array(self.settings, numpy.int16)
        inputs["settings"] = numpy.broadcast_to(settings, (*self.steps.shape, len(self.settings)))
        declared = {tensor.name: inputs[tensor.name] for tensor in network.graph.inputs}
        (result,) = runner(network, declared, self.size).values()
        return result
