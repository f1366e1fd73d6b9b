"""Gain of a model on pictures that it does not learn from: per step of the base layer, and as a share of the rate.

Place: `train.py` calls it now and then, `export.py` at the end.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy
import torch

from veneer.training import losses
from veneer.training.data import CROP, CropSet
from veneer.training.float_network import Reals
from veneer.training.jpegs import JpegSet
from veneer.training.networks import Enhancer


@dataclasses.dataclass(frozen=True)
class Report:
    """Means over pictures for each step index of the base layer, finest first.

    Attributes:
        steps: the step indices.
        base_bpp: rate of the base layer.
        base_db: its PSNR over R, G and B.
        gain_db: what enhancement adds to it.
        latents_bpp: rate of the latents.
    """

    steps: list[int]
    base_bpp: list[float]
    base_db: list[float]
    gain_db: list[float]
    latents_bpp: list[float]

    @property
    def rate_change(self) -> float:
        """Rate at equal PSNR, latents included, relative to the base alone; -0.08 is 8 % less.

        A mean over the PSNR that both reach. Logarithms of the rate of mean curves are interpolated by straight lines.
        """
        if len(self.steps) < 2:
            return float("nan")
        bpp = numpy.array(self.base_bpp)
        base_db = numpy.array(self.base_db)
        db = base_db + numpy.array(self.gain_db)
        low, high = max(base_db.min(), db.min()), min(base_db.max(), db.max())
        if low >= high:
            return float("nan")
        at = numpy.linspace(low, high, 200)
        difference = _log_rate(at, db, bpp + numpy.array(self.latents_bpp)) - _log_rate(at, base_db, bpp)
        return float(numpy.exp(difference.mean()) - 1)

    def line(self) -> str:
        """The report for people."""
        parts = [
            f"{bpp:.2f} bpp {gain:+.3f} dB for {latents:.4f}"
            for bpp, gain, latents in zip(self.base_bpp, self.gain_db, self.latents_bpp, strict=True)
        ]
        return f"rate {self.rate_change:+.2%} at equal PSNR  [{'; '.join(parts)}]"

    def as_fields(self) -> dict[str, Any]:
        """The report for a log."""
        return {**dataclasses.asdict(self), "rate_change": self.rate_change}


def _log_rate(at: Reals, db: Reals, bpp: Reals) -> Reals:
    order = numpy.argsort(db)
    return numpy.asarray(numpy.interp(at, db[order], numpy.log(bpp[order])))


def report(crops: CropSet | JpegSet, gain_db: list[float], bits: list[float]) -> Report:
    """Gathers what was measured for each decoding of a set, in its order."""
    pixels = CROP * CROP
    steps = crops.steps
    base_db = []
    for first in range(0, len(crops), 16):
        batch = crops.whole(first, 16)
        error = losses.squared_error(losses.pixels(batch.shown), batch.original).clamp(min=1 / 1200)
        base_db += (10 * torch.log10(255**2 / error)).tolist()
    table = numpy.stack([crops.coded_bytes * 8 / pixels, base_db, gain_db, numpy.array(bits) / pixels])
    indices = sorted(set(steps.tolist()))
    means = numpy.stack([table[:, steps == index].mean(axis=1) for index in indices], axis=1)
    return Report(indices, *means.tolist())


@torch.no_grad()
def validate(model: Enhancer, crops: CropSet | JpegSet) -> Report:
    """Enhances all crops in float32, with latents as a file would have them, to pixels of whole levels."""
    gain_db: list[float] = []
    bits: list[float] = []
    for first in range(0, len(crops), 4):
        batch = crops.whole(first, 4)
        result = model(batch.original, batch.base, batch.step, batch.settings, batch.maps, shown=batch.shown, hard=True)
        gain_db += losses.gain_db(result.enhanced, batch.shown, batch.original).tolist()
        bits += result.bits.tolist()
    return report(crops, gain_db, bits)
