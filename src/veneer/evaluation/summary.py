"""Computes the figures of a report from measurements: curves, BD-rates, sizes at equal quality, speed, memory.

Everything is computed once, here, as plain numbers that `page.py` embeds and `tables.py` prints, lossless sizes among
them. A figure that was not measured is left out. Place: between `records.py` and the report.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from veneer.evaluation import bd_rate
from veneer.evaluation.codecs import Codec
from veneer.evaluation.metrics import METRICS, Metric
from veneer.evaluation.records import Row

ANCHORS = ("jpeg-420", "avif-444-s4", "avif-444-s4-psnr")
WINDOWS = {"0.25 to 1.7 bpp of the anchor": (0.25, 1.7), "all that both have": None}
LEVELS = {"ssimulacra2": (50, 70, 80, 90), "psnr": (30, 33, 36, 40)}
SPEED_PEER = "jpeg-420"
ALL = "*"  # stands for the mean of all pictures


@dataclasses.dataclass(frozen=True)
class Mean:
    """A mean over pictures.

    Attributes:
        value: the mean.
        overlap: mean share of the range of quality that both codecs have, 0..1.
        count: pictures that it is of.
    """

    value: float
    overlap: float
    count: int


@dataclasses.dataclass
class Summary:
    """All figures of a report; keys are names of codecs, metrics and pictures.

    Attributes:
        codecs: those with measurements, in the order of the table.
        metrics: those with values.
        pictures: names.
        points: codec -> picture, or ALL -> rising in rate: bits per pixel, then the quality of each metric.
        bd_rates: anchor -> window -> metric -> codec -> picture, or ALL -> BD-rate in percent.
        equal_quality: metric -> level -> codec -> bits per pixel at that level, mean of the pictures that reach it.
        speed: codec -> megapixels per second of encoding and decoding, over all settings.
        memory: codec -> bytes beyond the picture to encode and to decode; None where not known.
        memory_picture: name, width and height of the picture that memory was measured on.
        lossless: codec -> bits per pixel, megapixels per second of encoding and decoding.
        versions: codec -> versions of its library in the measurements.
    """

    codecs: list[Codec]
    metrics: list[Metric]
    pictures: list[str]
    points: dict[str, dict[str, list[list[float]]]]
    bd_rates: dict[str, dict[str, dict[str, dict[str, dict[str, Mean]]]]]
    equal_quality: dict[str, dict[float, dict[str, Mean]]]
    speed: dict[str, tuple[float, float]]
    memory: dict[str, tuple[int | None, int | None]]
    memory_picture: tuple[str, int, int] | None
    lossless: dict[str, tuple[float, float, float]]
    versions: dict[str, str]


def summarize(codecs: Iterable[Codec], results: Iterable[Row], memory: Iterable[Row]) -> Summary:
    """Computes every figure of a report.

    Args:
        codecs: whose rows to take.
        results: rows of `measure.FIELDS`.
        memory: rows of `bench.MEMORY_FIELDS`.

    Returns:
        The figures.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in results:
        rows[row["codec"]].append(row)
    known = _distinct([codec for codec in codecs if rows[codec.name]], rows)
    lossy = [codec for codec in known if not codec.lossless]
    metrics = [metric for metric in METRICS if any(row[metric.name] for codec in lossy for row in rows[codec.name])]
    pictures = sorted({row["image"] for codec in known for row in rows[codec.name]})
    curves = {metric.name: {codec.name: _curves(rows[codec.name], metric) for codec in lossy} for metric in metrics}
    memory = [row for row in memory if row["codec"] in {codec.name for codec in known}]
    return Summary(
        codecs=known,
        metrics=metrics,
        pictures=pictures,
        points={codec.name: _points(rows[codec.name], metrics, len(pictures)) for codec in lossy},
        bd_rates={
            anchor: {
                window: {metric: _bd_rates(curves[metric], anchor, limits) for metric in curves}
                for window, limits in WINDOWS.items()
            }
            for anchor in ANCHORS
            if anchor in {codec.name for codec in lossy}
        },
        equal_quality={
            metric: {level: _rates_at(curves[metric], level) for level in levels}
            for metric, levels in LEVELS.items()
            if metric in curves
        },
        speed={codec.name: _speed(rows[codec.name]) for codec in known},
        memory={row["codec"]: (_whole(row["encode_bytes"]), _whole(row["decode_bytes"])) for row in memory},
        memory_picture=(memory[0]["image"], int(memory[0]["width"]), int(memory[0]["height"])) if memory else None,
        lossless={codec.name: _lossless(rows[codec.name]) for codec in known if codec.lossless},
        versions={codec.name: ", ".join(sorted({row["version"] for row in rows[codec.name]})) for codec in known},
    )


