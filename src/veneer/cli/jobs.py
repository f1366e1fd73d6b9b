"""Runs tasks side by side: messages, progress bar, exit code, and a clean end on Ctrl-C."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from veneer import VeneerError
from veneer.cli.failure import FileFailure, from_veneer_error, out_of_memory
from veneer.cli.files import Outputs
from veneer.cli.messages import OutputLost, say, say_failure, say_json, say_note
from veneer.cli.options import EXIT_FAILED, EXIT_INTERRUPTED
from veneer.cli.paths import Failures, Task
from veneer.cli.progress import Progress


@dataclasses.dataclass(frozen=True)
class Done:
    """The outcome of a task: a line for people, and the same for programs.

    Attributes:
        text: the line for people.
        values: the line for programs.
        incomplete: whole pictures of the file were left out, as a note has said.
    """

    text: str
    values: dict[str, Any]
    incomplete: bool = False


_current = threading.local()  # of this thread: .name, the file that it is at; .bar; .share of the file that is done


def run_tasks(
    tasks: Sequence[Task],
    failures: Failures,
    work: Callable[[Task], Done],
    outputs: Outputs,
    *,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> int:
    """Runs `work` on each task in threads.

    Args:
        tasks: what to do.
        failures: of sources that cannot be processed; reported first.
        work: does one task and says what came of it; raises FileFailure or VeneerError.
        outputs: what `work` writes with; cleaned up on an interrupt.
        jobs: tasks at a time.
        quiet: no line for what went well, and no progress bar.
        as_json: lines of JSON, for what went wrong as well.

    Returns:
        The exit code: 0, or 1 where something failed or was done in part.
    """
    failed = bool(failures)
    for name, failure in failures:
        failed |= not _tell_failure(name, failure, as_json)
    with warnings.catch_warnings(), Progress(len(tasks), hidden=quiet) as bar:
        warnings.simplefilter("always")
        warnings.showwarning = _show_warning
        pool = concurrent.futures.ThreadPoolExecutor(max_workers=max(jobs, 1))
        try:
            futures = {pool.submit(_run_one, task, work, bar): task for task in tasks}
        except RuntimeError:
            pool.shutdown(cancel_futures=True)
            say("veneer: the system has no more threads; use fewer jobs (-j 1), or raise its limit")
            return EXIT_FAILED
        try:
            for future in concurrent.futures.as_completed(futures):
                task, result = futures[future], future.result()
                failed |= isinstance(result, Done) and result.incomplete
                if isinstance(result, FileFailure):
                    failed = True
                    _tell_failure(task.name, result, as_json)
                else:
                    failed |= not _tell_done(task, result, quiet, as_json)
        except KeyboardInterrupt:
            outputs.abandon()
            say("veneer: interrupted; what was not finished is not there")
            os._exit(EXIT_INTERRUPTED)  # threads deep in a picture would go on for seconds
        pool.shutdown()
    return EXIT_FAILED if failed else 0


def _tell_failure(name: str, failure: FileFailure, as_json: bool) -> bool:
    """Says what went wrong; whether a program that reads it got it."""
    say_failure(name, failure)
    try:
        if as_json:
            say_json({"file": name, "error": failure.what, "remedy": failure.remedy})
    except OutputLost:
        return False
    return True


def _tell_done(task: Task, done: Done, quiet: bool, as_json: bool) -> bool:
    """Says what was done; whether a program that reads it got it. The file is done, even where nobody listens."""
    to_error = task.target is None
    try:
        if as_json:
            say_json(done.values, error=to_error)
        elif not quiet:
            say(done.text, error=to_error)
    except OutputLost:
        return not as_json
    return True


def _run_one(task: Task, work: Callable[[Task], Done], bar: Progress) -> Done | FileFailure:
    _current.name, _current.bar, _current.share = task.name, bar, 0.0
    try:
        return work(task)
    except FileFailure as failure:
        return failure
    except VeneerError as error:
        return from_veneer_error(error)
    except MemoryError:
        return out_of_memory("use fewer jobs (-j 1) or a larger machine")
    finally:
        report_share(1.0)


def report_share(share: float) -> None:
    """Called by a task: so much of it is done, 0..1."""
    bar: Progress | None = getattr(_current, "bar", None)
    if bar is not None:
        bar.advance(share - _current.share)
        _current.share = share


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    say_note(getattr(_current, "name", "-"), " ".join(str(message).split()))
