"""The report of a batch: a table of all files, and their totals."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from veneer.cli.batch.journal import COLUMNS
from veneer.cli.failure import FileFailure
from veneer.regular_file import read_regular_file

# How all tables begin, those of older versions included.
_BEGINNING = "source,target,state,"


@dataclasses.dataclass
class Summary:
    """Sums over a batch, those of earlier runs of it included.

    Attributes:
        files: all that were found.
        done: results made by this run.
        finished_before: results that were there and are still good.
        failed: files that could not be done.
        damaged: results of earlier runs that were damaged since, and were to be made anew.
        incomplete: files with a result for one picture only, though they hold several.
        source_bytes: of the sources of all results.
        target_bytes: of all results.
        seconds: that this run took.
        report: where the table is.
        journal: where the journal is.
    """

    files: int
    report: str
    journal: str
    done: int = 0
    finished_before: int = 0
    failed: int = 0
    damaged: int = 0
    incomplete: int = 0
    source_bytes: int = 0
    target_bytes: int = 0
    seconds: float = 0.0

    @property
    def saved_percent(self) -> float:
        """The percentage of bytes that all results together save against their sources."""
        return 100 * (1 - self.target_bytes / self.source_bytes) if self.source_bytes else 0.0

    def lines(self) -> list[str]:
        """Two lines for people."""
        counts = f"{self.files} files: {self.done} done, {self.finished_before} done before, {self.failed} failed"
        counts += f", {self.damaged} damaged since" if self.damaged else ""
        counts += f", {self.incomplete} in part" if self.incomplete else ""
        change = f"{abs(self.saved_percent):.1f} % {'smaller' if self.saved_percent >= 0 else 'larger'}"
        sizes = f"{_size(self.source_bytes)} -> {_size(self.target_bytes)}, {change}"
        return [counts, f"{sizes}; {self.seconds:.1f} s; table in {self.report}"]


def check_report(path: Path, *, named: bool, force: bool) -> None:
    """Raises FileFailure where the table would take the place of something that is no such table.

    Args:
        path: of the table.
        named: the user chose it, and may mean a device or a pipe.
        force: anything may be replaced.
    """
    try:
        if not path.exists() or (named and not path.is_file()):
            return
        first = read_regular_file(path)[:1000].decode(errors="replace").partition("\n")[0]
    except OSError as error:
        what = f"the report {path} cannot be written: {error.strerror}"
        raise FileFailure(what, "name another place with --report") from error
    if first and not first.startswith(_BEGINNING) and not force:
        raise FileFailure(f"{path} exists and is no report", "replace it with --force, or name another with --report")


def make_report(rows: Iterable[dict[str, Any]], summary: Summary) -> str:
    """The table as CSV, one line for each file below a header; adds up sizes in `summary`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, "saved_percent"), lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        # A journal may have been damaged, or changed by hand.
        if row["state"] == "done" and isinstance(row["source_bytes"], int) and isinstance(row["target_bytes"], int):
            summary.source_bytes += row["source_bytes"]
            summary.target_bytes += row["target_bytes"]
            row["saved_percent"] = round(100 * (1 - row["target_bytes"] / max(row["source_bytes"], 1)), 2)
        writer.writerow(row)
    return text.getvalue()


def _size(count: int) -> str:
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
