"""The examples of the documentation run, page by page, in a folder with a photograph and a folder of pictures.

Blocks marked `python` and `sh` are run in their order; `console` is for what needs more than that folder.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image
from samples import make_picture

from veneer.cli.encode import encode

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [DOCS / "index.md", DOCS / "tutorial.md", *sorted((DOCS / "howto").glob("*.md"))]

Block = tuple[int, str, str]  # line, language, text


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    found = re.finditer(r"^```(python|sh)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(text.count("\n", 0, match.start()) + 2, match[1], match[2]) for match in found]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the pages suppose it, with `veneer` on the path."""
    with Image.open(ROOT / "examples" / "fir.jpg") as photo:
        photo.reduce(2).save(tmp_path / "photo.jpg", exif=photo.getexif())
    for name in ("2024/a.jpg", "2024/b.png", "2025/c.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_picture(40, 50)).save(path)
    programs = tmp_path / ".programs"
    programs.mkdir()
    for name, arguments in (("veneer", ' -m veneer "$@"'), ("python", ' "$@"')):
        (programs / name).write_text(f"#!/bin/sh\nexec {sys.executable}{arguments}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))  # nothing is written to that of the user
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_examples(page: Path, folder: Path) -> None:
    assert folder.exists()
    names: dict[str, object] = {"__name__": "example"}
    for line, language, text in blocks(page):
        if language == "python":
            # Empty lines in front, so that errors name the line of the page.
            exec(compile("\n" * (line - 1) + text, str(page), "exec"), names)  # noqa: S102 - our own text
        else:
            shell = ["bash", "-euo", "pipefail", "-c", text]
            done = subprocess.run(shell, capture_output=True, check=False)
            assert done.returncode == 0, f"{page}:{line}\n{done.stdout.decode()}\n{done.stderr.decode()}"


@pytest.mark.slow
def test_commands_of_readme(folder: Path) -> None:
    """Those under "On the command line", but for the benchmark and the viewer, which have tests of their own."""
    with Image.open(ROOT / "examples" / "fir.jpg") as photo:
        photo.save(folder / "photo.jpg")
        photo.reduce(4).save(folder / "photo.png")
    shutil.copytree(folder / "photos", folder / "archive")
    ((_, _, text),) = [block for block in blocks(ROOT / "README.md") if block[2].startswith("veneer ")]
    without = ["veneer bench ", "veneer view "]  # which ends by Ctrl-C
    without += [] if find_spec("torch") else ["veneer score "]  # which needs torch
    commands = [line for line in text.splitlines() if not line.startswith(tuple(without))]
    assert len(commands) > 5
    for command in commands:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_pages_are_found() -> None:
    assert {page.stem for page in PAGES if blocks(page)} >= {"index", "tutorial", "batch", "region", "decoder"}


def test_every_page_is_in_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text()
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert {page for page in pages if not re.search(rf"[ -]{re.escape(page)}$", contents, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.relative_to(DOCS)))
def test_nothing_is_taken_for_a_link(page: Path) -> None:
    """`a[b][c]` outside of code is a link to "c" in Markdown, which building the site refuses."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"\w*\[[^\]]*\]\[[^\]]*\]", re.sub(r"`[^`]*`", "", text)) == []


def test_examples_of_help_texts_keep_their_lines() -> None:
    """The page "Command" shows help texts as Markdown, which would run the lines of an example together."""
    namespace = runpy.run_path(str(DOCS / "command_examples.py"))
    shown = namespace["with_code_blocks"](encode.help)
    assert "\nveneer encode photo.jpg small.vnr -q 50\n" in shown
    assert "\b" not in shown
    assert shown.count("```") == 2
