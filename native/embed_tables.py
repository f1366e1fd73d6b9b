"""Writes the tables of the specification as numbers that C++ includes in an array, and what follows from them.

The one source of a table is its binary file in docs/tables. What follows is the encoder's side of the trained
transform, the inverses of its matrices, and the cumulative frequencies of latents. setup.py, CMakeLists.txt and
fuzz/run.py call this when they build:

    python native/embed_tables.py FOLDER
"""

from __future__ import annotations

import itertools
import struct
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

TABLES = Path(__file__).parents[1] / "docs" / "tables"
FORMATS = {"warm_start": "H", "trained_4x4": "b", "latents": "I", "jpeg_levels": "H", "jpeg_dictionary": "B"}
COUNT = 16  # coefficients of a block of 4 x 4
TRAINED_SHIFT, FORWARD_SHIFT = 7, 10
MAGNITUDES = 128  # of latents


def embed_tables(folder: Path) -> None:
    """Writes NAME.inc for each table. A file that would be the same is left alone, so that nothing is built again."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        name: [number for (number,) in struct.iter_unpack(f"<{form}", (TABLES / f"{name}.bin").read_bytes())]
        for name, form in FORMATS.items()
    }
    tables["trained_4x4_forward"] = forward_matrices(tables["trained_4x4"])
    tables["latent_frequencies"] = cumulative_frequencies(tables.pop("latents"))
    for name, numbers in tables.items():
        rows = (numbers[i : i + COUNT] for i in range(0, len(numbers), COUNT))
        text = "".join(",".join(map(str, row)) + ",\n" for row in rows)
        path = folder / f"{name}.inc"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def cumulative_frequencies(shares: Sequence[int]) -> list[int]:
    """For each distribution, given as the shares of the magnitudes, the cumulative frequencies of -127..127."""
    numbers: list[int] = []
    for first in range(0, len(shares), MAGNITUDES):
        half = shares[first : first + MAGNITUDES]
        numbers += itertools.accumulate([*half[:0:-1], *half], initial=0)
    return numbers


def forward_matrices(trained: Sequence[int]) -> list[int]:
    """For each matrix of the trained transform, in 1 / 2^7, the one that undoes it, in 1 / 2^FORWARD_SHIFT.

    Entries of 8 bits are not quite orthogonal: the transpose would be wrong by half a percent of each coefficient.
    """
    numbers: list[int] = []
    for first in range(0, len(trained), COUNT**2):
        rows = [trained[at : at + COUNT] for at in range(first, first + COUNT**2, COUNT)]
        for column in zip(*inverse(rows), strict=True):
            numbers += [round(entry * (1 << TRAINED_SHIFT + FORWARD_SHIFT)) for entry in column]
    return numbers


def inverse(matrix: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """The inverse of a matrix of integers, exactly.

    Source: Bareiss, "Sylvester's Identity and Multistep Integer-Preserving Gaussian Elimination", 1968.
    """
    size = len(matrix)
    rows = [[*row, *(int(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    divisor = 1
    for c in range(size):
        chosen = max(range(c, size), key=lambda r: abs(rows[r][c]))
        rows[c], rows[chosen] = rows[chosen], rows[c]
        pivot = rows[c]
        for r in range(size):
            if r != c:
                factor = rows[r][c]
                rows[r] = [(pivot[c] * x - factor * y) // divisor for x, y in zip(rows[r], pivot, strict=True)]
        divisor = pivot[c]
    return [[Fraction(x, row[i]) for x in row[size:]] for i, row in enumerate(rows)]


if __name__ == "__main__":
    embed_tables(Path(sys.argv[1]))
