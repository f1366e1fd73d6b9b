"""The base layer of a picture as the encoder and training see it: decoded by the compiled core.

`enc_layer.py` encodes.
Source: docs/format.md, "Base layer", "Base picture alone" and "Damaged and cut files".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy
import numpy.typing

from veneer import backend

Pixels = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]
Mask = numpy.typing.NDArray[numpy.bool_]

CELL = 64  # pixels: a superblock, the least that damage takes away
PREVIEW_CELL = 8  # pixels of a preview that stand for one


@dataclasses.dataclass(frozen=True)
class BaseDecoding:
    """A decoded base layer as enhancement reads it. A unit is a square of 4 x 4 pixels.

    Attributes:
        quarters: int16 [H, W, 1 or 3], quarters of a level, 0..1020, whose pixels are (value + 2) >> 2.
        maps: uint8 [ceil(H / 4), ceil(W / 4), 8], of each unit: whether it lies at the left, at the upper edge of its
            luma block; log2 of the block's area in pixels, 4..12; bits of the number of its coefficients up to the
            last, 0..11; the left and the upper edge of its chroma block, and bits of the numbers of Co and of Cg.
            Grey pictures have chroma blocks of 64 x 64 without coefficients.
        steps: uint8 [ceil(H / 4), ceil(W / 4)], step index of luma in the unit, local offset included.
    """

    quarters: Quarters
    maps: Pixels
    steps: Pixels


def decode_base_quarters(
    colour_tiles: Sequence[bytes],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    parameters: bytes,
    depth: int = 8,
    threads: int,
) -> BaseDecoding:
    """Decodes the colour of a picture for its enhancement: in quarters of a level, before they are rounded to pixels.

    Args:
        colour_tiles: payload of each tile in raster order, as the encoder made them.
        width: of the picture in pixels.
        height: of the picture in pixels.
        channels: 1..4; alpha is left out.
        tile_log2: side of a tile, 6..16.
        parameters: the base parameters, valid ones.
        depth: bits of a sample of the picture, 8..16.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
    """
    quarters, maps, steps, _ = backend.decode_quarters(
        colour_tiles,
        width=width,
        height=height,
        channels=channels,
        tile_log2=tile_log2,
        params=parameters,
        depth=depth,
        threads=backend.thread_count(threads),
    )
    return BaseDecoding(quarters, maps, steps)


def interpolate(quarters: Quarters, threads: int = 1) -> Quarters:
    """A base picture of half size at full size.

    Args:
        quarters: int16 [H, W, C], quarters of a level, 0..1020.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.

    Returns:
        int16 [2 H, 2 W, C], quarters of a level, 0..1020.
    """
    return backend.interpolate(quarters, backend.thread_count(threads))


def to_pixels(quarters: Quarters) -> Pixels:
    """Rounds quarters of a level, int16 [H, W, C], to whole ones, uint8 of the same shape."""
    return backend.quarters_to_pixels(quarters, numpy.empty(quarters.shape, numpy.uint8))


def conceal(pixels: Pixels, lost: Mask, preview: Pixels | None = None) -> Pixels:
    """A picture in which cells that are lost are filled in, as decoders do it.

    Args:
        pixels: uint8 [H, W, C]; the values of lost cells do not matter.
        lost: [ceil(H / 64), ceil(W / 64)], cells of 64 x 64 pixels.
        preview: uint8 [8 ceil(H / 64), 8 ceil(W / 64), C], the cells at an eighth of the size; None to fill in from
            the surroundings alone.
    """
    return backend.conceal_levels(pixels, lost.astype(numpy.uint8), (0, 0), preview, 0, pixels.shape[2])
