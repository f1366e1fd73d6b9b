"""Options that several subcommands share, and the kinds of values they take."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from veneer.colour import Cicp

DEFAULT_MAX_PIXELS = 1 << 28

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

EXIT_CODES = """Exit codes: 0 all done, 1 some file failed or was coded in part (each with a line on standard error),
2 wrong usage, 130 interrupted."""


class ByteCount(click.ParamType[int]):
    """A number of bytes, with k or M for thousands or millions."""

    name = "bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip().lower().removesuffix("b")
        unit = {"k": 1_000, "m": 1_000_000}.get(text[-1:], 1)
        try:
            return int(float(text[:-1] if unit > 1 else text) * unit)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no number of bytes, such as 20000, 20k or 1.5M", param, ctx)


class Number(click.FloatRange):
    """A number within a range; `nan` is refused, though no comparison finds it outside of the range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is no number", param, ctx)
        return number


class RegionParameter(click.ParamType[tuple[int, int, int, int]]):
    """Four whole numbers with commas between them."""

    name = "x,y,w,h"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int, int]:
        try:
            x, y, width, height = (int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not x,y,w,h in pixels, such as 0,0,640,480", param, ctx)
        return x, y, width, height


class CicpParameter(click.ParamType["Cicp"]):
    """A colour space by its name, or by its codes of ITU-T H.273."""

    name = "colour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Cicp:
        from veneer import VeneerError, colour  # which takes NumPy: help texts do without

        try:
            return colour.parse_cicp(str(value))
        except VeneerError as error:
            self.fail(str(error), param, ctx)


Command = Callable[..., Any]


def models_option() -> Callable[[Command], Command]:
    """The option for another folder of models."""
    folder = click.Path(exists=True, file_okay=False)
    return click.option("--models", type=folder, metavar="DIR", help="Folder of more models, with a manifest.toml.")


def cicp_option() -> Callable[[Command], Command]:
    """The colour space of pictures whose file does not say it, or says it wrong."""
    text = (
        "Colour space of the pixels, in place of what the picture says of it: a name such as display-p3 or bt2100-pq, "
        "or primaries/transfer/matrix/range of ITU-T H.273 such as 9/16/0/1. Pixels are not converted."
    )
    return click.option("--cicp", type=CicpParameter(), metavar="COLOUR", help=text)


def encode_options(command: Command) -> Command:
    """The options of encoding: the keywords of `veneer.Settings` without threads, and strip, picture and strict."""
    options = (
        click.option(
            "-q",
            "--quality",
            type=Number(0, 100),
            default=75,
            show_default=True,
            help="0 smallest, 100 lossless; not with --step-index or a target, which say the same in another way.",
        ),
        click.option("--lossless", is_flag=True, help="Keep every sample as it is, up to 16 bits each."),
        click.option(
            "--max-error",
            type=click.IntRange(0, 8),
            default=0,
            metavar="N",
            help="With --lossless: samples of colour may differ by at most N, 0..8, in a smaller file.",
        ),
        click.option("--exact", is_flag=True, help="With --lossless: keep the colour of pixels that are transparent."),
        click.option(
            "-e",
            "--effort",
            type=click.IntRange(1, 9),
            default=5,
            show_default=True,
            help="1 fastest, 9 smallest files.",
        ),
        click.option(
            "--tune",
            type=click.Choice(["visual", "psnr"]),
            default="visual",
            show_default=True,
            help="For the eye, or for the mean squared error.",
        ),
        click.option("--target-size", type=ByteCount(), help="Finest quality whose file has at most so many bytes."),
        click.option("--bpp", type=Number(1e-6, 1e6), help="The same in bits per pixel."),
        click.option("--step-index", type=int, help="Quantizer step instead of a quality, 0 (finest) .. 223."),
        click.option(
            "--layers",
            type=click.Choice(["full", "base"]),
            default="full",
            show_default=True,
            help="With enhancement where it pays, or without.",
        ),
        click.option("--model", default="standard", show_default=True, help="Networks of the enhancement, by name."),
        models_option(),
        click.option(
            "--base-scale",
            type=click.IntRange(1, 2),
            help="2 codes the base at half the sides, 1 at full size. Default: whichever is better.",
        ),
        click.option("--tile-size", type=click.IntRange(64, 65536), help="Side of the tiles, a power of two."),
        click.option(
            "--preview/--no-preview",
            default=None,
            help="Begin the file with a small picture of the whole. Default: from 4 megapixels on.",
        ),
        click.option("--strip", is_flag=True, help="Leave out all metadata but colour, turning the pixels upright."),
        click.option(
            "--picture",
            type=click.IntRange(1),
            metavar="N",
            help="Of files with several pictures (pages, frames) take this one. Default: the first, with exit code 1.",
        ),
        click.option("--strict", is_flag=True, help="Refuse pictures of which something would be lost."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def file_options(command: Command) -> Command:
    """Options that encode and decode share."""
    options = (
        click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="IN... [OUT]"),
        click.option(
            "-o",
            "--output",
            type=click.Path(),
            metavar="OUT",
            help="File or folder to write, or - for standard output.",
        ),
        click.option("-f", "--force", is_flag=True, help="Replace existing files."),
        click.option("-j", "--jobs", type=click.IntRange(1, 256), help="Pictures at a time. Default: one per core."),
        click.option(
            "-t", "--threads", type=click.IntRange(0, 1024), default=0, help="Threads per picture; 0 shares the cores."
        ),
        click.option("--quiet", is_flag=True, help="Say nothing of what went well."),
        click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file, failures included."),
        click.option(
            "--max-pixels",
            type=click.IntRange(1),
            default=DEFAULT_MAX_PIXELS,
            show_default=True,
            help="Refuse larger pictures.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
