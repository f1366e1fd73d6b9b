"""The judges: features and distance by SqueezeNet, Frechet distance, critic."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image
from samples import make_picture

from veneer.evaluation import frechet, perceptual

Pixels = perceptual.Pixels


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return np.asarray(image)


def test_features_are_those_of_torch() -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    pixels = make_picture(75, 101)
    with np.load(perceptual.WEIGHTS) as stored:
        weights = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}

    def layer(x: object, name: str, **options: int) -> object:
        return functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options).relu()

    x = torch.from_numpy(pixels[:, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32))
    x = layer(x.permute(2, 0, 1)[None], "conv1", stride=2)
    expected = {"conv1": x}
    for number in range(2, 10):
        if number in (2, 4, 6):
            x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
        squeezed = layer(x, f"fire{number}.squeeze1x1")
        both = layer(squeezed, f"fire{number}.expand1x1"), layer(squeezed, f"fire{number}.expand3x3", padding=1)
        expected[f"fire{number}"] = x = torch.cat(both, dim=1)
    found = perceptual.features(pixels)
    assert list(found) == list(expected)
    for name, planes in expected.items():
        wanted = planes[0].permute(1, 2, 0).numpy()
        assert found[name].shape == wanted.shape
        assert np.allclose(found[name], wanted, rtol=1e-3, atol=1e-4 * wanted.max()), name


def test_distance() -> None:
    picture = make_picture(120, 150)
    values = [perceptual.distance(picture, jpeg(picture, quality)) for quality in (95, 60, 20, 5)]
    assert values == sorted(values)
    assert values[0] > 0
    assert perceptual.distance(picture, picture.copy()) == pytest.approx(0, abs=1e-12)
    assert math.isnan(perceptual.distance(picture[:31], picture[:31]))
    smallest = picture[:32, :32]
    assert perceptual.distance(smallest, jpeg(smallest, 20)) > 0


def test_distance_is_that_of_directions() -> None:
    picture = make_picture(60, 70)
    of_a, of_b = perceptual.features(picture), perceptual.features(jpeg(picture, 30))
    expected = 0.0
    for name in perceptual.TAPS:
        a, b = (of[name] / np.linalg.norm(of[name], axis=2, keepdims=True) for of in (of_a, of_b))
        expected += float(np.square(a - b).sum(axis=2).mean())
    assert perceptual.distance(picture, jpeg(picture, 30)) == pytest.approx(expected, rel=1e-4)


def test_large_pictures_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = make_picture(96, 200)
    other = jpeg(picture, 20)
    monkeypatch.setattr(perceptual, "MAX_SIDE", 100)
    halves = [perceptual.distance(picture[:, part], other[:, part]) for part in (slice(0, 100), slice(100, 200))]
    assert perceptual.distance(picture, other) == pytest.approx(np.mean(halves))


def test_frechet_distance_of_known_gaussians() -> None:
    draw = np.random.default_rng(1)
    sigma_a, sigma_b = np.array([1.0, 2.0, 0.5]), np.array([1.5, 1.0, 0.5])
    shift = np.array([0.3, -1.0, 2.0])
    turn = np.linalg.qr(draw.standard_normal((3, 3)))[0]
    a = draw.standard_normal((200_000, 3)) * sigma_a
    b = draw.standard_normal((200_000, 3)) * sigma_b + shift
    expected = float((shift**2).sum() + ((sigma_a - sigma_b) ** 2).sum())  # both diagonal: they commute
    assert frechet.frechet_distance(a @ turn, b @ turn) == pytest.approx(expected, rel=0.02)


def test_frechet_distance_where_covariances_do_not_commute() -> None:
    # Of 2 x 2 matrices the trace of a root is known: sqrt(trace + 2 sqrt(determinant)).
    draw = np.random.default_rng(2)
    a, b = (draw.standard_normal((500, 2)) @ draw.standard_normal((2, 2)) for _ in range(2))
    of_a, of_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = math.sqrt(np.trace(of_a @ of_b) + 2 * math.sqrt(np.linalg.det(of_a @ of_b)))
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    expected = means + np.trace(of_a) + np.trace(of_b) - 2 * root
    assert frechet.frechet_distance(a, b) == pytest.approx(expected)


@pytest.mark.slow
def test_frechet_distance_of_pictures() -> None:
    pictures = [make_picture(320, 352, seed=seed) for seed in range(4)]
    originals = frechet.cloud(pictures)
    clouds = [frechet.cloud(jpeg(picture, quality) for picture in pictures) for quality in (90, 30, 5)]
    values = [frechet.relative_distance(originals, of) for of in clouds]
    assert values == sorted(values)
    assert values[-1] > 0.1
    assert frechet.relative_distance(originals, originals) == pytest.approx(0, abs=1e-6)
    few = frechet.cloud([make_picture(160, 160)])
    assert math.isnan(frechet.relative_distance(few, few))
    assert frechet.patch_features(make_picture(79, 200)).shape == (0, frechet.DIMENSIONS)


def test_auc_counts_pairs() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("scipy")
    from veneer.evaluation.critic import auc

    draw = np.random.default_rng(3)
    negative, positive = draw.integers(0, 12, 40) / 4, draw.integers(3, 15, 31) / 4  # with ties
    wins = (positive[:, None] > negative).mean() + (positive[:, None] == negative).mean() / 2
    assert auc(negative, positive) == pytest.approx(wins)
    assert auc([0, 1], [2, 3]) == 1
    assert auc([2, 3], [0, 1]) == 0
    assert auc([1, 1], [1, 1]) == 0.5


def test_critic() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("scipy")
    from veneer.evaluation.critic import critic_auc

    pictures = [make_picture(150, 200, seed=seed) for seed in range(4)]
    poor = critic_auc(pictures, [jpeg(picture, 8) for picture in pictures], steps=24)
    assert poor > 0.8
    assert critic_auc(pictures, pictures, steps=24) == 0.5
    assert critic_auc(pictures, [jpeg(picture, 8) for picture in pictures], steps=24) == poor
    with pytest.raises(ValueError, match="needs 3 pictures"):
        critic_auc(pictures[:2], pictures[:2])
