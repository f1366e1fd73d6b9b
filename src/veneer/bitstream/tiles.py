"""The grid of tiles that a picture is cut into. Source: docs/format.md, "Tiles"."""

from __future__ import annotations

import dataclasses

from veneer import limits
from veneer.errors import ErrorCode, VeneerError

# x, y, width, height in pixels.
Region = tuple[int, int, int, int]

SUPERBLOCK = 64  # pixels of a side


@dataclasses.dataclass(frozen=True)
class TileGrid:
    """Tiles of 2^tile_log2 pixels a side from the top left corner, in raster order; the last ones may be smaller.

    Width and height are those of the base picture.

    Raises:
        VeneerError: TOO_MANY_TILES or TILE_TOO_LARGE.
    """

    width: int
    height: int
    tile_log2: int

    def __post_init__(self) -> None:
        if self.count > limits.MAX_TILES:
            text = (
                f"{self.width}x{self.height} in tiles of {1 << self.tile_log2} would be {self.count} tiles; "
                f"at most {limits.MAX_TILES} are allowed"
            )
            raise VeneerError(ErrorCode.TOO_MANY_TILES, text)
        _, _, width, height = self.box(0)
        if width * height > limits.MAX_TILE_PIXELS:
            text = (
                f"{self.width}x{self.height} in tiles of {1 << self.tile_log2} has tiles of {width}x{height} pixels; "
                f"at most {limits.MAX_TILE_PIXELS} are allowed"
            )
            raise VeneerError(ErrorCode.TILE_TOO_LARGE, text)

    @property
    def columns(self) -> int:
        return (self.width - 1 >> self.tile_log2) + 1

    @property
    def rows(self) -> int:
        return (self.height - 1 >> self.tile_log2) + 1

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def box(self, index: int) -> Region:
        """The pixels of a tile."""
        x, y = index % self.columns << self.tile_log2, index // self.columns << self.tile_log2
        side = 1 << self.tile_log2
        return x, y, min(side, self.width - x), min(side, self.height - y)

    def covering(self, region: Region) -> frozenset[int]:
        """Numbers of the tiles that have a pixel in `region`; VeneerError of BAD_REGION if it is not in the picture."""
        x, y, width, height = region
        if not (0 <= x < x + width <= self.width and 0 <= y < y + height <= self.height):
            text = f"region {x},{y},{width},{height} does not lie within {self.width}x{self.height} pixels"
            raise VeneerError(ErrorCode.BAD_REGION, text)
        columns = range(x >> self.tile_log2, (x + width - 1 >> self.tile_log2) + 1)
        rows = range(y >> self.tile_log2, (y + height - 1 >> self.tile_log2) + 1)
        return frozenset(row * self.columns + column for row in rows for column in columns)

    def superblocks(self, index: int) -> int:
        """Number of superblocks, squares of 64 x 64 pixels, that tile `index` is made of."""
        side = 1 << self.tile_log2
        row, column = divmod(index, self.columns)
        width, height = min(side, self.width - column * side), min(side, self.height - row * side)
        return ((width + SUPERBLOCK - 1) // SUPERBLOCK) * ((height + SUPERBLOCK - 1) // SUPERBLOCK)

    def around(self, region: Region) -> tuple[list[int], Region]:
        """Numbers in raster order of the tiles that touch a region, and the rectangle that they make."""
        indices = sorted(self.covering(region))
        x, y, _, _ = self.box(indices[0])
        right, bottom, width, height = self.box(indices[-1])
        return indices, (x, y, right + width - x, bottom + height - y)
