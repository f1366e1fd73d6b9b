"""Latents of a picture: the network `latent_analysis` over original and base. Encoder only.

Place: first of the encoder's enhancement; what it gives is as good as it was trained, and never wrong.
"""

from __future__ import annotations

import numpy

from veneer.enhancement.base_picture import BasePicture, Bytes, Runner
from veneer.enhancement.networks import COLOURS, Latents
from veneer.inference.network import Network


def analyse(latent_analysis: Network, base: BasePicture, original: Bytes, runner: Runner) -> Latents:
    """The latents of a whole picture.

    Args:
        latent_analysis: the network.
        base: the base picture.
        original: uint8 [H, W, 1 or 3] at full size.
        runner: what runs networks.

    Returns:
        int16 [rows, columns, C], -127..127.
    """
    colours = numpy.broadcast_to(original, (*original.shape[:2], COLOURS))
    return base.run(latent_analysis, runner, original=colours).astype(numpy.int16, copy=False)
