"""Progress bars, only on terminals and for work that takes longer than a second."""

from __future__ import annotations

import contextlib
import sys
import threading
from types import TracebackType

from tqdm import tqdm

BAR_DELAY_SECONDS = 1.0
_REFRESH_SECONDS = 0.1


class Progress:
    """A bar over a known number of steps, which moves with the clock too.

    Args:
        total: of steps.
        hidden: no bar, as where the user wants quiet; there is none in any case where standard error is no terminal.
    """

    def __init__(self, total: int, *, hidden: bool = False) -> None:
        self._bar = tqdm(
            total=total,
            bar_format="{desc} |{bar}| {elapsed} (left: {remaining})",
            disable=hidden or not sys.stderr.isatty(),
            leave=False,
            delay=1e9,
        )
        self._total = total
        self._finished = 0
        self._done = 0.0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._refresh, daemon=True)

    def advance(self, steps: float = 1.0) -> None:
        """Adds to the number of completed steps."""
        with self._lock:
            self._done += steps

    def finish_step(self) -> None:
        """One step more is complete, whatever `advance` said of its parts."""
        with self._lock:
            self._finished += 1
            self._done = max(self._done, self._finished)

    def __enter__(self) -> Progress:
        if not self._bar.disable:
            with contextlib.suppress(RuntimeError):  # the system has no more threads: the work goes first
                self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        self._bar.close()

    def _refresh(self) -> None:
        wait = BAR_DELAY_SECONDS
        while not self._end.wait(wait):
            wait = _REFRESH_SECONDS
            with self._lock:
                self._bar.n = min(self._done, self._total)
            percent = 100 * self._bar.n / max(self._total, 1)
            steps = f"{int(self._bar.n)}/{self._total} " if self._total > 1 else ""
            self._bar.set_description_str(f"{steps}{percent:3.0f} %", refresh=True)
