"""Encoder: a base picture as networks read it.

Source: docs/format.md, "Inputs of networks".
"""

from __future__ import annotations

import dataclasses

from veneer.base.layer import BaseDecoding, interpolate
from veneer.bitstream.syntax import BaseParameters
from veneer.enhancement.base_picture import BasePicture

DEPENDENT_QUANTIZATION = 1  # bit of Tools
_DEPENDENT_SETTING = 16


def base_picture(decoding: BaseDecoding, parameters: BaseParameters, scale: int) -> BasePicture:
    """What networks read of a decoded base."""
    dependent = _DEPENDENT_SETTING if parameters.tools & DEPENDENT_QUANTIZATION else 0
    settings = (parameters.co_step_offset, parameters.cg_step_offset, parameters.matrix, dependent)
    return BasePicture(decoding.quarters, decoding.maps, decoding.steps, settings, scale)


def with_interpolation(base: BasePicture, threads: int) -> BasePicture:
    """The base picture with what it is at full size, where that is more than the base."""
    if base.scale == 1:
        return base
    return dataclasses.replace(base, interpolated=interpolate(base.quarters, threads))
