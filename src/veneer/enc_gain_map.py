"""Gain maps as callers give them, brought to what a file holds. Encoder only.

Source: docs/format.md, "Gain maps".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from veneer.bitstream.syntax import SHIFTED, CodedGainMap
from veneer.errors import ErrorCode, VeneerError
from veneer.gain_maps import CHANNELS, METADATA_KINDS, GainMap, checked_front
from veneer.settings import Settings

# Of arrays in lossy files: errors of a map are errors of brightness, as large as the map's range.
MAP_QUALITY = 90


def coded_gain_map(gain_map: object, settings: Settings, encode: Callable[..., bytes]) -> CodedGainMap | None:
    """The fields of the chunk gMAP.

    Args:
        gain_map: a `GainMap`; None for none.
        settings: of the picture.
        encode: `veneer.encode`.

    Raises:
        VeneerError: BAD_METADATA where it is something else, or its picture no gain map.
    """
    if gain_map is None:
        return None
    if not isinstance(gain_map, GainMap):
        raise VeneerError(ErrorCode.BAD_METADATA, f"gain_map must be a GainMap, not {type(gain_map).__name__}")
    icc = gain_map.alternate_icc or b""
    return CodedGainMap(
        METADATA_KINDS.index(gain_map.metadata_kind),
        len(gain_map.metadata),
        gain_map.metadata,
        *gain_map.alternate_cicp,
        len(icc),
        icc,
        _coded_picture(gain_map, settings, encode).translate(SHIFTED),
    )


def _coded_picture(gain_map: GainMap, settings: Settings, encode: Callable[..., bytes]) -> bytes:
    """The Veneer file of the map."""
    picture, effort, threads = gain_map.picture, settings.effort, settings.threads
    if not isinstance(picture, bytes):
        if settings.lossless or picture.dtype != numpy.uint8:
            how: dict[str, Any] = {"lossless": True}
        else:
            how = {"quality": MAP_QUALITY, "layers": "base", "tune": "psnr"}
        return encode(picture, effort=effort, threads=threads, preview=False, **how)
    try:
        if gain_map.is_jpeg:
            from veneer.enc_jpeg import encode_jpeg  # which few pictures need

            if gain_map.shape[2] not in CHANNELS:
                raise VeneerError(ErrorCode.BAD_JPEG, "it has no 1 or 3 components")
            return encode_jpeg(picture, restored=False, effort=effort, threads=threads)
        checked_front(picture, max_pixels=1 << 62)
    except VeneerError as error:
        raise VeneerError(ErrorCode.BAD_METADATA, f"the picture of the gain map cannot be used: {error}") from error
    return picture
