"""Makes the demo: a folder for any web server, with the page, the package, models, and pictures at about equal bytes.

    node web/build.mjs --models && python web/make_demo.py build/demo

Each picture is coded by the command `veneer` at some rates; JPEG and AVIF, by Pillow, get the quality whose file comes
nearest to the size of Veneer's. Needs veneer installed, with Pillow that writes AVIF.

Place: run by whoever serves the demo; docs/howto/web.md.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

WEB = Path(__file__).parent
PHOTOGRAPH = WEB.parent / "examples" / "fir.jpg"
TILE_SIZE = 128  # so that damage has small effects; it costs 1 to 2 % of the bytes
PACKAGE = ("veneer.js", "veneer-worker.js", "veneer.wasm", "demo.js", "models")
PAGE = ("index.html", "demo.css")


def main() -> int:
    """Writes the folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="folder, which is made anew")
    out = parser.parse_args().out
    missing = [name for name in PACKAGE if not (WEB / "dist" / name).exists()]
    if missing:
        sys.stderr.write(f"web/dist lacks {', '.join(missing)}; run: node web/build.mjs --models\n")
        return 1
    shutil.rmtree(out, ignore_errors=True)
    (out / "pictures").mkdir(parents=True)
    tables = [path.name for path in (WEB / "dist").glob("table-*.bin")]
    for name in (*PACKAGE, *tables):
        copy = shutil.copytree if (WEB / "dist" / name).is_dir() else shutil.copy
        copy(WEB / "dist" / name, out / name)
    for name in PAGE:
        shutil.copy(WEB / "src" / "demo" / name, out)
    shutil.copy(WEB / "src" / "viewer" / "viewer.css", out)
    entries = [entry for each in pictures() for entry in coded(*each, out / "pictures")]
    (out / "pictures.json").write_text(json.dumps(entries, indent=1) + "\n")
    for entry in entries:
        sizes = ", ".join(f"{each['name']} {each['bytes']}" for each in entry["files"])
        sys.stdout.write(f"{entry['title']}: {sizes}\n")
    return 0


def pictures() -> Iterator[tuple[str, str, Image.Image, tuple[float, ...]]]:
    """Names, titles, pictures in RGB, and rates in bits per pixel."""
    with Image.open(PHOTOGRAPH) as photograph:
        yield "fir", "Photograph", ImageOps.exif_transpose(photograph).convert("RGB"), (0.2, 0.4)
    yield "drawing", "Drawing with text", drawing(), (0.2, 0.4)


def drawing() -> Image.Image:
    """A sheet with curves, bars and text."""
    image = Image.new("RGB", (720, 520), "#fbfaf7")
    draw = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(30), ImageFont.load_default(15)
    draw.text((36, 26), "Rain and sun, by month", "#22303a", large)
    draw.text((36, 70), "Bars: days of rain. Curve: hours of sun. Made by web/make_demo.py", "#5b6870", small)
    for i in range(6):
        y = 440 - 60 * i
        draw.line((60, y, 690, y), "#d9d7d0")
        draw.text((34, y - 9), str(5 * i), "#5b6870", small)
    points = []
    for month, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]):
        x = 74 + 52 * month
        days = 13 + 5 * math.cos(month / 1.7) + 2 * math.sin(3 * month)
        colour = (60 + 8 * month, 120 + 4 * month, 170 - 3 * month)
        draw.rectangle((x, 440 - 12 * days, x + 34, 440), colour)
        draw.text((x + 5, 448), name, "#22303a", small)
        points.append((x + 17, 330 - 190 * math.sin((month + 0.5) / 12 * math.pi)))
    draw.line(points, "#d2691e", width=4, joint="curve")
    for x, y in points:
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), "#fbfaf7", "#d2691e", 3)
    draw.text((36, 488), "The quick brown fox jumps over the lazy dog. 0123456789", "#22303a", small)
    return image


def coded(
    name: str, title: str, picture: Image.Image, rates: Iterable[float], folder: Path
) -> Iterator[dict[str, Any]]:
    """For each rate an entry of pictures.json, whose files are written."""
    original = folder / f"{name}.png"
    picture.save(original, optimize=True, icc_profile=None)  # sRGB, which no profile means too
    first = {"name": "Original (PNG)", "url": f"pictures/{original.name}", "bytes": original.stat().st_size}
    for rate in rates:
        stem = f"{name}-{rate}"
        path = folder / f"{stem}.vnr"
        options = ["--bpp", str(rate), "--tile-size", str(TILE_SIZE), "--preview", "--force", "--quiet"]
        command = [sys.executable, "-m", "veneer", "encode", str(original), str(path), *options]
        subprocess.run(command, check=True)  # noqa: S603 - our own command
        size = path.stat().st_size
        files = [first, {"name": "Veneer", "url": f"pictures/{path.name}", "bytes": size}]
        for codec, suffix, save in (("AVIF", ".avif", save_avif), ("JPEG", ".jpg", save_jpeg)):
            data = nearest(picture, size, save)
            (folder / f"{stem}{suffix}").write_bytes(data)
            files.append({"name": codec, "url": f"pictures/{stem}{suffix}", "bytes": len(data)})
        yield {"title": f"{title}, {rate} bits per pixel", "files": files}


def save_jpeg(picture: Image.Image, quality: int, file: io.BytesIO) -> None:
    """Writes a JPEG as small as its quality allows."""
    picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)


def save_avif(picture: Image.Image, quality: int, file: io.BytesIO) -> None:
    """Writes an AVIF as by default."""
    picture.save(file, "AVIF", quality=quality, speed=6)


def nearest(picture: Image.Image, size: int, save: Callable[[Image.Image, int, io.BytesIO], None]) -> bytes:
    """The file whose size comes nearest to `size` bytes, by bisection of the quality 1..95."""
    low, high, found = 1, 95, b""
    while low <= high:
        quality = (low + high) // 2
        file = io.BytesIO()
        save(picture, quality, file)
        data = file.getvalue()
        if not found or abs(len(data) - size) < abs(len(found) - size):
            found = data
        low, high = (quality + 1, high) if len(data) < size else (low, quality - 1)
    return found


if __name__ == "__main__":
    sys.exit(main())
