"""The work of `veneer bench`; its options are those of the function here.

Place: between the command line and the rest of evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from veneer.cores import core_count
from veneer.evaluation import bench, deep, deep_codecs, deep_report, lossless, lossless_report, measure, report
from veneer.evaluation.codecs import all_codecs
from veneer.evaluation.lossless_codecs import lossless_codecs, missing
from veneer.evaluation.machine import describe

MEGABYTE = 1_000_000


def run_bench(
    inputs: Sequence[Path],
    out: Path,
    *,
    codecs: Sequence[str],
    points: int,
    rates_bpp: Sequence[float],
    crop_size: tuple[int, int],
    shown: Sequence[str],
    memory: bool,
    embed_megabytes: float,
    jobs: int | None,
    keep_versions: bool,
    report_only: bool,
    progress: bool,
    arguments: Sequence[str],
) -> tuple[list[str], list[Path]]:
    """Measures what is not measured yet and writes the report.

    Args:
        inputs: pictures and folders of pictures.
        out: folder of results and report.
        codecs: names of `all_codecs`; empty for all.
        points: settings of each codec, at most.
        rates_bpp: rates for pictures side by side; empty for none.
        crop_size: width and height of those.
        shown: names of the pictures that are shown so; empty for all.
        memory: whether to measure memory.
        embed_megabytes: most of such pictures in the page.
        jobs: processes at a time; None for one per core.
        keep_versions: take results of whatever version of a codec.
        report_only: measure nothing.
        progress: whether to show a bar.
        arguments: of the command, for the report.

    Returns:
        A line for each measurement that failed, and the files of the report.

    Raises:
        ValueError: there are no such pictures or codecs, or nothing was measured.
    """
    known = all_codecs()
    _check_names(codecs, known)
    paths = bench.find_pictures(inputs)
    for path in paths:
        measure.check_picture(str(path))
    if absent := set(shown) - {path.stem for path in paths}:
        raise ValueError(f"no picture {sorted(absent)[0]!r} to show")
    plan = bench.Plan(
        paths=tuple(paths),
        out=out,
        codecs=tuple(codecs or known),
        points=points,
        rates_bpp=tuple(sorted(rates_bpp)),
        crop_size=crop_size,
        shown=frozenset(shown) or None,
        memory=memory,
        jobs=jobs or core_count(),
        keep_versions=keep_versions,
    )
    failures = [] if report_only else bench.run(plan, progress=progress)
    names = [path.stem for path in paths]
    try:
        report.write_report(out, plan.chosen(), names, describe(list(arguments)), int(embed_megabytes * MEGABYTE))
    except ValueError as error:
        raise ValueError(failures[0] if failures else str(error)) from error
    return failures, [out / report.HTML, out / report.MARKDOWN]


def run_lossless(
    inputs: Sequence[Path],
    out: Path,
    *,
    codecs: Sequence[str],
    jobs: int | None,
    keep_versions: bool,
    report_only: bool,
    progress: bool,
    arguments: Sequence[str],
) -> tuple[list[str], list[Path]]:
    """Measures lossless codecs where that is missing, and writes the tables.

    Args:
        inputs: pictures and folders of pictures, of 8 or 16 bits a sample.
        out: folder of results and tables.
        codecs: names of `lossless_codecs`; empty for all.
        jobs: processes at a time; None for one per core.
        keep_versions: take results of whatever version of a codec.
        report_only: measure nothing.
        progress: whether to show a bar.
        arguments: of the command, for the tables.

    Returns:
        A line for each measurement that failed, and the files of the report.

    Raises:
        ValueError: there are no such pictures or codecs, or nothing was measured.
    """
    known = lossless_codecs()
    _check_names(codecs, known)
    paths = tuple(bench.find_pictures(inputs))
    plan = lossless.Plan(paths, out, tuple(codecs or known), jobs or core_count(), keep_versions)
    failures = [] if report_only else lossless.run(plan, progress=progress)
    names, wanted = {path.stem for path in paths}, {lossless.FOUND, *plan.codecs}
    rows = [row for row in plan.records().rows.values() if row["image"] in names and row["codec"] in wanted]
    try:
        text = lossless_report.markdown(rows, describe(list(arguments)), missing(), _notes(out))
    except ValueError as error:
        raise ValueError(failures[0] if failures else str(error)) from error
    (out / lossless_report.MARKDOWN).write_text(text, encoding="utf-8")
    return failures, [out / lossless_report.MARKDOWN, out / lossless.RESULTS]


def run_deep(
    inputs: Sequence[Path],
    out: Path,
    *,
    codecs: Sequence[str],
    jobs: int | None,
    keep_versions: bool,
    report_only: bool,
    progress: bool,
    arguments: Sequence[str],
) -> tuple[list[str], list[Path]]:
    """Measures lossy codecs at 8, 10 and 12 bits where that is missing, and writes the tables.

    Args:
        inputs: pictures and folders of pictures, of 8 to 16 bits a sample.
        out: folder of results and tables.
        codecs: names of `deep_codecs`; empty for all.
        jobs: processes at a time; None for one per core.
        keep_versions: take results of whatever version of a codec.
        report_only: measure nothing.
        progress: whether to show a bar.
        arguments: of the command, for the tables.

    Returns:
        A line for each measurement that failed, and the files of the report.

    Raises:
        ValueError: there are no such pictures or codecs, or nothing was measured.
    """
    known = deep_codecs.deep_codecs()
    _check_names(codecs, known)
    paths = tuple(bench.find_pictures(inputs))
    plan = deep.Plan(paths, out, tuple(codecs or known), jobs or core_count(), keep_versions)
    failures = [] if report_only else deep.run(plan, progress=progress)
    names = {path.stem for path in paths}
    pictures, gradients = (
        [row for row in records.rows.values() if row["codec"] in plan.codecs] for records in plan.records()
    )
    rows = [row for row in pictures if row["image"] in names]
    try:
        text = deep_report.markdown(rows, gradients, describe(list(arguments)), deep_codecs.missing(), _notes(out))
    except ValueError as error:
        raise ValueError(failures[0] if failures else str(error)) from error
    (out / deep_report.MARKDOWN).write_text(text, encoding="utf-8")
    return failures, [out / name for name in (deep_report.MARKDOWN, deep.RESULTS, deep.GRADIENT_RESULTS)]


def _notes(out: Path) -> str:
    file = out / report.NOTES
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def _check_names(codecs: Sequence[str], known: Iterable[str]) -> None:
    if unknown := [name for name in codecs if name not in known]:
        raise ValueError(f"no codec {unknown[0]!r} here, only {', '.join(known)}")
