"""Writes a report of the results in a folder: HTML, Markdown, CSV, and two pictures for other documents.

Place: last step of `bench.py`'s run, and all of `veneer bench --report-only`.
"""

from __future__ import annotations

from pathlib import Path

from veneer.evaluation import bench, crops, measure, page, page_data, plots, tables
from veneer.evaluation.codecs import Codec
from veneer.evaluation.machine import Machine
from veneer.evaluation.records import Records
from veneer.evaluation.summary import Summary, summarize

HTML, MARKDOWN, BD_RATES = "report.html", "report.md", "bd_rates.csv"
NOTES = "notes.txt"  # what a person has to say about the measurements; it stands at the head of the report


def write_report(folder: Path, codecs: list[Codec], pictures: list[str], machine: Machine, embed_bytes: int) -> Summary:
    """Writes the report of results that are in a folder.

    Args:
        folder: of `bench.run`, which the report goes to as well.
        codecs: to report on, as far as they are measured.
        pictures: names of the pictures to report on, as far as they are measured.
        machine: description of the machine.
        embed_bytes: most bytes of pictures in the page.

    Returns:
        The figures.

    Raises:
        ValueError: nothing is measured there.
    """
    wanted = set(pictures)
    results = Records(folder / bench.RESULTS, measure.FIELDS, bench.RESULTS_KEY).rows.values()
    memory = Records(folder / bench.MEMORY, bench.MEMORY_FIELDS, bench.MEMORY_KEY).rows.values()
    shown = Records(folder / bench.CROPS, crops.FIELDS, bench.CROPS_KEY).rows.values()
    summary = summarize(codecs, (row for row in results if row["image"] in wanted), memory)
    if not summary.codecs:
        raise ValueError(f"{folder}: nothing is measured for these pictures and codecs")
    slider = page_data.slider_data(
        (row for row in shown if row["image"] in wanted), folder / bench.CROP_FOLDER, summary.codecs, embed_bytes
    )
    notes = (folder / NOTES).read_text(encoding="utf-8").strip() if (folder / NOTES).exists() else ""
    title = f"Veneer beside other codecs, {tables.plural(len(summary.pictures), 'picture')}"
    _replace(folder / HTML, page.render(title, page_data.report_data(summary, machine, slider, notes)).encode())
    _replace(folder / MARKDOWN, tables.markdown(summary, machine, notes).encode())
    _replace(folder / BD_RATES, tables.bd_rate_csv(summary).encode())
    plots.draw_curves(summary, folder)
    plots.draw_crops(slider, folder)
    return summary


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    temporary.replace(path)
