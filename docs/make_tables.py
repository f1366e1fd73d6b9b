"""Writes `tables/latents.bin`, and the SHA-256 of each table of the specification into format.md.

`tables/latents.bin` holds the shares of the distributions of latents, 32 bits each, which are computed here.
`tables/warm_start.bin`, `tables/trained_4x4.bin` and `tables/jpeg_levels.bin` are sources, written where they
are trained. The core is built with all of them (native/embed_tables.py); the reference decoder reads them. Run again
whenever tables are trained:

    python docs/make_tables.py
"""

from __future__ import annotations

import hashlib
import re
import struct
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from pathlib import Path

DOCS = Path(__file__).parent
TABLES = DOCS / "tables"
# Where format.md has the hash of each file.
HASH = r"(`tables/{name}`.*?with the SHA-256\n\n```\n)\w+(?=\n```)"

# Distribution i is a Laplace distribution of the scale b = 2^((i - 32) / 7), from 0.04 to 21.5, over -127..127.
DISTRIBUTIONS = 64
UNIT_INDEX = 32  # has b = 1
PER_OCTAVE = 7
MAX_VALUE = 127
SYMBOLS = 2 * MAX_VALUE + 1
# Bits of a whole distribution: the most that the range coder takes. Every symbol has a frequency of at least 1, which
# takes 255 / 2^24 of the whole away from the others.
PRECISION = 24


def latents() -> bytes:
    """Shares of the magnitudes 0..127 in each distribution, uint32 [64, 128], as bytes.

    They are computed with `decimal`, whose exponential and logarithm are correctly rounded, so that they are the same
    everywhere.
    """
    with localcontext(Context(prec=40)):
        return b"".join(struct.pack(f"<{MAX_VALUE + 1}I", *_shares(index)) for index in range(DISTRIBUTIONS))


def _shares(index: int) -> list[int]:
    """Floors of the shares of -127..127, at least 1, for 0..127; 0 takes what is left."""
    rate = (Decimal(2).ln() * (UNIT_INDEX - index) / PER_OCTAVE).exp()  # 1 / b
    spare = (1 << PRECISION) - SYMBOLS
    # The integral of exp(-t / b) / 2b over v - 1/2 .. v + 1/2, as a share of that over -127.5 .. 127.5.
    within = 1 - (-rate * (MAX_VALUE + Decimal("0.5"))).exp()
    first = (1 - (-rate).exp()) * (-rate / 2).exp() / (2 * within) * spare
    tail = [
        1 + int((first * (-rate * (value - 1)).exp()).to_integral_value(ROUND_FLOOR))
        for value in range(1, MAX_VALUE + 1)
    ]
    return [(1 << PRECISION) - 2 * sum(tail), *tail]


def main() -> None:
    """Writes the file and the hashes."""
    document = DOCS / "format.md"
    text = document.read_text()
    (TABLES / "latents.bin").write_bytes(latents())
    for name in ("warm_start.bin", "trained_4x4.bin", "latents.bin", "jpeg_levels.bin"):
        data = (TABLES / name).read_bytes()
        place = re.compile(HASH.format(name=re.escape(name)), re.DOTALL)
        text, count = place.subn(lambda match, data=data: match[1] + hashlib.sha256(data).hexdigest(), text)
        if count != 1:
            raise ValueError(f"format.md has no place for the hash of {name}")
    document.write_text(text)


if __name__ == "__main__":
    main()
