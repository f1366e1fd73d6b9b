"""`veneer batch --engine dask` on a real cluster of two workers, one of which is killed midway."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_tools import COUNT, QUICK, Gate, finish, results, table, wait_for_results
from cli_tools import Command

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

# Holds the scheduler; prints its address and the workers' process ids, and goes on until its input ends.
CLUSTER = """
import json, logging, sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
    ) as cluster:
        print(json.dumps([cluster.scheduler_address, [nanny.pid for nanny in cluster.workers.values()]]), flush=True)
        sys.stdin.read()
"""


@dataclasses.dataclass
class Cluster:
    address: str
    workers: list[int]
    process: subprocess.Popen[bytes]


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, str(script)], **pipes) as running:  # type: ignore[call-overload]
        address, workers = json.loads(running.stdout.readline())
        yield Cluster(address, workers, running)
        running.stdin.close()
        running.wait(timeout=600)


def test_a_worker_is_killed(run: Command, start: Callable[..., Any], cluster: Cluster, gate: Gate) -> None:
    options = (*QUICK, "--json")
    running = start("batch", gate.url, "out", "--engine", "dask", "--scheduler", cluster.address, *options)
    assert wait_for_results(Path("out"), 3) < COUNT
    os.kill(cluster.workers[0], signal.SIGKILL)
    gate.open()
    values = finish(running)
    assert (values["done"], values["failed"]) == (COUNT, 0)
    rows = table(Path("out/veneer-batch.csv"))
    assert len({row["target"] for row in rows}) == len(rows) == COUNT
    assert {row["state"] for row in rows} == {"done"}
    run("batch", "in", "local", *options)
    assert results(Path("out")) == results(Path("local"))


@pytest.mark.usefixtures("archive")
def test_cluster_of_its_own(start: Callable[..., Any]) -> None:
    values = finish(start("batch", "in/roll 1", "out", "--engine", "dask", "-j", "2", *QUICK, "--json"))
    assert (values["done"], values["failed"]) == (COUNT // 3, 0)


def test_scheduler_goes(start: Callable[..., Any], cluster: Cluster, gate: Gate) -> None:
    running = start("batch", gate.url, "out", "--scheduler", cluster.address, *QUICK)
    wait_for_results(Path("out"), 2)
    cluster.process.kill()
    _, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    assert "the Dask scheduler has gone" in stderr.decode()
    gate.open()
    values = finish(start("batch", gate.url, "out", *QUICK, "--json"))
    assert values["done"] + values["finished_before"] == COUNT  # type: ignore[operator]


@pytest.mark.usefixtures("archive")
def test_without_dask(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install '.[dask]'" in run("batch", "in", "out", "--engine", "dask", code=1).stderr


@pytest.mark.usefixtures("archive")
def test_no_scheduler(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    running = start("batch", "in", "out", "--scheduler", "tcp://127.0.0.1:9")
    _, stderr = running.communicate(timeout=600)
    assert running.returncode == 1
    assert "cannot be reached" in stderr.decode().splitlines()[-1]
