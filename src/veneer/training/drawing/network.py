"""The second texture generator `texture`: oriented noise times levels, mixed twice, and a separate sharpening path.

    picture at realism 0 -> details of pixels, squares -> gated by the step, + step, maps -> blocks at 1/4, 1/8, 1/4 = x
    x -> levels of 16 bands  -> linear between units -+
    noise of pixels -> 16 oriented filters -----------x-> drawn -> 3x3, ReLU -+
    x -> gains of 16 mixtures -> linear between units ------------------------x-> mixed
    drawn, mixed -> 3x3 -> luma and a tenth of chrominance --------------+
    luma of the picture -> what varies fast --x (x -> a gain, linear) ---+-> - its blur = residual
    picture + residual x realism = textured

The drawn texture depends only on noise and levels. Everything is made of operations that the integer engine has. Linear
interpolation is a repetition and a depthwise convolution with constants. Filters of 9 x 9 pixels, and of 17 x 17 on
noise of half the size, are convolutions 3 x 3 on squares of 4 x 4, with the same filter for every pixel of a square; so
are both blurs: operations on few channels at full size cost the engine several times their multiplications. Pixels of a
square differ only by the noise, so no pattern of dots can arise.

Place: `train.py` trains it with real numbers; as integers it takes the place of `training.texture.network`.
Source: docs/experiments on the second texture network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional

from veneer.enhancement.unrounded import FRACTION_BITS
from veneer.training import networks
from veneer.training.drawing.bands import BANDS, BLURS, bilinear, coarse_noise, fine_noise, on_squares, without_blur
from veneer.training.drawing.config import DrawingConfig
from veneer.training.drawing.crops import Samples
from veneer.training.float_network import Definition, FloatNetwork, Reals
from veneer.training.graph_writer import (
    REDUCTION,
    STEP_ENTRIES,
    STEP_FRACTION_BITS,
    Writer,
    step_levels,
    whitened_basis,
)

NOISE_CHANNELS = REDUCTION**2  # a value for each pixel
NOISE_FRACTION_BITS, MOST_NOISE = 8, 255
# A level of 1 stands for so many levels of 0..255 at coarse steps, for less where the step is not far above it.
AMPLITUDE = 8.0
CHROMA = 0.1  # of Co and Cg in units of luma
# Of results that are channels of one tensor, which must agree; noise is limited to 16 deviations, what is drawn to 256.
FRACTION_BITS_OF = {
    "fine_noise": 11,
    "coarse_noise": 11,
    "drawn_squares": 7,
    "mixed": 7,
    "draw_outer": 7,
    "sharpened": 7,
}
# Results that are asked for by name.
LEVELS, GAINS, SHARPNESS, RESIDUAL = "levels", "mixed_gains", "sharpness", "residual"  # the last in squares
LEARNT = {
    "drawing": ("mix_inner", "mix_gains", "draw_outer"),
    "sharpening": ("sharp_inner", SHARPNESS),
}
LUMA = (0.299, 0.587, 0.114)
SHARP_BLURS = 2  # the blur that luma's detail lacks is 5 x 5


def define_drawing(config: DrawingConfig) -> Definition:
    """Texture generator: inputs picture (at realism 0), step, settings, maps, noise, realism.

    Output: textured.
    """
    writer = Writer("texture")
    b, channels = writer.builder, config.channels
    squares = writer.squares("squares", "picture", fraction_bits=FRACTION_BITS)
    x = _trunk(writer, squares, config)
    levels = b.multiply(LEVELS, b.convolution("band_gains", x, BANDS, kernel=1, low=0), _amplitude(writer), shift=0)
    noise = b.input(
        "noise",
        NOISE_CHANNELS,
        reduction=REDUCTION,
        low=-MOST_NOISE,
        high=MOST_NOISE,
        fraction_bits=NOISE_FRACTION_BITS,
    )
    parts = b.multiply("drawn_squares", _filtered(writer, noise), _between(writer, levels, BANDS), shift=0)
    drawn = b.pixel_shuffle("drawn", parts, REDUCTION)
    inner = b.convolution("mix_inner", drawn, config.mixed, low=0)
    gains = b.convolution(GAINS, b.convolution("mix_gains", x, channels // 2, kernel=1, low=0), config.mixed, kernel=1)
    full = b.pixel_shuffle("mixed_gains_full", _between(writer, gains, config.mixed), REDUCTION)
    made = b.convolution("draw_outer", b.concat("drawn_and_mixed", drawn, b.multiply("mixed", inner, full, shift=0)), 3)
    both = b.concat("added", b.pixel_unshuffle("drawing", made, REDUCTION), _sharpening(writer, squares, x, channels))
    residual = _constant(writer, RESIDUAL, both, _without_blur())
    writer.fraction_bits |= FRACTION_BITS_OF
    return writer.textured(squares, residual)


def _trunk(writer: Writer, squares: str, config: DrawingConfig) -> str:
    """Features at 1/4: of what a picture shows, how it was coded, and what both are around."""
    b, channels = writer.builder, config.channels
    told = writer.basis()
    head = b.convolution("head", writer.centred("centred", squares), channels)
    writer.bases["head/inputs"] = whitened_basis(REDUCTION)
    # Deviations of fine detail say most of what is missing: a layer that can take them, before squares average.
    details = b.convolution("details", "picture", config.details, low=0)
    deviations = b.convolution(
        "deviations", b.pixel_unshuffle("detail_squares", details, REDUCTION), channels, kernel=1
    )
    both = b.add("seen", head, deviations)
    x = b.add("entry", writer.gated("gated", both, told, channels), writer.side(told, channels, config.map_features))
    x = writer.blocks("before", x, channels, config.blocks_before)
    x = writer.deep_blocks(x, channels, config.deep_channels, config.deep_blocks)
    return writer.blocks("after", x, channels, config.blocks_after)


def _amplitude(writer: Writer) -> str:
    """Unit of the levels of bands: at fine steps at most what the step can have taken away."""
    q = step_levels(numpy.arange(STEP_ENTRIES))
    table = writer.table("amplitude", "step", AMPLITUDE * q / (q + AMPLITUDE), 0, STEP_FRACTION_BITS)
    return writer.spread("amplitude_spread", table, BANDS)


def _filtered(writer: Writer, noise: str) -> str:
    """Noise of deviation 1 in every band, in squares of 4 x 4."""
    b = writer.builder
    fine = _constant(writer, "fine_noise", noise, fine_noise())
    # Means of 2 x 2 pixels: channel a 2 + b is that in row a and column b of a unit.
    means = numpy.zeros((2, 2, 2, 2, 2, 2))
    for i, j in numpy.ndindex(2, 2):
        means[i, j, i, :, j, :] = 1 / 4
    halved = _constant(writer, "halved_noise", noise, means.reshape(4, NOISE_CHANNELS, 1, 1))
    coarse = _constant(writer, "coarse_noise", b.pixel_unshuffle("noise_squares", halved, 2), coarse_noise())
    return b.concat("bands", fine, b.pixel_shuffle("coarse_bands", coarse, 2))


def _between(writer: Writer, x: str, channels: int) -> str:
    """Channels of units for every pixel, linear between the middles of units, in squares of 4 x 4."""
    squares, name = REDUCTION**2, f"{x}_between"
    wide = _constant(writer, f"{x}_repeated", x, numpy.eye(channels).repeat(squares, axis=0)[:, :, None, None])
    writer.constants[f"{name}/weight"] = numpy.tile(bilinear(REDUCTION), (channels, 1, 1))
    writer.constants[f"{name}/bias"] = numpy.zeros(channels * squares)
    return writer.builder.depthwise(name, wide)


def _sharpening(writer: Writer, squares: str, x: str, channels: int) -> str:
    """Luma's detail times a gain, in squares."""
    b = writer.builder
    kernel = on_squares(without_blur(SHARP_BLURS))
    weight = numpy.concatenate([share * kernel for share in LUMA], axis=1)
    detail = _constant(writer, "detail", squares, weight)
    gain = b.convolution(SHARPNESS, b.convolution("sharp_inner", x, channels // 2, kernel=1, low=0), 1, kernel=1)
    return b.multiply("sharpened", detail, _between(writer, gain, 1), shift=0)


def _without_blur() -> Reals:
    """Weights that make R, G, B of what is drawn and of sharpening, but what varies slowly, [48, 64, 3, 3].

    The contrast of a picture at long periods is left alone.
    """
    colours = numpy.array([[1, CHROMA, -CHROMA, 1], [1, 0, CHROMA, 1], [1, -CHROMA, -CHROMA, 1]])
    return numpy.asarray(numpy.einsum("rc,oivu->rocivu", colours, on_squares(without_blur(BLURS)))).reshape(
        48, 64, 3, 3
    )


def _constant(writer: Writer, name: str, x: str, weight: Reals) -> str:
    """A convolution that is not trained."""
    writer.constants[f"{name}/weight"] = weight
    writer.constants[f"{name}/bias"] = numpy.zeros(len(weight))
    return writer.builder.convolution(name, x, len(weight), kernel=weight.shape[-1])


class Drawer(nn.Module):
    """The generator with real numbers.

    Args:
        config: its shape.
    """

    def __init__(self, config: DrawingConfig) -> None:
        super().__init__()
        self.config = config
        self.texture = FloatNetwork(define_drawing(config))
        layers = self.texture.layers
        with torch.no_grad():
            networks.initialise(self.texture)
            _set_details(layers["details"].weight)
            for name in ("deviations", "band_gains", "mix_gains", "sharp_inner"):
                layers[name].weight.mul_(0.3)
            nn.init.constant_(layers["band_gains"].bias, 0.2)
            # To begin with the bands are drawn as they are; mixtures are small, and nothing is sharpened.
            layers["draw_outer"].weight.mul_(0.02)
            layers["draw_outer"].weight[0, :BANDS, 1, 1] += 1
            layers[GAINS].weight.mul_(0.3)
            nn.init.constant_(layers[GAINS].bias, 0.5)
            nn.init.zeros_(layers[SHARPNESS].weight)

    def stage_parameters(self, stage: str) -> list[nn.Parameter]:
        """Parameters that a stage trains: sharpening only in its own stage, layers that draw from drawing on."""
        late = {"amplitude": ("drawing", "sharpening"), "drawing": ("sharpening",), "sharpening": ()}[stage]
        left_out = {name for part in late for name in LEARNT[part]}
        if stage == "sharpening":
            return [p for name in LEARNT[stage] for p in self.texture.layers[name].parameters()]
        kept = (layer for name, layer in self.texture.layers.items() if name not in left_out)
        return [parameter for layer in kept for parameter in layer.parameters()]

    def guided(self, samples: Samples, wanted: tuple[str, ...] = (LEVELS, GAINS, SHARPNESS)) -> dict[str, Tensor]:
        """Outputs of the trunk for samples, by name: everything that does not depend on noise."""
        found: dict[str, Tensor] = self.texture(_inputs(samples), wanted=wanted)
        return found

    def residual(self, samples: Samples, noise: Tensor, guide: Mapping[str, Tensor]) -> Tensor:
        """The texture added at realism 1, [N, 3, H, W] in levels.

        Args:
            samples: what is textured.
            noise: [N, 16, h, w], see `draw_noise`.
            guide: of `guided`.
        """
        given = {**_inputs(samples), **guide, "noise": noise}
        return functional.pixel_shuffle(self.texture(given, wanted=(RESIDUAL,))[RESIDUAL].float(), REDUCTION)

    def forward(self, samples: Samples, noise: Tensor) -> Tensor:
        """Textured pictures at realism 1, [N, 3, H, W], levels, not rounded."""
        given = {**_inputs(samples), "noise": noise, "realism": torch.ones_like(samples.step)}
        return self.texture(given)["textured"].float()


def _inputs(samples: Samples) -> dict[str, Tensor]:
    """Inputs of the network except for noise and realism."""
    return {
        "picture": samples.shown,
        "step": samples.step,
        "settings": samples.settings.expand(-1, -1, *samples.step.shape[2:]),
        "maps": samples.maps,
    }


def _set_details(weight: Tensor) -> None:
    """Both signs of four differences of luma: to the neighbours on both sides, across, down and both ways aslant."""
    weight.zero_()
    luma = weight.new_tensor(LUMA) / 8
    for pair in range(len(weight) // 2):
        y, x = ((0, 1), (1, 0), (1, 1), (1, -1))[pair % 4]
        for sign, channel in ((1, 2 * pair), (-1, 2 * pair + 1)):
            weight[channel, :, 1, 1] += sign * luma
            weight[channel, :, 1 + y, 1 + x] -= sign * luma / 2
            weight[channel, :, 1 - y, 1 - x] -= sign * luma / 2
    weight += torch.randn_like(weight) * 0.1 / math.sqrt(weight[0].numel()) / 8


def draw_noise(samples: Samples, generator: torch.Generator | None = None) -> Tensor:
    """Noise [N, 16, h, w] distributed as decoders have it: the difference of two bytes, over 256."""
    count, _, height, width = samples.step.shape
    shape = (2, count, NOISE_CHANNELS, height, width)
    bytes_ = torch.randint(0, 256, shape, generator=generator).to(samples.step.device)
    return (bytes_[0] - bytes_[1]).float() / (1 << NOISE_FRACTION_BITS)
