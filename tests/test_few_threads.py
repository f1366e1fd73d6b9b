"""Where the system has no more threads (a limit of a container, or of a user), those that there are do the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

resource = pytest.importorskip("resource", reason="limits of a process are those of POSIX")

MEGABYTE = 1 << 20

# Every thread needs address space for its stack: of one that is `stack` large few fit, or none.
_SCRIPT = """
import resource, sys
import numpy, veneer
from veneer.enhancement import models

noise = numpy.random.default_rng(1).integers(0, 40, (192, 192, 3), dtype=numpy.uint8)
picture = noise + numpy.arange(192, dtype=numpy.uint8)[:, None, None]
settings = dict(tile_size=64, quality=20, effort=1)
data = veneer.encode(picture, threads=1, **settings)
pixels = veneer.decode(data, threads=1)

used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]), resource.RLIM_INFINITY))
assert veneer.encode(picture, threads=8, **settings) == data
assert (veneer.decode(data, threads=8) == pixels).all()
decoder = veneer.Decoder(threads=8)
for place in range(0, len(data), 700):
    decoder.feed(data[place : place + 700])
decoder.finish()
assert (decoder.picture() == pixels).all()
assert len(veneer.restore_jpeg(open(sys.argv[2], "rb").read(), threads=8)) == 24
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("room", [400 * MEGABYTE, 1200 * MEGABYTE], ids=["none", "some"])
def test_fewer_threads_than_asked_for_give_the_same(room: int, tmp_path: Path) -> None:
    jpeg = tmp_path / "a.jpg"
    Image.new("RGB", (24, 24), (90, 120, 30)).save(jpeg)

    def limit_stacks() -> None:
        resource.setrlimit(resource.RLIMIT_STACK, (500 * MEGABYTE, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(room), str(jpeg)],
        preexec_fn=limit_stacks,
        capture_output=True,
        text=True,
        check=False,
        env={"OPENBLAS_NUM_THREADS": "1", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-2000:]
