"""The command: its subcommands and what their options mean; the work is beside."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from PIL import Image

import veneer
from veneer.cli import dump, pictures
from veneer.cli.batch.command import batch
from veneer.cli.bench import bench
from veneer.cli.compare import compare
from veneer.cli.completion import completion
from veneer.cli.conformance import conformance
from veneer.cli.doctor import doctor
from veneer.cli.failure import FileFailure, from_veneer_error
from veneer.cli.files import Outputs, read_source
from veneer.cli.jobs import (
    EXIT_INTERRUPTED,
    Done,
    core_count,
    interrupt_on_signals,
    run_tasks,
    say,
    say_failure,
    say_note,
)
from veneer.cli.options import EXIT_CODES, RegionParameter, encode_options, file_options, models_option
from veneer.cli.paths import JPEG_SUFFIXES, PICTURE_SUFFIXES, SUFFIX, Direction, Failures, Task, plan, split_output
from veneer.cli.score import score
from veneer.cli.train import train


class Interruptible(click.Group):
    """A group whose subcommands end with the exit code of an interrupt where they do not see to it themselves."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("veneer: interrupted")
            ctx.exit(EXIT_INTERRUPTED)


def format_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What to decode into."""
    names = click.Choice([suffix[1:] for suffix in pictures.OUTPUT_FORMATS])
    text = "Format of the results. Default: by the name of OUT, else png."
    return click.option("--format", "format_name", type=names, help=text)


@click.group(cls=Interruptible, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(veneer.__version__, prog_name="veneer")
def main() -> None:
    """The Veneer image codec.

    \b
    veneer encode photo.jpg                 makes photo.vnr
    veneer decode photo.vnr photo.png       and back
    veneer encode photos/ -o small/ -q 60   a whole folder
    veneer batch archive/ s3://bucket/vnr   thousands, resumable, here or on a cluster
    veneer info photo.vnr                   what it is, and whether it is whole
    veneer restore photo.jpg                makes photo.png, without the artefacts of JPEG

    veneer COMMAND --help says more; veneer completion makes the shell complete names and options.
    """  # noqa: D301 - click takes the control character as a sign not to wrap


@main.command(epilog=EXIT_CODES, short_help="Encodes pictures of any common format.")
@encode_options
@click.option(
    "--realism", type=click.FloatRange(0, 1), help="Texture that decoders add by default. Default: by tune and step."
)
@click.option(
    "--target-ssimulacra2",
    type=click.FloatRange(max=100),
    metavar="SCORE",
    help="Smallest file that measures so much when decoded: 90 is hard to tell from the picture, 70 good. "
    "Takes some eight encodes, and the extra veneer[eval].",
)
@file_options
def encode(
    paths: Sequence[str],
    output: str | None,
    force: bool,
    jobs: int | None,
    threads: int,
    quiet: bool,
    as_json: bool,
    max_pixels: int,
    strip: bool,
    target_ssimulacra2: float | None,
    **options: Any,
) -> None:
    """Encodes pictures: JPEG, PNG, WebP, TIFF and what else Pillow reads.

    IN is a file, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.vnr, or where OUT says; with several pictures OUT is a folder, given with -o.
    ICC profile, Exif and XMP are kept. Orientation stays in the Exif.

    \b
    veneer encode photo.jpg small.vnr -q 50
    veneer encode 'scans/**/*.tif' -o small/ --target-size 200k
    convert photo.nef png:- | veneer encode - photo.vnr
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    direction = Direction(PICTURE_SUFFIXES, SUFFIX, lambda path: path.suffix.lower() == SUFFIX)
    tasks, failures = _plan(paths, output, direction)
    jobs, threads = _share_cores(len(tasks), jobs, threads)
    try:
        settings = veneer.Settings(threads=threads, **options)
    except veneer.VeneerError as error:
        raise click.UsageError(str(error)) from error
    outputs = Outputs(force)
    keywords = dataclasses.asdict(settings)
    encoder = _encoder(target_ssimulacra2, keywords)

    def work(task: Task) -> Done:
        outputs.check(task)
        data = read_source(task.source)
        picture = pictures.load_picture(data, max_pixels=max_pixels, strip=strip)
        for note in picture.notes:
            say_note(task.name, note)
        encoded = encoder(picture.pixels, icc=picture.icc, exif=picture.exif, xmp=picture.xmp, **keywords)
        outputs.write(task, encoded)
        rate_bpp = 8 * len(encoded) / (picture.pixels.shape[0] * picture.pixels.shape[1])
        text = f"{task.name} -> {_target_name(task)}: {len(data)} -> {len(encoded)} bytes, {rate_bpp:.3f} bpp"
        sizes = {"source_bytes": len(data), "result_bytes": len(encoded), "rate_bpp": round(rate_bpp, 4)}
        return Done(text, {"file": task.name, "result": _target_name(task), **sizes})

    _run(tasks, failures, work, outputs, jobs, quiet, as_json)


