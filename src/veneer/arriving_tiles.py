"""Tiles of a picture that comes in pieces: each by itself, and what is filled in where they have not come.

Place: under `progressive.py`.
Source: docs/format.md, "Tiles".
"""

from __future__ import annotations

from veneer.base.layer import Pixels, TileStatus, decode_base
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import Chunk
from veneer.bitstream.container import Contents, tile_grid
from veneer.bitstream.tiles import Region
from veneer.preview import enlarge


class FilledPicture:
    """A picture without preview, filled in where tiles have not come.

    To fill it in takes as long as to decode it, and whoever shows it may ask after each tile: that is done for more
    tiles by a quarter, so for 65,536 tiles some fifty times. Tiles that come between stand in it as they are.
    """

    def __init__(self, pixels: Pixels, tiles: set[int]) -> None:
        self.pixels = pixels
        self.enough = len(tiles) * 5 // 4  # tiles up to which it will do
        self._tiles = tiles

    def add_tiles(self, contents: Contents, canvas: Pixels, tiles: set[int]) -> None:
        """Takes the tiles that it does not have from a canvas."""
        for index in tiles - self._tiles:
            x, y, width, height = tile_region(contents, index)
            self.pixels[y : y + height, x : x + width] = canvas[y : y + height, x : x + width]
        self._tiles = set(tiles)


def tile_region(contents: Contents, index: int) -> Region:
    """The region of the picture that a tile covers."""
    head = contents.head
    x, y, width, height = (head.base_scale * value for value in tile_grid(head).box(index))
    return x, y, min(width, head.width - x), min(height, head.height - y)


def completed_tiles(contents: Contents, chunk: Chunk) -> list[int]:
    """The tile that is complete by this chunk, if it is."""
    index = fields.read(syntax.CHUNKS[chunk.type], chunk.payload, chunk.payload_offset).tile_index
    planes = [tiles[index] for tiles in (contents.colour_tiles, contents.alpha_tiles) if tiles]
    return [] if None in planes else [index]


def decode_tile(contents: Contents, index: int) -> tuple[Region, Pixels | None]:
    """The region of the picture that a tile covers, and its pixels; None where the payload is no code.

    Tiles know nothing of each other, so one alone is a picture. Where the base picture has half the size, it is brought
    up by itself: what comes in the end is made of all tiles.
    """
    head = contents.head
    _, _, width, height = tile_grid(head).box(index)
    pixels, status = decode_base(
        [contents.colour_tiles[index]],
        [contents.alpha_tiles[index]] if contents.alpha_tiles else [],
        width=width,
        height=height,
        channels=head.channels,
        tile_log2=head.tile_log2,
        parameters=fields.write(syntax.BASE_PARAMETERS, head),
        region=(0, 0, width, height),
        threads=1,
    )
    scale, region = head.base_scale, tile_region(contents, index)
    if status != [TileStatus.OK]:
        return region, None
    return region, pixels if scale == 1 else enlarge(pixels, (0, 0, *region[2:]), scale)
