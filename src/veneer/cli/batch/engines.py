"""Where the jobs of a batch run: in processes of this machine, or on the workers of a Dask cluster.

Both give out a few jobs more than there are workers, take outcomes as they come, and repeat the jobs of a lost worker.
Making a file twice gives the same bytes, and the collector of the outcomes enters each target once.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from veneer.cli.batch.work import Job, Outcome, Recipe, do_job
from veneer.cli.failure import FileFailure

# A job that was in hand so many times when its worker was lost is what kills workers.
MAX_LOSSES = 3

_LOST = f"its worker was lost {MAX_LOSSES} times; is there memory enough for it? Try it alone with veneer encode -j 1"
_COUNT_WORKERS_SECONDS = 5.0

Engine = Callable[[Iterable[Job], Recipe], Generator[Outcome, None, None]]


def run_local(jobs: Iterable[Job], recipe: Recipe, *, workers: int) -> Generator[Outcome, None, None]:
    """Runs jobs in `workers` processes; yields outcomes as they come. What stops it stops the processes.

    A process that is killed may leave half a file beside its target: `places.remove_unfinished` takes it away.
    """
    fresh, suspects = collections.deque(jobs), collections.deque[Job]()
    losses = collections.Counter[str]()
    while fresh or suspects:
        # After a loss nobody knows which of the jobs in hand it was: they go on one at a time.
        waiting, window, count = (suspects, 1, 1) if suspects else (fresh, 2 * workers, workers)
        in_hand: dict[concurrent.futures.Future[Outcome], Job] = {}
        with _processes(count) as pool, contextlib.suppress(BrokenProcessPool):
            while waiting or in_hand:
                while waiting and len(in_hand) < window:
                    in_hand[_submit(pool, waiting[0], recipe)] = waiting[0]
                    waiting.popleft()
                done, _ = concurrent.futures.wait(in_hand, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in sorted(done, key=lambda future: future.exception() is not None):
                    outcome = future.result()
                    del in_hand[future]
                    yield outcome
        for job in in_hand.values():
            losses[job.target] += 1
            if losses[job.target] < MAX_LOSSES:
                suspects.append(job)
            else:
                yield Outcome(job.target, _LOST)


def _submit(
    pool: concurrent.futures.ProcessPoolExecutor, job: Job, recipe: Recipe
) -> concurrent.futures.Future[Outcome]:
    try:
        return pool.submit(do_job, job, recipe)
    except BrokenProcessPool:
        raise
    except (OSError, RuntimeError) as error:  # the system has no more processes, or no threads to watch them
        what = f"no process can be started: {' '.join(str(error).split())}"
        raise FileFailure(what, "use fewer jobs (-j 1), or raise the system's limit") from error


@contextlib.contextmanager
def _processes(count: int) -> Iterator[concurrent.futures.ProcessPoolExecutor]:
    """Processes that end at once when they are no longer wanted, or when this one dies."""
    pool = concurrent.futures.ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_end_with_parent
    )
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        for child in multiprocessing.active_children():
            child.terminate()
            child.join()
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _end_with_parent() -> None:
    """In a worker: leaves Ctrl-C to the parent, and ends when that has ended, however it did."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_dask(
    jobs: Iterable[Job], recipe: Recipe, *, scheduler: str | None, workers: int
) -> Generator[Outcome, None, None]:
    """Runs jobs on the workers of a Dask cluster; yields outcomes as they come.

    Args:
        jobs: whose places all workers can reach.
        recipe: for all of them.
        scheduler: address; None for a cluster of processes on this machine.
        workers: processes of that.

    Raises:
        FileFailure: Dask is not installed, or the scheduler cannot be reached or has gone.
    """
    try:
        import distributed
    except ImportError:
        raise FileFailure("Dask is not installed", "pip install '.[dask]'") from None
    with contextlib.ExitStack() as stack:
        try:
            address: Any = scheduler
            if scheduler is None:
                address = stack.enter_context(_local_cluster(distributed, workers))
            client = stack.enter_context(distributed.Client(address, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            what = f"the Dask scheduler {scheduler or 'of this machine'} cannot be reached: {error}"
            raise FileFailure(what, "check its address and that it runs") from error
        yield from _collect(distributed, client, iter(jobs), recipe)


def _local_cluster(distributed: Any, workers: int) -> Any:
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
    )


def _collect(distributed: Any, client: Any, jobs: Iterator[Job], recipe: Recipe) -> Generator[Outcome, None, None]:
    """Keeps a few jobs more on the cluster than it has threads; workers may come and go."""
    in_hand: dict[Any, Job] = {}
    window, counted = 0, -_COUNT_WORKERS_SECONDS
    try:
        completed = distributed.as_completed([], loop=client.loop)
        while True:
            if time.monotonic() - counted > _COUNT_WORKERS_SECONDS:
                window, counted = max(2 * sum(client.nthreads().values()), 4), time.monotonic()
            for job in jobs:
                future = client.submit(do_job, job, recipe, pure=False)
                in_hand[future] = job
                completed.add(future)
                if len(in_hand) >= window:
                    break
            if not in_hand:
                return
            future = next(completed)
            yield _outcome(distributed, future, in_hand.pop(future))
    except (OSError, TimeoutError, concurrent.futures.CancelledError) as error:
        what = f"the Dask scheduler has gone: {error or type(error).__name__}"
        raise FileFailure(what, "start it again and repeat the command; it goes on where it was") from error
    finally:
        with contextlib.suppress(Exception):  # the scheduler may have gone
            client.cancel(list(in_hand), force=True)


def _outcome(distributed: Any, future: Any, job: Job) -> Outcome:
    if future.status == "finished":
        result: Outcome = future.result()
        return result
    if future.status != "error":
        raise concurrent.futures.CancelledError(f"{job.source} is {future.status}")
    error = future.exception()
    if isinstance(error, distributed.KilledWorker):
        return Outcome(job.target, _LOST)
    what = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Outcome(job.target, f"{what}; check that the workers have this version of veneer")
