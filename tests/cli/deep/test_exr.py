"""OpenEXR at the command: half floats there and back, what is named, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from float16_vectors import light, with_specials

import veneer
from veneer.cli.colours.description import Colour
from veneer.cli.deep.exr import read_exr, write_exr
from veneer.cli.failure import FileFailure
from veneer.cli.main import main
from veneer.cli.pictures import Picture, load_picture, save_picture

OpenEXR = pytest.importorskip("OpenEXR")

AP0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
BT2020 = (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329)


def exr(planes: dict[str, np.ndarray], **attributes: Any) -> bytes:
    """A file with these channels and attributes."""
    header = {"compression": OpenEXR.PIZ_COMPRESSION, "type": OpenEXR.scanlineimage, **attributes}
    buffer = io.BytesIO()
    with OpenEXR.File(header, {name: np.ascontiguousarray(plane) for name, plane in planes.items()}) as file:
        file.write(buffer)
    return buffer.getvalue()


def planes_of(halves: np.ndarray) -> dict[str, np.ndarray]:
    """Channels by name."""
    names = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}[halves.shape[2]]
    return {name: halves[:, :, i] for i, name in enumerate(names)}


def header_of(data: bytes) -> dict[str, Any]:
    with OpenEXR.File(io.BytesIO(data), header_only=True) as file:
        return dict(file.header())


def load(data: bytes, **options: Any) -> Picture:
    return load_picture(data, max_pixels=1 << 20, strip=False, **options)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_there_and_back(tmp_path: Path, channels: int) -> None:
    halves = with_specials(light(30, 40, channels))
    source, coded, back = (tmp_path / name for name in ("a.exr", "a.vnr", "b.exr"))
    source.write_bytes(exr(planes_of(halves), chromaticities=BT2020))
    assert run("encode", source, coded, "--lossless", "--strict").exit_code == 0
    np.testing.assert_array_equal(veneer.decode(coded).view(np.uint16), halves.view(np.uint16))
    assert veneer.read_info(coded).cicp == (9, 8, 0, 1)
    assert run("decode", coded, back, "--strict").exit_code == 0
    picture = load(back.read_bytes())
    np.testing.assert_array_equal(picture.pixels.view(np.uint16), halves.view(np.uint16))
    assert picture.cicp == (9, 8, 0, 1)
    assert header_of(back.read_bytes())["chromaticities"] == pytest.approx(BT2020)


def test_primaries_without_a_code_come_back() -> None:
    picture = load(exr(planes_of(light(8, 9, 3)), chromaticities=AP0))
    assert picture.icc is not None
    assert picture.notes == []
    saved = save_picture(picture, ".exr")
    assert header_of(saved)["chromaticities"] == tuple(float(np.float32(x)) for x in AP0)
    assert load(saved).icc == picture.icc


def test_primaries_that_nobody_writes_come_back_nearly() -> None:
    places = (0.6512345, 0.3412345, 0.2812345, 0.6612345, 0.1512345, 0.0512345, 0.3112345, 0.3212345)
    saved = save_picture(load(exr(planes_of(light(8, 9, 3)), chromaticities=places)), ".exr")
    assert header_of(saved)["chromaticities"] == pytest.approx(places, abs=1e-4)


def test_without_chromaticities_they_are_those_of_bt709() -> None:
    assert load(exr(planes_of(light(8, 9, 3)))).cicp == (1, 8, 0, 1)
    wrong = load(exr(planes_of(light(8, 9, 3)), chromaticities=(0.3, 0.3) * 4))
    assert wrong.cicp == (1, 8, 0, 1)
    assert "its chromaticities are left out" in wrong.notes[0]


def test_what_is_left_out_is_named() -> None:
    planes = planes_of(light(8, 9, 3)) | {"Z": np.zeros((8, 9), np.float32), "diffuse.R": light(8, 9, 1)[..., 0]}
    window = (np.array([0, 0], np.int32), np.array([19, 9], np.int32))
    data = exr(planes, cameraMake="Nobody", displayWindow=window, pixelAspectRatio=2.0)
    assert load(data).notes == [
        "its channels Z, diffuse.R are left out",
        "its display window, 20x10 from 0,0 on, is left out",
        "its pixels have the aspect ratio 2, which is left out",
        "its attributes cameraMake are left out",
    ]


def test_parts_after_the_first(tmp_path: Path) -> None:
    halves = light(8, 9, 3)
    parts = [OpenEXR.Part({"name": name}, planes_of(halves)) for name in ("left", "right")]
    for part in parts:
        for name, plane in planes_of(halves).items():
            part.channels[name].pixels = np.ascontiguousarray(plane)
    path = tmp_path / "a.exr"
    with OpenEXR.File(parts) as file:
        file.write(str(path))
    picture = load(path.read_bytes())
    assert "has 2 parts; only the first is taken" in picture.notes
    np.testing.assert_array_equal(picture.pixels, halves)
    with pytest.raises(FileFailure, match="the first alone is read"):
        load(path.read_bytes(), number=2)


@pytest.mark.parametrize(
    ("planes", "text"),
    [
        ({"R": np.float32, "G": np.float32, "B": np.float32}, "samples of the type FLOAT.*oiiotool"),
        ({"R": np.float16, "G": np.float32, "B": np.float16}, "samples of the type FLOAT and HALF"),
        ({"Y": np.uint32}, "samples of the type UINT"),
        ({"U": np.float16, "V": np.float16}, "without channels R, G, B or Y alone: it has U, V"),
    ],
)
def test_other_samples_are_refused(planes: dict[str, type], text: str) -> None:
    with pytest.raises(FileFailure, match=text):
        load(exr({name: np.ones((4, 5), kind) for name, kind in planes.items()}))


def test_damage_and_size() -> None:
    data = exr(planes_of(light(64, 64, 3)))
    for length in (10, 200, len(data) // 2):
        with pytest.raises(FileFailure, match="is OpenEXR that cannot be read") as failure:
            load(data[:length])
        assert "\n" not in failure.value.what
    with pytest.raises(FileFailure, match="64x64 pixels are more than the 4095 allowed"):
        load_picture(data, max_pixels=4095, strip=False)


def test_lossy_coding_and_other_outputs_are_refused(tmp_path: Path) -> None:
    source, coded = tmp_path / "a.exr", tmp_path / "a.vnr"
    source.write_bytes(exr(planes_of(light(8, 9, 3))))
    for options in ((), ("-q", "80")):
        result = run("encode", source, coded, *options)
        assert result.exit_code == 1
        assert "half floats, which are coded without loss alone" in result.stderr
        assert "--lossless" in result.stderr
    assert not coded.exists()
    assert run("compare", source, source).exit_code == 1
    photo = tmp_path / "photo.vnr"
    photo.write_bytes(veneer.encode(np.zeros((8, 8, 3), np.uint16), lossless=True))
    result = run("decode", photo, tmp_path / "photo.exr")
    assert result.exit_code == 1
    assert "OpenEXR is written of half floats alone" in result.stderr
    assert not (tmp_path / "photo.exr").exists()


def test_batches(tmp_path: Path) -> None:
    halves = with_specials(light(20, 21, 4))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.exr").write_bytes(exr(planes_of(halves)))
    result = run("batch", tmp_path / "in", tmp_path / "out", "--lossless", "--verify")
    assert result.exit_code == 0, result.output
    result = run("batch", tmp_path / "out", tmp_path / "back", "--decode", "--format", "exr", "--verify")
    assert result.exit_code == 0, result.output
    (back,) = (tmp_path / "back").glob("**/*.exr")
    np.testing.assert_array_equal(load(back.read_bytes()).pixels.view(np.uint16), halves.view(np.uint16))
    assert run("batch", tmp_path / "in", tmp_path / "lossy").exit_code == 1


def test_colour_that_is_not_linear_is_named() -> None:
    notes: list[str] = []
    write_exr(light(4, 5, 3), Colour(), notes)
    assert notes == ["its colour is sRGB, and readers of EXR take it for linear light"]
    for icc in (b"no profile", veneer.colour.icc_profile((12, 13, 0, 1))):
        notes.clear()
        write_exr(light(4, 5, 3), Colour(icc=icc), notes)
        assert notes == ["its ICC profile is left out: EXR holds linear light of primaries alone"]


def test_metadata_have_no_place() -> None:
    picture = Picture(light(4, 5, 3), cicp=(1, 8, 0, 1), xmp=b"<x/>", text=(("Title", "t"),), depth=16)
    save_picture(picture, ".exr")
    assert picture.notes == ["EXR has no place for XMP and texts (Title)"]


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    data = exr(planes_of(light(4, 5, 3)))
    monkeypatch.setitem(__import__("sys").modules, "OpenEXR", None)
    with pytest.raises(FileFailure, match="cannot be read without the package OpenEXR") as failure:
        read_exr(data, 100, None)
    assert failure.value.remedy == "pip install '.[exr]'"
    with pytest.raises(FileFailure, match="cannot be written without the package OpenEXR"):
        write_exr(light(4, 5, 3), Colour(), [])
