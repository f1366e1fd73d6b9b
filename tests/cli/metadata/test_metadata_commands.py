"""The subcommands keep the same metadata: encode and batch, decode and restore; info shows it, --strict minds it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command, folder, one_line, run
from enhancers import write_models
from metadata_files import IPTC, jpeg, load, resource
from restorers import make_restorer
from samples import XMP, make_exif, make_picture

import veneer
from veneer.cli.dump import info_lines
from veneer.file_metadata.found import metadata_of

__all__ = ["folder", "one_line", "run"]

RICH = jpeg(
    (0xE1, make_exif(6)),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
    (0xED, b"Photoshop 3.0\0" + resource(0x0404, IPTC)),
    (0xFE, b"a remark"),
    dpi=(300, 300),
)
KEPT = {
    "exif": make_exif(6)[6:],
    "xmp": XMP,
    "iptc": IPTC,
    "text": (("Comment", "a remark"),),
    "density": (1, 11811, 11811),
}


def test_encode_and_batch_keep_the_same(run: Command, folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.jpg").write_bytes(RICH)
    run("encode", "in/a.jpg", "b.vnr", "-e", "1", "--strict")
    run("batch", "in", "out", "-e", "1", "--strict")
    for name in ("b.vnr", "out/a.vnr"):
        assert metadata_of(veneer.read_info((folder / name).read_bytes())) == KEPT
    run("batch", "out", "back", "--decode", "--format", "png")
    assert load((folder / "back" / "a.png").read_bytes()).metadata.keywords() == KEPT
    run("encode", "in/a.jpg", "c.vnr", "-e", "1", "--strip")
    info = veneer.read_info((folder / "c.vnr").read_bytes())
    assert not any(metadata_of(info).values())
    assert (info.width, info.height) == (20, 30)


def test_restore_keeps_it(run: Command, folder: Path) -> None:
    write_models(folder / "models", make_restorer())
    (folder / "a.jpg").write_bytes(RICH + b"tail")
    result = run("restore", "a.jpg", "--models", "models")
    assert load((folder / "a.png").read_bytes()).metadata.keywords() == KEPT
    assert result.stderr == "veneer: a.jpg: note: 4 bytes behind the end of the JPEG are left out\n"


def test_strict_refuses_what_has_no_place(one_line: Command, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(RICH + b"tail")
    assert "4 bytes behind the end of the JPEG are left out" in str(one_line("encode", "a.jpg", "-q", "75", "--strict"))
    assert not (folder / "a.vnr").exists()


def test_info_shows_it(run: Command, folder: Path) -> None:
    texts = [("Comment", f"line\n{number}\x1b[2J") for number in range(25)] + [("Title", "x" * 99)]
    data = veneer.encode(make_picture(8, 8), layers="base", iptc=IPTC, text=texts, density=(1, 11811, 5906))
    (folder / "a.vnr").write_bytes(data)
    lines = [line.strip() for line in run("info", "a.vnr").stdout.splitlines()]
    assert f"metadata     IPTC {len(IPTC)} bytes" in lines
    assert "density      300 x 150.01 pixels per inch" in lines
    assert r"text         Comment: line\n0\x1b[2J" in lines
    assert "text         and 6 more" in lines
    found = json.loads(run("info", "--json", "a.vnr").stdout)
    assert found["text"][24:] == [["Comment", "line\n24\x1b[2J"], ["Title", "x" * 99]]
    assert (found["density"], found["iptc_bytes"]) == ([1, 11811, 5906], len(IPTC))


@pytest.mark.parametrize(("density", "text"), [(None, "none"), ((0, 2, 1), "ratio 2:1")])
def test_densities_of_info(density: tuple[int, int, int] | None, text: str) -> None:
    data = veneer.encode(np.zeros((8, 8), np.uint8), layers="base", text={"Title": "y" * 99}, density=density)
    lines = [line.strip() for line in info_lines("a", veneer.read_info(data))]
    assert f"density      {text}" in lines
    assert f"text         Title: {'y' * 60} ..." in lines
