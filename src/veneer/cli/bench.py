"""The subcommand that measures Veneer beside other codecs. Its work needs the extra `eval`, imported on demand."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from veneer.cli import combinations
from veneer.cli.failure import FileFailure, from_os_error
from veneer.cli.messages import say, say_failure
from veneer.cli.options import EXIT_INTERRUPTED, Number

EXTRA = "pip install '.[eval]'"
# Options of the report on 8 bits alone.
LOSSY = ("points", "rates", "crop", "shown", "embed", "memory")


class SizeParameter(click.ParamType[tuple[int, int]]):
    """A width and a height."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", str(value))
        if found is None:
            self.fail(f"{value!r} is no width and height such as 384x256", param, ctx)
        return int(found[1]), int(found[2])


class RatesParameter(click.ParamType[tuple[float, ...]]):
    """Rates with commas between them; none for an empty text."""

    name = "bpp,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            rates = tuple(float(part) for part in str(value).split(",") if part)
        except ValueError:
            rates = (-1.0,)
        if not all(0.01 <= rate <= 24 for rate in rates):
            self.fail(f"{value!r} is no list of bits per pixel such as 0.15,0.5", param, ctx)
        return rates


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the results.")
@click.option(
    "--lossless", is_flag=True, help="Measure lossless codecs: lossless.md and lossless.csv, picture by picture."
)
@click.option(
    "--deep", is_flag=True, help="Measure lossy codecs at 8, 10 and 12 bits a sample: deep.md and deep.csv, by depth."
)
@click.option("--codecs", default="", metavar="A,B,...", help="Only these. Default: all that are installed.")
@click.option("--points", type=click.IntRange(2, 100), default=100, help="At most so many settings of each codec.")
@click.option(
    "--rates",
    type=RatesParameter(),
    default="0.15,0.25,0.5",
    show_default=True,
    help="Bits per pixel at which pictures are shown side by side; '' for none.",
)
@click.option("--crop", type=SizeParameter(), default="480x384", show_default=True, help="Size of those pictures.")
@click.option("--shown", default="", metavar="NAME,...", help="Only these pictures side by side. Default: all.")
@click.option(
    "--embed",
    type=Number(0.1, 500),
    default=40,
    show_default=True,
    help="Most megabytes of pictures in the page; the rest stays beside it.",
)
@click.option("--memory/--no-memory", default=True, show_default=True, help="Measure memory, on the largest picture.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), help="Processes at a time. Default: one per core.")
@click.option("--keep-versions", is_flag=True, help="Keep results of other versions; the report names the versions.")
@click.option("--report-only", is_flag=True, help="Measure nothing, write the report of what there is.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def bench(
    images: tuple[Path, ...], out: Path, lossless: bool, deep: bool, codecs: str, quiet: bool, **options: Any
) -> None:
    """Measures Veneer beside other codecs; writes a report.

    IMAGES are picture files and folders of them. DIR/report.html stands by itself; report.md, bd_rates.csv and the
    measurements in results.csv lie beside it. What is measured stays measured: run it again to go on after an
    interruption, or to add pictures and codecs. Results of another version of a codec are measured anew, unless
    --keep-versions.

    With --lossless it takes pictures of 8 or 16 bits a sample, compares every sample that comes back, and writes
    DIR/lossless.md and DIR/lossless.csv.

    With --deep it takes pictures of more than 8 bits a sample, and halves those of 8 bits to 10. It writes DIR/deep.md
    and, beside it, DIR/deep.csv and DIR/deep_gradients.csv: BD-rates of PSNR and SSIMULACRA2, bands of dark gradients.
    """
    if lossless:
        combinations.refuse([*LOSSY, "deep"], "with --lossless, which has no rates")
    if deep:
        combinations.refuse(LOSSY, "with --deep, which is a report of its own")
    if options["report_only"]:
        combinations.refuse(["jobs", "memory"], "with --report-only, which measures nothing")
    if not options["rates"]:
        combinations.refuse(["crop", "shown", "embed"], "without --rates, at which pictures are shown")
    try:
        from veneer.evaluation import command
    except ImportError as error:
        say_failure("bench", FileFailure(f"{error.name} is not installed", EXTRA))
        sys.exit(1)
    common: dict[str, Any] = {name: options[name] for name in ("jobs", "keep_versions", "report_only")}
    common |= {"codecs": _names(codecs), "progress": not quiet and sys.stderr.isatty()}
    try:
        if lossless:
            given = ["--lossless", *_common_arguments(images, out, codecs)]
            failures, written = command.run_lossless(images, out, arguments=given, **common)
        elif deep:
            given = ["--deep", *_common_arguments(images, out, codecs)]
            failures, written = command.run_deep(images, out, arguments=given, **common)
        else:
            failures, written = command.run_bench(
                images,
                out,
                points=options["points"],
                rates_bpp=options["rates"],
                crop_size=options["crop"],
                shown=_names(options["shown"]),
                memory=options["memory"],
                embed_megabytes=options["embed"],
                arguments=_arguments(images, out, codecs, options),
                **common,
            )
    except ValueError as error:
        say_failure("bench", FileFailure(str(error), "see veneer bench --help"))
        sys.exit(1)
    except OSError as error:
        say_failure("bench", from_os_error(error))
        sys.exit(1)
    except KeyboardInterrupt:
        say("veneer: interrupted; what is measured is kept, run it again to go on")
        sys.exit(EXIT_INTERRUPTED)
    for line in failures:
        say_failure("bench", FileFailure(line, "the report does without it"))
    if not quiet:
        for path in written:
            say(str(path), error=False)
    sys.exit(1 if failures else 0)


def _arguments(images: tuple[Path, ...], out: Path, codecs: str, options: dict[str, Any]) -> list[str]:
    """The command's arguments for the report; of paths the last part alone, since a report is shown to others."""
    width, height = options["crop"]
    rates = ",".join(f"{rate:g}" for rate in options["rates"])
    given = _common_arguments(images, out, codecs)
    given += ["--points", str(options["points"])] if options["points"] < 100 else []
    given += ["--shown", options["shown"]] if options["shown"] else []
    return [*given, "--rates", rates, "--crop", f"{width}x{height}", "--embed", f"{options['embed']:g}"]


def _common_arguments(images: tuple[Path, ...], out: Path, codecs: str) -> list[str]:
    given = [path.name or str(path) for path in images] + ["--out", out.name or str(out)]
    return [*given, "--codecs", codecs] if codecs else given


def _names(text: str) -> list[str]:
    """Names with commas between them."""
    return [name for name in text.split(",") if name]
