"""Time of decoding in browsers beside the native decoder, by one worker and by two.

    python benchmarks/web_speed.py [--browser chromium] [--rounds 3] [PICTURE...]

Pictures of 1.5 and 8 megapixels (made of examples/fir.jpg unless others are given) are coded with enhancement. Each
browser that is here decodes them by one worker and by two in turn, and the native decoder runs with one thread after
each pair. Three times are taken:

- processor time of all processes of the browser, so that the page, the transfer between its threads and the compiler of
  WebAssembly are in it; of the native decoder that of the process;
- processor time of the worker that had most to do: about what a reader waits for where every worker has a core;
- wall time, which says little on a machine that does other work.

Of each the least of all rounds counts. Models and module are loaded before the clock starts, though not everything is
compiled with care by then.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "web")]

from browsers import PAGES, PROGRAMS, VIEWER, Browser, Site, find  # noqa: E402

import veneer  # noqa: E402
from veneer.enhancement import models  # noqa: E402

SIZES = ((1464, 1024), (3264, 2448))
WAYS = {  # options in the page and of `veneer.decode`
    "base": {"layers": "base"},
    "enhanced, realism 0": {"realism": 0},
    "enhanced": {},
}
WORKERS = (1, 2)
WORK_PIXELS = {"base": 12e6, "enhanced, realism 0": 2e6, "enhanced": 2e6}  # decoded for one measurement, at least once
WORKER_THREADS = ("DedicatedWorker", "DOM Worker")  # of Chromium, whose name is cut, and of Firefox
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
USER_TIME = 11  # field of /proc/PID/stat after the name


def main() -> None:
    """Prints a line for each browser, picture and way to decode."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pictures", type=Path, nargs="*", metavar="PICTURE")
    parser.add_argument("--browser", choices=sorted(PROGRAMS), help="default: all that are here")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 100), metavar="N")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = given.pictures or [mosaic(folder, *size) for size in SIZES]
        paths = [encoded(picture, folder / f"{i}.vnr") for i, picture in enumerate(pictures)]
        for program in PROGRAMS:
            if find(program) is not None and given.browser in (None, program):
                measure(program, folder, paths, given.rounds)


def mosaic(folder: Path, width: int, height: int) -> Path:
    """The photograph and its mirror images, again and again."""
    with Image.open(ROOT / "examples" / "fir.jpg") as image:
        tile = np.asarray(image.convert("RGB"))
    row = np.concatenate([tile, tile[:, ::-1]], axis=1)
    both = np.concatenate([row, row[::-1]])
    many = np.tile(both, (-(-height // both.shape[0]), -(-width // both.shape[1]), 1))
    path = folder / f"{width}x{height}.png"
    Image.fromarray(many[:height, :width]).save(path, compress_level=1)
    return path


def encoded(picture: Path, path: Path) -> Path:
    """The picture with enhancement."""
    command = [sys.executable, "-m", "veneer", "encode", str(picture), str(path), "-q", "40", "--quiet"]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    info = veneer.read_info(path)
    say(f"{path.name}: {info.width} x {info.height}, {info.size_bytes} bytes")
    return path


def measure(program: str, folder: Path, paths: list[Path], rounds: int) -> None:
    """Prints the lines of a browser."""
    weights = models.PACKAGE_FOLDER
    site = Site({"/pages/": PAGES, "/files/": folder, "/weights/": weights, "/": VIEWER})
    places = {}
    for entry in models.available():
        places[f"{entry.id}-{entry.check.hex()}"] = f"/weights/{entry.path.name}"
        places |= {name.removesuffix(".vnw"): f"/weights/{name}" for name in models.weight_file_names(entry)}
    browser = Browser(program, folder / program, site)
    try:
        browser.run("ready.js")
        for path in paths:
            info = veneer.read_info(path)
            for name, options in WAYS.items():
                times = max(1, round(WORK_PIXELS[name] / (info.width * info.height)))
                asked = {"url": f"/files/{path.name}", "options": {**options, "models": places}}
                measure_way(browser, f"{path.stem} {name}", asked, times, rounds, path, options)
    finally:
        browser.close()


def measure_way(
    browser: Browser, name: str, asked: dict[str, Any], times: int, rounds: int, path: Path, options: dict[str, Any]
) -> None:
    """Prints a line: in turn one worker, two, and the native decoder."""
    cpu: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    longest: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    wall: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    native: list[tuple[float, float]] = []
    used = 0
    most = max(WORKERS)
    for threads in WORKERS:  # warms
        run(browser, {**asked, "workers": most}, threads, 1)
    for _ in range(rounds):
        for threads in WORKERS:
            before, workers = user_time_ms(browser), worker_times_ms(browser)
            found = run(browser, {**asked, "workers": most}, threads, times)
            done = worker_times_ms(browser)
            longest[threads].append(max(done[thread] - workers.get(thread, 0) for thread in done) / times)
            cpu[threads].append((user_time_ms(browser) - before) / times)
            wall[threads].append(found["least"])
            used = found["workers"]
        decode = functools.partial(veneer.decode, path, threads=1, **options)
        native += [native_ms(decode) for _ in range(min(times, 3))]
    kinds = {"cpu": cpu, "longest": longest, "wall": wall}
    cells = [f"{kind} " + " / ".join(f"{min(found[n]):.0f}" for n in WORKERS) for kind, found in kinds.items()]
    native_cpu, native_wall = (min(column) for column in zip(*native, strict=True))
    cells.append(f"native {native_cpu:.0f}, wall {native_wall:.0f}")
    say(f"{browser.name:9} {name:22} {'  '.join(cells)}  workers {used}")


def run(browser: Browser, asked: dict[str, Any], threads: int, times: int) -> dict[str, Any]:
    """Decodes in the page."""
    options = {**asked["options"], "threads": threads}
    found: dict[str, Any] = browser.run("speed.js", seconds=600, **{**asked, "options": options}, times=times)
    wanted = options.get("layers") != "base"
    if found["problems"] or found["enhanced"] != wanted:
        raise SystemExit(f"{asked['url']} was not decoded as it should be: {found}")
    return found


def user_time_ms(browser: Browser) -> float:
    """Of all processes of a browser."""
    ticks = 0
    for process in browser.processes():
        ticks += int((process / "stat").read_text().rpartition(")")[2].split()[USER_TIME])
    return ticks * TICK_MS


def worker_times_ms(browser: Browser) -> dict[Path, float]:
    """User time of each worker's thread."""
    found = {}
    for process in browser.processes():
        for thread in (process / "task").glob("*"):
            with contextlib.suppress(OSError):  # it has ended
                name, _, rest = (thread / "stat").read_text().rpartition(")")
                if name.partition("(")[2] in WORKER_THREADS:
                    found[thread] = int(rest.split()[USER_TIME]) * TICK_MS
    return found


def native_ms(work: Callable[[], object]) -> tuple[float, float]:
    """User time of this process for some work, and wall time."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_utime, time.perf_counter()
    work()
    wall = time.perf_counter() - start
    return 1000 * (resource.getrusage(resource.RUSAGE_SELF).ru_utime - before), 1000 * wall


def say(line: str) -> None:
    """Prints at once, since each line takes a while."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
