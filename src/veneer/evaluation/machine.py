"""Machine of a benchmark: processor, system, versions, command. Place: every report and result file names it."""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
import shlex
from pathlib import Path

from veneer.evaluation.installed import library_versions, veneer_version


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine, its software, and how the benchmark was started."""

    processor: str
    cores: int
    system: str
    python: str
    libraries: str
    veneer: str
    date: str
    command: str

    def text(self) -> str:
        """Two sentences of Markdown."""
        return (
            f"Measured {self.date} on {self.cores} cores of {self.processor}, {self.system}, Python {self.python}; "
            f"Veneer {self.veneer}; {self.libraries}.\n\nCommand: `{self.command}`"
        )


def describe(arguments: list[str]) -> Machine:
    """This machine, now, and the command with its arguments."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        libraries=", ".join(f"{name} {version}" for name, version in library_versions().items()),
        veneer=veneer_version(),
        date=datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d"),
        command=shlex.join(["veneer", "bench", *arguments]),
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "an unknown processor"
