"""What each coding tool of the base layer is worth: BD-rate (PSNR over RGB) without it against everything.

    python benchmarks/ablation.py PICTURES [--effort 9] [--tools NAME ...] [--steps 112 124 136 148 160] [--jobs 2]

A tool's worth is what bytes cost more without it, found by an encoder that leaves it out; the warm start is left out by
blank tables on both sides. Results are kept in benchmarks/results/ablation.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.interpolate import PchipInterpolator

from veneer import _native_dev

# Bits of DisabledTools in native/base/enc_search.h.
TOOLS = {
    "everything": 0,
    "2:1 rectangles": 1,
    "4x4 (and rectangles)": 2,
    "64x64": 4,
    "32x32 and 64x64": 8,
    "chroma from luma": 16,
    "sine and trained transforms": 32,
    "directions": 64,
    "dependent quantization": 128,
    "derived chroma": 512,
    "transform pairs beyond two": 1024,
}
BLANK = 1024 << 5  # probability one half, count zero


def code(task: tuple[str, int, int, int, bool, int]) -> tuple[float, float]:
    """Bits per pixel and PSNR of one picture."""
    path, step_index, effort, disabled, warm, lambda_milli = task
    original = [_native_dev.warm_table(c) for c in range(_native_dev.warm_classes)]
    for c, table in enumerate(original):
        _native_dev.set_warm_table(c, table if warm else np.full_like(table, BLANK))
    with Image.open(path) as image:
        pixels = np.array(image.convert("RGB"))
    height, width = pixels.shape[:2]
    options = {"disabled_tools": disabled, "lambda_milli": lambda_milli}
    params, tiles, _ = _native_dev.encode_base(
        pixels, step_index=step_index, tune=0, effort=effort, tile_log2=12, threads=1, options=options
    )
    decoded, _ = _native_dev.decode_base(
        tiles,
        [],
        width=width,
        height=height,
        channels=3,
        tile_log2=12,
        params=params,
        region=(0, 0, width, height),
        threads=1,
    )
    for c, table in enumerate(original):
        _native_dev.set_warm_table(c, table)
    error = np.mean((decoded.astype(np.float64) - pixels) ** 2)
    return 8 * len(tiles[0]) / (width * height), 10 * math.log10(255**2 / error)


def bd_rate(anchor: list[tuple[float, float]], test: list[tuple[float, float]]) -> float:
    """Percent of bytes that `test` takes more than `anchor` at equal PSNR (Bjontegaard, pchip)."""
    curves = [np.array(sorted((psnr, math.log(rate)) for rate, psnr in points)).T for points in (anchor, test)]
    low, high = max(c[0][0] for c in curves), min(c[0][-1] for c in curves)
    areas = [PchipInterpolator(*c).integrate(low, high) for c in curves]
    return 100 * (math.exp((areas[1] - areas[0]) / (high - low)) - 1)


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--effort", type=int, default=9)
    parser.add_argument("--steps", type=int, nargs="+", default=[112, 124, 136, 148, 160])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--tools", nargs="+", default=[*TOOLS, "warm start"][1:], help="which ones to leave out, one at a time"
    )
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture")
    args = parser.parse_args()
    paths = sorted(str(p) for p in args.pictures.iterdir() if p.suffix in (".png", ".webp", ".ppm"))[:: args.every]
    cases = [("everything", 0, True)]
    cases += [(name, TOOLS.get(name, 0), name in TOOLS) for name in args.tools]
    sys.stdout.write("| without | BD-rate, PSNR RGB |\n| --- | --- |\n")
    with ProcessPoolExecutor(args.jobs) as pool:
        reference: dict[str, list[tuple[float, float]]] = {}
        for name, disabled, warm in cases:
            tasks = [(p, s, args.effort, disabled, warm, 0) for p in paths for s in args.steps]
            points = list(pool.map(code, tasks))
            curves = {p: points[i * len(args.steps) : (i + 1) * len(args.steps)] for i, p in enumerate(paths)}
            reference = reference or curves
            if name != "everything":
                mean = np.mean([bd_rate(reference[p], curves[p]) for p in paths])
                sys.stdout.write(f"| {name} | {mean:+.2f} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
