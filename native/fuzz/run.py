"""Builds the fuzz targets with clang, AddressSanitizer and UndefinedBehaviorSanitizer, and runs a campaign of each.

    python native/fuzz/run.py --minutes 20
    python native/fuzz/run.py --minutes 1 base alpha
    python native/fuzz/run.py --inputs 1000000 decode

Needs clang with its runtime library (Debian: clang, libclang-rt-14-dev), the installed package for seeds, and for the
target `python` atheris from PyPI. Logs and a summary go to benchmarks/results/fuzz, findings to build/fuzz/findings;
see README.md beside this file.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import datetime
import math
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from seeds import write_seeds

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from embed_tables import embed_tables  # noqa: E402
from source_list import Source, read_sources  # noqa: E402

ROOT = FOLDER.parents[1]
NATIVE = ROOT / "native"
RESULTS = ROOT / "benchmarks" / "results" / "fuzz"
REGRESSIONS = ROOT / "tests" / "findings"

TARGETS = (
    "range_coder",
    "alpha",
    "modular",
    "jpeg",
    "base",
    "network",
    "weights",
    "filters",
    "tile_payload",
    "decode",
    "python",
)
SANITIZERS = "address,undefined"
FLAGS = ("-std=c++17", "-O2", "-g1", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", f"-I{NATIVE}")
# Comparisons of numbers in a file lead libFuzzer to values that a parser asks for. Those of pixels lead nowhere, and to
# note them takes more than half of the time.
NOT_COMPARED = (
    *("base", "enhance", "entropy", "fuzz", "picture"),
    *("common/crc32c.cpp", "network/engine.cpp", "network/rows.cpp"),
)
# Kernels of pixels have no branches to speak of, and UndefinedBehaviorSanitizer takes minutes to compile some of them;
# .ci/native runs scalar ones under it.
KERNELS = ("network/kernels_", "base/dct_scalar")
OF_DECODER = ("decode",)  # need no encoder
LONGEST_INPUT = {  # bytes
    "range_coder": 4096,
    "alpha": 4096,
    "modular": 4096,
    "jpeg": 4096,
    "base": 8192,
    "network": 4096,
    "weights": 16384,
    "filters": 16384,
    "tile_payload": 4096,
    "decode": 4096,
    "python": 16384,
}
# Inputs take 0.1 to 100 ms there: those that take long come less often, and statistics take less of the time.
# To look for what other processes found takes a tenth of it.
OPTIONS = {"decode": ("-entropic_scale_per_exec_time=1", "-entropic_number_of_rarest_features=20", "-reload=0")}
# Memory that has been given back is kept back for less long, and nobody notes who took it: a tenth of the time less.
# When a finding is repeated by hand, both are there again.
ADDRESS_SANITIZER = {"decode": "quarantine_size_mb=8:malloc_context_size=0"}
SLOWEST_INPUT = 60  # seconds of the clock: where others work, a process of little priority may wait for many of them
MEMORY_LIMIT = 2048  # MB, sanitizers included


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one campaign."""

    target: str
    wall_seconds: float
    cpu_seconds: float
    executions: int
    edges: int
    corpus: int
    peak_mb: int
    exit_code: int


