"""The texture generator `texture`: invents plausible detail in place of what coding took away.

    enhanced picture -> squares of 4 x 4 -> head, gated by the step -> + step, maps, missing -> residual blocks at 1/4
                                                     -> blocks at 1/8, added = x -> + noise x amount -> blocks at 1/4
                                                                                        -> tail x share = texture
    x -> levels of grain, four for a square, x fine noise of four directions = grain
    (texture + grain) x amplitude x realism = residual -> + squares -> textured

The amplitude is the step in levels, plus a constant in lost tiles, where the step has no meaning. At realism 0 the
picture does not change.

Two things are added, since one network cannot make both: *texture* is drawn by the network from its inputs; *grain* is
noise through fixed filters, see `grain.py`.

Place: `train.py` trains it with real numbers, `export.py` of training makes integers of it.
Source: docs/format.md on `texture`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn

from veneer.enhancement.unrounded import FRACTION_BITS
from veneer.training import networks
from veneer.training.float_network import Definition, FloatNetwork
from veneer.training.graph_writer import (
    BASIS_FRACTION_BITS,
    REDUCTION,
    STEP_ENTRIES,
    STEP_FRACTION_BITS,
    Writer,
    step_levels,
)
from veneer.training.runs import load_checkpoint, take_means
from veneer.training.texture import config as configuration
from veneer.training.texture.config import TextureConfig
from veneer.training.texture.data import MISSING_LEVELS
from veneer.training.texture.grain import (
    GRAIN_LEVEL,
    MOST_NOISE,
    NOISE_CHANNELS,
    NOISE_FRACTION_BITS,
    OUTPUTS,
    write_grain,
)

SHARE_FRACTION_BITS = 12
GATE = 4.0  # of the first gate to begin with, in units of that of other networks
# How much of the texture is added, but where a tile is lost: more is told from originals more easily than blur is.
TEXTURE_SHARE = 1 / 16


def define_texture(config: TextureConfig) -> Definition:
    """Texture generator: inputs picture (enhanced), step, settings, maps, missing, noise, realism.

    Output: textured.
    """
    writer = Writer("texture")
    b, channels = writer.builder, config.channels
    squares = writer.squares("squares", "picture", fraction_bits=FRACTION_BITS)
    missing = b.input("missing", 1, reduction=REDUCTION, low=0, high=1)
    told = b.concat(
        "told",
        writer.basis(),
        writer.table("missing_unit", missing, numpy.array([0.0, 1.0]), 0, BASIS_FRACTION_BITS),
    )
    head = b.convolution("head", writer.centred("centred", squares), channels)
    side = writer.side(told, channels, config.map_features, jpeg=config.source == "jpeg")
    x = b.add("entry", writer.gated("gated", head, told, channels), side)
    x = writer.blocks("before", x, channels, config.blocks_before)
    x = writer.deep_blocks(x, channels, config.deep_channels, config.deep_blocks)
    bits = NOISE_FRACTION_BITS
    noise = b.input("noise", NOISE_CHANNELS, reduction=REDUCTION, low=-MOST_NOISE, high=MOST_NOISE, fraction_bits=bits)
    made = write_grain(writer, x, noise, config.grain_share)
    if config.texture:
        made = b.add("made_up", _texture(writer, x, noise, missing, config), made)
    levels = b.add(
        "amplitude",
        writer.table("q", "step", step_levels(numpy.arange(STEP_ENTRIES)), 0, STEP_FRACTION_BITS),
        writer.table("missing_levels", missing, numpy.array([0.0, MISSING_LEVELS]), 0, STEP_FRACTION_BITS),
    )
    writer.fraction_bits["amplitude"] = STEP_FRACTION_BITS
    amplitude = writer.spread("amplitude_spread", levels, OUTPUTS)
    residual = b.multiply("residual", made, amplitude, shift=0)
    return writer.textured(squares, residual)


def _texture(writer: Writer, x: str, noise: str, missing: str, config: TextureConfig) -> str:
    """The texture that the network draws itself, in units of the amplitude."""
    b, channels = writer.builder, config.channels
    amount = b.convolution("noise_amount", x, channels, kernel=1, low=0)
    mixed = b.multiply("noise_mixed", b.convolution("noise_wide", noise, channels), amount, shift=0)
    x = writer.blocks("after", b.add("mixed", x, mixed), channels, config.blocks_after)
    shares = writer.table("texture_share", missing, numpy.array([TEXTURE_SHARE, 1.0]), 0, SHARE_FRACTION_BITS)
    spread = writer.spread("texture_spread", shares, OUTPUTS)
    return b.multiply("texture", b.convolution("tail", x, OUTPUTS), spread, shift=0)


class Texturer(nn.Module):
    """The generator with real numbers.

    Args:
        config: its shape.
    """

    def __init__(self, config: TextureConfig) -> None:
        super().__init__()
        self.config = config
        self.texture = FloatNetwork(define_texture(config))
        with torch.no_grad():
            networks.initialise(self.texture)
            # At the coarse steps that matter here the usual gate leaves features of 0.1, less than biases soon come to:
            # rectifiers died, at 1/8 all of them.
            self.texture.layers["gated_gate"].weight.mul_(GATE)
            if config.texture:
                amount, wide = self.texture.layers["noise_amount"], self.texture.layers["noise_wide"]
                # A little noise everywhere to begin with, so that there is something to learn from.
                amount.weight.mul_(0.1)
                nn.init.constant_(amount.bias, 0.2)
                wide.weight.mul_(0.7)
            # Rectifiers that begin alive, whatever trunk there is to begin with: too high a level is brought down so
            # hard that it stays at 0.
            self.texture.layers[GRAIN_LEVEL].weight.mul_(0.003)
            nn.init.constant_(self.texture.layers[GRAIN_LEVEL].bias, 0.1)

    def grain_parameters(self) -> list[nn.Parameter]:
        """Parameters of the levels of grain: all parameters, where nothing else is added."""
        if not self.config.texture:
            return list(self.texture.parameters())
        return [p for name in ("grain_inner", GRAIN_LEVEL) for p in self.texture.layers[name].parameters()]

    def forward(
        self,
        enhanced: Tensor,
        step: Tensor,
        settings: Tensor,
        maps: Tensor,
        missing: Tensor,
        noise: Tensor,
        observe: Callable[[str, Tensor], None] | None = None,
    ) -> Tensor:
        """Textured pictures at realism 1, [N, 3, H, W], levels, not rounded.

        Args:
            enhanced: [N, 3, H, W], whole levels.
            step: [N, 1, h, w], step index of each unit.
            settings: [N, 4, 1, 1], of `side_inputs`.
            maps: [N, 8, h, w], or 10 of a JPEG's.
            missing: [N, 1, h, w], 1 where concealment filled, else 0.
            noise: [N, 8, h, w], -1..1, see `draw_noise`.
            observe: told of every result and its name.
        """
        inputs = {
            "picture": enhanced,
            "step": step,
            "settings": settings.expand(-1, -1, *step.shape[2:]),
            "maps": maps,
            "missing": missing,
            "noise": noise,
            "realism": torch.ones_like(step),
        }
        return self.texture(inputs, observe)["textured"].float()


def load_texturer(run: Path) -> Texturer:
    """The generator of a run's folder or of a checkpoint, with its mean weights.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: it is of another stage.
    """
    checkpoint = load_checkpoint(run, "texture")
    model = Texturer(configuration.from_fields(checkpoint["config"]))
    take_means(model, checkpoint)
    return model
