"""The enhancement networks `latent_analysis`, `latent_prior` (the entropy model of the latents) and `restore`.

                     original ---+
                                 v
    base picture --------> latent_analysis --> y --round--> y_hat -----+      1/16 of the sides
         |                                     ^                       |
         +-----> latent_prior --> index of the distribution of y       |
         |                                                             v
         +------------------------------------------------------------> restore --> enhanced picture

    restore: squares of 4 x 4 pixels -> head, gated by the step -> + latents, step, maps -> residual blocks at 1/4
          -> blocks at 1/8, added -> blocks at 1/4 -> tail x step x strength = residual -> + squares -> enhanced

The main difference between pictures coded at different steps is the scale of their errors. So the step is not only one
more input: features are multiplied by learned mixtures of powers of the step q (the gate), and residuals by q.

A base layer of half the sides (scale 2) is enhanced by networks of the same kind, whose generator gives squares of
8 x 8 pixels in place of 4 x 4: its residual adds to the interpolated base. It has no latents.

Place: `float_network.py` runs what is defined here, `export.py` makes integers of it.
N pictures of H rows and W columns; a tensor of reduction d has H / d rows. At scale 2 the picture is the enhanced one,
and all reductions of what the base layer gives are twice those at scale 1.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn

from veneer.enhancement.unrounded import FRACTION_BITS
from veneer.training import config as configuration
from veneer.training import quantizers
from veneer.training.config import Config
from veneer.training.float_network import Definition, FloatNetwork
from veneer.training.graph_writer import (
    BASE_FRACTION_BITS,
    LATENT_REDUCTION,
    MOST_STRENGTH,
    REALISM_FRACTION_BITS,
    REDUCTION,
    STEP_ENTRIES,
    STEP_FRACTION_BITS,
    STRENGTH_FRACTION_BITS,
    Writer,
    square_basis,
    step_levels,
    whitened_basis,
)
from veneer.training.runs import load_checkpoint, take_means


def define_restore(config: Config) -> Definition:
    """Generator: inputs picture, step, settings, strength, maps, y (with latents), realism (with texture).

    At scale 2 there is one more, the base picture interpolated to the sides of the result. For JPEGs the network is
    `jpeg_restore`: the picture is in whole levels, there is no strength, and maps and settings are those of
    docs/format.md, "Restored pixels of a JPEG".

    Output: enhanced.
    """
    jpeg = config.source == "jpeg"
    writer = Writer("jpeg_restore" if jpeg else "restore" if config.scale == 1 else "restore_half")
    b, channels = writer.builder, config.channels
    reduction = REDUCTION * config.scale
    squares = writer.squares("squares", "picture", config.scale, 0 if jpeg else BASE_FRACTION_BITS)
    basis = writer.basis(reduction)
    head = b.convolution("head", writer.centred("centred", squares), channels)
    if config.coefficients:
        writer.bases["head/inputs"] = whitened_basis(REDUCTION)
        writer.bases["tail/outputs"] = square_basis(reduction).T
    side = writer.side(basis, channels, config.map_features, reduction, jpeg)
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
        x = writer.deep_blocks(x, channels, config.deep_channels, config.deep_blocks, config.deep_inner)
    x = writer.blocks("after", x, channels, config.blocks_after)
    outputs = 3 * reduction**2
    step = writer.table("q", "step", step_levels(numpy.arange(STEP_ENTRIES)), 0, STEP_FRACTION_BITS)
    if not jpeg:
        most, bits = MOST_STRENGTH, STRENGTH_FRACTION_BITS
        strength = b.input("strength", 1, reduction=reduction, low=0, high=most, fraction_bits=bits)
        writer.fraction_bits["q_strength"] = STEP_FRACTION_BITS
        step = b.multiply("q_strength", step, strength, shift=0)
    q = writer.spread("q_spread", step, outputs)
    residual = b.multiply("fidelity", b.convolution("tail", x, outputs), q, shift=0)
    if config.texture_channels:
        most, bits = 1 << REALISM_FRACTION_BITS, REALISM_FRACTION_BITS
        realism = b.input("realism", 1, reduction=reduction, low=0, high=most, fraction_bits=bits)
        inner = b.convolution("texture_inner", x, config.texture_channels, low=0)
        texture = b.multiply("texture", b.convolution("texture_tail", inner, outputs), q, shift=0)
        share = writer.spread("realism_spread", realism, outputs)
        residual = b.add("residual", residual, b.multiply("texture_share", texture, share, shift=0))
    base = squares
    if config.scale == 2:
        most, bits = 255 << BASE_FRACTION_BITS, BASE_FRACTION_BITS
        interpolated = b.input("interpolated", 3, low=0, high=most, fraction_bits=bits)
        base = b.pixel_unshuffle("interpolated_squares", interpolated, reduction)
    total = b.add("total", base, residual, low=0, high=255)
    writer.fraction_bits["total"] = FRACTION_BITS
    return writer.definition(b.pixel_shuffle("enhanced", total, reduction))


def define_latent_prior(config: Config) -> Definition:
    """Entropy model: inputs picture, step, settings, maps; output index, that of the distribution of each y."""
    writer = Writer("latent_prior")
    b, channels = writer.builder, config.entropy_channels
    head = b.convolution(
        "head",
        writer.centred("centred", writer.squares("squares", "picture", fraction_bits=BASE_FRACTION_BITS)),
        channels,
    )
    basis = writer.basis()
    side = writer.side(basis, channels, config.map_features)
    x = b.add("entry", writer.gated("gated", head, basis, channels), side, low=0)
    x = b.convolution("eighth", b.pixel_unshuffle("eighth_squares", x, 2), channels, low=0)
    x = b.convolution("sixteenth", b.pixel_unshuffle("sixteenth_squares", x, 2), channels, low=0)
    last = quantizers.DISTRIBUTIONS - 1
    return writer.definition(b.convolution("index", x, config.latent_channels, kernel=1, low=0, high=last))


def define_latent_analysis(config: Config) -> Definition:
    """Analysis: inputs original, picture (the base), step, settings, maps; output y."""
    writer = Writer("latent_analysis")
    b, channels = writer.builder, config.analysis_channels
    original, squares = (
        writer.squares("original_squares", "original"),
        writer.squares("squares", "picture", fraction_bits=BASE_FRACTION_BITS),
    )
    basis = writer.basis()
    difference = b.add("difference", original, squares, multiplier_b=-1)
    error = writer.gated("gated_error", b.convolution("error", difference, channels), basis, channels)
    head = b.convolution("head", writer.centred("centred", squares), channels)
    context = writer.gated("gated", head, basis, channels)
    side = b.add("context", context, writer.side(basis, channels, config.map_features))
    x = b.add("entry", error, side, low=0)
    x = b.convolution("eighth", b.pixel_unshuffle("eighth_squares", x, 2), channels, low=0)
    x = b.convolution("sixteenth", b.pixel_unshuffle("sixteenth_squares", x, 2), channels, low=0)
    most = quantizers.MAX_LATENT
    return writer.definition(b.convolution("y", x, config.latent_channels, kernel=1, low=-most, high=most))


@dataclasses.dataclass(frozen=True)
class Result:
    """Results for some pictures.

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
        self.restore = FloatNetwork(define_restore(config))
        self.latent_prior = FloatNetwork(define_latent_prior(config)) if config.latent_channels else None
        self.latent_analysis = FloatNetwork(define_latent_analysis(config)) if config.latent_channels else None
        with torch.no_grad():
            for network in self.networks.values():
                initialise(network)

    @property
    def networks(self) -> dict[str, FloatNetwork]:
        """The existing networks by name, in the order of a weight file."""
        networks = (self.restore, self.latent_prior, self.latent_analysis)
        return {network.definition.graph.name: network for network in networks if network is not None}

    def forward(
        self,
        original: Tensor,
        base: Tensor,
        step: Tensor,
        settings: Tensor,
        maps: Tensor,
        *,
        shown: Tensor | None = None,
        realism: float = 0.0,
        hard: bool = False,
        keep: Tensor | None = None,
        latents: bool = True,
        observe: Callable[[str, str, Tensor], None] | None = None,
    ) -> Result:
        """Codes latents of pictures and enhances them.

        Args:
            original: [N, 3, H, W], levels; H and W multiples of 16.
            base: [N, 3, H, W], levels in steps of a quarter, the decoded base; half the sides at scale 2.
            step: step index of luma, [N, 1, h, w] for each unit of the base, or [N, 1, 1, 1].
            settings: [N, 4, 1, 1], of `side_inputs`.
            maps: [N, 8, h, w], of the base layer.
            shown: [N, 3, H, W], the base interpolated, at scale 2.
            realism: 0..1.
            hard: count bits with the tables, as a file would have them, rather than with noise for gradients.
            keep: [N], 0 for pictures whose latents shall be lost, else 1; None keeps all.
            latents: without them, those of all pictures are lost, and their networks do not run.
            observe: told of every result of every network: names of both, and what it is.
        """
        watch = {name: functools.partial(observe, name) if observe else None for name in self.networks}
        side = {"picture": base, "step": step, "settings": settings.expand(-1, -1, *step.shape[2:])}
        if self.config.map_features:
            side["maps"] = maps
        inputs = dict(side)
        bits = torch.zeros(len(base), device=base.device)
        if self.config.latent_channels and not latents:
            height, width = (side // LATENT_REDUCTION for side in original.shape[2:])
            inputs["y"] = original.new_zeros(len(base), self.config.latent_channels, height, width)
        elif self.latent_analysis is not None and self.latent_prior is not None:
            y = self.latent_analysis({**side, "original": original}, watch["latent_analysis"])["y"].float()
            index = self.latent_prior(side, watch["latent_prior"])["index"].float()
            inputs["y"] = quantizers.rounded(y)
            if hard:
                bits = quantizers.table_bits(inputs["y"], quantizers.rounded(index))
            else:
                bits = quantizers.laplace_bits(quantizers.noisy(y), index)
            bits = bits.sum(dim=(1, 2, 3))
            if keep is not None:
                inputs["y"] = inputs["y"] * keep[:, None, None, None]
                bits = bits * keep
        if shown is not None and self.config.scale == 2:
            inputs["interpolated"] = shown
        inputs["strength"] = torch.ones_like(step)
        if self.config.texture_channels:
            inputs["realism"] = torch.full_like(step, realism)
        return Result(self.restore(inputs, watch[self.restore.definition.graph.name])["enhanced"].float(), bits)


def initialise(network: FloatNetwork) -> None:
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
            if f"{name}/inputs" in network.definition.bases:
                continue
            if name in ("head", "error"):
                # Differences only: in bfloat16 the mean level would leave no bits for the errors.
                colours = layer.weight.unflatten(1, (3, -1))
                layer.weight.copy_((colours - colours.mean(dim=(2, 3, 4), keepdim=True)).flatten(1, 2))
                # So that features are about 1; the input of `error` is in levels.
                layer.weight.mul_(4 if name == "head" else 1 / 4)
            if name.endswith("_outer") or name in ("up", "latent"):  # "maps_outer" is one
                layer.weight.mul_(0.1)
            elif name == "index":
                layer.weight.mul_(0.1)
                nn.init.constant_(layer.bias, quantizers.FIRST_INDEX)


def load_enhancer(run: Path) -> Enhancer:
    """The networks of a run's folder or of a checkpoint, with their mean weights.

    Raises:
        FileNotFoundError: there is no checkpoint.
    """
    checkpoint = load_checkpoint(run, "fidelity")
    model = Enhancer(configuration.from_fields(checkpoint["config"]))
    take_means(model, checkpoint)
    return model
