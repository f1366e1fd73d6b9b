"""`veneer batch` on folders: resuming, verifying, reporting, refusing."""

import contextlib
import dataclasses
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_tools import COUNT, QUICK, Gate, finish, results, table, wait_for_results
from cli_tools import Command, write_photo
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli.batch import places, work
from veneer.cli.batch.engines import run_local
from veneer.cli.batch.work import Job, Outcome, Recipe, do_job

pytest.importorskip("fsspec")


def summary(result: Any) -> tuple[int, int, int]:
    values = json.loads(result.stdout)
    return values["done"], values["finished_before"], values["failed"]


@pytest.mark.usefixtures("encoding_as_installed")
def test_results_are_those_of_the_api(run: Command, archive: Path) -> None:
    result = run("batch", "in", "out", "-q", "40", "-e", "1")
    assert f"{COUNT} files: {COUNT} done, 0 done before, 0 failed" in result.stdout
    expected = {
        str(path.relative_to(archive).with_suffix(".vnr")): veneer.encode(Image.open(path), quality=40, effort=1)
        for path in sorted(archive.rglob("*.png"))
    }
    assert results(Path("out")) == expected


@pytest.mark.usefixtures("in_process")
def test_only_what_is_missing_or_changed_is_done(run: Command, archive: Path) -> None:
    again = ("batch", "in", "out", *QUICK, "--json")
    assert summary(run(*again)) == (COUNT, 0, 0)
    assert summary(run(*again)) == (0, COUNT, 0)
    before = results(Path("out"))
    (Path("out") / "roll 1" / "01.vnr").unlink()
    (Path("out") / "roll 2" / "02.vnr").write_bytes(b"cut")
    Image.fromarray(make_picture(33, 44)).save(archive / "roll 0" / "00.png")
    write_photo(archive / "new.jpg")
    assert summary(run(*again)) == (4, COUNT - 3, 0)
    after = results(Path("out"))
    assert after.keys() == before.keys() | {"new.vnr"}
    assert [name for name in before if before[name] != after[name]] == ["roll 0/00.vnr"]
    assert summary(run(*again, "-q", "50")) == (COUNT + 1, 0, 0)


@pytest.mark.usefixtures("in_process")
def test_a_change_that_keeps_size_and_time_is_seen(run: Command, folder: Path) -> None:
    """As `exiftool -P` turns a picture; the time of the last change of any sort cannot be set back."""
    (folder / "in").mkdir()
    source = folder / "in" / "a.bmp"
    Image.fromarray(make_picture(20, 30, seed=1)).save(source)
    assert summary(run("batch", "in", "out", "-e", "1", "--json")) == (1, 0, 0)
    before, status = results(Path("out")), source.stat()
    time.sleep(0.02)  # times of some file systems count in ticks
    Image.fromarray(make_picture(20, 30, seed=2)).save(source)
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (source.stat().st_size, source.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert summary(run("batch", "in", "out", "-e", "1", "--json")) == (1, 0, 0)
    assert results(Path("out")) != before


@pytest.mark.usefixtures("in_process")
def test_report(run: Command, archive: Path) -> None:
    (archive / "bad.png").write_bytes(b"no picture")
    write_photo(archive / "two.jpg")
    write_photo(archive / "two.png")
    result = run("batch", "in", "out", *QUICK, "--report", "table.csv", code=1)
    assert "bad.png: is text, not a picture; give" in result.stderr
    rows = table(Path("table.csv"))
    assert len({row["source"] for row in rows}) == len(rows) == COUNT + 3
    failed = {Path(row["source"]).name: row["message"] for row in rows if row["state"] == "failed"}
    assert failed.keys() == {"bad.png", "two.png"}
    assert "--keep-suffix" in failed["two.png"]
    for row in rows:
        if row["state"] == "done":
            data = Path(row["target"]).read_bytes()
            assert len(data) == int(row["target_bytes"])
            assert work.hashlib.sha256(data).hexdigest() == row["sha256"]
            assert float(row["psnr_db"]) > 25
            saved = 100 * (1 - len(data) / Path(row["source"]).stat().st_size)
            assert float(row["saved_percent"]) == pytest.approx(saved, abs=0.01)


@pytest.mark.usefixtures("in_process")
def test_failures_are_tried_again(run: Command, archive: Path) -> None:
    shutil.copy(archive / "roll 0" / "00.png", "good.png")
    (archive / "roll 0" / "00.png").write_bytes(b"")
    assert summary(run("batch", "in", "out", *QUICK, "--json", code=1)) == (COUNT - 1, 0, 1)
    shutil.copy("good.png", archive / "roll 0" / "00.png")
    assert summary(run("batch", "in", "out", *QUICK, "--json")) == (1, COUNT - 1, 0)


@pytest.mark.usefixtures("archive", "in_process")
def test_foreign_files_are_not_replaced(run: Command) -> None:
    foreign = Path("out") / "roll 0" / "00.vnr"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"precious")
    again = ("batch", "in", "out", *QUICK, "--json")
    assert "--force" in run(*again, code=1).stderr
    assert foreign.read_bytes() == b"precious"
    assert summary(run(*again, "--force")) == (1, COUNT - 1, 0)


