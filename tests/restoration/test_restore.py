"""`restore_jpeg` with a small network: what it is told, parts, threads, and what it refuses."""

from __future__ import annotations

import dataclasses
import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from enhancers import make_model, write_models
from networks import of_reference
from oracle.jpeg_losses import BLOCK, Coding, describe_coding, describe_picture
from PIL import Image
from restorers import make_restorer
from samples import Pixels, make_picture

import veneer
from veneer.enhancement.models import PACKAGE_FOLDER, by_name
from veneer.errors import ErrorCode
from veneer.reference.texture import noise
from veneer.restoration.layer import read_jpeg

NETWORKS = make_restorer().networks
NETWORK = NETWORKS["jpeg_restore"]


def to_jpeg(pixels: Pixels, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("models") / "models", make_restorer(), make_model())


def by_pillow(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image)
    return pixels.reshape(*pixels.shape[:2], -1)


def coding_of(data: bytes) -> Coding:
    """As Pillow tells it."""
    with Image.open(io.BytesIO(data)) as image:
        tables, components = image.quantization, image.layer  # type: ignore[attr-defined]
    luma, chroma = components[0], components[min(1, len(components) - 1)]
    steps = (np.array(tables[each[3]], np.int64).reshape(BLOCK, BLOCK) for each in (luma, chroma))
    return Coding(*steps, (luma[1] // chroma[1], luma[2] // chroma[2]))


def told(picture: np.ndarray, data: bytes) -> dict[str, np.ndarray]:
    """Inputs of networks: a picture, and what a JPEG says of its losses."""
    coding = coding_of(data)
    maps = describe_picture(by_pillow(data), coding)
    step, settings = describe_coding(coding)
    units = maps.shape[:2]
    return {
        "picture": np.broadcast_to(picture, (*picture.shape[:2], 3)),
        "step": np.full((*units, 1), step, np.int16),
        "settings": np.broadcast_to(settings.astype(np.int16), (*units, 4)),
        "maps": maps,
    }


@pytest.mark.parametrize("shape", [(70, 90, 3), (1, 1, 3), (33, 17, 3), (130, 65)])
@pytest.mark.parametrize("options", [{"quality": 30}, {"quality": 80, "subsampling": "4:4:4", "progressive": True}])
def test_the_native_engine_gives_what_numpy_gives(
    shape: tuple[int, ...], options: dict[str, object], models: Path
) -> None:
    pixels = make_picture(*shape[:2])
    data = to_jpeg(pixels if len(shape) == 3 else pixels[:, :, 0], **options)
    decoded = by_pillow(data)
    restored = veneer.restore_jpeg(data, models=models, threads=1)
    assert restored.shape == decoded.shape
    assert restored.dtype == np.uint8
    expected = (of_reference(NETWORK).run(told(decoded, data), decoded.shape[:2])["enhanced"] + 32) >> 6
    np.testing.assert_array_equal(restored, expected if restored.shape[2] == 3 else expected[:, :, 1:2])
    np.testing.assert_array_equal(veneer.restore_jpeg(data, models=models, threads=3), restored)


@pytest.mark.parametrize("shape", [(70, 90, 3), (1, 1, 3), (130, 65)])
def test_realism_is_the_same_everywhere(shape: tuple[int, ...], models: Path) -> None:
    pixels = make_picture(*shape[:2])
    data = to_jpeg(pixels if len(shape) == 3 else pixels[:, :, 0], quality=30)
    decoded = by_pillow(data)
    plain = veneer.restore_jpeg(data, models=models)
    grainy = veneer.restore_jpeg(data, realism=1, models=models, threads=1)
    unrounded = of_reference(NETWORK).run(told(decoded, data), decoded.shape[:2])["enhanced"]
    inputs = told(unrounded if plain.shape[2] == 3 else unrounded[:, :, 1:2], data)
    units = inputs["maps"].shape[:2]
    inputs |= {
        "missing": np.zeros((*units, 1), np.uint8),
        "noise": np.array([[noise(zlib.crc32(data), u, v) for u in range(units[1])] for v in range(units[0])], "i2"),
        "realism": np.full((*units, 1), 64, np.uint8),
    }
    expected = (of_reference(NETWORKS["texture"]).run(inputs, plain.shape[:2])["textured"] + 32) >> 6
    np.testing.assert_array_equal(grainy, expected if grainy.shape[2] == 3 else expected[:, :, 1:2])
    assert (grainy != plain).any()
    np.testing.assert_array_equal(veneer.restore_jpeg(data, realism=1, models=models, threads=3), grainy)
    half = veneer.restore_jpeg(data, realism=0.5, models=models)
    assert np.abs(half.astype(int) - plain).mean() < np.abs(grainy.astype(int) - plain).mean()


def test_realism_needs_a_network_for_it(tmp_path: Path) -> None:
    alone = dataclasses.replace(make_restorer(), networks={"jpeg_restore": NETWORK})
    folder = write_models(tmp_path / "models", alone)
    data = to_jpeg(make_picture(40, 50))
    assert refused(data, models=folder, realism=0.5).code == ErrorCode.MODEL_UNKNOWN
    assert refused(data, models=folder, realism=1.5).code == ErrorCode.BAD_SETTING
    np.testing.assert_array_equal(
        veneer.restore_jpeg(data, models=folder, realism=0), veneer.restore_jpeg(data, models=folder)
    )


def test_very_fine_jpegs_are_left_alone(models: Path) -> None:
    pixels = make_picture(40, 50)
    for quality, left in ((99, True), (90, False)):
        data = to_jpeg(pixels, quality=quality, subsampling="4:4:4")
        same = np.array_equal(veneer.restore_jpeg(data, models=models), by_pillow(data))
        assert same == left


def refused(data: bytes, **options: object) -> veneer.VeneerError:
    with pytest.raises(veneer.VeneerError) as caught:
        veneer.restore_jpeg(data, **options)  # type: ignore[arg-type]
    return caught.value


def test_what_is_no_jpeg_of_use(models: Path) -> None:
    pixels = make_picture(40, 50)
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    cmyk = io.BytesIO()
    Image.fromarray(pixels).convert("CMYK").save(cmyk, "JPEG")
    good = to_jpeg(pixels)
    arithmetic = good.replace(b"\xff\xc0", b"\xff\xc9")
    for data, text in (
        (b"", "no JPEG"),
        (b"text", "no JPEG"),
        (png.getvalue(), "no JPEG"),
        (cmyk.getvalue(), "in CMYK cannot be restored"),
        (to_jpeg(pixels, keep_rgb=True), "without luma and chroma cannot be restored"),
        (good[:-100], "a part of its picture is missing"),
        (good[:30], "damaged, arithmetic-coded, lossless"),
        (arithmetic, "damaged, arithmetic-coded, lossless"),
    ):
        error = refused(data, models=models)
        assert error.code == ErrorCode.BAD_JPEG
        assert text in str(error)
    error = refused(good, models=models, max_pixels=1999)
    assert error.code == ErrorCode.PICTURE_TOO_LARGE
    assert "50 x 40 pixels are more than the 1999 allowed" in str(error)
    assert refused(good, models=models, model="none").code == ErrorCode.BAD_SETTING
    assert refused(good, models=models, model="tiny").code == ErrorCode.MODEL_UNKNOWN
    with pytest.raises(veneer.VeneerError, match="does not enhance"):
        veneer.encode(pixels, model="restore", models=models)


@pytest.mark.parametrize("progressive", [False, True])
def test_damage_is_found(progressive: bool, models: Path) -> None:
    """A JPEG that is cut or lacks a scan is refused; one without its last marker is whole."""
    data = to_jpeg(make_picture(64, 80), quality=85, progressive=progressive)
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    whole = veneer.restore_jpeg(data, models=models)
    np.testing.assert_array_equal(veneer.restore_jpeg(data[:-2], models=models), whole)
    np.testing.assert_array_equal(veneer.restore_jpeg(data + b"tail", models=models), whole)
    for size in (scans[0] + 20, (scans[-1] + len(data)) // 2, len(data) - 30):
        assert refused(data[:size] + b"\xff\xd9", models=models).code == ErrorCode.BAD_JPEG
    without = data[: scans[0]] + b"\xff\xd9"
    assert refused(without, models=models).code == ErrorCode.BAD_JPEG


def test_every_kind_of_jpeg_is_read() -> None:
    pixels = make_picture(61, 83)
    for options in (
        {"quality": 60},
        {"quality": 95, "subsampling": "4:2:2"},
        {"quality": 20, "progressive": True},
        {"quality": 75, "restart_marker_blocks": 3},
        {"quality": 75, "progressive": True, "restart_marker_rows": 1},
        {"quality": 75, "optimize": True, "subsampling": "4:4:4"},
    ):
        data = to_jpeg(pixels, **options)
        np.testing.assert_array_equal(read_jpeg(data).pixels(), by_pillow(data), err_msg=str(options))


@pytest.mark.skipif(not any(PACKAGE_FOLDER.glob("restore-*.vnm")), reason="no model is released")
@pytest.mark.parametrize(("quality", "gain_db"), [(10, 0.6), (40, 0.6), (75, 0.3)])
def test_the_released_model_gains(quality: int, gain_db: float) -> None:
    photo = Path(__file__).parents[2] / "examples" / "fir.jpg"
    with Image.open(photo) as image:
        original = np.asarray(image.convert("RGB").crop((100, 100, 356, 292)))
    data = to_jpeg(original, quality=quality)
    entry = by_name("restore", PACKAGE_FOLDER)
    assert entry is not None
    errors = [
        np.square(pixels.astype(float) - original).mean() for pixels in (by_pillow(data), veneer.restore_jpeg(data))
    ]
    assert 10 * np.log10(errors[0] / errors[1]) > gain_db
