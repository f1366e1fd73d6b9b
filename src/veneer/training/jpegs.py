"""Crops of pictures as JPEGs, coded during training: training data of the restoring network.

Each sample is a new JPEG of a part of a crop, turned and at any place off the grid of whatever coded it before.
Quality, tables and subsampling are drawn; some are coded twice. Pillow codes, and the core decodes, as it does when
pictures are restored; a sample of 128 x 128 takes about 3 ms of a core.

Place: before `train.py`, as `data.py` for base layers.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from pathlib import Path
from typing import Any

import numpy
import torch
from PIL import Image

from veneer.training.config import Config
from veneer.training.data import CROP, Batch, CropSet, Pixels, oriented
from veneer.training.graph_writer import step_levels
from veneer.training.sources import find_sources, read_crop

CHECKED_QUALITIES = (10, 20, 40, 75)
CHECKED_SUBSAMPLINGS = ("4:2:0", "4:4:4")

# Samples are cut out of larger pictures, at multiples of the largest block of chroma that is drawn, so that some of
# their borders are borders of a picture and most are not.
GRID = 16
FRAME = 2 * GRID

# Tables of Annex K of the JPEG standard times a scale, as libjpeg has them: 1 at quality 50. The range is 8 .. 82.
SCALES = (0.36, 6.25)
QUALITIES, FINE_QUALITIES = (5, 101), (88, 101)
# Shares: any quality instead of a scale, a fine one, where a network must learn to do no harm; other tables than the
# standard's, coded before, grey.
ANY_QUALITY, FINE_QUALITY, OTHER_TABLES, TWICE, GREY = 0.12, 0.08, 0.2, 0.15, 0.05
QUALITIES_BEFORE = (60, 96)
SUBSAMPLINGS, SUBSAMPLING_SHARES = ("4:2:0", "4:4:4", "4:2:2"), (0.47, 0.43, 0.10)

Saved = dict[str, Any]  # what Pillow's writer of JPEGs is told


@functools.cache
def standard_tables() -> tuple[Pixels, Pixels]:
    """Tables of quality 50, luma and chroma, int64 [64] in rows."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", quality=50)
    with Image.open(file) as image:
        tables = image.quantization  # type: ignore[attr-defined]
    return numpy.array(tables[0]), numpy.array(tables[1])


def draw_settings(rng: numpy.random.Generator) -> Saved:
    """Coding parameters of a training JPEG."""
    saved: Saved = {"subsampling": str(rng.choice(SUBSAMPLINGS, p=SUBSAMPLING_SHARES))}
    chance = rng.random()
    if chance < ANY_QUALITY + FINE_QUALITY:
        return {**saved, "quality": int(rng.integers(*(QUALITIES if chance < ANY_QUALITY else FINE_QUALITIES)))}
    scale = float(numpy.exp(rng.uniform(*numpy.log(SCALES))))
    tables = [table * scale for table in standard_tables()]
    if rng.random() < OTHER_TABLES:
        # Flatter or steeper over the frequencies, and chroma finer or coarser than the standard has it.
        slope = rng.uniform(0.2, 1.2)
        tables = [table[0] * (table / table[0]) ** slope for table in tables]
        tables[1] = tables[1] * 2 ** rng.uniform(-0.8, 0.8)
    return {**saved, "qtables": [numpy.floor(table + 0.5).clip(1, 255).astype(int).tolist() for table in tables]}