def _encoder(target_ssimulacra2: float | None, keywords: dict[str, Any]) -> Callable[..., bytes]:
    """What encodes: `veneer.encode`, or a search for a score, with which some `keywords` are taken out."""
    if target_ssimulacra2 is None:
        return veneer.encode
    targets = ("step_index", "target_size", "bpp")
    given = [f"--{name.replace('_', '-')}" for name in targets if keywords[name] is not None]
    if given:
        raise click.UsageError(f"--target-ssimulacra2 and {given[0]} exclude each other")
    for name in (*targets, "quality"):
        del keywords[name]
    try:
        from veneer.evaluation.target import encode_to_ssimulacra2
    except ImportError as error:
        say_failure("encode", FileFailure(f"{error.name} is not installed", "pip install 'veneer[eval]'"))
        sys.exit(1)
    return functools.partial(encode_to_ssimulacra2, target=target_ssimulacra2)


@main.command(epilog=EXIT_CODES)
@format_option()
@click.option(
    "--layers",
    type=click.Choice(["full", "base", "preview"]),
    default="full",
    show_default=True,
    help="With the file's enhancement, or without; or the whole at an eighth of its sides.",
)
@models_option()
@click.option("--realism", type=click.FloatRange(0, 1), help="Texture that enhancement may add. Default: the file's.")
@click.option("--region", type=RegionParameter(), help="Only this part of the picture, in pixels.")
@click.option("--strict", is_flag=True, help="Refuse damaged files instead of filling in what is missing.")
@click.option(
    "--backend",
    type=click.Choice(["native", "reference"]),
    default="native",
    show_default=True,
    help="The compiled decoder, or the slow one in plain Python, which is strict.",
)
@file_options
def decode(**options: Any) -> None:
    """Decodes .vnr files to PNG, JPEG, WebP, TIFF, PPM or BMP.

    IN is a file, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.png, or where OUT says; with several files OUT is a folder, given with -o.
    ICC profile, Exif with its orientation, and XMP are handed on.

    \b
    veneer decode photo.vnr                            makes photo.png
    veneer decode photo.vnr part.jpg --region 0,0,640,480
    veneer decode small/ -o back/ --format webp
    """  # noqa: D301 - click takes the control character as a sign not to wrap

    def make(data: bytes, **keywords: Any) -> pictures.Picture:
        pixels, info = veneer.decode(data, **keywords), veneer.read_info(data)
        return pictures.Picture(pixels, info.icc, info.exif, info.xmp)

    _make_pictures(make, frozenset((SUFFIX,)), _may_be_decoded_into, **options)


@main.command(epilog=EXIT_CODES, short_help="Takes the artefacts of JPEG away.")
@click.option("--realism", type=click.FloatRange(0, 1), default=0.0, help="Grain in place of lost detail. Default: 0.")
@format_option()
@models_option()
@file_options
def restore(**options: Any) -> None:
    """Decodes JPEGs without the artefacts of their coding: block edges, ringing, banding.

    IN is a JPEG, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.png, or where OUT says; with several files OUT is a folder, given with -o.
    ICC profile, Exif with its orientation, and XMP are handed on.

    \b
    veneer restore photo.jpg                           makes photo.png
    veneer restore photo.jpg clean.webp
    veneer restore scans/ -o clean/
    """  # noqa: D301 - click takes the control character as a sign not to wrap

    def make(data: bytes, **keywords: Any) -> pictures.Picture:
        return pictures.Picture(veneer.restore_jpeg(data, **keywords), *pictures.load_metadata(data))

    _make_pictures(make, JPEG_SUFFIXES, _may_be_restored_into, **options)


