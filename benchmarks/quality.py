"""What a quality looks like at each effort: SSIMULACRA2 and bytes over the step, on the pictures of a folder.

    python benchmarks/quality.py FOLDER --out benchmarks/results/quality.csv --steps 98 110 128 146
    python benchmarks/quality.py FOLDER --out benchmarks/results/quality.csv --qualities 50 75 90 --efforts 1 5 9

The first finds the steps of the efforts, the second measures the files of qualities, at the steps that `settings.py`
gives them. Both go on where they were when they are run again. Prints for each tune and quality what the steps of
`settings.py` give at each effort, over the pictures that were measured at this effort and at effort 5: the mean score
and its range, its distance to effort 5, and the bytes beside those of effort 5. Where a step has not been measured the
score is taken from a smooth curve through four steps or more. At last it names the pictures whose bytes or score do
not rise from one measured step to another that is finer.
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
from scipy.interpolate import PchipInterpolator

import veneer
from veneer.evaluation.metrics import ssimulacra2

EFFORTS = (1, 2, 3, 4, 5, 6, 7, 8, 9)
TUNES = ("visual", "psnr")
QUALITIES = (20, 30, 50, 60, 75, 85, 90)
STEPS = (88, 98, 110, 122, 134, 146, 158)
LEAST_STEPS_APART = 6  # neighbouring steps may differ by chance: docs/experiments/quality.md
COLUMNS = ("tune", "effort", "step", "picture", "bytes", "ssimulacra2")

Pixels = npt.NDArray[np.uint8]
Row = tuple[str, int, int, str]
Curves = dict[tuple[str, int], dict[str, dict[int, tuple[int, float]]]]


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


def planned(tunes: list[str], efforts: list[int], steps: list[int], qualities: list[int]) -> list[tuple[str, int, int]]:
    """Tune, effort and step of what is to be measured of each picture."""
    if not qualities:
        return [(tune, effort, step) for tune, step, effort in itertools.product(tunes, steps, efforts)]
    return [
        (tune, effort, veneer.Settings(quality=quality, effort=effort, tune=tune).base_step_index())
        for tune, quality, effort in itertools.product(tunes, qualities, efforts)
    ]


def measure_all(paths: list[Path], out: Path, plan: list[tuple[str, int, int]]) -> None:
    """Measures what is missing, picture by picture."""
    known = read_rows(out)
    with open(out, "a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not known:
            writer.writerow(COLUMNS)
        for path in paths:
            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))
            for row in [(*setting, path.stem) for setting in plan]:
                if row not in known:
                    known[row] = measure(pixels, *row[:3])
                    size, score = known[row]
                    writer.writerow((*row, size, round(score, 4)))
                    file.flush()


def curves_of(rows: dict[Row, tuple[int, float]]) -> Curves:
    """Rows by tune and effort, by picture, by step."""
    curves: Curves = defaultdict(lambda: defaultdict(dict))
    for (tune, effort, step, picture), values in rows.items():
        curves[tune, effort][picture][step] = values
    return curves


def at_step(curve: dict[int, tuple[int, float]], step: int) -> tuple[float, float] | None:
    """Bytes and score of a picture at a step: as measured, or of a curve through four steps or more, or None.

    A straight line would be up to a point too low, which is what a step changes.
    """
    if step in curve:
        return curve[step]
    steps = sorted(curve)
    if len(steps) < 4 or not steps[0] < step < steps[-1]:
        return None
    sizes, scores = np.array([curve[each] for each in steps]).T
    return float(np.exp(PchipInterpolator(steps, np.log(sizes))(step))), float(PchipInterpolator(steps, scores)(step))


def print_quality(curves: Curves, tune: str, quality: int) -> None:
    """What a quality gives at each effort."""
    found = {}
    for effort in EFFORTS:
        step = veneer.Settings(quality=quality, effort=effort, tune=tune).base_step_index()
        values = ((name, at_step(curve, step)) for name, curve in curves[tune, effort].items())
        found[effort] = step, {name: value for name, value in values if value is not None}
    for effort, (step, measured) in found.items():
        names = sorted(set(measured) & set(found[5][1]))
        if not names:
            continue
        sizes, scores = np.array([measured[name] for name in names]).T
        sizes_5, scores_5 = np.array([found[5][1][name] for name in names]).T
        click.echo(
            f"{tune:6} q{quality:<3} effort {effort} step {step:3}, {len(names):2} pictures: "
            f"SSIMULACRA2 {scores.mean():6.2f} ({scores.min():6.2f} .. {scores.max():5.2f}), "
            f"{scores.mean() - scores_5.mean():+5.2f} to effort 5; bytes {sizes.mean():8.0f}, "
            f"{sizes.sum() / sizes_5.sum() - 1:+7.2%}"
        )


def print_falls(curves: Curves) -> None:
    """Pairs of measured steps of a picture between which bytes or score do not rise with quality."""
    pairs, falls = 0, 0
    for (tune, effort), pictures in sorted(curves.items()):
        for name, curve in sorted(pictures.items()):
            for fine, coarse in itertools.combinations(sorted(curve), 2):
                if coarse - fine < LEAST_STEPS_APART:
                    continue
                pairs += 1
                if curve[fine][0] <= curve[coarse][0] or curve[fine][1] <= curve[coarse][1]:
                    falls += 1
                    click.echo(f"{tune} effort {effort} {name}: step {fine} {curve[fine]}, {coarse} {curve[coarse]}")
    click.echo(f"bytes or score fall with quality in {falls} of {pairs} pairs")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tunes", nargs="+", choices=TUNES, default=list(TUNES))
    parser.add_argument("--steps", nargs="+", type=int, default=list(STEPS))
    parser.add_argument("--qualities", nargs="+", type=int, default=[], help="measure their steps, in place of --steps")
    parser.add_argument("--efforts", nargs="+", type=int, choices=EFFORTS, default=list(EFFORTS))
    parser.add_argument("--every", type=int, default=1, help="only every so many-th picture")
    parser.add_argument("--first", type=int, default=0, help="how many pictures to leave out before the first")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.folder.iterdir() if path.suffix in (".webp", ".png"))
    plan = planned(arguments.tunes, arguments.efforts, arguments.steps, arguments.qualities)
    measure_all(paths[arguments.first :: arguments.every], arguments.out, plan)
    curves = curves_of(read_rows(arguments.out))
    for tune, quality in itertools.product(TUNES, QUALITIES):
        print_quality(curves, tune, quality)
    print_falls(curves)


if __name__ == "__main__":
    main()
