"""How many cores this process may use: by its affinity, and by the share of the control group that it runs in.

Containers are given a share of a machine's time (`docker run --cpus`, Kubernetes' limits), which affinity does not
tell: as many processes as the machine has cores would wait for each other there, and take memory for all of them.
Source: Linux kernel documentation, "Control Group v2", cpu.max; "CFS Bandwidth Control" for version 1.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def core_count() -> int:
    """Cores that this process may use, 1 or more."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on; hears of PYTHON_CPU_COUNT, too
        found = os.process_cpu_count()
    elif hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    else:
        found = os.cpu_count()
    return max(1, math.ceil(min(found or 1, _share())))


@functools.cache
def _share() -> float:
    return share_of_time(_OWN_GROUPS, _GROUPS)


def share_of_time(own_groups: Path, groups: Path) -> float:
    """How many cores' time the groups of a process may use; infinity where nothing limits it.

    Args:
        own_groups: lists them, like /proc/self/cgroup.
        groups: where they are mounted.
    """
    try:
        lines = own_groups.read_text(errors="replace").splitlines()
    except OSError:
        return math.inf
    shares = [math.inf]
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers == "":
            shares += [_quota(folder / "cpu.max") for folder in _with_parents(groups, path)]
        elif "cpu" in controllers.split(","):
            for folder in _with_parents(groups / "cpu", path):
                shares.append(_quota(folder / "cpu.cfs_quota_us", folder / "cpu.cfs_period_us"))
    return min(shares)


def _with_parents(root: Path, path: str) -> Iterator[Path]:
    """A group and those that it lies in; in a container the path may be that of the machine outside."""
    parts = [part for part in path.split("/") if part and part != ".."]
    for count in range(len(parts), -1, -1):
        yield root.joinpath(*parts[:count])


def _quota(*files: Path) -> float:
    """Microseconds over a period in microseconds, of one file or of two."""
    try:
        quota, period = " ".join(file.read_text() for file in files).split()
        share = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # none, or "max"
        return math.inf
    return share if share > 0 else math.inf
