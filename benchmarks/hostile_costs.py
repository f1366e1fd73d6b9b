"""Measures what files cost that were made to cost much: the worst of each structure of the format.

    python benchmarks/hostile_costs.py
    python benchmarks/hostile_costs.py --only search

The files are those of `tests/costly.py`. Each is read in a process of its own, with one thread, after a small picture
has been decoded: CPU seconds, and how far the peak of the process's memory rises. Writes
benchmarks/results/hostile_costs.md; "Cost of hostile files" in docs/format.md says what is to be expected.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import costly  # noqa: E402

from veneer.enhancement import models  # noqa: E402

RESULT = ROOT / "benchmarks" / "results" / "hostile_costs.md"
PIXELS = 1 << 24
SIZE = 1 << 20

# What a child process does with `data`.
INFO = "veneer.read_info(io.BytesIO(data))"
CHECK = "veneer.read_info(data, verify=True)"
DECODE = "veneer.decode(data, problems=[], threads=1)"
BASE = 'veneer.decode(data, problems=[], threads=1, layers="base")'
PIXEL = "veneer.decode(data, problems=[], threads=1, region=(0, 0, 1, 1))"
STRIP = 'veneer.decode(data, problems=[], threads=1, layers="base", region=(0, 0, 16384, 64))'
LAST_PIXEL = "veneer.decode(data, problems=[], threads=1, region=(4095, 4095, 1, 1))"
PREVIEW = 'veneer.decode(data, problems=[], threads=1, layers="preview")'
DUMP = "collections.deque(veneer.dump_syntax(data), maxlen=1)"
PIECES = "feed(data, 1 << 16)"
BYTES = "feed(data, 1)"

CHILD = """
import collections, io, resource, sys, time, warnings
sys.path.insert(0, sys.argv[3])
import costly, veneer
warnings.simplefilter("ignore", veneer.VeneerWarning)

def feed(data, size):
    decoder = veneer.Decoder(threads=1)
    for start in range(0, len(data), size):
        decoder.feed(data[start : start + size])
    decoder.finish()

def peak_kb():
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    lines = open("/proc/self/status").read().splitlines()  # ru_maxrss would begin with that of the parent
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

veneer.decode(costly.file_of(costly.small(3)[0], costly.tile_chunk(0, costly.small(3)[1]), costly.END), threads=1)
data = open(sys.argv[1], "rb").read()
before, start = peak_kb(), time.process_time()
try:
    eval(sys.argv[2])
    outcome = "done"
except veneer.VeneerError as error:
    outcome = error.code.name
print(time.process_time() - start, peak_kb() - before, outcome)
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """A file and a way to read it.

    Attributes:
        structure: what the file is full of.
        make: makes it.
        how: Python that reads it.
        pixels: that are given back, or declared; 0 where the file's own size is what counts.
        outcome: what must come of it, so that what is measured is what was meant.
    """

    structure: str
    make: Callable[[], bytes]
    how: str
    pixels: int = 0
    outcome: str = "done"


def every_tile_enhanced() -> bytes:
    """Small tiles with an empty chunk eNHA each, of a model that is there."""
    entry = models.by_name("standard", None)
    assert entry is not None
    check = bytes.fromhex(entry.sha256)[:4]
    return costly.tiles_with_enhancement(1024, entry.id, check, b"\0" * 8)


