"""Messages and leftover files of the command when a file fails."""

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command, process, write_photo
from PIL import Image
from samples import four_tiles, make_picture

import veneer

OneLine = Callable[..., str]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("text.png", b"just some words\n", "is text"),
        ("empty.jpg", b"", "is empty"),
        ("noise.png", bytes(range(256)), "is not a picture"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is HEIC"),
        ("a.jxl", b"\xff\x0a\0\0\0", "is JPEG XL"),
        ("a.jpg", b"\xff\xd8\xff\xc3\0\0", "is a JPEG that cannot be read here"),
        ("a.png", four_tiles(), "is a Veneer file already"),
    ],
)
def test_no_picture(one_line: OneLine, folder: Path, name: str, data: bytes, message: str) -> None:
    (folder / name).write_bytes(data)
    line = one_line("encode", name, "-q", "75")
    assert line.startswith(f"veneer: {name}: ")
    assert message in line
    assert list(folder.glob("*.vnr")) == []


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_cut_picture(one_line: OneLine, folder: Path, suffix: str) -> None:
    path = write_photo(folder / f"a.{suffix}", width=200, height=200)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    line = one_line("encode", path.name, "-q", "75")
    assert "damaged or cut" in line or "cannot be read" in line


def test_missing(one_line: OneLine) -> None:
    assert "no such file" in one_line("encode", "missing.jpg")
    assert "no such file" in one_line("decode", "missing.vnr")
    assert "no file matches" in one_line("encode", "*.jpg")


def test_folder_without_pictures(one_line: OneLine, folder: Path) -> None:
    (folder / "empty").mkdir()
    assert "no pictures in this folder" in one_line("encode", "empty")
    assert "no .vnr files in this folder" in one_line("decode", "empty")


