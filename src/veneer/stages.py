"""How far an encode has come, for whoever waits for it. It has no influence on the bytes. Encoder only.

Place: `encoder` watches, `enc_layering` says what is done. An encode is a few passes over the picture, each of a base
layer and, with enhancement, of some runs of networks. Their shares of the time are rough, as measured at effort 5.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator

# Shares of a pass, in tenths; what is left goes to the comparison of what there is.
BASE, ANALYSIS, SYNTHESIS = 3.0, 1.0, 2.0
_PASS = 10.0
_MOST_WITHIN = 9.5  # of a pass that is not complete, whatever its stages add up to
_MOST = 0.99  # of an encode that is not complete, whatever was expected

Callback = Callable[[float], None]


class _Watch:
    def __init__(self, callback: Callback, passes: int) -> None:
        self.callback, self.passes = callback, passes
        self.complete, self.within, self.told = 0, 0.0, 0.0

    def tell(self) -> None:
        share = (self.complete * _PASS + self.within) / (self.passes * _PASS)
        self.told = max(self.told, min(share, _MOST))
        self.callback(self.told)


_watch: contextvars.ContextVar[_Watch | None] = contextvars.ContextVar("watch", default=None)


@contextlib.contextmanager
def watched(callback: Callback | None, passes: int) -> Iterator[None]:
    """Within, and in this thread, what is done is told.

    Args:
        callback: gets the share of the work that is done, 0..1, which never falls; at the end 1. None for nobody.
        passes: that are expected.
    """
    token = _watch.set(_Watch(callback, passes) if callback else None)
    try:
        yield
    finally:
        _watch.reset(token)
    if callback:
        callback(1.0)


def done(work: float) -> None:
    """A stage of the pass is done, which takes so many tenths of it."""
    if watch := _watch.get():
        watch.within = min(watch.within + work, _MOST_WITHIN)
        watch.tell()


def pass_done() -> None:
    """A pass is done."""
    if watch := _watch.get():
        watch.complete, watch.within = watch.complete + 1, 0.0
        watch.tell()
