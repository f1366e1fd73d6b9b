"""`veneer desktop`, and the files in `share/` with the programs that read them."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_tools import Command, process
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli import desktop_entries
from veneer.cli.desktop_entries import own_command, quoted_for_exec

ROOT = Path(__file__).parents[2]
SHARE = ROOT / "share"
NAMES = ["mime/packages/veneer.xml", "thumbnailers/veneer.thumbnailer", "applications/veneer.desktop", "veneer/magic"]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(folder))
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def coded(folder: Path) -> Path:
    path = folder / "picture.vnr"
    path.write_bytes(veneer.encode(make_picture(30, 40)))
    return path


def output_of(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_install_says_each_file_and_uninstall_removes_it(run: Command, home: Path) -> None:
    paths = [home / ".local/share" / name for name in NAMES] + [home / ".config/ImageMagick/delegates.xml"]
    said = run("desktop", "--install").stdout
    for path in paths:
        assert f"{path}: written" in said
        assert path.is_file()
    assert run("desktop", "--install").stdout.count("is there already") == len(paths)
    said = run("desktop", "--uninstall").stdout
    assert not any(path.exists() for path in paths)
    assert all(f"{path}: removed" in said for path in paths)
    assert not (home / ".local/share/veneer").exists()
    assert run("desktop", "--uninstall").stdout.count("is not there") == len(paths)


def test_an_older_file_of_veneer_is_replaced(run: Command, home: Path) -> None:
    path = home / ".local/share/thumbnailers/veneer.thumbnailer"
    path.parent.mkdir(parents=True)
    path.write_text("# Of Veneer: an older one\n")
    assert f"{path}: replaced" in run("desktop", "--install").stdout
    assert "MimeType=image/x-veneer" in path.read_text()


@pytest.mark.parametrize("is_link", [False, True])
def test_files_of_others_stay(run: Command, home: Path, is_link: bool) -> None:
    path = home / ".config/ImageMagick/delegates.xml"
    path.parent.mkdir(parents=True)
    if is_link:
        (home / "elsewhere").write_text("<!-- Of Veneer: but not there -->")
        path.symlink_to(home / "elsewhere")
    else:
        path.write_text("<delegatemap/>")
    before = path.read_text()
    failure = run("desktop", "--install", code=1).stderr
    assert f"{path}: is there, and not of veneer; it stays; see --print" in failure
    assert f"{path}: is not of veneer; it stays" in run("desktop", "--uninstall").stdout
    assert path.read_text() == before
    run("desktop", "--install", "--force")
    assert "vnr" in path.read_text()
    assert not path.is_symlink()


def test_print_writes_nothing(run: Command, home: Path) -> None:
    said = run("desktop", "--print", "--prefix", "usr").stdout
    assert f"==> {home}/usr/share/veneer/delegates.xml <==" in said
    assert "Exec=" in said
    assert list(home.iterdir()) == []


def test_a_prefix_has_all_files(run: Command, home: Path) -> None:
    run("desktop", "--install", "--prefix", "usr")
    assert all((home / "usr/share" / name).is_file() for name in [*NAMES, "veneer/delegates.xml"])
    assert not (home / ".config").exists()


def test_folders_of_the_environment(run: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # which is to be ignored
    run("desktop", "--install")
    assert (home / "data/veneer/magic").is_file()
    assert (home / ".config/ImageMagick/delegates.xml").is_file()


def test_wrong_usage(run: Command, home: Path) -> None:
    assert "say what to do" in run("desktop", code=2).stderr
    assert "exclude each other" in run("desktop", "--install", "--user", "--prefix", "x", code=2).stderr
    assert "--force goes with --install" in run("desktop", "--print", "--force", code=2).stderr
    assert list(home.iterdir()) == []


def test_a_folder_that_cannot_be_made(run: Command, home: Path) -> None:
    (home / ".local").write_text("")
    lines = run("desktop", "--install", code=1).stderr.splitlines()
    assert len(lines) == len(NAMES)
    assert all("not a folder; check the name" in line for line in lines)


def test_a_program_that_fails(run: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = home / "bin/update-mime-database"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    result = run("desktop", "--install", code=1)
    assert f"update-mime-database: no such luck; run it on {home}/.local/share/mime yourself" in result.stderr
    assert "update-desktop-database: is not installed" in result.stdout


def test_entries_start_this_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert own_command() == [sys.executable, "-m", "veneer"]
    program = tmp_path / "veneer"
    program.write_text("")
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert own_command() == [sys.executable, "-m", "veneer"]
    program.chmod(0o755)
    assert own_command() == [str(program)]


def test_odd_paths_are_quoted() -> None:
    assert quoted_for_exec(["/usr/bin/veneer", "-m"]) == "/usr/bin/veneer -m"
    assert quoted_for_exec(['/a b/100%/$x`"\\']) == '"/a b/100%%/\\\\$x\\\\`\\\\"\\\\\\\\"'
    command = ["/a b/it's 100%/ven<eer", "-m"]
    place = desktop_entries.prefix_place("/p")
    texts = {entry.name: entry.text for entry in desktop_entries.entries(place, command)}
    delegates = [element.attrib["command"] for element in ElementTree.fromstring(texts["veneer/delegates.xml"])]  # noqa: S314 - ours
    assert len(delegates) == 2
    assert all(text.startswith("'/a b/it'\"'\"'s 100%%/ven<eer' -m ") for text in delegates)
    for name in ("thumbnailers/veneer.thumbnailer", "applications/veneer.desktop"):
        assert "TryExec=/a b/it's 100%/ven<eer\n" in texts[name]
        assert 'Exec="/a b/it\'s 100%%/ven<eer" -m ' in texts[name]


def test_every_file_is_marked_and_parsed() -> None:
    files = [path for path in SHARE.rglob("*") if path.is_file()]
    assert len(files) == 5
    assert all(desktop_entries.is_ours(path.read_bytes()) for path in files)
    for path in (SHARE / NAMES[1], SHARE / NAMES[2]):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(path)
        (section,) = parser.sections()
        assert parser[section]["MimeType"] == "image/x-veneer;"
        assert parser[section]["Exec"].startswith("veneer ")
    for path in SHARE.rglob("*.xml"):
        ElementTree.parse(path)  # noqa: S314 - ours


@needs("update-mime-database")
@needs("gio")
@pytest.mark.parametrize("name", ["picture.vnr", "picture", "picture.txt.vnr"])
def test_the_type_is_known_by_name_and_by_bytes(run: Command, home: Path, coded: Path, name: str) -> None:
    run("desktop", "--install")
    coded.rename(home / name)
    told = output_of("gio", "info", "-a", "standard::content-type", home / name, HOME=str(home))
    assert "standard::content-type: image/x-veneer" in told


@needs("desktop-file-validate")
def test_the_entry_of_the_viewer_is_valid(run: Command, home: Path) -> None:
    run("desktop", "--install")
    assert output_of("desktop-file-validate", home / ".local/share/applications/veneer.desktop") == ""


@needs("file")
def test_file_knows_it(coded: Path) -> None:
    magic = SHARE / "veneer/magic"
    assert output_of("file", "-m", magic, "-b", "--mime-type", coded) == "image/x-veneer"
    assert output_of("file", "-m", magic, "-b", coded) == "Veneer image data, version 1, 40 x 30, 8-bit RGB"
    deep = veneer.encode(make_picture(7, 9, 1).astype("uint16") << 4, depth=12, lossless=True)
    coded.write_bytes(deep)
    assert output_of("file", "-m", magic, "-b", coded) == "Veneer image data, version 1, 9 x 7, 12-bit grey, lossless"
    coded.write_bytes(deep[:10])
    assert output_of("file", "-m", magic, "-b", coded) == "Veneer image data"


@pytest.mark.slow
@needs("convert")
def test_imagemagick_reads_and_writes(run: Command, home: Path, coded: Path) -> None:
    run("desktop", "--install")
    assert "veneer" in output_of("convert", "-list", "delegate")
    odd = coded.rename(home / "it's $odd.vnr")
    output_of("convert", odd, home / "out.png")
    with Image.open(home / "out.png") as image:
        assert image.convert("RGB").tobytes() == veneer.decode(odd).tobytes()
    output_of("convert", home / "out.png", "-resize", "50%", home / "half.vnr")
    assert veneer.read_info(home / "half.vnr").width == 20


@pytest.mark.slow
def test_in_a_process_of_its_own(home: Path) -> None:
    assert os.environ["HOME"] == str(home)
    command = process("desktop", "--install")
    output, errors = command.communicate(timeout=300)
    assert command.returncode == 0, errors.decode()
    assert output.count(b": written") == 5
