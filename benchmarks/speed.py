"""Speed of the whole codec against libjpeg-turbo and JPEG XL in the same run, one thread, CPU time.

    python benchmarks/speed.py PICTURES [--bpp 1.0] [--every 4]

Every picture is coded at about `--bpp` (tune "psnr"). Decoding is compared with a progressive 4:2:0 JPEG of at least
the same PSNR (quality 100 where none reaches it), encoding with JPEG XL effort 7 at distance 1.5, about the same rate.
Needs imagecodecs for JPEG XL. Prints megapixels a second and the ratios of geometric means.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

import veneer


def cpu_seconds(call: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Least CPU time of some runs, and the last result."""
    best = math.inf
    for _ in range(runs):
        start = time.process_time()
        result = call()
        best = min(best, time.process_time() - start)
    return best, result


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio over all samples, dB."""
    return 10 * math.log10(255**2 / max(1e-9, float(np.mean((a.astype(np.float64) - b) ** 2))))


def jpeg_of(pixels: np.ndarray, level: float) -> bytes:
    """The smallest progressive JPEG, of even qualities, that reaches a PSNR."""
    for quality in range(60, 101, 2):
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling="4:2:0", progressive=True, optimize=True)
        if psnr(pixels, np.asarray(Image.open(io.BytesIO(out.getvalue())).convert("RGB"))) >= level:
            break
    return out.getvalue()


def measure(pixels: np.ndarray, bpp: float) -> dict[str, float]:
    """Megapixels a second of each coder on one picture."""
    megapixels = pixels.shape[0] * pixels.shape[1] / 1e6
    step = next(
        (s for s in range(80, 140, 3) if len(encode(pixels, s, 1)) * 8 / 1e6 / megapixels < bpp * 1.05),
        140,
    )
    seconds = {}
    for effort in (1, 5):
        seconds[f"encode {effort}"], data = cpu_seconds(lambda e=effort: encode(pixels, step, e), 3)
    seconds["decode"], decoded = cpu_seconds(lambda: veneer.decode(data, threads=1), 5)
    jpeg = jpeg_of(pixels, psnr(pixels, decoded))
    seconds["jpeg decode"], _ = cpu_seconds(lambda: np.asarray(Image.open(io.BytesIO(jpeg))), 7)
    seconds["jxl 7"], _ = cpu_seconds(
        lambda: imagecodecs.jpegxl_encode(pixels, effort=7, distance=1.5, numthreads=1), 3
    )
    return {name: megapixels / value for name, value in seconds.items()} | {"bpp": len(data) * 8 / 1e6 / megapixels}


def encode(pixels: np.ndarray, step: int, effort: int) -> bytes:
    """One thread, base layer."""
    return veneer.encode(pixels, step_index=step, effort=effort, tune="psnr", layers="base", threads=1)


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--bpp", type=float, default=1.0)
    parser.add_argument("--every", type=int, default=4, help="take every n-th picture")
    args = parser.parse_args()
    rows = []
    for path in sorted(p for p in args.pictures.iterdir() if p.suffix in (".png", ".webp", ".ppm"))[:: args.every]:
        with Image.open(path) as image:
            rows.append(measure(np.array(image.convert("RGB")), args.bpp))
        sys.stdout.write(f"{path.stem}: " + ", ".join(f"{k} {v:.2f}" for k, v in rows[-1].items()) + "\n")
    mean = {name: math.exp(float(np.mean([math.log(row[name]) for row in rows]))) for name in rows[0]}
    sys.stdout.write("mean: " + ", ".join(f"{k} {v:.2f}" for k, v in mean.items()) + "\n")
    for name, a, b in (
        ("decode / libjpeg-turbo decode", "decode", "jpeg decode"),
        ("encode effort 5 / JPEG XL effort 7", "encode 5", "jxl 7"),
        ("encode effort 1 / effort 5", "encode 1", "encode 5"),
    ):
        sys.stdout.write(f"{name}: {mean[a] / mean[b]:.2f}\n")


if __name__ == "__main__":
    main()