@pytest.mark.usefixtures("in_process")
def test_there_and_back(run: Command, archive: Path) -> None:
    run("batch", "in", "out", *QUICK, "--keep-suffix")
    run("batch", "--decode", "out", "back", "--format", "ppm")
    for path in archive.rglob("*.png"):
        relative = path.relative_to(archive)
        data = Path("out", f"{relative}.vnr").read_bytes()
        with Image.open(Path("back", f"{relative}.ppm")) as image:
            assert image.tobytes() == veneer.decode(data).tobytes()


@pytest.mark.usefixtures("archive", "in_process")
def test_patterns_and_single_files(run: Command) -> None:
    run("batch", "in/**/0[1-3].png", "out", *QUICK)
    assert results(Path("out")).keys() == {"roll 1/01.vnr", "roll 2/02.vnr", "roll 0/03.vnr"}
    run("batch", "in/roll 1/04.png", "single", *QUICK)
    assert results(Path("single")).keys() == {"04.vnr"}


@pytest.mark.usefixtures("in_process")
def test_archives_in_one_file(run: Command, archive: Path) -> None:
    shutil.make_archive("pictures", "zip", archive)
    run("batch", "zip://::pictures.zip", "out", *QUICK)
    run("batch", "in", "plain", *QUICK)
    assert results(Path("out")) == results(Path("plain"))


@pytest.mark.usefixtures("in_process")
def test_names_in_archives_lead_nowhere_else(run: Command, archive: Path) -> None:
    with zipfile.ZipFile("sly.zip", "w") as packed:
        for name in ("a.png", "../outside.png", "b/../../outside.png"):
            packed.writestr(name, (archive / "roll 0" / "00.png").read_bytes())
    result = run("batch", "zip://::sly.zip", "deep/out", *QUICK, code=1)
    assert result.stderr.count("leads out of the folder") == 2
    assert [str(path) for path in Path().rglob("*.vnr")] == ["deep/out/a.vnr"]


@pytest.mark.usefixtures("in_process")
def test_names_that_are_no_text(run: Command, archive: Path) -> None:
    try:
        shutil.copy(archive / "roll 0" / "00.png", os.fsencode(archive) + b"/caf\xe9.png")
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    result = run("batch", "in", "out", *QUICK, "--json", code=1)
    assert summary(result) == (COUNT, 0, 1)
    assert "not UTF-8" in result.stderr
    assert "caf\\udce9.png" in Path("out/veneer-batch.csv").read_text()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing", "no such file or folder"),
        ("empty", "there is nothing to do in it"),
        ("nonsense://a/b", "Protocol not known: nonsense"),
        ("zip://::missing.zip", "no such file"),
    ],
)
def test_nothing_to_do(run: Command, folder: Path, source: str, message: str) -> None:
    (folder / "empty").mkdir()
    (line,) = run("batch", source, "out", code=1).stderr.splitlines()
    assert message in line
    assert "; " in line


@pytest.mark.usefixtures("archive")
def test_read_only_destination(run: Command) -> None:
    assert "can only be read" in run("batch", "in", "https://example.org/x", code=2).stderr


@pytest.mark.usefixtures("archive")
def test_journal_that_is_none(run: Command) -> None:
    Path("notes.txt").write_text("not a database" * 100)
    assert "is no journal" in run("batch", "in", "out", "--journal", "notes.txt", code=1).stderr


