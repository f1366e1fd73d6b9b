"""Pictures at realism 0 with their originals: training and validation data of the drawing network.

Files train-*.npz and valid-*.npz hold crops of 256 x 256, whole-*.npz pictures whose sides are multiples of 16. Arrays:
    originals, original_ends  uint8, int64 [P], lossless WebP files in sequence, and where each ends
    shown, shown_ends         the same of base pictures enhanced at realism 0, in whole levels
    maps, map_ends            uint8, int64 [P], maps and steps of the units as [h, w, 9], deflated, and where each ends
    parameters                uint8 [P, 8], base parameters as in HEAD
    rates                     float64 [P], bits per pixel of the base layer
    names                     of the pictures

Place: written by `prepare.py`, read by `train.py` and `gate.py`.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor

from veneer.training.data import CROP, Pixels, from_webp, join_files, oriented, split_files, to_webp, write_arrays
from veneer.training.graph_writer import MAPS, REDUCTION, side_inputs

TRAIN, HELD_OUT, WHOLE = "train-*.npz", "valid-*.npz", "whole-*.npz"
Arrays = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Shown:
    """A picture coded, decoded and enhanced.

    Attributes:
        name: of the original.
        original: uint8 [H, W, 3].
        shown: uint8 [H, W, 3], the picture at realism 0.
        maps: uint8 [H / 4, W / 4, 9], maps of the base layer, then the step index.
        parameters: uint8 [8], of the base layer.
        rate: bits per pixel of the base layer.
    """

    name: str
    original: Pixels
    shown: Pixels
    maps: Pixels
    parameters: Pixels
    rate: float


@dataclasses.dataclass(frozen=True)
class Samples:
    """N samples.

    Attributes:
        original: float32 [N, 3, H, W], levels.
        shown: float32 [N, 3, H, W], levels, the picture at realism 0.
        step: float32 [N, 1, h, w], step index of each unit.
        settings: float32 [N, 4, 1, 1], of `side_inputs`.
        maps: float32 [N, 8, h, w].
    """

    original: Tensor
    shown: Tensor
    step: Tensor
    settings: Tensor
    maps: Tensor


def write_shown(path: Path, pictures: Sequence[Shown]) -> None:
    """Writes a file, which appears whole or not at all."""
    arrays: Arrays = {
        "parameters": numpy.stack([picture.parameters for picture in pictures]),
        "rates": numpy.array([picture.rate for picture in pictures]),
        "names": numpy.array([picture.name for picture in pictures]),
    }
    arrays |= join_files("originals", [to_webp(picture.original) for picture in pictures])
    arrays |= join_files("shown", [to_webp(picture.shown) for picture in pictures])
    arrays |= join_files("maps", [zlib.compress(picture.maps.tobytes(), 6) for picture in pictures])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(path, arrays)


def read_shown(folder: Path, pattern: str) -> list[Shown]:
    """The pictures of all files of a folder whose names are like a pattern.

    Raises:
        FileNotFoundError: there are none.
    """
    found: list[Shown] = []
    for path in sorted(folder.glob(pattern)):
        with numpy.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        originals, shown, maps = (split_files(arrays, name) for name in ("originals", "shown", "maps"))
        for i, name in enumerate(arrays["names"].tolist()):
            original = from_webp(originals[i])
            units = [side // REDUCTION for side in original.shape[:2]]
            planes = numpy.frombuffer(zlib.decompress(maps[i]), numpy.uint8).reshape(*units, MAPS + 1)
            rate = float(arrays["rates"][i])
            found.append(Shown(name, original, from_webp(shown[i]), planes, arrays["parameters"][i], rate))
    if not found:
        raise FileNotFoundError(f"{folder} has no {pattern}; make it with --prepare-drawing")
    return found


def as_samples(pictures: Sequence[Shown], device: torch.device) -> Samples:
    """Pictures of one size, whole."""
    return _samples([(p.original, p.shown, p.maps, p.parameters) for p in pictures], device)


def cut(picture: Shown, y: int, x: int, side: int) -> Shown:
    """A square of a picture; y, x and side are multiples of 4."""
    pixels = slice(y, y + side), slice(x, x + side)
    rows, columns = (slice(first // REDUCTION, (first + side) // REDUCTION) for first in (y, x))
    return dataclasses.replace(
        picture, original=picture.original[pixels], shown=picture.shown[pixels], maps=picture.maps[rows, columns]
    )


def random_samples(
    pictures: Sequence[Shown], count: int, side: int, generator: torch.Generator, device: torch.device
) -> Samples:
    """Samples drawn by `generator` from crops, at any multiple of 4, turned and mirrored at random.

    The maps that name edges of blocks and the turned picture then do not agree in direction: of what maps say only
    that counts which knows none, and the decoder's noise knows none either.
    """
    parts = []
    for _ in range(count):
        number, turn = (int(torch.randint(high, (1,), generator=generator)) for high in (len(pictures), 8))
        y, x = (torch.randint((CROP - side) // REDUCTION + 1, (2,), generator=generator) * REDUCTION).tolist()
        picture = cut(pictures[number], y, x, side)
        planes = (oriented(part, turn) for part in (picture.original, picture.shown, picture.maps))
        parts.append((*planes, picture.parameters))
    return _samples(parts, device)


def _samples(parts: Sequence[tuple[Pixels, Pixels, Pixels, Pixels]], device: torch.device) -> Samples:
    original, shown, maps = (
        torch.from_numpy(numpy.stack([part[i] for part in parts])).to(device).float().permute(0, 3, 1, 2)
        for i in range(3)
    )
    _, settings = side_inputs(numpy.stack([part[3] for part in parts]))
    return Samples(original, shown, maps[:, MAPS:], torch.from_numpy(settings).float().to(device), maps[:, :MAPS])
