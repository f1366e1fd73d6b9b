"""Colour through the command: from picture to picture, named by the user, shown by info, minded by compare."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from colour_files import GREY_PATCHES, PATCHES, adobe_exif, chrm, cicp, gama, iccp, png, png_chunk, save, viewed
from PIL import Image, features

import veneer
from veneer import colour

P3_PROFILE = colour.icc_profile((12, 13, 0, 1)) or b""


@pytest.mark.parametrize(
    ("chunks", "expected", "words"),
    [
        ([gama(100000)], (1, 8, 0, 1), "linear sRGB (CICP 1/8/0/1)"),
        ([cicp(9, 16, 0, 1)], (9, 16, 0, 1), "BT.2100 PQ (CICP 9/16/0/1)"),
        ([cicp(9, 16, 0, 0)], (9, 16, 0, 0), "BT.2100 PQ, video range (CICP 9/16/0/0)"),
        ([chrm((0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06))], (12, 13, 0, 1), "Display P3 (CICP 12/13/0/1)"),
        ([iccp(P3_PROFILE)], (1, 13, 0, 1), "ICC profile, Display P3, for RGB"),
        ([], (1, 13, 0, 1), "sRGB"),
    ],
)
def test_there_and_back(run: Command, folder: Path, chunks: list[bytes], expected: colour.Cicp, words: str) -> None:
    (folder / "a.png").write_bytes(png(*chunks))
    run("encode", "-e", "1", "a.png")
    assert veneer.read_info((folder / "a.vnr").read_bytes()).cicp == expected
    assert f"  colour       {words}\n" in run("info", "a.vnr").stdout
    assert json.loads(run("info", "--json", "a.vnr").stdout)["colour"] == words
    run("decode", "a.vnr", "b.png")
    back = (folder / "b.png").read_bytes()
    assert png_chunk(back, b"cICP") == (None if expected == (1, 13, 0, 1) else bytes(expected))
    assert (png_chunk(back, b"iCCP") is None) == (chunks == [])


@pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
def test_avif_there_and_back(run: Command, folder: Path) -> None:
    from colour_files import avif

    (folder / "a.avif").write_bytes(avif(12, 13))
    run("encode", "-e", "1", "a.avif")
    assert veneer.read_info((folder / "a.vnr").read_bytes()).cicp == (12, 13, 0, 1)


def test_named_by_the_user(run: Command, folder: Path) -> None:
    (folder / "a.png").write_bytes(png())
    run("encode", "-e", "1", "--cicp", "display-p3", "a.png")
    info = veneer.read_info((folder / "a.vnr").read_bytes())
    assert (info.cicp, info.icc) == ((12, 13, 0, 1), None)
    (folder / "b.png").write_bytes(png(iccp(P3_PROFILE)))
    result = run("encode", "-e", "1", "--cicp", "9/16", "b.png")
    assert "b.png: note: its ICC profile is left out: its colour is named BT.2100 PQ" in result.stderr
    info = veneer.read_info((folder / "b.vnr").read_bytes())
    assert (info.cicp, info.icc) == ((9, 16, 0, 1), None)
    for bad in ("p3ish", "9/16/9/1"):
        assert "--cicp" in run("encode", "--cicp", bad, "a.png", "c.vnr", code=2).stderr


def test_batch(run: Command, folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.png").write_bytes(png(cicp(12, 13, 0, 1)))
    (folder / "in" / "b.png").write_bytes(png())
    run("batch", "in", "out", "-e", "1", "-j", "1")
    found = {name: veneer.read_info((folder / "out" / f"{name}.vnr").read_bytes()).cicp for name in "ab"}
    assert found == {"a": (12, 13, 0, 1), "b": (1, 13, 0, 1)}
    run("batch", "--decode", "out", "back", "-j", "1")
    assert png_chunk((folder / "back" / "a.png").read_bytes(), b"cICP") == bytes((12, 13, 0, 1))
    run("batch", "in", "out", "-e", "1", "-j", "1", "--cicp", "bt2100-hlg")
    assert veneer.read_info((folder / "out" / "b.vnr").read_bytes()).cicp == (9, 18, 0, 1)
    run("batch", "--decode", "--cicp", "srgb", "out", "back", code=2)


def test_strict_refuses_a_conversion(one_line: Callable[..., str], folder: Path) -> None:
    (folder / "a.vnr").write_bytes(veneer.encode(PATCHES, effort=1, layers="base", cicp="display-p3"))
    line = one_line("decode", "--strict", "a.vnr", "a.bmp")
    assert "would lose something: BMP has no place for Display P3: it is converted to sRGB" in line
    assert not (folder / "a.bmp").exists()


def test_restored_jpegs_keep_their_colour(run: Command, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(save(PATCHES, "JPEG", quality=90, icc_profile=P3_PROFILE))
    (folder / "b.jpg").write_bytes(save(PATCHES, "JPEG", quality=90, exif=adobe_exif()))
    run("restore", "a.jpg", "b.jpg", "-o", "out")
    with Image.open(folder / "out" / "a.png") as image:
        assert image.info["icc_profile"] == P3_PROFILE
    with Image.open(folder / "out" / "b.png") as image:
        assert colour.profile_name(image.info["icc_profile"]) == "Adobe RGB (1998)"
    result = run("restore", "a.jpg", "a.bmp")
    assert "BMP has no place for the ICC profile Display P3: it is converted to sRGB" in result.stderr


def figures(run: Command, a: str, b: str) -> tuple[float, str]:
    result = run("compare", "--json", a, b)
    return float(json.loads(result.stdout)["psnr"]), result.stderr


def test_compare_minds_the_space(run: Command, folder: Path) -> None:
    (folder / "p3.png").write_bytes(png(cicp(12, 13, 0, 1)))
    (folder / "srgb.png").write_bytes(png())
    (folder / "profile.png").write_bytes(png(iccp(P3_PROFILE)))
    (folder / "p3.vnr").write_bytes(veneer.encode(PATCHES, quality=99.9, effort=1, layers="base", cicp="display-p3"))
    assert figures(run, "p3.png", "profile.png") == (99.0, "")
    psnr, notes = figures(run, "p3.png", "p3.vnr")
    assert psnr > 45
    assert notes == ""
    psnr, notes = figures(run, "srgb.png", "p3.png")
    assert psnr < 48  # the colours are muted
    note = "its colour space is another than that of the other picture: it is converted from Display P3 to sRGB"
    assert notes == f"veneer: p3.png: note: {note}\n"


def test_converted_pixels_are_those_that_a_viewer_shows(run: Command, folder: Path) -> None:
    shown = viewed(png(iccp(P3_PROFILE))).astype(np.uint8)
    (folder / "shown.png").write_bytes(save(np.repeat(np.repeat(shown[None], 16, 0), 16, 1), "PNG"))
    (folder / "p3.png").write_bytes(png(cicp(12, 13, 0, 1)))
    assert figures(run, "shown.png", "p3.png")[0] > 48


def test_compare_grey_profiles(run: Command, folder: Path) -> None:
    profile = colour.icc_profile((1, 8, 0, 1), grey=True) or b""
    (folder / "grey.png").write_bytes(png(iccp(profile), pixels=GREY_PATCHES))
    (folder / "cicp.png").write_bytes(png(cicp(1, 8, 0, 1), pixels=GREY_PATCHES))
    (folder / "plain.png").write_bytes(png(pixels=GREY_PATCHES))
    assert figures(run, "grey.png", "plain.png")[0] < 30
    assert figures(run, "grey.png", "cicp.png")[0] > 48
    (folder / "odd.png").write_bytes(png(cicp(99, 99, 0, 1)))
    assert "its colour space cannot be told, and is taken for sRGB" in figures(run, "odd.png", "odd.png")[1]


def test_map_is_in_the_space_of_the_pictures(run: Command, folder: Path) -> None:
    (folder / "p3.png").write_bytes(png(cicp(12, 13, 0, 1)))
    (folder / "srgb.png").write_bytes(png())
    run("compare", "p3.png", "p3.png", "-o", "same.png")
    assert png_chunk((folder / "same.png").read_bytes(), b"iCCP") is not None
    run("compare", "p3.png", "srgb.png", "-o", "other.png")
    assert png_chunk((folder / "other.png").read_bytes(), b"iCCP") is None
