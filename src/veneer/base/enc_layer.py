"""The encoder of the base layer of a whole picture: pixels to tile payloads.

Between `encoder` and the compiled core, where the work is done tile by tile in threads.
Source: docs/format.md, "Base layer".
"""

from __future__ import annotations

import dataclasses

from veneer import backend
from veneer.sample_depth import Samples


@dataclasses.dataclass(frozen=True)
class BaseLayer:
    """A coded base layer.

    Attributes:
        parameters: the base parameters of the HEAD chunk, as bytes.
        colour_tiles: payload of each tile in raster order.
        alpha_tiles: the same of alpha, empty without alpha.
        squared_error: approximate squared error over all samples of colour, in 8-bit levels; pixels hidden by alpha
            included.
    """

    parameters: bytes
    colour_tiles: list[bytes]
    alpha_tiles: list[bytes]
    squared_error: int


def encode_base(
    pixels: Samples,
    *,
    depth: int = 8,
    step_index: int,
    tune: int,
    effort: int,
    tile_log2: int,
    threads: int,
    filters: bool = False,
) -> BaseLayer:
    """Codes a picture.

    Args:
        pixels: uint8 [H, W, C], or uint16 of more than 8 bits, C-contiguous, C in 1..4, H and W in 1..65535.
        depth: bits of a sample, 8..16.
        step_index: quantizer step in sixteenths of an octave, 0..223.
        tune: the field Tune.
        effort: 1..9.
        tile_log2: side of a tile, 6..16.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        filters: tiles may have filters.

    Returns:
        The coded layer.
    """
    result = backend.encode_base(
        pixels,
        depth=depth,
        step_index=step_index,
        tune=tune,
        effort=effort,
        tile_log2=tile_log2,
        threads=backend.thread_count(threads),
        options={"filters": int(filters)},
        with_error=True,
    )
    return BaseLayer(*result)


def filter_base(
    layer: BaseLayer, pixels: Samples, *, depth: int = 8, tune: int, effort: int, tile_log2: int, threads: int
) -> BaseLayer:
    """The same layer with filters of tiles: what `encode_base` makes with `filters`.

    Args:
        layer: coded without filters.
        pixels: the original picture.
        depth: as of `encode_base`.
        tune: as of `encode_base`.
        effort: as of `encode_base`.
        tile_log2: as of `encode_base`.
        threads: as of `encode_base`.
    """
    parameters, tiles, error = backend.filter_base(
        pixels,
        layer.colour_tiles,
        params=layer.parameters,
        depth=depth,
        tune=tune,
        effort=effort,
        tile_log2=tile_log2,
        threads=backend.thread_count(threads),
    )
    return BaseLayer(parameters, tiles, layer.alpha_tiles, error)
