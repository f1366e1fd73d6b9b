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
from PIL import Image
from restorers import make_restorer
from samples import Pixels, make_picture

import veneer
from veneer.enhancement.models import PACKAGE_FOLDER, by_name
from veneer.errors import ErrorCode
from veneer.reference.texture import noise
from veneer.restoration import layer
from veneer.restoration.jpeg import read_jpeg
from veneer.restoration.side_information import Coding, describe_coding

NETWORKS = make_restorer().networks
NETWORK = NETWORKS["jpeg_restore"]


def to_jpeg(pixels: Pixels, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("models") / "models", make_restorer(), make_model())


def told(picture: np.ndarray, decoded: np.ndarray, coding: Coding) -> dict[str, np.ndarray]:
    """Inputs of networks: a picture, and what a JPEG says of its losses."""
    maps = layer.describe_picture(decoded, coding)
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
    decoded, coding = read_jpeg(data)
    restored = veneer.restore_jpeg(data, models=models, threads=1)
    assert restored.shape == decoded.shape
    assert restored.dtype == np.uint8
    expected = (of_reference(NETWORK).run(told(decoded, decoded, coding), decoded.shape[:2])["enhanced"] + 32) >> 6
    np.testing.assert_array_equal(restored, expected if restored.shape[2] == 3 else expected[:, :, 1:2])
    np.testing.assert_array_equal(veneer.restore_jpeg(data, models=models, threads=3), restored)


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_parts_do_not_show(subsampling: str, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_jpeg(make_picture(75, 205), quality=25, subsampling=subsampling)
    whole = veneer.restore_jpeg(data, models=models)
    monkeypatch.setattr(layer, "MAP_ROWS", 32)
    monkeypatch.setattr(layer, "MAP_COLUMNS", 96)
    monkeypatch.setattr(layer, "MAX_COLUMNS", 64)
    np.testing.assert_array_equal(veneer.restore_jpeg(data, models=models), whole)


@pytest.mark.parametrize("shape", [(70, 90, 3), (1, 1, 3), (130, 65)])
def test_realism_is_the_same_everywhere(shape: tuple[int, ...], models: Path) -> None:
    pixels = make_picture(*shape[:2])
    data = to_jpeg(pixels if len(shape) == 3 else pixels[:, :, 0], quality=30)
    decoded, coding = read_jpeg(data)
    plain = veneer.restore_jpeg(data, models=models)
    grainy = veneer.restore_jpeg(data, realism=1, models=models, threads=1)
    unrounded = of_reference(NETWORK).run(told(decoded, decoded, coding), decoded.shape[:2])["enhanced"]
    inputs = told(unrounded if plain.shape[2] == 3 else unrounded[:, :, 1:2], decoded, coding)
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


def test_maps_do_not_depend_on_threads() -> None:
    pixels, coding = read_jpeg(to_jpeg(make_picture(200, 300), quality=25))
    first, second = (layer.describe_picture(pixels, coding, threads) for threads in (1, 4))
    np.testing.assert_array_equal(first, second)


def test_very_fine_jpegs_are_left_alone(models: Path) -> None:
    pixels = make_picture(40, 50)
    for quality, left in ((99, True), (90, False)):
        data = to_jpeg(pixels, quality=quality, subsampling="4:4:4")
        same = np.array_equal(veneer.restore_jpeg(data, models=models), read_jpeg(data)[0])
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
    rgb = to_jpeg(pixels, keep_rgb=True)
    for data in (b"", b"text", png.getvalue(), cmyk.getvalue(), rgb, good[: len(good) // 2], good[:30]):
        assert refused(data, models=models).code == ErrorCode.BAD_JPEG
    assert refused(good, models=models, max_pixels=1999).code == ErrorCode.PICTURE_TOO_LARGE
    assert refused(good, models=models, model="none").code == ErrorCode.BAD_SETTING
    assert refused(good, models=models, model="tiny").code == ErrorCode.MODEL_UNKNOWN
    with pytest.raises(veneer.VeneerError, match="does not enhance"):
        veneer.encode(pixels, model="restore", models=models)


def test_networks_of_another_kind() -> None:
    restore = make_model().networks["restore"]
    with pytest.raises(veneer.VeneerError, match="not known here"):
        layer.check_network(restore, layer.INPUTS, layer.OUTPUT)
    layer.check_network(NETWORK, layer.INPUTS, layer.OUTPUT)


@pytest.mark.skipif(not any(PACKAGE_FOLDER.glob("restore-*.vnw")), reason="no model is released")
@pytest.mark.parametrize(("quality", "gain_db"), [(10, 0.6), (40, 0.6), (75, 0.3)])
def test_the_released_model_gains(quality: int, gain_db: float) -> None:
    photo = Path(__file__).parents[2] / "examples" / "fir.jpg"
    with Image.open(photo) as image:
        original = np.asarray(image.convert("RGB").crop((100, 100, 356, 292)))
    data = to_jpeg(original, quality=quality)
    entry = by_name("restore", PACKAGE_FOLDER)
    assert entry is not None
    errors = [
        np.square(pixels.astype(float) - original).mean() for pixels in (read_jpeg(data)[0], veneer.restore_jpeg(data))
    ]
    assert 10 * np.log10(errors[0] / errors[1]) > gain_db
