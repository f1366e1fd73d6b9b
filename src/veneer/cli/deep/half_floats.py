"""Pictures of half floats, which most formats and measures have no place for."""

from __future__ import annotations

from typing import Any

import numpy.typing

from veneer.cli.failure import FileFailure
from veneer.half_floats import is_half


def refuse_half_floats(pixels: numpy.typing.NDArray[Any], use: str) -> None:
    """Raises FileFailure for half floats; `use` says what cannot be done with them, such as "PNG cannot hold"."""
    if is_half(pixels):
        raise FileFailure(f"has half floats, which {use}", "veneer.decode gives them in Python, as float16")
