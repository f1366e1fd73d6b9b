"""The commands where nothing fails."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_tools import Command, write_photo
from gain_map_jpegs import gain_map_jpeg
from PIL import Image, ImageOps
from samples import four_tiles, make_picture, psnr_db
from valid_vectors import END, gain_map_chunk, head_chunk, put_together, tile_chunk

import veneer
from veneer.bitstream.chunks import write_chunk
from veneer.cli.dump import dump_lines


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_there_and_back(run: Command, folder: Path) -> None:
    write_photo(folder / "photo.png")
    output = run("encode", "photo.png", "-q", "90").stdout
    assert "photo.png -> photo.vnr" in output
    assert "bpp" in output
    run("decode", "photo.vnr", "back.png")
    assert psnr_db(pixels_of(folder / "photo.png"), pixels_of(folder / "back.png")) > 27


def test_encode_is_the_api(run: Command, folder: Path) -> None:
    picture = make_picture(50, 60)
    Image.fromarray(picture).save("a.png")
    run("encode", "a.png", "-q", "33", "-e", "2", "--tune", "psnr", "--tile-size", "64", "--layers", "base")
    expected = veneer.encode(picture, quality=33, effort=2, tune="psnr", tile_size=64, layers="base")
    assert (folder / "a.vnr").read_bytes() == expected
    run("encode", "a.png", "b.vnr", "--step-index", "50")
    assert (folder / "b.vnr").read_bytes() == veneer.encode(picture, step_index=50)


@pytest.mark.parametrize("target", [["--target-size", "0.9k"], ["--target-size", "900B"], ["--bpp", "2.4"]])
def test_sizes(run: Command, folder: Path, target: list[str]) -> None:
    Image.fromarray(make_picture(50, 60)).save("a.png")
    run("encode", "a.png", "-e", "1", *target)
    assert 450 < (folder / "a.vnr").stat().st_size <= 900


def test_target_ssimulacra2(run: Command, folder: Path) -> None:
    pytest.importorskip("ssimulacra2")
    Image.fromarray(make_picture(50, 60)).save("a.png")
    run("encode", "a.png", "coarse.vnr", "-e", "1", "--target-ssimulacra2", "30")
    run("encode", "a.png", "fine.vnr", "-e", "1", "--target-ssimulacra2", "80")
    assert (folder / "coarse.vnr").stat().st_size < (folder / "fine.vnr").stat().st_size
    both = run("encode", "a.png", "-e", "1", "--target-ssimulacra2", "80", "--bpp", "1", code=2)
    assert "--bpp and --target-ssimulacra2 exclude each other" in both.stderr


@pytest.mark.parametrize("colour", [255, 0])
def test_target_ssimulacra2_with_transparency(run: Command, colour: int) -> None:
    """Colour under transparent pixels, which is not kept, does not count; a white mark on nothing does."""
    pytest.importorskip("ssimulacra2")
    picture = make_picture(64, 96, 4).copy()
    picture[:, :, 3] = 255
    picture[:, :32, 3] = 0
    picture[:, :32, :3] = make_picture(64, 32)
    picture[20:40, 40:80, :3] = colour
    Image.fromarray(picture).save("a.png")
    run("encode", "a.png", "-e", "1", "--target-ssimulacra2", "80")
    said = json.loads(run("compare", "a.png", "a.vnr", "--json", "--metrics", "ssimulacra2").stdout)
    assert 80 <= said["ssimulacra2"] < 90


def test_region_layers_and_realism(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    run("decode", "a.vnr", "part.png", "--region", "10,20,70,30", "--realism", "0.5")
    np.testing.assert_array_equal(pixels_of(folder / "part.png"), veneer.decode(four_tiles())[20:50, 10:80])


def test_preview(run: Command, folder: Path) -> None:
    picture = make_picture(203, 133)
    Image.fromarray(picture).save("a.png")
    run("encode", "a.png", "-q", "95", "-e", "1", "--preview")
    data = (folder / "a.vnr").read_bytes()
    assert data == veneer.encode(picture, quality=95, effort=1, preview=True)
    assert "17 x 26" in run("info", "a.vnr").stdout
    run("decode", "a.vnr", "small.png", "--layers", "preview")
    np.testing.assert_array_equal(pixels_of(folder / "small.png"), veneer.decode(data, layers="preview"))
    run("encode", "a.png", "b.vnr", "-q", "95", "-e", "1", "--no-preview")
    assert veneer.read_info((folder / "b.vnr").read_bytes()).preview_size is None


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "ppm", "bmp"])
def test_lossless_outputs(run: Command, folder: Path, suffix: str) -> None:
    (folder / "a.vnr").write_bytes(four_tiles(orientation=1))
    run("decode", "a.vnr", f"by_name.{suffix}")
    run("decode", "a.vnr", "--format", suffix)
    for name in ("by_name", "a"):
        np.testing.assert_array_equal(pixels_of(folder / f"{name}.{suffix}"), veneer.decode(four_tiles(orientation=1)))


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_outputs_with_alpha_and_grey(run: Command, folder: Path, suffix: str, channels: int) -> None:
    data = veneer.encode(make_picture(20, 30, channels))
    (folder / "a.vnr").write_bytes(data)
    run("decode", "a.vnr", f"a.{suffix}")
    mode = {1: "L", 2: "LA", 4: "RGBA"}[channels]
    with Image.open(f"a.{suffix}") as image:
        decoded = np.asarray(image.convert(mode)).reshape(20, 30, channels)
    visible = decoded[:, :, -1] > 0 if channels in (2, 4) else np.ones((20, 30), bool)
    np.testing.assert_array_equal(decoded[visible], veneer.decode(data)[visible])


def test_jpeg_output(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    run("decode", "a.vnr", "a.jpg")
    assert psnr_db(pixels_of(folder / "a.jpg"), veneer.decode(four_tiles())) > 30


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("back", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_metadata_and_orientation(run: Command, folder: Path, suffix: str, back: str, orientation: int) -> None:
    source = write_photo(folder / f"in.{suffix}", orientation=orientation)
    run("encode", source.name, "a.vnr", "-q", "95")
    run("decode", "a.vnr", f"out.{back}")
    with Image.open(source) as before, Image.open(f"out.{back}") as after:
        for image in (before, after):
            image.load()  # which turns TIFF upright
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        assert after.getexif().get(0x010F) == "Maker"
        upright = [np.asarray(ImageOps.exif_transpose(image)) for image in (before, after)]
    assert upright[0].shape == upright[1].shape == ((30, 40, 3) if orientation == 1 else (40, 30, 3))
    assert psnr_db(*upright) > 27


def test_xmp(run: Command, folder: Path) -> None:
    (folder / "a.vnr").write_bytes(four_tiles())
    for suffix in ("png", "jpg", "webp", "tif"):
        run("decode", "a.vnr", f"a.{suffix}")
        run("encode", f"a.{suffix}", "again.vnr", "-f")
        assert veneer.read_info((folder / "again.vnr").read_bytes()).xmp == veneer.read_info(four_tiles()).xmp


def test_strip(run: Command, folder: Path) -> None:
    write_photo(folder / "a.jpg", orientation=6)
    run("encode", "a.jpg", "--strip")
    info = veneer.read_info((folder / "a.vnr").read_bytes())
    assert (info.width, info.height, info.exif, info.xmp) == (30, 40, None, None)
    assert info.icc is not None


class TestPlaces:
    """Many inputs, folders, globs, streams, and where results go."""

    def test_beside_the_sources(self, run: Command, folder: Path) -> None:
        for name in ("a.png", "sub/b.JPG", "sub/deep/c.png", ".hidden.png"):
            write_photo(folder / "in" / name)
        (folder / "in" / "notes.txt").write_text("not a picture")
        run("encode", "in", "-e", "1")
        assert sorted(str(path) for path in Path("in").rglob("*.vnr")) == [
            "in/a.vnr",
            "in/sub/b.vnr",
            "in/sub/deep/c.vnr",
        ]

    @pytest.mark.parametrize("output", [["out"], ["-o", "out"], ["out/"]])
    def test_folder_to_folder(self, run: Command, folder: Path, output: list[str]) -> None:
        for name in ("a.png", "sub/b.png"):
            write_photo(folder / "in" / name)
        run("encode", "in", *output, "-e", "1", "-j", "2")
        assert sorted(str(path) for path in Path("out").rglob("*.*")) == ["out/a.vnr", "out/sub/b.vnr"]
        run("decode", "out", "back", "--format", "ppm")
        assert sorted(str(path) for path in Path("back").rglob("*.*")) == ["back/a.ppm", "back/sub/b.ppm"]

    def test_file_into_folder(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        (folder / "out").mkdir()
        run("encode", "a.png", "out")
        assert (folder / "out" / "a.vnr").exists()

    def test_globs(self, run: Command, folder: Path) -> None:
        for name in ("a1.png", "a2.png", "b.png", "deep/a3.png"):
            write_photo(folder / name)
        run("encode", "a*.png", "-e", "1")
        assert sorted(str(path) for path in Path().rglob("*.vnr")) == ["a1.vnr", "a2.vnr"]
        run("encode", "**/a3.png", "-e", "1", "-o", "out/")
        assert (folder / "out" / "a3.vnr").exists()

    def test_name_with_brackets_is_a_name(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a[1].png")
        run("encode", "a[1].png")
        assert (folder / "a[1].vnr").exists()

    def test_two_files(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        write_photo(folder / "b.png")
        run("encode", "a.png", "b.png", "-e", "1")
        assert (folder / "a.vnr").exists()
        run("decode", "a.vnr", "b.vnr", "-f")
        assert (folder / "b.vnr").exists()

    def test_unusual_suffixes(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png").rename(folder / "IMG.0001")
        run("encode", "IMG.0001")
        assert (folder / "IMG.0001.vnr").exists()
        (folder / "IMG.0001.vnr").rename(folder / "stored.bin")
        run("decode", "stored.bin")
        assert (folder / "stored.bin.png").exists()

    def test_streams(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        encoded = run("encode", "-", data=(folder / "a.png").read_bytes()).stdout_bytes
        assert veneer.read_info(encoded).width == 40
        assert run("encode", "a.png", "-").stdout_bytes == encoded
        decoded = run("decode", "-", "-", "--format", "ppm", data=encoded).stdout_bytes
        assert decoded.startswith(b"P6\n40 30\n")
        run("decode", "-", "b.png", data=encoded)
        assert (folder / "b.png").exists()
        assert run("info", "-", data=encoded).stdout.startswith("-\n")

    def test_device_as_target(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        run("encode", "a.png", "-o", os.devnull)
        assert not Path(os.devnull).is_file()

    def test_link_as_target_stays_one(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        (folder / "real.vnr").write_bytes(b"old")
        (folder / "link.vnr").symlink_to("real.vnr")
        run("encode", "a.png", "link.vnr", "-f")
        assert (folder / "link.vnr").is_symlink()
        assert veneer.read_info((folder / "real.vnr").read_bytes()).width == 40

    def test_permissions_of_new_files(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        (folder / "plain").write_bytes(b"")
        run("encode", "a.png")
        assert (folder / "a.vnr").stat().st_mode == (folder / "plain").stat().st_mode

    def test_force(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        run("encode", "a.png")
        run("encode", "a.png", "-q", "20", code=1)
        run("encode", "a.png", "-q", "20", "--force")

    def test_quiet(self, run: Command, folder: Path) -> None:
        write_photo(folder / "a.png")
        assert run("encode", "a.png", "--quiet").output == ""


class TestInspection:
    """info and dump."""

    def test_info(self, run: Command, folder: Path) -> None:
        (folder / "a.vnr").write_bytes(four_tiles())
        text = run("info", "a.vnr").stdout
        for part in ("a.vnr", "120 x 100, RGB, 8 bits", f"{len(four_tiles())} bytes", "4 of 64 pixels", "Exif", "XMP"):
            assert part in text

    def test_json(self, run: Command, folder: Path) -> None:
        (folder / "a.vnr").write_bytes(four_tiles())
        first, second = map(json.loads, run("info", "--json", "a.vnr", "a.vnr").stdout.splitlines())
        assert first == second
        assert (first["file"], first["width"], first["orientation"], first["tile_count"]) == ("a.vnr", 120, 6, 4)
        assert first["problems"] == []
        assert first["icc_bytes"] == 0 < first["exif_bytes"]

    def test_hdr(self, run: Command, folder: Path) -> None:
        display = veneer.MasteringDisplay((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.329), 1000, 0.0001)
        given = veneer.GainMap(make_picture(9, 8), b"how", "xmp")
        options: dict[str, Any] = {"content_light": (1000, 0), "mastering_display": display, "gain_map": given}
        data = veneer.encode(make_picture(30, 40), layers="base", **options)
        (folder / "a.vnr").write_bytes(data)
        kept = veneer.read_info(data).gain_map
        assert kept is not None
        text = run("info", "a.vnr").stdout
        assert "light        largest 1000 cd/m2, largest mean unknown\n" in text
        places = "red 0.68 0.32, green 0.265 0.69, blue 0.15 0.06, white 0.3127 0.329"
        assert f"mastering    0.0001 to 1000 cd/m2, {places}\n" in text
        assert f"gain map     8 x 9, RGB, 8 bits, {len(kept.picture)} bytes, metadata of XMP\n" in text
        values = json.loads(run("info", "--json", "a.vnr").stdout)
        assert (values["content_light"], values["mastering_display"]["white"]) == ([1000, 0], [0.3127, 0.329])
        assert values["gain_map"] == {
            "width": 8,
            "height": 9,
            "channels": 3,
            "bit_depth": 8,
            "picture_bytes": len(kept.picture),
            "metadata_kind": "xmp",
            "metadata_bytes": 3,
            "alternate_cicp": [2, 2, 2, 0],
            "alternate_icc_bytes": 0,
        }
        assert "Max_Frame_Average" in run("dump", "a.vnr").stdout

    def test_gain_maps_elsewhere(self, run: Command, folder: Path) -> None:
        (folder / "kept.vnr").write_bytes(veneer.encode_jpeg(gain_map_jpeg()[0]))
        assert "gain map     in the JPEG" in run("info", "kept.vnr").stdout
        assert json.loads(run("info", "--json", "kept.vnr").stdout)["has_gain_map"]
        chunks = [head_chunk(), gain_map_chunk(b"nothing"), tile_chunk(), END]
        (folder / "odd.vnr").write_bytes(put_together(chunks))
        assert "gain map     damaged: not a Veneer file" in run("info", "odd.vnr").stdout
        assert "not a Veneer" in json.loads(run("info", "--json", "odd.vnr").stdout)["gain_map"]["error"]

    def test_info_names_damage(self, run: Command, folder: Path) -> None:
        (folder / "a.vnr").write_bytes(four_tiles()[:-20])
        assert "the file ends within chunk BASE of tile 3, 8 bytes too early" in run("info", "a.vnr", code=1).stdout

    def test_dump(self, run: Command, folder: Path) -> None:
        (folder / "a.vnr").write_bytes(four_tiles())
        lines = run("dump", "a.vnr").stdout.splitlines()
        assert lines[0] == "a.vnr"
        assert any(line.split()[:4] == ["00000011", "4", "Width", "120"] for line in lines)
        (folder / "cut.vnr").write_bytes(four_tiles()[:-20])
        assert "Problem" in run("dump", "cut.vnr", code=1).stdout

    def test_a_long_dump_comes_in_pieces(self, run: Command, folder: Path) -> None:
        data = four_tiles()
        end = data.index(b"TEND") - 4
        (folder / "a.vnr").write_bytes(data[:end] + write_chunk(b"xXXX", b"") * 2000 + data[end:])
        lines = run("dump", "a.vnr").stdout.splitlines()
        assert lines == ["a.vnr", *dump_lines(veneer.dump_syntax((folder / "a.vnr").read_bytes()))]
        assert len(lines) > 2 * 4096

    @pytest.mark.parametrize("command", ["info", "dump"])
    def test_other_files(self, run: Command, folder: Path, command: str) -> None:
        write_photo(folder / "a.png")
        result = run(command, "a.png", "missing.vnr", code=1)
        assert result.stdout == ""
        assert ["a.png" in line or "missing.vnr" in line for line in result.stderr.splitlines()] == [True, True]


def test_help_and_version(run: Command) -> None:
    assert "Exit codes" in run("--help").output
    for command in ("encode", "decode", "info", "dump"):
        assert "Exit codes" in run(command, "--help").output
    assert veneer.__version__ in run("--version").output


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode"],
        ["nonsense"],
        ["encode", "a.png", "-q", "101"],
        ["encode", "a.png", "--tile-size", "100"],
        ["encode", "a.png", "--step-index", "300"],
        ["encode", "a.png", "--bpp", "1", "--target-size", "100"],
        ["encode", "a.png", "--target-size", "many"],
        ["encode", "a.png", "b.png", "-o", "-"],
        ["decode", "a.vnr", "--region", "1,2,3"],
        ["decode", "a.vnr", "--realism", "2"],
        ["encode", "a.png", "--realism", "-1"],
        ["decode", "a.vnr", "--format", "gif"],
    ],
)
def test_wrong_usage(run: Command, arguments: list[str]) -> None:
    assert "Usage" in run(*arguments, code=2).stderr
