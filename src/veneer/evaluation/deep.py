"""A benchmark of lossy codecs at 8, 10 and 12 bits a sample: real bytes, PSNR of code values, SSIMULACRA2, gradients.

Results are written to CSV files as they are measured, so that a run can be stopped at any time and resumed.
Place: `command.py` calls it; `deep_report.py` writes the tables.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from veneer.evaluation import ssimulacra2
from veneer.evaluation.bench import PlanOfRows, Task, execute
from veneer.evaluation.deep_codecs import DEPTHS, SRGB, DeepCodec, deep_codecs
from veneer.evaluation.deep_sources import GRADIENTS, gradient, read_source
from veneer.evaluation.lossless_codecs import Samples
from veneer.evaluation.metrics import SAME_DB, SSIMULACRA2_MIN_SIDE
from veneer.evaluation.records import Records, Row

RESULTS, GRADIENT_RESULTS = "deep.csv", "deep_gradients.csv"
KEY = ("codec", "setting", "image", "depth")
FIELDS = (*KEY, "kind", "bytes", "bpp", "psnr", "ssimulacra2", "width", "height", "version")
GRADIENT_KEY = ("codec", "setting", "gradient", "depth")
GRADIENT_FIELDS = (*GRADIENT_KEY, "bytes", "psnr", "widest_band", "least_band", "version")
GRADIENT_SETTINGS = (4, 6)  # of the settings of a codec, the fifth and the seventh: good, and better than can be told


class Plan(PlanOfRows):
    """What to measure, of `deep_codecs`."""

    def chosen(self) -> list[DeepCodec]:
        """The codecs by name, in the order of the table."""
        return [codec for name, codec in deep_codecs().items() if name in self.codecs]

    def records(self) -> tuple[Records, Records]:
        """The files of results: pictures, gradients."""
        pictures = Records(self.out / RESULTS, FIELDS, KEY)
        return pictures, Records(self.out / GRADIENT_RESULTS, GRADIENT_FIELDS, GRADIENT_KEY)


def run(plan: Plan, *, progress: bool) -> list[str]:
    """Measures what is not measured yet.

    Args:
        plan: what to measure.
        progress: whether to show a bar.

    Returns:
        One line for each measurement that failed; the others are in the files.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    pictures, gradients = plan.records()
    tasks = [*_picture_tasks(plan, pictures), *_gradient_tasks(plan, gradients)]
    failures = execute(tasks, plan.jobs, progress, "more than 8 bits")
    for records in (pictures, gradients):
        records.compact()
    return failures


def _picture_tasks(plan: Plan, records: Records) -> Iterator[Task]:
    """Picture by picture, so that a worker has it at hand. A depth is left out where the picture has fewer bits."""
    for path in plan.paths:
        for depth in DEPTHS:
            for codec in plan.chosen():
                for setting in codec.settings:
                    row = records.get(codec.name, f"{setting:g}", path.stem, depth)
                    if plan.lacks(row, codec.version):
                        what = f"{codec.name} {setting:g} {path.name} {depth} bits"
                        yield Task(measure, (codec.name, setting, depth, str(path)), records, what)


def _gradient_tasks(plan: Plan, records: Records) -> Iterator[Task]:
    for name in GRADIENTS:
        for depth in DEPTHS:
            for codec in plan.chosen():
                for setting in (codec.settings[i] for i in GRADIENT_SETTINGS):
                    row = records.get(codec.name, f"{setting:g}", name, depth)
                    if plan.lacks(row, codec.version):
                        what = f"{codec.name} {setting:g}, {name}, {depth} bits"
                        yield Task(measure_gradient, (codec.name, setting, depth, name), records, what)


def measure(name: str, setting: float, depth: int, path: str) -> list[Row]:
    """Codes a picture and decodes it.

    Args:
        name: of a codec of `deep_codecs`.
        setting: one of its own.
        depth: bits of a sample that are coded.
        path: of the picture.

    Returns:
        A row of `FIELDS`; none where the picture has fewer bits.

    Raises:
        ValueError: the picture cannot be read, or the codec gave samples of another shape or depth.
    """
    source, codec = read_source(path), deep_codecs()[name]
    if depth > source.depth:
        return []
    samples = source.at_depth(depth)
    data = codec.encode(samples, depth, source.cicp, setting)
    decoded = _checked(codec.decode(data, depth), samples, codec)
    height, width = samples.shape[:2]
    largest = (1 << depth) - 1
    score = math.nan
    if min(height, width) >= SSIMULACRA2_MIN_SIDE:
        score = ssimulacra2.Reference(samples, largest).score(decoded)
    row = {"codec": name, "setting": f"{setting:g}", "image": Path(path).stem, "depth": depth, "kind": source.kind}
    row |= {"bytes": len(data), "bpp": f"{8 * len(data) / (height * width):.5f}", "width": width, "height": height}
    row |= {"psnr": f"{psnr(samples / largest, decoded / largest):.5f}", "version": codec.version}
    row["ssimulacra2"] = "" if math.isnan(score) else f"{score:.5f}"
    return [{field: str(row[field]) for field in FIELDS}]


def measure_gradient(name: str, setting: float, depth: int, which: str) -> list[Row]:
    """Codes a dark gradient, and looks for bands.

    Args:
        name: of a codec of `deep_codecs`.
        setting: one of its own.
        depth: bits of a sample that are coded.
        which: of `GRADIENTS`.

    Returns:
        A row of `GRADIENT_FIELDS`; PSNR is against the gradient before it had `depth` bits.
    """
    codec, true = deep_codecs()[name], gradient(which)
    largest = (1 << depth) - 1
    samples = np.rint(true * largest).astype(np.uint8 if depth == DEPTHS[0] else np.uint16)
    data = codec.encode(samples, depth, SRGB, setting)
    decoded = _checked(codec.decode(data, depth), samples, codec)
    row = {"codec": name, "setting": f"{setting:g}", "gradient": which, "depth": depth, "bytes": len(data)}
    row |= {"psnr": f"{psnr(true, decoded / largest):.5f}", "version": codec.version}
    row |= {"widest_band": widest_band(decoded), "least_band": widest_band(samples)}
    return [{field: str(row[field]) for field in GRADIENT_FIELDS}]


def widest_band(samples: Samples) -> int:
    """Pixels of the longest part of the middle row in which green does not change."""
    row = samples[samples.shape[0] // 2, :, 1].astype(np.int64)
    edges = np.flatnonzero(np.diff(row)) + 1
    return int(np.diff(np.concatenate(([0], edges, [row.size]))).max())


def psnr(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio of values 0..1, over all samples, dB."""
    error = float(np.mean((a - b) ** 2))
    return SAME_DB if error == 0 else min(SAME_DB, -10 * math.log10(error))


def _checked(decoded: Samples, samples: Samples, codec: DeepCodec) -> Samples:
    if decoded.shape != samples.shape or decoded.dtype != samples.dtype:
        got, wanted = ((array.dtype, array.shape) for array in (decoded, samples))
        raise ValueError(f"{codec.label} gave {got[0]} {got[1]}, not {wanted[0]} {wanted[1]}")
    return decoded