@main.command(epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file.")
def info(files: Sequence[str], as_json: bool) -> None:
    """Says what .vnr files are, and whether they are whole."""

    def show(name: str, data: bytes) -> bool:
        result = veneer.read_info(data, verify=True)
        click.echo(dump.info_json(name, result) if as_json else dump.info_text(name, result))
        return not result.problems

    _inspect(files, show)


@main.command("dump", epilog=EXIT_CODES)
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each file.")
def dump_command(files: Sequence[str], as_json: bool) -> None:
    """Shows every field of .vnr files with its place in the bytes."""

    def show(name: str, data: bytes) -> bool:
        lines = list(veneer.dump_syntax(data))
        click.echo(dump.dump_json(name, lines) if as_json else "\n".join([name, *dump.dump_text(lines)]))
        return not any(line.name == "Problem" for line in lines)

    _inspect(files, show)


main.add_command(batch)
main.add_command(completion)
main.add_command(conformance)
main.add_command(doctor)
main.add_command(bench)
main.add_command(compare)
main.add_command(score)
main.add_command(train)


def run() -> None:
    """Entry point of the command."""
    interrupt_on_signals()
    main(prog_name="veneer")


def _plan(paths: Sequence[str], output: str | None, direction: Direction) -> tuple[list[Task], Failures]:
    # Pillow's own limit is a warning at 89 megapixels; --max-pixels takes its place.
    Image.MAX_IMAGE_PIXELS = None
    inputs, output = split_output(paths, output, direction)
    return plan(inputs, output, direction)


def _share_cores(tasks: int, jobs: int | None, threads: int) -> tuple[int, int]:
    """Pictures at a time, and threads for each."""
    cores = core_count()
    jobs = jobs or max(1, min(tasks, cores))
    return jobs, threads or max(1, cores // jobs)


def _run(
    tasks: list[Task],
    failures: Failures,
    work: Callable[[Task], Done],
    outputs: Outputs,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> None:
    sys.exit(run_tasks(tasks, failures, work, outputs, jobs=jobs, quiet=quiet, as_json=as_json))


def _make_pictures(
    make: Callable[..., pictures.Picture],
    suffixes: frozenset[str],
    may_be_output: Callable[[Path], bool],
    *,
    paths: Sequence[str],
    output: str | None,
    force: bool,
    jobs: int | None,
    threads: int,
    quiet: bool,
    as_json: bool,
    format_name: str | None,
    **options: Any,
) -> None:
    """Makes a picture of each file by `make(data, threads=..., **options)`, and saves it in a common format."""
    direction = Direction(suffixes, f".{format_name or 'png'}", may_be_output)
    tasks, failures = _plan(paths, output, direction)
    jobs, threads = _share_cores(len(tasks), jobs, threads)
    outputs = Outputs(force)

    def work(task: Task) -> Done:
        suffix = _output_suffix(task, format_name)
        outputs.check(task)
        data = read_source(task.source)
        picture = make(data, threads=threads, **options)
        saved = pictures.save_picture(picture, suffix)
        for note in picture.notes:
            say_note(task.name, note)
        outputs.write(task, saved)
        height, width, _ = picture.pixels.shape
        text = f"{task.name} -> {_target_name(task)}: {width}x{height} pixels"
        sizes = {"source_bytes": len(data), "result_bytes": len(saved), "width": width, "height": height}
        return Done(text, {"file": task.name, "result": _target_name(task), **sizes})

    _run(tasks, failures, work, outputs, jobs, quiet, as_json)


def _target_name(task: Task) -> str:
    return "-" if task.target is None else str(task.target)


def _may_be_decoded_into(path: Path) -> bool:
    """Whether the second of two names is where to decode to, rather than a second file to decode."""
    return path.suffix.lower() in pictures.OUTPUT_FORMATS or (path.suffix.lower() != SUFFIX and not path.exists())


def _may_be_restored_into(path: Path) -> bool:
    """The same of JPEGs: one that is there is a second file to restore."""
    suffix = path.suffix.lower()
    return suffix in pictures.OUTPUT_FORMATS.keys() - JPEG_SUFFIXES or not path.exists()


def _output_suffix(task: Task, format_name: str | None) -> str:
    """The key of OUTPUT_FORMATS for a result: by option, else by its name; PNG for standard output."""
    if format_name is not None:
        return f".{format_name}"
    suffix = ".png" if task.target is None else task.target.suffix.lower()
    if suffix not in pictures.OUTPUT_FORMATS:
        what = f"no format goes by the ending of {task.target}"
        raise FileFailure(what, f"use one of {' '.join(pictures.OUTPUT_FORMATS)}, or --format")
    return suffix


def _inspect(files: Sequence[str], show: Callable[[str, bytes], bool]) -> None:
    """Shows one file after the other; exit code 1 if one cannot be read or is not whole."""
    good = True
    for name in files:
        try:
            good &= show(name, read_source(None if name == "-" else Path(name)))
        except veneer.VeneerError as error:
            say_failure(name, from_veneer_error(error))
            good = False
        except FileFailure as failure:
            say_failure(name, failure)
            good = False
    sys.exit(0 if good else 1)
