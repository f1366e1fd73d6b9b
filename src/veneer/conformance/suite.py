"""Runs decoders over the vectors.

Source: docs/format.md, "Conformance".
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from veneer.conformance.decoders import Decoder
from veneer.conformance.vectors import Vector

REFUSED = "refused"


@dataclasses.dataclass
class Result:
    """The result of one decoder.

    Attributes:
        name: of the decoder.
        pictures: valid vectors that came out right.
        refusals: invalid vectors that were refused, by our decoders with the right number.
        skipped: vectors that the decoder cannot be given.
        failures: vectors that came out wrong, with what they came out as.
        seconds: that all took.
    """

    name: str
    pictures: int = 0
    refusals: int = 0
    skipped: int = 0
    failures: list[tuple[Vector, str]] = dataclasses.field(default_factory=list)
    seconds: float = 0.0


def run(decoder: Decoder, folder: Path, vectors: Iterable[Vector], step: Callable[[], None] = lambda: None) -> Result:
    """Holds a decoder to vectors; `step` is called after each."""
    result = Result(decoder.name)
    start = time.monotonic()
    for vector in vectors:
        outcome = decoder.outcome(folder, vector)
        if outcome is None:
            result.skipped += 1
        elif outcome != vector.outcome and (vector.valid or outcome != REFUSED):
            result.failures.append((vector, outcome))
        elif vector.valid:
            result.pictures += 1
        else:
            result.refusals += 1
        step()
    result.seconds = time.monotonic() - start
    return result
