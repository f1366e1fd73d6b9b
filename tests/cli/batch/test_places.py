"""Places: names that look like URLs, and writing in the place of nothing that must stay."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import fsspec
import pytest
from batch_tools import QUICK
from cli_tools import Command
from PIL import Image
from samples import make_picture

from veneer.cli.batch import places, remote_places
from veneer.cli.batch.names import ANYTHING, NOTHING, TakenFailure, absolute, is_local, protocol_of
from veneer.cli.failure import FileFailure

TOKEN = "0a1b2c3d"  # noqa: S105 - of a run


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder here, and one elsewhere that is no object store."""
    return str(tmp_path) if request.param == "local" else f"memory://{uuid.uuid4().hex}"


def write(url: str, data: bytes, may_replace: str = NOTHING) -> str | None:
    return places.write(url, data, may_replace=may_replace, token=TOKEN)


def test_only_what_may_be_replaced_is(place: str) -> None:
    url = f"{place}/deep/a.vnr"
    assert places.stamp_of(url) is None
    stamp = write(url, b"first")
    assert stamp == places.stamp_of(url)
    with pytest.raises(TakenFailure, match="--force"):
        write(url, b"second")
    with pytest.raises(TakenFailure):
        write(url, b"second", "another stamp")
    assert places.read(url) == b"first"
    assert stamp is not None
    newer = write(url, b"the second", stamp)
    assert places.read(url) == b"the second"
    assert newer != stamp
    with pytest.raises(TakenFailure):
        write(url, b"third", stamp)
    write(url, b"third", ANYTHING)
    assert places.read(url) == b"third"
    places.remove(url)
    assert places.stamp_of(url) is None


@pytest.mark.parametrize("may_replace", [NOTHING, ANYTHING])
def test_files_that_appear_at_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_replace: str
) -> None:
    target = tmp_path / "a.vnr"
    monkeypatch.setattr(os, "fsync", lambda _: target.write_bytes(b"theirs"))
    if may_replace == ANYTHING:
        write(str(target), b"result", may_replace)
        assert target.read_bytes() == b"result"
    else:
        with pytest.raises(TakenFailure):
            write(str(target), b"result", may_replace)
        assert target.read_bytes() == b"theirs"


def test_unfinished_files_of_ended_runs_alone_are_removed(place: str) -> None:
    ours, others = f".a.vnr.{TOKEN}00000000.part", ".a.vnr.ffffffff00000000.part"
    for name in (ours, others, "a.part", f".{TOKEN}00000000.part"):
        write(f"{place}/{name}", b"half")
    places.remove_unfinished([f"{place}/a.vnr"], [TOKEN, "11111111"])
    assert places.stamp_of(f"{place}/{ours}") is None
    assert places.stamp_of(f"{place}/{others}") is not None
    assert places.stamp_of(f"{place}/a.part") is not None


WRITER = """
import sys
from veneer.cli import whole_files
from veneer.cli.batch import places

def wait(_):
    print("writing", flush=True)
    sys.stdin.read()

whole_files.os.fsync = wait
places.write(sys.argv[1], b"result", may_replace="", token=sys.argv[2])
"""


def test_a_living_writer_keeps_its_unfinished_file(run: Command, folder: Path, in_process: None) -> None:
    """Two processes write below one folder, of which the second ends while the first is in the middle of its file."""
    assert in_process is None
    (folder / "in").mkdir()
    Image.fromarray(make_picture(20, 24)).save(folder / "in/a.png")
    target = folder / "out/other.vnr"
    command = [sys.executable, "-c", WRITER, str(target), "12345678"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == b"writing\n"
        run("batch", "in", "out", *QUICK)
        run("batch", "in", "out", *QUICK, "--force")
        assert len(list(target.parent.glob("*.part"))) + len(list(target.parent.glob(".*.part"))) >= 1
        writer.stdin.close()
        assert writer.wait(timeout=600) == 0
    assert target.read_bytes() == b"result"


@pytest.mark.parametrize("name", ["a::b", "zip::x", "s3:::b", "x?versionId=1", "50%25", "#", "file:", "~", "[a]"])
def test_names_that_are_there_are_names(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"1")
    url = absolute(name)
    if name == "~":
        return  # the home folder, as in a shell
    assert is_local(url)
    assert protocol_of(url) == "file"
    assert places.read(url) == b"1"
    (entry,) = places.list_files(url, lambda _: False)
    assert (entry.url, entry.relative) == (str(folder / name), name)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://bucket/x", "s3://bucket/x"),
        ("zip://::photos.zip", "zip://::{here}/photos.zip"),
        ("simplecache::s3://bucket/x", "simplecache::s3://bucket/x"),
        ("file://{here}/x", "{here}/x"),
        ("x/", "{here}/x/"),
    ],
)
def test_absolute(url: str, expected: str) -> None:
    here = os.getcwd()
    assert absolute(url.format(here=here)) == expected.format(here=here)


