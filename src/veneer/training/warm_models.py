"""Trains the warm-start tables of the base layer's adaptive models.

Every training crop is coded with the real encoder at the steps of each table's class, and the decisions under each
model are counted per crop. A model starts with the mean of its decisions and with the count (weight) that a
beta-binomial fit over the crops gives: a model whose probability differs much between pictures starts light, one that
is the same everywhere starts heavy.

Place: offline; its result is ``docs/tables/warm_start.bin``, normative (docs/format.md, "Warm-start tables"), which the
core is built with. Run again whenever the members of ``Models`` in ``native/base/contexts.h`` change, and
``docs/make_tables.py`` after it:

    python -m veneer.training.warm_models TRAIN_FOLDER [--crops 400] [--rounds 2]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.special import betaln

COUNT_CAP = 31  # five bits in the table
STEPS_PER_CLASS = ((64, 84), (104, 114), (128, 138), (152, 168))
OUTPUT = Path("docs/tables/warm_start.bin")


def load_native() -> Any:
    """The module `_native_dev`: of the installed package, or the file that VENEER_NATIVE names."""
    path = os.environ.get("VENEER_NATIVE")
    if path is None:
        from veneer import _native_dev

        return _native_dev
    spec = importlib.util.spec_from_file_location("_native_dev", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def count_crop(task: tuple[str, int, int, list[NDArray[np.uint16]]]) -> NDArray[np.uint32]:
    """Decisions of one crop at one step, ``[models, 2]``."""
    path, step_index, effort, tables = task
    native = load_native()
    for index, table in enumerate(tables):
        native.set_warm_table(index, table)
    with Image.open(path) as image:
        pixels = np.array(image.convert("RGB"))
    counts: NDArray[np.uint32] = native.count_decisions(pixels, step_index=step_index, effort=effort)
    return counts


def fit_table(counts: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Table entries from counts of zeros and ones per crop.

    Args:
        counts: uint32 ``[crops, models, 2]``.

    Returns:
        uint16 ``[models]``: 11 bits of probability of one above 5 bits of count.
    """
    zeros, ones = counts[..., 0].astype(np.float64), counts[..., 1].astype(np.float64)
    total_zeros, total_ones = zeros.sum(0), ones.sum(0)
    mean = (total_ones + 0.4) / (total_zeros + total_ones + 0.8)
    best_weight = np.zeros(mean.shape)
    best_likelihood = np.full(mean.shape, -np.inf)
    for weight in (0.7, 1, 1.5, 2, 3, 4, 6, 8, 11, 15, 20, 25, COUNT_CAP):
        a, b = mean * weight, (1 - mean) * weight
        likelihood = (betaln(a + ones, b + zeros) - betaln(a, b)).sum(0)
        better = likelihood > best_likelihood
        best_weight[better] = weight
        best_likelihood = np.maximum(best_likelihood, likelihood)
    # Models that the crops hardly reach are not trusted beyond what was seen.
    seen = total_zeros + total_ones
    count = np.minimum(np.round(best_weight), np.round(seen / 2)).astype(np.int64)
    probability = np.clip(np.floor(mean * 2048), 0, 2047).astype(np.int64)
    entries: NDArray[np.uint16] = (probability << 5 | np.clip(count, 0, COUNT_CAP)).astype(np.uint16)
    return entries


def write_tables(tables: list[NDArray[np.uint16]], path: Path) -> None:
    """Writes the tables one after the other, 16 bits an entry, little-endian."""
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(np.stack(tables).astype("<u2").tobytes())
    temporary.replace(path)


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crops", type=int, default=400, help="how many of the folder's pictures, evenly picked")
    parser.add_argument("--rounds", type=int, default=2, help="each starts from the tables of the one before")
    parser.add_argument("--effort", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=OUTPUT)
    args = parser.parse_args()
    native = load_native()
    paths = sorted(str(p) for p in args.folder.rglob("*.webp"))
    paths = [paths[i * len(paths) // args.crops] for i in range(args.crops)] if len(paths) > args.crops else paths
    tables = [np.full(native.model_count, 1024 << 5, np.uint16) for _ in range(native.warm_classes)]
    with ProcessPoolExecutor(args.jobs) as pool:
        for round_index in range(args.rounds):
            # The last round sees every crop; the ones before only prepare its starting point.
            used = paths if round_index == args.rounds - 1 else paths[::4]
            fitted = []
            for index, steps in enumerate(STEPS_PER_CLASS):
                tasks = [(path, step, args.effort, tables) for path in used for step in steps]
                fitted.append(fit_table(np.stack(list(pool.map(count_crop, tasks, chunksize=8)))))
                print(f"round {round_index + 1}, class {index}: {len(tasks)} codings", flush=True)
            tables = fitted
    write_tables(tables, args.out)


if __name__ == "__main__":
    main()
