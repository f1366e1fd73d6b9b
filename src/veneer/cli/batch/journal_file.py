"""The SQLite file of a journal: opening it, older versions of it, and what can be saved of a damaged one."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

from veneer.cli.failure import FileFailure

JOURNAL_VERSION = 2
DEFAULT_NAME = "veneer-batch.sqlite"

# Columns of `files` in version 1; the last one came with version 2.
_FILES_1 = {
    "target": "TEXT PRIMARY KEY",
    "source": "TEXT NOT NULL",
    "version": "TEXT NOT NULL",  # of the source, as its file system tells it
    "settings": "TEXT NOT NULL",
    "state": "TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed'))",
    "source_bytes": "INTEGER NOT NULL DEFAULT 0",
    "target_bytes": "INTEGER NOT NULL DEFAULT 0",
    "width": "INTEGER NOT NULL DEFAULT 0",
    "height": "INTEGER NOT NULL DEFAULT 0",
    "psnr_db": "REAL",
    "sha256": "TEXT NOT NULL DEFAULT ''",
    "seconds": "REAL NOT NULL DEFAULT 0",
    "message": "TEXT NOT NULL DEFAULT ''",
}
_STAMP = "TEXT NOT NULL DEFAULT ''"  # of the result, as its file system tells it
_FILES = {**_FILES_1, "stamp": _STAMP}

_RUNS = "CREATE TABLE runs (token TEXT PRIMARY KEY) WITHOUT ROWID"
_FACTS = "CREATE TABLE facts (name TEXT PRIMARY KEY) WITHOUT ROWID"
REBUILT = "rebuilt"  # a fact: entries may be missing, so that results without one may be this journal's own

_MAGIC = b"SQLite format 3\0"
_VERSION_OFFSET = 60  # of user_version in the head of a database: sqlite.org/fileformat.html
_COMPANIONS = ("", "-wal", "-shm", "-journal")


class DamagedJournal(Exception):
    """The file is a journal, as far as can be told, and cannot be used."""


def open_journal(path: Path) -> tuple[sqlite3.Connection, list[str]]:
    """Opens the journal, made where it is missing and made anew where it is damaged; lines about that as well.

    Raises:
        FileFailure: it cannot be opened, is something else, or is in use.
    """
    _check_kinds(path)
    emptied = path.exists() and path.stat().st_size == 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = _open(path)
        if emptied:
            database.execute("INSERT OR IGNORE INTO facts VALUES (?)", (REBUILT,))
    except DamagedJournal:
        return _rebuild(path)
    except (OSError, sqlite3.Error) as error:
        raise journal_failure(path, error) from error
    return database, []


def _check_kinds(path: Path) -> None:
    """Raises FileFailure where the journal, or a file that belongs to it, is not one that can be opened."""
    for ending in _COMPANIONS:
        name = f"{path}{ending}"
        try:
            mode = os.stat(name).st_mode
        except FileNotFoundError:
            continue
        except OSError as error:
            raise journal_failure(path, error) from error
        if not stat.S_ISREG(mode):
            raise FileFailure(f"the journal {name} is not a regular file", "name another one with --journal")


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        # Bytes that are no text are damage, which then differs from what it is compared with.
        database.text_factory = lambda data: data.decode(errors="replace")
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN EXCLUSIVE")
        _bring_up(database, path)
        database.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        database.close()
        if _is_damage(error) and _is_journal(path):
            raise DamagedJournal from error
        raise
    except BaseException:
        database.close()
        raise
    return database


def _bring_up(database: sqlite3.Connection, path: Path) -> None:
    """Makes the tables of an empty database, or adds what an older version lacks."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > JOURNAL_VERSION:
        raise FileFailure(f"{path} is a journal of another version", "name another one with --journal")
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if ("files" in tables) != (version > 0) or (version == 0 and tables):
        raise FileFailure(f"{path} is the database of another program", "name another file with --journal")
    if version == 0:
        columns = ", ".join(f"{name} {kind}" for name, kind in _FILES.items())
        database.execute(f"CREATE TABLE files ({columns}) WITHOUT ROWID")
    elif version == 1:
        database.execute(f"ALTER TABLE files ADD COLUMN stamp {_STAMP}")
    if version != JOURNAL_VERSION:
        database.execute(_RUNS)
        database.execute(_FACTS)
        database.execute(f"PRAGMA user_version = {JOURNAL_VERSION}")
    found = [name for _, name, *_ in database.execute("PRAGMA table_info(files)")]
    if found != list(_FILES):
        raise FileFailure(f"{path} is the database of another program", "name another file with --journal")
    database.execute("SELECT COUNT(*) FROM runs, facts").fetchone()
    for _ in database.execute("SELECT * FROM files"):  # all of it: damage shows now, not after the work
        pass


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the bytes of the file are wrong, not the disk, permissions or locks."""
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is_journal(path: Path) -> bool:
    """Whether a file that SQLite cannot use was a journal: by the name that nobody chose, or by its head."""
    with open(path, "rb") as file:
        head = file.read(1 << 16)
    version = int.from_bytes(head[_VERSION_OFFSET : _VERSION_OFFSET + 4], "big")
    ours = head.startswith(_MAGIC) and 1 <= version <= JOURNAL_VERSION and b"CREATE TABLE files" in head
    return ours or path.name == DEFAULT_NAME


def _rebuild(path: Path) -> tuple[sqlite3.Connection, list[str]]:
    """Sets a damaged journal aside, and makes a new one of what can be read of it."""
    try:
        aside = _set_aside(path)
        rows = _salvage(aside)
        database = _open(path)
        names, places = ", ".join(_FILES), ", ".join(f":{name}" for name in _FILES)
        database.execute("BEGIN")
        database.executemany(f"INSERT OR IGNORE INTO files ({names}) VALUES ({places})", rows)  # noqa: S608 - our names
        database.execute("INSERT OR IGNORE INTO facts VALUES (?)", (REBUILT,))
        database.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        raise journal_failure(path, error) from error
    kept = f"{len(rows)} entries of it are kept" if rows else "nothing in it can be read"
    return database, [
        f"was damaged, and is {aside} now; {kept}, and results without an entry are made again to compare"
    ]


def _set_aside(path: Path) -> str:
    """Gives a journal and what belongs to it a free name."""
    names = (f"{path}.damaged{number}" for number in itertools.chain([""], itertools.count(2)))
    aside = next(name for name in names if not any(os.path.lexists(name + ending) for ending in _COMPANIONS))
    for ending in _COMPANIONS[1:]:
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{ending}", aside + ending)
    os.rename(path, aside)
    return aside


def _salvage(path: str) -> list[dict[str, Any]]:
    """Entries of a damaged journal, read from both ends up to what cannot be read."""
    rows: dict[str, dict[str, Any]] = {}
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path, timeout=1)) as database:
            database.text_factory = lambda data: data.decode(errors="replace")
            database.row_factory = sqlite3.Row
            for row in database.execute(f"SELECT * FROM files ORDER BY target {order}"):  # noqa: S608
                fields = {"stamp": "", **dict(row)}
                if fields.keys() == _FILES.keys() and fields["state"] in ("planned", "done", "failed"):
                    rows[fields["target"]] = fields
    return list(rows.values())


def journal_failure(path: Path, error: Exception) -> FileFailure:
    """One line about a journal that cannot be used, and what to do."""
    if "locked" in str(error):
        return FileFailure(f"another batch is using the journal {path}", "wait for it, or name another with --journal")
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return FileFailure(f"{path} is no journal", "name another file with --journal")
    if isinstance(error, sqlite3.DatabaseError) and "full" in str(error):
        return FileFailure(f"the journal {path}: no space is left", "free some or name another place with --journal")
    if isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error):
        return FileFailure(f"the journal {path} is damaged", "run the same command again, which makes it anew")
    if isinstance(error, sqlite3.DatabaseError) and path.exists() and not _may_write(path):
        return FileFailure(f"the journal {path} is read-only", "name another one with --journal")
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileFailure(f"the journal {path}: {text}", "name a place that can be written with --journal")


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)
