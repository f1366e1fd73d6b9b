"""Draws the curves of a run: a PNG with the loss, the rate saved, the gain and the latents' rate over the steps.

Place: `train.py` calls it after each validation. It needs only Pillow.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

PANEL = 520, 300
MARGIN_LEFT, MARGIN_TOP, MARGIN_BOTTOM = 64, 28, 24
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f")

Series = tuple[str, list[float]]


def draw(entries: Sequence[dict[str, Any]], path: Path) -> None:
    """Draws the entries of a log.

    Args:
        entries: as `train.py` writes them, at least one.
        path: of the PNG.
    """
    steps = [float(entry["step"]) for entry in entries]
    rates = [f"{bpp:.2f} bpp" for bpp in entries[-1]["base_bpp"]]

    def per_rate(name: str) -> list[Series]:
        return [(rate, [entry[name][i] for entry in entries]) for i, rate in enumerate(rates)]

    panels: list[tuple[str, list[Series]]] = [
        ("loss in training", [("", [entry["loss"] for entry in entries])]),
        ("rate at equal PSNR, %", [("", [100 * entry["rate_change"] for entry in entries])]),
        ("gain, dB, by rate of the base", per_rate("gain_db")),
        ("latents, bpp, by rate of the base", per_rate("latents_bpp")),
    ]
    image = Image.new("RGB", (2 * PANEL[0], 2 * PANEL[1]), "white")
    canvas = ImageDraw.Draw(image)
    for number, (title, series) in enumerate(panels):
        _panel(canvas, number % 2 * PANEL[0], number // 2 * PANEL[1], title, steps, series)
    image.save(path, optimize=True)


def _panel(
    canvas: ImageDraw.ImageDraw, left: int, top: int, title: str, steps: list[float], series: list[Series]
) -> None:
    """One diagram with its axes, ticks and names."""
    x0, x1 = left + MARGIN_LEFT, left + PANEL[0] - 90
    y0, y1 = top + MARGIN_TOP, top + PANEL[1] - MARGIN_BOTTOM
    values = [value for _, line in series for value in line if value == value]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    high = high if high > low else low + 1e-3
    last = max(steps) or 1.0

    def point(step: float, value: float) -> tuple[float, float]:
        return x0 + (x1 - x0) * step / last, y1 - (y1 - y0) * (value - low) / (high - low)

    canvas.text((x0, top + 8), title, fill="black")
    canvas.line([(x0, y0), (x0, y1), (x1, y1)], fill="black")
    for i in range(5):
        value = low + (high - low) * i / 4
        _, y = point(0, value)
        canvas.line([(x0, y), (x1, y)], fill="#dddddd" if i else "black")
        canvas.text((left + 6, y - 6), f"{value:.4g}", fill="black")
        step = last * i / 4
        canvas.text((point(step, low)[0] - 8, y1 + 6), f"{step:.0f}", fill="black")
    for number, (name, line) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        points = [point(step, value) for step, value in zip(steps, line, strict=True) if value == value]
        if len(points) > 1:
            canvas.line(points, fill=colour, width=2)
        for x, y in points[-1:]:
            canvas.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)
        canvas.text((x1 + 8, y0 + 16 * number), name, fill=colour)
