"""Results in CSV files that grow row by row, so that a run that was stopped can resume.

Place: `bench.py` writes them, `summary.py` reads them.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

Row = dict[str, str]


class Records:
    """A CSV file whose rows have a key; a file that is older than a column is read with that column empty.

    Args:
        path: of the file; it is made with its folder where it is not there.
        fields: names of its columns.
        key: columns that tell rows apart; a later row takes the place of an earlier one.

    Raises:
        ValueError: the file has columns that are not among these, or lacks some of the key.
    """

    def __init__(self, path: Path, fields: Sequence[str], key: Sequence[str]) -> None:
        self.path, self.fields, self.key = path, tuple(fields), tuple(key)
        self.rows: dict[tuple[str, ...], Row] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            self._read()
        else:
            self._write_all()

    def get(self, *key: object) -> Row | None:
        """The row of a key, or None."""
        return self.rows.get(tuple(map(str, key)))

    def add(self, rows: Iterable[Row]) -> None:
        """Adds rows and has them on disk before it returns."""
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, self.fields)
            for row in rows:
                writer.writerow(row)
                self.rows[self._key_of(row)] = row
            file.flush()
            os.fsync(file.fileno())

    def compact(self) -> None:
        """Writes the file anew, sorted, without rows that were replaced."""
        self._write_all()

    def _key_of(self, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key)

    def _read(self) -> None:
        with self.path.open(newline="") as file:
            reader = csv.DictReader(file)
            there = tuple(reader.fieldnames or ())
            if not set(self.key) <= set(there) <= set(self.fields):
                raise ValueError(f"{self.path} has other columns; move it away or choose another folder")
            added = dict.fromkeys(self.fields, "")
            for row in reader:
                if None not in row.values():  # a line that was cut when the machine stopped
                    self.rows[self._key_of(row)] = added | row
        if there != self.fields or not self.path.read_bytes().endswith(b"\n"):
            self._write_all()

    def _write_all(self) -> None:
        temporary = self.path.with_name(f".{self.path.name}.part")
        with temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.fields)
            writer.writeheader()
            writer.writerows(self.rows[key] for key in sorted(self.rows, key=_natural))
        temporary.replace(self.path)


def _natural(key: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """Sorts numbers by value and before words."""
    return tuple((float(part), "") if _is_number(part) else (float("inf"), part) for part in key)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
