"""A second judge of pictures, features of VGG-16, that no term of training looks at.

Place: `gate.py`. Source: Simonyan and Zisserman 2014; weights as of an edge detector that was trained from them.
"""

from __future__ import annotations

from pathlib import Path

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional

NAMES = ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3")
TAPS = ("conv1_2", "conv2_2", "conv3_3")
MEANS = (104.00699, 116.66877, 122.67892)  # of B, G, R


class Vgg(nn.Module):
    """Features of VGG-16 up to conv3_3, never trained here.

    Args:
        path: npz with `convB_I.weight` and `.bias`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it does not hold them.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file; name the VGG features with --judge")
        with numpy.load(path, allow_pickle=False) as arrays:
            wanted = [f"{name}.{role}" for name in NAMES for role in ("weight", "bias")]
            if not set(wanted) <= set(arrays.files):
                raise ValueError(f"{path} does not hold the features of VGG-16 up to conv3_3")
            for name in wanted:
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(arrays[name].astype(numpy.float32)))
        self.register_buffer("means", torch.tensor(MEANS)[:, None, None])

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features of every tap, float32 [N, C, h, w], of pictures [N, 3, H, W] in levels."""
        found: list[Tensor] = []
        x = pictures.flip(1) - self.means
        for name in NAMES:
            if name.endswith("_1") and found:
                x = functional.max_pool2d(x, 2, ceil_mode=True)
            x = functional.relu(
                functional.conv2d(x, getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias"), padding=1)
            )
            if name in TAPS:
                found.append(x)
        return [tap.float() for tap in found]
