"""Existing files with the names of results: files of others stay, results damaged since are made again."""

import contextlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_tools import QUICK, results
from cli_tools import Command
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli.batch import local_places, planning, work
from veneer.cli.batch.journal import Journal

pytestmark = pytest.mark.usefixtures("in_process")

AGAIN = ("batch", "in", "out", *QUICK, "--json")


@pytest.fixture
def pictures(folder: Path) -> Path:
    """A folder `in` of three small pictures."""
    for name in ("a/1", "a/2", "3"):
        path = folder / "in" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_picture(20, 24, seed=len(name))).save(path)
    return folder / "in"


def counts(result: Any) -> tuple[int, int, int, int]:
    """Done, done before, failed, damaged since."""
    values = json.loads(result.stdout)
    return values["done"], values["finished_before"], values["failed"], values["damaged"]


@pytest.mark.usefixtures("pictures")
class TestLinkedFolders:
    """A folder of the destination may be a link, which listings of the destination do not enter."""

    @pytest.fixture(autouse=True)
    def linked(self, folder: Path) -> Path:
        (folder / "elsewhere").mkdir()
        (folder / "out").mkdir()
        (folder / "out/a").symlink_to("../elsewhere")
        return folder / "elsewhere"

    def test_files_behind_it_are_not_replaced(self, run: Command, linked: Path) -> None:
        (linked / "1.vnr").write_bytes(b"precious")
        result = run(*AGAIN, code=1)
        assert counts(result) == (2, 0, 1, 0)
        assert "out/a/1.vnr exists and is not of this batch; replace it with --force" in result.stderr
        assert (linked / "1.vnr").read_bytes() == b"precious"
        assert (linked / "2.vnr").exists()
        assert counts(run(*AGAIN, "--force")) == (1, 2, 0, 0)
        assert (linked / "1.vnr").read_bytes() != b"precious"

    def test_results_behind_it_are_done_once(self, run: Command) -> None:
        assert counts(run(*AGAIN)) == (3, 0, 0, 0)
        assert counts(run(*AGAIN)) == (0, 3, 0, 0)

    def test_two_names_of_one_result(self, run: Command, pictures: Path) -> None:
        shutil.copytree(pictures / "a", pictures / "b")
        Path("out/b").symlink_to("a")
        result = run(*AGAIN, code=1)
        assert counts(result) == (3, 0, 2, 0)
        assert result.stderr.count("would overwrite that of") == 2


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("pipe", "not a regular file"),
        ("device", "not a regular file"),
        ("folder", "is a folder"),
        ("loop", "leads back to itself"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_targets_that_are_no_files(run: Command, pictures: Path, kind: str, message: str, force: tuple[str]) -> None:
    target = pictures.parent / "out/3.vnr"
    target.parent.mkdir()
    match kind:
        case "pipe":
            os.mkfifo(target)
        case "device":
            target.symlink_to("/dev/null")
        case "folder":
            target.mkdir()
        case _:
            target.symlink_to("3.vnr")
    before = target.lstat()
    result = run(*AGAIN, *force, code=1)
    assert counts(result) == (2, 0, 1, 0)
    (line,) = result.stderr.splitlines()
    assert "in/3.png" in line
    assert message in line
    assert (target.lstat().st_mode, target.lstat().st_ino) == (before.st_mode, before.st_ino)


@pytest.mark.usefixtures("pictures")
def test_link_that_leads_nowhere_is_written_through(run: Command) -> None:
    Path("out").mkdir()
    Path("out/3.vnr").symlink_to("../there.vnr")
    assert counts(run(*AGAIN)) == (3, 0, 0, 0)
    assert Path("out/3.vnr").is_symlink()
    assert veneer.read_info(Path("there.vnr").read_bytes()).width == 24
    assert counts(run(*AGAIN)) == (0, 3, 0, 0)


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_source_is_never_replaced(run: Command, pictures: Path, force: tuple[str]) -> None:
    Path("out").mkdir()
    Path("out/3.vnr").symlink_to("../in/3.png")
    before = (pictures / "3.png").read_bytes()
    result = run(*AGAIN, *force, code=1)
    assert "is the source" in result.stderr
    assert (pictures / "3.png").read_bytes() == before


@pytest.mark.parametrize("kind", ["loop", "file", "pipe", "nowhere"])
@pytest.mark.usefixtures("pictures")
def test_destination_that_is_no_folder(run: Command, kind: str) -> None:
    match kind:
        case "loop":
            Path("out").symlink_to("out")
        case "nowhere":
            Path("out").symlink_to("missing")
        case "file":
            Path("out").write_bytes(b"precious")
        case _:
            os.mkfifo("out")
    (line,) = run(*AGAIN, code=1).stderr.splitlines()
    assert "out is not a folder" in line


def test_two_sources_of_one_result_are_both_named(run: Command, pictures: Path) -> None:
    for name in ("3.JPG", "3.bmp"):
        Image.fromarray(make_picture(20, 24)).save(pictures / name)
    result = run(*AGAIN, code=1)
    assert counts(result) == (3, 0, 2, 0)
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert all("would overwrite that of" in line and "--keep-suffix" in line for line in lines)
    assert counts(run(*AGAIN, "--keep-suffix")) == (5, 0, 0, 0)


class TestAppearing:
    """Files that appear while the batch runs."""

    @pytest.fixture
    def appear(self, monkeypatch: pytest.MonkeyPatch, pictures: Path) -> Callable[[bytes], None]:
        """Makes a file appear under the name of a result just before that is written."""

        def arrange(data: bytes) -> None:
            encode = veneer.encode

            def meanwhile(*arguments: Any, **options: Any) -> bytes:
                target = pictures.parent / "out/3.vnr"
                if not target.exists():
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(data)
                return encode(*arguments, **options)

            monkeypatch.setattr(veneer, "encode", meanwhile)

        return arrange

    def test_they_stay(self, run: Command, appear: Callable[[bytes], None]) -> None:
        appear(b"precious")
        result = run(*AGAIN, code=1)
        assert counts(result) == (2, 0, 1, 0)
        assert "out/3.vnr exists and is not of this batch" in result.stderr
        assert Path("out/3.vnr").read_bytes() == b"precious"
        assert counts(run(*AGAIN, code=1)) == (0, 2, 1, 0)
        assert Path("out/3.vnr").read_bytes() == b"precious"
        assert counts(run(*AGAIN, "--force")) == (1, 2, 0, 0)

    def test_they_are_replaced_with_force(self, run: Command, appear: Callable[[bytes], None]) -> None:
        appear(b"of no use")
        assert counts(run(*AGAIN, "--force")) == (3, 0, 0, 0)
        assert not veneer.read_info(Path("out/3.vnr").read_bytes(), verify=True).problems

    def test_the_same_bytes_are_the_result(self, run: Command, appear: Callable[[bytes], None]) -> None:
        run("batch", "in", "before", *QUICK)
        appear(Path("before/3.vnr").read_bytes())
        assert counts(run(*AGAIN)) == (3, 0, 0, 0)
        assert counts(run(*AGAIN)) == (0, 3, 0, 0)

    def test_in_the_place_of_an_older_result(
        self, run: Command, pictures: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(*AGAIN)
        Image.fromarray(make_picture(30, 30)).save(pictures / "3.png")
        encode = veneer.encode

        def meanwhile(*arguments: Any, **options: Any) -> bytes:
            Path("out/3.vnr").write_bytes(b"precious")
            return encode(*arguments, **options)

        monkeypatch.setattr(veneer, "encode", meanwhile)
        result = run(*AGAIN, code=1)
        assert counts(result) == (0, 2, 1, 0)
        assert Path("out/3.vnr").read_bytes() == b"precious"

    def test_of_another_program_after_writing(
        self, run: Command, pictures: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = work.places.write

        def disturbed(url: str, data: bytes, **options: Any) -> str | None:
            stamp = write(url, data, **options)
            if url.endswith("3.vnr"):
                Path(url).write_bytes(b"precious")
            return stamp

        monkeypatch.setattr(work.places, "write", disturbed)
        assert "another program" in run(*AGAIN, code=1).stderr
        assert (pictures.parent / "out/3.vnr").read_bytes() == b"precious"


def zero(path: Path) -> None:
    """A loss of power: the size is right, the bytes are not, the time is as it was."""
    status = path.stat()
    with open(path, "r+b") as file:
        file.write(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def flip(path: Path) -> None:
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.usefixtures("pictures")
class TestDamagedSince:
    """Results that were changed after they were made."""

    @pytest.fixture(autouse=True)
    def made(self, run: Command, pictures: Path) -> dict[str, bytes]:
        assert pictures.is_dir()
        run(*AGAIN)
        return results(Path("out"))

    @pytest.mark.parametrize("damage", [zero, flip, cut, empty])
    @pytest.mark.slow
    def test_are_made_anew(self, run: Command, made: dict[str, bytes], damage: Callable[[Path], None]) -> None:
        damage(Path("out/a/2.vnr"))
        result = run(*AGAIN)
        assert counts(result) == (1, 2, 0, 1)
        (line,) = result.stderr.splitlines()
        assert "out/a/2.vnr: note: has changed since it was made" in line
        assert results(Path("out")) == made
        assert counts(run(*AGAIN)) == (0, 3, 0, 0)

    def test_pictures_as_well(self, run: Command) -> None:
        back = ("batch", "--decode", "out", "back", "--json")
        run(*back)
        before = Path("back/a/1.png").read_bytes()
        zero(Path("back/a/1.png"))
        assert counts(run(*back)) == (1, 2, 0, 1)
        assert Path("back/a/1.png").read_bytes() == before

    def test_another_whole_picture_stays(self, run: Command) -> None:
        other = veneer.encode(make_picture(9, 9))
        Path("out/3.vnr").write_bytes(other)
        result = run(*AGAIN, code=1)
        assert counts(result) == (0, 2, 1, 0)
        assert "another whole picture" in result.stderr
        assert Path("out/3.vnr").read_bytes() == other
        assert counts(run(*AGAIN, "--force")) == (1, 2, 0, 1)

    def test_unread_where_that_is_not_wanted(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """Storage that errs changes bytes alone: no time, no size."""
        monkeypatch.setattr(local_places, "stamp_of", lambda status: str(status.st_size))
        run(*AGAIN)
        zero(Path("out/3.vnr"))
        assert counts(run(*AGAIN, "--no-reread")) == (0, 3, 0, 0)
        assert counts(run(*AGAIN, "--no-verify")) == (0, 3, 0, 0)
        assert counts(run(*AGAIN, "--no-verify", "--reread")) == (1, 2, 0, 1)

    def test_times_that_were_set_back(self, run: Command) -> None:
        time.sleep(0.02)  # times of some file systems count in ticks
        zero(Path("out/3.vnr"))
        assert counts(run(*AGAIN, "--no-reread")) == (1, 2, 0, 1)

    def test_new_stamps_are_read_in_any_case(self, run: Command, made: dict[str, bytes]) -> None:
        shutil.copytree("out", "copy")
        shutil.rmtree("out")
        os.rename("copy", "out")
        assert counts(run(*AGAIN, "--no-reread")) == (0, 3, 0, 0)
        Path("out/3.vnr").write_bytes(bytes(len(made["3.vnr"])))
        assert counts(run(*AGAIN, "--no-reread")) == (1, 2, 0, 1)

    def test_result_that_cannot_be_read(self, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_: str) -> bytes:
            raise planning.FileFailure("permission denied", "change the permissions")

        monkeypatch.setattr(planning.places, "read", refuse)
        result = run(*AGAIN, code=1)
        assert counts(result) == (0, 0, 3, 0)
        assert all("permission denied" in line for line in result.stderr.splitlines())

    def test_older_results_stay_until_new_ones_are_whole(
        self, run: Command, made: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Other settings, and a run that is stopped: what stands there is still this batch's own."""

        def fail(*_: Any, **__: Any) -> bytes:
            raise MemoryError

        with monkeypatch.context() as patch:
            patch.setattr(veneer, "encode", fail)
            assert counts(run(*AGAIN, "-q", "30", code=1)) == (0, 0, 3, 0)
        assert results(Path("out")) == made
        assert counts(run(*AGAIN, "-q", "30")) == (3, 0, 0, 0)
        assert results(Path("out")).keys() == made.keys()


def test_killed_before_the_new_result_was_entered(
    run: Command, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*AGAIN)
    Image.fromarray(make_picture(30, 30)).save(pictures / "3.png")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "enter", killed)
        run(*AGAIN, code=130)
    new = Path("out/3.vnr").read_bytes()
    assert veneer.read_info(new).width == 30
    assert counts(run(*AGAIN)) == (1, 2, 0, 0)
    assert Path("out/3.vnr").read_bytes() == new


@pytest.mark.usefixtures("pictures")
def test_sources_of_which_older_journals_say_less(run: Command) -> None:
    run(*AGAIN)
    with contextlib.closing(sqlite3.connect("out/veneer-batch.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE files SET version = json_remove(version, '$.created')")
    assert counts(run(*AGAIN)) == (0, 3, 0, 0)


class TestSources:
    @pytest.mark.parametrize("inner", ["in/out", "in"])
    def test_one_place_within_the_other(self, run: Command, pictures: Path, inner: str) -> None:
        assert counts(run("batch", "in", inner, *QUICK, "--json")) == (3, 0, 0, 0)
        assert counts(run("batch", "in", inner, *QUICK, "--json")) == (0, 3, 0, 0)
        assert counts(run("batch", "in/a", "in", *QUICK, "--json")) == (2, 0, 0, 0)
        assert len(list(pictures.rglob("*.png"))) == 3

    def test_odd_names(self, run: Command, pictures: Path) -> None:
        names = [
            "line\nbreak",
            "a::b",
            "s3:::x",
            "q?versionId=1",
            "50%",
            "#hash",
            "[1]",
            " space ",
            "back\\slash",
            "-f",
        ]
        for name in names:
            shutil.copy(pictures / "3.png", pictures / f"{name}.png")
        assert counts(run(*AGAIN)) == (len(names) + 3, 0, 0, 0)
        assert {Path(name).name for name in results(Path("out"))} >= {f"{name}.vnr" for name in names}
        assert counts(run(*AGAIN)) == (0, len(names) + 3, 0, 0)

    def test_one_that_vanishes(self, run: Command, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make_plan = planning.make_plan

        def meanwhile(*arguments: Any) -> Any:
            plan = make_plan(*arguments)
            (pictures / "3.png").unlink(missing_ok=True)
            return plan

        monkeypatch.setattr("veneer.cli.batch.command.make_plan", meanwhile)
        result = run(*AGAIN, code=1)
        assert counts(result) == (2, 0, 1, 0)
        assert "no such file" in result.stderr

    @pytest.mark.parametrize("kind", ["pipe", "device"])
    def test_one_that_is_no_file(self, run: Command, folder: Path, kind: str) -> None:
        if kind == "pipe":
            os.mkfifo(folder / "one.png")
        else:
            (folder / "one.png").symlink_to("/dev/zero")
        (line,) = run("batch", "one.png", "out", *QUICK, code=1).stderr.splitlines()
        assert "pipe or device" in line

    def test_one_that_becomes_a_pipe(self, run: Command, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make_plan = planning.make_plan

        def meanwhile(*arguments: Any) -> Any:
            plan = make_plan(*arguments)
            (pictures / "3.png").unlink(missing_ok=True)
            os.mkfifo(pictures / "3.png")
            return plan

        monkeypatch.setattr("veneer.cli.batch.command.make_plan", meanwhile)
        result = run(*AGAIN, code=1)
        assert counts(result) == (2, 0, 1, 0)
        assert "it is a pipe, not a regular file" in result.stderr

    def test_no_more_readers(self, run: Command, pictures: Path) -> None:
        before = os.umask(0o022)
        try:
            (pictures / "3.png").chmod(0o600)
            run(*AGAIN)
            modes = {path: Path("out", path).stat().st_mode & 0o777 for path in results(Path("out"))}
            assert modes == {"3.vnr": 0o600, "a/1.vnr": 0o644, "a/2.vnr": 0o644}
            Path("out/a/1.vnr").chmod(0o640)
            zero(Path("out/a/1.vnr"))
            assert counts(run(*AGAIN)) == (1, 2, 0, 1)
            assert Path("out/a/1.vnr").stat().st_mode & 0o777 == 0o640, "what is replaced keeps its permissions"
        finally:
            os.umask(before)


@pytest.mark.parametrize("name", ["NUL.png", "aux.jpg", "a/CON", "x:y.png", "end. ", "b\\LPT1.txt", "COM\u00b9"])
def test_names_that_windows_keeps(name: str) -> None:
    assert planning.is_reserved(name)


@pytest.mark.parametrize("name", ["null.png", "a/console.jpg", "b.c", "COM10", "auxiliary"])
def test_names_that_windows_takes(name: str) -> None:
    assert not planning.is_reserved(name)
