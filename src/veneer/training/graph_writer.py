"""Parts of all networks of enhancement: inputs, blocks, gates and their constants.

Place: `networks.py` and `texture/network.py` write graphs with it.
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer.enhancement.unrounded import FRACTION_BITS
from veneer.inference.builder import GraphBuilder
from veneer.training.float_network import Definition, Reals

# The base picture comes in quarters of a level, not rounded.
BASE_FRACTION_BITS = 2
REDUCTION = 4  # of the trunk
LATENT_REDUCTION = 16

# Tables of the step index have an entry for each value of a byte; 2^-13 holds what they give, up to 4.
STEP_ENTRIES = 256
BASIS_FRACTION_BITS = 13
BASIS_LIMIT = 32767 / (1 << BASIS_FRACTION_BITS)
# Other base parameters in sixteenths: -4 .. 4.
SETTINGS = 4
SETTING_FIRST, SETTING_ENTRIES = -64, 128
# Step in levels, for residuals: 2^-7 .. 255.
STEP_FRACTION_BITS = 7

# Maps of the base layer (`base.layer.BaseDecoding`), brought to about -2 .. 2: edges of blocks, size, coefficients.
MAPS = 8
MAP_SCALES = (1, 1, 1 / 4, 1 / 4, 1, 1, 1 / 4, 1 / 4)
MAP_OFFSETS = (0, 0, -2, 0, 0, 0, 0, 0)
MOST_MAP = 15
# Those of JPEGs (docs/format.md, "Restored pixels of a JPEG"): places in blocks, how many coefficients, and which.
JPEG_MAP_SCALES = (2, 2, 1, 1, 1 / 4, 1 / 3, 1 / 3, 1 / 4, 1 / 4, 1 / 4)
JPEG_MAP_OFFSETS = (-1, -1, -0.5, -0.5, -1, -1, -1, -1, -1, -1)

# A trained share of realism, 0..64, and the strength of an enhancement, 0..128.
REALISM_FRACTION_BITS = 6
STRENGTH_FRACTION_BITS, MOST_STRENGTH = 6, 128


def step_levels(step_index: numpy.typing.ArrayLike) -> Reals:
    """Quantizer step q in levels of 0..255 of a step index (docs/format.md, "Dequantization")."""
    return numpy.asarray(2.0 ** ((numpy.asarray(step_index, numpy.float64) - 32) / 16) / 4)


def side_inputs(parameters: numpy.typing.NDArray[numpy.uint8]) -> tuple[Reals, Reals]:
    """Inputs of the networks from the base layer.

    Args:
        parameters: uint8 [N, 8], the base parameters of HEAD.

    Returns:
        step [N, 1, 1, 1]: the step index, without local offsets; settings [N, 4, 1, 1]: step offsets of Co and Cg,
        frequency weighting, and 16 where quantization is dependent.
    """
    fields = parameters.astype(numpy.float64)
    offsets = parameters[:, 1:3].view(numpy.int8).astype(numpy.float64)
    settings = numpy.stack([offsets[:, 0], offsets[:, 1], fields[:, 3], 16.0 * (parameters[:, 5] & 1)], axis=1)
    last = SETTING_FIRST + SETTING_ENTRIES - 1
    return fields[:, :1, None, None], settings.clip(SETTING_FIRST, last)[:, :, None, None]


# Deviations of the coefficients below over pictures, and how they fall with the squared frequency: of the sum of the
# colours, of red minus blue and of green minus both, pictures being -2 .. 2. None counts as less than SMALLEST.
DEVIATIONS, FALLS, SMALLEST = (7.0, 3.0, 0.9), (6.0, 8.0, 6.0), 1 / 32
WHITENING = 0.6  # power of the deviations that is taken out; all of it would drown networks in the noise of pictures


def square_basis(side: int) -> Reals:
    """Coefficients of squares as `pixel_unshuffle` lays them out: colours decorrelated, then a cosine transform.

    Returns:
        [3 side^2, 3 side^2], orthonormal, a coefficient in each row.
    """
    n = numpy.arange(side)
    cosines = numpy.cos(numpy.pi * (2 * n + 1) * n[:, None] / (2 * side)) * numpy.sqrt(2 / side)
    cosines[0] /= numpy.sqrt(2)
    colours = numpy.array([(1, 1, 1), (1, 0, -1), (1, -2, 1)]) / numpy.sqrt([[3], [2], [6]])
    return numpy.asarray(numpy.kron(colours, numpy.kron(cosines, cosines)), numpy.float64)


def whitened_basis(side: int) -> Reals:
    """The same with coefficients of more equal size.

    Those of a picture are between 7 and 0.006, and what coding takes away is of one size in all: features of pixels
    would long depend only on brightness.
    """
    n = numpy.arange(side) * 4 / side
    squared = numpy.add.outer(n**2, n**2)
    deviations = [a / (1 + b * squared) for a, b in zip(DEVIATIONS, FALLS, strict=True)]
    scales = numpy.stack(deviations).clip(SMALLEST).reshape(-1, 1) ** -WHITENING
    return numpy.asarray(square_basis(side) * scales)


class Writer:
    """A graph in the making, with its constants.

    Args:
        name: of the network.
    """

    def __init__(self, name: str) -> None:
        self.builder = GraphBuilder(name)
        self.constants: dict[str, Reals] = {}
        self.fraction_bits: dict[str, int] = {}
        self.bases: dict[str, Reals] = {}

    def definition(self, *outputs: str) -> Definition:
        for output in outputs:
            self.builder.output(output)
        return Definition(self.builder.build(), self.constants, self.fraction_bits, self.bases)

    def table(self, name: str, x: str, values: Reals, first: int, fraction_bits: int) -> str:
        """Values are rounded here, so that real and integer networks look up the same."""
        scale = float(1 << fraction_bits)
        self.constants[f"{name}/table"] = numpy.round(values * scale).clip(-32768, 32767) / scale
        self.fraction_bits[name] = fraction_bits
        return self.builder.table(name, x, first=first, entries=len(values))

    def squares(self, name: str, picture: str, reduction: int = 1, fraction_bits: int = 0) -> str:
        """Input of a picture in levels, as squares of 4 x 4 pixels."""
        most = 255 << fraction_bits
        self.builder.input(picture, 3, reduction=reduction, low=0, high=most, fraction_bits=fraction_bits)
        return self.builder.pixel_unshuffle(name, picture, REDUCTION)

    def centred(self, name: str, squares: str) -> str:
        """Levels 0..255 to -2..2."""
        self.constants[f"{name}/weight"] = numpy.full(3 * REDUCTION**2, 1 / 64)
        self.constants[f"{name}/bias"] = numpy.full(3 * REDUCTION**2, -2.0)
        return self.builder.scale(name, squares)

    def basis(self, reduction: int = REDUCTION) -> str:
        """Inputs `step` and `settings`, as seven numbers of which gates and biases are mixtures."""
        b = self.builder
        step = b.input("step", 1, reduction=reduction, low=0, high=STEP_ENTRIES - 1)
        last = SETTING_FIRST + SETTING_ENTRIES - 1
        settings = b.input("settings", SETTINGS, reduction=reduction, low=SETTING_FIRST, high=last)
        index = numpy.arange(STEP_ENTRIES)
        q = step_levels(index)
        bits = BASIS_FRACTION_BITS
        values = numpy.arange(SETTING_FIRST, last + 1) / 16.0
        parts = (
            self.table("step_place", step, (index - 112) / 64.0, 0, bits),
            self.table("step_root", step, numpy.minimum(2 * q**-0.5, BASIS_LIMIT), 0, bits),
            self.table("step_inverse", step, numpy.minimum(4 / q, BASIS_LIMIT), 0, bits),
            self.table("settings_sixteenths", settings, values, SETTING_FIRST, bits),
        )
        return b.concat("basis", *parts)

    def side(self, basis: str, channels: int, hidden: int, reduction: int = REDUCTION, jpeg: bool = False) -> str:
        """The coding of a picture as features: step, settings, and where there are `hidden`, its maps."""
        b = self.builder
        side = b.convolution("side", basis, channels, kernel=1)
        if not hidden:
            return side
        scales, offsets = (JPEG_MAP_SCALES, JPEG_MAP_OFFSETS) if jpeg else (MAP_SCALES, MAP_OFFSETS)
        maps = b.input("maps", len(scales), reduction=reduction, low=0, high=MOST_MAP)
        self.constants["maps_centred/weight"] = numpy.array(scales, numpy.float64)
        self.constants["maps_centred/bias"] = numpy.array(offsets, numpy.float64)
        inner = b.convolution("maps_inner", b.scale("maps_centred", maps), hidden, low=0)
        return b.add("side_with_maps", side, b.convolution("maps_outer", inner, channels, kernel=1))

    def gated(self, name: str, x: str, basis: str, channels: int) -> str:
        """Each channel times its mixture of the basis."""
        gate = self.builder.convolution(f"{name}_gate", basis, channels, kernel=1)
        return self.builder.multiply(name, x, gate, shift=0)

    def spread(self, name: str, x: str, channels: int) -> str:
        """One channel repeated."""
        self.constants[f"{name}/weight"] = numpy.ones((channels, 1, 1, 1))
        self.constants[f"{name}/bias"] = numpy.zeros(channels)
        return self.builder.convolution(name, x, channels, kernel=1)

    def blocks(self, prefix: str, x: str, channels: int, count: int, inner: int = 0) -> str:
        """Residual blocks: x + 3x3(ReLU(3x3(x))), or with `inner` channels after the ReLU x + 1x1(ReLU(3x3(x)))."""
        for i in range(count):
            hidden = self.builder.convolution(f"{prefix}{i}_inner", x, inner or channels, low=0)
            outer = self.builder.convolution(f"{prefix}{i}_outer", hidden, channels, kernel=1 if inner else 3)
            x = self.builder.add(f"{prefix}{i}", x, outer)
        return x

    def deep_blocks(self, x: str, channels: int, deep_channels: int, count: int, inner: int = 0) -> str:
        """X with what residual blocks at half its sides add to it."""
        b = self.builder
        deep = b.convolution("down", b.pixel_unshuffle("down_squares", x, 2), deep_channels, kernel=1)
        deep = self.blocks("deep", deep, deep_channels, count, inner)
        up = b.convolution("up", deep, 4 * channels, kernel=1)
        return b.add("joined", x, b.pixel_shuffle("up_squares", up, 2))

    def textured(self, squares: str, residual: str) -> Definition:
        """The graph of a texture generator: a picture in squares, and a residual times the input `realism`."""
        b, channels = self.builder, 3 * REDUCTION**2
        most, bits = 1 << REALISM_FRACTION_BITS, REALISM_FRACTION_BITS
        realism = b.input("realism", 1, reduction=REDUCTION, low=0, high=most, fraction_bits=bits)
        share = b.multiply("share", residual, self.spread("realism_spread", realism, channels), shift=0)
        total = b.add("total", squares, share, low=0, high=255)
        self.fraction_bits["total"] = FRACTION_BITS
        return self.definition(b.pixel_shuffle("textured", total, REDUCTION))
