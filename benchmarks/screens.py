"""Bytes for drawn pictures (screenshots, text, charts, pixel art) at equal quality: Veneer's base layer and AVIF 4:4:4.

    python benchmarks/screens.py FOLDER --rows benchmarks/results/screens.csv
    python benchmarks/screens.py FOLDER --rows benchmarks/results/screens.csv --report benchmarks/results/screens.md

FOLDER has pictures; a `manifest.csv` with the columns `file` and `kind` sorts them into kinds. Pictures with alpha are
put on white first. Rows that the CSV has are not measured again. AVIF is libaom through Pillow, speed 6, 4:4:4, its
default tune; "screen" is the same told that the content is of screens, with palettes and intra block copy on. Of the
two the better one counts at each level. Veneer: effort 5, base layer, tune visual for SSIMULACRA2, psnr for PSNR.

For a level of quality, the bytes of a codec are those of the line through its points, log bytes over quality, points
that are no better than a cheaper one left out; a codec whose cheapest point is better than the level takes its bytes.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import veneer
from veneer.evaluation import metrics

Pixels = npt.NDArray[np.uint8]
Points = list[tuple[int, float]]  # bytes and quality

LEVELS = {"psnr": (30, 35, 40, 45), "ssimulacra2": (50, 65, 80, 90)}
VENEER = {"psnr": "veneer-psnr", "ssimulacra2": "veneer-visual"}
SCREEN = {"tune-content": "screen", "enable-palette": "1", "enable-intrabc": "1"}
AVIF_QUALITIES = (20, 40, 55, 68, 78, 86, 92, 97)
TRIED_QUALITY = 55  # if the screen mode gives the same bytes there, it is the default
VENEER_QUALITIES = (20, 45, 70, 88)
FIELDS = ("picture", "codec", "setting", "bytes", "psnr", "ssimulacra2")


def load(path: Path) -> Pixels:
    """A picture as uint8 [H, W, 3], on white where it has alpha."""
    image = Image.open(path)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))


def _avif(pixels: Pixels, quality: int, **options: object) -> bytes:
    out = io.BytesIO()
    fixed = {"codec": "aom", "speed": 6, "subsampling": "4:4:4", "max_threads": 1}
    Image.fromarray(pixels).save(out, "AVIF", quality=quality, **fixed, **options)
    return out.getvalue()


def _avif_screen(pixels: Pixels, quality: int) -> bytes:
    return _avif(pixels, quality, advanced=SCREEN)


def _veneer(tune: str) -> Callable[[Pixels, int], bytes]:
    return lambda pixels, quality: veneer.encode(pixels, quality=quality, tune=tune, layers="base", threads=1)


def _decode(data: bytes) -> Pixels:
    if data.startswith(b"\x8bVNR"):
        return veneer.decode(data, threads=1)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def _webp(pixels: Pixels, _: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", lossless=True, method=6, quality=100)
    return out.getvalue()


CODECS: dict[str, tuple[Callable[[Pixels, int], bytes], tuple[int, ...]]] = {
    "avif": (_avif, AVIF_QUALITIES),
    "avif-screen": (_avif_screen, AVIF_QUALITIES),
    "veneer-visual": (_veneer("visual"), VENEER_QUALITIES),
    "veneer-psnr": (_veneer("psnr"), VENEER_QUALITIES),
    "webp-lossless": (_webp, (100,)),
}


def measure(folder: Path, rows_file: Path) -> None:
    """Adds the rows that are missing."""
    known = {(row["picture"], row["codec"], row["setting"]) for row in read_rows(rows_file)}
    new = not rows_file.exists()
    with rows_file.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(FIELDS)
        for path in sorted(folder.glob("*.png")):
            pixels = load(path)
            is_default = _avif(pixels, TRIED_QUALITY) == _avif_screen(pixels, TRIED_QUALITY)
            for codec, (encode, settings) in CODECS.items():
                if codec == "avif-screen" and is_default:
                    continue
                for setting in settings:
                    if (path.stem, codec, str(setting)) in known:
                        continue
                    data = encode(pixels, setting)
                    shown = _decode(data)
                    values = metrics.psnr(pixels, shown), metrics.ssimulacra2(pixels, shown)
                    writer.writerow((path.stem, codec, setting, len(data), *(f"{value:.4f}" for value in values)))
                    file.flush()


def read_rows(rows_file: Path) -> list[dict[str, str]]:
    """The rows, none where there is no file."""
    if not rows_file.exists():
        return []
    with rows_file.open(newline="") as file:
        return list(csv.DictReader(file))


def bytes_at(points: Points, level: float) -> float | None:
    """Bytes for a level of quality; None where no point reaches it."""
    rising: Points = []
    for size, quality in sorted(points):
        if not rising or quality > rising[-1][1]:
            rising.append((size, quality))
    for i, (size, quality) in enumerate(rising):
        if quality >= level:
            if i == 0:
                return float(size)
            before, low = rising[i - 1]
            return before * math.exp(math.log(size / before) * (level - low) / (quality - low))
    return None


def differences(curves: dict[str, Points], metric: str) -> Iterator[float | None]:
    """For each level, the logarithm of Veneer's bytes over those of AVIF."""
    for level in LEVELS[metric]:
        avif, own = bytes_at(curves["avif"], level), bytes_at(curves[VENEER[metric]], level)
        yield math.log(own / avif) if avif and own else None


