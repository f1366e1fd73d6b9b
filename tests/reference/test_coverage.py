"""The reference decoder gets all vectors right; they and tests of faults reach every branch and all of the format."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import veneer
from veneer.reference.tables import SHAPES

SCRIPT = Path(__file__).with_name("all_vectors.py")
FAULTS = [str(Path(__file__).with_name(name)) for name in ("test_weights.py", "test_jpeg.py")]
SOURCE = Path(veneer.__file__).parent / "reference"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the script prints, and under "files" what coverage says."""
    folder = tmp_path_factory.mktemp("coverage")
    environment = {**os.environ, "COVERAGE_FILE": str(folder / "data")}
    start = functools.partial(subprocess.run, env=environment, check=True, stdout=subprocess.PIPE)
    coverage = [sys.executable, "-m", "coverage"]
    run = [*coverage, "run", "--branch", f"--source={SOURCE}"]
    printed = start([*run, SCRIPT]).stdout
    # Files that no vector can have: weight files and scripts of JPEGs with faults.
    start([*run, "--append", "-m", "pytest", "-q", "-p", "no:cacheprovider", *FAULTS, "-k", "rise or test_weights"])
    start([*coverage, "json", "-q", "-o", folder / "report"])
    return {**json.loads(printed), "files": json.loads((folder / "report").read_text())["files"]}


def test_all_come_out_right(report: dict[str, Any]) -> None:
    assert report["failures"] == []


def test_every_branch_is_reached(report: dict[str, Any]) -> None:
    assert len(report["files"]) == len(list(SOURCE.glob("*.py")))
    missing = {
        Path(name).name: (file["missing_lines"], file["missing_branches"])
        for name, file in report["files"].items()
        if file["missing_lines"] or file["missing_branches"]
    }
    assert missing == {}


def test_all_of_the_format_is_used(report: dict[str, Any]) -> None:
    wanted = {
        *(f"tree {tree}: {w}x{h}" for tree in range(2) for w, h in SHAPES),
        *(f"tree 0: mode {mode}" for mode in range(23)),
        *(f"tree 1: mode {mode}" for mode in range(24)),
        *(f"mode {mode}, transform {alternative}" for mode in range(23) for alternative in range(2)),
        *(f"mode {mode}, trained" for mode in range(23)),
        *(f"channels {channels}" for channels in range(1, 5)),
        *(f"base_scale {scale}" for scale in (1, 2)),
        *(f"tile_log2 {tile_log2}" for tile_log2 in range(6, 17)),
        *(f"matrix {matrix}" for matrix in range(16)),
        *(f"step_group_log2 {group}" for group in (0, 4, 5, 6)),
        *(f"tools {tools}" for tools in range(8)),
        *(f"base_kind 0, bit_depth {depth}" for depth in range(8, 17)),
    }
    assert wanted - set(report["seen"]) == set()
