"""The reference decoder gets all vectors right, and they reach every branch of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_vectors_reach_every_branch(tmp_path: Path) -> None:
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "data")}
    coverage = [sys.executable, "-m", "coverage"]
    command = ["-m", "veneer", "conformance", "--backend", "reference"]
    source = Path(__import__("veneer").__file__).parent / "reference"
    subprocess.run([*coverage, "run", "--branch", f"--source={source}", *command], env=environment, check=True)
    subprocess.run([*coverage, "json", "-q", "-o", tmp_path / "report"], env=environment, check=True)
    files = json.loads((tmp_path / "report").read_text())["files"]
    assert len(files) > 8
    missing = {
        Path(name).name: (file["missing_lines"], file["missing_branches"])
        for name, file in files.items()
        if file["missing_lines"] or file["missing_branches"]
    }
    assert missing == {}
