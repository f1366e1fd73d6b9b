"""Keeps the JPEG files of a folder, and mutated copies of them, and gives them back: a campaign for equality.

    python benchmarks/jpeg_equality.py FOLDER --count 10000
    python benchmarks/jpeg_equality.py FOLDER --one 4711       what one mutation does, in this process

First come the files as they are, then mutations by tests/found_jpegs.py: bits, bytes and stretches changed, lost,
doubled or put in, ends cut off; small files more often than large ones. It can be stopped at any time: started again it
goes on where it was. Another version of the codec starts anew. Writes benchmarks/results/jpeg_equality.json and a
summary, jpeg_equality.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from found_jpegs import mutate  # noqa: E402

import veneer  # noqa: E402
from veneer import _native_dev  # noqa: E402
from veneer.evaluation.installed import veneer_version  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
SAVE_EVERY = 100
SOI = b"\xff\xd8"
FILE_EFFORT = 5
SMALL = 50_000  # bytes; a file much larger than this is taken less often by as much


def check(file: bytes, effort: int) -> dict[str, int]:
    """Keeps a file and gives it back; one that does not begin as a JPEG is taken apart and together alone.

    Returns:
        Sizes of what it became, and how many of its bytes and scans were parsed.

    Raises:
        AssertionError: if other bytes come back.
    """
    kept = 0
    if file.startswith(SOI):
        encoded = veneer.encode_jpeg(file, effort=effort, threads=1)
        assert veneer.decode_jpeg(encoded, threads=1) == file, "another file came back"
        kept = len(encoded)
    geometry, script, levels = _native_dev.jpeg_parse(file)
    back = _native_dev.jpeg_rebuild(geometry, script, levels)
    assert back is not None, "geometry, script and levels do not belong together"
    assert back == file, "other bytes came back"
    assert _native_dev.jpeg_metadata(geometry, script) is not None, "no metadata"
    found = _native_dev.jpeg_inspect(file)
    return {"size": len(file), "geometry": len(geometry), "script": len(script), "kept": kept} | {
        name: found[name] for name in ("components", "scans", "text", "tables")
    }


class Campaign:
    """How far a campaign is, and what it found.

    Args:
        folder: with JPEG files.
        path: of the file that keeps the campaign.
        seed: of the mutations.
    """

    def __init__(self, folder: Path, path: Path, seed: int) -> None:
        self.names = sorted(file.name for file in folder.iterdir() if file.suffix.lower() in (".jpg", ".jpeg"))
        self.files = [(folder / name).read_bytes() for name in self.names]
        self.path = path
        fresh: dict[str, Any] = {"version": veneer_version(), "seed": seed, "next": 0, "seconds": 0.0, "findings": []}
        fresh |= {"files": {}, "parsed": 0, "bytes": 0}
        old = json.loads(path.read_text()) if path.exists() else {}
        goes_on = (old.get("version"), old.get("seed")) == (fresh["version"], seed)
        self.state = old if goes_on else fresh

    def mutation(self, number: int) -> tuple[str, bytes]:
        """The name of a file, and a mutated copy of it."""
        rng = random.Random(f"{self.state['seed']} {number}")  # noqa: S311
        weights = [1 / (SMALL + len(file)) for file in self.files]
        i = rng.choices(range(len(self.files)), weights)[0]
        return self.names[i], mutate(self.files[i], rng)

    def run(self, count: int) -> None:
        """Tries all files, and mutations up to the number `count`."""
        start, before = time.process_time(), self.state["seconds"]
        for name, file in zip(self.names, self.files, strict=True):
            if name not in self.state["files"]:
                self.state["files"][name] = self._try(name, file, FILE_EFFORT)
        for number in range(self.state["next"], count):
            name, file = self.mutation(number)
            found = self._try(f"{name}, mutation {number}", file, 1 + number % 2 * 4)
            self.state["parsed"] += bool(found and found["components"])
            self.state["bytes"] += len(file)
            self.state["next"] = number + 1
            self.state["seconds"] = round(before + time.process_time() - start, 1)
            if (number + 1) % SAVE_EVERY == 0 or number + 1 == count:
                self._save()
                sys.stdout.write(f"{number + 1} of {count}, {len(self.state['findings'])} findings\n")
                sys.stdout.flush()

    def _try(self, name: str, file: bytes, effort: int) -> dict[str, int] | None:
        try:
            return check(file, effort)
        except Exception as error:  # whatever it is, the others go on
            self.state["findings"].append(f"{name}: {type(error).__name__}: {error}")
            sys.stdout.write(f"{self.state['findings'][-1]}\n")
            return None

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.state, indent=1) + "\n")
        self.path.with_suffix(".md").write_text(self.summary())

    def summary(self) -> str:
        """What was tried and found, in Markdown."""
        state = self.state
        columns = ("size", "components", "scans", "text", "tables", "geometry", "script", "kept")
        rows = [(name, found) for name, found in state["files"].items() if found]
        table = [f"| {name} | " + " | ".join(f"{found[key]:,}" for key in columns) + " |" for name, found in rows]
        sums = {key: sum(found[key] for _, found in rows) for key in columns}
        table.append("| in all | " + " | ".join(f"{sums[key]:,}" for key in columns) + " |")
        return (
            "# Equality of JPEG files\n\n"
            f"`python benchmarks/jpeg_equality.py FOLDER --count {state['next']} --seed {state['seed']}`, "
            f"Veneer {state['version']}, CPython {platform.python_version()}, {platform.machine()}: {len(rows)} files "
            f"and {state['next']:,} mutations of them, {state['bytes']:,} bytes, {state['seconds']:.0f} CPU seconds. "
            "Each was kept by `veneer.encode_jpeg` (files at effort 5, mutations at 1 and 5 in turn), given back by "
            "`veneer.decode_jpeg`, and compared byte for byte. Of the "
            f"mutations {state['parsed']:,} have scans that could be parsed; the others are bytes alone.\n\n"
            f"**{len(state['findings'])} findings.**\n\n" + "".join(f"- {what}\n" for what in state["findings"]) + "\n"
            "*Text* is what of a file does not come from levels; *tables* the bytes of it that follow from levels all "
            "the same; *geometry* and *script* are what JHDR and JSCR take, *kept* is what the whole file does.\n\n"
            "| file | "
            + " | ".join(columns)
            + " |\n| --- |"
            + " ---: |" * len(columns)
            + "\n"
            + "\n".join(table)
            + "\n"
        )


def main() -> None:
    """Runs the campaign, or one mutation of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10_000, help="mutations in all, those of earlier runs among them")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--out", type=Path, default=RESULTS / "jpeg_equality.json")
    parser.add_argument("--one", type=int, metavar="NUMBER")
    options = parser.parse_args()
    campaign = Campaign(options.folder, options.out, options.seed)
    if options.one is None:
        campaign.run(options.count)
    else:
        name, file = campaign.mutation(options.one)
        sys.stdout.write(f"{name}: {check(file, 1 + options.one % 2 * 4)}\n")


if __name__ == "__main__":
    main()
