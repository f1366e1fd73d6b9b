"""What is wrong with a file, told to the caller: as an error, in a list, or as warnings.

Place: last in the decode path.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

from veneer.errors import ErrorCode, VeneerError, VeneerWarning


def report_problems(problems: Sequence[VeneerError], strict: bool, noted: list[VeneerError] | None) -> None:
    """Raises the first problem where everything must be right, else notes each, or warns of each code.

    Args:
        problems: of one file.
        strict: whether to raise the first one.
        noted: a list that they are added to; None for warnings.

    Raises:
        VeneerError: under `strict`, and in any case of code NO_TILE.
    """
    for problem in problems if strict else [one for one in problems if one.code == ErrorCode.NO_TILE]:
        raise problem
    if noted is not None:
        noted.extend(problems)
        return
    by_code: dict[ErrorCode, list[VeneerError]] = {}
    for problem in problems:
        by_code.setdefault(problem.code, []).append(problem)
    for same in by_code.values():
        _warn(VeneerWarning(same[0], len(same)))


def _warn(warning: VeneerWarning) -> None:
    """Warns, at the line outside of the package that called into it.

    Without a registry: Python keeps the text of every warning that goes through one for good, so that a process that
    decodes damaged files without end would grow without end.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        frame = frame.f_back
    warnings.warn_explicit(
        warning,
        None,  # that of the warning
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
        registry=None,
    )
