"""Mutates the files of tests/vectors at random and reads each in every way: a campaign against crashes and hangs.

    python benchmarks/mutations.py --count 20000 --seed 1
    python benchmarks/mutations.py --one NAME SEED        what one mutation does, in this process

Workers are processes of their own. A worker that dies is a crash; one that takes more than `--hang` seconds of CPU time
for one file, or does not answer for ten times as long, is a hang; one that takes more memory than `--memory` is a
finding too, and so is any exception but VeneerError. Half of the mutations change bytes anywhere, a quarter change
payloads and put the checksums right, a quarter cut the file. Writes benchmarks/results/fuzz/mutations.md.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime
import platform
import queue
import resource
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
sys.path.insert(0, str(TESTS))

from hostile import (  # noqa: E402
    MAX_PIXELS,
    changed_bytes,
    changed_payload,
    try_everything,
    try_weights,
    with_right_checksums,
)

VECTORS = TESTS / "vectors"
RESULT = ROOT / "benchmarks" / "results" / "fuzz" / "mutations.md"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of one mutation: an outcome in a word, CPU seconds, peak memory of the worker so far in MB."""

    name: str
    seed: int
    outcome: str
    seconds: float
    peak_mb: float


def mutate(name: str, seed: int) -> bytes:
    """The mutation of a vector that a seed stands for."""
    rng = np.random.default_rng([seed, *name.encode()])
    data = (VECTORS / name).read_bytes()
    kind = seed % 4
    if kind == 0:
        return data[: int(rng.integers(len(data) + 1))]
    if is_model(name):
        changed = changed_bytes(data, rng)
        return changed if kind == 1 else with_right_checksums(changed)
    return changed_payload(data, rng) if kind == 1 else changed_bytes(data, rng)


def is_model(name: str) -> bool:
    """Whether a vector is a weight file or a model file."""
    return name.endswith((".vnw", ".vnm"))


def read(name: str, data: bytes) -> str:
    """Reads a mutation of a vector in every way; what came of it in a word."""
    return f"weights: {try_weights(data)}" if is_model(name) else try_everything(data)


def work() -> None:
    """A worker: says that it is there, reads lines of name and seed, and answers each with a line."""
    read("", b"")  # imports what is imported on demand
    say("ready")
    for line in sys.stdin:
        name, seed = line.split()
        data = mutate(name, int(seed))
        start = time.process_time()
        try:
            outcome = read(name, data)
        except Exception:
            outcome = "exception " + traceback.format_exc().strip().splitlines()[-1].replace("\t", " ")
        seconds = time.process_time() - start
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(f"{outcome}\t{seconds:.4f}\t{peak_mb:.1f}")


