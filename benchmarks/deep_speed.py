"""Decoding at 10, 12 and 16 bits beside 8 bits: processor time of one thread, in pairs of one run.

    python benchmarks/deep_speed.py PICTURE [--rounds 7]

The picture has 8 bits, and is scaled to each depth; base layer alone, and whole files. What files of these depths are
worth is measured by `veneer bench --deep`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import veneer

DEPTHS = (8, 10, 12, 16)


def at_depth(pixels: npt.NDArray[np.uint8], depth: int) -> npt.NDArray[Any]:
    """uint8 scaled to more bits; uint16 above 8."""
    if depth == 8:
        return pixels
    return ((pixels.astype(np.uint32) * ((1 << depth) - 1) + 127) // 255).astype(np.uint16)


def ratios(pixels: npt.NDArray[np.uint8], rounds: int) -> dict[tuple[int, str], float]:
    """Median of the time at each depth above 8 over that of 8 bits, by depth and layers."""
    files = {
        (depth, layers): veneer.encode(at_depth(pixels, depth), depth=depth, quality=75, layers=layers)
        for depth in DEPTHS
        for layers in ("base", "full")
    }
    taken: dict[tuple[int, str], list[float]] = {key: [] for key in files}
    for _ in range(rounds):
        for key, data in files.items():
            start = time.process_time()
            veneer.decode(data, threads=1, realism=0)
            taken[key].append(time.process_time() - start)
    return {
        key: statistics.median(a / b for a, b in zip(times, taken[DEPTHS[0], key[1]], strict=True))
        for key, times in taken.items()
        if key[0] != DEPTHS[0]
    }


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with Image.open(arguments.picture) as image:
        found = ratios(np.asarray(image.convert("RGB")), arguments.rounds)
    lines = ["| bits | base, time over that of 8 bits | whole, time over that of 8 bits |", "| ---: | ---: | ---: |"]
    lines += [f"| {depth} | {found[depth, 'base']:.2f} | {found[depth, 'full']:.2f} |" for depth in DEPTHS[1:]]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
