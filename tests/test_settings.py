"""Settings: ranges, and what follows from them."""

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest
from samples import make_picture, psnr_db

import veneer
from veneer import ErrorCode, Settings, VeneerError
from veneer.settings import TUNES


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality": -0.1},
        {"quality": 100.5},
        {"quality": float("nan")},
        {"quality": "75"},
        {"quality": True},
        {"effort": 0},
        {"effort": 10},
        {"effort": 5.0},
        {"tune": "ssim"},
        {"layers": "half"},
        {"model": ""},
        {"threads": -1},
        {"threads": 5000},
        {"tile_size": 100},
        {"tile_size": 32},
        {"tile_size": 131072},
        {"step_index": 224},
        {"target_size": 0},
        {"bpp": 0},
        {"realism": -0.1},
        {"realism": True},
        {"bpp": 0.5, "target_size": 1000},
        {"bpp": 0.5, "step_index": 5},
    ],
)
def test_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(VeneerError) as caught:
        Settings(**wrong)
    assert caught.value.code == ErrorCode.BAD_SETTING
    assert next(iter(wrong)) in str(caught.value)


@pytest.mark.parametrize("tune", TUNES)
def test_steps_fall_with_quality(tune: str) -> None:
    steps = [Settings(tune=tune).quality_step(q / 4) for q in range(401)]
    assert all(a >= b for a, b in itertools.pairwise(steps))
    assert steps[0] - steps[-1] > 100
    assert 0 <= steps[-1] <= steps[0] <= 223


def test_step_index_stands_over_quality() -> None:
    assert Settings(quality=10, step_index=np.int64(33)).base_step_index() == 33


@pytest.mark.parametrize(
    ("width", "height", "tile_size", "expected"),
    [
        (1, 1, None, 6),
        (64, 64, None, 6),
        (65, 1, None, 7),
        (768, 512, None, 10),
        (1500, 1000, None, 11),
        (1500, 1001, None, 10),
        (65535, 20, None, 16),
        (5760, 3840, None, 10),
        (768, 512, 64, 6),
        (768, 512, 65536, 16),
    ],
)
def test_tiles(width: int, height: int, tile_size: int | None, expected: int) -> None:
    assert Settings(tile_size=tile_size).tile_log2(width, height) == expected


def test_size_limit() -> None:
    assert Settings().size_limit(100, 100) is None
    assert Settings(target_size=77).size_limit(100, 100) == 77
    assert Settings(bpp=0.5).size_limit(100, 64) == 400


@pytest.mark.parametrize("base_scale", [None, 1, 2])
def test_base_scales(base_scale: int | None) -> None:
    assert Settings(base_scale=base_scale).base_scale == base_scale


@pytest.mark.parametrize(("tune", "dependent"), [("psnr", 3), ("visual", 4)])
def test_a_quality_looks_the_same_at_each_effort(tune: str, dependent: int) -> None:
    """More effort makes a better picture at the same step, so its steps are coarser; benchmarks/quality.py measures."""
    for quality in (30, 50, 75, 90):
        settings = [Settings(quality=quality, effort=effort, tune=tune) for effort in range(1, 10)]
        steps = [one.base_step_index() for one in settings]
        assert steps == sorted(steps)
        assert steps[7] == steps[8] == steps[4] + dependent  # dependent quantization
        assert steps[4] - steps[0] == (2 if tune == "visual" and quality >= 50 else 1)
        assert len({one.chosen_realism(one.base_step_index()) for one in settings}) == 1


@pytest.mark.parametrize("tune", TUNES)
def test_files_grow_and_get_better_with_quality(tune: Any) -> None:
    """Ten points of quality apart; neighbouring steps may differ by chance (docs/experiments/quality.md)."""
    picture = make_picture(96, 128)
    files = [
        veneer.encode(picture, quality=quality, tune=tune, layers="base") for quality in (*range(0, 100, 10), 99.9)
    ]
    assert [len(data) for data in files] == sorted(len(data) for data in files)
    gains = np.diff([psnr_db(veneer.decode(data), picture) for data in files])
    assert gains.min() > 0.3


def test_tiles_of_lossless_files_are_larger() -> None:
    sizes = [(1, 1), (64, 65), (1500, 900), (2049, 1), (65535, 65535)]
    assert [Settings(lossless=True).tile_log2(*size) for size in sizes] == [6, 7, 11, 11, 11]
    assert Settings(lossless=True, tile_size=128).tile_log2(4000, 3000) == 7


def test_steps_stay_in_their_range_at_each_effort() -> None:
    for effort in range(1, 10):
        for quality in (0, 100):
            assert 0 <= Settings(quality=quality, effort=effort).base_step_index() <= 223
    assert Settings(step_index=90, effort=9).base_step_index() == 90


@pytest.mark.parametrize("tune", TUNES)
@pytest.mark.parametrize("effort", range(1, 10))
def test_steps_and_realism_of_all_qualities(tune: Any, effort: int) -> None:
    """Steps do not get coarser with quality, and every effort asks for the realism of effort 5."""
    settings = [Settings(quality=quality, effort=effort, tune=tune) for quality in range(100)]  # 100 is lossless
    steps = [one.base_step_index() for one in settings]
    assert steps == sorted(steps, reverse=True)
    of_effort_5 = [dataclasses.replace(one, effort=5) for one in settings]
    assert [one.chosen_realism(step) for one, step in zip(settings, steps, strict=True)] == [
        one.chosen_realism(one.base_step_index()) for one in of_effort_5
    ]
