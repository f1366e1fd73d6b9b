"""Work in threads of Python."""

from __future__ import annotations

import threading
import time

import pytest

from veneer.threads import map_in_threads


@pytest.mark.parametrize("threads", [0, 1, 3, 100])
def test_results_are_in_order(threads: int) -> None:
    assert map_in_threads(lambda item: (time.sleep(0.001 * (item % 3)), item)[1], range(20), threads) == list(range(20))
    assert map_in_threads(lambda item: item, [], threads) == []


def test_exceptions_are_passed_on_once_all_have_ended() -> None:
    before = threading.active_count()

    def work(item: int) -> int:
        if item == 5:
            raise KeyError(item)
        return item

    with pytest.raises(KeyError, match="5"):
        map_in_threads(work, range(50), 4)
    assert threading.active_count() == before


def test_fewer_threads_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert map_in_threads(lambda item: item + 1, range(5), 4) == [1, 2, 3, 4, 5]
