"""Writes the tables of the specification that are too long to print.

`tables/warm_start.bin` holds the numbers of native/base/warm_tables_generated.inc, 16 bits each and little-endian, in
their order; its SHA-256 goes into format.md. Run again whenever the tables are trained:

    python docs/make_tables.py
"""

from __future__ import annotations

import hashlib
import re
import struct
from pathlib import Path

DOCS = Path(__file__).parent
WARM_SOURCE = DOCS.parent / "native" / "base" / "warm_tables_generated.inc"
WARM_FILE = DOCS / "tables" / "warm_start.bin"
HASH = re.compile(r"(?<=with the SHA-256\n\n```\n)[0-9a-f]{64}(?=\n```)")


def warm_start() -> bytes:
    """The warm-start tables, uint16 [classes, models], as bytes."""
    declaration, _, body = WARM_SOURCE.read_text().partition("kWarmTables")[2].partition("=")
    classes, models = map(int, re.findall(r"\[(\d+)\]", declaration))
    entries = [int(entry) for entry in re.findall(r"\d+", body)]
    if len(entries) != classes * models:
        raise ValueError(f"{WARM_SOURCE} has {len(entries)} entries instead of {classes} x {models}")
    return struct.pack(f"<{len(entries)}H", *entries)


def main() -> None:
    """Writes the file and its hash."""
    data = warm_start()
    WARM_FILE.parent.mkdir(exist_ok=True)
    WARM_FILE.write_bytes(data)
    document = DOCS / "format.md"
    text, count = HASH.subn(hashlib.sha256(data).hexdigest(), document.read_text())
    if count != 1:
        raise ValueError("format.md has no place for the hash")
    document.write_text(text)


if __name__ == "__main__":
    main()
