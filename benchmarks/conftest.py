"""What the benchmarks share: options, a way to measure a rate, and ratios at the end.

Each test of a group measures one contestant; those that are `peer`s are what the others are compared with.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).parents[1]
SUFFIXES = (".png", ".webp", ".ppm", ".jpg")

Pixels = npt.NDArray[np.uint8]
Rate = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the benchmarks."""
    group = parser.getgroup("veneer")
    group.addoption("--pictures", type=Path, default=ROOT / "examples", help="folder of photographs")
    group.addoption("--every", type=int, default=1, help="take every n-th of them")
    group.addoption("--max-megapixels", type=float, default=10, help="largest picture of bench_scaling.py")


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> list[Pixels]:
    """The photographs of --pictures, uint8 RGB [H, W, 3]."""
    folder = request.config.getoption("--pictures")
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    found = []
    for path in paths[:: request.config.getoption("--every")]:
        with Image.open(path) as image:
            found.append(np.array(image.convert("RGB")))
    assert found, f"no pictures in {folder}"
    return found


@pytest.fixture
def rate(benchmark: BenchmarkFixture) -> Rate:
    """Measures how much work a call does in a second.

    A call of this has a call to measure, then `group`, `name`, `work` and its `unit`, such as "MP/s". Further `peer`,
    whether others are compared with this one; `clock`, "cpu" for the time of this process on all its threads, "wall"
    for what passes; `rounds`, of which the shortest counts; `warmup` rounds before; `known`, a rate that was measured
    otherwise; `notes`, anything else to keep.
    """

    def measure(
        call: Callable[[], object],
        *,
        group: str,
        name: str,
        work: float,
        unit: str,
        peer: bool = False,
        clock: str = "cpu",
        rounds: int = 5,
        warmup: int = 1,
        known: float | None = None,
        **notes: Any,
    ) -> None:
        benchmark.group = group
        benchmark._timer = time.process_time if clock == "cpu" else time.perf_counter
        benchmark.pedantic(call, rounds=rounds, warmup_rounds=warmup)
        if benchmark.disabled:  # --benchmark-disable: only whether it runs
            return
        best = work / max(benchmark.stats.stats.min, 1e-9) if known is None else known
        benchmark.extra_info.update(contestant=name, rate=round(best, 4), unit=unit, peer=peer, clock=clock, **notes)

    return measure


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Prints the rates and what they are of each peer's."""
    session = getattr(config, "_benchmarksession", None)
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in session.benchmarks if session else []:
        if "rate" in entry.extra_info:
            groups[entry.group].append(entry.extra_info)
    for group, entries in groups.items():
        terminalreporter.section(group)
        peers = [entry for entry in entries if entry["peer"]]
        width = max(len(entry["contestant"]) for entry in entries)
        for entry in entries:
            line = f"{entry['contestant']:{width}}  {entry['rate']:10.2f} {entry['unit']}"
            ratios = [f"{entry['rate'] / p['rate']:.2f} x {p['contestant']}" for p in peers if p is not entry]
            extras = [f"{key} {value}" for key, value in entry.items() if key not in _SHOWN]
            terminalreporter.write_line("; ".join([line, *ratios, *extras]))


_SHOWN = frozenset(("contestant", "rate", "unit", "peer", "clock"))
