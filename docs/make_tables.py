"""Writes `tables/latents.bin`, and the SHA-256 of each table of the specification into format.md.

`tables/latents.bin` holds the shares of the distributions of latents, 32 bits each. `tables/warm_start.bin` and
`tables/trained_4x4.bin` are sources themselves, written where they are trained; the core is built with them
(native/embed_tables.py). Run again whenever tables are trained:

    PYTHONPATH=src python docs/make_tables.py
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy

from veneer.entropy import distributions

DOCS = Path(__file__).parent
TABLES = DOCS / "tables"
# Where format.md has the hash of each file.
HASH = r"(`tables/{name}`.*?with the SHA-256\n\n```\n)\w+(?=\n```)"


def latents() -> bytes:
    """Shares of the magnitudes 0..127 in each distribution, uint32 [64, 128], as bytes."""
    shares = numpy.diff(distributions.cumulative_frequencies().astype(numpy.int64), axis=1)
    return shares[:, distributions.MAX_VALUE :].astype("<u4").tobytes()


def main() -> None:
    """Writes the file and the hashes."""
    document = DOCS / "format.md"
    text = document.read_text()
    (TABLES / "latents.bin").write_bytes(latents())
    for name in ("warm_start.bin", "trained_4x4.bin", "latents.bin"):
        data = (TABLES / name).read_bytes()
        place = re.compile(HASH.format(name=re.escape(name)), re.DOTALL)
        text, count = place.subn(lambda match, data=data: match[1] + hashlib.sha256(data).hexdigest(), text)
        if count != 1:
            raise ValueError(f"format.md has no place for the hash of {name}")
    document.write_text(text)


if __name__ == "__main__":
    main()
