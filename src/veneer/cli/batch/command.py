"""The subcommand `veneer batch`: plans the work, runs it in order, and reports."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import posixpath
import secrets
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
from veneer.cli.batch.journal_file import DEFAULT_NAME
from veneer.cli.batch.names import READ_ONLY_PROTOCOLS, absolute, default_folder, is_local, join, protocol_of
from veneer.cli.batch.planning import Item, Plan, Rules, make_plan
from veneer.cli.batch.report import Summary, check_report, make_report
from veneer.cli.batch.work import INCOMPLETE, Job, Recipe, target_name
from veneer.cli.decode import output_quality_option
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
@output_quality_option()
@click.option("--realism", type=Number(0, 1), help="Texture that the files ask for; with --decode, that is added.")
@click.option("--keep-suffix", is_flag=True, help="a.jpg becomes a.jpg.vnr, so that a.png can stand beside it.")
@click.option(
    "--verify/--no-verify", default=True, show_default=True, help="Read back and decode each result before it counts."
)
@click.option(
    "--reread/--no-reread",
    default=None,
    help="Read results of earlier runs, and make anew those that were damaged since. Default: in local folders, "
    "unless --no-verify; elsewhere those alone that the file system says have changed.",
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
    output_quality: int | None,
    realism: float | None,
    keep_suffix: bool,
    verify: bool,
    reread: bool | None,
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
    done. Files whose source and settings are unchanged and whose result is in its place, undamaged, are skipped;
    those that failed are tried again. A run that is killed loses what its workers had in hand, and nothing else.
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    combinations.check_batch(
        decodes=decodes, layers=options["layers"], lossless=options["lossless"], quality=options["quality"]
    )
    suffix = f".{format_name}" if decodes else SUFFIX
    if not decodes and output_quality is not None:
        raise click.UsageError("--output-quality is for the results of --decode")
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
    token = secrets.token_hex(places.TOKEN_DIGITS // 2)
    keeps_jpegs = combinations.gives_jpegs_back() if decodes else combinations.keeps_jpegs()
    recipe = Recipe(
        suffix, keywords, strip, max_pixels, verify, picture, strict, token, output_quality, keeps_jpegs=keeps_jpegs
    )
    engine: Engine = functools.partial(run_local, workers=workers)
    if scheduler is not None or engine_name == "dask":
        engine = functools.partial(run_dask, scheduler=scheduler, workers=workers)
    source, destination = absolute(source), absolute(destination).rstrip("/") or "/"
    if protocol_of(destination) in READ_ONLY_PROTOCOLS:
        raise click.UsageError(f"{destination} can only be read; choose another place for the results")
    journal_path = journal_path or default_folder(destination) / DEFAULT_NAME
    named, report_path = report_path is not None, report_path or journal_path.with_suffix(".csv")
    if os.path.realpath(report_path) == os.path.realpath(journal_path):
        raise click.UsageError("--report and --journal are the same file")
    try:
        _check_folder(destination)
        check_report(report_path, named=named, force=force)
        items = _find(source, destination, recipe, keep_suffix)
        with contextlib.closing(Journal(journal_path)) as journal:
            for line in journal.notes:
                say_note(str(journal_path), line)
            reread = verify and is_local(destination) if reread is None else reread
            rules = Rules(recipe, force, reread, journal.may_lack_entries)
            summary = Summary(len(items), str(report_path), str(journal_path))
            plan = _make_plan(items, journal, rules, destination, summary, quiet)
            _run(plan, journal, recipe, engine, summary, quiet)
            check_report(report_path, named=named, force=force)
            _write_report(plan, journal, summary)
            if journal.trouble is not None:
                raise journal.trouble
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


def _check_folder(destination: str) -> None:
    """Raises FileFailure where results cannot go below a local place."""
    if is_local(destination) and os.path.lexists(destination) and not os.path.isdir(destination):
        raise FileFailure(
            f"{destination} is not a folder, or a link that leads to none", "name a folder for the results"
        )


def _find(source: str, destination: str, recipe: Recipe, keep_suffix: bool) -> list[Item]:
    """Every file of the batch, with its place below the destination."""
    suffixes = PICTURE_SUFFIXES if recipe.encodes else frozenset((SUFFIX,))

    def wanted(name: str) -> bool:
        return posixpath.splitext(name)[1].lower() in suffixes and not name.startswith(".")

    items = []
    for entry in places.list_files(source, wanted, PICTURE_START if recipe.encodes else None):
        relative = target_name(entry.relative, recipe.suffix, suffixes, keep_suffix)
        items.append(Item(entry, Job(entry.url, join(destination, relative)), relative))
    return items


def _make_plan(
    items: list[Item],
    journal: Journal,
    rules: Rules,
    destination: str,
    summary: Summary,
    quiet: bool,
) -> Plan:
    """The plan, entered in the journal, with a line about everything that is not as usual."""
    places.remove_unfinished([item.job.target for item in items], journal.begin_run(rules.recipe.token))
    with tqdm(total=0, desc="checking", unit="file", disable=quiet or not sys.stderr.isatty(), leave=False) as bar:

        def progress(count: int, of: int) -> None:
            bar.total, bar.n = of, count
            bar.update(0)

        plan = make_plan(items, journal.records(), destination, rules, progress)
    for item, failure in plan.refused:
        say_failure(item.entry.url, failure)
    for item in plan.damaged:
        say_note(item.job.target, "has changed since it was made, and is no whole picture; it is made anew")
    summary.failed, summary.finished_before = len(plan.refused), len(plan.finished)
    summary.damaged, summary.incomplete = len(plan.damaged), plan.incomplete
    journal.restamp(plan.stamps)
    journal.plan(((item.job, item.entry) for item in plan.todo), rules.recipe.fingerprint)
    return plan


def _run(plan: Plan, journal: Journal, recipe: Recipe, engine: Engine, summary: Summary, quiet: bool) -> None:
    """Does what is to be done, and enters it in the journal."""
    begin = time.monotonic()
    try:
        _work(plan.todo, journal, recipe, engine, summary, quiet)
    finally:  # of workers that were killed; others have done their files anew
        places.remove_unfinished([item.job.target for item in plan.todo], [recipe.token])
    journal.end_run()
    summary.seconds = round(time.monotonic() - begin, 1)


def _write_report(plan: Plan, journal: Journal, summary: Summary) -> None:
    table = make_report(_rows(plan, journal), summary)
    task = Task(None, Path(summary.report), make_folder=True)
    Outputs(force=True).write(task, table.encode(errors="backslashreplace"))


def _work(items: list[Item], journal: Journal, recipe: Recipe, engine: Engine, summary: Summary, quiet: bool) -> None:
    """Runs the jobs and enters each outcome as it comes."""
    sources = {item.job.target: item.job.source for item in items}
    hidden, told = quiet or not sys.stderr.isatty(), False
    with (
        contextlib.closing(engine([item.job for item in items], recipe)) as outcomes,
        tqdm(total=len(items), unit="file", disable=hidden, leave=False) as bar,
    ):
        for outcome in outcomes:
            journal.enter(outcome)
            if journal.trouble is not None and not told:
                say(f"veneer: {journal.trouble}; the work goes on meanwhile")
                told = True
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
    items = {item.job.target: item for item in (*plan.finished, *plan.todo)}
    for row in journal.rows(sorted(items)):
        yield {**row, "source": items[row["target"]].job.source}
    for item, failure in plan.refused:
        yield {"source": item.job.source, "target": item.job.target, "state": "failed", "message": str(failure)}
