"""Distance of pictures as the features of SqueezeNet 1.1 see it, with gradients.

The network is a fixed one that was trained to tell a thousand kinds of things. Features are brought to unit length over
the channels at each place; the distance is their squared difference, summed over channels, averaged over space and
summed over seven layers. It is a distance of its own: published weights of LPIPS belong to another network.

Place: losses of the texture stage.
Source: Iandola et al. 2016 (SqueezeNet), Zhang et al. 2018 (features as a distance).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional

# Blue, green, red: Caffe's order and means.
MEANS = (104.0, 117.0, 123.0)
# Layers whose results are compared: conv1, the last before each pooling, and all after the last pooling.
TAPS = ("conv1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9")
POOLED_BEFORE = ("fire2", "fire4", "fire6")
TINY = 1e-10  # under squared lengths
FIRES = tuple(f"fire{number}" for number in range(2, 10))


class FrozenFeatures(nn.Module):
    """Layers of a network that is never trained here, read from a file of arrays.

    Args:
        path: npz with a `weight` and a `bias` of each layer, as `name.weight`.
        layers: names.
        means: of blue, green and red, which are taken off.
        wanted_by: text of the error where there is no file: the features, and the option that names them.
        what: the network, and up to which layer, to say where there is another one in the file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it does not hold them.
    """

    def __init__(self, path: Path, layers: Sequence[str], means: Sequence[float], wanted_by: str, what: str) -> None:
        super().__init__()
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file; name the {wanted_by}")
        with numpy.load(path, allow_pickle=False) as arrays:
            wanted = {f"{name}.{role}" for name in layers for role in ("weight", "bias")}
            if not wanted <= set(arrays.files):
                raise ValueError(f"{path} does not hold the features of {what}")
            for name in wanted:
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(arrays[name]).float())
        self.register_buffer("means", torch.tensor(means)[:, None, None])

    def centred(self, pictures: Tensor) -> Tensor:
        """Pictures [N, 3, H, W] in levels, R, G and B, as the network wants them."""
        return pictures.flip(1) - self.means

    def convolution(self, name: str, x: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        """A layer without what follows it."""
        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        return functional.conv2d(x, weight, bias, stride, padding)


class SqueezeNet(FrozenFeatures):
    """The features of SqueezeNet 1.1.

    Args:
        path: npz with `conv1.weight`, `fireN.squeeze1x1.weight` and so on, and biases.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it does not hold them.
    """

    def __init__(self, path: Path) -> None:
        parts = ("squeeze1x1", "expand1x1", "expand3x3")
        layers = ["conv1", *(f"{fire}.{part}" for fire in FIRES for part in parts)]
        super().__init__(path, layers, MEANS, "SqueezeNet features with --perceptual", "SqueezeNet 1.1")

    def forward(self, pictures: Tensor, last: str = FIRES[-1]) -> list[Tensor]:
        """Features of every tap up to the last one, float32 [N, C, h, w], of pictures [N, 3, H, W] in levels."""
        x = self.centred(pictures)
        x = functional.relu(self.convolution("conv1", x, stride=2))
        found = [x]
        for fire in FIRES:
            if fire in POOLED_BEFORE:
                x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
            x = functional.relu(self.convolution(f"{fire}_squeeze1x1", x))
            wide = self.convolution(f"{fire}_expand3x3", x, padding=1)
            x = functional.relu(torch.cat([self.convolution(f"{fire}_expand1x1", x), wide], dim=1))
            if fire in TAPS:
                found.append(x)
            if fire == last:
                break
        return [tap.float() for tap in found]


def tap_distances(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """Distance [taps, N] of pictures in each layer, of their features."""
    found = []
    for x, y in zip(a, b, strict=True):
        # |x / |x| - y / |y||^2 in one pass over each; features that are all 0 stay so.
        lengths_x, lengths_y = x.square().sum(dim=1), y.square().sum(dim=1)
        product = (x * y).sum(dim=1) * ((lengths_x + TINY) * (lengths_y + TINY)).rsqrt()
        apart = lengths_x / (lengths_x + TINY) + lengths_y / (lengths_y + TINY) - 2 * product
        found.append(apart.mean(dim=(1, 2)))
    return torch.stack(found)


def distance(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """Distance [N] of pictures whose features are given."""
    return tap_distances(a, b).sum(dim=0)