def _distinct(codecs: list[Codec], rows: dict[str, list[Row]]) -> list[Codec]:
    """Codecs without those that decode the same files to the same quality throughout as one before them does.

    Such are settings of Veneer that the model in use has no part for.
    """
    kept: list[Codec] = []
    seen: set[tuple[str, frozenset[tuple[str, ...]]]] = set()
    for codec in codecs:
        fields = ("setting", "image", "bytes", *(metric.name for metric in METRICS))
        key = codec.source, frozenset(tuple(row[name] for name in fields) for row in rows[codec.name])
        if key not in seen:
            seen.add(key)
            kept.append(codec)
    return kept


def _by_picture(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["image"]].append(row)
    return found


def _curves(rows: list[Row], metric: Metric) -> dict[str, bd_rate.Curve]:
    """Curve of each picture that has enough points."""
    found = {}
    for picture, own in _by_picture(rows).items():
        points = [(float(row["bpp"]), float(row[metric.name])) for row in own if row[metric.name]]
        curve = bd_rate.make_curve(points, metric.scale)
        if curve is not None:
            found[picture] = curve
    return found


def _points(rows: list[Row], metrics: list[Metric], pictures: int) -> dict[str, list[list[float]]]:
    """Points to draw, of each picture, and means of each setting that all pictures have."""

    def point(row: Row) -> list[float]:
        qualities = [metric.scale(float(row[metric.name])) if row[metric.name] else math.nan for metric in metrics]
        return [float(row["bpp"]), *qualities]

    found = {name: sorted(point(row) for row in own) for name, own in _by_picture(rows).items()}
    settings: dict[str, list[list[float]]] = defaultdict(list)
    for row in rows:
        settings[row["setting"]].append(point(row))
    found[ALL] = sorted(_mean_point(points) for points in settings.values() if len(points) == pictures)
    return found


def _mean_point(points: list[list[float]]) -> list[float]:
    """Mean quality at the geometric mean of the rates, which is where a mean of curves over log rate lies."""
    values = np.array(points)
    return [float(np.exp(np.log(values[:, 0]).mean())), *map(float, values[:, 1:].mean(axis=0))]


def _bd_rates(
    curves: dict[str, dict[str, bd_rate.Curve]], anchor: str, window: tuple[float, float] | None
) -> dict[str, dict[str, Mean]]:
    found: dict[str, dict[str, Mean]] = {}
    for codec, own in curves.items():
        each = {}
        for picture in sorted(set(own) & set(curves[anchor])):
            result = bd_rate.bd_rate(curves[anchor][picture], own[picture], window)
            if result is not None:
                each[picture] = Mean(result.percent, result.overlap, 1)
        if each:
            values, overlaps = ([getattr(mean, name) for mean in each.values()] for name in ("value", "overlap"))
            found[codec] = each | {ALL: Mean(float(np.mean(values)), float(np.mean(overlaps)), len(each))}
    return found


def _rates_at(curves: dict[str, dict[str, bd_rate.Curve]], level: float) -> dict[str, Mean]:
    found = {}
    for codec, own in curves.items():
        rates = [rate for curve in own.values() if (rate := curve.rate_at(level)) is not None]
        if rates:
            found[codec] = Mean(float(np.mean(rates)), len(rates) / len(own), len(rates))
    return found


def _speed(rows: list[Row]) -> tuple[float, float]:
    megapixels = sum(int(row["width"]) * int(row["height"]) for row in rows) / 1e6
    encode, decode = (sum(float(row[name]) for row in rows) for name in ("encode_s", "decode_s"))
    return megapixels / max(encode, 1e-9), megapixels / max(decode, 1e-9)


def _lossless(rows: list[Row]) -> tuple[float, float, float]:
    return float(np.mean([float(row["bpp"]) for row in rows])), *_speed(rows)


def _whole(text: str) -> int | None:
    return int(text) if text else None
