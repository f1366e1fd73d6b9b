"""Writes the tables of the specification as numbers that C++ includes in an array.

The one source of a table is its binary file in docs/tables. setup.py, CMakeLists.txt and fuzz/run.py call this when
they build:

    python native/embed_tables.py FOLDER
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

TABLES = Path(__file__).parents[1] / "docs" / "tables"
FORMATS = {"warm_start": "H", "trained_4x4": "b"}  # of struct


def embed_tables(folder: Path) -> None:
    """Writes NAME.inc for each table. A file that would be the same is left alone, so that nothing is built again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, form in FORMATS.items():
        data = (TABLES / f"{name}.bin").read_bytes()
        numbers = [str(number) for (number,) in struct.iter_unpack(f"<{form}", data)]
        text = "".join(",".join(numbers[i : i + 16]) + ",\n" for i in range(0, len(numbers), 16))
        path = folder / f"{name}.inc"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    embed_tables(Path(sys.argv[1]))