class Store:
    """Names in an object store's client, and its exclusive writing."""

    protocol = ("s3", "s3a")

    def __init__(self, exclusive: bool) -> None:
        self.objects: dict[str, bytes] = {}
        self.exclusive = exclusive
        self.late: tuple[str, bytes] | None = None

    def split_path(self, path: str) -> tuple[str, str, None]:
        bucket, _, key = path.partition("/")
        return bucket, key.partition("?versionId=")[0], None

    def invalidate_cache(self, *_: str) -> None:
        pass

    def info(self, path: str) -> dict[str, Any]:
        if path not in self.objects:
            raise FileNotFoundError(path)
        return {"name": path, "size": len(self.objects[path]), "ETag": str(hash(self.objects[path])), "type": "file"}

    def find(self, path: str, *, detail: bool) -> dict[str, Any]:
        assert detail
        return {name: self.info(name) for name in self.objects if name.startswith(path)}

    def cat_file(self, path: str) -> bytes:
        return self.objects[path]

    def pipe_file(self, path: str, data: bytes, mode: str = "overwrite") -> None:
        if self.late is not None:
            self.objects.update([self.late])
        if mode == "create" and not self.exclusive:
            raise NotImplementedError("no exclusive writing here")
        if mode == "create" and path in self.objects:
            raise OSError(22, "At least one of the pre-conditions you specified did not hold")
        self.objects[path] = data


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store(exclusive=True)
    monkeypatch.setattr(remote_places, "_open", lambda url: (made, url.removeprefix("s3://")))
    return made


def test_objects_that_appear_at_the_last_moment_stay(store: Store) -> None:
    store.late = ("bucket/a.vnr", b"precious")
    with pytest.raises(TakenFailure):
        write("s3://bucket/a.vnr", b"result")
    assert store.objects == {"bucket/a.vnr": b"precious"}


def test_stores_without_exclusive_writing(store: Store) -> None:
    store.exclusive = False
    write("s3://bucket/a.vnr", b"result")
    assert store.objects == {"bucket/a.vnr": b"result"}
    with pytest.raises(TakenFailure):
        write("s3://bucket/a.vnr", b"another")


def test_objects_whose_names_mean_others(store: Store) -> None:
    failure = places.unfit_target("s3://bucket/x", "a?versionId=1.vnr")
    assert failure is not None
    assert "rename it" in failure.remedy
    assert places.unfit_target("s3://bucket/x", "a?version=1#%.vnr") is None
    store.objects = {"bucket/a?versionId=1.png": b"1", "bucket/b.png": b"2"}
    store.isdir = lambda _: True  # type: ignore[attr-defined]
    store.unstrip_protocol = lambda name: f"s3://{name}"  # type: ignore[attr-defined]
    entries = places.list_files("s3://bucket", lambda _: True)
    assert [(entry.relative, entry.failure is None) for entry in entries] == [
        ("a?versionId=1.png", False),
        ("b.png", True),
    ]


def test_names_that_a_client_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of servers take URLs apart at `?` and `#`."""
    memory = fsspec.filesystem("memory")
    monkeypatch.setattr(remote_places, "_open", lambda url: (memory, url.removeprefix("sftp://host").partition("?")[0]))
    assert places.unfit_target("sftp://host/x", "a.vnr") is None
    assert isinstance(places.unfit_target("sftp://host/x", "a?b.vnr"), FileFailure)
