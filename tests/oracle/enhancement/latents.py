"""Latents and filters of a tile from a payload.

Place: between `entropy_model.py`, which says how each latent is distributed, and the range coder.
Source: docs/format.md, "Latents" and "Filters".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy
from oracle.enhancement.filters import from_values

from veneer import _native
from veneer.enhancement import filters
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.filters import MAX_CLASSES, TileFilters
from veneer.enhancement.networks import Indices, Latents


def read_latents(data: bytes, index: Indices) -> Latents | None:
    """The latents of a tile without filters.

    Args:
        data: the field Data, not empty.
        index: distributions of the latents.

    Returns:
        Latents in the shape of `index`; None where the data are no stream.
    """
    values = _read(data, index.ravel())
    return None if values is None else values.reshape(index.shape)


def read_filters(
    data: bytes, planes: int, latent_indices: Callable[[], Indices] | None
) -> tuple[TileFilters, Latents | None] | None:
    """Filters and latents of a tile with filters.

    Args:
        data: the field Data.
        planes: 1 for grey pictures, else 3.
        latent_indices: gives the distributions of the latents; None where `restore` takes none.

    Returns:
        Filters, and latents if there are any; None where the data are no such stream.
    """
    # What there is to read follows from what was read: each time the stream is read a little further.
    indices = filters.head_indices(planes)
    head = _read(data, indices)
    if head is None or not 0 <= head[0] <= 1 or not all(0 <= count <= MAX_CLASSES for count in head[1:]):
        return None
    more, *counts = head.tolist()
    indices = [*indices, *filters.value_indices(counts)]
    values = _read(data, indices)
    tile = None if values is None else from_values(counts, values[1 + planes :].tolist())
    if tile is None:
        return None
    if not more or latent_indices is None:
        return tile, None
    index = latent_indices()
    every = _read(data, numpy.append(indices, index))
    return None if every is None else (tile, every[len(indices) :].reshape(index.shape))


def _read(data: bytes, index: Sequence[int] | Indices) -> Latents | None:
    symbols = _native.decode_with_tables(data, numpy.asarray(index, numpy.uint8), cumulative_frequencies(), PRECISION)
    return None if symbols is None else symbols.astype(numpy.int16) - numpy.int16(MAX_VALUE)
