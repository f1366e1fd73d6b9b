"""Models as the oracle has them: those of the reference decoder, which keeps graphs and arrays.

Source: docs/format.md, "Layout of a weight file".
"""

from __future__ import annotations

import functools

from veneer.enhancement.models import Entry, check_id, weights_of
from veneer.reference.weights import Model, read_model


def load(entry: Entry) -> Model:
    """The networks of a model; raises as `veneer.enhancement.models.load`."""
    model = _read(weights_of(entry))
    check_id(entry, model.id)
    return model


@functools.lru_cache(maxsize=4)
def _read(data: bytes) -> Model:
    return read_model(data)
