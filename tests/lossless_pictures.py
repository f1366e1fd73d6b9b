"""Generated pictures of every shape, depth and sort for lossless coding, and what must hold of them.

Place: tests/test_lossless_pictures.py tries some, benchmarks/lossless_equality.py many.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import veneer

Samples = npt.NDArray[Any]
Rng = np.random.Generator

PHOTOGRAPH = Path(__file__).parents[1] / "examples" / "fir.jpg"
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
LONGEST = 65535
SMALLEST_TILE = 64


@dataclasses.dataclass(frozen=True)
class Case:
    """A picture with the settings it is coded with.

    Attributes:
        samples: uint8 or uint16 [H, W, C].
        depth: bits of a sample.
        sort: what its colours are, by name.
        alpha: what its alpha is, by name; "" without alpha.
        settings: of `veneer.encode`.
    """

    samples: Samples
    depth: int
    sort: str
    alpha: str
    settings: dict[str, Any]

    def __str__(self) -> str:
        height, width, channels = self.samples.shape
        alpha = f", alpha {self.alpha}" if self.alpha else ""
        return f"{width}x{height}x{channels}, {self.depth} bits, {self.sort}{alpha}, {self.settings}"


def make_case(*seed: int) -> Case:
    """The picture that a seed stands for."""
    rng = np.random.default_rng(seed)
    width, height = _sides(rng)
    depth, channels = int(rng.integers(1, 17)), int(rng.integers(1, 5))
    sort, alpha = str(rng.choice(list(SORTS))), ""
    most = (1 << depth) - 1
    planes = SORTS[sort](rng, height, width, channels - 1 + channels % 2, most)
    if channels % 2 == 0:
        alpha = str(rng.choice(list(ALPHAS)))
        planes = np.concatenate((planes, ALPHAS[alpha](rng, height, width, 1, most)), axis=2)
    dtype = np.uint16 if depth > 8 or rng.random() < 0.2 else np.uint8
    settings = {
        "effort": int(rng.choice((1, 2, 3, 4, 5, 7, 9))),
        "max_error": int(rng.integers(1, 9)) if rng.random() < 0.35 else 0,
        "exact": bool(rng.random() < 0.5),
        "tile_size": SMALLEST_TILE if max(width, height) <= 200 and rng.random() < 0.5 else None,
    }
    return Case(np.ascontiguousarray(planes.astype(dtype)), depth, sort, alpha, settings)


def check(case: Case, *seed: int) -> bytes:
    """Codes a picture, decodes it as a whole and in part, and raises AssertionError where something does not hold.

    Returns:
        The file.
    """
    data = veneer.encode(case.samples, lossless=True, depth=case.depth, threads=1, **case.settings)
    back = veneer.decode(data, threads=1)
    assert back.shape == case.samples.shape
    assert back.dtype == (np.uint16 if case.depth > 8 else np.uint8)
    channels = back.shape[2]
    colours = channels - 1 + channels % 2
    given, got = case.samples.astype(np.int32), back.astype(np.int32)
    assert got.max() < 1 << case.depth
    differences = np.abs(given - got)
    if channels % 2 == 0:
        assert not differences[:, :, colours:].any(), "alpha differs"
        if not case.settings["exact"]:
            differences[given[:, :, colours] == 0] = 0
    assert differences[:, :, :colours].max() <= case.settings["max_error"], "colours differ by more than they may"
    x, y, width, height = _region(case, np.random.default_rng([*seed, 1]))
    part = veneer.decode(data, region=(x, y, width, height), threads=1)
    assert np.array_equal(part, back[y : y + height, x : x + width]), f"the region {x}, {y}, {width}, {height} differs"
    return data


def check_efforts(case: Case) -> None:
    """Raises AssertionError where more effort makes a larger file."""
    sizes = []
    for effort in (1, 5, 9):
        settings = case.settings | {"effort": effort}
        sizes.append(len(veneer.encode(case.samples, lossless=True, depth=case.depth, threads=1, **settings)))
    assert sizes == sorted(sizes, reverse=True), f"efforts 1, 5, 9 take {sizes} bytes"


def _region(case: Case, rng: Rng) -> tuple[int, int, int, int]:
    """A rectangle within the picture."""
    height, width = case.samples.shape[:2]
    x, y = int(rng.integers(width)), int(rng.integers(height))
    return x, y, int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1))


def _sides(rng: Rng) -> tuple[int, int]:
    kind = rng.random()
    if kind < 0.002:
        sides = [LONGEST, 1]
    elif kind < 0.1:
        sides = [int(rng.integers(1, 1000)), int(rng.integers(1, 3))]
    elif kind < 0.5:
        sides = [int(side) for side in rng.integers(1, 10, 2)]
    elif kind < 0.9:
        sides = [int(side) for side in rng.choice(PRIMES[:16], 2)]
    else:
        sides = [int(side) for side in rng.choice(PRIMES, 2)]
    rng.shuffle(sides)
    return sides[0], sides[1]


def _constant(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    return np.broadcast_to(rng.integers(0, most + 1, (1, 1, count)), (height, width, count))


def _noise(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    return rng.integers(0, most + 1, (height, width, count))


def _ramps(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    y, x = np.mgrid[:height, :width]
    slopes = rng.normal(0, 1, (2, count)) * most / 64
    plane = rng.integers(0, most + 1, count) + x[:, :, None] * slopes[0] + y[:, :, None] * slopes[1]
    return plane.astype(np.int64) % (most + 1)


def _checkerboard(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    y, x = np.mgrid[:height, :width] // int(rng.integers(1, 5))
    pair = rng.integers(0, most + 1, (2, count)) if rng.random() < 0.5 else np.array([[0] * count, [most] * count])
    return pair[(x + y) % 2]


def _few_colours(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """Rectangles in few colours, as drawings have."""
    colours = rng.integers(0, most + 1, (int(rng.integers(2, 20)), count))
    places = np.zeros((height, width), np.int64)
    for _ in range(12):
        y, x = rng.integers(height), rng.integers(width)
        places[y : y + rng.integers(1, 20), x : x + rng.integers(1, 20)] = rng.integers(len(colours))
    return colours[places]


def _repeats(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """A patch again and again, as letters in a text, with a few pixels changed."""
    patch = rng.integers(0, most + 1, (int(rng.integers(1, 12)), int(rng.integers(1, 12)), count))
    picture = np.tile(patch, (-(-height // patch.shape[0]), -(-width // patch.shape[1]), 1))[:height, :width].copy()
    for _ in range(int(rng.integers(0, 5))):
        picture[rng.integers(height), rng.integers(width)] = rng.integers(0, most + 1, count)
    return picture


def _gaps(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """Few of the values of the depth occur, evenly spaced or not."""
    if rng.random() < 0.5:
        values = np.arange(0, most + 1, int(rng.integers(1, max(2, most // 4 + 1))))
    else:
        values = np.unique(rng.integers(0, most + 1, int(rng.integers(1, 40))))
    return values[rng.integers(0, len(values), (height, width, count))]


def _extremes(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """Steps from end to end, as far apart as can be."""
    share = rng.random()
    return np.where(rng.random((height, width, count)) < share, 0, most)


def _copies(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """Grey in as many planes as there are."""
    return np.repeat(_photograph(rng, height, width, 1, most), count, axis=2)


def _photograph(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """A part of a photograph, at times mirrored, with noise in the bits that it has not."""
    photo = _photo()
    if height > photo.shape[0] or width > photo.shape[1]:
        photo = np.tile(photo, (-(-height // photo.shape[0]), -(-width // photo.shape[1]), 1))
    y, x = rng.integers(photo.shape[0] - height + 1), rng.integers(photo.shape[1] - width + 1)
    part = photo[y : y + height, x : x + width, :count].astype(np.int64)
    part = part[::-1] if rng.random() < 0.3 else part
    if most > 255:
        step = (most + 1) // 256
        return part * step + rng.integers(0, step, part.shape) // int(rng.integers(1, step + 1))
    return part * (most + 1) // 256


@functools.cache
def _photo() -> Samples:
    with Image.open(PHOTOGRAPH) as image:
        return np.asarray(image.convert("RGB").reduce(2))


def _opaque(_: Rng, height: int, width: int, count: int, most: int) -> Samples:
    return np.full((height, width, count), most)


def _clear(_: Rng, height: int, width: int, count: int, __: int) -> Samples:
    return np.zeros((height, width, count), np.int64)


def _edges(rng: Rng, height: int, width: int, count: int, most: int) -> Samples:
    """A disc whose edge is soft, as drawings have it."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - rng.integers(height), x - rng.integers(width)) - rng.integers(1, 30)
    return np.repeat((np.clip(0.5 - distance / 2, 0, 1) * most).astype(np.int64)[:, :, None], count, axis=2)


Maker = Callable[[Rng, int, int, int, int], Samples]  # height, width, planes, largest value -> [H, W, planes]

SORTS: dict[str, Maker] = {
    "constant": _constant,
    "noise": _noise,
    "ramps": _ramps,
    "checkerboard": _checkerboard,
    "few colours": _few_colours,
    "repeats": _repeats,
    "gaps": _gaps,
    "extremes": _extremes,
    "copies": _copies,
    "photograph": _photograph,
}
ALPHAS: dict[str, Maker] = {
    "opaque": _opaque,
    "clear": _clear,
    "constant": _constant,
    "extremes": _extremes,
    "edges": _edges,
    "ramps": _ramps,
    "noise": _noise,
    "gaps": _gaps,
}
