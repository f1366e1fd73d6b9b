"""The journal of a batch, an SQLite file: each result is entered once it is in its place.

One process writes; a second batch on the same journal is refused while the first runs. A journal may serve several
batches, since it identifies results by their full names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from veneer.cli.batch.journal_file import REBUILT, journal_failure, open_journal
from veneer.cli.batch.names import Entry
from veneer.cli.batch.work import Job, Outcome
from veneer.cli.failure import FileFailure

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
_OF_RESULTS = frozenset(COLUMNS) - {"source", "target", "state", "message"}  # said of what is done alone


@dataclasses.dataclass(frozen=True)
class Record:
    """A result in the journal.

    Attributes:
        source: what it was made of.
        version: of the source.
        settings: fingerprint of the recipe.
        state: "planned", "done" or "failed".
        target_bytes: size of the last result that was made.
        message: why it failed, or what was noted.
        sha256: of the last result that was made, in hexadecimal; empty where there was none.
        stamp: of that result.
    """

    source: str
    version: str
    settings: str
    state: str
    target_bytes: int
    message: str
    sha256: str
    stamp: str


class Journal:
    """The journal of a batch.

    Args:
        path: the SQLite file, made where it is missing, and made anew of what can be read where it is damaged.

    Attributes:
        notes: notes for the user on the file.
        trouble: why outcomes could not be entered so far; None where all are. They are tried again with each that
            follows.

    Raises:
        FileFailure: it cannot be opened, is something else, or is in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database, self.notes = open_journal(path)
        self._waiting: dict[str, Outcome] = {}
        self.trouble: FileFailure | None = None

    def close(self) -> None:
        """Lets go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    @property
    def may_lack_entries(self) -> bool:
        """Whether results without an entry may be of this journal, since it was damaged."""
        with self._failures():
            return self._database.execute("SELECT 1 FROM facts WHERE name = ?", (REBUILT,)).fetchone() is not None

    def begin_run(self, token: str) -> list[str]:
        """Enters the token of a run; returns those of all runs before, which have ended."""
        with self._failures():
            before = [one for (one,) in self._database.execute("SELECT token FROM runs")]
            self._database.execute("INSERT INTO runs VALUES (?)", (token,))
        return before

    def end_run(self) -> None:
        """Notes that everything that was found has been looked at."""
        with contextlib.suppress(sqlite3.Error):  # else it is looked at again next time
            self._database.execute("DELETE FROM facts WHERE name = ?", (REBUILT,))

    def records(self) -> dict[str, Record]:
        """The entries, by target."""
        columns = ", ".join(("target", *(field.name for field in dataclasses.fields(Record))))
        with self._failures():
            rows = self._database.execute(f"SELECT {columns} FROM files")  # noqa: S608 - names of our own
            return {target: Record(*fields) for target, *fields in rows}

    def plan(self, jobs: Iterable[tuple[Job, Entry]], settings: str) -> None:
        """Enters what is going to be made; what is known of results that stand there stays."""
        rows = [(job.target, job.source, entry.version, settings) for job, entry in jobs]
        with self._failures(), self._transaction():
            self._database.executemany(
                "INSERT INTO files (target, source, version, settings, state) VALUES (?, ?, ?, ?, 'planned') "
                "ON CONFLICT (target) DO UPDATE SET source = excluded.source, version = excluded.version, "
                "settings = excluded.settings, state = 'planned'",
                rows,
            )

    def restamp(self, stamps: dict[str, str]) -> None:
        """Enters stamps of results that are as they were made, though their stamps are others."""
        with self._failures(), self._transaction():
            rows = [(stamp, target) for target, stamp in stamps.items()]
            self._database.executemany("UPDATE files SET stamp = ? WHERE target = ?", rows)

    def enter(self, outcome: Outcome) -> None:
        """Enters what came of a job that was planned; where that fails, says so in `trouble` and keeps it for later."""
        self._waiting[outcome.target] = outcome
        try:
            with self._transaction():
                for one in self._waiting.values():
                    self._update(one)
        except sqlite3.Error as error:
            self.trouble = journal_failure(self._path, error)
        else:
            self._waiting.clear()
            self.trouble = None

    def _update(self, outcome: Outcome) -> None:
        fields = dataclasses.asdict(outcome)
        failure, note = fields.pop("failure"), fields.pop("note")
        if failure:  # an older result may stand there still
            fields = {"target": outcome.target, "seconds": outcome.seconds}
        fields |= {"state": "failed" if failure else "done", "message": failure or note}
        assignments = ", ".join(f"{name} = :{name}" for name in fields if name != "target")
        self._database.execute(f"UPDATE files SET {assignments} WHERE target = :target", fields)  # noqa: S608 - as above

    def rows(self, targets: Iterable[str]) -> Iterator[dict[str, Any]]:
        """All that is known of each result: the columns of the table by name; of damaged entries the target alone."""
        query = f"SELECT {', '.join(COLUMNS)} FROM files WHERE target = ?"  # noqa: S608 - names of our own
        for target in targets:
            values = None
            with contextlib.suppress(sqlite3.Error):
                values = self._database.execute(query, (target,)).fetchone()
            row = dict(zip(COLUMNS, values, strict=True)) if values else {"target": target, "state": "unknown"}
            if target in self._waiting:
                fields = dataclasses.asdict(self._waiting[target])
                row |= {name: value for name, value in fields.items() if name in COLUMNS}
                row |= {
                    "state": "failed" if fields["failure"] else "done",
                    "message": fields["failure"] or fields["note"],
                }
            if row["state"] != "done":
                row |= dict.fromkeys(_OF_RESULTS, "")
            yield row

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise journal_failure(self._path, error) from error
