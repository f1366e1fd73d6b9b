"""A second judge of pictures, features of VGG-16, that no term of training looks at.

Place: `gate.py`. Source: Simonyan and Zisserman 2014; weights as of an edge detector that was trained from them.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from torch.nn import functional

from veneer.training.perceptual import FrozenFeatures

NAMES = ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3")
TAPS = ("conv1_2", "conv2_2", "conv3_3")
MEANS = (104.00699, 116.66877, 122.67892)  # of B, G, R


class Vgg(FrozenFeatures):
    """Features of VGG-16 up to conv3_3.

    Args:
        path: npz with `convB_I.weight` and `.bias`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it does not hold them.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, NAMES, MEANS, "VGG features with --judge", "VGG-16 up to conv3_3")

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features of every tap, float32 [N, C, h, w], of pictures [N, 3, H, W] in levels."""
        found: list[Tensor] = []
        x = self.centred(pictures)
        for name in NAMES:
            if name.endswith("_1") and found:
                x = functional.max_pool2d(x, 2, ceil_mode=True)
            x = functional.relu(self.convolution(name, x, padding=1))
            if name in TAPS:
                found.append(x)
        return [tap.float() for tap in found]
