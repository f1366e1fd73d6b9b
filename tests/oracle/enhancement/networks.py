"""What a model must have to enhance pictures: networks with the inputs and outputs of the specification.

Place: between `models.py`, which finds weight files, and those who run networks.
Source: docs/format.md, "Models and networks", "Inputs of networks" and "Texture".
"""

from __future__ import annotations

import dataclasses
import math

from oracle.enhancement.runner import COLOURS

from veneer.enhancement.distributions import COUNT, MAX_VALUE
from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.enhancement.networks import Latents
from veneer.enhancement.unrounded import FRACTION_BITS, MAX_UNROUNDED
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.graph import Shape
from veneer.reference.network import Network
from veneer.reference.weights import Model

MAPS = 8
SETTINGS = 4
NOISE = 8
LATENT_REDUCTIONS = (2, 4, 8, 16, 32, 64)  # those that divide the side of every tile

SIDE_INPUTS = {"picture", "maps", "step", "settings"}

# The smallest and the largest value of each output.
OUTPUT_RANGES = {"enhanced": (0, MAX_UNROUNDED), "index": (0, COUNT - 1), "y": (-MAX_VALUE, MAX_VALUE)}
OUTPUT_RANGES["textured"] = (0, MAX_UNROUNDED)

# Fraction_Bits that inputs and outputs must have: the base is in quarters of a level, what networks make of it finer.
BASE_UNITS = {"picture": 2, "interpolated": 2, "enhanced": FRACTION_BITS}
TEXTURE_UNITS = {"picture": FRACTION_BITS, "textured": FRACTION_BITS}

# Of `texture`, whose units are those of the full size.
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
        restore: the generator.
        latent_prior: the entropy model, where `restore` takes latents.
        latent_analysis: the analysis, for encoders; None where the model has none or `restore` takes no latents.
        texture: the generator of texture, the same for both scales; None where the model has none.
    """

    scale: int
    restore: Network
    latent_prior: Network | None
    latent_analysis: Network | None
    texture: Network | None

    @property
    def latents(self) -> Shape | None:
        """Channels and reduction of y, if `restore` takes it."""
        return self.restore.graph.shapes["y"] if self.latent_prior else None

    @property
    def alignment(self) -> int:
        """Parts of the picture that `restore` runs on begin at multiples of this, in pixels of the full size."""
        reduction = self.latents.reduction if self.latents else 1
        return math.lcm(self.restore.graph.alignment, UNIT * self.scale, reduction)

    def latents_in(self, box: Box, y: Latents) -> Latents:
        """The latents of a box of the base picture, a view into those of all of it."""
        return y[cells_of(box, self.scale, self.latents.reduction if self.latents else 1)]

    def has_input(self, name: str) -> bool:
        """Whether `restore` declares an input."""
        return any(tensor.name == name for tensor in self.restore.graph.inputs)


def networks_of(model: Model, scale: int) -> Networks | None:
    """The networks of a model for a Base_Scale, or None where it has none.

    Raises:
        VeneerError: MODEL_UNKNOWN where they are not as they should be.
    """
    suffix = "" if scale == 1 else "_half"
    restore, latent_prior, latent_analysis = (
        model.networks.get(name + suffix) for name in ("restore", "latent_prior", "latent_analysis")
    )
    texture = model.networks.get("texture")
    if restore is None:
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
    y = restore.graph.shapes.get("y") if any(tensor.name == "y" for tensor in restore.graph.inputs) else None
    allowed = SIDE_INPUTS | {"strength", "realism"} | ({"interpolated"} if scale > 1 else set())
    if y is None:
        latent_prior = latent_analysis = None
    else:
        shapes["y"] = y
        allowed |= {"y"}
        _require(y.reduction in LATENT_REDUCTIONS, restore, f"latents of reduction {y.reduction}")
        if latent_prior is None:
            text = f"model {model.id} takes latents, but has no network latent_prior{suffix}"
            raise VeneerError(ErrorCode.MODEL_UNKNOWN, text)
        _check(latent_prior, shapes, SIDE_INPUTS, "index", y)
        if latent_analysis is not None:
            _check(latent_analysis, shapes, SIDE_INPUTS | {"original"}, "y", y)
    _check(restore, shapes, allowed, "enhanced", Shape(COLOURS, 1))
    if texture is not None:
        _check(texture, TEXTURE_SHAPES, set(TEXTURE_SHAPES), "textured", Shape(COLOURS, 1))
    return Networks(scale, restore, latent_prior, latent_analysis, texture)


def texture_network_of(model: Model) -> Network:
    """The network of a model that textures.

    Raises:
        VeneerError: MODEL_UNKNOWN where there is none, or not as it should be.
    """
    texture = model.networks.get("texture")
    if texture is None:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {model.id} has no network texture")
    _check(texture, TEXTURE_SHAPES, set(TEXTURE_SHAPES), "textured", Shape(COLOURS, 1))
    return texture


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
    found = {each.name: each.fraction_bits for each in graph.inputs}
    found |= {each.name: each.fraction_bits for each in graph.outputs}
    wanted_bits = TEXTURE_UNITS if output == "textured" else BASE_UNITS
    for name in wanted_bits.keys() & found.keys():
        text = f"{name} has {found[name]} fraction bits, not {wanted_bits[name]}"
        _require(found[name] == wanted_bits[name], network, text)
    (low, high), (least, most) = network.ranges[output], OUTPUT_RANGES[output]
    _require(least <= low and high <= most, network, f"{output} can be {low}..{high}, not {least}..{most}")
