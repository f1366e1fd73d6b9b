"""Speed of two installations of the package against each other, as of a released wheel and a local build.

    python benchmarks/wheel_speed.py FOLDER PYTHON OTHER_PYTHON [--rounds 3] [--pictures 6] [--megapixels 1]

Each PYTHON is an interpreter that has an installation. Both take the same photographs of the folder, reduced, with one
thread, each after the other in every round; the shortest user time of the rounds counts. Prints a table of the second's
time over the first's, and fails where their bytes or pixels differ. Results are kept in results/release.md.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

# Answers each line, the path of a picture, with the times in seconds and the hashes of what came out. The picture is
# repeated until a time is long enough to be measured.
WORKER = """
import hashlib, json, os, sys
import numpy as np
from PIL import Image
import veneer

def user_time(work):
    work()
    count, used = 0, 0.0
    begin = os.times().user
    while used < SHORTEST:
        result = work()
        count, used = count + 1, os.times().user - begin
    return used / count, result

SHORTEST = 0.4
for line in sys.stdin:
    path, megapixels = json.loads(line)
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
    share = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
    if 0 < share < 1:
        picture = picture.resize((round(picture.width * share), round(picture.height * share)), Image.Resampling.BOX)
    pixels = np.asarray(picture)
    answer = {}
    encode_time, data = user_time(lambda: veneer.encode(pixels, effort=5, layers="base", threads=1))
    decode_time, decoded = user_time(lambda: veneer.decode(data, layers="base", threads=1))
    lossless_time, whole = user_time(lambda: veneer.encode(pixels, effort=1, lossless=True, threads=1))
    times = {"encode, base, effort 5": encode_time, "decode, base": decode_time}
    times["encode, lossless, effort 1"] = lossless_time
    hashes = [hashlib.sha256(part).hexdigest() for part in (data, decoded.tobytes(), whole)]
    print(json.dumps([times, hashes]), flush=True)
"""


class Installation:
    """A process of one interpreter, which answers until it is closed."""

    def __init__(self, python: str) -> None:
        command = [python, "-c", WORKER]
        # What the caller names is run.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def ask(self, picture: Path, megapixels: float) -> tuple[dict[str, float], list[str]]:
        """Times in seconds and hashes of results."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(picture), megapixels]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"an installation failed with {picture}")
        times, hashes = json.loads(line)
        return times, hashes


def main() -> None:
    """Asks both in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pythons", nargs=2, metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pictures", type=int, default=6)
    parser.add_argument("--megapixels", type=float, default=1.0)
    options = parser.parse_args()
    pictures = sorted(path for path in options.folder.iterdir() if path.suffix in {".jpg", ".png", ".webp"})
    chosen = pictures[:: max(1, len(pictures) // options.pictures)][: options.pictures]
    pair = [Installation(python) for python in options.pythons]
    ratios: dict[str, list[float]] = {}
    for picture in chosen:
        best: list[dict[str, float]] = [{}, {}]
        for _ in range(options.rounds):
            results = []
            for shortest, installation in zip(best, pair, strict=True):
                times, hashes = installation.ask(picture.absolute(), options.megapixels)
                results.append(hashes)
                for name, seconds in times.items():
                    shortest[name] = min(seconds, shortest.get(name, math.inf))
            if results[0] != results[1]:
                sys.exit(f"{picture}: the installations give different bytes or pixels")
        for name in best[0]:
            ratios.setdefault(name, []).append(best[1][name] / best[0][name])
    sys.stdout.write("| user time of the second over the first | mean | least | most |\n| --- | --- | --- | --- |\n")
    for name, values in ratios.items():
        mean = math.exp(sum(map(math.log, values)) / len(values))
        sys.stdout.write(f"| {name} | {mean:.3f} | {min(values):.3f} | {max(values):.3f} |\n")


if __name__ == "__main__":
    main()