def main() -> None:
    """Builds, runs and reports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--minutes", type=float, default=20, help="of processor time, each campaign (default 20)")
    parser.add_argument("--inputs", type=int, help="stop a campaign after so many, however long that takes")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "fuzz", help="where objects and corpora go")
    parser.add_argument("--compiler", default=os.environ.get("CXX", "clang++"))
    options = parser.parse_args()
    targets = options.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    native = [target for target in targets if target != "python"]
    if native:
        build(options.compiler, options.build, native)
    clean = True
    for target in targets:
        outcome = campaign(target, options.build, math.inf if options.inputs else options.minutes, options.inputs)
        note(outcome, options.compiler)
        clean &= outcome.exit_code == 0
    sys.exit(not clean)


def build(compiler: str, folder: Path, targets: Sequence[str]) -> None:
    """Compiles what has changed, and links the targets."""
    tables = folder / "tables"
    embed_tables(tables)

    def compile_one(source: Source) -> Path:
        result = (folder / source.path).with_suffix(".o")
        if not is_current(result):
            result.parent.mkdir(parents=True, exist_ok=True)
            flags = [*FLAGS, f"-I{tables}", *flags_of(source), "-MMD"]
            subprocess.run([compiler, *flags, "-c", str(NATIVE / source.path), "-o", str(result)], check=True)
        return result

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = ("decode",) if set(targets) <= set(OF_DECODER) else ("decode", "encode")
        objects = list(pool.map(compile_one, read_sources(*parts)))
        entry_of = {Path(source.path).stem: source for source in read_sources("fuzz")}
        entries = list(pool.map(compile_one, [entry_of[f"fuzz_{name}"] for name in targets]))
    for name, entry in zip(targets, entries, strict=True):
        link = [f"-fsanitize=fuzzer,{SANITIZERS}", "-pthread", "-o", str(folder / f"fuzz_{name}")]
        subprocess.run([compiler, str(entry), *map(str, objects), *link], check=True)


def flags_of(source: Source) -> list[str]:
    """Of the compiler, for one source: its instructions, sanitizers and coverage."""
    if source.simd == "avx512" and not runs_avx512():
        return []  # a table that is empty
    if source.simd or source.path.startswith(KERNELS):
        return [*source.flags, "-fsanitize=address"]
    flags = [*source.flags, f"-fsanitize=fuzzer-no-link,{SANITIZERS}"]
    if source.path.startswith(NOT_COMPARED):
        flags.append("-fno-sanitize-coverage=trace-cmp")
    return flags


def runs_avx512() -> bool:
    """Whether this processor has the instructions of the AVX-512 kernels."""
    cpu = Path("/proc/cpuinfo")
    return cpu.exists() and "avx512_vnni" in cpu.read_text()


def is_current(result: Path) -> bool:
    """Whether an object is newer than all that it was made of, which the compiler has noted beside it."""
    made_of = result.with_suffix(".d")
    if not (result.exists() and made_of.exists()):
        return False
    names = made_of.read_text().replace("\\\n", " ").split(": ", 1)[1].split()
    return all(Path(name).exists() and Path(name).stat().st_mtime <= result.stat().st_mtime for name in names)


def campaign(target: str, folder: Path, minutes: float, inputs: int | None) -> Outcome:
    """Runs one target on its seeds, the findings of earlier campaigns, and what they grow into, up to a limit."""
    corpus, findings = folder / "corpus" / target, folder / "findings"
    for path in (corpus, findings, RESULTS):
        path.mkdir(parents=True, exist_ok=True)
    seeds = [str(write_seeds(target, folder / "seeds" / target))]
    known = REGRESSIONS / target
    seeds += [str(known)] if known.is_dir() else []
    program = (
        [sys.executable, str(FOLDER / "fuzz_python.py")] if target == "python" else [str(folder / f"fuzz_{target}")]
    )
    options = [
        f"-max_len={LONGEST_INPUT[target]}",
        f"-timeout={SLOWEST_INPUT}",
        f"-rss_limit_mb={MEMORY_LIMIT}",
        f"-artifact_prefix={findings / target}-",
        "-print_final_stats=1",
        *OPTIONS.get(target, ()),
        str(corpus),
        *seeds,
    ]
    sys.stdout.write(f"{target}: {f'{inputs:,} inputs' if inputs else f'{minutes:g} minutes'}\n")
    sys.stdout.flush()
    before, start = seconds_of_children(), time.monotonic()
    environment = os.environ | {"ASAN_OPTIONS": ADDRESS_SANITIZER[target]} if target in ADDRESS_SANITIZER else None
    log, executions, exit_code = run_rounds([*program, *options], 60 * minutes, inputs, environment)
    log = [line.replace(str(folder), "build/fuzz").replace(str(ROOT), ".") for line in log]
    outcome = Outcome(
        target,
        time.monotonic() - start,
        seconds_of_children() - before,
        executions,
        edges=last_number(r"\bcov: (\d+)", log),
        corpus=last_number(r"\bcorp: (\d+)", log),
        peak_mb=last_number(r"stat::peak_rss_mb: *(\d+)", log),
        exit_code=exit_code,
    )
    # Of a clean run the beginning and the end say all; a finding stands in full at the end.
    shown = log if len(log) < 80 or exit_code else [*log[:20], f"... {len(log) - 60} lines ...", *log[-40:]]
    (RESULTS / f"{target}.txt").write_text("\n".join(shown) + "\n")
    sys.stdout.write(f"  {outcome.executions} inputs, exit code {outcome.exit_code}\n")
    return outcome


def run_rounds(
    command: Sequence[str], seconds: float, inputs: int | None, environment: dict[str, str] | None
) -> tuple[list[str], int, int]:
    """Runs a fuzzer until it has had so much processor time or so many inputs; its log, inputs and last exit code.

    libFuzzer counts minutes of the clock, and on a machine that does other work too it gets only a share of them: it is
    started again, on the corpus that it has grown, until the processor has worked as long as asked.
    """
    log: list[str] = []
    executions, before = 0, seconds_of_children()
    while (left := seconds - (seconds_of_children() - before)) >= 1:
        limit = f"-runs={inputs}" if inputs else f"-max_total_time={math.ceil(left)}"
        run = subprocess.run(
            [*command, limit],
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
        )
        log += run.stdout.splitlines()
        executions += last_number(r"stat::number_of_executed_units: *(\d+)", log)
        if run.returncode or inputs:
            return log, executions, run.returncode
    return log, executions, 0


def seconds_of_children() -> float:
    """Processor time that finished child processes have taken."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def last_number(pattern: str, log: Sequence[str]) -> int:
    """The number in the last line that has one."""
    found = (re.search(pattern, line) for line in reversed(log))
    return next((int(match.group(1)) for match in found if match), 0)


def note(one: Outcome, compiler: str) -> None:
    """Puts a campaign into the table of the summary, in place of an earlier one of its target."""
    path = RESULTS / "campaigns.md"
    rows: dict[str, str] = {}
    if path.exists():
        rows = {line.split("|")[1].strip(): line for line in path.read_text().splitlines() if line.startswith("| ")}
        rows.pop("target", None)
        rows.pop("---", None)
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    today = datetime.datetime.now(tz=datetime.UTC).date()
    tool = f"CPython {platform.python_version()}, atheris" if one.target == "python" else version
    verdict = "clean" if one.exit_code == 0 else f"**finding** (exit code {one.exit_code})"
    cells = (
        one.target,
        today,
        f"{one.wall_seconds / 60:.1f}",
        f"{one.cpu_seconds / 60:.1f}",
        f"{one.executions:,}",
        one.edges,
        one.corpus,
        one.peak_mb,
        verdict,
        tool,
    )
    rows[one.target] = "| " + " | ".join(map(str, cells)) + " |"
    head = (
        "# Fuzzing campaigns\n\nThe last campaign of each target, as `python native/fuzz/run.py` ran it; lengths are "
        "as measured. Logs are beside this file.\n\n"
        "| target | date | minutes | CPU minutes | inputs | edges | corpus | peak MB | result | built with |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    path.write_text(head + "\n".join(rows[name] for name in TARGETS if name in rows) + "\n")


if __name__ == "__main__":
    main()
