"""What `veneer restore` gains on JPEGs of known pictures, and whether it ever loses.

    python benchmarks/restore.py PICTURES [--models DIR] [--out benchmarks/results/restore.md]

Pillow (libjpeg-turbo) makes a JPEG of each picture at each quality and subsampling, as anybody's program would. PSNR is
that of R, G and B together. Restoring also a few qualities that nobody would restore shows whether harm is done.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import PIL
from PIL import Image, features

import veneer

QUALITIES = (5, 10, 20, 30, 40, 60, 75, 85, 90, 95, 100)
SUBSAMPLINGS = ("4:2:0", "4:4:4")
SUFFIXES = (".png", ".webp", ".ppm")

Pixels = npt.NDArray[np.uint8]


def psnr_db(pixels: Pixels, original: Pixels) -> float:
    """PSNR over all samples."""
    error = float(np.square(pixels.astype(np.float64) - original).mean())
    return 10 * math.log10(255**2 / max(error, 1e-4))


def to_jpeg(original: Pixels, quality: int, subsampling: str) -> bytes:
    """The JPEG that Pillow makes."""
    file = io.BytesIO()
    Image.fromarray(original).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return file.getvalue()


def measure(paths: list[Path], models: str | None) -> list[str]:
    """Rows of the table."""
    rows = []
    for quality in QUALITIES:
        for subsampling in SUBSAMPLINGS:
            before, gains, seconds, pixels = [], [], 0.0, 0
            for path in paths:
                with Image.open(path) as image:
                    original = np.asarray(image.convert("RGB"))
                data = to_jpeg(original, quality, subsampling)
                with Image.open(io.BytesIO(data)) as image:
                    decoded_db = psnr_db(np.asarray(image), original)
                started = time.process_time()
                restored = veneer.restore_jpeg(data, models=models)
                seconds += time.process_time() - started
                pixels += original.shape[0] * original.shape[1]
                before.append(decoded_db)
                gains.append(psnr_db(restored, original) - decoded_db)
            row = f"| {quality} | {subsampling} | {np.mean(before):.2f} | {np.mean(gains):+.2f} | {min(gains):+.2f} | "
            rows.append(row + f"{max(gains):+.2f} | {pixels / seconds / 1e6:.1f} |")
            sys.stdout.write(f"{rows[-1]}\n")
            sys.stdout.flush()
    return rows


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description="What veneer restore gains.")
    parser.add_argument("pictures", type=Path, help="folder of pictures that were never JPEGs")
    parser.add_argument("--models", help="folder of more models")
    parser.add_argument("--out", type=Path, help="write the table here")
    options = parser.parse_args()
    paths = sorted(path for path in options.pictures.iterdir() if path.suffix in SUFFIXES)
    head = [
        "| quality | chroma | JPEG, dB | gain, dB | least | most | MP/s, a core |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    sys.stdout.write("\n".join([*head, ""]))
    rows = measure(paths, options.models)
    if options.out:
        text = f"""# Restoring JPEGs

`python benchmarks/restore.py PICTURES`: {len(paths)} pictures, JPEGs by Pillow {PIL.__version__} with
libjpeg-turbo {features.version("libjpeg_turbo")}. PSNR is over R, G and B; means over the pictures, and the least and
the most that one of them gains.

"""
        options.out.write_text(text + "\n".join([*head, *rows, ""]))


if __name__ == "__main__":
    main()
