"""A sheet of crops at equal bytes: original, AVIF, Veneer's base, realism 0 and 1.

Its rows are kinds of content that fail differently.

    python benchmarks/crops_sheet.py PICTURES [--rate 0.15]

PICTURES is the folder of the validation photographs. Writes docs/images/realism_RATE.png. Needs the extra `eval`; files
are shared with `realism.py`.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
from coded_files import CodedFile, FileStore
from PIL import Image, ImageDraw, ImageFont

from veneer.evaluation.codecs import Codec, Pixels, all_codecs
from veneer.evaluation.measure import check_decoded, load_picture

ROOT = Path(__file__).parents[1]
CODECS = ("avif-444-s4", "veneer-base", "veneer-real0", "veneer-real1")
SIDE = 192
GAP = 4
CAPTION_HEIGHT = 18
MAX_BYTES = 2_000_000


@dataclasses.dataclass(frozen=True)
class Crop:
    """A square of a picture.

    Attributes:
        content: what is there to see.
        picture: file name.
        x: left edge, pixels.
        y: upper edge, pixels.
    """

    content: str
    picture: str
    x: int
    y: int


CROPS = (  # of pictures that may be shown to others
    Crop("face", "valid02.webp", 160, 336),
    Crop("text", "valid11.webp", 180, 150),
    Crop("foliage", "valid17.webp", 64, 160),
    Crop("water", "valid04.webp", 296, 456),
    Crop("sky", "valid21.webp", 250, 60),
    Crop("buildings", "valid15.webp", 470, 90),
)


def draw_sheet(folder: Path, rate_bpp: float, store: FileStore, codecs: list[Codec]) -> Image.Image:
    """A row for each crop, a column for the original and each codec; captions tell bits per pixel of the whole file."""
    width, height = (SIDE + GAP) * (len(codecs) + 1) - GAP, (SIDE + CAPTION_HEIGHT) * len(CROPS)
    sheet = Image.new("RGB", (width, height), "white")
    canvas, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for row, crop in enumerate(CROPS):
        top = row * (SIDE + CAPTION_HEIGHT)
        original = load_picture(str(folder / crop.picture))
        versions = [(f"Original, {crop.content}", original)]
        versions += [_version(codec, store, Path(crop.picture).stem, original, rate_bpp) for codec in codecs]
        for column, (caption, pixels) in enumerate(versions):
            canvas.text((column * (SIDE + GAP) + 2, top + 2), caption, fill="black", font=font)
            cut = pixels[crop.y : crop.y + SIDE, crop.x : crop.x + SIDE]
            sheet.paste(Image.fromarray(np.ascontiguousarray(cut)), (column * (SIDE + GAP), top + CAPTION_HEIGHT))
    return sheet


def _version(codec: Codec, store: FileStore, name: str, original: Pixels, rate_bpp: float) -> tuple[str, Pixels]:
    coded: CodedFile = store.at_rate(codec, name, original, rate_bpp)
    decoded = codec.decode(coded.data)
    check_decoded(codec, original, decoded)
    rate = 8 * len(coded.data) / (original.shape[0] * original.shape[1])
    return f"{codec.label}, {rate:.3f} bpp", decoded


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--rate", type=float, default=0.15, help="bits per pixel")
    parser.add_argument("--codecs", nargs="+", default=CODECS, help="names as veneer bench has them")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "realism", help="folder of coded files")
    parser.add_argument("--out", type=Path, help="default: docs/images/realism_RATE.png")
    args = parser.parse_args()
    codecs = all_codecs()
    if unknown := [name for name in args.codecs if name not in codecs]:
        raise SystemExit(f"no codec {unknown[0]!r} here, only {', '.join(codecs)}")
    if missing := [crop.picture for crop in CROPS if not (args.pictures / crop.picture).is_file()]:
        raise SystemExit(f"{args.pictures} has no {missing[0]}")
    sheet = draw_sheet(args.pictures, args.rate, FileStore(args.work), [codecs[name] for name in args.codecs])
    out = args.out or ROOT / "docs" / "images" / f"realism_{args.rate:g}.png"
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, optimize=True)
    sys.stdout.write(f"{out}: {out.stat().st_size} bytes\n")
    if out.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{out} has more than {MAX_BYTES} bytes; take smaller crops")


if __name__ == "__main__":
    main()
