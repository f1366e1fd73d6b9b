"""What a batch has done so far, in an SQLite file: each result is entered once it is in its place.

One process writes; a second batch on the same journal is refused while the first runs. A journal may serve several
batches, since results are told apart by their full names.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from veneer.cli.batch.places import Entry
from veneer.cli.batch.work import Job, Outcome
from veneer.cli.failure import FileFailure

JOURNAL_VERSION = 1

_SCHEMA = """
CREATE TABLE files (
    target TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    version TEXT NOT NULL,      -- of the source, as its file system tells it
    settings TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed')),
    source_bytes INTEGER NOT NULL DEFAULT 0,
    target_bytes INTEGER NOT NULL DEFAULT 0,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    psnr_db REAL,
    sha256 TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID
"""

COLUMNS = (
    "source",
    "target",
    "state",
    "source_bytes",
    "target_bytes",
    "width",
    "height",
    "psnr_db",
    "seconds",
    "sha256",
    "message",
)


@dataclasses.dataclass(frozen=True)
class Record:
    """What the journal knows of a result.

    Attributes:
        source: what it was made of.
        version: of the source.
        settings: fingerprint of the recipe.
        state: "planned", "done" or "failed".
        target_bytes: its size.
        message: why it failed, or what was noted.
    """

    source: str
    version: str
    settings: str
    state: str
    target_bytes: int
    message: str


class Journal:
    """The journal of a batch.

    Args:
        path: the SQLite file, made where it is missing.

    Raises:
        FileFailure: it cannot be opened, is something else, or is in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=1, isolation_level=None)
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute("BEGIN EXCLUSIVE")
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._database.execute(_SCHEMA)
                self._database.execute(f"PRAGMA user_version = {JOURNAL_VERSION}")
            self._database.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise _failure(path, error) from error
        if version not in (0, JOURNAL_VERSION):
            raise FileFailure(f"{path} is a journal of another version", "name another one with --journal")

    def close(self) -> None:
        """Lets go of the file."""
        self._database.close()

    def records(self) -> dict[str, Record]:
        """What is known, by target."""
        columns = ", ".join(("target", *(field.name for field in dataclasses.fields(Record))))
        rows = self._database.execute(f"SELECT {columns} FROM files")  # noqa: S608 - names of our own
        return {target: Record(*fields) for target, *fields in rows}

    def plan(self, jobs: Iterable[tuple[Job, Entry]], settings: str) -> None:
        """Enters what is going to be made, so that it is known as this batch's own whenever it appears."""
        rows = [(job.target, job.source, entry.version, settings) for job, entry in jobs]
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT OR REPLACE INTO files (target, source, version, settings, state) VALUES (?, ?, ?, ?, 'planned')",
            rows,
        )
        self._database.execute("COMMIT")

    def enter(self, outcome: Outcome) -> None:
        """Enters what came of a job that was planned."""
        fields = dataclasses.asdict(outcome)
        failure, note, target = (fields.pop(name) for name in ("failure", "note", "target"))
        fields |= {"state": "failed" if failure else "done", "message": failure or note}
        assignments = ", ".join(f"{name} = :{name}" for name in fields)
        self._database.execute(f"UPDATE files SET {assignments} WHERE target = :target", {**fields, "target": target})  # noqa: S608 - names of our own

    def rows(self, targets: Iterable[str]) -> Iterator[dict[str, Any]]:
        """All that is known of each result: the columns of the table by name."""
        query = f"SELECT {', '.join(COLUMNS)} FROM files WHERE target = ?"  # noqa: S608 - names of our own
        for target in targets:
            for values in self._database.execute(query, (target,)):
                yield dict(zip(COLUMNS, values, strict=True))


def _failure(path: Path, error: Exception) -> FileFailure:
    if "locked" in str(error):
        return FileFailure(f"another batch is using the journal {path}", "wait for it, or name another with --journal")
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return FileFailure(f"{path} is no journal", "name another file with --journal")
    return FileFailure(f"the journal {path}: {error}", "name a place that can be written with --journal")
