"""A whole benchmark: finds the missing measurements, runs worker processes with a progress bar, writes the report.

Results are written to CSV files as they are measured, so that a run can be stopped at any time and resumed. Results of
another version of a codec are measured again. Place: `command.py` calls it.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import math
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from veneer.evaluation import crops, measure
from veneer.evaluation.codecs import Codec, all_codecs
from veneer.evaluation.records import Records, Row

RESULTS, MEMORY, CROPS = "results.csv", "memory.csv", "crops.csv"
RESULTS_KEY, MEMORY_KEY, CROPS_KEY = ("codec", "setting", "image"), ("codec",), ("codec", "image", "target_bpp")
MEMORY_FIELDS = ("codec", "image", "width", "height", "encode_bytes", "decode_bytes", "version")
CROP_FOLDER = "crops"
SUFFIXES = frozenset((".png", ".webp", ".ppm", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg"))


@dataclasses.dataclass(frozen=True)
class PlanOfRows:
    """What every benchmark that fills tables is told.

    Attributes:
        paths: of the pictures; their names without ending tell them apart.
        out: folder of results and report.
        codecs: names, of the table of codecs that the benchmark has.
        jobs: processes at a time.
        keep_versions: take results of whatever version of a codec; the report names the versions.
    """

    paths: tuple[Path, ...]
    out: Path
    codecs: tuple[str, ...]
    jobs: int
    keep_versions: bool = False

    def lacks(self, row: Row | None, version: str) -> bool:
        """Whether there is no such row, or one of another version that is not to be kept."""
        return row is None or (row["version"] != version and not self.keep_versions)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan(PlanOfRows):
    """What to measure, of `all_codecs`.

    Attributes:
        points: settings of each codec, at most, evenly picked.
        rates_bpp: rates for pictures side by side, rising; empty for none.
        crop_size: width and height of those.
        shown: names of the pictures that are shown so; None for all.
        memory: whether to measure memory, on the largest picture.
    """

    points: int
    rates_bpp: tuple[float, ...]
    crop_size: tuple[int, int]
    shown: frozenset[str] | None
    memory: bool

    def chosen(self) -> list[Codec]:
        """The codecs by name, in the order of the table."""
        return [codec for name, codec in all_codecs().items() if name in self.codecs]

    def settings(self, codec: Codec) -> tuple[float, ...]:
        """The settings of a codec that are measured: `points` of them, the first and the last among them."""
        count = len(codec.settings)
        if count <= self.points:
            return codec.settings
        kept = sorted({round(i * (count - 1) / max(1, self.points - 1)) for i in range(self.points)})
        return tuple(codec.settings[i] for i in kept)


@dataclasses.dataclass(frozen=True)
class Task:
    """A call for a worker process and where its rows belong."""

    function: Callable[..., list[Row]]
    arguments: tuple[object, ...]
    records: Records
    what: str


def find_pictures(inputs: Iterable[Path]) -> list[Path]:
    """Files as given, and the pictures in folders, sorted by name.

    Raises:
        ValueError: there are none, a file is not there, or two have the same name.
    """
    found: list[Path] = []
    for path in inputs:
        if path.is_dir():
            found += sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        elif path.is_file():
            found.append(path)
        else:
            raise ValueError(f"{path}: no such file or folder")
    if not found:
        raise ValueError("no pictures there")
    names = [path.stem for path in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two pictures are called {sorted(twice)[0]}")
    return found


def run(plan: Plan, *, progress: bool) -> list[str]:
    """Measures what is not measured yet.

    Args:
        plan: what to measure.
        progress: whether to show a bar.

    Returns:
        One line for each measurement that failed; the others are in the files.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    results = Records(plan.out / RESULTS, measure.FIELDS, RESULTS_KEY)
    memory = Records(plan.out / MEMORY, MEMORY_FIELDS, MEMORY_KEY)
    shown = Records(plan.out / CROPS, crops.FIELDS, CROPS_KEY)
    failures = execute(list(_measurements(plan, results)), plan.jobs, progress, "rates and metrics")
    if plan.rates_bpp:
        (plan.out / CROP_FOLDER).mkdir(exist_ok=True)
        failures += execute(list(_crops(plan, shown)), plan.jobs, progress, "pictures of equal size")
    if plan.memory:
        # Each in a process of its own, which has not grown for anything else.
        failures += execute(list(_memory(plan, memory)), plan.jobs, progress, "memory", fresh=True)
    for records in (results, memory, shown):
        records.compact()
    return failures


