"""The subcommand `veneer encode`."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import veneer
from veneer.cli import combinations, kept_jpegs, pictures
from veneer.cli.conversion import plan_tasks, run, share_cores, target_name
from veneer.cli.deep.half_floats import check_coding
from veneer.cli.failure import FileFailure
from veneer.cli.files import Outputs, read_source
from veneer.cli.jobs import Done, report_share
from veneer.cli.known_starts import PICTURE_START
from veneer.cli.messages import say_failure, say_note
from veneer.cli.notes import is_incomplete, refuse_losses
from veneer.cli.options import EXIT_CODES, Number, cicp_option, encode_options, file_options
from veneer.cli.paths import PICTURE_SUFFIXES, SUFFIX, Direction, Task, start_of
from veneer.colour import Cicp
from veneer.sample_depth import BYTE_DEPTH


@click.command(epilog=EXIT_CODES, short_help="Encodes pictures of any common format.")
@encode_options
@cicp_option()
@click.option("--realism", type=Number(0, 1), help="Texture that decoders add by default. Default: by tune and step.")
@click.option(
    "--target-ssimulacra2",
    type=Number(max=100),
    metavar="SCORE",
    help="Smallest file that measures so much when decoded: 90 is hard to tell from the picture, 70 good. "
    "Takes some eight encodes, and the extra eval.",
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
    picture: int | None,
    strict: bool,
    target_ssimulacra2: float | None,
    cicp: Cicp | None,
    **options: Any,
) -> None:
    """Encodes pictures: JPEG, PNG, WebP, TIFF and what else Pillow reads.

    A JPEG is kept as it is, smaller, and comes back to the byte, unless an option asks for its pixels to be coded:
    a quality, a size, or another option of lossy coding.

    IN is a file, a folder (searched through), a pattern in quotes, or - for standard input. Results stand beside
    their sources as NAME.vnr, or where OUT says; with several pictures OUT is a folder, given with -o.
    ICC profile or CICP, Exif, XMP, IPTC, texts and density are kept, what has no place is named. Orientation stays
    in the Exif.

    \b
    veneer encode photo.jpg                            keeps the JPEG, about a quarter smaller
    veneer encode photo.jpg small.vnr -q 50
    veneer encode screenshot.png --lossless
    veneer encode 'scans/**/*.tif' -o small/ --target-size 200k
    convert drawing.svg png:- | veneer encode - drawing.vnr
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    combinations.check_encoding(options["layers"], lossless=options["lossless"], quality=options["quality"])
    direction = Direction(PICTURE_SUFFIXES, SUFFIX, _is_result, PICTURE_START)
    tasks, failures = plan_tasks(paths, output, direction)
    jobs, threads = share_cores(len(tasks), jobs, threads)
    try:
        settings = veneer.Settings(threads=threads, **options)
    except veneer.VeneerError as error:
        raise click.UsageError(str(error)) from error
    outputs = Outputs(force)
    keywords = dataclasses.asdict(settings)
    encoder = _encoder(target_ssimulacra2, keywords)
    keeps = combinations.keeps_jpegs()
    kept: dict[str, Any] = {
        "lossless": settings.lossless,
        "effort": settings.effort,
        "threads": threads,
        "preview": settings.preview,
        "max_pixels": max_pixels,
    }

    def work(task: Task) -> Done:
        outputs.check(task)
        data = read_source(task.source)
        if keeps and kept_jpegs.is_jpeg(data):
            encoded = kept_jpegs.encode(data, **kept)
            outputs.write(task, encoded)
            share = 100 * (1 - len(encoded) / len(data))
            text = (
                f"{task.name} -> {target_name(task)}: {len(data)} -> {len(encoded)} bytes, the JPEG less {share:.1f} %"
            )
            sizes = {"source_bytes": len(data), "result_bytes": len(encoded)}
            return Done(text, {"file": task.name, "result": target_name(task), "kept": "jpeg", **sizes})
        loaded = pictures.load_picture(data, max_pixels=max_pixels, strip=strip, number=picture)
        if cicp is not None:
            pictures.name_colour(loaded, cicp)
        check_coding(loaded.pixels, lossless=settings.lossless)
        if target_ssimulacra2 is not None and loaded.depth != BYTE_DEPTH:
            what = f"has {loaded.depth} bits a sample, and a SSIMULACRA2 is measured of 8"
            raise FileFailure(what, "name a --quality in place of --target-ssimulacra2")
        if strict:
            refuse_losses(loaded.notes)
        for note in loaded.notes:
            say_note(task.name, note)
        encoded = encoder(loaded.pixels, progress=report_share, **loaded.arguments(), **keywords)
        outputs.write(task, encoded)
        rate_bpp = 8 * len(encoded) / (loaded.pixels.shape[0] * loaded.pixels.shape[1])
        text = f"{task.name} -> {target_name(task)}: {len(data)} -> {len(encoded)} bytes, {rate_bpp:.3f} bpp"
        sizes = {"source_bytes": len(data), "result_bytes": len(encoded), "rate_bpp": round(rate_bpp, 4)}
        values = {"file": task.name, "result": target_name(task), **sizes}
        return Done(text, values, is_incomplete(loaded.notes))

    run(tasks, failures, work, outputs, jobs, quiet, as_json)


def _is_result(path: Path) -> bool:
    """Whether the second of two names is what to encode to, rather than a second picture."""
    suffix = path.suffix.lower()
    if suffix == SUFFIX:
        return True
    if suffix in PICTURE_SUFFIXES:
        return False
    if path.is_file():
        start = start_of(path)
        return start is not None and (not start or start.startswith(pictures.SIGNATURE))
    if suffix and not path.is_symlink():
        raise click.UsageError(f"{path} is not there; if it is to be the name of the result, give it with -o")
    return True


def _encoder(target_ssimulacra2: float | None, keywords: dict[str, Any]) -> Callable[..., bytes]:
    """The encoding function: `veneer.encode`, or a search for a score, for which some `keywords` are removed."""
    if target_ssimulacra2 is None:
        return veneer.encode
    for name in ("step_index", "target_size", "bpp", "quality"):
        del keywords[name]
    try:
        from veneer.evaluation.target import encode_to_ssimulacra2
    except ImportError as error:
        say_failure("encode", FileFailure(f"{error.name} is not installed", "pip install '.[eval]'"))
        sys.exit(1)
    return functools.partial(encode_to_ssimulacra2, target=target_ssimulacra2)
