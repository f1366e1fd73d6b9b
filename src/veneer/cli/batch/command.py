"""The subcommand `veneer batch`: what is to be done, in which order, and what is said of it."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import posixpath
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

import veneer
from veneer.cli import combinations, pictures
from veneer.cli.batch import places
from veneer.cli.batch.engines import Engine, run_dask, run_local
from veneer.cli.batch.journal import Journal
from veneer.cli.batch.places import Entry
from veneer.cli.batch.report import Summary, make_report
from veneer.cli.batch.work import INCOMPLETE, Job, Recipe, target_name
from veneer.cli.failure import FileFailure
from veneer.cli.files import Outputs
from veneer.cli.known_starts import PICTURE_START
from veneer.cli.messages import say, say_failure, say_json, say_note, say_plain_failure
from veneer.cli.options import (
    DEFAULT_MAX_PIXELS,
    EXIT_CODES,
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    Number,
    cicp_option,
    encode_options,
)
from veneer.cli.paths import PICTURE_SUFFIXES, SUFFIX, Task
from veneer.colour import Cicp
from veneer.cores import core_count

JOURNAL_NAME = "veneer-batch.sqlite"


@dataclasses.dataclass(frozen=True)
class Item:
    """A file that was found, what is to become of it, and where that goes below the destination."""

    entry: Entry
    job: Job
    relative: str


@dataclasses.dataclass
class Plan:
    """The files of a batch: those to do, those done before, and those that must not be done, with the reason."""

    todo: list[Item]
    finished: list[Item]
    refused: list[tuple[Item, FileFailure]]
    incomplete: int = 0  # of those done before


@click.command(epilog=EXIT_CODES, short_help="Encodes whole archives, and goes on after a stop.")
@click.argument("source", type=click.Path(), metavar="SRC")
@click.argument("destination", type=click.Path(), metavar="DST")
@click.option("--decode", "decodes", is_flag=True, help="The other way: .vnr files to pictures.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([suffix[1:] for suffix in pictures.OUTPUT_FORMATS]),
    default="png",
    show_default=True,
    help="Format of the results of --decode.",
)
@click.option("--realism", type=Number(0, 1), help="Texture that the files ask for; with --decode, that is added.")
@click.option("--keep-suffix", is_flag=True, help="a.jpg becomes a.jpg.vnr, so that a.png can stand beside it.")
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Read back and decode each result before it counts."
)
@click.option("-f", "--force", is_flag=True, help="Replace files in DST that are not of this batch.")
@click.option("--journal", "journal_path", type=click.Path(path_type=Path), help="Where to keep what is done.")
@click.option("--report", "report_path", type=click.Path(path_type=Path), help="Where to write the table of results.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one line of JSON.")
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or workers of a Dask cluster.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster. Default: one started on this machine.")
@click.option("-j", "--jobs", type=click.IntRange(1, 256), help="Processes on this machine. Default: one per core.")
@click.option("-t", "--threads", type=click.IntRange(1, 1024), help="Threads per picture. Default: shares the cores.")
@click.option("--quiet", is_flag=True, help="Say nothing of what went well.")
@click.option(
    "--max-pixels", type=click.IntRange(1), default=DEFAULT_MAX_PIXELS, show_default=True, help="Refuse larger ones."
)
@cicp_option()
@encode_options
def batch(
    source: str,
    destination: str,
    decodes: bool,
    format_name: str,
    realism: float | None,
    keep_suffix: bool,
    verify: bool,
    force: bool,
    journal_path: Path | None,
    report_path: Path | None,
    as_json: bool,
    engine_name: str,
    scheduler: str | None,
    jobs: int | None,
    threads: int | None,
    quiet: bool,
    max_pixels: int,
    strip: bool,
    picture: int | None,
    strict: bool,
    cicp: Cicp | None,
    **options: Any,
) -> None:
    """Encodes an archive of pictures, and goes on where it was when it is run again.

    SRC is a folder (searched through), a pattern in quotes, or a file; DST is a folder. Both may be URLs that fsspec
    knows, such as s3://bucket/folder, gs://..., sftp://..., and for SRC also https://.../ and zip://::photos.zip.
    Results keep the paths of their sources.

    \b
    veneer batch photos/ small/ -q 60
    veneer batch 's3://bucket/scans/**/*.tif' s3://bucket/vnr --engine dask --scheduler tcp://head:8786
    veneer batch --decode small/ back/

    A journal (DST/veneer-batch.sqlite, or veneer-batch.sqlite in the current folder where DST is a URL) tells what is
    done. Files whose source and settings are unchanged and whose result is in its place are skipped; those that
    failed are tried again. A run that is killed loses what its workers had in hand, and nothing else.
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    combinations.check_batch(decodes=decodes, layers=options["layers"])
    suffix = f".{format_name}" if decodes else SUFFIX
    workers = jobs or core_count()
    threads = threads or (1 if scheduler else max(1, core_count() // workers))
    if options["models"] is not None:
        options["models"] = os.path.abspath(options["models"])  # workers may be in another folder
    if decodes and cicp is not None:
        raise click.UsageError("--cicp is for encoding; leave it out with --decode")
    if decodes:
        keywords = {"threads": threads, "realism": realism, **{name: options[name] for name in ("layers", "models")}}
    else:
        keywords = _settings(threads, {**options, "realism": realism}) | ({"cicp": cicp} if cicp else {})
    recipe = Recipe(suffix, keywords, strip, max_pixels, verify, picture, strict)
    engine: Engine = functools.partial(run_local, workers=workers)
    if scheduler is not None or engine_name == "dask":
        engine = functools.partial(run_dask, scheduler=scheduler, workers=workers)
    source, destination = places.absolute(source), places.absolute(destination).rstrip("/")
    if places.protocol_of(destination) in places.READ_ONLY_PROTOCOLS:
        raise click.UsageError(f"{destination} can only be read; choose another place for the results")
    journal_path = journal_path or places.default_folder(destination) / JOURNAL_NAME
    report_path = report_path or journal_path.with_suffix(".csv")
    try:
        items = _find(source, destination, recipe, keep_suffix)
        with contextlib.closing(Journal(journal_path)) as journal:
            summary = Summary(len(items), str(report_path), str(journal_path))
            _run(items, journal, recipe, destination, engine, summary, force, quiet)
    except FileFailure as failure:
        say_plain_failure(failure)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        say("veneer: interrupted; run the same command again to go on")
        sys.exit(EXIT_INTERRUPTED)
    if as_json:
        say_json({**dataclasses.asdict(summary), "saved_percent": round(summary.saved_percent, 2)})
    elif not quiet:
        say(*summary.lines(), error=False)
    sys.exit(EXIT_FAILED if summary.failed or summary.incomplete else 0)


def _settings(threads: int, options: dict[str, Any]) -> dict[str, Any]:
    """Keywords of `veneer.encode`."""
    try:
        return dataclasses.asdict(veneer.Settings(threads=threads, **options))
    except veneer.VeneerError as error:
        raise click.UsageError(str(error)) from error


def _find(source: str, destination: str, recipe: Recipe, keep_suffix: bool) -> list[Item]:
    """Every file of the batch."""
    suffixes = PICTURE_SUFFIXES if recipe.encodes else frozenset((SUFFIX,))

    def wanted(name: str) -> bool:
        return posixpath.splitext(name)[1].lower() in suffixes and not name.startswith(".")

    items = []
    for entry in places.list_files(source, wanted, PICTURE_START if recipe.encodes else None):
        relative = target_name(entry.relative, recipe.suffix, suffixes, keep_suffix)
        items.append(Item(entry, Job(entry.url, places.join(destination, relative)), relative))
    return items


def _run(
    items: list[Item],
    journal: Journal,
    recipe: Recipe,
    destination: str,
    engine: Engine,
    summary: Summary,
    force: bool,
    quiet: bool,
) -> None:
    """Does what is to be done, enters it in the journal, and writes the report."""
    begin = time.monotonic()
    targets = [item.job.target for item in items]
    places.remove_unfinished(targets)
    plan = _plan(items, journal, recipe, places.sizes(destination), force)
    for item, failure in plan.refused:
        say_failure(item.entry.url, failure)
    summary.failed, summary.finished_before = len(plan.refused), len(plan.finished)
    summary.incomplete = plan.incomplete
    journal.plan(((item.job, item.entry) for item in plan.todo), recipe.fingerprint)
    try:
        _work(plan.todo, journal, recipe, engine, summary, quiet)
    except KeyboardInterrupt:
        places.remove_unfinished(targets)
        raise
    places.remove_unfinished(targets)  # of workers that were killed; others have done their files anew
    summary.seconds = round(time.monotonic() - begin, 1)
    table = make_report(_rows(plan, journal), summary)
    Outputs(force=True).write(
        Task(None, Path(summary.report), make_folder=True), table.encode(errors="backslashreplace")
    )


def _plan(items: list[Item], journal: Journal, recipe: Recipe, present: dict[str, int | None], force: bool) -> Plan:
    """Tells what is to be done from what is done, by the journal and by what is in its place."""
    plan = Plan([], [], [])
    records = journal.records()
    taken: dict[str, str] = {}
    for item in items:
        target, record = item.job.target, records.get(item.job.target)
        if unfit := item.entry.failure or _unfit_name(item):
            plan.refused.append((item, unfit))
            continue
        if target in taken:
            what = f"its result {target} would overwrite that of {taken[target]}"
            plan.refused.append((item, FileFailure(what, "use --keep-suffix")))
            continue
        taken[target] = item.job.source
        if record is None and item.relative in present and not force:
            what = f"{target} exists and is not of this batch"
            plan.refused.append((item, FileFailure(what, "replace it with --force, or choose another folder")))
        elif (
            record is not None
            and (record.source, record.version) == (item.job.source, item.entry.version)
            and (record.state, record.settings) == ("done", recipe.fingerprint)
            and present.get(item.relative) == record.target_bytes
            and not (recipe.strict and record.message)  # something was noted: whether it is a loss is looked at anew
        ):
            plan.finished.append(item)
            plan.incomplete += record.message.startswith(INCOMPLETE)
        else:
            plan.todo.append(item)
    return plan


def _unfit_name(item: Item) -> FileFailure | None:
    """Why a file cannot be done under its name, which within an archive can be anything."""
    if ".." in item.relative.split("/"):
        return FileFailure("its path leads out of the folder", "do it alone")
    try:
        item.job.source.encode()
    except UnicodeEncodeError:
        return FileFailure("its name is not UTF-8, which the journal needs", "rename it")
    return None


def _work(items: list[Item], journal: Journal, recipe: Recipe, engine: Engine, summary: Summary, quiet: bool) -> None:
    """Runs the jobs and enters each outcome as it comes."""
    sources = {item.job.target: item.job.source for item in items}
    hidden = quiet or not sys.stderr.isatty()
    with (
        contextlib.closing(engine([item.job for item in items], recipe)) as outcomes,
        tqdm(total=len(items), unit="file", disable=hidden, leave=False) as bar,
    ):
        for outcome in outcomes:
            journal.enter(outcome)
            if outcome.failure is not None:
                summary.failed += 1
                say_failure(sources[outcome.target], outcome.failure)
            else:
                summary.done += 1
                summary.incomplete += outcome.note.startswith(INCOMPLETE)
                if outcome.note:
                    say_note(sources[outcome.target], outcome.note)
            bar.update()


def _rows(plan: Plan, journal: Journal) -> Iterator[dict[str, Any]]:
    """Lines of the report: results and failures of the journal, then what was refused."""
    yield from journal.rows(sorted(item.job.target for item in (*plan.finished, *plan.todo)))
    for item, failure in plan.refused:
        yield {"source": item.job.source, "target": item.job.target, "state": "failed", "message": str(failure)}
