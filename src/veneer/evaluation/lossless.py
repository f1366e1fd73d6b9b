"""A benchmark of lossless codecs: real bytes of each picture, every sample compared, CPU seconds of one thread.

Results are written to a CSV file as they are measured, so that a run can be stopped at any time and resumed.
Place: `command.py` calls it; `lossless_report.py` writes the tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from veneer.evaluation.bench import PlanOfRows, Task, execute
from veneer.evaluation.lossless_codecs import LosslessCodec, Shape, lossless_codecs
from veneer.evaluation.lossless_samples import read_samples
from veneer.evaluation.measure import cpu_seconds
from veneer.evaluation.records import Records, Row

RESULTS = "lossless.csv"
KEY = ("codec", "image")
FIELDS = (
    "codec",
    "image",
    "bytes",
    "bpp",
    "encode_s",
    "decode_s",
    "width",
    "height",
    "channels",
    "depth",
    "version",
)
FOUND = "found"  # the file as it was found, in the place of a codec


class Plan(PlanOfRows):
    """What to measure, of `lossless_codecs`."""

    def chosen(self) -> list[LosslessCodec]:
        """The codecs by name, in the order of the table."""
        return [codec for name, codec in lossless_codecs().items() if name in self.codecs]

    def records(self) -> Records:
        """The file of results."""
        return Records(self.out / RESULTS, FIELDS, KEY)


def run(plan: Plan, *, progress: bool) -> list[str]:
    """Measures what is not measured yet.

    Args:
        plan: what to measure.
        progress: whether to show a bar.

    Returns:
        One line for each measurement that failed; the others are in the file.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    records = plan.records()
    failures = execute(list(_tasks(plan, records)), plan.jobs, progress, "lossless")
    records.compact()
    return failures


def _tasks(plan: Plan, records: Records) -> Iterator[Task]:
    """Picture by picture, so that a worker has it at hand."""
    for path in plan.paths:
        for name, version in [(FOUND, ""), *((codec.name, codec.version) for codec in plan.chosen())]:
            row = records.get(name, path.stem)
            if plan.lacks(row, version):
                yield Task(measure, (name, str(path)), records, f"{name} {path.name}")


def measure(name: str, path: str) -> list[Row]:
    """Codes a picture and decodes it.

    Args:
        name: of a codec of `lossless_codecs`, or FOUND.
        path: of the picture.

    Returns:
        A row of `FIELDS`; none where the picture has more bits than the codec.

    Raises:
        ValueError: the picture cannot be read, or comes back with other samples.
    """
    samples, depth = read_samples(path)
    height, width, channels = samples.shape
    row = {"codec": name, "image": Path(path).stem, "width": width, "height": height}
    row |= {"channels": channels, "depth": depth}
    if name == FOUND:
        size = os.path.getsize(path)
        row |= {"bytes": size, "encode_s": "", "decode_s": "", "version": ""}
    else:
        codec = lossless_codecs()[name]
        if depth > codec.most_depth:
            return []
        data, encode_s = cpu_seconds(lambda: codec.encode(samples, depth))
        back, decode_s = cpu_seconds(lambda: codec.decode(data, Shape(channels, depth)))
        if back.dtype != samples.dtype or not np.array_equal(back, samples):
            raise ValueError("other samples come back")
        size = len(data)
        row |= {"bytes": size, "encode_s": f"{encode_s:.5f}", "decode_s": f"{decode_s:.5f}", "version": codec.version}
    row["bpp"] = f"{8 * size / (height * width):.5f}"
    return [{field: str(row[field]) for field in FIELDS}]
