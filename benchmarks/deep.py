"""Pictures of more than 8 bits against AVIF, JPEG XL and HEIC of the same depth: bytes at equal PSNR of code values.

    python benchmarks/deep.py PICTURES [PICTURES ...] [--effort 5] [--tune psnr]

Each picture is halved, four samples of 8 bits to one, whose sum needs 10 bits: so photographs of 8 bits give sources of
10 that are no enlargements. PNGs of 16 bits are taken as they are. Every file is decoded, and its
samples compared with those of the source. The same picture at 8 bits, against AVIF of 8 bits, says how far ahead Veneer
is there. Then dark ramps at 8 and at 10 bits, and speeds of decoding as ratios of one run. Results are kept in
benchmarks/results/deep.md.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import Image

import veneer
from veneer.evaluation.bd_rate import Curve, bd_rate

Samples = npt.NDArray[Any]
Point = tuple[float, float]  # bits per pixel, PSNR

VENEER_STEPS = (88, 100, 112, 124, 136, 148)
AVIF_LEVELS = (92, 84, 76, 66, 56, 44)
JXL_DISTANCES = (0.3, 0.6, 1.0, 1.7, 2.8, 4.5)
HEIC_QUALITIES = (92, 84, 74, 62, 50, 36)


def halved(pixels: Samples) -> Samples:
    """uint8 [H, W, 3] to uint16 of 10 bits and half the sides: sums of four, 0..1020, to 0..1023."""
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    parts = pixels[:height, :width].astype(np.uint32)
    total = parts[::2, ::2] + parts[1::2, ::2] + parts[::2, 1::2] + parts[1::2, 1::2]
    return ((total * 1023 + 510) // 1020).astype(np.uint16)


def at_depth(samples: Samples, depth: int, to: int) -> Samples:
    """By scale; uint8 where `to` is 8."""
    most, largest = (1 << depth) - 1, (1 << to) - 1
    scaled = (samples.astype(np.uint64) * largest + most // 2) // most
    return scaled.astype(np.uint8 if to == 8 else np.uint16)


def psnr(a: Samples, b: Samples, depth: int) -> float:
    """Of code values, over all channels."""
    error = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 10 * np.log10(((1 << depth) - 1) ** 2 / max(error, 1e-9))


def code_veneer(samples: Samples, depth: int, options: dict[str, Any]) -> list[Point]:
    """Points of this codec."""
    points = []
    for step in VENEER_STEPS:
        data = veneer.encode(samples, depth=depth, step_index=step, preview=False, threads=1, **options)
        points.append(point(len(data), samples, veneer.decode(data, realism=0, threads=1), depth))
    return points


def code_avif(samples: Samples, depth: int) -> list[Point]:
    """Points of libaom at its default speed, 4:4:4."""
    points = []
    for level in AVIF_LEVELS:
        data = imagecodecs.avif_encode(
            samples, level=level, speed=6, bitspersample=depth, pixelformat="444", codec="aom", numthreads=1
        )
        points.append(point(len(data), samples, imagecodecs.avif_decode(data), depth))
    return points


def code_jxl(samples: Samples, depth: int) -> list[Point]:
    """Points of libjxl at effort 7."""
    points = []
    for distance in JXL_DISTANCES:
        data = imagecodecs.jpegxl_encode(samples, distance=distance, effort=7, bitspersample=depth, numthreads=1)
        points.append(point(len(data), samples, imagecodecs.jpegxl_decode(data), depth))
    return points


def code_heic(samples: Samples, depth: int) -> list[Point]:
    """Points of x265 by libheif, 4:4:4; the library takes samples of 16 bits and keeps 10 or 12."""
    points = []
    height, width, _ = samples.shape
    for quality in HEIC_QUALITIES:
        wide = (samples.astype(np.uint32) << (16 - depth)).astype("<u2")
        pillow_heif.options.SAVE_HDR_TO_12_BIT = depth == 12
        image = pillow_heif.from_bytes("RGB;16", (width, height), wide.tobytes())
        out = io.BytesIO()
        image.save(out, quality=quality, chroma=444, matrix_coefficients=0)
        decoded = pillow_heif.open_heif(io.BytesIO(out.getvalue()), convert_hdr_to_8bit=False)
        back = np.asarray(decoded).astype(np.uint32) >> (16 - depth)
        points.append(point(len(out.getvalue()), samples, back.reshape(samples.shape), depth))
    return points


def point(size: int, samples: Samples, decoded: Samples, depth: int) -> Point:
    """Bits per pixel and PSNR of a file."""
    return 8 * size / (samples.shape[0] * samples.shape[1]), psnr(samples, decoded, depth)


def saved(anchor: list[Point], test: list[Point]) -> float:
    """BD-rate in percent of `test` against `anchor`, over the quality that both have."""
    curves = []
    for points in (anchor, test):
        rising: list[Point] = []
        for rate, quality in sorted(points):
            if not rising or quality > rising[-1][1]:  # a finer setting may change nothing
                rising.append((rate, quality))
        curves.append(Curve(np.array([q for _, q in rising]), np.log([rate for rate, _ in rising])))
    found = bd_rate(*curves)
    if found is None:
        raise ValueError("the curves have no quality in common")
    return found.percent


def compare(sources: dict[str, tuple[Samples, int]], depths: list[int], options: dict[str, Any]) -> list[str]:
    """Rows of the table: BD-rate of Veneer against each peer at each depth, and per picture."""
    rows = ["| picture | " + " | ".join(head_of(depth) for depth in depths) + " |"]
    rows.append("| --- |" + " ---: |" * sum(3 if depth > 8 else 2 for depth in depths))
    columns: list[list[float]] = []
    for name, (source, bits) in sources.items():
        cells = []
        for depth in depths:
            samples = at_depth(source, bits, depth)
            own = code_veneer(samples, depth, options)
            peers: list[Callable[[Samples, int], list[Point]]] = [code_avif, code_jxl]
            if depth > 8:
                peers.append(code_heic)
            cells += [saved(peer(samples, depth), own) for peer in peers]
        columns.append(cells)
        rows.append(f"| {name} | " + " | ".join(f"{value:+.1f}" for value in cells) + " |")
        sys.stderr.write(rows[-1] + "\n")
    means = [statistics.mean(column) for column in zip(*columns, strict=True)]
    rows.append("| **mean** | " + " | ".join(f"**{value:+.1f}**" for value in means) + " |")
    return rows


def head_of(depth: int) -> str:
    """Titles of the columns of a depth."""
    return " | ".join(f"{peer} {depth}" for peer in (("AVIF", "JXL", "HEIC") if depth > 8 else ("AVIF", "JXL")))


def ramps(options: dict[str, Any]) -> list[str]:
    """Dark ramps at 8 and at 10 bits: bytes, PSNR against the true ramp, and how many values a row keeps."""
    rows = [
        "| ramp, in levels of 8 bits | bits | quality | bytes | PSNR dB | values in a row |",
        "| --- |" + " ---: |" * 5,
    ]
    for first, last in ((2, 10), (8, 12), (16, 48)):
        line = np.linspace(first / 255, last / 255, 1024)
        true = np.repeat(line[None], 256, axis=0)
        for quality in (75, 90):
            for depth in (8, 10, 12):
                most = (1 << depth) - 1
                samples = np.rint(true * most).astype(np.uint8 if depth == 8 else np.uint16)
                data = veneer.encode(samples, depth=depth, quality=quality, **options)
                decoded = veneer.decode(data, realism=0)[:, :, 0]
                error = np.mean((decoded / most - true) ** 2)
                rows.append(
                    f"| {first} to {last} | {depth} | {quality} | {len(data)} | {-10 * np.log10(error):.1f} | "
                    f"{len(np.unique(decoded[128]))} |"
                )
    return rows


def speeds(samples: Samples, bits: int, rounds: int = 7) -> list[str]:
    """Decoding time of each depth over that of 8 bits, of the base and of whole files, one thread, paired."""
    rows = ["| bits | base, time over that of 8 bits | whole, time over that of 8 bits |", "| ---: | ---: | ---: |"]
    files = {
        (depth, layers): veneer.encode(at_depth(samples, bits, depth), depth=depth, quality=75, layers=layers)
        for depth in (8, 10, 12, 16)
        for layers in ("base", "full")
    }
    taken: dict[tuple[int, str], list[float]] = {key: [] for key in files}
    for _ in range(rounds):
        for key, data in files.items():
            start = time.process_time()
            veneer.decode(data, threads=1, realism=0)
            taken[key].append(time.process_time() - start)
    for depth in (10, 12, 16):
        ratios = [
            statistics.median(a / b for a, b in zip(taken[depth, layers], taken[8, layers], strict=True))
            for layers in ("base", "full")
        ]
        rows.append(f"| {depth} | {ratios[0]:.2f} | {ratios[1]:.2f} |")
    return rows


def sources_in(paths: list[Path]) -> dict[str, tuple[Samples, int]]:
    """Pictures by name, with their bits: those of 8 bits halved to 10, deeper PNGs as they are."""
    found: dict[str, tuple[Samples, int]] = {}
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.suffix not in (".png", ".webp"):
                continue
            deep = imagecodecs.png_decode(file.read_bytes()) if file.suffix == ".png" else None
            if deep is not None and deep.dtype == np.uint16:
                found[file.stem] = deep, 16
                continue
            with Image.open(file) as image:
                found[file.stem] = halved(np.asarray(image.convert("RGB"))), 10
    return found


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--tune", default="psnr")
    parser.add_argument("--layers", default="full")
    parser.add_argument("--depths", nargs="+", type=int, default=[8, 10])
    parser.add_argument("--only-pictures", action="store_true", help="no ramps and no speeds")
    arguments = parser.parse_args()
    options = {"effort": arguments.effort, "tune": arguments.tune, "layers": arguments.layers}
    sources = sources_in(arguments.pictures)
    tables = [compare(sources, arguments.depths, options)]
    if not arguments.only_pictures:
        tables += [ramps(options), speeds(*next(iter(sources.values())))]
    sys.stdout.write("\n\n".join("\n".join(rows) for rows in tables) + "\n")


if __name__ == "__main__":
    main()
