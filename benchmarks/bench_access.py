"""What it costs to look at a part of a large file, against decoding its base layer.

    pytest benchmarks/bench_access.py --pictures DIR_WITH_A_LARGE_PICTURE

One thread, CPU time, the first picture at quality 75. The ratio to the whole says how many times cheaper each is.
"""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

import numpy as np
import pytest
from conftest import Pixels, Rate
from PIL import Image

import veneer
import veneer.pillow

SIDE = 512
GROUP = "access to parts of a file"
REGIONS = 25  # of the mean

Regions = list[tuple[int, int, int, int]]


@functools.cache
def regions_of(width: int, height: int) -> dict[str, Regions]:
    """Regions by name: where tiles meet, so that four are touched, and spread over all positions within tiles."""
    tile = 1024
    if min(width, height) < 2 * tile:
        pytest.skip("takes a picture of several tiles")
    rng = np.random.default_rng(1)
    spread = [(int(rng.integers(width - SIDE)), int(rng.integers(height - SIDE)), SIDE, SIDE) for _ in range(REGIONS)]
    lefts, tops = (range(tile, side - SIDE // 2, tile) for side in (width, height))
    corners = [(x - SIDE // 2, y - SIDE // 2, SIDE, SIDE) for x, y in itertools.product(lefts, tops)]
    return {"region of 512 x 512, anywhere": spread, "region of 512 x 512, over four tiles": corners}


@pytest.fixture(scope="module")
def file(pictures: list[Pixels], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first picture as a file with a preview."""
    path: Path = tmp_path_factory.mktemp("access") / "a.vnr"
    path.write_bytes(veneer.encode(pictures[0], quality=75, layers="base", preview=True))
    return path


def test_whole(rate: Rate, file: Path) -> None:
    """The peer of the others."""
    data = file.read_bytes()
    info = veneer.read_info(data)
    rate(
        lambda: veneer.decode(data, layers="base", threads=1),
        group=GROUP,
        name="base layer of the whole",
        work=1,
        unit="1/s",
        peer=True,
        megapixels=round(info.width * info.height / 1e6, 1),
        bytes=len(data),
    )


def test_preview(rate: Rate, file: Path) -> None:
    """The preview of the file."""
    data = file.read_bytes()
    if veneer.read_info(data).preview_size is None:
        pytest.skip("the file has no preview")
    rate(lambda: veneer.decode(data, layers="preview", threads=1), group=GROUP, name="preview", work=1, unit="1/s")


@pytest.mark.parametrize("name", ["region of 512 x 512, anywhere", "region of 512 x 512, over four tiles"])
def test_regions(rate: Rate, file: Path, name: str) -> None:
    """Regions on average."""
    data = file.read_bytes()
    info = veneer.read_info(data)
    regions = regions_of(info.width, info.height)[name]

    def decode_all() -> None:
        for region in regions:
            veneer.decode(data, layers="base", region=region, threads=1)

    rate(decode_all, group=GROUP, name=name, work=len(regions), unit="1/s")


def test_headers(rate: Rate, file: Path) -> None:
    """`Image.open` and `.size`, as whoever lists a folder of pictures does."""

    def open_many() -> None:
        for _ in range(100):
            with Image.open(file) as image:
                assert image.size

    rate(open_many, group=GROUP, name="Image.open and .size", work=100, unit="1/s")
