"""The base layer of a whole picture: tile payloads to pixels.

Between `decoder` and the compiled core, where the work is done tile by tile in threads.
`enc_layer.py` encodes.
Source: docs/format.md, "Base layer".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy
import numpy.typing
from oracle.concealment import CELL, PREVIEW_CELL, Mask, conceal

from veneer import _native, backend

Pixels = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]

# Gives the preview of a picture, uint8 [(H + 7) // 8, (W + 7) // 8, C], or None where there is none after all. Called
# only where something is lost.
Preview = Callable[[], Pixels | None]

_ALL_SUPERBLOCKS = 1 << 30  # more than any tile has


class TileStatus(int):
    """What became of a tile: one of the constants, or for a cut one CUT plus the number of superblocks that are known.

    What is missing, damaged or behind the cut is filled in.
    """

    OK: ClassVar[TileStatus]
    MISSING: ClassVar[TileStatus]
    DAMAGED: ClassVar[TileStatus]
    NOT_NEEDED: ClassVar[TileStatus]
    ALPHA_DAMAGED: ClassVar[TileStatus]  # alone: the colour is whole
    CUT: ClassVar[TileStatus]

    @property
    def known_superblocks(self) -> int:
        """How many superblocks of the tile, in raster order, hold what was encoded, at most; the others are lost."""
        if self >= TileStatus.CUT:
            return self - TileStatus.CUT
        return 0 if self in (TileStatus.MISSING, TileStatus.DAMAGED) else _ALL_SUPERBLOCKS

    @property
    def loses(self) -> bool:
        """Whether some of its colour is missing."""
        return self.known_superblocks != _ALL_SUPERBLOCKS


TileStatus.OK, TileStatus.MISSING, TileStatus.DAMAGED, TileStatus.NOT_NEEDED = map(TileStatus, range(4))
TileStatus.ALPHA_DAMAGED, TileStatus.CUT = TileStatus(4), TileStatus(5)


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
        lost: bool [ceil(H / 64), ceil(W / 64)], superblocks that had to be filled in.
        exact: int64 [H, W, 1 or 3], the samples that quarters were made of above 8 bits; else None.
    """

    quarters: Quarters
    maps: Pixels
    steps: Pixels
    status: list[TileStatus]
    lost: Mask
    exact: numpy.typing.NDArray[numpy.int64] | None = None


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
    cut_tile: int | None = None,
    preview: Preview | None = None,
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
        cut_tile: number of a tile whose colour is only the beginning of a payload.
        preview: of the whole picture; what is lost is filled from it, else from what is around.

    Returns:
        uint8 [H, W, C] of the region, and the status of every tile of the picture. Where not one superblock of the
        whole picture is known, nothing is filled in.
    """
    pixels, status = _native.decode_base(
        list(colour_tiles),
        list(alpha_tiles),
        width=width,
        height=height,
        channels=channels,
        tile_log2=tile_log2,
        params=parameters,
        region=region,
        threads=backend.thread_count(threads),
        cut_tile=-1 if cut_tile is None else cut_tile,
    )
    states = [TileStatus(value) for value in status]
    if not any(state == TileStatus.NOT_NEEDED or state.known_superblocks for state in states):
        return pixels, states  # nothing to fill in from, and nothing worth it: callers refuse the file
    grid = Cells(width, height, tile_log2)
    colours = 3 if channels >= 3 else 1
    lost = grid.lost([state.known_superblocks for state in states], region)
    alpha_lost = grid.lost(
        [
            0 if payload is None or state == TileStatus.ALPHA_DAMAGED else _ALL_SUPERBLOCKS
            for payload, state in zip(alpha_tiles, states, strict=False)
        ],
        region,
    )
    small = preview() if preview is not None and (lost.any() or alpha_lost.any()) else None
    fill(pixels[:, :, :colours], lost, region, 255, None if small is None else small[:, :, :colours])
    if small is not None:
        fill(pixels[:, :, colours:], alpha_lost, region, 255, small[:, :, colours:])
    return pixels, states


def decode_base_quarters(
    colour_tiles: Sequence[bytes | None],
    *,
    width: int,
    height: int,
    channels: int,
    tile_log2: int,
    parameters: bytes,
    threads: int,
    cut_tile: int | None = None,
    preview: Preview | None = None,
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
        cut_tile: number of a tile whose colour is only the beginning of a payload.
        preview: of the picture.

    Returns:
        The picture, and how it was coded.
    """
    quarters, maps, steps, status = _native.decode_quarters(
        list(colour_tiles),
        width=width,
        height=height,
        channels=channels,
        tile_log2=tile_log2,
        params=parameters,
        threads=backend.thread_count(threads),
        cut_tile=-1 if cut_tile is None else cut_tile,
    )
    states = [TileStatus(value) for value in status]
    whole = (0, 0, width, height)
    lost = Cells(width, height, tile_log2).lost([state.known_superblocks for state in states], whole)
    small = preview() if preview is not None and lost.any() else None
    fill(quarters, lost, whole, 1020, None if small is None else small[:, :, : quarters.shape[2]])
    return BaseDecoding(quarters, maps, steps, states, lost)


@dataclasses.dataclass(frozen=True)
class Cells:
    """The superblocks of a picture, which tiles are made of."""

    width: int
    height: int
    tile_log2: int

    def lost(self, known: Sequence[int], region: tuple[int, int, int, int]) -> Mask:
        """Those in the region that are not known, bool [rows, columns].

        Args:
            known: how many superblocks of each tile are known; more than there are for all of them.
            region: x, y, width, height in pixels; cells that lie in it in part count.
        """
        x, y, width, height = region
        if not known:
            return numpy.zeros((1, 1), bool)
        rows = numpy.arange(y // CELL, (y + height - 1) // CELL + 1)[:, None]
        columns = numpy.arange(x // CELL, (x + width - 1) // CELL + 1)
        side = (1 << self.tile_log2) // CELL
        across = -(-self.width // CELL)
        tile = rows // side * -(-across // side) + columns // side
        tile_width = numpy.minimum(side, across - columns // side * side)
        place = rows % side * tile_width + columns % side
        return numpy.asarray(place >= numpy.asarray(known)[tile], bool)


def fill(
    samples: numpy.typing.NDArray[Any],
    lost: Mask,
    region: tuple[int, int, int, int],
    top: int,
    preview: Pixels | None,
) -> None:
    """Fills lost cells of a region, with the part of the whole picture's preview that belongs to them."""
    x, y = region[:2]
    if preview is not None and lost.any():
        left, upper = x // CELL * PREVIEW_CELL, y // CELL * PREVIEW_CELL
        rows, columns = lost.shape[0] * PREVIEW_CELL, lost.shape[1] * PREVIEW_CELL
        preview = preview[upper : upper + rows, left : left + columns]
        beyond = ((0, rows - preview.shape[0]), (0, columns - preview.shape[1]), (0, 0))
        preview = numpy.pad(preview, beyond, "edge")
    conceal(samples, lost, origin=(x % CELL, y % CELL), top=top, preview=preview)
