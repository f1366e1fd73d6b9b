"""Latents and filters of a tile to a payload and back.

Place: between `entropy_model.py`, which says how each latent is distributed, and the range coder.
Source: docs/format.md, "Latents" and "Filters".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy
import numpy.typing

from veneer import backend
from veneer.enhancement import filters
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.filters import MAX_CLASSES, TileFilters
from veneer.enhancement.networks import Latents

# uint8 [rows, columns, C], 0..63.
Indices = numpy.typing.NDArray[numpy.uint8]

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
    tile = None if values is None else filters.from_values(counts, values[1 + planes :].tolist())
    if tile is None:
        return None
    if not more or latent_indices is None:
        return tile, None
    index = latent_indices()
    every = _read(data, numpy.append(indices, index))
    return None if every is None else (tile, every[len(indices) :].reshape(index.shape))


def _write(values: Sequence[int] | Latents, index: Sequence[int] | Indices) -> bytes:
    symbols = (numpy.asarray(values, numpy.int16) + MAX_VALUE).astype(numpy.uint8)
    data = backend.encode_with_tables(symbols, numpy.asarray(index, numpy.uint8), *_tables())
    return data or _NEARLY_EMPTY


def _read(data: bytes, index: Sequence[int] | Indices) -> Latents | None:
    symbols = backend.decode_with_tables(data, numpy.asarray(index, numpy.uint8), *_tables())
    return None if symbols is None else symbols.astype(numpy.int16) - numpy.int16(MAX_VALUE)


def _tables() -> tuple[numpy.typing.NDArray[numpy.uint32], int]:
    return cumulative_frequencies(), PRECISION
