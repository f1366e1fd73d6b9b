"""Two pictures: metrics of their difference, and the difference as a picture or as a page with the report's slider.

Works without the extra `eval`, which brings more metrics. Place: `veneer compare` calls it.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import math
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from veneer.evaluation import metrics, page
from veneer.evaluation.metrics import Pixels
from veneer.evaluation.transparency import BLACK, WHITE, has_transparency, rgb_over

Figure = tuple[metrics.Metric, float | None]

METRIC_NAMES = tuple(metric.name for metric in metrics.METRICS)

GAIN = 8  # so that a difference of 16 levels, which is well seen, is at half of the scale


@dataclasses.dataclass(frozen=True)
class Side:
    """One of the two pictures.

    Attributes:
        name: of its file.
        pixels: uint8 RGB [H, W, 3]; over white where it has transparency.
        size_bytes: of its file.
        profile: ICC profile of the pixels; None where they are sRGB.
        over_black: the same over black; None for a picture without transparency.
    """

    name: str
    pixels: Pixels
    size_bytes: int
    profile: bytes | None = None
    over_black: Pixels | None = None


def make_side(name: str, pixels: Pixels, size_bytes: int, profile: bytes | None) -> Side:
    """A side of uint8 pixels [H, W, C] of any of the four layouts."""
    over_black = rgb_over(pixels, BLACK) if has_transparency(pixels) else None
    return Side(name, rgb_over(pixels, WHITE), size_bytes, profile, over_black)


def chosen_metrics(names: Sequence[str]) -> list[metrics.Metric]:
    """Metrics by their names, in the order of the table; all for none.

    Raises:
        KeyError: there is no metric of that name, which is its argument.
    """
    for name in names:
        if name not in METRIC_NAMES:
            raise KeyError(name)
    return [metric for metric in metrics.METRICS if not names or metric.name in names]


def compare_sides(a: Side, b: Side, chosen: Sequence[metrics.Metric]) -> Iterator[Figure]:
    """Metrics of a picture against an original of the same size, one after the other.

    Where one of them has transparency, each metric is taken over white and over black, and the worse is given.

    Args:
        a: the original.
        b: the other.
        chosen: which metrics.

    Yields:
        Each metric with its value; None where its library is missing or the picture is too small for it.
    """
    pairs = [(a.pixels, b.pixels)]
    if a.over_black is not None or b.over_black is not None:
        blacks = [side.pixels if side.over_black is None else side.over_black for side in (a, b)]
        pairs.append((blacks[0], blacks[1]))
    for metric in chosen:
        values = [metric.compute(*pair) for pair in pairs] if metric.present() else [math.nan]
        worst = max(values) if metric.better == "lower" else min(values)
        yield metric, None if any(map(math.isnan, values)) else worst


def figure_text(figure: Figure) -> str:
    """A metric's value with its unit; why there is none otherwise."""
    metric, value = figure
    if value is not None:
        return f"{value:.4f} {metric.unit}".strip()
    return "the picture is too small" if metric.present() else f"needs {' and '.join(metric.needs)}"


def difference_map(a: Pixels, b: Pixels) -> Pixels:
    """The difference of two pictures, uint8 RGB: grey 128 is no difference; differences are GAIN-fold around it."""
    difference = (b.astype(np.int16) - a.astype(np.int16)) * GAIN + 128
    return np.clip(difference, 0, 255).astype(np.uint8)


def write_map(suffix: str, a: Side, b: Side, figures: Sequence[Figure]) -> bytes:
    """A file that shows the difference.

    Args:
        suffix: ".png" for the pictures and their difference in a row, ".html" for a page with a slider.
        a: the original.
        b: the other, of the same size.
        figures: metrics of the pair.

    Returns:
        The file.

    Raises:
        ValueError: no such kind of file.
    """
    shown = difference_map(a.pixels, b.pixels)
    if suffix == ".png":
        return _encode(np.concatenate([a.pixels, b.pixels, shown], axis=1), a.profile)
    if suffix != ".html":
        raise ValueError(f"the difference is written as .png or .html, not {suffix or 'without an ending'}")
    height, width = a.pixels.shape[:2]
    versions = [_version("a", a.name, a, a.size_bytes), _version("b", b.name, b, b.size_bytes)]
    difference = dataclasses.replace(a, pixels=shown)
    versions.append(_version("difference", f"Difference x {GAIN}", difference, None))
    data = {
        "machine": {"text": f"{a.name} and {b.name}, {width} x {height} pixels."},
        "slider": [{"picture": b.name, "versions": versions, "crop": [0, 0, width, height]}],
        "sliderIntro": f"Grey in the difference is none; a step of a level is shown as {GAIN}.",
        "sliderSides": ["a", "b"],
        "pair": [[figure[0].label, figure_text(figure)] for figure in figures],
    }
    return page.render(f"{a.name} and {b.name}", data).encode()


def _version(name: str, label: str, side: Side, size_bytes: int | None) -> page.Json:
    encoded = base64.b64encode(_encode(side.pixels, side.profile)).decode()
    version: page.Json = {"codec": name, "label": label, "source": f"data:image/png;base64,{encoded}"}
    return version | ({} if size_bytes is None else {"bytes": size_bytes})


def _encode(pixels: Pixels, profile: bytes | None) -> bytes:
    """A PNG that shows pixels in the colour space of their profile."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", icc_profile=profile)
    return buffer.getvalue()
