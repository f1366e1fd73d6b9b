"""Judges one picture by the discriminator, and with a reference by every metric.

The discriminator was trained beside the texture generator to tell originals from decoded pictures. In a share of its
samples it saw the picture alone; here it judges in that way. It knows the faults of Veneer's own networks best, and
they were trained to deceive it: to compare codecs, use `critic.py`.

Place: `veneer score` calls it. The judgement needs torch (extra `train`), the metrics do not.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import pickle
from pathlib import Path

import numpy as np

from veneer.evaluation import compare, frechet
from veneer.evaluation.compare import Figure, Side, figure_text
from veneer.evaluation.metrics import Metric, Pixels

__all__ = ["Figure", "Judgement", "Side", "figure_text", "find_discriminator", "judge", "measure"]

FILE = "discriminator.pt"
PACKAGE = Path(__file__).parents[1]
# Where an installed package has it, and where its source has.
FOLDERS = (PACKAGE / "evaluation", PACKAGE.parents[1] / "weights")
MIN_SIDE = 8
PART = 1024  # pixels a side that are judged at once

FRECHET = Metric(
    "frechet",
    "Frechet distance",
    "% of variance",
    lambda *pair: frechet.relative_distance(*(frechet.cloud([pixels]) for pixels in pair)),
    better="lower",
)


@dataclasses.dataclass(frozen=True)
class Judgement:
    """The judgement of the discriminator on a picture.

    Attributes:
        share: of the picture, 0..1, that it takes for an original.
        score: its mean score; above 0 for originals, below for decoded pictures.
    """

    share: float
    score: float


def find_discriminator(path: Path | None = None) -> Path:
    """The file of the discriminator: the one given, or that of the package.

    Raises:
        ValueError: there is none.
    """
    candidates = [path] if path else [folder / FILE for folder in FOLDERS]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ValueError(f"{path}: no such file" if path else "the package came without a discriminator")


def judge(pixels: Pixels, path: Path) -> Judgement:
    """Judges a picture by itself.

    Args:
        pixels: uint8 RGB [H, W, 3], 8 x 8 or more.
        path: of the discriminator.

    Raises:
        ImportError: torch is not installed.
        ValueError: the picture is too small, or the file holds no discriminator.
    """
    import torch

    from veneer.training.discriminator import load_discriminator

    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise ValueError(f"{width}x{height} pixels are too few to judge")
    try:
        discriminator = load_discriminator(path)
    except (pickle.UnpicklingError, EOFError, KeyError, RuntimeError) as error:
        raise ValueError(f"{path}: cannot be read as a discriminator") from error
    scores = []
    for rows, columns in itertools.product(_parts(height), _parts(width)):
        part = torch.from_numpy(pixels[rows, columns].copy()).permute(2, 0, 1)[None]
        scores.append(discriminator.judge(part).numpy().ravel())
    values = np.concatenate(scores)
    return Judgement(float((values > 0).mean()), float(values.mean()))


def measure(reference: Pixels, pixels: Pixels) -> list[Figure]:
    """Every metric of a picture against its reference, both uint8 RGB [H, W, 3]; None for what cannot be had."""
    value = FRECHET.compute(reference, pixels)
    sides = compare.Side("", reference, 0), compare.Side("", pixels, 0)
    return [*compare.compare_sides(*sides, compare.chosen_metrics(())), (FRECHET, None if math.isnan(value) else value)]


def _parts(side: int) -> list[slice]:
    """Pieces of at most `PART`, the last joined to the one before where it is too small to judge."""
    starts = [start for start in range(0, side, PART) if start == 0 or side - start >= MIN_SIDE]
    return [slice(*pair) for pair in zip(starts, [*starts[1:], side], strict=True)]
