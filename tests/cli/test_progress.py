"""Progress bars."""

import io
import sys
import time

import pytest

from veneer.cli import progress
from veneer.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def seen(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, total: int, steps: float, *, hidden: bool = False
) -> str:
    monkeypatch.setattr(progress, "BAR_DELAY_SECONDS", 0.01)
    monkeypatch.setattr(progress, "_REFRESH_SECONDS", 0.01)
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(total, hidden=hidden) as bar:
        bar.advance(steps)
        end = time.monotonic() + 10
        while not stream.getvalue() and time.monotonic() < end and stream.isatty() and not hidden:
            time.sleep(0.01)
    return stream.getvalue()


def test_bar_moves_within_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    assert " 25 % |" in seen(monkeypatch, Terminal(), 1, 0.25)
    assert "1/4  38 % |" in seen(monkeypatch, Terminal(), 4, 1.5)
    assert "4/4 100 % |" in seen(monkeypatch, Terminal(), 4, 5)


def test_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(monkeypatch, io.StringIO(), 1, 0.5) == ""
    assert seen(monkeypatch, Terminal(), 1, 0.5, hidden=True) == ""
