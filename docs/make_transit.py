"""Makes the pictures of docs/howto/transit.md: a photograph of which 5 %, 50 % and all bytes have come.

    python docs/make_transit.py PHOTO docs/images/transit.png

The upper row is the whole picture, the lower one a part of it, pixel by pixel. Prints what the page says in figures.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import veneer

SHARES = (0.05, 0.5, 1.0)
PANEL_WIDTH = 300
DETAIL_HEIGHT = 150
GAP = 6
COLOURS = 200  # of the PNG: small enough for a page, and smooth enough to see what is meant


def pictures_in_transit(data: bytes) -> list[Image.Image]:
    """The picture when each of `SHARES` of the bytes has come."""
    decoder = veneer.Decoder(layers="base")
    pictures = []
    done = 0
    for share in SHARES:
        end = round(share * len(data))
        decoder.feed(data[done:end])
        done = end
        picture, info = decoder.picture(), decoder.info
        if picture is None or info is None:
            sys.exit("there is no preview within the first bytes; take a larger photograph")
        sys.stdout.write(f"{share:.0%} of the bytes: {decoder.tiles_shown} of {info.tile_count} tiles\n")
        pictures.append(Image.fromarray(np.array(picture)))
    return pictures


def sheet(pictures: list[Image.Image], detail: tuple[int, int]) -> Image.Image:
    """The pictures side by side, with a part of each under it."""
    width, height = pictures[0].size
    panel_height = round(PANEL_WIDTH * height / width)
    size = len(pictures) * (PANEL_WIDTH + GAP) - GAP, panel_height + GAP + DETAIL_HEIGHT
    result = Image.new("RGB", size, "white")
    for column, picture in enumerate(pictures):
        x = column * (PANEL_WIDTH + GAP)
        result.paste(picture.resize((PANEL_WIDTH, panel_height), Image.Resampling.LANCZOS, reducing_gap=3), (x, 0))
        box = (*detail, detail[0] + PANEL_WIDTH, detail[1] + DETAIL_HEIGHT)
        result.paste(picture.crop(box), (x, panel_height + GAP))
    return result.quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--detail", default="0,0", help="x,y of the part that is shown pixel by pixel")
    arguments = parser.parse_args()
    with Image.open(arguments.photo) as photo:
        pixels = np.asarray(photo.convert("RGB"))
    data = veneer.encode(pixels, layers="base")
    plain = veneer.encode(pixels, layers="base", preview=False)
    sys.stdout.write(
        f"{pixels.shape[1]} x {pixels.shape[0]} pixels, {len(data)} bytes, "
        f"{100 * (len(data) - len(plain)) / len(data):.2f} % of them preview\n"
    )
    x, y = (int(part) for part in arguments.detail.split(","))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    sheet(pictures_in_transit(data), (x, y)).save(arguments.output, optimize=True)


if __name__ == "__main__":
    main()
