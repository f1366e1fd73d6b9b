"""Texture: what `texture` makes of the enhanced picture, and the noise that it is given.

Source: docs/format.md, "Texture".
"""

from __future__ import annotations

import numpy

from veneer.reference.base import BasePicture
from veneer.reference.network import Network
from veneer.reference.tile import Samples

MODULUS = 1 << 32
# Channels and reduction.
TEXTURE_INPUTS = {
    "picture": (3, 1),
    "maps": (8, 4),
    "step": (1, 4),
    "settings": (4, 4),
    "realism": (1, 4),
    "missing": (1, 4),
    "noise": (8, 4),
}


def add_texture(texture: Network, picture: Samples, base: BasePicture, realism: int, seed: int) -> Samples:
    """The output of `texture`, int64 [H, W, 3], in 1/64 of a level.

    Args:
        texture: the network.
        picture: the enhanced picture in full size and in 1/64 of a level, [H, W, 3].
        base: the base picture.
        realism: 1..64.
        seed: of the noise.
    """
    size = picture.shape[0], picture.shape[1]
    units = (size[0] + 3) // 4, (size[1] + 3) // 4
    every = {
        "picture": picture,
        "maps": _in_full_size(base.maps, base.scale, units),
        "step": _in_full_size(base.steps[..., None], base.scale, units),
        "settings": numpy.broadcast_to(numpy.array(base.settings), (*units, 4)),
        "realism": numpy.full((*units, 1), realism),
        "missing": numpy.zeros((*units, 1)),
        "noise": numpy.array([[noise(seed, u, v) for u in range(units[1])] for v in range(units[0])]),
    }
    inputs = {tensor.name: every[tensor.name].astype(numpy.int16) for tensor in texture.graph.inputs}
    (result,) = texture.run(inputs, size).values()
    return result.astype(numpy.int64)


def _in_full_size(array: Samples, scale: int, units: tuple[int, int]) -> Samples:
    """Units of the base picture as those of the full size."""
    return array.repeat(scale, axis=0).repeat(scale, axis=1)[: units[0], : units[1]]


def noise(seed: int, u: int, v: int) -> list[int]:
    """The eight channels of the unit in column u and row v."""
    channels = []
    for p in range(4):
        h = mix(mix(mix(seed) ^ (4 * v + p)) ^ u)
        channels += [(h & 255) - ((h >> 8) & 255), ((h >> 16) & 255) - (h >> 24)]
    return channels


def mix(h: int) -> int:
    """A number of 32 bits for another, one to one."""
    h = (h ^ (h >> 16)) * 0x7FEB352D % MODULUS
    h = (h ^ (h >> 15)) * 0x846CA68B % MODULUS
    return h ^ (h >> 16)
