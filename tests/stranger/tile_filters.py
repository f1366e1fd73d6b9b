""" "Filters of tiles" of docs/format.md."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from stranger.coder import Decoder
from stranger.container import require
from stranger.sample_range import SampleRange

Samples = npt.NDArray[np.int64]
HALF = 2**31


class PlaneFilters(NamedTuple):
    """The filters of one plane."""

    clip: int
    codes: list[int]
    taps: list[list[int]]


def step(c: int) -> int:
    return (4 + (c & 3)) << (c >> 2)


def split_filters(data: bytes, planes: int) -> tuple[bytes, list[PlaneFilters]]:
    """The stream of the tile, and the filters before it."""
    require(len(data) > 0 and len(data) > data[0], "fewer bytes than the filters take")
    n = data[0]
    return data[1 + n :], read(Decoder(data[1 : 1 + n], [HALF] * 96), planes) if n else []


def read(coder: Decoder, planes: int) -> list[PlaneFilters]:
    def number(kind: int, least: int = 0, most: int = 254) -> int:
        n = 0
        while n < 7 and coder.bit(8 * kind + n):
            n += 1
        value = least + 2**n - 1 + coder.raw(n)
        require(value <= most, "a number of the filters is too large")
        return value

    def difference(kind: int) -> int:
        d = number(kind)
        return -d if d and coder.raw(1) else d

    counts = [number(0, most=8) for _ in range(planes)]
    clip = number(1, most=63) if any(counts) else 0
    result = []
    for p, count in enumerate(counts):
        codes: list[int] = []
        for k in range(1, count):
            codes.append(number(1, 0 if k == 1 else codes[-1] + 1, 63))
        taps: list[list[int]] = []
        for k in range(count):
            row = []
            for i in range(8 if p == 0 else 10):
                tap = (taps[k - 1][i] if k else 0) + difference(2 + i)
                require(-127 <= tap <= 127, "a tap is out of its range")
                row.append(tap)
            taps.append(row)
        result.append(PlaneFilters(step(clip), codes, taps))
    coder.check_end()
    return result


def filtered(planes: list[Samples], filters: list[PlaneFilters], sample_range: SampleRange) -> list[Samples]:
    result = [plane.copy() for plane in planes]
    for p, own in enumerate(filters):
        if own.taps:
            change = changes(planes, p, own, sample_range.extra)
            result[p] = sample_range.limited(planes[p] + ((change + 64) >> 7), p)
    return result


def changes(planes: list[Samples], p: int, own: PlaneFilters, extra: int) -> Samples:
    """D of every sample of a plane."""
    height, width = planes[p].shape
    rows, columns = np.mgrid[-2 : height + 2, -2 : width + 2]

    def value(plane: Samples, i: int, j: int) -> Samples:
        """P(x + i, y + j) for x and y from two before the first sample to two after the last."""
        return plane[np.clip(rows + j, 0, height - 1), np.clip(columns + i, 0, width - 1)]

    def compared(plane: Samples, i: int, j: int, limit: int | None = None) -> Samples:
        here = plane[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
        one, other = value(plane, i, j) - here, value(plane, -i, -j) - here
        if limit is not None:
            one, other = np.clip(one, -limit, limit), np.clip(other, -limit, limit)
        return (one + other)[2:-2, 2:-2]

    samples = planes[p]
    twice = 2 * value(samples, 0, 0)
    d = np.abs(twice - value(samples, -1, 0) - value(samples, 1, 0))
    d += np.abs(twice - value(samples, 0, -1) - value(samples, 0, 1))
    activity = np.zeros((height, width), np.int64)
    for j in range(5):
        for i in range(5):
            activity += d[j : j + height, i : i + width] >> extra
    k = np.zeros((height, width), np.int64)
    for code in own.codes:
        k += activity >= step(code)
    terms = [compared(samples, i, j) for i, j in ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2))]
    terms += [compared(samples, i, j, own.clip << extra) for i, j in ((1, 0), (0, 1))]
    if p > 0:
        terms += [compared(planes[0], i, j) for i, j in ((1, 0), (0, 1))]
    total = np.zeros((height, width), np.int64)
    for i, term in enumerate(terms):
        total += np.array([taps[i] for taps in own.taps])[k] * term
    return total
