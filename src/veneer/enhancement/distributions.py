"""The 64 distributions that latents are coded with, as the core has them.

Distribution i is a Laplace distribution of the scale b = 2^((i - 32) / 7), over -127..127.
Source: docs/format.md, "Latents".
"""

from __future__ import annotations

import functools

import numpy
import numpy.typing

from veneer import backend

COUNT = 64
MAX_VALUE = 127
PRECISION = 24  # bits of a whole distribution


@functools.cache
def cumulative_frequencies() -> numpy.typing.NDArray[numpy.uint32]:
    """Cumulative frequencies of the values from -127 on.

    Returns:
        uint32 [64, 256], each row rising strictly from 0 to 2^24; value v is symbol v + 127. Not writable.
    """
    table = backend.latent_frequencies()
    table.flags.writeable = False
    return table
