"""Journals that are damaged, emptied, full, locked, of older versions or of other programs."""

import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_tools import QUICK, results, table
from cli_tools import Command
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli.batch import command, journal_file
from veneer.cli.batch.journal import Journal
from veneer.cli.batch.names import Entry
from veneer.cli.batch.work import Job, Outcome
from veneer.cli.failure import FileFailure

AGAIN = ("batch", "in", "out", *QUICK, "--json")
JOURNAL = Path("out/veneer-batch.sqlite")


@pytest.fixture
def done(run: Command, folder: Path, in_process: None) -> dict[str, bytes]:
    """Results of three small pictures, with their journal."""
    assert in_process is None
    for name in ("1", "2", "3"):
        path = folder / "in" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(make_picture(20, 24, seed=int(name))).save(path)
    run(*AGAIN)
    return results(folder / "out")


def counts(result: Any) -> tuple[int, int, int]:
    values = json.loads(result.stdout)
    return values["done"], values["finished_before"], values["failed"]


@contextlib.contextmanager
def database(path: Path = JOURNAL) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as opened:
        yield opened


class TestDamaged:
    @pytest.mark.parametrize("damage", ["zeroed", "text", "head", "cut", "page"])
    def test_is_rebuilt(self, run: Command, done: dict[str, bytes], damage: str) -> None:
        data = bytearray(JOURNAL.read_bytes())
        match damage:
            case "zeroed":
                data[:] = bytes(len(data))
            case "text":
                data[:] = b"no journal" * 100
            case "head":
                data[:30] = bytes(30)
            case "cut":
                del data[len(data) // 2 + 100 :]
            case "page":  # the one with the entries
                data[4096:8192] = b"\xa5" * 4096
        JOURNAL.write_bytes(data)
        result = run(*AGAIN)
        (line,) = result.stderr.splitlines()
        assert f"{JOURNAL}: note: was damaged, and is " in line.replace(f"{Path.cwd()}/", "")
        assert Path(f"{JOURNAL}.damaged").read_bytes() == data
        again, before, failed = counts(result)
        assert (again + before, failed) == (3, 0)
        assert results(Path("out")) == done
        assert counts(run(*AGAIN)) == (0, 3, 0)

    def test_foreign_files_stay_after_that(self, run: Command, done: dict[str, bytes]) -> None:
        JOURNAL.write_bytes(bytes(8192))
        Path("out/2.vnr").write_bytes(b"precious")
        result = run(*AGAIN, code=1)
        assert counts(result) == (2, 0, 1)
        assert "out/2.vnr exists and is not of this batch" in result.stderr
        assert results(Path("out")) == {**done, "2.vnr": b"precious"}

    @pytest.mark.usefixtures("done")
    def test_what_can_be_read_is_kept(self, run: Command) -> None:
        with database() as opened:
            opened.execute("PRAGMA page_size = 512")
            opened.execute("PRAGMA journal_mode = DELETE")
            opened.execute("VACUUM")
            fields = "source, version, settings, state"
            for number in range(40):
                query = f"INSERT INTO files (target, {fields}) SELECT ?, {fields} FROM files LIMIT 1"  # noqa: S608
                opened.execute(query, (f"z{number:03}",))
        data = bytearray(JOURNAL.read_bytes())
        middle = data.index(b"z020")
        start = middle // 512 * 512
        data[start : start + 512] = b"\xa5" * 512
        JOURNAL.write_bytes(data)
        result = run(*AGAIN)
        assert counts(result) == (0, 3, 0)
        with database() as opened:
            found = {target for (target,) in opened.execute("SELECT target FROM files")}
        assert {"z000", "z039"} <= found
        assert "z020" not in found

    @pytest.mark.usefixtures("done")
    def test_damaged_journals_before_it_are_kept(self, run: Command) -> None:
        for number in range(3):
            JOURNAL.write_bytes(bytes(4096 + number))
            run(*AGAIN)
        sizes = [Path(f"{JOURNAL}.damaged{ending}").stat().st_size for ending in ("", "2", "3")]
        assert sizes == [4096, 4097, 4098]

    def test_emptied(self, run: Command, done: dict[str, bytes]) -> None:
        for ending in ("", "-wal"):
            Path(f"{JOURNAL}{ending}").write_bytes(b"")
        assert counts(run(*AGAIN)) == (3, 0, 0)
        assert results(Path("out")) == done
        assert counts(run(*AGAIN)) == (0, 3, 0)

    @pytest.mark.usefixtures("done")
    @pytest.mark.parametrize(
        "column", ["sha256", "stamp", "settings", "source", "target_bytes", "source_bytes", "message"]
    )
    def test_entries_that_are_nonsense(self, run: Command, column: str) -> None:
        """Not damage that SQLite sees: values are what they must not be."""
        with database() as opened:
            opened.execute(f"UPDATE files SET {column} = CAST(x'ff00' AS TEXT)")  # noqa: S608
        code = 1 if column == "sha256" else 0  # whole pictures that are not what the journal says of them
        result = run(*AGAIN, code=code)
        assert sum(counts(result)) == 3
        assert len(table(Path("out/veneer-batch.csv"))) == 3

    @pytest.mark.usefixtures("done")
    def test_while_the_batch_runs(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        work = command.run_local

        def meanwhile(*arguments: Any, **options: Any) -> Iterator[Outcome]:
            JOURNAL.write_bytes(b"overwritten" * 1000)
            Path(f"{JOURNAL}-wal").write_bytes(b"")
            yield from work(*arguments, **options)

        monkeypatch.setattr(command, "run_local", meanwhile)
        assert counts(run(*AGAIN, "-q", "30")) == (3, 0, 0)
        monkeypatch.setattr(command, "run_local", work)
        assert counts(run(*AGAIN, "-q", "30"))[2] == 0
        assert counts(run(*AGAIN, "-q", "30")) == (0, 3, 0)


def refuse(*_: Any) -> None:
    raise sqlite3.OperationalError("database or disk is full")


class TestFull:
    @pytest.fixture
    def full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A journal that does not grow any more once the work begins."""
        plan = Journal.plan

        def limited(self: Journal, *arguments: Any) -> None:
            plan(self, *arguments)
            (pages,) = self._database.execute("PRAGMA page_count").fetchone()
            self._database.execute(f"PRAGMA max_page_count = {pages}")

        monkeypatch.setattr(Journal, "plan", limited)

    @pytest.mark.usefixtures("done", "full")
    def test_the_work_goes_on(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        work = command.run_local

        def noted(*arguments: Any, **options: Any) -> Iterator[Outcome]:
            for outcome in work(*arguments, **options):
                object.__setattr__(outcome, "note", "long " * 10_000)
                yield outcome

        monkeypatch.setattr(command, "run_local", noted)
        result = run(*AGAIN, "-q", "30", code=1)
        lines = [line for line in result.stderr.splitlines() if "note:" not in line]
        assert len(lines) == 2
        assert all("no space is left; free some" in line for line in lines)
        assert [row["state"] for row in table(Path("out/veneer-batch.csv"))] == ["done"] * 3
        monkeypatch.undo()

    @pytest.mark.usefixtures("full")
    def test_is_told_and_mended(self, run: Command, done: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
        """Results whose entries were lost are made again, and count where the bytes are the same."""
        update = Journal._update

        monkeypatch.setattr(Journal, "_update", refuse)
        run(*AGAIN, "-q", "30", code=1)
        changed = results(Path("out"))
        assert changed != done
        monkeypatch.setattr(Journal, "_update", update)
        assert counts(run(*AGAIN, "-q", "30")) == (3, 0, 0)
        assert results(Path("out")) == changed
        assert counts(run(*AGAIN, "-q", "30")) == (0, 3, 0)

    @pytest.mark.usefixtures("full", "done")
    def test_somebody_elses_files_stay_meanwhile(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "_update", refuse)
            run(*AGAIN, "-q", "30", code=1)
        other = veneer.encode(make_picture(9, 9))
        Path("out/2.vnr").write_bytes(other)
        assert counts(run(*AGAIN, "-q", "30", code=1)) == (2, 0, 1)
        assert Path("out/2.vnr").read_bytes() == other

    @pytest.mark.usefixtures("done")
    def test_before_the_work(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Journal, "_transaction", refuse)
        (line,) = run(*AGAIN, "-q", "30", code=1).stderr.splitlines()
        assert "no space is left" in line

    def test_what_could_not_be_entered_is_entered_later(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with contextlib.closing(Journal(tmp_path / "a.sqlite")) as journal:
            jobs = [(Job("a", name), Entry("a", "a", 1, "v")) for name in ("x", "y")]
            journal.plan(jobs, "{}")
            with monkeypatch.context() as patch:
                patch.setattr(Journal, "_update", lambda *_: 1 / 0)
                with pytest.raises(ZeroDivisionError):
                    journal.enter(Outcome("x", sha256="1", source_bytes=2))
            (row,) = journal.rows(["x"])
            assert (row["state"], row["sha256"]) == ("done", "1"), "the report has it already"
            journal.enter(Outcome("y", "failed at that"))
            assert journal.trouble is None
        with contextlib.closing(Journal(tmp_path / "a.sqlite")) as journal:
            assert {name: record.state for name, record in journal.records().items()} == {"x": "done", "y": "failed"}


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
@pytest.mark.usefixtures("done")
def test_pipes_in_its_place(run: Command, ending: str) -> None:
    Path(f"{JOURNAL}{ending}").unlink(missing_ok=True)
    os.mkfifo(f"{JOURNAL}{ending}")
    (line,) = run(*AGAIN, code=1).stderr.splitlines()
    assert "is not a regular file; name another one with --journal" in line


@pytest.mark.usefixtures("done")
def test_report_that_is_a_pipe(run: Command) -> None:
    Path("out/veneer-batch.csv").unlink()
    os.mkfifo("out/veneer-batch.csv")
    (line,) = run(*AGAIN, code=1).stderr.splitlines()
    assert "the report" in line
    assert "a pipe" in line


@pytest.mark.usefixtures("done")
def test_report_in_the_place_of_something_else(run: Command) -> None:
    Path("mine.csv").write_text("name,price\n")
    (line,) = run(*AGAIN, "--report", "mine.csv", code=1).stderr.splitlines()
    assert "mine.csv exists and is no report; replace it with --force" in line
    assert Path("mine.csv").read_text() == "name,price\n"
    run(*AGAIN, "--report", "mine.csv", "--force")
    run(*AGAIN, "--report", "mine.csv")
    assert len(table(Path("mine.csv"))) == 3
    assert "are the same file" in run(*AGAIN, "--report", str(JOURNAL), code=2).stderr


@pytest.mark.parametrize("version", [0, 1, 2])
@pytest.mark.usefixtures("done")
def test_database_of_another_program(run: Command, version: int) -> None:
    with database(Path("mail.db")) as opened:
        opened.execute("CREATE TABLE letters (text)")
        opened.execute(f"PRAGMA user_version = {version}")
    before = Path("mail.db").read_bytes()
    (line,) = run(*AGAIN, "--journal", "mail.db", code=1).stderr.splitlines()
    assert "mail.db is the database of another program" in line
    with database(Path("mail.db")) as opened:
        assert [name for (name,) in opened.execute("SELECT name FROM sqlite_master")] == ["letters"]
    assert len(before) == Path("mail.db").stat().st_size


@pytest.mark.usefixtures("done")
def test_newer_version(run: Command) -> None:
    with database() as opened:
        opened.execute(f"PRAGMA user_version = {journal_file.JOURNAL_VERSION + 1}")
    (line,) = run(*AGAIN, code=1).stderr.splitlines()
    assert "journal of another version" in line


def test_version_1_is_brought_up(run: Command, done: dict[str, bytes]) -> None:
    with database() as opened:
        columns = ", ".join(f"{name} {kind}" for name, kind in journal_file._FILES_1.items())
        names = ", ".join(journal_file._FILES_1)
        opened.execute("ALTER TABLE files RENAME TO newer")
        opened.execute(f"CREATE TABLE files ({columns}) WITHOUT ROWID")
        opened.execute(f"INSERT INTO files SELECT {names} FROM newer")  # noqa: S608
        for table_name in ("newer", "runs", "facts"):
            opened.execute(f"DROP TABLE {table_name}")
        opened.execute("PRAGMA user_version = 1")
    assert counts(run(*AGAIN)) == (0, 3, 0)
    assert results(Path("out")) == done
    with database() as opened:
        assert [stamp for (stamp,) in opened.execute("SELECT stamp FROM files") if not stamp] == []


def test_failures_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file/journal", tmp_path / ("x" * 300), tmp_path):
        with pytest.raises(FileFailure) as caught:
            Journal(path)
        assert "--journal" in caught.value.remedy


def test_read_only() -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "a.sqlite")
        Journal(path).close()
        path.chmod(0o444)
        Path(place).chmod(0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            with pytest.raises(FileFailure) as caught:
                Journal(path)
        finally:
            os.seteuid(user)
    assert caught.value.what == f"the journal {path} is read-only"
