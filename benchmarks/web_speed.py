"""Time of decoding in browsers beside the native decoder, in processor time.

    python benchmarks/web_speed.py [PICTURE]

A picture of 1.5 megapixels (made of examples/fir.jpg unless one is given) is coded with enhancement. Each browser that
is here decodes it again and again in one worker; the time is that of all its processes, so that the page, the transfer
between its threads and the compiler of WebAssembly are in it. The native decoder runs in turn with it, with one thread.
Models and module are loaded before the clock starts, though not everything is compiled with care by then.
"""

from __future__ import annotations

import functools
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "web")]

from browsers import PAGES, PROGRAMS, VIEWER, Browser, Site, find  # noqa: E402

import veneer  # noqa: E402
from veneer.enhancement import models  # noqa: E402

WAYS = {  # options in the page and of `veneer.decode`, and how often
    "base": ({"layers": "base"}, 20),
    "enhanced, realism 0": ({"realism": 0}, 4),
    "enhanced": ({}, 4),
}
WARMING = 2
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
USER_TIME = 11  # field of /proc/PID/stat after the name


def main() -> None:
    """Prints a line for each browser and way to decode."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "picture.vnr"
        if len(sys.argv) > 1:
            picture = Path(sys.argv[1])
        else:
            picture = folder / "picture.png"
            Image.fromarray(mosaic()).save(picture)
        command = [sys.executable, "-m", "veneer", "encode", str(picture), str(path), "-q", "40", "--quiet"]
        subprocess.run(command, check=True)  # noqa: S603 - our own command
        info = veneer.read_info(path)
        say(f"{info.width} x {info.height}, {info.size_bytes} bytes; processor time in ms, the least of native")
        for program in PROGRAMS:
            if find(program) is not None:
                measure(program, folder)


def mosaic() -> np.ndarray:
    """1464 x 1024 pixels: the photograph and its mirror images."""
    with Image.open(ROOT / "examples" / "fir.jpg") as image:
        tile = np.asarray(image.convert("RGB"))
    row = np.concatenate([tile, tile[:, ::-1]], axis=1)
    return np.concatenate([row, row[::-1]])[:1024, :1464]


def measure(program: str, folder: Path) -> None:
    """Prints the lines of a browser."""
    weights = models.PACKAGE_FOLDER
    site = Site({"/pages/": PAGES, "/files/": folder, "/weights/": weights, "/": VIEWER})
    places = {f"{entry.id}-{entry.check.hex()}": f"/weights/{entry.path.name}" for entry in models.available()}
    browser = Browser(program, folder / program, site)
    try:
        browser.run("ready.js")
        for name, (options, times) in WAYS.items():
            asked = {"url": "/files/picture.vnr", "options": {**options, "models": places}}
            browser.run("speed.js", seconds=600, **asked, times=WARMING)
            before = user_time_ms(browser)
            browser.run("speed.js", seconds=600, **asked, times=times)
            web = (user_time_ms(browser) - before) / times
            decode = functools.partial(veneer.decode, folder / "picture.vnr", threads=1, **options)
            native = min(native_ms(decode) for _ in range(3))
            say(f"{program:9} {name:20} {web:6.0f}   native {native:6.0f}   ratio {web / native:.1f}")
    finally:
        browser.close()


def user_time_ms(browser: Browser) -> float:
    """Of all processes of a browser."""
    ticks = 0
    for process in browser.processes():
        ticks += int((process / "stat").read_text().rpartition(")")[2].split()[USER_TIME])
    return ticks * TICK_MS


def native_ms(work: Callable[[], object]) -> float:
    """User time of this process for some work."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    work()
    return 1000 * (resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)


def say(line: str) -> None:
    """Prints at once, since each line takes a while."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
