"""The base layer of a whole picture: pixels to tile payloads, and back.

Between `encoder`/`decoder` and the compiled core, where the work is done tile by tile in threads.
Source: docs/format.md, "Base layer".
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

import numpy
import numpy.typing

from veneer import backend

Pixels = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]


class TileStatus(enum.IntEnum):
    """What became of a tile; missing and damaged ones are concealed in the picture."""

    OK = 0
    MISSING = 1
    DAMAGED = 2
    NOT_NEEDED = 3


@dataclasses.dataclass(frozen=True)
class BaseLayer:
    """A coded base layer.

    Attributes:
        parameters: the base parameters of the HEAD chunk, as bytes.
        colour_tiles: payload of each tile in raster order.
        alpha_tiles: likewise, empty without alpha.
    """

    parameters: bytes
    colour_tiles: list[bytes]
    alpha_tiles: list[bytes]


@dataclasses.dataclass(frozen=True)
class BaseDecoding:
    """A decoded base layer as enhancement reads it. A unit is a square of 4 x 4 pixels.

    Attributes:
        quarters: int16 [H, W, 1 or 3], quarters of a level, 0..1020, whose pixels are (value + 2) >> 2.
        maps: uint8 [ceil(H / 4), ceil(W / 4), 8], of each unit: whether it lies at the left, at the upper edge of its
            luma block; log2 of the block's area in pixels, 4..12; bits of the number of its coefficients up to the
            last, 0..11; likewise of the chroma block left and upper edge, and bits of the numbers of Co and of Cg.
            Grey pictures have chroma blocks of 64 x 64 without coefficients, missing tiles luma blocks too.
        steps: uint8 [ceil(H / 4), ceil(W / 4)], step index of luma in the unit, local offset included.
        status: of every tile.
    """

    quarters: Quarters
    maps: Pixels
    steps: Pixels
    status: list[TileStatus]


def encode_base(pixels: Pixels, *, step_index: int, tune: int, effort: int, tile_log2: int, threads: int) -> BaseLayer:
    """Codes a picture.

    Args:
        pixels: uint8 [H, W, C], C-contiguous, C in 1..4, H and W in 1..65535.
        step_index: quantizer step in sixteenths of an octave, 0..223.
        tune: the field Tune.
        effort: 1..9.
        tile_log2: side of a tile, 6..16.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.

    Returns:
        The coded layer.
    """
    result = backend.encode_base(
        pixels,
        step_index=step_index,
        tune=tune,
        effort=effort,
        tile_log2=tile_log2,
        threads=backend.thread_count(threads),
    )
    return BaseLayer(*result)


def decode_base(
    colour_tiles: Sequence[bytes | None],
    alpha_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    parameters: bytes,
    region: tuple[int, int, int, int],
    threads: int,
) -> tuple[Pixels, list[TileStatus]]:
    """Decodes a region of a picture.

    Args:
        colour_tiles: payload of each tile in raster order; None where it is missing or not needed.
        alpha_tiles: likewise, empty without alpha.
        width: of the whole picture in pixels.
        height: likewise.
        channels: 1..4.
        tile_log2: side of a tile, 6..16.
        parameters: the base parameters, valid ones.
        region: x, y, width, height in pixels, within the picture.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.

    Returns:
        uint8 [H, W, C] of the region, and the status of every tile of the picture.
    """
    pixels, status = backend.decode_base(
        list(colour_tiles),
        list(alpha_tiles),
        width=width,
        height=height,
        channels=channels,
        tile_log2=tile_log2,
        params=parameters,
        region=region,
        threads=backend.thread_count(threads),
    )
    return pixels, [TileStatus(value) for value in status]


def decode_base_quarters(
    colour_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    parameters: bytes,
    threads: int,
) -> BaseDecoding:
    """Decodes the colour of a picture for its enhancement: in quarters of a level, before they are rounded to pixels.

    Args:
        colour_tiles: as of `decode_base`, like all arguments.
        width: of the picture in pixels.
        height: likewise.
        channels: 1..4; alpha is left out.
        tile_log2: side of a tile, 6..16.
        parameters: the base parameters, valid ones.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.

    Returns:
        The picture, and how it was coded.
    """
    quarters, maps, steps, status = backend.decode_quarters(
        list(colour_tiles),
        width=width,
        height=height,
        channels=channels,
        tile_log2=tile_log2,
        params=parameters,
        threads=backend.thread_count(threads),
    )
    return BaseDecoding(quarters, maps, steps, [TileStatus(value) for value in status])
