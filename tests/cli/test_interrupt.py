"""Ctrl-C, a request to end, and the progress bar, in a process of its own."""

import os
import pty
import select
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cli_tools import process
from PIL import Image

PATIENCE_SECONDS = 600  # machines that test do other things too


@pytest.fixture
def long_work(folder: Path) -> list[str]:
    """Arguments that keep the command busy for many seconds."""
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8)
    for index in range(6):
        Image.fromarray(noise).save(folder / f"{index}.ppm")
    return ["encode", ".", "-o", "out", "-e", "9", "-q", "100", "-j", "2"]


@pytest.fixture
def endless_work(folder: Path) -> Iterator[list[str]]:
    """Arguments that make one result at once, and wait for a second picture for as long as the test does."""
    Image.new("RGB", (9, 9)).save(folder / "a.png")
    os.mkfifo(folder / "pipe.png")
    writer = os.open(folder / "pipe.png", os.O_RDWR)
    yield ["encode", "a.png", "pipe.png", "-o", "out", "-e", "1", "-j", "2"]
    os.close(writer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_no_half_file(endless_work: list[str], folder: Path, number: signal.Signals) -> None:
    running = process(*endless_work)
    end = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "out/a.vnr").exists():
        assert time.monotonic() < end, "no result appears"
        time.sleep(0.01)
    running.send_signal(number)
    _, stderr = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert stderr.decode().splitlines() == ["veneer: interrupted; what was not finished is not there"]
    assert [path.name for path in (folder / "out").iterdir()] == ["a.vnr"]


def test_progress_bar_on_a_terminal_only(long_work: list[str]) -> None:
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (25, 80))
    running = process(*long_work, stderr=side)
    os.close(side)
    seen = b""
    end = time.monotonic() + PATIENCE_SECONDS
    while b"0/6" not in seen and time.monotonic() < end:
        if select.select([main], [], [], 0.1)[0]:
            seen += os.read(main, 1000)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE_SECONDS)
    os.close(main)
    assert b"0/6" in seen


def test_short_work_shows_no_bar(folder: Path) -> None:
    Image.new("RGB", (9, 9)).save(folder / "a.png")
    main, side = pty.openpty()
    running = process("encode", "a.png", "--quiet", stderr=side)
    running.communicate(timeout=PATIENCE_SECONDS)
    assert select.select([main], [], [], 0)[0] == []
    os.close(side)
    os.close(main)