def to_jpeg(pixels: Pixels, saved: Saved) -> bytes:
    """A JPEG of pixels [H, W, 3] or [H, W]."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **saved)
    return file.getvalue()


@dataclasses.dataclass(frozen=True)
class Sample:
    """A JPEG and what it was made of.

    Attributes:
        original: uint8 [H, W, 3].
        decoded: uint8 [H, W, 3], the decoded JPEG; sides are multiples of 16.
        maps: uint8 [H / 4, W / 4, 10], how its blocks were coded (docs/format.md, "Restored pixels of a JPEG").
        step: step index of luma, 0..172.
        settings: four numbers on the whole JPEG.
        coded_bytes: its size.
    """

    original: Pixels
    decoded: Pixels
    maps: Pixels
    step: int
    settings: list[int]
    coded_bytes: int


def _coded(original: Pixels, shown: Pixels, saved: Saved, y: int = 0, x: int = 0, side: int = CROP) -> Sample:
    """Codes and decodes what the encoder is shown of a picture, and cuts a part out, at multiples of 16."""
    data = to_jpeg(shown, saved)
    from veneer.restoration.layer import read_jpeg  # which needs the compiled core; training does without

    picture = read_jpeg(data)
    pixels = picture.pixels()[y : y + side, x : x + side]
    decoded = numpy.broadcast_to(pixels, (*pixels.shape[:2], 3))
    return Sample(original[y : y + side, x : x + side], decoded, picture.maps(pixels), *picture.strength, len(data))


def draw_sample(original: Pixels, side: int, rng: numpy.random.Generator) -> Sample:
    """A JPEG of a part of a picture, coded in a way drawn, and of that a part of `side` x `side` pixels."""
    whole = min(side + FRAME, *original.shape[:2]) // GRID * GRID
    y, x = (int(rng.integers(size - whole + 1)) for size in original.shape[:2])
    pixels = numpy.ascontiguousarray(oriented(original[y : y + whole, x : x + whole], int(rng.integers(8))))
    top, left = (int(rng.integers((whole - side) // GRID + 1)) * GRID for _ in range(2))
    shown, saved = pixels, draw_settings(rng)
    chance = rng.random()
    if chance < GREY:
        shown = numpy.asarray(Image.fromarray(pixels).convert("L"))
        pixels = numpy.dstack([shown] * 3)
        saved.pop("subsampling")
    elif chance < GREY + TWICE:
        # The first time on another grid; its borders are cut off.
        down, right = (int(rng.integers(8)) for _ in range(2))
        padded = numpy.pad(pixels, ((down, 8 - down), (right, 8 - right), (0, 0)), "reflect")
        first = {"subsampling": saved["subsampling"], "quality": int(rng.integers(*QUALITIES_BEFORE))}
        from veneer.restoration.layer import read_jpeg

        shown = read_jpeg(to_jpeg(padded, first)).pixels()[down : down + whole, right : right + whole]
    return _coded(pixels, shown, saved, top, left, side)


def check_sample(original: Pixels, number: int) -> Sample:
    """One of the JPEGs of a picture that the network is validated on."""
    quality = CHECKED_QUALITIES[number // len(CHECKED_SUBSAMPLINGS)]
    subsampling = CHECKED_SUBSAMPLINGS[number % len(CHECKED_SUBSAMPLINGS)]
    return _coded(original, original, {"quality": quality, "subsampling": subsampling})


CHECKS = len(CHECKED_QUALITIES) * len(CHECKED_SUBSAMPLINGS)


class JpegSet:
    """Crops of pictures to make JPEGs of.

    Args:
        folder: pictures, 256 x 256 or larger, in its folder `kind`.
        kind: "train", of which JPEGs are drawn, or "valid", where each crop has the same eight.
        device: where batches are made.

    Raises:
        FileNotFoundError: there are no pictures.
    """

    scale = 1

    def __init__(self, folder: Path, kind: str, device: torch.device) -> None:
        sources = find_sources(folder / kind, 1, 1 if kind == "valid" else 8)
        if not sources:
            raise FileNotFoundError(f"no pictures of at least {CROP} x {CROP} pixels in {folder / kind}")
        self.device = device
        self.originals = [read_crop(source) for source in sources]
        self.drawn = kind != "valid"
        self.steps = numpy.zeros(len(self), int)
        self.coded_bytes = numpy.zeros(len(self), int)
        if not self.drawn:
            for number in range(len(self)):
                sample = self.sample(number)
                self.steps[number] = sample.step
                self.coded_bytes[number] = sample.coded_bytes

    def __len__(self) -> int:
        return len(self.originals) * (1 if self.drawn else CHECKS)

    def sample(self, number: int) -> Sample:
        """A whole crop as a JPEG that is always the same."""
        if self.drawn:
            return draw_sample(self.originals[number], CROP, numpy.random.default_rng(number))
        return check_sample(self.originals[number // CHECKS], number % CHECKS)

    def batch(self, samples: list[Sample]) -> Batch:
        """Samples of equal sides for the networks."""
        # Memory stays [N, H, W, C], the layout that is fastest.
        original, decoded, maps = (
            torch.from_numpy(numpy.stack([getattr(sample, name) for sample in samples]))
            .to(self.device)
            .float()
            .permute(0, 3, 1, 2)
            for name in ("original", "decoded", "maps")
        )
        steps = numpy.array([sample.step for sample in samples])
        settings = torch.tensor([sample.settings for sample in samples]).float()
        step = torch.from_numpy(steps).float().to(self.device)[:, None, None, None]
        return Batch(
            original=original,
            base=decoded,
            shown=decoded,
            step=step.expand(-1, -1, *maps.shape[2:]),
            settings=settings.to(self.device)[:, :, None, None],
            maps=maps,
            q=torch.from_numpy(step_levels(steps)).float().to(self.device),
        )

    def random_batch(self, count: int, side: int, generator: torch.Generator) -> Batch:
        """Samples drawn by `generator`, every crop as likely as any."""
        rng = numpy.random.default_rng(int(torch.randint(1 << 62, (1,), generator=generator)))
        numbers = rng.integers(len(self.originals), size=count)
        return self.batch([draw_sample(self.originals[number], side, rng) for number in numbers])

    def whole(self, first: int, count: int) -> Batch:
        """Whole crops, JPEGs first .. first + count - 1."""
        return self.batch([self.sample(number) for number in range(first, min(first + count, len(self)))])


def open_crops(config: Config, folder: Path, kind: str, device: torch.device) -> CropSet | JpegSet:
    """Training data of a run: a cache of coded crops, or for JPEGs a folder of pictures; raises as they do."""
    return JpegSet(folder, kind, device) if config.source == "jpeg" else CropSet(folder, kind, device)
