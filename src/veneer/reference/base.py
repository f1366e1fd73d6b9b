"""The base picture: what the tiles give, side by side, in quarters of a level or finer.

Source: docs/format.md, "Tiles", "Colour", "Deep pictures", "Quarters", "Inputs of networks" and "Base picture alone".
"""

from __future__ import annotations

import dataclasses

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.container import File
from veneer.reference.depth import Depth
from veneer.reference.head import Head
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import clamp, log2
from veneer.reference.tile import Leaf, Samples, Tile
from veneer.reference.tile_filters import filter_tile, read_tile_filters
from veneer.reference.trees import read_tile

INTERPOLATION = (1, -9, 35, 114, -17, 4)


@dataclasses.dataclass(frozen=True)
class BasePicture:
    """A base picture, or a part of it.

    Attributes:
        exact: int64 [H, W, 1 or 3], 0..`top` of its depth.
        maps: int64 [h, w, 8], how each unit of 4 x 4 pixels was coded.
        steps: int64 [h, w], `index` of Y in each.
        settings: the input of that name.
        scale: Base_Scale.
        depth: of its pixels.
        x: of its upper left pixel in the base picture.
        y: likewise.
    """

    exact: Samples
    maps: Samples
    steps: Samples
    settings: tuple[int, int, int, int]
    scale: int
    depth: Depth
    x: int = 0
    y: int = 0

    @property
    def quarters(self) -> Samples:
        """In quarters of a level, whatever its depth is: int64 [H, W, 1 or 3], 0..1020."""
        return self.depth.quarters(self.exact)

    def part(self, x: int, y: int, w: int, h: int) -> BasePicture:
        """A tile of it, whose x and y are multiples of 4."""
        units = slice(y // 4, (y + h + 3) // 4), slice(x // 4, (x + w + 3) // 4)
        exact = self.exact[y : y + h, x : x + w]
        return dataclasses.replace(self, exact=exact, maps=self.maps[units], steps=self.steps[units], x=x, y=y)

    def interpolated(self) -> Samples:
        """The quarters at twice the sides."""
        total = _double(_double(self.quarters, 1), 0)
        return ((total + (1 << 13)) >> 14).clip(0, 1020)


# Tiles


def read_base(file: File) -> BasePicture:
    """Decodes the colour of all tiles."""
    head = file.head
    exact = numpy.zeros((head.base_height, head.base_width, 3 if head.colour else 1), numpy.int64)
    steps = numpy.zeros(((head.base_height + 3) // 4, (head.base_width + 3) // 4), numpy.int64)
    maps = numpy.zeros((*steps.shape, 8), numpy.int64)
    settings = head.co_step_offset, head.cg_step_offset, head.matrix, 16 * (head.tools & 1)
    base = BasePicture(exact, maps, steps, settings, head.base_scale, Depth(head.bit_depth))
    for index in range(head.columns * head.rows):
        x, y, w, h = head.tile_box(index)
        tile = read_colour(file.tiles[b"BASE", index], w, h, head)
        part = base.part(x, y, w, h)
        part.exact[:] = to_exact([plane[:h, :w] for plane in tile.planes], base.depth)
        for j, i in numpy.ndindex(part.steps.shape):
            part.steps[j, i] = clamp(head.step_index + 2 * tile.step_offset[i, j], 0, 223)
            part.maps[j, i] = _maps(tile, i, j)
    return base


def read_colour(payload: bytes, w: int, h: int, head: Head) -> Tile:
    """Decodes one tile of w x h pixels."""
    filters = []
    if head.tools & 4:
        n = payload[0] if payload else 0
        if len(payload) < 1 + n:
            raise VeneerError(ErrorCode.TILE_DAMAGED, "a payload of colour ends within its filters")
        if n > 0:
            filters = read_tile_filters(RangeDecoder(bytes_to_words(payload[1 : 1 + n])), 3 if head.colour else 1)
        payload = payload[1 + n :]
    tile = Tile(RangeDecoder(bytes_to_words(payload)), w, h, head)
    if not read_tile(tile):
        raise VeneerError(ErrorCode.TILE_DAMAGED, "a payload of colour is no code")
    filter_tile(tile, filters)
    return tile


# Colour


def to_exact(planes: list[Samples], depth: Depth) -> Samples:
    """Y, or Y, Co and Cg, int64 [h, w], to grey or RGB before they are rounded to pixels, int64 [h, w, 1 or 3]."""
    if len(planes) == 3:
        y, co, cg = planes
        planes = [y - cg + co, y + cg, y - cg - co]
    return depth.clip(numpy.stack(planes, -1), 0)


# Inputs of networks


def _maps(tile: Tile, i: int, j: int) -> list[int]:
    """The eight numbers of the unit in column i and row j of a tile."""
    luma = tile.leaves[0][i, j]
    chroma = tile.leaves[1].get((i, j)) or Leaf(1, 4 * i // 64 * 64, 4 * j // 64 * 64, 64, 64, count=[0, 0])
    first, *others = ([int(leaf.x == 4 * i), int(leaf.y == 4 * j)] for leaf in (luma, chroma))
    counts = [count.bit_length() for count in (*luma.count, *chroma.count)]
    return [*first, log2(luma.w * luma.h), counts[0], *others[0], *counts[1:]]


# Base picture alone


def _double(q: Samples, axis: int) -> Samples:
    """Twice the samples along an axis, each 128 times its value."""
    last = q.shape[axis] - 1
    lines = []
    for x in range(2 * (last + 1)):
        taps = INTERPOLATION if x % 2 == 0 else INTERPOLATION[::-1]
        first = x // 2 - 3 + x % 2
        lines.append(sum(tap * q.take(clamp(first + i, 0, last), axis) for i, tap in enumerate(taps)))
    return numpy.stack(lines, axis)
