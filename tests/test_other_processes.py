"""The core in processes that are forked while threads of it are at work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, os, signal, threading
import numpy as np
import veneer

noise = np.random.default_rng(1).integers(0, 40, (160, 160, 3), dtype=np.uint8)
picture = noise + np.arange(160, dtype=np.uint8)[:, None, None]

def digest():
    data = veneer.encode(picture, effort=1, quality=30, tile_size=64, threads=3)
    return hashlib.sha256(data + veneer.decode(data, threads=3).tobytes()).digest()

expected, ended = digest(), threading.Event()
def repeat():
    while not ended.is_set():
        digest()
busy = threading.Thread(target=repeat)
busy.start()
for _ in range(4):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if digest() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
ended.set()
busy.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_fork_while_threads_are_at_work() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
