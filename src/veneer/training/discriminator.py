"""The discriminator: tells original pictures from decoded ones, patch by patch.

    candidate - blurred candidate, change in amplitudes -> squares of 2 x 2 -+
    candidate at 1/2, step, whether step and change are told ----------------+-> 1/2 -> 1/4 -> 1/8 -> score

Its inputs are the picture, the result of the fidelity stage, and the step. In a share of its training samples the last
two are hidden, so that it can also judge a picture alone; it is kept for that. The largest singular value of all
convolutions but the last is held at 1, which bounds gradients.

Place: trained beside `texture` by `texture/train.py`; afterwards the judge of `veneer score`.
Source: Miyato et al. 2018 (spectral normalisation); Isola et al. 2017 (patches).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

BLUR_SIDE = 3
# Of differences to the blurred picture, in levels, so that features are about 1.
DETAIL_LEVELS = 8.0
SLOPE = 0.2


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """Its shape.

    Attributes:
        channels: at 1/2; twice as many at 1/4, three times at 1/8.
    """

    channels: int = 32


class SpectralConvolution(nn.Conv2d):
    """A convolution divided by its matrix's largest singular value, which one power iteration per use follows."""

    direction: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2)
        nn.init.orthogonal_(self.weight)
        nn.init.zeros_(self.bias)
        self.register_buffer("direction", functional.normalize(torch.randn(outputs), dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """The convolution; in training the direction moves on."""
        with torch.autocast(x.device.type, enabled=False):
            matrix = self.weight.flatten(1)
            with torch.no_grad():
                other = functional.normalize(self.direction @ matrix, dim=0)
                if self.training:
                    self.direction.copy_(functional.normalize(matrix @ other, dim=0))
                    other = functional.normalize(self.direction @ matrix, dim=0)
            # A copy: the next use moves the buffer before this one's gradient is taken.
            weight = self.weight / (self.direction.clone() @ matrix @ other)
        return functional.conv2d(x, weight, self.bias, self.stride, self.padding)


class Discriminator(nn.Module):
    """Scores of patches: above 0 for originals, below for decoded ones.

    Args:
        config: its shape.
    """

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        self.at_half = SpectralConvolution(2 * 3 * 4 + 3 + 2, c, 3)
        self.at_quarter = SpectralConvolution(c, 2 * c, 4, 2)
        self.at_quarter_again = SpectralConvolution(2 * c, 2 * c, 3)
        self.at_eighth = SpectralConvolution(2 * c, 3 * c, 4, 2)
        self.at_eighth_again = SpectralConvolution(3 * c, 3 * c, 3)
        self.score = nn.Conv2d(3 * c, 1, 1)
        nn.init.zeros_(self.score.bias)

    def forward(self, candidate: Tensor, enhanced: Tensor, amplitude: Tensor, told: Tensor) -> Tensor:
        """Scores [N, 1, H / 8, W / 8].

        Args:
            candidate: [N, 3, H, W] in levels; H and W multiples of 8.
            enhanced: [N, 3, H, W] in levels, the enhanced picture that the candidate was made of.
            amplitude: [N, 1, h, w], about the size of what may differ between the two, in levels; h, w at 1/4.
            told: [N], 1 where `enhanced` and `amplitude` are told, else 0.
        """
        known = told[:, None, None, None]
        pad = BLUR_SIDE // 2
        padded = functional.pad(candidate, (pad, pad, pad, pad), mode="replicate")
        detail = (candidate - functional.avg_pool2d(padded, BLUR_SIDE, 1)) / DETAIL_LEVELS
        change = (candidate - enhanced) * functional.interpolate(2 * known / amplitude, scale_factor=4.0)
        small = functional.avg_pool2d(candidate, 2) / 64 - 2
        half = functional.interpolate(amplitude, scale_factor=2.0)
        side = torch.cat([known * (half.log2() - 4) / 2, known.expand_as(half)], dim=1)
        x = torch.cat([functional.pixel_unshuffle(torch.cat([detail, change], dim=1), 2), small, side], dim=1)
        for layer in (self.at_half, self.at_quarter, self.at_quarter_again, self.at_eighth, self.at_eighth_again):
            x = functional.leaky_relu(layer(x), SLOPE)
        scores: Tensor = self.score(x).float()
        return scores

    @torch.no_grad()
    def judge(self, picture: Tensor) -> Tensor:
        """Score of each patch, higher for originals, from the picture alone.

        Args:
            picture: [N, 3, H, W] in levels, 8 pixels or more a side.

        Returns:
            Scores [N, ceil(H / 8), ceil(W / 8)]; above 0 rather original.
        """
        height, width = picture.shape[2:]
        picture = functional.pad(picture.float(), (0, -width % 8, 0, -height % 8), mode="replicate")
        amplitude = picture.new_ones(len(picture), 1, picture.shape[2] // 4, picture.shape[3] // 4)
        return self(picture, picture, amplitude, picture.new_zeros(len(picture)))[:, 0]


def load_discriminator(path: Path) -> Discriminator:
    """The discriminator of a checkpoint of the texture stage, or of a file that holds it alone.

    Args:
        path: of the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no discriminator.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    state: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if "discriminator" not in state:
        raise ValueError(f"{path} holds no discriminator")
    weights = {name: value.float() for name, value in state["discriminator"].items()}
    model = Discriminator(DiscriminatorConfig(len(weights["at_half.weight"])))
    model.load_state_dict(weights)
    model.requires_grad_(False)
    model.eval()
    return model
