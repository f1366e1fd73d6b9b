"""Several runs in a row as one command: each goes on where it was, and the next begins when all its steps are taken.

Place: `command.py` calls it; it calls `train.py`.

    veneer train --plan FILE [--minutes M] [options for every run]

FILE is TOML with a table `[[train]]` for each run, whose entries are the options of `veneer train` without the hyphens
in front. Entries above the tables are for all of them.

    cache = ".cache/crops"
    [[train]]
    run = "runs/taught"
    set = ["steps=6000", "taught_steps=6000"]
    teacher = "weights/standard.pt"
    [[train]]
    run = "runs/standard"
    begin-with = "runs/taught"
"""

from __future__ import annotations

import argparse
import math
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from veneer.training import train
from veneer.training.runs import CHECKPOINT, load_checkpoint


def read_plan(path: Path) -> list[dict[str, list[str]]]:
    """The runs of a plan.

    Args:
        path: of the file.

    Returns:
        For each run its options and their values.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it is no plan.
    """
    try:
        plan = tomllib.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    runs = plan.pop("train", None)
    if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) and "run" in run for run in runs):
        raise ValueError(f"{path} is no plan: it needs a table [[train]] with an entry `run` for each run")
    return [{name: _texts(value) for name, value in (plan | run).items()} for run in runs]


def _texts(value: Any) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def is_finished(options: Mapping[str, Sequence[str]]) -> bool:
    """Whether a run has taken all the steps that its plan or else its configuration has."""
    path = Path(options["run"][0])
    if not (path / CHECKPOINT).exists():
        return False
    state = load_checkpoint(path)
    wanted = [int(text.removeprefix("steps=")) for text in options.get("set", ()) if text.startswith("steps=")]
    return bool(state["step"] >= (wanted or [state["config"]["steps"]])[-1])


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        FileNotFoundError: see `read_plan` and `train.train`.
        ValueError: see `read_plan` and `train.train`.
    """
    parser = argparse.ArgumentParser(prog="veneer train --plan", description="Trains several runs in a row.")
    parser.add_argument("file", type=Path, help="the plan, TOML: a table [[train]] of options for each run")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long; the same command goes on")
    options, for_all = parser.parse_known_args(arguments)
    end = time.monotonic() + 60 * options.minutes
    for run in read_plan(options.file):
        if is_finished(run):
            continue
        given = [text for name, values in run.items() for text in (f"--{name}", *values)]
        train.main([*given, *for_all, "--minutes", str(max(0.0, end - time.monotonic()) / 60)])
        if not is_finished(run):
            return
    print(f"all runs are finished: {options.file}", flush=True)
