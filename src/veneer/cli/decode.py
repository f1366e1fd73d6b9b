"""The subcommands that make pictures of common formats: `veneer decode` and `veneer restore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import veneer
from veneer.cli import combinations, kept_jpegs, pictures
from veneer.cli.conversion import plan_tasks, run, share_cores, target_name
from veneer.cli.failure import FileFailure
from veneer.cli.files import Outputs, read_source
from veneer.cli.jobs import Done
from veneer.cli.messages import say_note
from veneer.cli.notes import refuse_losses
from veneer.cli.options import EXIT_CODES, Number, RegionParameter, file_options, models_option
from veneer.cli.part_metadata import NOTE as THUMBNAILS_LEFT_OUT
from veneer.cli.part_metadata import part_of_exif, part_of_iptc, part_of_xmp
from veneer.cli.paths import JPEG_SUFFIXES, SUFFIX, Direction, Task, start_of
from veneer.cli.streams import is_stream

_JPEG_SIGNATURE = b"\xff\xd8\xff"


def format_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for the output format."""
    names = click.Choice([suffix[1:] for suffix in pictures.OUTPUT_FORMATS])
    text = "Format of the results. Default: by the name of OUT, else png."
    return click.option("--format", "format_name", type=names, help=text)


def output_quality_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for the quality of lossy output formats."""
    text = "Quality of results in JPEG, WebP, AVIF or JXL, 100 the best. Default: lossless; JPEG 95, AVIF 100."
    return click.option("--output-quality", type=click.IntRange(0, 100), metavar="N", help=text)


@click.command(epilog=EXIT_CODES, short_help="Decodes .vnr files to PNG, JPEG, WebP, AVIF and others.")
@format_option()
@output_quality_option()
@click.option(
    "--layers",
    type=click.Choice(["full", "base", "preview"]),
    default="full",
    show_default=True,
    help="With the file's enhancement, or without; or the whole at an eighth of its sides.",
)
@models_option()
@click.option("--realism", type=Number(0, 1), help="Texture that enhancement may add. Default: the file's.")
@click.option("--region", type=RegionParameter(), help="Only this part of the picture, in pixels.")
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse damaged files instead of filling in what is missing, and formats that would lose something.",
)
@click.option(
    "--backend",
    type=click.Choice(["native", "reference"]),
    default="native",
    show_default=True,
    help="The compiled decoder, or the slow one in plain Python, which is strict.",
)
@click.option("--pixels", is_flag=True, help="Pixels of a JPEG that was kept, in place of the very file.")
@file_options
def decode(pixels: bool, **options: Any) -> None:
    """Decodes .vnr files to PNG, JPEG, WebP, AVIF, JXL, TIFF, PPM or BMP, those of half floats to EXR.

    IN is a file, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.png, or where OUT says; with several files OUT is a folder, given with -o.
    A JPEG that was kept comes back to the byte where the result is a .jpg and no option asks for its pixels.

    Colour, Exif with its orientation, XMP, IPTC, texts and density are handed on as far as the format has a place for
    them; what has none is named. Formats without a place for colour space and Exif, such as BMP and PPM, get pixels
    converted to sRGB and turned upright.

    \b
    veneer decode photo.vnr                            makes photo.png
    veneer decode photo.vnr part.jpg --region 0,0,640,480
    veneer decode small/ -o back/ --format webp --output-quality 80
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    combinations.check_decoding(options["layers"], options["backend"])
    gives_back = not pixels and combinations.gives_jpegs_back()

    def make(data: bytes, **keywords: Any) -> pictures.Picture:
        samples, info = veneer.decode(data, **keywords), veneer.read_info(data)
        depth = 8 if keywords["layers"] == "preview" else info.bit_depth
        picture = pictures.of_file(samples, info, depth)
        if keywords["region"] is not None:
            picture.place = keywords["region"][:2]
        if samples.shape[:2] != (info.height, info.width):
            _fit_metadata(picture, whole=keywords["region"] is None)
        return picture

    make_pictures(make, frozenset((SUFFIX,)), _may_be_decoded_into, gives_back=gives_back, **options)


@click.command(epilog=EXIT_CODES, short_help="Takes the artefacts of JPEG away.")
@click.option("--realism", type=Number(0, 1), default=0.0, help="Grain in place of lost detail. Default: 0.")
@format_option()
@output_quality_option()
@models_option()
@file_options
def restore(**options: Any) -> None:
    """Decodes JPEGs without the artefacts of their coding: block edges, ringing, banding.

    IN is a JPEG, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.png, or where OUT says; with several files OUT is a folder, given with -o.
    ICC profile and metadata are handed on, as by veneer decode.

    \b
    veneer restore photo.jpg                           makes photo.png
    veneer restore photo.jpg clean.webp
    veneer restore scans/ -o clean/
    """  # noqa: D301 - click takes the control character as a sign not to wrap

    def make(data: bytes, **keywords: Any) -> pictures.Picture:
        return pictures.with_metadata(veneer.restore_jpeg(data, **keywords), data)

    make_pictures(make, JPEG_SUFFIXES, _may_be_restored_into, **options)


