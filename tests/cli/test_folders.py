"""Every file of a folder: a picture that is not coded is named, and makes the exit code 1."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from cli_tools import Command, write_photo
from PIL import Image
from samples import make_picture

from veneer.cli import folders
from veneer.cli.batch.places import list_files
from veneer.cli.known_starts import PICTURE_START
from veneer.cli.paths import PICTURE_SUFFIXES, Direction, plan

ENCODE = ("encode", "-e", "1", "--layers", "base")
PHOTO = Image.fromarray(make_picture(8, 8))


def is_png(name: str) -> bool:
    return name.endswith(".png")


def files_of(found: folders.Found, folder: Path) -> list[str]:
    return [str(file.relative_to(folder)) for file in found.files]


@pytest.mark.parametrize(
    "name",
    ["a.dng", "a.nef", "a.cr2", "a.CR3", "a.arw", "a.psd", "a.heic", "a.jxl", "a.exr", "a.xcf", "a.png"],
)
def test_what_cannot_be_coded_is_named(run: Command, folder: Path, name: str) -> None:
    write_photo(folder / "in" / "good.jpg")
    (folder / "in" / name).write_bytes(b"\1\2\3" * 50)
    (folder / "in" / "notes.txt").write_text("not a picture")
    result = run(*ENCODE, "in", "-o", "out", code=1)
    assert f"veneer: in/{name}: is not a picture that can be read here; " in result.stderr
    assert "notes.txt" not in result.stderr
    assert [path.name for path in (folder / "out").iterdir()] == ["good.vnr"]


@pytest.mark.parametrize("name", ["photo", "photo.dat", "photo.jpg.orig"])
def test_pictures_of_other_names_are_coded(run: Command, folder: Path, name: str) -> None:
    write_photo(folder / "in" / "a.png").rename(folder / "in" / name)
    (folder / "in" / ".hidden").write_bytes((folder / "in" / name).read_bytes())
    run(*ENCODE, "in", "-o", "out")
    run("batch", "in", "batch", "-e", "1", "--layers", "base", "-j", "1")
    assert [path.name for path in (folder / "out").iterdir()] == [f"{name}.vnr"]
    assert [path.name for path in (folder / "batch").glob("*.vnr")] == [f"{name}.vnr"]


@pytest.mark.parametrize("name", ["PNG", "GIF", "JPEG", "WEBP", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF", "QOI"])
def test_how_pictures_begin(name: str) -> None:
    buffer = io.BytesIO()
    PHOTO.save(buffer, name)
    assert PICTURE_START.match(buffer.getvalue())


@pytest.mark.parametrize(
    "data", [b"", b"BM is a text", b"P1 is one", b"RIFF1234WAVE", b"\0\0\0\x18ftypmp42", b"\x8bVNR\r\n"]
)
def test_how_others_begin(data: bytes) -> None:
    assert PICTURE_START.match(data) is None


def test_links(folder: Path) -> None:
    for name in ("in/a.png", "in/sub/b.png", "elsewhere/c.png"):
        write_photo(folder / name)
    os.symlink("../elsewhere", folder / "in" / "out")  # named
    os.symlink("sub", folder / "in" / "again")  # searched in its place
    os.symlink("..", folder / "in" / "sub" / "round")  # back up to a folder that is searched already
    os.symlink("../elsewhere/c.png", folder / "in" / "linked.png")
    os.symlink("nowhere.png", folder / "in" / "broken.png")
    os.mkfifo(folder / "in" / "pipe.png")
    found = folders.search("in", is_png, None)
    assert files_of(found, Path("in")) == ["a.png", "linked.png", "sub/b.png"]
    assert [(name, failure.what) for name, failure in found.failures] == [
        ("in/broken.png", "is a link to a file that is not there"),
        ("in/out", "is a link to a folder elsewhere, which is not searched"),
        ("in/pipe.png", "is no file but a pipe or device"),
    ]


def test_a_link_that_is_named_as_well(run: Command, folder: Path) -> None:
    for name in ("in/a.png", "elsewhere/c.png"):
        write_photo(folder / name)
    os.symlink("../elsewhere", folder / "in" / "out")
    assert "veneer: in/out: is a link to a folder elsewhere" in run(*ENCODE, "in", code=1).stderr
    assert "in/out: " in run("batch", "in", "done", "-e", "1", "-j", "1", code=1).stderr
    assert run(*ENCODE, "in", "in/out", "-o", "all").stderr == ""
    assert sorted(path.name for path in (folder / "all").iterdir()) == ["a.vnr", "c.vnr"]


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A folder in which one cannot be read, for somebody who is not root."""
    with tempfile.TemporaryDirectory() as place, monkeypatch.context() as patch:
        patch.chdir(place)
        for name in ("in/a/a.png", "in/b/b.png"):
            write_photo(Path(place, name))
        Path(place).chmod(0o755)
        Path("in/b").chmod(0o700 if os.geteuid() == 0 else 0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield place
        finally:
            os.seteuid(user)
            Path(place, "in/b").chmod(0o700)


def test_folders_that_cannot_be_read(locked: str) -> None:
    tasks, failures = plan(["in"], "out", Direction(PICTURE_SUFFIXES, ".vnr", lambda _: False))
    assert [task.name for task in tasks] == ["in/a/a.png"]
    assert [(name, failure.what) for name, failure in failures] == [("in/b", "permission denied")]
    for place in (f"{locked}/in", f"{locked}/in/**/*.png"):
        entries = list_files(place, is_png)
        assert [(entry.relative, entry.failure and entry.failure.what) for entry in entries] == [
            ("a/a.png", None),
            ("b", "permission denied"),
        ]
    for pattern, names in (("in/**/*.png", ["in/b"]), ("in/*/*.png", ["in/b"]), ("in/*.png", [])):
        assert [name for name, _ in folders.unsearched(pattern)] == names


def test_folders_elsewhere_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/locked/in/a.png": b"1", "/locked/in/b/b.png": b"1"})
    list_folder: Callable[..., Any] = type(memory).ls

    def ls(self: Any, path: str, **options: Any) -> Any:
        if path.rstrip("/").endswith("/b"):
            raise PermissionError(13, "Permission denied", path)
        return list_folder(self, path, **options)

    monkeypatch.setattr(type(memory), "ls", ls)
    monkeypatch.setattr(type(memory), "find", fsspec.AbstractFileSystem.find)  # what sftp, ftp and smb search with
    entries = list_files("memory://locked/in", is_png)
    assert [(entry.relative, entry.failure and entry.failure.what) for entry in entries] == [
        ("a.png", None),
        ("b", "permission denied"),
    ]
