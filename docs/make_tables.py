"""Writes the tables of the specification that are too long to print.

`tables/warm_start.bin` holds the numbers of native/base/warm_tables_generated.inc, 16 bits each and little-endian, in
their order; `tables/latents.bin` the shares of the distributions of latents, 32 bits each; `tables/trained_4x4.bin` the
matrices of native/base/trained_4x4_generated.inc. Their SHA-256 go into
format.md. Run again whenever the tables are trained:

    PYTHONPATH=src python docs/make_tables.py
"""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

import numpy

from veneer.entropy import distributions

DOCS = Path(__file__).parent
WARM_SOURCE = DOCS.parent / "native" / "base" / "warm_tables_generated.inc"
TRAINED_SOURCE = DOCS.parent / "native" / "base" / "trained_4x4_generated.inc"
TABLES = DOCS / "tables"
# Where format.md has the hash of each file.
HASH = r"(`tables/{name}`.*?with the SHA-256\n\n```\n)\w+(?=\n```)"


def warm_start() -> bytes:
    """The warm-start tables, uint16 [classes, models], as bytes."""
    declaration, _, body = WARM_SOURCE.read_text().partition("kWarmTables")[2].partition("=")
    classes, models = map(int, re.findall(r"\[(\d+)\]", declaration))
    entries = [int(entry) for entry in re.findall(r"\d+", body)]
    if len(entries) != classes * models:
        raise ValueError(f"{WARM_SOURCE} has {len(entries)} entries instead of {classes} x {models}")
    return struct.pack(f"<{len(entries)}H", *entries)


def trained_4x4() -> bytes:
    """The matrices of the trained transform, int8 [classes, 16, 16], as bytes."""
    body = TRAINED_SOURCE.read_text().partition("kTrained4x4")[2].partition("=")[2]
    entries = [int(entry) for entry in re.findall(r"-?\d+", body)]
    return struct.pack(f"<{len(entries)}b", *entries)


def latents() -> bytes:
    """Shares of the magnitudes 0..127 in each distribution, uint32 [64, 128], as bytes."""
    shares = numpy.diff(distributions.cumulative_frequencies().astype(numpy.int64), axis=1)
    return shares[:, distributions.MAX_VALUE :].astype("<u4").tobytes()


def main() -> None:
    """Writes the files and their hashes."""
    TABLES.mkdir(exist_ok=True)
    document = DOCS / "format.md"
    text = document.read_text()
    for name, data in {
        "warm_start.bin": warm_start(),
        "trained_4x4.bin": trained_4x4(),
        "latents.bin": latents(),
    }.items():
        (TABLES / name).write_bytes(data)
        place = re.compile(HASH.format(name=re.escape(name)), re.DOTALL)
        text, count = place.subn(lambda match, data=data: match[1] + hashlib.sha256(data).hexdigest(), text)
        if count != 1:
            raise ValueError(f"format.md has no place for the hash of {name}")
    document.write_text(text)


if __name__ == "__main__":
    main()
