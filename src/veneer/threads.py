"""Pieces of work in threads of Python, as `native/bindings/parallel.h` does it for those of the compiled core."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

from veneer import backend

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_threads(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> list[Result]:
    """Does a piece of work for each item, this thread included.

    Args:
        work: called for one item, in any thread.
        items: what to work on.
        threads: at most this many, 0 for as many as there are cores; fewer where the system has no more.

    Returns:
        The results, in the order of the items. Where `work` raises, the first exception is passed on once all threads
        have ended.
    """
    waiting = collections.deque(enumerate(items))
    results: dict[int, Result] = {}
    failures: list[BaseException] = []

    def run() -> None:
        while not failures:
            try:
                place, item = waiting.popleft()
            except IndexError:
                return
            try:
                results[place] = work(item)
            except BaseException as failure:
                failures.append(failure)

    helpers = []
    for _ in range(min(backend.thread_count(threads), len(waiting)) - 1):
        helper = threading.Thread(target=run)
        try:
            helper.start()
        except RuntimeError:  # the system has no more threads: those that there are do the work
            break
        helpers.append(helper)
    run()
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
    return [results[place] for place in range(len(results))]
