"""The enhancement networks: analysis g_a, entropy model h_s and generator g_s.

                 original ---+
                             v
    base picture --------> g_a --> y --round--> y_hat -----+      1/16 of the sides
         |                          ^                      |
         +-----> h_s --> index of the distribution of y    |
         |                                                 v
         +------------------------------------------------> g_s --> enhanced picture

    g_s   squares of 4 x 4 pixels -> head, gated by the step -> + latents, step -> residual blocks at 1/4
          -> blocks at 1/8, added -> blocks at 1/4 -> tail x step = residual -> + squares -> enhanced

What is coded at one step and at another differs by the scale of its errors most of all. So the step is not only one
more input: features are multiplied by learned mixtures of powers of the step q (the gate), and residuals by q.

Place: `float_network.py` runs what is defined here, `export.py` makes integers of it.
N pictures of H rows and W columns; a tensor of reduction d has H / d rows.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy
import numpy.typing
import torch
from torch import Tensor, nn

from veneer.inference.builder import GraphBuilder
from veneer.training import quantizers
from veneer.training.config import Config
from veneer.training.float_network import Definition, FloatNetwork, Reals

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

# A trained share of realism, 0..64.
REALISM_FRACTION_BITS = 6


def step_levels(step_index: numpy.typing.ArrayLike) -> Reals:
    """Quantizer step q in levels of 0..255 of a step index (docs/format.md, "Dequantization")."""
    return numpy.asarray(2.0 ** ((numpy.asarray(step_index, numpy.float64) - 32) / 16) / 4)


def side_inputs(parameters: numpy.typing.NDArray[numpy.uint8]) -> tuple[Reals, Reals]:
    """What the networks are told of the base layer.

    Args:
        parameters: uint8 [N, 8], the base parameters of HEAD.

    Returns:
        step [N, 1, 1, 1]: the step index; settings [N, 4, 1, 1]: step offsets of Co and Cg, frequency weighting, and 16
        where quantization is dependent.
    """
    fields = parameters.astype(numpy.float64)
    offsets = parameters[:, 1:3].view(numpy.int8).astype(numpy.float64)
    settings = numpy.stack([offsets[:, 0], offsets[:, 1], fields[:, 3], 16.0 * (parameters[:, 5] & 1)], axis=1)
    last = SETTING_FIRST + SETTING_ENTRIES - 1
    return fields[:, :1, None, None], settings.clip(SETTING_FIRST, last)[:, :, None, None]


class _Writer:
    """A graph in the making, with its constants."""

    def __init__(self, name: str) -> None:
        self.builder = GraphBuilder(name)
        self.constants: dict[str, Reals] = {}
        self.fraction_bits: dict[str, int] = {}

    def definition(self, *outputs: str) -> Definition:
        for output in outputs:
            self.builder.output(output)
        return Definition(self.builder.build(), self.constants, self.fraction_bits)

    def table(self, name: str, x: str, values: Reals, first: int, fraction_bits: int) -> str:
        """Values are rounded here, so that real and integer networks look up the same."""
        scale = float(1 << fraction_bits)
        self.constants[f"{name}/table"] = numpy.round(values * scale).clip(-32768, 32767) / scale
        self.fraction_bits[name] = fraction_bits
        return self.builder.table(name, x, first=first, entries=len(values))

    def squares(self, name: str, picture: str, fraction_bits: int = 0) -> str:
        """Input of a picture in levels, as squares of 4 x 4 pixels."""
        most = 255 << fraction_bits
        self.builder.input(picture, 3, low=0, high=most, fraction_bits=fraction_bits)
        return self.builder.pixel_unshuffle(name, picture, REDUCTION)

    def centred(self, name: str, squares: str) -> str:
        """Levels 0..255 to -2..2."""
        self.constants[f"{name}/weight"] = numpy.full(3 * REDUCTION**2, 1 / 64)
        self.constants[f"{name}/bias"] = numpy.full(3 * REDUCTION**2, -2.0)
        return self.builder.scale(name, squares)

    def basis(self) -> str:
        """Inputs `step` and `settings`, as seven numbers of which gates and biases are mixtures."""
        b = self.builder
        step = b.input("step", 1, reduction=REDUCTION, low=0, high=STEP_ENTRIES - 1)
        last = SETTING_FIRST + SETTING_ENTRIES - 1
        settings = b.input("settings", SETTINGS, reduction=REDUCTION, low=SETTING_FIRST, high=last)
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

    def gated(self, name: str, x: str, basis: str, channels: int) -> str:
        """Each channel times its mixture of the basis."""
        gate = self.builder.convolution(f"{name}_gate", basis, channels, kernel=1)
        return self.builder.multiply(name, x, gate, shift=0)

    def spread(self, name: str, x: str, channels: int) -> str:
        """One channel repeated."""
        self.constants[f"{name}/weight"] = numpy.ones((channels, 1, 1, 1))
        self.constants[f"{name}/bias"] = numpy.zeros(channels)
        return self.builder.convolution(name, x, channels, kernel=1)

    def blocks(self, prefix: str, x: str, channels: int, count: int) -> str:
        """Residual blocks: x + 3x3(ReLU(3x3(x)))."""
        for i in range(count):
            inner = self.builder.convolution(f"{prefix}{i}_inner", x, channels, low=0)
            outer = self.builder.convolution(f"{prefix}{i}_outer", inner, channels)
            x = self.builder.add(f"{prefix}{i}", x, outer)
        return x


def define_g_s(config: Config) -> Definition:
    """Generator: inputs picture, step, settings, y (with latents), realism (with texture); output enhanced."""
    writer = _Writer("g_s")
    b, channels = writer.builder, config.channels
    squares = writer.squares("squares", "picture", BASE_FRACTION_BITS)
    basis = writer.basis()
    head = b.convolution("head", writer.centred("centred", squares), channels)
    side = b.convolution("side", basis, channels, kernel=1)
    if config.latent_channels:
        most = quantizers.MAX_LATENT
        y = b.input("y", config.latent_channels, reduction=LATENT_REDUCTION, low=-most, high=most)
        features = b.convolution("latent_inner", y, config.latent_features, low=0)
        ratio = LATENT_REDUCTION // REDUCTION
        wide = b.convolution("latent_wide", features, config.latent_features * ratio**2, kernel=1)
        latents = b.convolution("latent", b.pixel_shuffle("latent_squares", wide, ratio), channels, kernel=1)
        side = b.add("side_with_latents", side, latents)
    x = b.add("entry", writer.gated("gated", head, basis, channels), side)
    x = writer.blocks("before", x, channels, config.blocks_before)
    if config.deep_blocks:
        deep = b.convolution("down", b.pixel_unshuffle("down_squares", x, 2), config.deep_channels, kernel=1)
        deep = writer.blocks("deep", deep, config.deep_channels, config.deep_blocks)
        up = b.convolution("up", deep, 4 * channels, kernel=1)
        x = b.add("joined", x, b.pixel_shuffle("up_squares", up, 2))
    x = writer.blocks("after", x, channels, config.blocks_after)
    outputs = 3 * REDUCTION**2
    step = writer.table("q", "step", step_levels(numpy.arange(STEP_ENTRIES)), 0, STEP_FRACTION_BITS)
    q = writer.spread("q_spread", step, outputs)
    residual = b.multiply("fidelity", b.convolution("tail", x, outputs), q, shift=0)
    if config.texture_channels:
        most, bits = 1 << REALISM_FRACTION_BITS, REALISM_FRACTION_BITS
        realism = b.input("realism", 1, reduction=REDUCTION, low=0, high=most, fraction_bits=bits)
        inner = b.convolution("texture_inner", x, config.texture_channels, low=0)
        texture = b.multiply("texture", b.convolution("texture_tail", inner, outputs), q, shift=0)
        share = writer.spread("realism_spread", realism, outputs)
        residual = b.add("residual", residual, b.multiply("texture_share", texture, share, shift=0))
    total = b.add("total", squares, residual, low=0, high=255)
    return writer.definition(b.pixel_shuffle("enhanced", total, REDUCTION))


def define_h_s(config: Config) -> Definition:
    """Entropy model: inputs picture, step, settings; output index, that of the distribution of each y."""
    writer = _Writer("h_s")
    b, channels = writer.builder, config.entropy_channels
    head = b.convolution(
        "head", writer.centred("centred", writer.squares("squares", "picture", BASE_FRACTION_BITS)), channels
    )
    basis = writer.basis()
    side = b.convolution("side", basis, channels, kernel=1)
    x = b.add("entry", writer.gated("gated", head, basis, channels), side, low=0)
    x = b.convolution("eighth", b.pixel_unshuffle("eighth_squares", x, 2), channels, low=0)
    x = b.convolution("sixteenth", b.pixel_unshuffle("sixteenth_squares", x, 2), channels, low=0)
    last = quantizers.DISTRIBUTIONS - 1
    return writer.definition(b.convolution("index", x, config.latent_channels, kernel=1, low=0, high=last))


def define_g_a(config: Config) -> Definition:
    """Analysis: inputs original, picture (the base), step, settings; output y."""
    writer = _Writer("g_a")
    b, channels = writer.builder, config.analysis_channels
    original, squares = (
        writer.squares("original_squares", "original"),
        writer.squares("squares", "picture", BASE_FRACTION_BITS),
    )
    basis = writer.basis()
    difference = b.add("difference", original, squares, multiplier_b=-1)
    error = writer.gated("gated_error", b.convolution("error", difference, channels), basis, channels)
    head = b.convolution("head", writer.centred("centred", squares), channels)
    context = writer.gated("gated", head, basis, channels)
    side = b.add("context", context, b.convolution("side", basis, channels, kernel=1))
    x = b.add("entry", error, side, low=0)
    x = b.convolution("eighth", b.pixel_unshuffle("eighth_squares", x, 2), channels, low=0)
    x = b.convolution("sixteenth", b.pixel_unshuffle("sixteenth_squares", x, 2), channels, low=0)
    most = quantizers.MAX_LATENT
    return writer.definition(b.convolution("y", x, config.latent_channels, kernel=1, low=-most, high=most))


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of some pictures.

    Attributes:
        enhanced: [N, 3, H, W], levels 0..255, not rounded.
        bits: [N], of the latents.
    """

    enhanced: Tensor
    bits: Tensor


