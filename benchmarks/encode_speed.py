"""Speed of encoding whole files against JPEG XL effort 7 in the same run: one thread, processor time.

    python benchmarks/encode_speed.py FOLDER [--megapixels 2 8 0] [--efforts 1 5] [--rounds 2]

Each photograph is taken at the sizes asked for, reduced, 0 for its own. Veneer encodes at its default quality; JPEG XL
at the distance that gives the same SSIMULACRA2 on a square from the middle. In a round all contestants of a picture
follow each other, and the shortest time of the rounds counts. Prints megapixels per second and ratios to JPEG XL as a
table. Results are kept in results/encode_speed.md. Needs imagecodecs and ssimulacra2.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image

import veneer
from veneer.evaluation.metrics import ssimulacra2

Pixels = npt.NDArray[np.uint8]

CROP = 768
PEER = "JPEG XL e7"


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One encoder with its settings."""

    name: str
    encode: Callable[[Pixels], bytes]


def encode_jxl(pixels: Pixels, distance: float) -> bytes:
    """JPEG XL, effort 7, one thread."""
    return bytes(imagecodecs.jpegxl_encode(pixels, effort=7, distance=distance, numthreads=1))


def same_distance(pixels: Pixels) -> float:
    """The distance of JPEG XL that scores as Veneer's default quality, on a square from the middle."""
    top, left = (max(0, (side - CROP) // 2) for side in pixels.shape[:2])
    crop = np.ascontiguousarray(pixels[top : top + CROP, left : left + CROP])
    wanted = ssimulacra2(crop, veneer.decode(veneer.encode(crop)))
    low, high = 0.3, 6.0
    for _ in range(6):
        middle = math.sqrt(low * high)
        score = ssimulacra2(crop, np.ascontiguousarray(imagecodecs.jpegxl_decode(encode_jxl(crop, middle))))
        low, high = (middle, high) if score > wanted else (low, middle)
    return math.sqrt(low * high)


def contestants(distance: float, efforts: list[int]) -> list[Contestant]:
    """The peer first."""

    def veneer_at(effort: int, layers: str) -> Contestant:
        def encode(pixels: Pixels) -> bytes:
            return veneer.encode(pixels, effort=effort, layers=layers, threads=1)

        return Contestant(f"e{effort} {layers}", encode)

    ours = [veneer_at(effort, layers) for effort in efforts for layers in ("base", "full")]
    return [Contestant(PEER, lambda pixels: encode_jxl(pixels, distance)), *ours]


def measure(pixels: Pixels, field: list[Contestant], rounds: int) -> dict[str, tuple[float, int]]:
    """Shortest processor time in seconds, and bytes, of each contestant."""
    found: dict[str, tuple[float, int]] = {}
    for _ in range(rounds):
        for contestant in field:
            start = time.process_time()
            size = len(contestant.encode(pixels))
            seconds = time.process_time() - start
            found[contestant.name] = (min(seconds, found.get(contestant.name, (math.inf, 0))[0]), size)
    return found


def read(path: Path, megapixels: float) -> Pixels | None:
    """The picture at a size; None where it has fewer pixels."""
    with Image.open(path) as image:
        share = math.sqrt(megapixels * 1e6 / (image.width * image.height)) if megapixels else 1.0
        if share > 1:
            return None
        colours = image.convert("RGB")
        if share < 1:
            size = (round(share * image.width), round(share * image.height))
            colours = colours.resize(size, Image.Resampling.LANCZOS)
        return np.asarray(colours)


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[2, 8, 0])
    parser.add_argument("--efforts", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    names = [contestant.name for contestant in contestants(1.0, args.efforts)][1:]
    columns = [f"{name}: MP/s, ratio, bytes" for name in names]
    sys.stdout.write(f"| picture | MP | distance | {PEER}: MP/s | " + " | ".join(columns) + " |\n")
    sys.stdout.write("| --- " * (4 + len(names)) + "|\n")
    ratios: dict[str, list[float]] = {name: [] for name in names}
    paths = sorted(path for path in args.folder.iterdir() if path.suffix in (".jpg", ".png", ".webp"))
    for path in paths:
        for size in args.megapixels:
            pixels = read(path, size)
            if pixels is None:
                continue
            megapixels = pixels.shape[0] * pixels.shape[1] / 1e6
            distance = same_distance(pixels)
            found = measure(pixels, contestants(distance, args.efforts), args.rounds)
            seconds, peer_bytes = found[PEER]
            cells = [path.stem, f"{megapixels:.1f}", f"{distance:.2f}", f"{megapixels / seconds:.2f}"]
            for name in names:
                own, size_ = found[name]
                ratios[name].append(seconds / own)
                cells.append(f"{megapixels / own:.2f}, {seconds / own:.2f}, {size_ / peer_bytes:.2f}")
            sys.stdout.write("| " + " | ".join(cells) + " |\n")
            sys.stdout.flush()
    means = [f"{math.exp(float(np.mean(np.log(ratios[name])))):.2f}" for name in names]
    sys.stdout.write("| geometric mean of the ratios | | | | " + " | ".join(means) + " |\n")


if __name__ == "__main__":
    main()
