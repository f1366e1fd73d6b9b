"""Metrics, against values of other implementations and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from samples import make_picture

from veneer.evaluation import metrics


def noisy(sigma: float, height: int = 200, width: int = 171) -> tuple[metrics.Pixels, metrics.Pixels]:
    """A picture and the same with noise."""
    picture = make_picture(height, width)
    noise = np.random.default_rng(7).normal(0, sigma, picture.shape)
    return picture, np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


# Of a separate implementation in torch that was held against libjxl's and pytorch-msssim's.
KNOWN = {4.0: {"msssim": 0.991151, "ssimulacra2": 69.020}, 24.0: {"msssim": 0.834663, "ssimulacra2": -15.632}}


@pytest.mark.parametrize("sigma", KNOWN)
@pytest.mark.parametrize("name", ["msssim", "ssimulacra2"])
def test_known_values(name: str, sigma: float) -> None:
    pytest.importorskip("ssimulacra2")
    tolerance = {"msssim": 1e-4, "ssimulacra2": 0.05}[name]
    assert metrics.BY_NAME[name].compute(*noisy(sigma)) == pytest.approx(KNOWN[sigma][name], abs=tolerance)


def test_psnr() -> None:
    a = np.full((8, 8, 3), 100, np.uint8)
    b = a.copy()
    b[:, :, 0] = 110
    assert metrics.psnr(a, b) == pytest.approx(10 * np.log10(255**2 / (100 / 3)))
    assert metrics.psnr_y(a, b) == pytest.approx(20 * np.log10(255 / 2.99))
    assert metrics.psnr(a, a) == metrics.SAME_DB


def test_more_noise_is_worse_by_every_metric() -> None:
    values = [metrics.measure_all(*noisy(sigma)) for sigma in (2, 8, 32)]
    for metric in metrics.available():
        qualities = [metric.scale(value[metric.name]) for value in values]
        assert qualities == sorted(qualities, reverse=True), metric.name


def test_the_same_picture() -> None:
    pytest.importorskip("ssimulacra2")
    picture = make_picture(180, 180)
    values = metrics.measure_all(picture, picture.copy())
    assert values["ssimulacra2"] == 100
    assert values["msssim"] == pytest.approx(1)


def test_small_pictures_have_no_value_rather_than_a_wrong_one() -> None:
    pytest.importorskip("ssimulacra2")
    assert np.isnan(metrics.ms_ssim(*noisy(4, 160, 300)))
    assert not np.isnan(metrics.ms_ssim(*noisy(4, 161, 161)))
    assert np.isnan(metrics.ssimulacra2(*noisy(4, 7, 30)))


def test_another_original_is_noticed() -> None:
    pytest.importorskip("ssimulacra2")
    a, b = noisy(8)
    first = metrics.ssimulacra2(a, b)
    assert metrics.ssimulacra2(b, b) == 100
    assert metrics.ssimulacra2(a, b) == first


def test_pictures_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="9x8 and 8x9"):
        metrics.measure_all(make_picture(8, 9), make_picture(9, 8))


def test_the_blur_is_a_gaussian_as_far_as_nine_taps_can_be() -> None:
    pytest.importorskip("ssimulacra2")
    from veneer.evaluation.ssimulacra2 import SIGMA, cosine_taps

    taps = cosine_taps()
    distance = np.arange(len(taps)) - len(taps) // 2
    assert taps.sum() == pytest.approx(1)
    assert taps @ distance**2 == pytest.approx(SIGMA**2)
    assert np.allclose(taps, np.exp(-(distance**2) / (2 * SIGMA**2)) / np.sqrt(2 * np.pi * SIGMA**2), atol=0.003)
