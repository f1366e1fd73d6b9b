"""The encode path of lossless files: samples of 1 to 16 bits to tiles of the modular base. Encoder only.

samples -> tiles, each in the form that is smallest -> preview of the upper bits -> container
Source: docs/format.md, "Modular base", for the result; how tiles are coded is the encoder's choice.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy
import numpy.typing

from veneer import backend, stages
from veneer.bitstream import syntax
from veneer.bitstream.container import Metadata, write_contents
from veneer.bitstream.contents import head_of_picture
from veneer.colour.codes import Cicp
from veneer.enc_preview import encode_preview
from veneer.errors import ErrorCode, VeneerError
from veneer.half_floats import is_half, ordered_bits
from veneer.sample_depth import as_bytes
from veneer.settings import Settings

Samples = numpy.typing.NDArray[Any]  # uint8, uint16 or float16 [H, W, C]

# The preview of a lossless file is about as fine as that of a lossy one of this quality.
PREVIEW_QUALITY = 90


def encode_lossless(samples: Samples, depth: int, settings: Settings, metadata: Metadata, cicp: Cicp) -> bytes:
    """Encodes what has been checked.

    Args:
        samples: uint8 or uint16 [H, W, C], C-contiguous, of 0 .. 2^depth - 1; or float16, which are kept bit by bit.
        depth: 1..16; of float16 16.
        settings: lossless ones.
        metadata: for the metadata chunks.
        cicp: the colour space.

    Returns:
        The file.
    """
    height, width, channels = samples.shape
    half = is_half(samples)
    if half:
        samples = ordered_bits(samples)
    tile_log2 = settings.tile_log2(width, height)
    tiles = backend.encode_modular(
        samples,
        depth=depth,
        effort=settings.effort,
        max_error=settings.max_error,
        exact=settings.exact or half,
        tile_log2=tile_log2,
        threads=backend.thread_count(settings.threads),
    )
    head = head_of_picture(
        (width, height, channels),
        cicp,
        base_kind=syntax.MODULAR,
        tile_log2=tile_log2,
        tune=settings.tune_index,
        bit_depth=depth,
        max_error=settings.max_error,
        sample_format=syntax.HALF_FLOATS if half else syntax.INTEGERS,
    )
    stages.pass_done()
    write = functools.partial(write_contents, head, metadata, tiles, [])
    data = write()
    if settings.wants_preview(width, height) and not half:
        step = settings.quality_step(PREVIEW_QUALITY)
        shown = as_bytes(samples, depth)
        data = write(preview=encode_preview(shown, settings, step_index=step, other_bytes=len(data)))
    return data


def check_half_floats(settings: Settings) -> None:
    """Refuses settings that half floats cannot be coded with.

    Raises:
        VeneerError: BAD_PIXELS or BAD_SETTING.
    """
    if not settings.lossless:
        what = "pixels of float16 are coded without loss alone: give lossless=True, or convert them to uint8 or uint16"
        raise VeneerError(ErrorCode.BAD_PIXELS, what)
    if settings.max_error:
        raise VeneerError(ErrorCode.BAD_SETTING, "max_error has no meaning with pixels of float16; leave it out")
    if settings.preview:
        raise VeneerError(ErrorCode.BAD_SETTING, "files of float16 pixels have no preview; leave preview out")


def check_depth(samples: Samples, depth: int | None) -> int:
    """The bits of a sample: what the caller says, else 8 of uint8, 16 of uint16 and float16.

    Raises:
        VeneerError: BAD_PIXELS, where there are values above those of so many bits.
    """
    own = 8 * samples.dtype.itemsize
    if depth is None:
        return own
    if is_half(samples):
        if depth != own:
            text = f"pixels of float16 have 16 bits a sample, not {depth}; leave depth out"
            raise VeneerError(ErrorCode.BAD_PIXELS, text)
        return own
    if depth > own:
        text = f"depth {depth} needs an array of uint16, not of {samples.dtype}"
        raise VeneerError(ErrorCode.BAD_PIXELS, text)
    largest = int(samples.max()) if depth < own else 0
    if largest >= 1 << depth:
        text = f"a sample is {largest}, but with depth {depth} the largest value is {(1 << depth) - 1}"
        raise VeneerError(ErrorCode.BAD_PIXELS, text)
    return depth
