"""Codes generated pictures without loss and decodes them, whole and in part: a campaign for equality of samples.

    python benchmarks/lossless_equality.py --count 100000
    python benchmarks/lossless_equality.py --one 4711          what one picture does, in this process

Pictures are those of tests/lossless_pictures.py: odd sizes up to 65535 x 1, 1 to 16 bits, 1 to 4 channels, colours and
alpha of all sorts, all efforts, bounds of the error of 0 to 8. Of every 20th the sizes at efforts 1, 5 and 9 are
compared as well. It can be stopped at any time: started again it goes on where it was. Another version of the codec
starts anew. Writes benchmarks/results/lossless_equality.json and a summary, lossless_equality.md.
"""

from __future__ import annotations

import argparse
import collections
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lossless_pictures import Case, check, check_efforts, make_case  # noqa: E402

from veneer.bitstream.container import read_contents  # noqa: E402
from veneer.evaluation.installed import veneer_version  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
EVERY_EFFORT = 20  # of so many pictures one is coded at three efforts
SAVE_EVERY = 250
FORMS = ("stored", "photo", "fast", "graphics")  # by the lower two bits of a tile's first byte
COUNTED = ("sort", "alpha", "depth", "channels", "effort", "max_error", "form")


class Campaign:
    """How far a campaign is, and what it found.

    Args:
        path: of the file that keeps it.
        seed: of the pictures; with the number of a picture it stands for the picture.
    """

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.at_path = path, path.with_suffix(".at")
        fresh: dict[str, Any] = {"version": veneer_version(), "seed": seed, "next": 0, "seconds": 0.0, "findings": []}
        fresh |= {"counts": {name: {} for name in COUNTED}, "pixels": 0, "bytes": 0}
        old = json.loads(path.read_text()) if path.exists() else {}
        goes_on = (old.get("version"), old.get("seed")) == (fresh["version"], seed)
        self.state = old if goes_on else fresh
        self.counts = {name: collections.Counter(self.state["counts"][name]) for name in COUNTED}
        if goes_on and self.at_path.exists():  # the process ended in the middle of a picture
            self.state["next"] = int(self.at_path.read_text())
            self._find(self.state["next"], "the process ended, or was ended")
            self.state["next"] += 1

    def run(self, count: int) -> None:
        """Tries pictures up to the number `count`."""
        start = time.process_time()
        before = self.state["seconds"]
        for number in range(self.state["next"], count):
            self.at_path.write_text(str(number))
            self._try(number)
            self.state["next"] = number + 1
            self.state["seconds"] = round(before + time.process_time() - start, 1)
            if (number + 1) % SAVE_EVERY == 0 or number + 1 == count:
                self._save()
                sys.stdout.write(f"{number + 1} of {count}, {len(self.state['findings'])} findings\n")
                sys.stdout.flush()
        self.at_path.unlink(missing_ok=True)

    def _try(self, number: int) -> None:
        case = make_case(self.state["seed"], number)
        try:
            data = check(case, self.state["seed"], number)
            if number % EVERY_EFFORT == 0:
                check_efforts(case)
        except Exception as error:  # whatever it is, the others go on
            self._find(number, f"{type(error).__name__}: {error}; {case}")
            return
        self._count(case, data)

    def _count(self, case: Case, data: bytes) -> None:
        height, width, channels = case.samples.shape
        tiles = read_contents(memoryview(data), strict=True, max_pixels=1 << 26).colour_tiles
        forms = {FORMS[tile[0] & 3] for tile in tiles if tile}
        facts = {"sort": [case.sort], "alpha": [case.alpha or "none"], "depth": [case.depth], "channels": [channels]}
        facts |= {name: [case.settings[name]] for name in ("effort", "max_error")}
        facts["form"] = sorted(forms)
        for name, values in facts.items():
            self.counts[name].update(map(str, values))
        self.state["pixels"] += height * width
        self.state["bytes"] += len(data)

    def _find(self, number: int, what: str) -> None:
        self.state["findings"].append([number, " ".join(what.split())])
        sys.stdout.write(f"--one {number}: {what}\n")

    def _save(self) -> None:
        self.state["counts"] = {name: dict(sorted(counter.items())) for name, counter in self.counts.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.state, indent=1) + "\n")
        self.path.with_suffix(".md").write_text(self.summary())

    def summary(self) -> str:
        """What was tried and found, in Markdown."""
        state = self.state
        lines = [f"- picture {number}: {what}" for number, what in state["findings"]]
        rows = [
            f"| {name.replace('_', ' ')} | " + ", ".join(f"{key}: {count}" for key, count in self._sorted(name)) + " |"
            for name in COUNTED
        ]
        command = f"python benchmarks/lossless_equality.py --count {state['next']} --seed {state['seed']}"
        return (
            "# Equality of lossless files\n\n"
            f"`{command}`, Veneer {state['version']}, CPython {platform.python_version()}, {platform.machine()}: "
            f"{state['next']:,} generated pictures, {state['pixels']:,} pixels, {state['bytes']:,} bytes, "
            f"{state['seconds']:.0f} CPU seconds. Each was coded, decoded as a whole and in part, and compared sample "
            "by sample; with a bound of the error every difference was held against it. Every "
            f"{EVERY_EFFORT}th was coded at efforts 1, 5 and 9: more effort must not make a larger file.\n\n"
            f"**{len(state['findings'])} findings.**\n\n" + "".join(f"{line}\n" for line in lines) + "\n"
            "| pictures by | number |\n| --- | --- |\n" + "\n".join(rows) + "\n\n"
            "A picture counts for a form where one of its tiles has it.\n"
        )

    def _sorted(self, name: str) -> list[tuple[str, int]]:
        counter = self.counts[name]
        return sorted(counter.items(), key=lambda item: (not item[0].isdigit(), item[0].zfill(4), item[1]))


def main() -> None:
    """Runs the campaign, or one picture of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000, help="pictures in all, those of earlier runs among them")
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument("--out", type=Path, default=RESULTS / "lossless_equality.json")
    parser.add_argument("--one", type=int, metavar="NUMBER")
    options = parser.parse_args()
    if options.one is not None:
        case = make_case(options.seed, options.one)
        sys.stdout.write(f"{case}\n")
        size = len(check(case, options.seed, options.one))
        check_efforts(case)
        sys.stdout.write(f"{size} bytes, every sample as it should be\n")
        return
    campaign = Campaign(options.out, options.seed)
    campaign.run(options.count)
    sys.exit(1 if campaign.state["findings"] else 0)


if __name__ == "__main__":
    main()
