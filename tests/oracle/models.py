"""Models as the oracle has them: those of the reference decoder, which keeps graphs and arrays.

Source: docs/format.md, "Layout of weight files and model files".
"""

from __future__ import annotations

import functools

from veneer.enhancement.models import Entry, check_id, file_of, weights_of
from veneer.reference.weights import Model, model_of


def load(entry: Entry) -> Model:
    """The networks of a model; raises as `veneer.enhancement.models.load`."""
    model = _read(entry)
    check_id(entry, model.id)
    return model


@functools.lru_cache(maxsize=4)
def _read(entry: Entry) -> Model:
    return model_of(file_of(entry), functools.partial(weights_of, entry))
