"""The base layer of lossy pictures above 8 bits: colour by the reference decoder, alpha by that of lossless tiles.

How tiles are divided and how far a cut one is known does not depend on the depth: the core says that of a picture of
8 bits with the same payloads.
Source: docs/format.md, "Samples of planes", "Alpha plane", "Deep pictures" and "Filling in".
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy
import numpy.typing
from oracle.base_layer import BaseDecoding, Cells, Mask, Preview, TileStatus, fill
from oracle.concealment import CELL
from oracle.contents import Contents
from oracle.modular_layer import as_bytes

from veneer import _native
from veneer.bitstream import syntax
from veneer.bitstream.container import tile_grid
from veneer.bitstream.tiles import Region
from veneer.reference.base import read_colour, to_exact
from veneer.reference.depth import Depth, Pixels
from veneer.reference.head import Head as ReferenceHead
from veneer.reference.tile import Samples

FILTERS = 4  # bit of Tools
_KNOWN = 1 << 30  # superblocks: more than any tile has


def is_deep(head: syntax.Head) -> bool:
    """Whether a picture has a transform base of more than 8 bits."""
    return head.base_kind == syntax.TRANSFORM and head.bit_depth > 8


def deepened(
    decoding: BaseDecoding, contents: Contents, tiles: Sequence[int], box: Region, preview: Preview | None
) -> BaseDecoding:
    """What the core made of payloads at 8 bits, with the samples that they have at their own depth.

    Args:
        decoding: of the tiles.
        contents: of the file.
        tiles: the numbers of the tiles, as those of its status.
        box: of the tiles in the base picture.
        preview: of them.
    """
    head, lost = contents.head, decoding.lost
    depth = Depth(head.bit_depth)
    exact = numpy.zeros(decoding.quarters.shape, numpy.int64)
    for index, state in zip(tiles, decoding.status, strict=True):
        payload = contents.colour_tiles[index]
        if payload is not None and (state == TileStatus.OK or state >= TileStatus.CUT):
            x, y, w, h = tile_grid(head).box(index)
            place = numpy.s_[y - box[1] : y - box[1] + h, x - box[0] : x - box[0] + w]
            exact[place] = _exact(bytes(payload), w, h, _head(head), state >= TileStatus.CUT)
    quarters = depth.quarters(exact).astype(numpy.int16)
    small = preview() if preview is not None and lost.any() else None
    whole = 0, 0, *exact.shape[1::-1]
    fill(quarters, lost, whole, 1020, None if small is None else small[:, :, : exact.shape[2]])
    hole = lost.repeat(CELL, axis=0).repeat(CELL, axis=1)[: exact.shape[0], : exact.shape[1], None]
    numpy.copyto(exact, quarters.astype(numpy.int64) << depth.extra, where=hole)
    return dataclasses.replace(decoding, exact=exact, quarters=quarters)


def deep_pixels(head: syntax.Head, exact: Samples, change: Samples | None = None) -> Pixels:
    """Pixels of exact samples, and of what is added to them in 1/64 of a level of 8 bits."""
    depth = Depth(head.bit_depth)
    return depth.pixels(exact) if change is None else depth.changed_pixels(exact, change)


def decode_deep_alpha(
    contents: Contents, region: Region, status: list[TileStatus], preview: Preview | None
) -> tuple[Pixels, list[TileStatus]]:
    """Alpha of a region, [h, w, 1], and the status of all tiles with what is known of their alpha."""
    head = contents.head
    most = 2**head.bit_depth - 1
    x, y, width, height = region
    alpha = numpy.full((height, width, 1), most, numpy.uint16)
    states, known = list(status), [_KNOWN] * len(status)
    for index, state in enumerate(status):
        left, top, w, h = tile_grid(head).box(index)
        right, bottom = min(left + w, x + width), min(top + h, y + height)
        payload = contents.alpha_tiles[index]
        if max(left, x) >= right or max(top, y) >= bottom:
            continue
        tile = payload and _native.decode_tile(payload, width=w, height=h, channels=1, depth=head.bit_depth)
        if tile is not None and len(tile) > 0:
            part = tile[max(y - top, 0) : bottom - top, max(x - left, 0) : right - left]
            alpha[max(top, y) - y : bottom - y, max(left, x) - x : right - x] = part
        elif payload is not None and state == TileStatus.OK:
            states[index], known[index] = TileStatus.ALPHA_DAMAGED, 0
        elif payload is None:
            known[index] = 0
    lost = Cells(head.width, head.height, head.tile_log2).lost(known, region)
    shown = preview() if preview is not None and lost.any() else None
    if shown is not None:
        _fill_in_levels(alpha, lost, region, shown[:, :, -1:], head.bit_depth)
    return alpha, states


def fill_deep_colour(
    contents: Contents, pixels: Pixels, region: Region, status: list[TileStatus], preview: Preview | None
) -> None:
    """Fills in what is lost of the colour of a region that no network changes."""
    head = contents.head
    known = [state.known_superblocks for state in status]
    lost = Cells(head.width, head.height, head.tile_log2).lost(known, region)
    if lost.any():
        shown = preview() if preview is not None else None
        small = None if shown is None else shown[:, :, : pixels.shape[2]]
        _fill_in_levels(pixels, lost, region, small, head.bit_depth)


def _fill_in_levels(samples: Pixels, lost: Mask, region: Region, preview: Pixels | None, depth: int) -> None:
    """Fills lost cells in levels of 8 bits."""
    small = as_bytes(samples, depth)
    fill(small, lost, region, 255, preview)
    widened = (small.astype(numpy.int64) * (2**depth - 1) + 127) // 255
    x, y, width, height = region
    rows, columns = (first % CELL + numpy.arange(size) for first, size in ((y, height), (x, width)))
    numpy.copyto(samples, widened, casting="unsafe", where=lost[rows // CELL][:, columns // CELL, None])


def _head(head: syntax.Head) -> ReferenceHead:
    names = {field.name for field in dataclasses.fields(ReferenceHead)} - {"models"}
    return ReferenceHead(**{name: getattr(head, name) for name in names})


@functools.lru_cache(maxsize=64)
def _exact(payload: bytes, w: int, h: int, head: ReferenceHead, cut: bool) -> Samples:
    if cut and head.tools & FILTERS:  # which do nothing then
        payload = payload[1 + payload[0] :] if payload else b""
        head = dataclasses.replace(head, tools=head.tools & ~FILTERS)
    tile = read_colour(payload, w, h, head)
    return to_exact([plane[:h, :w] for plane in tile.planes], tile.depth)
