"""The process ends in order while daemon threads are in the compiled core."""

import subprocess
import sys

import pytest

SCRIPT = """
import threading, time
import numpy as np
import veneer
from veneer import backend

picture = np.dstack([np.add.outer(np.arange(96), np.arange(96)).astype(np.uint8)] * 3)
base = veneer.encode(picture, effort=1, layers="base")
full = veneer.encode(picture, effort=3, quality=30)
work = {
    "encode": lambda: veneer.encode(picture, effort=1, layers="base"),
    "enhance": lambda: veneer.encode(picture, effort=3, quality=30),
    "decode": lambda: veneer.decode(base),
    "networks": lambda: veneer.decode(full),
    "checksum": lambda: backend.crc32c(bytes(1 << 22)),
}["WORK"]
started = threading.Event()

def repeat():
    while True:
        work()
        started.set()

for _ in range(3):
    threading.Thread(target=repeat, daemon=True).start()
started.wait()
time.sleep(0.02)
"""


@pytest.mark.parametrize("work", ["encode", "enhance", "decode", "networks", "checksum"])
@pytest.mark.slow
def test_daemon_threads(work: str) -> None:
    """A thread that wants the lock of an interpreter that ends must not unwind the core's frames: that aborts."""
    run = subprocess.run([sys.executable, "-c", SCRIPT.replace("WORK", work)], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
