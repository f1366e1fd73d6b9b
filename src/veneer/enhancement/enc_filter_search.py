"""The filters of a tile: least squares for classes of pixels, and as many classes as pay for their bits.

Place: after the choice of latents and strengths. Encoder only.
Source: docs/format.md, "Filters", for what the coefficients do.
"""

from __future__ import annotations

import functools

import numpy
import numpy.typing

from veneer.enhancement import filters
from veneer.enhancement.base_picture import Bytes, Quarters
from veneer.enhancement.distributions import MAX_VALUE, PRECISION, cumulative_frequencies
from veneer.enhancement.enc_filters import sum_products
from veneer.enhancement.filters import (
    FIRST_TAPS,
    MAX_CLASSES,
    MAX_COEFFICIENT,
    MAX_THRESHOLD,
    PlaneFilters,
    TileFilters,
)
from veneer.enhancement.geometry import Box
from veneer.enhancement.unrounded import Unrounded

# Number of cells that classes are made of: ranges of activity with about the same share of the error each.
_CELLS = 12
_UNIT = 128  # of coefficients
# Overfitting guard: each fitted number also removes errors that are chance, so a bit must save this many times its
# cost. Measured; of 1 .. 4, at five steps.
_CAUTION = 3.0
# Passes over all coefficients that change those whose bits cost more than the error they remove.
_ROUNDS = 2
# Squared changes of a plane in R, G and B together, and of samples in 1/16 of a level in those of whole levels.
_PLANE_WEIGHTS = {1: (1.0,), 3: (3.0, 2.0, 3.0)}
_SIXTEENTHS = 256.0

# Sums of products of T features and the change that is wanted, [N, T + 1, T + 1], for N classes. They are whole
# numbers; what is made of them below is made by single operations in a fixed order (additions, products, quotients and
# roots as IEEE 754 rounds them), so that no machine differs.
Products = numpy.typing.NDArray[numpy.float64]
Reals = numpy.typing.NDArray[numpy.float64]


