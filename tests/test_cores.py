"""The share of time of control groups, as containers have it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from veneer import cores


def made(tmp_path: Path, own: str, files: dict[str, str]) -> float:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return cores.share_of_time(tmp_path / "own", tmp_path / "groups")


@pytest.mark.parametrize(
    ("own", "files", "share"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, math.inf),
        ("0::/a/b\n", {"cpu.max": "max 100000", "a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000"}, 2),
        ("0::/not/seen/here\n", {"cpu.max": "50000 100000\n"}, 0.5),
        (
            "4:a:/x\n1:cpu,cpuacct:/x\n",
            {"cpu/x/cpu.cfs_quota_us": "300000", "cpu/x/cpu.cfs_period_us": "100000"},
            3,
        ),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
        ("0::/\n", {"cpu.max": "nonsense"}, math.inf),
        ("nonsense\n\n", {}, math.inf),
    ],
)
def test_share_of_time(tmp_path: Path, own: str, files: dict[str, str], share: float) -> None:
    assert made(tmp_path, own, files) == share


def test_no_groups(tmp_path: Path) -> None:
    assert cores.share_of_time(tmp_path / "none", tmp_path) == math.inf


@pytest.mark.parametrize(("share", "count"), [(0.5, 1), (1.5, 2), (math.inf, 64)])
def test_count(monkeypatch: pytest.MonkeyPatch, share: float, count: int) -> None:
    monkeypatch.setattr(cores, "_share", lambda: share)
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(cores.os, "process_cpu_count", lambda: 64, raising=False)
    assert cores.core_count() == count
