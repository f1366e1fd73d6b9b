"""The small picture of the whole that stands near the beginning of a file.

Source: docs/format.md, "Preview".
"""

from __future__ import annotations

import numpy
from oracle.base_layer import Pixels, TileStatus, decode_base

from veneer.bitstream import syntax
from veneer.bitstream.container import CodedPreview, preview_size
from veneer.bitstream.syntax import Head
from veneer.preview import covering_region, preview_tile_log2

__all__ = ["covering_region", "decode_preview", "preview_tile_log2", "reduce_picture"]


def decode_preview(coded: CodedPreview, head: Head, threads: int) -> Pixels | None:
    """Decodes a preview.

    Args:
        coded: of the file.
        head: of the same file.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.

    Returns:
        uint8 [(H + 7) // 8, (W + 7) // 8, C], or None where the payload is no code.
    """
    width, height = preview_size(head.width, head.height)
    pixels, status = decode_base(
        [coded.colour],
        [] if coded.alpha is None else [coded.alpha],
        width=width,
        height=height,
        channels=head.channels,
        tile_log2=preview_tile_log2(width, height),
        parameters=coded.parameters,
        region=(0, 0, width, height),
        threads=threads,
    )
    return pixels if status == [TileStatus.OK] else None


def reduce_picture(pixels: Pixels, scale: int = syntax.PREVIEW_SCALE) -> Pixels:
    """The mean of each square of pixels, fewer at the right and lower edge, weighted by alpha, in whole numbers.

    Args:
        pixels: uint8 [H, W, C].
        scale: side of the squares, 8 for the preview.

    Returns:
        uint8 [ceil(H / scale), ceil(W / scale), C].
    """
    height, width, channels = pixels.shape
    small = numpy.empty((-(-height // scale), -(-width // scale), channels), numpy.uint8)
    margin = -width % scale
    columns = numpy.full(small.shape[1], scale)
    columns[-1] -= margin
    has_alpha = channels in (2, 4)
    for row in range(len(small)):
        strip = pixels[scale * row : scale * (row + 1)]
        count = (len(strip) * columns)[:, None]
        if has_alpha:
            strip = strip.astype(numpy.uint32)
            strip[:, :, :-1] *= strip[:, :, -1:]
        # Sums of whole numbers: at most 64 pixels of 255 * 255.
        line = numpy.pad(strip.sum(axis=0, dtype=numpy.uint32), ((0, margin), (0, 0)))
        total = line.reshape(-1, scale, channels).sum(axis=1, dtype=numpy.int64)
        weight = numpy.broadcast_to(count, total.shape)
        if has_alpha:  # colours are weighted by alpha, which itself is not
            weight = numpy.concatenate([total[:, -1:].repeat(channels - 1, axis=1), count], axis=1)
        small[row] = (2 * total + weight) // numpy.maximum(2 * weight, 1)
    return small
