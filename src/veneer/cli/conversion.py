"""The common part of `veneer encode`, `decode` and `restore`: from a command line to files made from files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from PIL import Image

from veneer.cli.files import Outputs
from veneer.cli.jobs import Done, run_tasks
from veneer.cli.paths import Direction, Failures, Task, plan, split_output
from veneer.cores import core_count


def plan_tasks(paths: Sequence[str], output: str | None, direction: Direction) -> tuple[list[Task], Failures]:
    """Tasks of a command line, and what cannot be done; see `plan`."""
    # Pillow's own limit is a warning at 89 megapixels; --max-pixels takes its place.
    Image.MAX_IMAGE_PIXELS = None
    inputs, output = split_output(paths, output, direction)
    return plan(inputs, output, direction)


def share_cores(tasks: int, jobs: int | None, threads: int) -> tuple[int, int]:
    """Pictures at a time, and threads for each."""
    cores = core_count()
    jobs = jobs or max(1, min(tasks, cores))
    return jobs, threads or max(1, cores // jobs)


def run(
    tasks: list[Task],
    failures: Failures,
    work: Callable[[Task], Done],
    outputs: Outputs,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Does the tasks, and ends the process with the exit code."""
    sys.exit(run_tasks(tasks, failures, work, outputs, jobs=jobs, quiet=quiet, as_json=as_json))


def target_name(task: Task) -> str:
    """The name of the result in messages."""
    return "-" if task.target is None else str(task.target)
