"""Speed of the WebAssembly module in node beside the native decoder, for results/wasm.md.

    python native/wasm/build.py build/wasm/veneer.wasm --tables-apart
    python benchmarks/wasm.py build/wasm/veneer.wasm PHOTO...

Of each photograph the middle of 1536 x 1024 is encoded at quality 75: the base layer, and with enhancement by the
models `standard` and `fast`. Both decoders run by turns on one thread; the shortest processor time of the rounds
counts, and their pictures must be equal. Beside that the time of the first decode in a new process of node, in which
the engine compiles. Then the sizes of what a page fetches.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import veneer

SCRIPT = Path(__file__).with_name("wasm_speed.mjs")
MODELS = Path(veneer.__file__).parent / "models"
WIDTH, HEIGHT, QUALITY = 1536, 1024, 75
KINDS = (("base", "base", None), ("standard", "full", "standard-7.vnm"), ("fast", "full", "fast-2.vnm"))
MEGAPIXELS = WIDTH * HEIGHT / 1e6


def middle(path: Path) -> np.ndarray:
    """The middle of a photograph, uint8 [1024, 1536, 3]."""
    picture = Image.open(path).convert("RGB")
    if picture.width < WIDTH or picture.height < HEIGHT:
        picture = picture.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    left, top = (picture.width - WIDTH) // 2, (picture.height - HEIGHT) // 2
    return np.asarray(picture.crop((left, top, left + WIDTH, top + HEIGHT)))


def native_seconds(path: Path, layers: str) -> tuple[float, str]:
    """Processor time of one decode by the native decoder, and the hash of its samples."""
    data = path.read_bytes()
    start = time.process_time()
    pixels = veneer.decode(data, layers=layers, threads=1)
    return time.process_time() - start, hashlib.sha256(pixels.tobytes()).hexdigest()


def measure(module: Path, path: Path, layers: str, model: str | None, rounds: int) -> dict[str, float]:
    """Both decoders by turns."""
    weights = [str(MODELS / model)] if model else []
    node, native = [], []
    for _ in range(2):
        command = ["node", str(SCRIPT), str(module), str(path), layers, str(rounds), *weights]
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)  # noqa: S603
        node.append(found)
        for _ in range(rounds):
            seconds, digest = native_seconds(path, layers)
            native.append(seconds)
            assert digest == found["hash"], f"{path}: pictures differ"
    return {
        "native": min(native),
        "node": min(found["shortest"] for found in node),
        "first": min(found["first"] for found in node),
        "memory": max(found["memory"] for found in node),
    }


def compressed(path: Path) -> int:
    """Bytes of a file after brotli at its highest quality."""
    return len(subprocess.run(["brotli", "-q", "11", "-c", str(path)], capture_output=True, check=True).stdout)  # noqa: S603, S607


def main() -> None:
    """Prints two tables in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("module", type=Path, metavar="MODULE.wasm")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO")
    parser.add_argument("--rounds", type=int, default=4, metavar="N", help="decodes in a row (default 4)")
    options = parser.parse_args()
    write = sys.stdout.write
    write("| picture | layer | node, ms | native, ms | node : native | first decode, ms | memory, MiB |\n")
    write("| --- | --- | --- | --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as temporary:
        for number, photo in enumerate(options.photos, 1):
            pixels = middle(photo)
            for name, layers, model in KINDS:
                path = Path(temporary) / "picture.vnr"
                kind = {"layers": "base"} if model is None else {"layers": "full", "model": name}
                path.write_bytes(veneer.encode(pixels, quality=QUALITY, **kind))
                if model is not None and veneer.read_info(path, verify=True).model_id is None:
                    write(f"| {number} | {name} | not enhanced: it does not pay | | | | |\n")
                    continue
                found = measure(options.module, path, layers, model, options.rounds)
                write(
                    f"| {number} | {name} | {found['node'] * 1e3:.0f} | {found['native'] * 1e3:.0f} "
                    f"| {found['node'] / found['native']:.2f} | {found['first'] * 1e3:.0f} "
                    f"| {found['memory'] / 2**20:.0f} |\n"
                )
                sys.stdout.flush()
    write("\n| file | bytes | brotli |\n| --- | --- | --- |\n")
    for path in [options.module, *sorted(options.module.parent.glob("table-*.bin"))]:
        write(f"| `{path.name}` | {path.stat().st_size} | {compressed(path)} |\n")


if __name__ == "__main__":
    main()
