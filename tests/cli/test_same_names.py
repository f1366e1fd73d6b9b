"""Results whose names differ by case or by how letters are composed, where the file system takes them for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_tools import Command
from PIL import Image

from veneer.cli import same_names
from veneer.cli.same_names import place_of


@pytest.fixture
def ignoring_case(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if all of the file system ignored case."""
    same = os.path.samefile
    monkeypatch.setattr(os.path, "samefile", lambda a, b: str(a).casefold() == str(b).casefold() or same(a, b))
    same_names._ignores_case.cache_clear()
    yield
    same_names._ignores_case.cache_clear()


def test_places(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.symlink("folder", tmp_path / "link")
    assert place_of(tmp_path / "link" / "a") == place_of(tmp_path / "folder" / "a")
    if not (tmp_path / "FOLDER").exists():
        assert place_of(tmp_path / "folder" / "a") != place_of(tmp_path / "folder" / "A")


@pytest.mark.usefixtures("ignoring_case")
def test_places_where_case_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("folder", "not there/yet"):
        assert place_of(tmp_path / name / "\u00e4.vnr") == place_of(tmp_path / name / "A\u0308.VNR")
        assert place_of(tmp_path / name / "a.vnr") != place_of(tmp_path / name / "b.vnr")


@pytest.mark.usefixtures("ignoring_case")
def test_batch(run: Command, folder: Path) -> None:
    pytest.importorskip("fsspec")
    (folder / "in").mkdir()
    Image.new("RGB", (9, 9)).save(folder / "in" / "a.png")
    Image.new("RGB", (9, 9), (200, 10, 10)).save(folder / "in" / "A.jpg")
    assert "would overwrite that of" in run("batch", "in", "out", code=1).stderr
    assert len(list(folder.glob("out/*.vnr"))) == 1


@pytest.mark.usefixtures("ignoring_case")
def test_command(run: Command, folder: Path) -> None:
    Image.new("RGB", (9, 9)).save(folder / "a.png")
    Image.new("RGB", (9, 9), (200, 10, 10)).save(folder / "A.jpg")
    said = run("encode", "a.png", "A.jpg", "--force", code=1).stderr
    assert "its result A.vnr would overwrite that of a.png" in said
    assert [path.name for path in folder.glob("*.vnr")] == ["a.vnr"]
