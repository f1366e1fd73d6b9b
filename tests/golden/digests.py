"""Digests of what encoding makes of the pictures, and decoding of that.

`python tests/golden/digests.py` writes `digests.tsv` anew; do so only with a change that is meant to change bytes, and
say in its commit which and why.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from pictures import PICTURES, Pixels

import veneer
from veneer.settings import LAYERS, TUNES

FILE = Path(__file__).parent / "digests.tsv"
EFFORTS = (1, 3, 5, 7, 9)
# Steps from fine to so coarse that a base layer of half size is tried; each picture has one of them.
STEPS = (112, 84, 144, 100)


class Case(NamedTuple):
    """One way to encode one picture."""

    picture: str
    effort: int
    tune: str
    layers: str


class Digests(NamedTuple):
    """SHA-256, the first 20 digits, of a file and of what is decoded of it."""

    file: str
    decoded: str
    base: str
    realism_1: str


def cases() -> Iterator[Case]:
    """All cases, picture by picture."""
    yield from itertools.starmap(Case, itertools.product(PICTURES, EFFORTS, TUNES, LAYERS))


def digests_of(case: Case) -> Digests:
    """What the code as it is makes of a case."""
    number = list(PICTURES).index(case.picture)
    data = veneer.encode(
        PICTURES[case.picture](),
        step_index=STEPS[number % len(STEPS)],
        effort=case.effort,
        tune=case.tune,
        layers=case.layers,
        tile_size=64 if number % 2 else None,
        preview=number % 3 == 0,
    )
    return Digests(
        _digest(data),
        _digest(veneer.decode(data)),
        _digest(veneer.decode(data, layers="base")),
        _digest(veneer.decode(data, realism=1.0)),
    )


def read_digests() -> dict[Case, Digests]:
    """Those that are pinned."""
    with open(FILE, newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        next(rows)
        return {Case(row[0], int(row[1]), row[2], row[3]): Digests(*row[4:]) for row in rows}


def write_digests() -> None:
    """Pins what the code as it is makes."""
    with open(FILE, "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow((*Case._fields, *Digests._fields))
        writer.writerows((*case, *digests_of(case)) for case in cases())


def _digest(data: bytes | Pixels) -> str:
    return hashlib.sha256(data if isinstance(data, bytes) else data.tobytes()).hexdigest()[:20]


if __name__ == "__main__":
    write_digests()
