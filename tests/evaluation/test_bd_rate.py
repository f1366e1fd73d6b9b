"""BD-rates of curves whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

bjontegaard = pytest.importorskip("bjontegaard")

from veneer.evaluation.bd_rate import Curve, bd_rate, make_curve  # noqa: E402 - after what it needs

RATES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)


def curve(factor: float = 1.0, shift: float = 0.0, rates: tuple[float, ...] = RATES) -> Curve:
    made = make_curve([(factor * rate, 30 + 6 * math.log2(rate) + 0.3 * rate + shift) for rate in rates])
    assert made is not None
    return made


def test_a_constant_factor_is_the_bd_rate() -> None:
    result = bd_rate(curve(), curve(0.8))
    assert result is not None
    assert result.percent == pytest.approx(-20, abs=1e-6)
    assert result.overlap == pytest.approx(1)


def test_pieces_of_curves_integrate_as_the_package_integrates_curves() -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        a, b = (
            make_curve([(r * rng.uniform(0.9, 1.1), 10 * i + rng.uniform(0, 5)) for i, r in enumerate(RATES)])
            for _ in "ab"
        )
        assert a is not None
        assert b is not None
        theirs = bjontegaard.bd_rate(
            np.exp(a.log_rate), a.quality, np.exp(b.log_rate), b.quality, "pchip", False, False, min_overlap=0
        )
        ours = bd_rate(a, b)
        assert ours is not None
        assert ours.percent == pytest.approx(theirs, abs=0.02)


def test_overlap_is_the_share_of_the_range_asked_for() -> None:
    anchor = curve()
    half = make_curve(
        [(0.9 * rate, quality) for rate, quality in zip(RATES, np.linspace(*_upper_half(anchor), 6), strict=True)]
    )
    assert half is not None
    result = bd_rate(anchor, half)
    assert result is not None
    assert result.overlap == pytest.approx(0.5)


def _upper_half(anchor: Curve) -> tuple[float, float]:
    low, high = float(anchor.quality[0]), float(anchor.quality[-1])
    return (low + high) / 2, high + 10


def test_a_window_counts_only_what_the_anchor_has_there() -> None:
    anchor = curve()
    cheap_below = make_curve(
        [(rate * (0.5 if rate < 0.5 else 1), quality) for rate, quality in zip(RATES, anchor.quality, strict=True)]
    )
    assert cheap_below is not None
    high, low = (bd_rate(anchor, cheap_below, window) for window in ((0.9, 3.0), (0.1, 0.4)))
    assert high is not None
    assert low is not None
    assert high.percent == pytest.approx(0, abs=1)
    assert low.percent == pytest.approx(-50, abs=1)


def test_curves_with_nothing_in_common_have_none() -> None:
    assert bd_rate(curve(), curve(shift=100)) is None


def test_points_that_are_no_better_than_cheaper_ones_are_dropped() -> None:
    made = make_curve([(0.1, 20), (0.2, 25), (0.3, 24), (0.4, 25), (0.5, 30), (0.6, math.nan), (0.7, 35)])
    assert made is not None
    assert made.quality.tolist() == [20, 25, 30, 35]
    assert make_curve([(0.1, 20), (0.2, 25), (0.3, 30), (0.4, 30)]) is None


def test_rate_at_a_quality() -> None:
    made = curve()
    for rate, quality in zip(RATES, made.quality, strict=True):
        assert made.rate_at(float(quality)) == pytest.approx(rate)
        assert made.quality_at(rate) == pytest.approx(quality)
    assert made.rate_at(made.quality[-1] + 1) is None
