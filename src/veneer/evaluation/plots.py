"""Pictures of a report for documents that show no scripts: curves as SVG, crops side by side as PNG.

Place: `report.py` calls it.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from veneer.evaluation.summary import ALL, Summary

MAX_BPP = 2.0
CROP_CODECS = ("original", "veneer", "veneer-base", "avif-444-s4", "jpeg-420")
CAPTION_HEIGHT = 36


def draw_curves(summary: Summary, folder: Path) -> list[Path]:
    """Writes curve_METRIC.svg, the mean of all pictures, for SSIMULACRA2 and PSNR where they were measured."""
    written = []
    shown = [codec for codec in summary.codecs if codec.in_slider] or summary.codecs
    for column, metric in enumerate(summary.metrics, start=1):
        if metric.name not in ("ssimulacra2", "psnr"):
            continue
        figure = Figure(figsize=(7.5, 4.5), layout="constrained")
        axes = figure.subplots()
        for codec in shown:
            points = [
                (point[0], point[column])
                for point in summary.points.get(codec.name, {}).get(ALL, [])
                if point[0] <= MAX_BPP
            ]
            if points:
                width = 2.4 if codec.family == "Veneer" else 1.4
                axes.plot(*zip(*points, strict=True), marker="o", markersize=3, linewidth=width, label=codec.label)
        axes.set_xscale("log")
        ticks = (0.05, 0.1, 0.2, 0.5, 1, 2)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set(xlabel="bits per pixel", ylabel=metric.label + (f", {metric.unit}" if metric.unit else ""))
        axes.set_title(f"Mean of {len(summary.pictures)} pictures at each setting", fontsize=10)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(fontsize=8, loc="lower right")
        written.append(folder / f"curve_{metric.name}.svg")
        figure.savefig(written[-1], metadata={"Date": None})
    return written


def draw_crops(slider: list[dict[str, Any]], folder: Path) -> Path | None:
    """Writes crops.png, the first picture at its lowest rate by some codecs, or nothing where there is none."""
    if not slider:
        return None
    versions = [v for name in CROP_CODECS for v in slider[0]["versions"] if v["codec"] == name]
    _, _, width, height = slider[0]["crop"]
    sheet = Image.new("RGB", (width * len(versions), height + CAPTION_HEIGHT), "white")
    canvas, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for number, version in enumerate(versions):
        data = base64.b64decode(version["source"].split(",", 1)[1])
        with Image.open(io.BytesIO(data)) as crop:
            sheet.paste(crop, (number * width, CAPTION_HEIGHT))
        text = version["label"]
        if "bpp" in version:
            text += f"\n{version['bytes']} bytes, {version['bpp']:.3f} bpp, {version['psnr']:.1f} dB"
        canvas.multiline_text((number * width + 4, 2), text, fill="black", font=font)
    path = folder / "crops.png"
    sheet.save(path, optimize=True)
    return path
