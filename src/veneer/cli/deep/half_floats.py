"""Pictures of half floats, which few formats and no measures have a place for."""

from __future__ import annotations

from typing import Any

import numpy.typing

from veneer.cli.failure import FileFailure
from veneer.half_floats import is_half, ordered_bits


def refuse_half_floats(pixels: numpy.typing.NDArray[Any], use: str) -> None:
    """Raises FileFailure for half floats; `use` says what cannot be done with them, such as "PNG cannot hold"."""
    if is_half(pixels):
        raise FileFailure(f"has half floats, which {use}", "decode it to .exr, or in Python, where it is float16")


def check_coding(pixels: numpy.typing.NDArray[Any], *, lossless: bool) -> None:
    """Raises FileFailure for half floats that are to be coded with losses."""
    if is_half(pixels) and not lossless:
        raise FileFailure("has half floats, which are coded without loss alone", "add --lossless")


def comparable(pixels: numpy.typing.NDArray[Any]) -> numpy.typing.NDArray[Any]:
    """Whole numbers that are equal where all bits are: of half floats their ordered bits."""
    return ordered_bits(pixels) if is_half(pixels) else pixels
