"""Bytes and speed of kept JPEG files beside Lepton and JPEG XL, which keep them too.

    python benchmarks/jpeg_files.py FOLDER [FOLDER...]

FOLDER has JPEGs, which are taken as they are, or pictures of other formats, of which Pillow makes JPEGs at quality 75
and 90, with and without subsampling. Needs the packages lepton_jpeg_python and imagecodecs, which have the others.
Every file is given back and compared. Times are processor time of one thread, of all files together, in turn for each
codec. Writes benchmarks/results/jpeg_files.md.
"""

from __future__ import annotations

import argparse
import functools
import io
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import lepton_jpeg_python
from PIL import Image

import veneer
from veneer.evaluation.installed import veneer_version

RESULTS = Path(__file__).parent / "results"
JPEG_SUFFIXES = (".jpg", ".jpeg")
WAYS = tuple((quality, sampling) for quality in (75, 90) for sampling in ("4:2:0", "4:4:4"))

CODECS: dict[str, tuple[Any, Any]] = {
    "Lepton": (lepton_jpeg_python.compress_bytes, lepton_jpeg_python.decompress_bytes),
    "JPEG XL": (imagecodecs.jpegxl_encode_jpeg, imagecodecs.jpegxl_decode_jpeg),
    "Veneer, effort 1": (functools.partial(veneer.encode_jpeg, effort=1, threads=1), veneer.decode_jpeg),
    "Veneer, effort 5": (functools.partial(veneer.encode_jpeg, effort=5, threads=1), veneer.decode_jpeg),
}


def jpegs_of(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Group, name and bytes of the JPEGs of a folder, or of those made of its pictures."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in JPEG_SUFFIXES:
            yield "as found", path.name, path.read_bytes()
        elif path.suffix.lower() in (".png", ".webp"):
            with Image.open(path) as opened:
                image = opened.convert("RGB")
            for quality, sampling in WAYS:
                stream = io.BytesIO()
                image.save(stream, "JPEG", quality=quality, subsampling=sampling)
                yield f"Pillow, quality {quality}, {sampling}", path.name, stream.getvalue()


def tried(codec: tuple[Any, Any], data: bytes) -> tuple[int, float, float] | None:
    """Bytes, and seconds of both ways; None where a codec does not take the file, or gives another one back."""
    encode, decode = codec
    try:
        start = time.process_time()
        encoded = encode(data)
        middle = time.process_time()
        back = decode(encoded)
    except Exception:  # each has errors of its own
        return None
    end = time.process_time()
    return (len(encoded), middle - start, end - middle) if bytes(back) == data else None


def saved(size: float, of: float) -> str:
    """Per cent."""
    return f"{100 * (1 - size / of):.1f}"


def main() -> None:
    """Runs it all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=RESULTS / "jpeg_files.md")
    options = parser.parse_args()
    groups: dict[str, list[tuple[str, int, dict[str, tuple[int, float, float] | None]]]] = {}
    for folder in options.folders:
        for group, name, data in jpegs_of(folder):
            found = {codec: tried(way, data) for codec, way in CODECS.items()}
            groups.setdefault(group, []).append((name, len(data), found))
            sys.stdout.write(f"{group}: {name}\n")
            sys.stdout.flush()
    text = [
        "# JPEG files beside other codecs that keep them\n",
        (
            f"`python benchmarks/jpeg_files.py`, Veneer {veneer_version()}, lepton_jpeg_python, JPEG XL of imagecodecs "
            f"{imagecodecs.__version__}, CPython {platform.python_version()}, {platform.machine()}. Per cent saved; a "
            "dash where the codec does not take the file or gives another one back. Sums and means are over the files "
            "that all take. Times are those of one thread, both ways, in megabytes of JPEG a second; those of Veneer's "
            "encoder have the decoding in them that compares the result with the source.\n"
        ),
        "| files | number | bytes | " + " | ".join(f"{name}: sum, mean" for name in CODECS) + " |",
        "| --- | ---: | ---: |" + " ---: |" * len(CODECS),
    ]
    speeds: dict[str, list[float]] = {name: [0.0, 0.0] for name in CODECS}
    total = 0
    for group, files in groups.items():
        common = [(size, found) for _, size, found in files if all(found.values())]
        size_of_all = sum(size for size, _ in common)
        total += size_of_all
        cells = []
        for name in CODECS:
            results = [(found[name] or (0, 0.0, 0.0), size) for size, found in common]
            mean = sum(result[0] / size for result, size in results) / max(1, len(results))
            cells.append(f"{saved(sum(result[0] for result, _ in results), size_of_all)}, {saved(mean, 1)}")
            for i in range(2):
                speeds[name][i] += sum(result[1 + i] for result, _ in results)
        text.append(f"| {group} | {len(common)} of {len(files)} | {size_of_all:,} | " + " | ".join(cells) + " |")
    text += ["", "| MB/s | written | read |", "| --- | ---: | ---: |"]
    text += [f"| {name} | {total / a / 1e6:.2f} | {total / b / 1e6:.2f} |" for name, (a, b) in speeds.items()]
    for group, files in groups.items():
        text += ["", f"## {group[0].upper()}{group[1:]}", "", "| file | bytes | " + " | ".join(CODECS) + " |"]
        text.append("| --- | ---: |" + " ---: |" * len(CODECS))
        for name, size, found in files:
            cells = ["-" if (result := found[codec]) is None else saved(result[0], size) for codec in CODECS]
            text.append(f"| {name} | {size:,} | " + " | ".join(cells) + " |")
    options.out.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