def say(line: str) -> None:
    """Writes a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Worker:
    """A process that reads mutations, started anew after it has died."""

    def __init__(self, hang_seconds: float) -> None:
        self._patience = 10 * hang_seconds
        self._process: subprocess.Popen[str] | None = None

    def ask(self, name: str, seed: int) -> Answer:
        """Has one mutation read."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - this very file
                [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self._process.stdout.readline()  # type: ignore[union-attr] # starting takes its time on a busy machine
        process = self._process
        killer = threading.Timer(self._patience, process.kill)
        killer.start()
        start = time.monotonic()
        try:
            process.stdin.write(f"{name} {seed}\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except BrokenPipeError:
            line = ""
        killer.cancel()
        if line:
            outcome, seconds, peak_mb = line.rstrip("\n").split("\t")
            return Answer(name, seed, outcome, float(seconds), float(peak_mb))
        code = process.wait()
        self._process = None
        waited = time.monotonic() - start
        outcome = "hang, no answer" if waited >= self._patience else f"crash, exit code {code}"
        return Answer(name, seed, outcome, waited, 0)

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.communicate()


def run(tasks: list[tuple[str, int]], workers: int, hang_seconds: float) -> Iterator[Answer]:
    """Answers to all tasks, in the order in which they come."""
    waiting: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
    for task in [*tasks, *[None] * workers]:
        waiting.put(task)
    answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()

    def loop() -> None:
        worker = Worker(hang_seconds)
        while (task := waiting.get()) is not None:
            answers.put(worker.ask(*task))
        worker.close()
        answers.put(None)

    for _ in range(workers):
        threading.Thread(target=loop, daemon=True).start()
    running = workers
    while running:
        answer = answers.get()
        if answer is None:
            running -= 1
        else:
            yield answer


def main() -> None:
    """Runs the campaign and writes what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=20000, help="mutations in all")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; mutation i has seed + i")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--hang", type=float, default=2, help="CPU seconds that one file may take")
    parser.add_argument("--memory", type=float, default=300, help="MB that a worker may take, interpreter included")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SEED"))
    options = parser.parse_args()
    if options.worker:
        return work()
    if options.one:
        name, seed = options.one
        sys.stdout.write(read(name, mutate(name, int(seed))) + "\n")
        return None
    names = sorted(
        str(path.relative_to(VECTORS)) for suffix in ("vnr", "vnw", "vnm") for path in VECTORS.rglob(f"*.{suffix}")
    )
    seeds = range(options.seed, options.seed + options.count)
    tasks = [(names[seed // 4 % len(names)], seed) for seed in seeds]
    answers, start = [], time.monotonic()
    for answer in run(tasks, options.workers, options.hang):
        answers.append(answer)
        if len(answers) % 1000 == 0:
            sys.stdout.write(f"{len(answers)} of {len(tasks)}, {time.monotonic() - start:.0f} s\n")
            sys.stdout.flush()
    findings = [one for one in answers if is_finding(one, options.hang, options.memory)]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(report(answers, findings, options, len(names), time.monotonic() - start))
    for one in findings[:20]:
        sys.stdout.write(f"--one {one.name} {one.seed}: {one.outcome}, {one.seconds:.2f} s, {one.peak_mb:.0f} MB\n")
    sys.exit(bool(findings))


def is_finding(answer: Answer, hang_seconds: float, memory_mb: float) -> bool:
    """Whether something is wrong with what a mutation did."""
    broken = answer.outcome.startswith(("exception", "crash", "hang"))
    return broken or answer.seconds > hang_seconds or answer.peak_mb > memory_mb


def report(
    answers: list[Answer], findings: list[Answer], options: argparse.Namespace, vectors: int, wall_seconds: float
) -> str:
    """The page of results."""
    outcomes = collections.Counter(answer.outcome for answer in answers)
    slowest = max(answers, key=lambda answer: answer.seconds)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    command = f"python benchmarks/mutations.py --count {options.count} --seed {options.seed}"
    python = f"CPython {platform.python_version()} on {platform.machine()}"
    bad = (
        f"crashes, hangs over {options.hang:g} s, other exceptions than VeneerError, memory over {options.memory:g} MB"
    )
    lines = [
        "# Random mutations",
        "",
        f"{len(answers):,} mutations of {vectors} vectors, read in every way (`tests/hostile.py`), {today}, {python}.",
        f"`{command}`",
        "",
        "| | |",
        "| --- | --- |",
        f"| {bad} | {len(findings)} |",
        f"| CPU time, all | {sum(answer.seconds for answer in answers) / 60:.1f} minutes |",
        f"| wall time, {options.workers} workers | {wall_seconds / 60:.1f} minutes |",
        f"| CPU time, slowest file | {slowest.seconds:.2f} s (`--one {slowest.name} {slowest.seed}`) |",
        f"| peak memory of a worker, interpreter and NumPy included | {max(one.peak_mb for one in answers):.0f} MB |",
        f"| limit on pixels | {MAX_PIXELS} |",
        "",
        "What `veneer.decode` and the reader of weight files said of them:",
        "",
        "| outcome | files |",
        "| --- | --- |",
        *(f"| {name} | {count:,} |" for name, count in outcomes.most_common()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
