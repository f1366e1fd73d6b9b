"""What the base decoder says of its tiles, as problems, and what follows from how much is lost.

Source: docs/format.md, "Damaged and cut files" and "Filling in".
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.base_layer import TileStatus

from veneer import limits
from veneer.bitstream.container import tile_grid
from veneer.bitstream.syntax import Head
from veneer.bitstream.tiles import SUPERBLOCK
from veneer.errors import ErrorCode, VeneerError


def is_nothing_left(status: Sequence[TileStatus]) -> bool:
    """Whether not one superblock of a picture is known, and none was left out."""
    return not any(state == TileStatus.NOT_NEEDED or state.known_superblocks for state in status)


def is_worth_texture(status: Sequence[TileStatus], head: Head, size_bytes: int) -> bool:
    """Whether some of the tiles that were needed is lost, and not much more than what is left can stand for.

    Args:
        status: of every tile.
        head: of the file.
        size_bytes: of the colour of the tiles that are there.
    """
    grid = tile_grid(head)
    lost = 0
    for index, state in enumerate(status):
        if state != TileStatus.NOT_NEEDED:
            lost += max(grid.superblocks(index) - state.known_superblocks, 0)
    return 0 < lost * SUPERBLOCK**2 <= limits.MAX_TEXTURED_PIXELS * size_bytes


def describe_losses(status: Sequence[TileStatus], head: Head) -> list[VeneerError]:
    """What the base decoder found: a tile that is cut, and payloads whose checksum agrees and that are no code.

    The last one is NO_TILE, where not one superblock of the picture is left.
    """
    problems = []
    for index, state in enumerate(status):
        if state >= TileStatus.CUT:
            text = f"tile {index}: {state.known_superblocks} of {tile_grid(head).superblocks(index)} superblocks"
            problems.append(VeneerError(ErrorCode.CHUNK_CUT, text))
    damaged = [i for i, state in enumerate(status) if state in (TileStatus.DAMAGED, TileStatus.ALPHA_DAMAGED)]
    if damaged:
        text = f"{len(damaged)} of {len(status)} tiles cannot be decoded: {', '.join(map(str, damaged[:8]))}"
        problems.append(VeneerError(ErrorCode.TILE_DAMAGED, text))
    if is_nothing_left(status):
        problems.append(VeneerError(ErrorCode.NO_TILE, "not one superblock of the picture is left"))
    return problems
