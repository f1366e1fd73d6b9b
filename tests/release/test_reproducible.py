"""Source distributions of the same sources have the same bytes, wherever and whenever they are made."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "setup.py").is_file(), reason="an installed package has no sources")

# What a source distribution is made of; of the models and vectors one is enough.
FILES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md")
FOLDERS = ("native", "release", "docs/tables")


def copy_of_tree(folder: Path, time: int) -> Path:
    """Without git, as an unpacked source distribution; all files changed at `time`, in an order of its own."""
    folder.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "src",
        folder / "src",
        ignore=shutil.ignore_patterns("*.so", "*.vnw", "*.vnm", "*.egg-info", "__pycache__"),
    )
    for path in sorted(folder.rglob("*"), reverse=time % 2 == 0):
        os.utime(path, (time, time))
    return folder


def sdist_of(tree: Path, **environment: str) -> bytes:
    without = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    run = subprocess.run(
        [sys.executable, "setup.py", "-q", "sdist"], cwd=tree, env=without | environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    (archive,) = (tree / "dist").iterdir()
    return archive.read_bytes()


def test_sdist_is_the_same_anywhere_and_at_any_time(tmp_path: Path) -> None:
    first = sdist_of(copy_of_tree(tmp_path / "first", 1_500_000_000), SOURCE_DATE_EPOCH="1600000000")
    (tmp_path / "elsewhere").mkdir()
    mask = os.umask(0o077)
    try:
        again = sdist_of(copy_of_tree(tmp_path / "elsewhere" / "second", 1_700_000_001), SOURCE_DATE_EPOCH="1600000000")
    finally:
        os.umask(mask)
    assert first == again

    (archive,) = (tmp_path / "first" / "dist").iterdir()
    with tarfile.open(archive) as opened:
        members = opened.getmembers()
        assert {member.mtime for member in members} == {1_600_000_000}
        assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}
        assert [member.name.split("/") for member in members] == sorted(member.name.split("/") for member in members)
        opened.extractall(tmp_path / "unpacked", filter="data")

    # Made again of what it holds, without being told the time.
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    with tarfile.open(fileobj=io.BytesIO(sdist_of(unpacked))) as opened:
        assert {member.mtime for member in opened.getmembers()} == {1_600_000_000}


def test_time_is_that_of_the_last_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "release"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    import reproducible

    assert reproducible.source_time(tmp_path) == reproducible.FIRST_OF_ZIP
    (tmp_path / "PKG-INFO").touch()
    os.utime(tmp_path / "PKG-INFO", (1_600_000_000, 1_600_000_000))
    assert reproducible.source_time(tmp_path) == 1_600_000_000
    if shutil.which("git"):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        when = os.environ | {"GIT_COMMITTER_DATE": "1650000000 +0000"}
        for command in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "First"]):
            subprocess.run(["git", "-C", str(tmp_path), *command], check=True, env=when)
        assert reproducible.source_time(tmp_path) == 1_650_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert reproducible.source_time(tmp_path) == 1_700_000_000


def test_differences_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "release"))
    import check_reproducible

    def wheel(name: str, text: str, year: int, *others: str) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a.py", (year, 1, 1, 0, 0, 0)), text)
            for other in others:
                archive.writestr(zipfile.ZipInfo(other), "")
        return tmp_path / name

    first = wheel("1.whl", "x", 2000)
    assert check_reproducible.differences(first, wheel("2.whl", "y", 2000)) == ["  a.py: other content"]
    (other_time,) = check_reproducible.differences(first, wheel("3.whl", "x", 2001))
    assert "2001" in other_time
    assert check_reproducible.differences(first, wheel("4.whl", "x", 2000, "b")) == ["  b: in one of them"]
    turned = check_reproducible.differences(wheel("5.whl", "x", 2000, "b", "c"), wheel("6.whl", "x", 2000, "c", "b"))
    assert turned == ["  the order or the packing of the members"]
