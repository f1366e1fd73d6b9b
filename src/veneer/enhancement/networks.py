"""What a model must have to enhance pictures: networks with the inputs and outputs of the specification.

Place: between `models.py`, which finds weight files, and those who run networks.
Source: docs/format.md, "Models and networks", "Inputs of networks" and "Texture".
"""

from __future__ import annotations

import dataclasses
import math

import numpy
import numpy.typing

from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.entropy.distributions import COUNT, MAX_VALUE
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.graph import Shape
from veneer.inference.network import Network
from veneer.inference.weights import Model

MAPS = 8
SETTINGS = 4
NOISE = 8
COLOURS = 3
LATENT_REDUCTIONS = (2, 4, 8, 16, 32, 64)  # those that divide the side of every tile

SIDE_INPUTS = {"picture", "maps", "step", "settings"}
MAX_LEVEL = 255

# int16 [rows, columns, C], -127..127.
Latents = numpy.typing.NDArray[numpy.int16]

# The smallest and the largest value of each output.
OUTPUT_RANGES = {"enhanced": (0, MAX_LEVEL), "index": (0, COUNT - 1), "y": (-MAX_VALUE, MAX_VALUE)}
OUTPUT_RANGES["textured"] = (0, MAX_LEVEL)

# Of g_t, whose units are those of the full size.
TEXTURE_SHAPES = {
    "picture": Shape(COLOURS, 1),
    "maps": Shape(MAPS, UNIT),
    "step": Shape(1, UNIT),
    "settings": Shape(SETTINGS, UNIT),
    "realism": Shape(1, UNIT),
    "missing": Shape(1, UNIT),
    "noise": Shape(NOISE, UNIT),
}


@dataclasses.dataclass(frozen=True)
class Networks:
    """Those of a model for one Base_Scale.

    Attributes:
        scale: Base_Scale.
        g_s: the generator.
        h_s: the entropy model, where g_s takes latents.
        g_a: the analysis, for encoders; None where the model has none or g_s takes no latents.
        g_t: the generator of texture, the same for both scales; None where the model has none.
    """

    scale: int
    g_s: Network
    h_s: Network | None
    g_a: Network | None
    g_t: Network | None

    @property
    def latents(self) -> Shape | None:
        """Channels and reduction of y, if g_s takes it."""
        return self.g_s.graph.shapes["y"] if self.h_s else None

    @property
    def alignment(self) -> int:
        """Parts of the picture that g_s runs on begin at multiples of this, in pixels of the full size."""
        reduction = self.latents.reduction if self.latents else 1
        return math.lcm(self.g_s.graph.alignment, UNIT * self.scale, reduction)

    def latents_in(self, box: Box, y: Latents) -> Latents:
        """The latents of a box of the base picture, a view into those of all of it."""
        return y[cells_of(box, self.scale, self.latents.reduction if self.latents else 1)]

    def has_input(self, name: str) -> bool:
        """Whether g_s declares an input."""
        return any(tensor.name == name for tensor in self.g_s.graph.inputs)


def networks_of(model: Model, scale: int) -> Networks | None:
    """The networks of a model for a Base_Scale, or None where it has none.

    Raises:
        VeneerError: MODEL_UNKNOWN where they are not as they should be.
    """
    suffix = "" if scale == 1 else f"_{scale}"
    g_s, h_s, g_a = (model.networks.get(name + suffix) for name in ("g_s", "h_s", "g_a"))
    g_t = model.networks.get("g_t")
    if g_s is None:
        return None
    shapes = {
        "picture": Shape(COLOURS, scale),
        "maps": Shape(MAPS, UNIT * scale),
        "step": Shape(1, UNIT * scale),
        "settings": Shape(SETTINGS, UNIT * scale),
        "strength": Shape(1, UNIT * scale),
        "realism": Shape(1, UNIT * scale),
        "interpolated": Shape(COLOURS, 1),
        "original": Shape(COLOURS, 1),
    }
    y = g_s.graph.shapes.get("y") if any(tensor.name == "y" for tensor in g_s.graph.inputs) else None
    allowed = SIDE_INPUTS | {"strength", "realism"} | ({"interpolated"} if scale > 1 else set())
    if y is None:
        h_s = g_a = None
    else:
        shapes["y"] = y
        allowed |= {"y"}
        _require(y.reduction in LATENT_REDUCTIONS, g_s, f"latents of reduction {y.reduction}")
        if h_s is None:
            raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {model.id} takes latents, but has no h_s{suffix}")
        _check(h_s, shapes, SIDE_INPUTS, "index", y)
        if g_a is not None:
            _check(g_a, shapes, SIDE_INPUTS | {"original"}, "y", y)
    _check(g_s, shapes, allowed, "enhanced", Shape(COLOURS, 1))
    if g_t is not None:
        _check(g_t, TEXTURE_SHAPES, set(TEXTURE_SHAPES), "textured", Shape(COLOURS, 1))
    return Networks(scale, g_s, h_s, g_a, g_t)


def texture_network_of(model: Model) -> Network:
    """The network of a model that textures.

    Raises:
        VeneerError: MODEL_UNKNOWN where there is none, or not as it should be.
    """
    g_t = model.networks.get("g_t")
    if g_t is None:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {model.id} has no g_t")
    _check(g_t, TEXTURE_SHAPES, set(TEXTURE_SHAPES), "textured", Shape(COLOURS, 1))
    return g_t


def _require(condition: bool, network: Network, message: str) -> None:
    if not condition:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"this decoder cannot use {network.graph.name}: {message}")


def _check(network: Network, shapes: dict[str, Shape], allowed: set[str], output: str, result: Shape) -> None:
    """Raises VeneerError unless inputs and output of a network are those of the specification."""
    graph = network.graph
    for tensor in graph.inputs:
        _require(tensor.name in allowed, network, f"input {tensor.name!r} is unknown")
        wanted = shapes[tensor.name]
        fits = (tensor.channels, tensor.reduction) == (wanted.channels, wanted.reduction)
        _require(fits, network, f"{tensor.name} is {tensor.channels} channels at 1/{tensor.reduction}, not {wanted}")
    _require([found.name for found in graph.outputs] == [output], network, f"the output is not {output!r}")
    _require(graph.shapes[output] == result, network, f"{output} is {graph.shapes[output]}, not {result}")
    (low, high), (least, most) = network.ranges[output], OUTPUT_RANGES[output]
    _require(least <= low and high <= most, network, f"{output} can be {low}..{high}, not {least}..{most}")