def test_not_veneer(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    assert "not a Veneer file" in one_line("decode", "a.png", "b.png")
    (folder / "empty.vnr").write_bytes(b"")
    assert "there is no data" in one_line("decode", "empty.vnr")


def test_existing_target(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    (folder / "a.vnr").write_bytes(b"precious")
    assert "--force" in one_line("encode", "a.png")
    assert (folder / "a.vnr").read_bytes() == b"precious"


def test_source_as_target(run: Command, folder: Path) -> None:
    """Not even --force replaces an original by what is made of it."""
    write_photo(folder / "a.jpg")
    os.symlink("a.jpg", "link.vnr")
    (folder / "a.vnr").write_bytes(four_tiles())
    original, file = (folder / "a.jpg").read_bytes(), (folder / "a.vnr").read_bytes()
    for arguments in (
        ("encode", "a.jpg", "-o", "a.jpg"),
        ("encode", "a.jpg", "-o", "./link.vnr"),
        ("restore", "a.jpg", "-o", "a.jpg"),
        ("decode", "a.vnr", "-o", "a.vnr", "--format", "png"),
        ("compare", "a.jpg", "a.jpg", "-o", "a.jpg"),
    ):
        said = run(*arguments, "--force", code=1).stderr
        assert "is the source itself" in said or "written as .png or .html" in said
    Image.new("RGB", (48, 32)).save("b.png")
    Image.new("RGB", (48, 32)).save("c.png")
    assert "is the source itself" in run("compare", "b.png", "c.png", "-o", "c.png", "--force", code=1).stderr
    assert (folder / "a.jpg").read_bytes() == original
    assert (folder / "a.vnr").read_bytes() == file


def test_format_and_ending_differ(one_line: OneLine, run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "would be jpeg by another name" in one_line("decode", "a.vnr", "b.png", "--format", "jpeg")
    run("decode", "a.vnr", "b.jpg", "--format", "jpeg")
    run("decode", "a.vnr", "-o", "b.picture", "--format", "png")
    assert (folder / "b.picture").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("suffix", "side"), [(".webp", 16384), (".jpg", 65501)])
def test_sides_that_a_format_cannot_have(one_line: OneLine, folder: Path, suffix: str, side: int) -> None:
    data = veneer.encode(np.zeros((1, side), np.uint8), layers="base", effort=1)
    (folder / "a.vnr").write_bytes(data)
    said = one_line("decode", "a.vnr", f"a{suffix}")
    assert f"holds at most {side - 1} pixels a side, not {side}x1" in said


def test_read_only_target(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    (folder / "a.vnr").write_bytes(b"precious")
    (folder / "a.vnr").chmod(0o444)
    assert "read-only" in one_line("encode", "a.png", "--force")
    assert (folder / "a.vnr").read_bytes() == b"precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_permissions(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png").chmod(0)
    assert "permission denied" in one_line("encode", "a.png")
    write_photo(folder / "b.png")
    (folder / "closed").mkdir(mode=0o555)
    assert "permission denied" in one_line("encode", "b.png", "closed/b.vnr")


def test_target_is_a_folder_or_has_none(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    (folder / "a.vnr").mkdir()
    assert "is a folder" in one_line("encode", "a.png")
    assert "there is no folder" in one_line("encode", "a.png", "-o", "nowhere/a.vnr")


def test_clash_of_names(run: Command, folder: Path) -> None:
    write_photo(folder / "a.png")
    write_photo(folder / "a.jpg")
    result = run("encode", "a.png", "a.jpg", "-e", "1", code=1)
    assert "veneer: a.jpg: its result a.vnr would overwrite that of a.png" in result.stderr
    assert (folder / "a.vnr").exists()


def test_others_go_on(run: Command, folder: Path) -> None:
    for index in range(4):
        write_photo(folder / f"{index}.png")
    (folder / "1.png").write_bytes(b"broken")
    result = run("encode", "0.png", "1.png", "2.png", "3.png", "missing.png", "-e", "1", code=1)
    assert len(result.stderr.splitlines()) == 2
    assert sorted(path.name for path in folder.glob("*.vnr")) == ["0.vnr", "2.vnr", "3.vnr"]


def test_deep_pictures(one_line: OneLine, folder: Path) -> None:
    picture = make_picture(8, 8, 1)[:, :, 0].astype("float32")
    Image.fromarray(picture).save(folder / "deep.tif")
    assert "floating point samples of 32 bits" in one_line("encode", "deep.tif")
    Image.fromarray(picture.astype("uint16")).save(folder / "cut.png")
    (folder / "cut.png").write_bytes((folder / "cut.png").read_bytes()[:-30])
    assert "the file is damaged or cut" in one_line("encode", "cut.png")
    assert list(folder.glob("*.vnr")) == []


@pytest.mark.parametrize("suffix", ["jpg", "ppm", "bmp"])
def test_outputs_without_transparency(one_line: OneLine, folder: Path, suffix: str) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(9, 9, 4)))
    assert "transparency" in one_line("decode", "a.vnr", f"a.{suffix}")
    assert not (folder / f"a.{suffix}").exists()


def test_unknown_output_format(one_line: OneLine, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "--format" in one_line("decode", "a.vnr", "a.xyz")


def test_too_many_pixels(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    assert "--max-pixels" in one_line("encode", "a.png", "--max-pixels", "1000")
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "--max-pixels" in one_line("decode", "a.vnr", "b.png", "--max-pixels", "1000")


def test_target_size_too_small(one_line: OneLine, folder: Path) -> None:
    write_photo(folder / "a.png")
    assert "no file of 20 bytes is possible" in one_line("encode", "a.png", "--target-size", "20", "-e", "1", "--strip")


def test_region_outside(one_line: OneLine, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "120x100" in one_line("decode", "a.vnr", "--region", "100,0,50,50")


def test_damaged_file(run: Command, one_line: OneLine, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles()[:-30])
    result = run("decode", "a.vnr")
    place = four_tiles().rindex(b"BASE") - 4
    (cut,) = result.stderr.splitlines()
    what = f"the file ends within chunk BASE of tile 3, 18 bytes too early (at byte {place})"
    assert cut == f"veneer: a.vnr: note: {what}, and 1 more like this"
    assert (folder / "a.png").exists()
    assert "ends within chunk BASE" in one_line("decode", "a.vnr", "-f", "--strict")


def test_metadata_without_a_place(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    assert "PPM has no place for EXIF and XMP" in run("decode", "a.vnr", "a.ppm").stderr


@pytest.fixture
def full_disk(folder: Path) -> Iterator[Path]:
    """A file system with no room for a picture."""
    place = folder / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root, and a system that lets it")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk(one_line: OneLine, full_disk: Path, folder: Path) -> None:
    write_photo(folder / "a.png", width=300, height=200)
    assert "no space is left" in one_line("encode", "a.png", "-q", "100", "-o", "full/a.vnr")
    assert list(full_disk.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_devices(one_line: OneLine, folder: Path) -> None:
    """They are results where they stand second, and never pictures: reading /dev/zero would not end."""
    write_photo(folder / "a.png")
    assert "a.png: /dev/full: no space is left" in one_line("encode", "a.png", "/dev/full", "-e", "1")
    assert "/dev/full: is a device" in one_line("encode", "/dev/full", "b.vnr")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_full_standard_output(folder: Path) -> None:
    write_photo(folder / "a.png")
    with open("/dev/full", "wb") as full:
        running = process("encode", "a.png", "-", stdout=full)
        _, stderr = running.communicate(timeout=60)
    assert running.returncode == 1
    assert stderr.startswith(b"veneer: a.png: standard output: no space is left")


def test_reader_of_a_pipe_goes_away(folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(make_picture(400, 400), effort=1))
    running = process("decode", "a.vnr", "-", "--format", "ppm")
    assert running.stdout
    running.stdout.close()
    assert running.stderr
    stderr = running.stderr.read()
    running.stderr.close()
    assert running.wait(timeout=60) == 1
    assert stderr.count(b"\n") == 1
    assert b"Traceback" not in stderr


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_nothing_is_left_when_writing_fails(
    run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, force: list[str]
) -> None:
    write_photo(folder / "a.png")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr(os, "link", fail)
    assert "no space is left" in run("encode", "a.png", *force, code=1).stderr
    assert [path.name for path in folder.iterdir()] == ["a.png"]


def test_temporary_files_are_not_executable(folder: Path, run: Command) -> None:
    write_photo(folder / "a.png")
    run("encode", "a.png")
    assert not (folder / "a.vnr").stat().st_mode & stat.S_IXUSR
