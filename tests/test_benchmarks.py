"""The benchmarks run; what they measure is nobody's test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pytest_benchmark")

ROOT = Path(__file__).parents[1]


def run_pytest(*arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.slow
def test_all_are_found() -> None:
    names = run_pytest("benchmarks", "--collect-only")
    files = {path.name for path in (ROOT / "benchmarks").glob("bench_*.py")}
    assert {name for name in files if f"benchmarks/{name}::" in names} == files


@pytest.mark.slow
def test_ratios_are_printed() -> None:
    options = ["--benchmark-min-rounds=1", "--benchmark-warmup=off"]
    text = run_pytest("benchmarks/bench_range_coder.py", "-k", "encode_symbols", *options)
    assert "Msymbols/s" in text
    assert " x constriction" in text
