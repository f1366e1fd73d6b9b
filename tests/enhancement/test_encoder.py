"""Choices of the encoder: enhancement where it pays, latents and strengths by tile, half size at coarse steps."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle.enhancement.realism import realism_from_head, realism_from_share
from samples import make_picture, psnr_db

import veneer
from veneer import enc_layering
from veneer.bitstream.container import read_contents
from veneer.bitstream.tiles import TileGrid
from veneer.enc_layering import error_per_bit
from veneer.enc_original import Original
from veneer.encoder import MAX_DEFAULT_REALISM
from veneer.enhancement import enc_layer, enc_sampling
from veneer.enhancement.base_picture import BasePicture
from veneer.enhancement.enc_default_realism import default_realism
from veneer.enhancement.enc_layer import best_strength
from veneer.enhancement.enc_rule import surely_pays
from veneer.enhancement.enc_sampling import judge
from veneer.enhancement.models import by_name, load
from veneer.enhancement.networks import PLAIN_STRENGTH, networks_of


def noisy_blocks(height: int, width: int, channels: int = 3) -> np.ndarray:
    """Squares of 16 x 16 that are a little lighter or darker: what a coarse base loses and the test model's y has."""
    rng = np.random.default_rng(3)
    squares = rng.integers(-5, 6, (-(-height // 16), -(-width // 16), channels))
    offsets = squares.repeat(16, axis=0).repeat(16, axis=1)[:height, :width]
    return np.clip(make_picture(height, width, channels).astype(int) + offsets, 0, 255).astype(np.uint8)


def test_lambda() -> None:
    for step in range(224):
        q = 2 ** ((step - 32) / 16) / 4
        assert math.isclose(error_per_bit(step, 3), 3 * 0.095 * q * q, rel_tol=1e-12)


@pytest.mark.parametrize("effort", [5, 7])
def test_not_where_it_does_not_pay(effort: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step, tune in ((50, "visual"), (60, "psnr"), (110, "visual"), (110, "psnr")):
        if (step, tune) == (110, "psnr"):  # filters pay there, but not so much
            monkeypatch.setattr(enc_layering, "LEAST_GAIN", 1 / 8)
        options = {"step_index": step, "tune": tune, "effort": effort}
        data = veneer.encode(make_picture(100, 90), model="tiny", models=folder, **options)
        assert b"eNHA" not in data
        base = veneer.encode(make_picture(100, 90), layers="base", **options)
        assert data == base


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_where_it_pays(channels: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "RATE_WEIGHT", 0.002)
    pixels = noisy_blocks(130, 150, channels)
    options = {"step_index": 160, "tile_size": 64, "tune": "psnr", "base_scale": 1, "model": "tiny", "models": folder}
    data = veneer.encode(pixels, **options)
    chunks = read_contents(memoryview(data), strict=True, max_pixels=1 << 28).enhancement
    assert all(chunk is not None for chunk in chunks)
    assert any(chunk.data for chunk in chunks if chunk)
    enhanced, base = veneer.decode(data, models=folder, strict=True), veneer.decode(data, layers="base")
    colours = np.s_[:, :, : channels - 1 + channels % 2]
    assert psnr_db(enhanced[colours], pixels[colours]) > psnr_db(base[colours], pixels[colours]) + 0.05
    info = veneer.read_info(data, verify=True)
    assert info.model_id == 900
    assert 0 < info.enhancement_bytes < len(data)
    assert veneer.encode(pixels, threads=8, **options) == data


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("size", [(4, 3), (600, 1), (1, 2000)])
def test_samples_of_narrow_pictures(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "SAMPLED_PIXELS", 1)
    data = veneer.encode(make_picture(*size), step_index=132)
    assert veneer.decode(data, strict=True).shape == (*size, 3)


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_sample_decides_for_large_pictures(channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks do not run over all of a large picture; a sample that is all of it gives the file that they would."""
    pixels = noisy_blocks(180, 200, channels)
    options = {"step_index": 132, "base_scale": 1}
    monkeypatch.setattr(enc_layering, "LEAST_GAIN", -1)
    enhanced = veneer.encode(pixels, **options)
    assert b"eNHA" in enhanced
    monkeypatch.setattr(enc_layering, "SAMPLED_PIXELS", 180 * 200)
    monkeypatch.setattr(enc_layering, "encode_enhancement", None)  # is not called
    assert veneer.encode(pixels, **options) == enhanced
    monkeypatch.setattr(enc_layering, "LEAST_GAIN", 1)
    assert veneer.encode(pixels, **options) == veneer.encode(pixels, layers="base", **options)


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("options", [{"effort": 7}, {"tune": "psnr"}, {"step_index": 160}])
def test_where_no_sample_decides(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """High efforts, filters, bases of half size."""
    monkeypatch.setattr(enc_layering, "SAMPLED_PIXELS", 1)
    monkeypatch.setattr(enc_layering, "judge", None)  # is not called
    assert veneer.encode(noisy_blocks(80, 90), **options)


def test_latents_need_the_whole_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "RATE_WEIGHT", 0.002)
    options = {"step_index": 160, "tile_size": 64, "base_scale": 1, "model": "tiny", "models": folder}
    whole = veneer.encode(noisy_blocks(130, 150), **options)
    chunks = read_contents(memoryview(whole), strict=True, max_pixels=1 << 28).enhancement
    assert any(chunk.data for chunk in chunks if chunk)
    monkeypatch.setattr(enc_layering, "SAMPLED_PIXELS", 1)
    assert veneer.encode(noisy_blocks(130, 150), **options) == whole


@pytest.mark.usefixtures("encoding_as_installed")
def test_low_efforts_run_no_network_where_enhancement_surely_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "SAMPLED_PIXELS", 1)
    pixels = noisy_blocks(180, 200)
    options = {"step_index": 120, "effort": 3}
    sampled = veneer.encode(pixels, **options)
    assert b"eNHA" in sampled
    asked = []
    monkeypatch.setattr(enc_layering, "surely_pays", lambda *values: not asked.append(values))
    monkeypatch.setattr(enc_layering, "judge", None)  # is not called
    assert veneer.encode(pixels, **options) == sampled
    (step, square, bits, error) = asked[0]
    base = veneer.decode(sampled, layers="base").astype(float)
    assert (step, square) == (120, pytest.approx(2.0**7))
    assert bits == pytest.approx(8 * len(veneer.encode(pixels, layers="base", **options)) / (180 * 200), rel=0.3)
    assert error == pytest.approx(np.square(base - pixels).mean(), rel=0.1)


def test_the_rule() -> None:
    photograph = {"step_index": 110, "squared_step": 53.8, "bits_per_pixel": 0.8, "mean_squared_error": 21.4}
    assert surely_pays(**photograph)
    for change in (
        {"step_index": 94},
        {"step_index": 161},
        {"mean_squared_error": 10.0},  # no noise, finely coded
        {"mean_squared_error": 30.0},
        {"mean_squared_error": 70.0, "bits_per_pixel": 1.8},  # dithered
        {"mean_squared_error": 0.0, "bits_per_pixel": 0.0},
    ):
        assert surely_pays(**{**photograph, **change}) == (change.get("bits_per_pixel") == 0.0)


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("channels", [1, 3])
def test_sampled_gain(channels: int) -> None:
    """Squares that cover the picture give exactly its error and gain."""
    pixels = noisy_blocks(192, 256, channels)
    settings = veneer.Settings(step_index=130)
    layers = enc_layering._encode_scaled_base(Original(pixels), settings, 1, 130)
    base = enc_layering._decoded(layers, pixels, 8, settings)
    entry = by_name("standard")
    assert entry is not None
    networks = networks_of(load(entry), 1, 1)
    assert networks is not None
    enhanced = enc_layer.enhance_plainly(networks, base)
    sample = judge(networks, [(0, 0, 256, 192)], lambda _: (base, pixels))
    assert not sample.latents
    assert sample.error == pytest.approx(np.square(base.quarters / 4 - pixels).sum())
    strength, _ = best_strength(networks, base, pixels, enhanced, (0, 0, 256, 192))
    assert sample.strength == strength
    made = base.quarters / 4 + strength / PLAIN_STRENGTH * (enhanced / 64 - base.quarters / 4)
    assert sample.error - sample.gain == pytest.approx(np.square(made - pixels).sum())


def test_squares() -> None:
    """They lie in tiles, at places that networks can begin at."""
    for width, height, side in ((1, 1, 64), (300, 5000, 1024), (5760, 3840, 1024), (2000, 1500, 65536), (900, 900, 64)):
        grid = TileGrid(width, height, side.bit_length() - 1)
        boxes = [grid.box(index) for index in range(grid.count)]
        found = enc_sampling._squares(boxes)
        places = [(boxes[index], square) for index, squares in found.items() for square in squares]
        assert 1 <= len(places) <= 2 * enc_sampling.MOST_SQUARES
        for (_, _, tile_width, tile_height), (x, y, w, h) in places:
            assert x % enc_sampling.ALIGNMENT == y % enc_sampling.ALIGNMENT == 0
            assert (w, h) == (min(tile_width, enc_sampling.SEEN), min(tile_height, enc_sampling.SEEN))
            assert 0 <= x <= x + w <= tile_width
            assert 0 <= y <= y + h <= tile_height


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.slow
def test_the_base_counts_on_enhancement(channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worse base, which enhanced is no worse for its bytes."""
    pixels = noisy_blocks(180, 200, channels)
    options = {"step_index": 132, "tune": "psnr", "base_scale": 1, "effort": 7}
    counting = veneer.encode(pixels, threads=1, **options)
    assert counting == veneer.encode(pixels, threads=3, **options)
    monkeypatch.setitem(enc_layering.FIRST_ANTICIPATING_EFFORT, "psnr", 10)
    other = veneer.encode(pixels, threads=1, **options)
    assert other != counting
    assert b"eNHA" in other
    assert b"eNHA" in counting
    costs = []
    for data in (other, counting):
        error = np.square(veneer.decode(data, realism=0).astype(float) - pixels)[:, :, : channels - 1 + channels % 2]
        costs.append(error.sum() + error_per_bit(132, error.shape[2]) * 8 * len(data))
    assert costs[1] < 1.03 * costs[0]
    if channels % 2 == 0:
        np.testing.assert_array_equal(veneer.decode(counting)[:, :, -1], pixels[:, :, -1])


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98, 1.0, 1.5, 3.0])
def test_best_strength(share: float, folder: Path) -> None:
    """The original lies so far on the way from the base to the enhanced picture, and beyond."""
    entry = by_name("plain", folder)
    assert entry is not None
    networks = networks_of(load(entry), 1, 1)
    assert networks is not None
    rng = np.random.default_rng(5)
    shown = 4 * rng.integers(60, 180, (200, 100, 3), np.int16)
    change = 2 * rng.integers(-8, 9, shown.shape)
    base = BasePicture(shown, np.zeros((50, 25, 8), np.uint8), np.zeros((50, 25), np.uint8), (0, 0, 0, 0), 1)
    original = np.rint(shown / 4 + share * change).astype(np.uint8)
    enhanced = (16 * shown + 64 * change).astype(np.int16)
    strength, error = best_strength(networks, base, original, enhanced, (0, 0, 100, 200))
    wanted = min(128, round(64 * share)) if abs(share - 1) > 0.03 else PLAIN_STRENGTH
    assert strength == wanted
    made = np.rint(shown / 4 + strength / 64 * change)
    samples = original.size
    assert abs(error - np.square(made - original).sum()) < 0.2 * samples


def test_default_realism(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enc_layering, "RATE_WEIGHT", 0.002)
    pixels = noisy_blocks(70, 80)

    def realism_of(**changes: Any) -> float:
        options = {"step_index": 160, "effort": 1, "model": "textured", "models": folder, **changes}
        data = veneer.encode(pixels, **options)
        assert (b"eNHA" in data) == (options.get("layers") != "base")
        return veneer.read_info(data).default_realism

    assert realism_of() == pytest.approx(default_realism(160), abs=1 / 255)
    assert realism_of(base_scale=2) == realism_of(base_scale=1) > 0
    assert realism_of(tune="psnr") == 0
    assert realism_of(tune="psnr", realism=1) == 1
    assert realism_of(realism=0) == 0
    # What has nothing to act on is not promised.
    assert realism_of(realism=1, model="tiny") == 0
    assert realism_of(realism=1, layers="base") == 0


def test_default_realism_grows_with_the_step() -> None:
    curve = [default_realism(step) for step in range(224)]
    assert curve == sorted(curve)
    assert curve[0] == 0
    assert curve[-1] <= 1


@pytest.mark.parametrize("share", range(65))
def test_realism_survives_the_head(share: int) -> None:
    assert realism_from_head(int(share / 64 * MAX_DEFAULT_REALISM + 0.5)) == share == realism_from_share(share / 64)


def test_half_size_where_it_is_better(folder: Path) -> None:
    smooth = make_picture(200, 210, seed=1)
    choices = {}
    for step in (100, 139, 150, 180):
        data = veneer.encode(smooth, step_index=step, model="tiny", models=folder)
        choices[step] = veneer.read_info(data).base_scale
        assert veneer.decode(data, models=folder, strict=True).shape == smooth.shape
    assert choices[100] == choices[139] == 1
    assert choices[180] == 2
    # Fine detail does not survive it.
    detail = (np.indices((128, 128)).sum(axis=0) % 2 * 200).astype(np.uint8)
    assert veneer.read_info(veneer.encode(detail, step_index=150, model="tiny", models=folder)).base_scale == 1


def test_base_layer_alone_has_full_size_unless_asked() -> None:
    smooth = make_picture(100, 90)
    assert veneer.read_info(veneer.encode(smooth, step_index=190, layers="base")).base_scale == 1
    assert veneer.read_info(veneer.encode(smooth, step_index=190, layers="base", base_scale=2)).base_scale == 2


def test_target_size(folder: Path) -> None:
    pixels = noisy_blocks(150, 150)
    data = veneer.encode(pixels, target_size=900, model="tiny", models=folder)
    assert 500 < len(data) <= 900
