"""Curves of rate over quality, and comparisons of two codecs by them: BD-rate with its overlap, rate at a quality.

Log rate is interpolated over quality by monotone cubics (PCHIP), which no point of a curve can make swing; the
integration is that of the `bjontegaard` package. Place: `summary.py` calls it.
Source: Bjontegaard, VCEG-M33, 2001; Fritsch and Carlson, "Monotone piecewise cubic interpolation", 1980.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable

import bjontegaard
import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

Values = npt.NDArray[np.float64]

MIN_POINTS = 4
SAMPLES = 200  # that stand for a piece of a curve; more change a BD-rate by less than 0.01


@dataclasses.dataclass(frozen=True)
class Curve:
    """A codec's points on one picture.

    Attributes:
        quality: rising.
        log_rate: natural logarithm of bits per pixel, rising.
    """

    quality: Values
    log_rate: Values

    def rate_at(self, quality: float) -> float | None:
        """Bits per pixel at a quality, or None where the curve does not reach it."""
        if not self.quality[0] <= quality <= self.quality[-1]:
            return None
        return math.exp(float(PchipInterpolator(self.quality, self.log_rate)(quality)))

    def quality_at(self, rate_bpp: float) -> float:
        """Quality at a rate, or at the nearest end of the curve."""
        inside = np.clip(math.log(rate_bpp), self.log_rate[0], self.log_rate[-1])
        return float(PchipInterpolator(self.log_rate, self.quality)(inside))

    def piece(self, low: float, high: float) -> tuple[Values, Values]:
        """Rates and qualities of the interpolated curve between two qualities."""
        quality = np.linspace(low, high, SAMPLES)
        return np.exp(PchipInterpolator(self.quality, self.log_rate)(quality)), quality


@dataclasses.dataclass(frozen=True)
class BdRate:
    """Bytes that a codec needs more than another at equal quality.

    Attributes:
        percent: negative where it needs fewer.
        overlap: share of the range of quality asked for that both curves have, 0..1.
    """

    percent: float
    overlap: float


def make_curve(points: Iterable[tuple[float, float]], scale: Callable[[float], float] = float) -> Curve | None:
    """The rising part of a curve.

    Args:
        points: bits per pixel and a metric's value, in any order; NaN values are left out.
        scale: from values to quality.

    Returns:
        The curve without points that are no better than a cheaper one; None where less than four are left.
    """
    kept: list[tuple[float, float]] = []
    for rate, value in sorted(point for point in points if not math.isnan(point[1])):
        quality = scale(value)
        if not kept or quality > kept[-1][0] + 1e-9:
            kept.append((quality, math.log(rate)))
    if len(kept) < MIN_POINTS:
        return None
    quality, log_rate = np.array(kept).T
    return Curve(quality, log_rate)


def bd_rate(anchor: Curve, test: Curve, window_bpp: tuple[float, float] | None = None) -> BdRate | None:
    """BD-rate of one picture.

    Args:
        anchor: curve that is compared with.
        test: curve of the codec in question.
        window_bpp: only the quality that the anchor has between these two rates counts; None for all it has.

    Returns:
        The BD-rate, or None where the curves have no quality in common.
    """
    first, last = float(anchor.quality[0]), float(anchor.quality[-1])
    if window_bpp is not None:
        first, last = (anchor.quality_at(rate) for rate in window_bpp)
    low, high = max(first, float(test.quality[0])), min(last, float(test.quality[-1]))
    if high <= low:
        return None
    percent = bjontegaard.bd_rate(
        *anchor.piece(low, high), *test.piece(low, high), method="pchip", require_matching_points=False, min_overlap=0
    )
    return BdRate(float(percent), (high - low) / (last - first))
