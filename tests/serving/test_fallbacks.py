"""The cache of decoded pictures: each is made once, and appears whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from samples import make_picture
from servers import EXAMPLES

import veneer

sys.path.append(str(EXAMPLES))

import fallbacks
from fallbacks import CannotMake, Fallbacks


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.vnr"
    path.write_bytes(veneer.encode(make_picture(40, 50)))
    return path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run."""
    found: list[list[str]] = []
    run = subprocess.run

    def counted(command: list[str], **options: object) -> object:
        found.append(command)
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(fallbacks.subprocess, "run", counted)
    return found


@pytest.mark.slow
def test_threads_make_it_once(source: Path, tmp_path: Path, runs: list[list[str]]) -> None:
    made = Fallbacks(tmp_path / "cache", jobs=3)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: made.get(source, "image/jpeg"), range(16)))
    assert len(runs) == 1
    assert len(set(results)) == 1
    assert results[0].read_bytes().startswith(b"\xff\xd8\xff")


@pytest.mark.slow
def test_processes_make_it_once(source: Path, tmp_path: Path) -> None:
    """Each process counts what it starts in a file that all of them append to."""
    program = textwrap.dedent(f"""
        import subprocess, sys
        from pathlib import Path
        sys.path.append({str(EXAMPLES)!r})
        import fallbacks
        run = subprocess.run
        def counted(command, **options):
            with open({str(tmp_path / "count")!r}, "a") as file:
                file.write("x")
            return run(command, **options)
        subprocess.run = counted
        print(fallbacks.Fallbacks(Path({str(tmp_path / "cache")!r})).get(Path({str(source)!r}), "image/png"))
    """)
    command = [sys.executable, "-c", program]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    names = {process.communicate(timeout=300)[0] for process in processes}
    assert len(names) == 1
    assert (tmp_path / "count").read_text() == "x"


def test_a_failure_is_remembered_until_the_file_changes(source: Path, tmp_path: Path, runs: list[list[str]]) -> None:
    made = Fallbacks(tmp_path / "cache", max_pixels=100)
    for _ in range(2):
        with pytest.raises(CannotMake, match="max-pixels"):
            made.get(source, "image/jpeg")
    assert len(runs) == 1
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".lock", ".failed"}
    source.write_bytes(veneer.encode(make_picture(9, 9)))
    assert made.get(source, "image/jpeg").is_file()
    assert len(runs) == 2
    with pytest.raises(FileNotFoundError):
        made.get(tmp_path / "gone.vnr", "image/jpeg")


def test_one_that_takes_too_long(source: Path, tmp_path: Path) -> None:
    made = Fallbacks(tmp_path / "cache", seconds=0.01)
    with pytest.raises(CannotMake, match=r"more than 0\.01 seconds"):
        made.get(source, "image/jpeg")
    assert {path.suffix for path in (tmp_path / "cache").iterdir()} == {".lock", ".failed"}


def test_types(source: Path, tmp_path: Path) -> None:
    assert Fallbacks(tmp_path / "cache").types_for(source) == ("image/jpeg",)
    assert Fallbacks(tmp_path / "cache", avif=True).types_for(source) == ("image/avif", "image/jpeg")
    source.write_bytes(veneer.encode(make_picture(8, 8, 4)))
    assert Fallbacks(tmp_path / "cache").types_for(source) == ("image/webp", "image/png")
    source.write_bytes(b"")
    with pytest.raises(CannotMake):
        Fallbacks(tmp_path / "cache").types_for(source)
