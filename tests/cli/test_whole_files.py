"""Results take free names alone, appear whole, and are not readable by more people than their sources."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from veneer.cli.whole_files import MAX_NAME_BYTES, unfinished_name, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def no_links(*_: Any, **__: Any) -> None:
    raise PermissionError(errno.EPERM, "no hard links here")


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems that have hard links, and those that have none."""
    if request.param == "no links":
        monkeypatch.setattr(os, "link", no_links)


@pytest.mark.usefixtures("links")
class TestFreeNames:
    def test_is_written(self, tmp_path: Path) -> None:
        status = write_whole(str(tmp_path / "a"), b"result", replace=False)
        assert (tmp_path / "a").read_bytes() == b"result"
        assert status.st_ino == (tmp_path / "a").stat().st_ino
        assert os.listdir(tmp_path) == ["a"]

    @pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
    def test_taken_name_is_left_alone(self, tmp_path: Path, kind: str) -> None:
        target = tmp_path / "a"
        match kind:
            case "file":
                target.write_bytes(b"precious")
            case "folder":
                target.mkdir()
            case _:
                target.symlink_to("nowhere")
        before = target.lstat()
        with pytest.raises(FileExistsError):
            write_whole(str(target), b"result", replace=False)
        assert target.lstat() == before
        assert os.listdir(tmp_path) == ["a"]

    def test_name_taken_at_the_last_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def sync(_: int) -> None:
            (tmp_path / "a").write_bytes(b"precious")

        monkeypatch.setattr(os, "fsync", sync)
        with pytest.raises(FileExistsError):
            write_whole(str(tmp_path / "a"), b"result", replace=False)
        assert (tmp_path / "a").read_bytes() == b"precious"
        assert os.listdir(tmp_path) == ["a"]


def test_other_refusals_of_links_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="full"):
        write_whole(str(tmp_path / "a"), b"result", replace=False)
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OSError, match="full"):
        write_whole(str(tmp_path / "a"), b"result", replace=True)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("name", ["a.vnr", "x" * 255, "é" * 127, "\N{GRINNING FACE}" * 63])
def test_unfinished_names_fit(tmp_path: Path, name: str) -> None:
    unfinished = unfinished_name(name, "0123456789abcdef")
    assert len(os.fsencode(unfinished)) <= MAX_NAME_BYTES
    assert unfinished.endswith(".0123456789abcdef.part")
    write_whole(str(tmp_path / name), b"result", replace=False)
    assert os.listdir(tmp_path) == [name]


class TestPermissions:
    @pytest.fixture(autouse=True)
    def usual_mask(self) -> Any:
        before = os.umask(0o022)
        yield
        os.umask(before)

    @pytest.mark.parametrize(
        ("of_source", "of_result"),
        [(0o600, 0o600), (0o644, 0o644), (0o640, 0o640), (0o444, 0o644), (0o400, 0o600), (0o777, 0o644)],
    )
    def test_no_more_readers_than_the_source(self, tmp_path: Path, of_source: int, of_result: int) -> None:
        source = tmp_path / "source"
        source.touch()
        source.chmod(of_source)
        write_whole(str(tmp_path / "a"), b"result", replace=False, source=source.stat())
        assert mode(tmp_path / "a") == of_result

    @pytest.mark.parametrize(("may_give", "of_result"), [(True, 0o640), (False, 0o600)])
    def test_the_group_of_the_source(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_give: bool, of_result: int
    ) -> None:
        source = tmp_path / "source"
        source.touch()
        source.chmod(0o640)
        status = source.stat()
        fields = list(status)
        fields[stat.ST_GID] += 1
        given: list[int] = []
        monkeypatch.setattr(os, "fchown", (lambda *numbers: given.append(numbers[2])) if may_give else no_links)
        write_whole(str(tmp_path / "a"), b"result", replace=False, source=os.stat_result(fields))
        assert mode(tmp_path / "a") == of_result
        assert given == ([fields[stat.ST_GID]] if may_give else [])

    def test_without_source(self, tmp_path: Path) -> None:
        write_whole(str(tmp_path / "a"), b"result", replace=False)
        assert mode(tmp_path / "a") == 0o644

    def test_replaced_file_keeps_its_own(self, tmp_path: Path) -> None:
        target = tmp_path / "a"
        target.touch()
        target.chmod(0o604)
        write_whole(str(target), b"result", replace=True)
        assert (mode(target), target.read_bytes()) == (0o604, b"result")

    def test_is_private_while_it_is_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        target, seen = tmp_path / "a", []
        target.touch()
        target.chmod(0o600)
        monkeypatch.setattr(os, "fsync", lambda number: seen.append(stat.S_IMODE(os.fstat(number).st_mode)))
        write_whole(str(target), b"result", replace=True)
        assert seen == [0o600]

    def test_owner_and_group_of_the_replaced_file(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only the administrator may give files away")
        target = tmp_path / "a"
        target.touch()
        os.chown(target, 12345, 23456)
        target.chmod(0o640)
        write_whole(str(target), b"result", replace=True)
        assert (target.stat().st_uid, target.stat().st_gid, mode(target)) == (12345, 23456, 0o640)

    def test_group_that_cannot_be_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if os.geteuid() != 0:
            pytest.skip("only the administrator may give files away")
        target = tmp_path / "a"
        target.touch()
        os.chown(target, 0, 23456)
        target.chmod(0o640)
        monkeypatch.setattr(os, "fchown", no_links)
        write_whole(str(target), b"result", replace=True)
        assert mode(target) == 0o600, "another group must not read it"
