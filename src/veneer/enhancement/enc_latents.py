"""Encoder: latents and filters of a tile to a payload.

Place: between the networks, which say how each latent is distributed, and the range coder.
Source: docs/format.md, "Latents" and "Filters".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from veneer import backend
from veneer.enhancement import filters
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.filters import TileFilters
from veneer.enhancement.networks import Indices, Latents

# A stream that may be left out of a chunk, for latents that are not all 0.
_NEARLY_EMPTY = b"\0"


def write_latents(y: Latents, index: Indices) -> bytes:
    """The field Data of a tile without filters.

    Args:
        y: the latents.
        index: their distributions, of the same shape.

    Returns:
        One stream of the range coder, empty where all latents are 0.
    """
    return _write(y.ravel(), index.ravel()) if y.any() else b""


def write_filters(tile: TileFilters, y: Latents | None, index: Indices | None) -> bytes:
    """The field Data of a tile with filters.

    Args:
        tile: the filters.
        y: latents; None for none, or where all are 0.
        index: their distributions, of the same shape.
    """
    counts, values = filters.to_values(tile)
    symbols = [int(y is not None), *counts, *values]
    indices = [*filters.head_indices(len(tile.planes)), *filters.value_indices(counts)]
    if y is None or index is None:
        return _write(symbols, indices)
    return _write(numpy.append(symbols, y), numpy.append(indices, index))


def _write(values: Sequence[int] | Latents, index: Sequence[int] | Indices) -> bytes:
    symbols = (numpy.asarray(values, numpy.int16) + MAX_VALUE).astype(numpy.uint8)
    data = backend.encode_with_tables(symbols, numpy.asarray(index, numpy.uint8), cumulative_frequencies(), PRECISION)
    return data or _NEARLY_EMPTY