def _fit_metadata(picture: pictures.Picture, *, whole: bool) -> None:
    """Makes metadata fit a part of a picture, or with `whole` a smaller version of all of it."""
    height, width, _ = picture.pixels.shape
    cut_exif = cut_xmp = cut_iptc = False
    if picture.exif is not None:
        picture.exif, cut_exif = part_of_exif(picture.exif, width, height, whole=whole)
    if picture.xmp is not None and not whole:
        picture.xmp, cut_xmp = part_of_xmp(picture.xmp)
    if picture.iptc is not None and not whole:
        picture.iptc, cut_iptc = part_of_iptc(picture.iptc)
    if cut_exif or cut_xmp or cut_iptc:
        picture.notes.append(THUMBNAILS_LEFT_OUT)


def make_pictures(
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
    output_quality: int | None,
    gives_back: bool = False,
    **options: Any,
) -> None:
    """Makes a picture of each file by `make(data, threads=..., **options)`, and saves it in a common format.

    With `gives_back`, a JPEG that was kept is given back where the format is JPEG.
    """
    direction = Direction(suffixes, f".{format_name or 'png'}", may_be_output)
    tasks, failures = plan_tasks(paths, output, direction)
    jobs, threads = share_cores(len(tasks), jobs, threads)
    outputs = Outputs(force)

    def work(task: Task) -> Done:
        suffix = _output_suffix(task, format_name)
        pictures.check_output(suffix, output_quality)
        outputs.check(task)
        data = read_source(task.source)
        if gives_back and kept_jpegs.gives_jpeg(data, suffix):
            jpeg = kept_jpegs.decode(data, threads=threads, max_pixels=options["max_pixels"])
            outputs.write(task, jpeg)
            text = f"{task.name} -> {target_name(task)}: {len(jpeg)} bytes, the JPEG as it was"
            sizes = {"source_bytes": len(data), "result_bytes": len(jpeg)}
            return Done(text, {"file": task.name, "result": target_name(task), "kept": "jpeg", **sizes})
        picture = make(data, threads=threads, **options)
        saved = pictures.save_picture(picture, suffix, output_quality)
        if options.get("strict"):
            refuse_losses(picture.notes)
        for note in picture.notes:
            say_note(task.name, note)
        outputs.write(task, saved)
        height, width, _ = picture.pixels.shape
        text = f"{task.name} -> {target_name(task)}: {width}x{height} pixels"
        sizes = {"source_bytes": len(data), "result_bytes": len(saved), "width": width, "height": height}
        return Done(text, {"file": task.name, "result": target_name(task), **sizes})

    run(tasks, failures, work, outputs, jobs, quiet, as_json)


def _may_be_decoded_into(path: Path) -> bool:
    """Whether the second of two names is where to decode to, rather than a second file to decode."""
    suffix = path.suffix.lower()
    if suffix in pictures.OUTPUT_FORMATS:
        return True
    return suffix != SUFFIX and not (path.is_file() and _may_begin(path, pictures.SIGNATURE))


def _may_be_restored_into(path: Path) -> bool:
    """The same of JPEGs: one that is there is a second file to restore."""
    if path.suffix.lower() in pictures.OUTPUT_FORMATS.keys() - JPEG_SUFFIXES or not path.is_file():
        return True
    return path.suffix.lower() not in JPEG_SUFFIXES and not _may_begin(path, _JPEG_SIGNATURE)


def _may_begin(path: Path, signature: bytes) -> bool:
    """Whether a file begins so, as far as it can be read."""
    start = start_of(path)
    return start is None or start.startswith(signature)


def _check_ending(task: Task, format_name: str) -> None:
    """Raises FileFailure where a result would bear the name of another format."""
    known = pictures.OUTPUT_FORMATS.get(task.target.suffix.lower()) if task.target is not None else None
    if known is not None and known.name != pictures.OUTPUT_FORMATS[f".{format_name}"].name:
        raise FileFailure(f"{task.target} would be {format_name} by another name", "leave --format out, or rename it")


def _output_suffix(task: Task, format_name: str | None) -> str:
    """The key of OUTPUT_FORMATS for a result: by option, else by its name; PNG for standard output and pipes."""
    if format_name is not None:
        _check_ending(task, format_name)
        return f".{format_name}"
    if task.target is None or (not task.target.suffix and is_stream(task.target)):
        return ".png"
    suffix = task.target.suffix.lower()
    if suffix not in pictures.OUTPUT_FORMATS:
        what = f"no format goes by the ending of {task.target}"
        raise FileFailure(what, f"use one of {' '.join(pictures.OUTPUT_FORMATS)}, or --format")
    return suffix
