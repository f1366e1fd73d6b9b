"""Latents of a tile to a payload and back.

Place: between `entropy_model.py`, which says how each latent is distributed, and the range coder.
Source: docs/format.md, "Latents".
"""

from __future__ import annotations

import numpy
import numpy.typing

from veneer import backend
from veneer.enhancement.networks import Latents
from veneer.entropy.distributions import MAX_VALUE, PRECISION, cumulative_frequencies

# uint8 [rows, columns, C], 0..63.
Indices = numpy.typing.NDArray[numpy.uint8]

# A stream that may be left out of a chunk, for latents that are not all 0.
_NEARLY_EMPTY = b"\0"


def write_latents(y: Latents, index: Indices) -> bytes:
    """The field Data of a tile.

    Args:
        y: the latents.
        index: their distributions, of the same shape.

    Returns:
        One stream of the range coder, empty where all latents are 0.
    """
    if not y.any():
        return b""
    symbols = (y.ravel() + MAX_VALUE).astype(numpy.uint8)
    data = backend.encode_with_tables(symbols, numpy.ascontiguousarray(index).ravel(), *_tables())
    return data or _NEARLY_EMPTY


def read_latents(data: bytes, index: Indices) -> Latents | None:
    """The latents of a tile.

    Args:
        data: the field Data, not empty.
        index: distributions of the latents.

    Returns:
        Latents in the shape of `index`; None where the data are no stream.
    """
    symbols = backend.decode_with_tables(data, numpy.ascontiguousarray(index).ravel(), *_tables())
    return None if symbols is None else symbols.reshape(index.shape).astype(numpy.int16) - numpy.int16(MAX_VALUE)


def estimate_bits(y: Latents, index: Indices) -> float:
    """What the distributions say that latents take."""
    cdf = cumulative_frequencies().astype(numpy.int64)
    shares = (cdf[:, 1:] - cdf[:, :-1])[index, y.astype(numpy.int64) + MAX_VALUE]
    return float((PRECISION - numpy.log2(shares)).sum())


def _tables() -> tuple[numpy.typing.NDArray[numpy.uint32], int]:
    return cumulative_frequencies(), PRECISION