def choose_filters(
    enhanced: Unrounded, base: Quarters, original: Bytes, box: Box, step: int, error_per_bit: float, threads: int
) -> TileFilters:
    """Chooses the filters of a tile.

    Args:
        enhanced: int16 [H, W, 1 or 3], the whole picture in 1/64 of a level.
        base: int16 of the same shape, the base at full size in quarters of a level.
        original: uint8 of the same shape.
        box: of the tile at full size.
        step: step index of its base.
        error_per_bit: squared error, summed over all samples, that a bit is worth.
        threads: at most this many; 0 for as many as there are cores.

    Returns:
        Filters without classes where none pays.
    """
    # Half a quantizer step, 2^((step - 16) / 16) sixteenths of a level.
    clip = max(0, min(MAX_THRESHOLD, (step - 48) // 4))
    products = sum_products(enhanced, base, original, box, clip, threads)
    weights = _PLANE_WEIGHTS[enhanced.shape[2]]
    chosen = []
    for p, (plane, weight) in enumerate(zip(products, weights, strict=True)):
        known = [*range(filters.tap_count(p)), filters.TAPS]
        own = plane[:, known][:, :, known]
        chosen.append(_choose_classes(own, weight / _SIXTEENTHS, _CAUTION * error_per_bit))
    tile = TileFilters(tuple(chosen), clip)
    return tile if tile else TileFilters(tile.planes)


@functools.cache
def _bits(index: int) -> Reals:
    """Bits of each magnitude in a distribution, in whole 1/256: libraries' logarithms may differ in the last digit."""
    cdf = cumulative_frequencies()[index, MAX_VALUE:].astype(numpy.int64)
    return numpy.array([PRECISION - _log2(share) for share in numpy.diff(cdf).tolist()])


def _log2(number: int) -> float:
    """Logarithm of a whole number from 1 on, in whole 1/256, rounded down; exact."""
    return ((number**256).bit_length() - 1) / 256


def _choose_classes(products: numpy.typing.NDArray[numpy.int64], weight: float, error_per_bit: float) -> PlaneFilters:
    """The best division of a plane's pixels into classes."""
    firsts = _cells(products)
    cells = [products[first:last].sum(axis=0) for first, last in zip(firsts, [*firsts[1:], None], strict=True)]
    count = len(cells)
    foretold = FIRST_TAPS[: products.shape[1] - 1]
    spans = [(first, last) for first in range(count) for last in range(first, count)]
    sums = numpy.array([sum(cells[first : last + 1]) for first, last in spans], numpy.float64)
    costs_of = dict(zip(spans, _fit(sums, foretold, weight, error_per_bit)[0].tolist(), strict=True))
    count_bits = (error_per_bit * _bits(filters.COUNT_INDEX)).tolist()
    threshold_bits = error_per_bit * float(_bits(filters.NEXT_INDEX)[4])  # bits of a typical threshold
    # best[last][k]: cost of the cells up to `last` in k + 1 classes, and the first cell of the newest class.
    best: list[list[tuple[float, int]]] = []
    for last in range(count):
        row = [(costs_of[0, last], 0)]
        for k in range(1, min(MAX_CLASSES, last + 1)):
            options = (
                (best[first - 1][k - 1][0] + threshold_bits + costs_of[first, last], first)
                for first in range(k, last + 1)
            )
            row.append(min(options))
        best.append(row)
    costs = [cost + count_bits[k + 1] for k, (cost, _) in enumerate(best[-1])]
    k, last, classes = costs.index(min(costs)), count - 1, list[tuple[int, int]]()
    while k >= 0:
        first = best[last][k][1]
        classes.insert(0, (first, last))
        last, k = first - 1, k - 1
    # With the classes known, coefficients are chosen again, by the bits of their differences from the prediction.
    taps, cost = list[tuple[int, ...]](), 0.0
    for each in classes:
        own = spans.index(each)
        added, chosen = _fit(sums[own : own + 1], foretold, weight, error_per_bit)
        foretold = tuple(int(tap) for tap in chosen[0])
        cost += float(added[0])
        taps.append(foretold)
    thresholds = tuple(firsts[first] for first, _ in classes[1:])
    cost += count_bits[len(classes)] + len(thresholds) * threshold_bits
    return PlaneFilters(thresholds, tuple(taps)) if cost < count_bits[0] else PlaneFilters()


def _cells(products: numpy.typing.NDArray[numpy.int64]) -> list[int]:
    """The bin of activity that each cell begins with; each cell has pixels that change."""
    errors = products[:, -1, -1].astype(float).tolist()
    share, reached, firsts = sum(errors) / _CELLS, 0.0, [0]
    for code, error in enumerate(errors[: MAX_THRESHOLD + 1]):
        if reached >= share * len(firsts) and error > 0:
            firsts.append(code)
        reached += error
    return firsts


def _fit(products: Products, foretold: tuple[int, ...], weight: float, error_per_bit: float) -> tuple[Reals, Reals]:
    """Coefficients of classes, [N, T], and what each class costs.

    The cost is error_per_bit * bits less the squared error that is removed.
    """
    count = len(foretold)
    wanted = _UNIT * products[:, :count, count]
    scale = weight / _UNIT / _UNIT
    rates = [error_per_bit * _bits(index) for index in filters.TAP_INDICES[:count]]
    taps = numpy.rint(_solve(products, wanted))
    for i in range(count):
        taps[:, i] = _codable(taps[:, i], foretold[i])
    # Products of the filters' output with each feature, less those of the wanted change.
    rest = -wanted
    for i in range(count):
        rest += taps[:, i : i + 1] * products[:, i, :count]
    everyone = numpy.arange(len(products))
    for _ in range(_ROUNDS):
        for i in range(count):
            now, before = taps[:, i], foretold[i]
            zeros = numpy.zeros_like(now)
            options = [now, now + numpy.sign(before - now), zeros + before, (now + before) // 2, zeros]
            values = _codable(numpy.stack(options), before)
            moves = values - now
            costs = scale * (moves * (moves * products[:, i, i] + 2 * rest[:, i]))
            costs += rates[i][numpy.abs(values - before).astype(int)]
            best = costs.argmin(axis=0)
            rest += moves[best, everyone][:, None] * products[:, i, :count]
            taps[:, i] = values[best, everyone]
    total = numpy.zeros(len(products))
    for i in range(count):
        total += scale * (taps[:, i] * (rest[:, i] - wanted[:, i]))
        total += rates[i][numpy.abs(taps[:, i] - foretold[i]).astype(int)]
    return total, taps


def _codable(taps: Reals, foretold: int) -> Reals:
    """The nearest coefficients that can be coded."""
    return taps.clip(max(-MAX_COEFFICIENT, foretold - MAX_VALUE), min(MAX_COEFFICIENT, foretold + MAX_VALUE))


def _solve(products: Products, wanted: Reals) -> Reals:
    """Least squares [N, T] by the factors of Cholesky, with a little on the diagonal."""
    count = wanted.shape[1]
    factor: dict[tuple[int, int], Reals] = {}
    trace = sum((products[:, i, i] for i in range(1, count)), products[:, 0, 0])
    ridge = 1e-4 / count * trace + 1
    for i in range(count):
        for j in range(i + 1):
            value = products[:, i, j].copy()
            for k in range(j):
                value -= factor[i, k] * factor[j, k]
            factor[i, j] = numpy.sqrt(numpy.maximum(value + ridge, ridge)) if i == j else value / factor[j, j]
    result = wanted.copy()
    for i in range(count):
        for k in range(i):
            result[:, i] -= factor[i, k] * result[:, k]
        result[:, i] /= factor[i, i]
    for i in reversed(range(count)):
        for k in range(i + 1, count):
            result[:, i] -= factor[k, i] * result[:, k]
        result[:, i] /= factor[i, i]
    return result
