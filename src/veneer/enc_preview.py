"""The encoder of the preview: pixels -> mean of 8 x 8 -> base layer of one tile, within its share of the file.

Source: docs/format.md, "Preview".
"""

from __future__ import annotations

import functools

from veneer.base.enc_layer import encode_base
from veneer.base.layer import Pixels
from veneer.bitstream.container import CodedPreview, write_preview
from veneer.enc_search import first_fitting
from veneer.preview import preview_tile_log2, reduce_picture
from veneer.settings import Settings

# Largest share of the file. A preview that takes 3 % of the bytes lies with the headers within the first 5 %.
MAX_SHARE_PERCENT = 3

# A preview is for looking at, small or brought up, and no finer than the file. At this quality it takes about 1 % of a
# photograph coded at quality 75; one coarser than the other is a blur.
FINEST_QUALITY = 60
COARSEST_QUALITY = 0


def encode_preview(pixels: Pixels, settings: Settings, *, step_index: int, other_bytes: int) -> CodedPreview | None:
    """Codes the preview of a picture as finely as its share of the file allows.

    Args:
        pixels: uint8 [H, W, C], the whole picture.
        settings: effort, tune and threads count.
        step_index: of the base layer of the picture, 0..223.
        other_bytes: size of the rest of the file.

    Returns:
        The preview, or None where even the coarsest would take more than its share.
    """
    small = reduce_picture(pixels)
    size_limit = MAX_SHARE_PERCENT * other_bytes // (100 - MAX_SHARE_PERCENT)

    @functools.cache
    def encode_at(step: int) -> CodedPreview:
        layer = encode_base(
            small,
            step_index=step,
            tune=settings.tune_index,
            effort=settings.effort,
            tile_log2=preview_tile_log2(small.shape[1], small.shape[0]),
            threads=1,
        )
        return CodedPreview(
            layer.parameters, layer.colour_tiles[0], layer.alpha_tiles[0] if layer.alpha_tiles else None
        )

    def fits(step: int) -> bool:
        return len(write_preview(encode_at(step))) <= size_limit

    finest = max(step_index, settings.quality_step(FINEST_QUALITY))
    coarsest = max(finest, settings.quality_step(COARSEST_QUALITY))
    step = finest if fits(finest) else first_fitting(fits, finest, coarsest)
    return encode_at(step) if fits(step) else None