CASES = (
    Case("tiles, 65,536", lambda: costly.tiles_alone(65536), CHECK),
    Case("tiles and as many eNHA", lambda: costly.tiles_with_enhancement(65536), CHECK),
    Case("eNHA before each tile", lambda: costly.tiles_behind_enhancement(65536), CHECK),
    Case("a model for each tile", lambda: costly.models_that_differ(65536), CHECK),
    Case("unknown chunks, 262,142", lambda: costly.empty_chunks(3 << 20), CHECK),
    Case("the same", lambda: costly.empty_chunks(3 << 20), INFO),
    Case("the same", lambda: costly.empty_chunks(3 << 20), PIECES),
    Case("the same", lambda: costly.empty_chunks(3 << 20), DUMP, outcome="TOO_MANY_CHUNKS"),
    Case("tOCS too long", lambda: costly.long_offsets(8 * SIZE), INFO, outcome="CHUNK_SIZE"),
    Case("the same", lambda: costly.long_offsets(8 * SIZE), DUMP),
    Case("tiles within tiles, region by tOCS", lambda: costly.nested_tiles(4096), STRIP, 1 << 20),
    Case("metadata, 3 x 16 MB", lambda: costly.metadata(16 * SIZE), INFO),
    Case("search: types", lambda: costly.types_everywhere(SIZE), DECODE),
    Case("search: headers of nothing", lambda: costly.headers_everywhere(SIZE), DECODE),
    Case("search: claims that overlap", lambda: costly.long_headers_everywhere(SIZE), DECODE),
    Case("search: claims of the rest, chunks between", lambda: costly.claims_to_the_end(SIZE), DECODE),
    Case("wrong checksums", lambda: costly.damaged_chunks(SIZE), DECODE),
    Case("a byte too much between chunks", lambda: costly.lost_framing(SIZE), DECODE),
    Case("the same", lambda: costly.lost_framing(SIZE), DUMP),
    Case("byte by byte, tiles", lambda: costly.tiles_alone(4096), BYTES),
    Case("byte by byte, one chunk of 256 kB", lambda: costly.metadata(SIZE // 4, (b"eXIF",)), BYTES),
    Case("base: all lost but 64 x 64, RGB", lambda: costly.nearly_all_lost(PIXELS), DECODE, PIXELS),
    Case("base: the same with alpha", lambda: costly.nearly_all_lost(PIXELS, 4), DECODE, PIXELS),
    Case("base: the same with preview", lambda: costly.preview_alone(PIXELS), DECODE, PIXELS),
    Case("the same, as it comes", lambda: costly.preview_alone(PIXELS), PIECES, PIXELS),
    Case("texture: too much lost", lambda: costly.three_quarters_lost(1 << 22), DECODE, 1 << 22),
    Case("texture: as much", lambda: costly.three_quarters_lost(1 << 20, noise=True), DECODE, 1 << 20),
    Case("base: one tile that is no code", lambda: costly.one_tile(PIXELS), DECODE, PIXELS, "NO_TILE"),
    Case("base: one tile of noise", lambda: costly.one_tile(1 << 20, data=costly.noise_payload(SIZE)), BASE, 1 << 20),
    Case("base: noise at the finest step", lambda: costly.noise_at_its_finest(512, 3), BASE, 512 * 512),
    Case("alpha: noise at the finest step", lambda: costly.noise_at_its_finest(512, 2), BASE, 512 * 512),
    Case("base: one flat tile", lambda: costly.one_flat_tile(PIXELS), BASE, PIXELS),
    Case("base: one flat tile, its first pixel", lambda: costly.one_flat_tile(PIXELS), PIXEL, PIXELS),
    Case("base: one flat tile, its last pixel", lambda: costly.one_flat_tile(PIXELS), LAST_PIXEL, PIXELS),
    Case("base: one tile of screen content that recurs", lambda: costly.screen_that_recurs(1 << 20), BASE, 1 << 20),
    Case("base: screen content of noise", lambda: costly.screen_of_noise(1 << 18, SIZE), BASE, 1 << 18),
    Case("alpha: one tile, flat colour", lambda: costly.one_flat_tile(PIXELS, 4), BASE, PIXELS),
    Case("alpha: the same, its first pixel", lambda: costly.one_flat_tile(PIXELS, 4), PIXEL, PIXELS),
    Case("preview alone", lambda: costly.preview_alone(PIXELS), PREVIEW, PIXELS // 64),
    Case("eNHA without latents for each of 1024 tiles", every_tile_enhanced, DECODE, 1024 * costly.TILE**2),
)


def measure(case: Case, folder: Path) -> tuple[int, float, int, str]:
    """Size of the file, CPU seconds, kB of memory, outcome."""
    path = folder / "file.vnr"
    data = case.make()
    path.write_bytes(data)
    command = [sys.executable, "-c", CHILD, str(path), case.how, str(ROOT / "tests")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - this very file
    seconds, grown, outcome = said.split()
    if outcome != case.outcome:
        raise SystemExit(f"{case.structure}: {outcome} came of it, not {case.outcome}: is the file still what it says?")
    return len(data), float(seconds), int(grown), outcome


def row(case: Case, size: int, seconds: float, grown: int, outcome: str) -> str:
    """A line of the table."""
    units, unit = (case.pixels, "pixel") if case.pixels else (size, "byte")
    how = case.how.replace(", problems=[]", "").replace(", threads=1", "").replace("veneer.", "")
    return (
        f"| {case.structure} | `{how}` | {size:,} | {seconds:.2f} | {grown / 1024:.0f} | "
        f"{seconds / units * 1e9:,.0f} ns | {grown * 1024 / units:.1f} | {unit} | {outcome} |"
    )


def main() -> None:
    """Measures every case and writes the page of results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="measure structures with this in their name, and write nothing")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if options.only in case.structure:
                rows.append(row(case, *measure(case, Path(folder))))
                sys.stdout.write(rows[-1] + "\n")
                sys.stdout.flush()
    if options.only:
        return
    today = datetime.datetime.now(tz=datetime.UTC).date()
    lines = [
        "# Cost of hostile files",
        "",
        f"Files made to cost as much as they can (`tests/costly.py`), {today}, CPython {platform.python_version()} on",
        f"{platform.machine()}, one thread, other work on the machine. CPU time, and how far the peak of memory rises.",
        "`python benchmarks/hostile_costs.py`",
        "",
        "| file | read by | bytes | s | MB | time for each | bytes of memory for each | of what | outcome |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
    ]
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
