"""Memory and time of a picture of 24 megapixels: it is decoded three times, one after the other."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from browsers import Browser

import veneer

WIDTH, HEIGHT = 6000, 4000
PIXELS = WIDTH * HEIGHT
TIMES = 3
# By the number of workers. The decoder's picture takes 3 bytes a pixel; the image of the page 4, and each earlier one
# that has not been collected yet as much again. Bands take 4 more until they are put together.
MOST_BYTES_PER_PIXEL = {1: 20, 2: 30}


@pytest.fixture(scope="module")
def large(browser: Browser) -> Path:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    planes = [(x // 24 + y // 17) % 256, (x // 31) % 256, ((x * y) >> 17) % 256]
    data = veneer.encode(np.stack(planes, axis=-1).astype(np.uint8), quality=40, effort=1, layers="base")
    path = browser.server.site.folders["/files/"] / "large.vnr"
    path.write_bytes(data)
    return path


@pytest.fixture(scope="module")
def before(browser: Browser, large: Path) -> int:
    """Memory of the browser before the first of these pictures."""
    assert large.is_file()
    return browser.memory_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("threads", MOST_BYTES_PER_PIXEL)
def test_memory_of_a_large_picture(browser: Browser, large: Path, before: int, threads: int) -> None:
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.2):
            peak = max(peak, browser.memory_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        found = browser.run("large.js", seconds=300, url="/files/large.vnr", times=TIMES, threads=threads)
    finally:
        done.set()
        watcher.join()
    expected = veneer.decode(large)[HEIGHT // 2, WIDTH // 2]
    for each in found:
        assert each["size"] == [WIDTH, HEIGHT]
        assert each["problems"] == 0
        assert each["pixel"] == [*expected.tolist(), 255]
    used = (peak - before) / PIXELS
    times = [round(each["time"]) for each in found]
    print(f"{browser.name}, {threads} workers: {used:.1f} bytes a pixel at most, {times} ms")  # noqa: T201
    assert used <= MOST_BYTES_PER_PIXEL[threads]
