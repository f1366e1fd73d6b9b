"""The loader for gdk-pixbuf, by the real gdk-pixbuf: pixels, metadata, sizes, errors."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy
import pytest
from c_library import needs_a_compiler
from gdk_loader import VECTORS, environment_with_loader, needs_gdk_pixbuf, pixbufs
from PIL import Image, ImageCms
from samples import make_exif, make_picture, srgb_profile

import veneer
from veneer.sample_depth import as_bytes

pytestmark = [pytest.mark.slow, needs_a_compiler, needs_gdk_pixbuf]

CORRUPT_IMAGE, UNKNOWN_TYPE = 0, 3  # of the error domain of gdk-pixbuf


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment_with_loader(tmp_path_factory)


def pixbuf_pixels(pixels: numpy.ndarray) -> numpy.ndarray:
    """Grey spread to RGB."""
    if pixels.shape[2] >= 3:
        return pixels
    return numpy.concatenate((numpy.repeat(pixels[:, :, :1], 3, axis=2), pixels[:, :, 1:]), axis=2)


def hash_of(pixels: numpy.ndarray) -> str:
    return hashlib.sha256(numpy.ascontiguousarray(pixbuf_pixels(pixels)).tobytes()).hexdigest()


def written(folder: Path, data: bytes, name: str = "a.vnr") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def of_light(light: numpy.ndarray) -> numpy.ndarray:
    """Half floats as the loader shows them."""
    clipped = numpy.clip(numpy.nan_to_num(light.astype(numpy.float64), nan=0, posinf=1, neginf=0), 0, 1)
    curved = numpy.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return numpy.floor(curved * 255 + 0.5).astype(numpy.uint8)


def same_outcome(path: Path, found: dict[str, Any]) -> None:
    """Holds what gdk-pixbuf gives to what `veneer.decode` gives."""
    problems: list[veneer.VeneerError] = []
    try:
        info = veneer.read_info(path)
        pixels = veneer.decode(path, problems=problems, models=VECTORS / "models")
    except veneer.VeneerError as error:
        if error.code == veneer.ErrorCode.NO_TILE and "pixels" in found:
            assert "veneer::problem" in found["options"]  # it is the preview
            return
        if error.code == veneer.ErrorCode.NO_PIXELS and "pixels" in found:
            with Image.open(io.BytesIO(veneer.decode_jpeg(path))) as image:
                assert image.size == (found["width"], found["height"])
            return
        assert "error" in found, path.name
        if error.kind != veneer.ErrorKind.NOT_VENEER:  # which other loaders try, or none
            assert found["code"] in (CORRUPT_IMAGE, UNKNOWN_TYPE)
        assert found["error"]
        return
    assert "error" not in found, (path.name, found)
    height, width, channels = pixels.shape
    assert (found["width"], found["height"]) == (width, height)
    assert found["channels"] == (4 if channels % 2 == 0 else 3)
    # What is lost is filled in without texture: the loader knows the models that files name, and no others.
    if pixels.dtype != numpy.float16 and not problems:
        assert found["pixels"] == hash_of(as_bytes(pixels, info.bit_depth)), path.name


def test_all_vectors_by_file(environment: dict[str, str]) -> None:
    """Valid ones have the pixels of `veneer.decode`, as far as they are integers; the others an error or a part."""
    files = sorted(VECTORS.glob("*.vnr"))
    found = pixbufs(environment, files)
    assert len(found) == len(files) > 500
    for path, result in zip(files, found, strict=True):
        same_outcome(path, result)
        if "pixels" in result:
            info = veneer.read_info(path)
            assert result["info"] == ["veneer", info.width, info.height]
    assert sum("pixels" in result for result in found) > 300
    assert sum("error" in result for result in found) > 50


def test_all_vectors_in_pieces(environment: dict[str, str]) -> None:
    files = sorted(VECTORS.glob("*.vnr"))[::3]
    for path, result in zip(files, pixbufs(environment, files, "--pieces", "61"), strict=True):
        same_outcome(path, result)


def test_cut_files(environment: dict[str, str], tmp_path: Path) -> None:
    """From no byte up to all but one."""
    data = veneer.encode(make_picture(150, 140), tile_size=64, preview=True)
    sizes = [0, 1, 8, 12, 40, *range(60, len(data), len(data) // 12), len(data) - 1]
    files = [written(tmp_path, data[:size], f"{size}.vnr") for size in sizes]
    results = pixbufs(environment, files, "--pieces", "1000")
    shown = [result for result in results if "pixels" in result]
    assert len(shown) > 6
    assert all("veneer::problem" in result["options"] for result in shown)
    for path, result in zip(files[2:], results[2:], strict=True):
        same_outcome(path, result)


def test_metadata_become_options(environment: dict[str, str], tmp_path: Path) -> None:
    icc = srgb_profile()
    data = veneer.encode(make_picture(20, 30), icc=icc, exif=make_exif(6), density=(1, 11811, 5906))
    (found,) = pixbufs(environment, [written(tmp_path, data)])
    assert base64.b64decode(found["options"]["icc-profile"]) == icc
    assert found["options"]["orientation"] == "6"
    assert (found["options"]["x-dpi"], found["options"]["y-dpi"]) == ("300", "150")
    assert "veneer::problem" not in found["options"]
    assert (found["width"], found["height"]) == (30, 20), "the program turns it"


def converted(pixels: numpy.ndarray, profile: bytes) -> numpy.ndarray:
    """Pixels as sRGB, by the colour management of Pillow."""
    of_file = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    transform = ImageCms.buildTransform(of_file, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    return numpy.asarray(ImageCms.applyTransform(Image.fromarray(pixels), transform)).astype(int)


def test_codes_of_colour_become_a_profile(environment: dict[str, str], tmp_path: Path) -> None:
    """It shows the colour that the profile of the package shows."""
    pixels = make_picture(40, 50)
    codes = {(primaries, 13, 0, 1) for primaries in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22, 3, 99)}
    codes |= {(9, transfer, 0, full) for transfer in range(20) for full in (0, 1)}
    found = pixbufs(
        environment,
        [
            written(tmp_path, veneer.encode(pixels[:8, :8], lossless=True, cicp=each), f"{i}.vnr")
            for i, each in enumerate(sorted(codes))
        ],
    )
    compared = 0
    for each, result in zip(sorted(codes), found, strict=True):
        own = result["options"].get("icc-profile")
        expected = None if veneer.colour.is_srgb(each) else veneer.colour.icc_profile(each)
        assert (own is None) == (expected is None), each
        if own is not None and expected is not None:
            difference = converted(pixels, base64.b64decode(own)) - converted(pixels, expected)
            assert abs(difference).max() <= 1, each
            compared += 1
    assert compared > 35


def test_a_profile_goes_before_codes(environment: dict[str, str], tmp_path: Path) -> None:
    data = veneer.encode(make_picture(8, 8), icc=srgb_profile(), cicp=(12, 13, 0, 1))
    (found,) = pixbufs(environment, [written(tmp_path, data)])
    assert base64.b64decode(found["options"]["icc-profile"]) == srgb_profile()


def test_metadata_of_a_kept_jpeg(environment: dict[str, str], tmp_path: Path) -> None:
    icc = srgb_profile() + bytes(100_000)  # in two parts
    buffer = io.BytesIO()
    Image.fromarray(make_picture(40, 30)).save(buffer, "JPEG", icc_profile=icc, exif=make_exif(8))
    data = veneer.encode_jpeg(buffer.getvalue())
    (found,) = pixbufs(environment, [written(tmp_path, data)])
    assert base64.b64decode(found["options"]["icc-profile"]) == icc
    assert found["options"]["orientation"] == "8"
    assert found["pixels"] == hash_of(veneer.decode(data))


def test_broken_exif_is_no_orientation(environment: dict[str, str], tmp_path: Path) -> None:
    exif = make_exif(6).removeprefix(b"Exif\0\0")
    files = [written(tmp_path, veneer.encode(make_picture(8, 8), exif=exif), "whole.vnr")]
    broken = [exif[:8], exif[:20], exif[:4] + b"\xff\xff\xff\xff" + exif[8:], exif.replace(b"\x06\x00", b"\x09\x00")]
    for i, each in enumerate(broken):
        files.append(written(tmp_path, veneer.encode(make_picture(8, 8), exif=each), f"{i}.vnr"))
    found = [result["options"].get("orientation") for result in pixbufs(environment, files)]
    assert found[0] == "6"
    assert set(found[1:]) == {None}


def test_pictures_with_a_preview_appear_while_they_arrive(environment: dict[str, str], tmp_path: Path) -> None:
    path = written(tmp_path, veneer.encode(make_picture(200, 300), quality=97, tile_size=64, preview=True))
    assert path.stat().st_size > 12_000, "gdk-pixbuf keeps the first 4096 bytes to itself"
    (found,) = pixbufs(environment, [path], "--pieces", "500")
    assert found["early"] > 5
    assert found["areas"][0] == [0, 0, 300, 200]
    assert all(x >= 0 and y >= 0 and x + w <= 300 and y + h <= 200 for x, y, w, h in found["areas"])
    assert found["pixels"] == hash_of(veneer.decode(path))


def test_a_size_that_is_asked_for(environment: dict[str, str], tmp_path: Path) -> None:
    """The preview is enough for the small one; the options stay."""
    data = veneer.encode(make_picture(400, 640), tile_size=64, preview=True, exif=make_exif(3))
    cut = written(tmp_path, data[: len(data) // 2])
    for width, height in ((80, 50), (60, 40), (200, 125), (639, 399)):
        (found,) = pixbufs(environment, [cut], "--size", f"{width},{height}")
        assert (found["width"], found["height"]) == (width, height)
        assert found["options"]["orientation"] == "3"
        is_by_preview = "veneer::problem" not in found["options"]
        assert is_by_preview == (width <= 80)
    (found,) = pixbufs(environment, [cut], "--size", "80,50")
    assert found["pixels"] == hash_of(veneer.decode(cut, layers="preview", problems=[]))


def test_a_missing_model_gives_the_base(environment: dict[str, str]) -> None:
    path = VECTORS / "enhanced_1.vnr"
    (found,) = pixbufs({**environment, "VENEER_MODELS": ""}, [path])
    assert found["pixels"] == hash_of(veneer.decode(path, layers="base"))
    assert "model" in found["options"]["veneer::problem"]


@pytest.mark.parametrize("channels", [1, 3])
def test_half_floats_are_shown_as_light(environment: dict[str, str], tmp_path: Path, channels: int) -> None:
    light = numpy.geomspace(1e-4, 4, 16 * 12 * channels).reshape(16, 12, channels).astype(numpy.float16)
    light[0, :4, 0] = (numpy.nan, numpy.inf, -numpy.inf, -1)
    linear = (1, 8, 0, 1)
    data = veneer.encode(light, lossless=True, cicp=linear)
    (found,) = pixbufs(environment, [written(tmp_path, data)])
    assert found["pixels"] == hash_of(of_light(light))


def test_half_floats_with_alpha_are_not_premultiplied(environment: dict[str, str], tmp_path: Path) -> None:
    light = numpy.zeros((1, 1, 4), numpy.float16)
    light[0, 0] = (0.25, 0.125, 0.5, 0.5)
    data = veneer.encode(light, lossless=True, cicp=(1, 8, 0, 1))
    (found,) = pixbufs(environment, [written(tmp_path, data)])
    red, green, blue = of_light(numpy.array([0.5, 0.25, 1.0]))
    assert found["first"] == [red, green, blue, 128]


@pytest.mark.skipif(shutil.which("gdk-pixbuf-thumbnailer") is None, reason="needs gdk-pixbuf-thumbnailer")
def test_the_thumbnailer_of_gdk_pixbuf(environment: dict[str, str], tmp_path: Path) -> None:
    path = written(tmp_path, veneer.encode(make_picture(400, 640), exif=make_exif(6)))
    small = tmp_path / "small.png"
    command = ["gdk-pixbuf-thumbnailer", "-s", "64", path.as_uri(), small]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with Image.open(small) as image, warnings.catch_warnings():
        assert image.size == (40, 64)


def test_a_build_without_it(tmp_path: Path) -> None:
    """OFF leaves it out, whether gdk-pixbuf is there or not."""
    root = Path(__file__).parents[2]
    command = ["cmake", "-S", root / "native", "-B", tmp_path, "-G", "Unix Makefiles", "-DVENEER_GDK_PIXBUF=OFF"]
    subprocess.run(command, check=True, capture_output=True)
    targets = subprocess.run(["cmake", "--build", tmp_path, "--target", "help"], check=True, capture_output=True)
    assert b"vnrdec" in targets.stdout
    assert b"pixbufloader" not in targets.stdout