class Enhancer(nn.Module):
    """All networks of a model.

    Args:
        config: their shapes.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.g_s = FloatNetwork(define_g_s(config))
        self.h_s = FloatNetwork(define_h_s(config)) if config.latent_channels else None
        self.g_a = FloatNetwork(define_g_a(config)) if config.latent_channels else None
        with torch.no_grad():
            for network in self.networks.values():
                _initialise(network)

    @property
    def networks(self) -> dict[str, FloatNetwork]:
        """Those that there are, by name, in the order of a weight file."""
        networks = {"g_s": self.g_s, "h_s": self.h_s, "g_a": self.g_a}
        return {name: network for name, network in networks.items() if network is not None}

    def forward(
        self,
        original: Tensor,
        base: Tensor,
        step: Tensor,
        settings: Tensor,
        *,
        realism: float = 0.0,
        hard: bool = False,
        observe: Callable[[str, str, Tensor], None] | None = None,
    ) -> Result:
        """Codes latents of pictures and enhances them.

        Args:
            original: [N, 3, H, W], levels; H and W multiples of 16.
            base: likewise, decoded, in steps of a quarter.
            step: [N, 1, 1, 1], of `side_inputs`.
            settings: [N, 4, 1, 1], likewise.
            realism: 0..1.
            hard: count bits with the tables, as a file would have them, rather than with noise for gradients.
            observe: told of every result of every network: names of both, and what it is.
        """
        watch = {name: functools.partial(observe, name) if observe else None for name in self.networks}
        side = {"picture": base, "step": step, "settings": settings}
        inputs = dict(side)
        bits = torch.zeros(len(base), device=base.device)
        if self.g_a is not None and self.h_s is not None:
            y = self.g_a({**side, "original": original}, watch["g_a"])["y"].float()
            index = self.h_s(side, watch["h_s"])["index"].float()
            inputs["y"] = quantizers.rounded(y)
            if hard:
                bits = quantizers.table_bits(inputs["y"], quantizers.rounded(index))
            else:
                bits = quantizers.laplace_bits(quantizers.noisy(y), index)
            bits = bits.sum(dim=(1, 2, 3))
        if self.config.texture_channels:
            inputs["realism"] = torch.full_like(step, realism)
        return Result(self.g_s(inputs, watch["g_s"])["enhanced"].float(), bits)


def _initialise(network: FloatNetwork) -> None:
    """Weights to begin with: the enhanced picture is the base, gates are 2 q^-1/2, blocks change little."""
    for name, layer in network.layers.items():
        nn.init.zeros_(layer.bias)
        if name.endswith("_gate"):
            nn.init.zeros_(layer.weight)
            layer.weight[:, 1] = 1  # step_root
        elif name in ("side", "tail", "texture_tail"):
            nn.init.zeros_(layer.weight)
        else:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if name in ("head", "error"):
                # Differences only: in bfloat16 the mean level would leave no bits for what is to be mended.
                colours = layer.weight.unflatten(1, (3, -1))
                layer.weight.copy_((colours - colours.mean(dim=(2, 3, 4), keepdim=True)).flatten(1, 2))
                # So that features are about 1; the input of `error` is in levels.
                layer.weight.mul_(4 if name == "head" else 1 / 4)
            if name.endswith("_outer") or name in ("up", "latent"):
                layer.weight.mul_(0.1)
            elif name == "index":
                layer.weight.mul_(0.1)
                nn.init.constant_(layer.bias, quantizers.FIRST_INDEX)
