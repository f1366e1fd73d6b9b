"""Whether time and memory per pixel stay flat with size, and what threads bring.

    pytest benchmarks/bench_scaling.py --pictures DIR --max-megapixels 100

Pictures of 0.1 to 100 megapixels are cut from a photograph with its mirror images around it. Time is CPU time of one
thread; memory is what a fresh process grows by beyond the picture. Threads are compared by wall time.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
from conftest import Pixels, Rate
from PIL import Image

import veneer
from veneer.evaluation.codecs import Codec
from veneer.evaluation.measure import peak_memory, repeated

MEGAPIXELS = (0.1, 1, 10, 100)
PEER = 10  # which others are compared with
EFFORT = 5
QUALITY = 60
THREADED_MEGAPIXELS = 4


def picture(photograph: Pixels, megapixels: float) -> Pixels:
    """A 3:2 picture of a size."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(height * 1.5)
    # Twice the pixels make sure that both sides are long enough, whatever the photograph's shape.
    large = repeated(photograph, 4 * height * width)
    while large.shape[0] < height or large.shape[1] < width:
        large = repeated(large, 4 * large.shape[0] * large.shape[1])
    return np.ascontiguousarray(large[:height, :width])


def encode(pixels: Pixels, threads: int = 1) -> bytes:
    """The base layer at effort 5."""
    return veneer.encode(pixels, quality=QUALITY, effort=EFFORT, layers="base", threads=threads)


def memory(path: Path) -> dict[str, int]:
    """Growth in bytes while encoding and decoding a picture, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        row = pool.apply(_memory, (str(path),))
    return {name: int(row[f"{name}_bytes"]) for name in ("encode", "decode")}


def _memory(path: str) -> dict[str, str]:
    codec = Codec(
        name="veneer-base",
        label="Veneer base",
        family="Veneer",
        encode=lambda pixels, _: encode(pixels),
        decode=lambda data: veneer.decode(data, threads=1, layers="base"),
        settings=(QUALITY,),
        bounds=None,
        source="veneer-base",
        version=veneer.__version__,
    )
    Image.MAX_IMAGE_PIXELS = None
    return peak_memory(codec, QUALITY, path, least_pixels=0)


@functools.cache
def _memory_of(path: Path) -> dict[str, int]:
    return memory(path)


@pytest.fixture(scope="module")
def sized(request: pytest.FixtureRequest, pictures: list[Pixels], tmp_path_factory: pytest.TempPathFactory) -> object:
    """Gives the picture of a size in megapixels, and its file."""
    folder, largest = tmp_path_factory.mktemp("sized"), request.config.getoption("--max-megapixels")

    @functools.lru_cache(maxsize=1)
    def make(megapixels: float) -> tuple[Pixels, Path]:
        if megapixels > largest:
            pytest.skip(f"--max-megapixels is {largest:g}")
        pixels, path = picture(pictures[0], megapixels), folder / f"{megapixels:g}.ppm"
        Image.fromarray(pixels).save(path)
        return pixels, path

    return make


@pytest.mark.parametrize("megapixels", MEGAPIXELS)
@pytest.mark.parametrize("direction", ["encode", "decode"])
def test_size(rate: Rate, sized: object, direction: str, megapixels: float) -> None:
    """Time and memory per pixel."""
    pixels, path = sized(megapixels)  # type: ignore[operator]
    data = encode(pixels) if direction == "decode" else b""
    call = (lambda: encode(pixels)) if direction == "encode" else (lambda: veneer.decode(data, threads=1))
    count = pixels.shape[0] * pixels.shape[1]
    rate(
        call,
        group=f"{direction} by size",
        name=f"{megapixels:g} MP",
        work=count / 1e6,
        unit="MP/s",
        peer=megapixels == PEER,
        rounds=3 if megapixels <= 1 or direction == "decode" else 1,
        warmup=0,
        bytes_per_pixel=round(_memory_of(path)[direction] / count, 2),
    )


@pytest.mark.parametrize("threads", [2**i for i in range(8) if 2**i <= len(os.sched_getaffinity(0))])
@pytest.mark.parametrize("direction", ["encode", "decode"])
def test_threads(rate: Rate, pictures: list[Pixels], direction: str, threads: int) -> None:
    """Threads by wall time."""
    pixels = picture(pictures[0], THREADED_MEGAPIXELS)
    data = encode(pixels)
    call = (lambda: encode(pixels, threads)) if direction == "encode" else lambda: veneer.decode(data, threads=threads)
    work = pixels.shape[0] * pixels.shape[1] / 1e6
    name = f"{threads} thread{'s' if threads > 1 else ''}"
    group = f"{direction} of {THREADED_MEGAPIXELS} MP by threads"
    rate(call, group=group, name=name, work=work, unit="MP/s", peer=threads == 1, clock="wall", rounds=3)