def _measurements(plan: Plan, results: Records) -> Iterator[Task]:
    """Picture by picture, so that a worker has it at hand."""
    for path, codecs in itertools.product(plan.paths, _by_source(plan.chosen())):
        for setting in plan.settings(codecs[0]):
            missing = tuple(
                codec.name
                for codec in codecs
                if plan.lacks(results.get(codec.name, f"{setting:g}", path.stem), codec.version)
            )
            if missing:
                yield Task(_measure, (missing, setting, str(path)), results, f"{missing[0]} {setting:g} {path.name}")


def _by_source(codecs: Sequence[Codec]) -> list[list[Codec]]:
    groups: dict[str, list[Codec]] = {}
    for codec in codecs:
        groups.setdefault(codec.source, []).append(codec)
    return list(groups.values())


def _crops(plan: Plan, shown: Records) -> Iterator[Task]:
    folder = plan.out / CROP_FOLDER
    coded = [codec for codec in plan.chosen() if codec.in_slider and codec.bounds is not None]
    for path in plan.paths:
        if plan.shown is not None and path.stem not in plan.shown:
            continue
        for rate in plan.rates_bpp:
            for codec in (None, *coded) if rate == plan.rates_bpp[0] else coded:
                name = codec.name if codec else crops.ORIGINAL
                key = name, path.stem, f"{rate:g}" if codec else "0"
                row = shown.get(*key)
                fits = row is not None and (folder / row["file"]).exists() and _has_size(row, plan.crop_size)
                if not fits or plan.lacks(row, codec.version if codec else ""):
                    arguments = (codec.name if codec else None, str(path), rate, plan.crop_size, str(folder))
                    yield Task(_crop, arguments, shown, f"{name} {rate:g} bpp {path.name}")


def _has_size(row: Row, size: tuple[int, int]) -> bool:
    """Whether a crop is as large as asked for, or as its picture where that is smaller (then it begins at 0)."""
    return (int(row["width"]) == size[0] or (int(row["width"]) < size[0] and row["x"] == "0")) and (
        int(row["height"]) == size[1] or (int(row["height"]) < size[1] and row["y"] == "0")
    )


def _memory(plan: Plan, memory: Records) -> Iterator[Task]:
    largest = max(plan.paths, key=lambda path: math.prod(measure.check_picture(str(path))))
    for codec in plan.chosen():
        row = memory.get(codec.name)
        if plan.lacks(row, codec.version) or (row and row["image"] != largest.stem):
            setting = codec.settings[len(codec.settings) // 2]
            yield Task(_memory_row, (codec.name, setting, str(largest)), memory, f"memory of {codec.name}")


def _measure(names: tuple[str, ...], setting: float, path: str) -> list[Row]:
    return measure.measure([all_codecs()[name] for name in names], setting, path)


def _crop(name: str | None, path: str, rate_bpp: float, size: tuple[int, int], folder: str) -> list[Row]:
    return [crops.make_crop(all_codecs()[name] if name else None, path, rate_bpp, size, folder)]


def _memory_row(name: str, setting: float, path: str) -> list[Row]:
    return [measure.peak_memory(all_codecs()[name], setting, path)]


def execute(tasks: list[Task], jobs: int, progress: bool, title: str, *, fresh: bool = False) -> list[str]:
    """Runs tasks in worker processes; gives a line for each that failed."""
    if not tasks:
        return []
    failures = []
    pool = concurrent.futures.ProcessPoolExecutor(
        max_workers=min(jobs, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        max_tasks_per_child=1 if fresh else None,
    )
    try:
        futures = {pool.submit(task.function, *task.arguments): task for task in tasks}
        finished = concurrent.futures.as_completed(futures)
        for future in tqdm(finished, title, total=len(futures), disable=not progress, leave=False, smoothing=0.05):
            task = futures[future]
            try:
                task.records.add(future.result())
            except Exception as error:  # libraries raise whatever they like; the others go on
                failures.append(f"{task.what}: {' '.join(str(error).split()) or type(error).__name__}")
    except KeyboardInterrupt:
        for worker in multiprocessing.active_children():
            worker.terminate()  # what it is at may take minutes, and is measured anew
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return failures