def _percent(logarithms: list[float]) -> str:
    return f"{100 * math.expm1(sum(logarithms) / len(logarithms)):+.0f} %" if logarithms else ""


def report(folder: Path, rows_file: Path) -> str:
    """The table as text."""
    kinds: dict[str, str] = {}
    if (folder / "manifest.csv").exists():
        with (folder / "manifest.csv").open(newline="") as file:
            kinds = {Path(row["file"]).stem: row["kind"] for row in csv.DictReader(file)}
    points: dict[str, dict[str, dict[str, Points]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    lossless: dict[str, str] = {}
    for row in read_rows(rows_file):
        if row["codec"] == "webp-lossless":
            lossless[row["picture"]] = row["bytes"]
            continue
        for metric in LEVELS:
            if row[metric]:
                codec = "avif" if row["codec"] == "avif-screen" else row["codec"]  # the better of both counts
                points[metric][row["picture"]][codec].append((int(row["bytes"]), float(row[metric])))
    lines = []
    means: dict[str, dict[str, list[float]]] = {metric: defaultdict(list) for metric in LEVELS}
    for picture in sorted(points["psnr"]):
        cells = []
        for metric, levels in LEVELS.items():
            curves = points[metric][picture]
            measured = len(curves["avif"]) >= len(AVIF_QUALITIES) and len(curves[VENEER[metric]]) == len(
                VENEER_QUALITIES
            )
            found = list(differences(curves, metric)) if measured else [None] * len(levels)
            known = [each for each in found if each is not None]
            cells += ["" if each is None else _percent([each]) for each in found]
            cells.append(f"**{_percent(known)}**" if known else "")
            if known:
                means[metric][kinds.get(picture, "all")].append(sum(known) / len(known))
        lines.append(f"| {picture} | {' | '.join(cells)} | {lossless.get(picture, '')} |")
    titles = [*(f"{level} dB" for level in LEVELS["psnr"]), "PSNR", *map(str, LEVELS["ssimulacra2"]), "SSIMULACRA2"]
    text = [
        "| picture | " + " | ".join(titles) + " | WebP lossless, bytes |",
        "| --- |" * 1 + " ---: |" * 11,
        *lines,
        "",
    ]
    text += ["| kind | pictures | PSNR | SSIMULACRA2 |", "| --- | ---: | ---: | ---: |"]
    for kind in sorted(means["psnr"]):
        values = [_percent(means[metric][kind]) for metric in LEVELS]
        text.append(f"| {kind} | {len(means['psnr'][kind])} | {values[0]} | {values[1]} |")
    every = {metric: [value for kind in means[metric].values() for value in kind] for metric in LEVELS}
    text.append(f"| **all** | {len(every['psnr'])} | {' | '.join(_percent(values) for values in every.values())} |")
    fewer = [f"{sum(value < 0 for value in values)} of {len(values)}" for values in every.values()]
    text.append(f"| fewer bytes than AVIF | | {' | '.join(fewer)} |")
    return "\n".join(text) + "\n"


def main() -> None:
    """Measures, or writes the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--report", type=Path, help="writes the tables of this file anew, measures nothing")
    arguments = parser.parse_args()
    if arguments.report is None:
        measure(arguments.folder, arguments.rows)
        sys.stdout.write(report(arguments.folder, arguments.rows))
        return
    before = (
        arguments.report.read_text() if arguments.report.exists() else "# Drawn pictures beside AVIF\n\n| picture |"
    )
    arguments.report.write_text(before[: before.index("| picture |")] + report(arguments.folder, arguments.rows))


if __name__ == "__main__":
    main()
