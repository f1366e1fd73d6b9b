"""The base layer of lossless pictures: tiles to samples, and what is lost filled in.

Source: docs/format.md, "Modular base" and "Filling in".
"""

from __future__ import annotations

import numpy
import numpy.typing
from oracle.base_layer import Cells, Preview, TileStatus, fill
from oracle.contents import Contents
from oracle.losses import is_nothing_left

from veneer import _native
from veneer.bitstream.container import has_alpha, tile_grid
from veneer.bitstream.syntax import HALF_FLOATS
from veneer.bitstream.tiles import Region

Samples = numpy.typing.NDArray[numpy.uint16]

FINITE = 1024, 64511  # ordered bits of half floats that are finite
ONE = 48128  # and of 1


def decode_modular(
    contents: Contents, region: Region, preview: Preview | None
) -> tuple[numpy.typing.NDArray[numpy.unsignedinteger], list[TileStatus]]:
    """A region of a picture, uint8, of more than 8 bits uint16, or float16 [H, W, C], and the status of every tile."""
    head = contents.head
    x, y, width, height = region
    samples = numpy.zeros((height, width, head.channels), numpy.uint16)
    status = []
    for index, payload in enumerate(contents.colour_tiles):
        left, top, columns, rows = _box(contents, index)
        right, bottom = min(left + columns, x + width), min(top + rows, y + height)
        if max(left, x) >= right or max(top, y) >= bottom:
            status.append(TileStatus.NOT_NEEDED)
        elif payload is None:
            status.append(TileStatus.MISSING)
        elif index == contents.cut_tile:
            status.append(TileStatus.CUT)
        else:
            tile = _native.decode_tile(
                payload, width=columns, height=rows, channels=head.channels, depth=head.bit_depth
            )
            status.append(TileStatus.DAMAGED if tile is None else TileStatus.OK)
            if tile is not None:
                part = tile[max(y - top, 0) : bottom - top, max(x - left, 0) : right - left]
                samples[max(top, y) - y : bottom - y, max(left, x) - x : right - x] = part
    if any(state.loses for state in status) and not is_nothing_left(status):
        _fill_lost(contents, region, samples, status, preview)
    if head.sample_format == HALF_FLOATS:
        return numpy.where(samples < 32768, ~samples, samples - 32768).view(numpy.float16), status
    return (samples if head.bit_depth > 8 else samples.astype(numpy.uint8)), status


def _box(contents: Contents, index: int) -> Region:
    head, grid = contents.head, tile_grid(contents.head)
    side = 1 << head.tile_log2
    x, y = index % grid.columns * side, index // grid.columns * side
    return x, y, min(side, head.width - x), min(side, head.height - y)


def as_bytes(samples: numpy.typing.NDArray[numpy.unsignedinteger], depth: int) -> numpy.typing.NDArray[numpy.uint8]:
    """Samples of some depth, or the order of half floats, as those of 8 bits."""
    if samples.dtype == numpy.float16:
        largest = numpy.finfo(numpy.float16).max
        finite = numpy.where(numpy.isnan(samples), numpy.copysign(largest, samples), samples).clip(-largest, largest)
        bits = finite.view(numpy.uint16).astype(numpy.int64)
        samples = numpy.where(bits >= 32768, 65535 - bits, bits + 32768)
    most = (1 << depth) - 1
    return ((samples.astype(numpy.int64) * 255 + most // 2) // most).astype(numpy.uint8)


def _fill_lost(
    contents: Contents, region: Region, samples: Samples, status: list[TileStatus], preview: Preview | None
) -> None:
    head = contents.head
    most = (1 << head.bit_depth) - 1
    cells = Cells(head.width, head.height, head.tile_log2)
    lost = cells.lost([state.known_superblocks for state in status], region)
    half = head.sample_format == HALF_FLOATS
    small = as_bytes(samples.clip(*FINITE) if half else samples, head.bit_depth)
    shown = preview() if preview is not None else None
    filled = head.channels - (has_alpha(head) and shown is None)
    fill(small[:, :, :filled], lost, region, 255, None if shown is None else shown[:, :, :filled])
    small[:, :, filled:] = 255
    widened = ((small.astype(numpy.int64) * most + 127) // 255).astype(numpy.uint16)
    if half:
        widened = widened.clip(*FINITE)
        widened[:, :, filled:] = ONE
    x, y = region[:2]
    for index, state in enumerate(status):
        left, top, columns, rows = _box(contents, index)
        part = slice(max(top - y, 0), max(top + rows - y, 0)), slice(max(left - x, 0), max(left + columns - x, 0))
        if state.loses:
            samples[part] = widened[part]
