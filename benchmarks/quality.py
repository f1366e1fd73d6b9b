"""What a quality looks like at each effort: SSIMULACRA2 and bytes over the step, on the pictures of a folder.

    python benchmarks/quality.py FOLDER --out benchmarks/results/quality.csv

Goes on where it was when it is run again. Prints for each tune and quality what the steps of `settings.py` give at
each effort: the mean score and its range over the pictures, its distance to effort 5, and the bytes beside those of
effort 5.
Where a step has not been measured the score is taken from its neighbours by a straight line.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections import defaultdict
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from PIL import Image

import veneer
from veneer.evaluation.metrics import ssimulacra2

EFFORTS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
TUNES = ("visual", "psnr")
QUALITIES = (30, 50, 60, 75, 85, 90)
STEPS = (88, 98, 110, 122, 134, 146, 158)
COLUMNS = ("tune", "effort", "step", "picture", "bytes", "ssimulacra2")

Pixels = npt.NDArray[np.uint8]
Row = tuple[str, int, int, str]
Curves = dict[tuple[str, int], dict[int, dict[str, tuple[int, float]]]]


def measure(pixels: Pixels, tune: str, effort: int, step: int) -> tuple[int, float]:
    """Bytes and score of a whole file as the command makes it."""
    data = veneer.encode(pixels, tune=tune, effort=effort, step_index=step)
    return len(data), ssimulacra2(pixels, veneer.decode(data))


def read_rows(out: Path) -> dict[Row, tuple[int, float]]:
    """What has been measured."""
    if not out.exists():
        return {}
    with open(out, newline="") as file:
        return {
            (row["tune"], int(row["effort"]), int(row["step"]), row["picture"]): (
                int(row["bytes"]),
                float(row["ssimulacra2"]),
            )
            for row in csv.DictReader(file)
        }


def measure_all(folder: Path, out: Path, tunes: list[str], steps: list[int], every: int) -> None:
    """Measures what is missing, picture by picture."""
    known = read_rows(out)
    with open(out, "a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not known:
            writer.writerow(COLUMNS)
        for path in sorted(path for path in folder.iterdir() if path.suffix in (".webp", ".png"))[::every]:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            for tune, step, effort in itertools.product(tunes, steps, EFFORTS):
                if (tune, effort, step, path.stem) not in known:
                    size, score = measure(pixels, tune, effort, step)
                    writer.writerow((tune, effort, step, path.stem, size, round(score, 4)))
                    file.flush()


def curves_of(rows: dict[Row, tuple[int, float]]) -> Curves:
    """Rows by tune and effort, by step, by picture."""
    curves: Curves = defaultdict(lambda: defaultdict(dict))
    for (tune, effort, step, picture), values in rows.items():
        curves[tune, effort][step][picture] = values
    return curves


def at_step(curve: dict[int, dict[str, tuple[int, float]]], step: float) -> tuple[npt.NDArray[np.float64], ...]:
    """Bytes and scores of all pictures at a step: straight lines over the step, of the logarithm of the bytes."""
    steps = sorted(curve)
    pictures = sorted(set.intersection(*(set(curve[each]) for each in steps)))
    sizes = [np.interp(step, steps, [np.log(curve[each][name][0]) for each in steps]) for name in pictures]
    scores = [np.interp(step, steps, [curve[each][name][1] for each in steps]) for name in pictures]
    return np.exp(np.array(sizes)), np.array(scores)


def print_table(curves: Curves) -> None:
    """What each quality gives at each effort."""
    for tune, quality in itertools.product(TUNES, QUALITIES):
        if (tune, 5) not in curves:
            continue
        settings = {effort: veneer.Settings(quality=quality, effort=effort, tune=tune) for effort in EFFORTS}
        steps = {effort: settings[effort].base_step_index() for effort in EFFORTS}
        found = {effort: at_step(curves[tune, effort], steps[effort]) for effort in EFFORTS if (tune, effort) in curves}
        sizes_5, scores_5 = found[5]
        for effort, (sizes, scores) in found.items():
            click.echo(
                f"{tune:6} q{quality:<3} effort {effort} step {steps[effort]:3}: "
                f"SSIMULACRA2 {scores.mean():6.2f} ({scores.min():6.2f} .. {scores.max():5.2f}), "
                f"{scores.mean() - scores_5.mean():+5.2f} to effort 5; bytes {sizes.mean():8.0f}, "
                f"{sizes.sum() / sizes_5.sum() - 1:+7.2%}"
            )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tunes", nargs="+", choices=TUNES, default=list(TUNES))
    parser.add_argument("--steps", nargs="+", type=int, default=list(STEPS))
    parser.add_argument("--every", type=int, default=1, help="only every so many-th picture")
    arguments = parser.parse_args()
    measure_all(arguments.folder, arguments.out, arguments.tunes, arguments.steps, arguments.every)
    print_table(curves_of(read_rows(arguments.out)))


if __name__ == "__main__":
    main()