@pytest.mark.usefixtures("archive")
def test_journal_in_use(run: Command) -> None:
    Path("out").mkdir()
    other = sqlite3.connect("out/veneer-batch.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "another batch is using the journal" in run("batch", "in", "out", code=1).stderr
    other.close()


@pytest.mark.usefixtures("folder")
def test_without_fsspec(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for source in ("s3://bucket/x", "in/*.png"):
        assert "pip install '.[batch]'" in run("batch", source, "out", code=1).stderr


def test_settings_that_tell_results_apart() -> None:
    def fingerprint(**options: Any) -> str:
        return Recipe(".vnr", options, strip=False, max_pixels=10**6, verify=True).fingerprint

    usual = dataclasses.asdict(veneer.Settings())
    assert fingerprint(**usual) == fingerprint(), "a later version may have more settings"
    assert fingerprint(threads=7) == fingerprint()
    assert len({fingerprint(**{name: value}) for name, value in (("quality", 3), ("effort", 3), ("bpp", 3.0))}) == 3


class TestVerification:
    """A result is read back and decoded before it counts."""

    @pytest.fixture
    def job(self, archive: Path) -> Job:
        return Job(str(archive / "roll 0" / "00.png"), str(archive / "a.vnr"))

    @pytest.fixture
    def recipe(self) -> Recipe:
        return Recipe(".vnr", {"effort": 1}, strip=False, max_pixels=10**6, verify=True)

    def test_storage_that_loses_bytes(self, job: Job, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
        write = places.write
        monkeypatch.setattr(places, "write", lambda url, data, **options: write(url, data[:-1], **options))
        assert "does not come back the same" in str(do_job(job, recipe).failure)
        assert not Path(job.target).exists()

    @pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda _: veneer.encode(make_picture(9, 9))])
    def test_encoder_that_errs(
        self, job: Job, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
    ) -> None:
        encode = veneer.encode
        monkeypatch.setattr(veneer, "encode", lambda *args, **options: damage(encode(*args, **options)))
        assert do_job(job, recipe).failure
        assert not Path(job.target).exists()

    def test_errors_of_our_own_are_told(self, job: Job, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(veneer, "encode", lambda *_, **__: 1 / 0)
        assert "ZeroDivisionError" in str(do_job(job, recipe).failure)


@pytest.mark.usefixtures("archive")
class TestKilled:
    """Nothing is lost and nothing doubled, whichever process is killed."""

    OPTIONS = (*QUICK, "-j", "2", "--json")

    @pytest.mark.slow
    def test_the_run(self, start: Callable[..., Any], run: Command, gate: Gate) -> None:
        running = start("batch", gate.url, "out", *self.OPTIONS)
        wait_for_results(Path("out"), 4)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert len(results(Path("out"))) == 4
        gate.open()
        values = finish(start("batch", gate.url, "out", *self.OPTIONS))
        assert values["failed"] == 0
        assert values["done"] + values["finished_before"] == COUNT  # type: ignore[operator]
        run("batch", "in", "undisturbed", *self.OPTIONS)
        assert results(Path("out")) == results(Path("undisturbed"))
        assert len(table(Path("out/veneer-batch.csv"))) == COUNT

    def test_interrupt(self, start: Callable[..., Any], gate: Gate) -> None:
        running = start("batch", gate.url, "out", *self.OPTIONS)
        wait_for_results(Path("out"), 2)
        running.send_signal(signal.SIGINT)
        _, stderr = running.communicate(timeout=600)
        assert running.returncode == 130
        assert stderr.decode().splitlines() == ["veneer: interrupted; run the same command again to go on"]
        assert all(veneer.read_info(data, verify=True).problems == () for data in results(Path("out")).values())

    @pytest.mark.slow
    def test_unfinished_files_of_the_run_are_removed(self, start: Callable[..., Any], gate: Gate) -> None:
        running = start("batch", gate.url, "out", *self.OPTIONS)
        wait_for_results(Path("out"), 4)
        running.send_signal(signal.SIGKILL)
        running.wait()
        with contextlib.closing(sqlite3.connect("out/veneer-batch.sqlite")) as database:
            ((token,),) = database.execute("SELECT token FROM runs")
        half = Path(f"out/roll 0/.99.vnr.{token}89abcdef.part")
        half.write_bytes(b"half a pic")
        of_others = half.with_name(".99.vnr.0123456789abcdef.part")
        of_others.write_bytes(b"somebody is writing this")
        gate.open()
        finish(start("batch", gate.url, "out", *self.OPTIONS))
        assert not half.exists()
        assert of_others.exists()
        of_others.unlink()

    @pytest.mark.slow
    def test_a_worker(self, archive: Path) -> None:
        recipe = Recipe(".vnr", {"effort": 1}, strip=False, max_pixels=10**6, verify=True)
        jobs = [Job(str(path), f"{archive.parent}/out/{path.stem}.vnr") for path in sorted(archive.rglob("*.png"))]
        outcomes: list[Outcome] = []
        for outcome in run_local(jobs, recipe, workers=2):
            outcomes.append(outcome)
            if len(outcomes) == 3:
                victim, *_ = multiprocessing.active_children()
                victim.kill()
        targets = [job.target for job in jobs]
        assert sorted(outcome.target for outcome in outcomes) == sorted(targets)
        assert [outcome.failure for outcome in outcomes if outcome.failure] == []
        places.remove_unfinished(
            targets, [recipe.token]
        )  # as the command does in the end: the worker may have died while writing

    def test_a_job_that_kills_its_workers(self, archive: Path) -> None:
        recipe = Recipe(".vnr", {"effort": 1}, strip=False, max_pixels=10**6, verify=True)
        good = Job(str(archive / "roll 0" / "00.png"), f"{archive}/good.vnr")
        outcomes = {o.target: o.failure for o in run_local([Job(Poison(), "bad"), good], recipe, workers=1)}
        assert outcomes.keys() == {"bad", good.target}
        assert outcomes[good.target] is None
        assert "its worker was lost 3 times" in str(outcomes["bad"])


class Poison(str):
    """Ends the process that unpickles it."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return os._exit, (1,)
