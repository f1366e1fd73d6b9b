"""Figures of the drawing network on pictures that it does not learn from, and sheets to look at.

Figures, of luma where nothing else is said; bands are rings of frequencies under a Hann window:
    added / missing   energy of what is added over that of what realism 0 lacks, at periods of 2 to 5.6 pixels: mean of
                      pictures, and of all pictures together, which smooth ones that get too much do not raise
    same              share of what is added that two seeds have in common, outside edges
    distance          of SqueezeNet 1.1, and the same of a judge that took no part in training
    lines             of what is added: power at periods 2, 4, 8, 16 over its surroundings, times
    contrast          of the textured picture at 11 to 50 pixels over that of realism 0, less 1
    cost              PSNR that is lost, dB

Place: `train.py` calls it now and then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import numpy.typing
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from veneer.training.drawing.crops import Samples, Shown, as_samples, cut
from veneer.training.drawing.judge import Vgg
from veneer.training.drawing.losses import fine_map
from veneer.training.drawing.network import Drawer, draw_noise
from veneer.training.graph_writer import REDUCTION
from veneer.training.losses import pixels, squared_error
from veneer.training.perceptual import SqueezeNet, tap_distances
from veneer.training.runs import mixed_precision
from veneer.training.texture.losses import luma

BANDS = ((2.0, 2.8), (2.8, 4.0), (4.0, 5.6), (5.6, 8.0))
MISSING, LONG = (2.0, 5.6), (11.0, 50.0)
LINES = (2, 4, 8, 16)
AROUND = 6  # frequencies on either side that a line is measured by; the nearest two are left out
NOTHING = 1e-6  # power that counts as none
SEED = 12345
SHEET_SIDE, GAP, LABEL = 256, 4, 12

Reals = numpy.typing.NDArray[numpy.float64]


@dataclasses.dataclass(frozen=True)
class Figures:
    """Means over pictures; `lines` of the mean spectrum. See above."""

    added: float
    added_together: float
    same: float
    distance: float
    distance_shown: float
    judged: float
    judged_shown: float
    lines: list[float]
    contrast: float
    cost: float
    energy: list[float]
    energy_shown: list[float]

    def line(self) -> str:
        """The figures for people."""
        pairs = " ".join(f"{a:.2f}<{b:.2f}" for a, b in zip(self.energy, self.energy_shown, strict=True))
        return (
            f"added/missing {self.added:.3f}, together {self.added_together:.3f}, same {self.same:.2f}, "
            f"distance {self.distance:.3f} from "
            f"{self.distance_shown:.3f}, judge {self.judged:.3f} from {self.judged_shown:.3f}, "
            f"lines {' '.join(f'{x:.2f}' for x in self.lines)}, contrast {100 * self.contrast:+.2f} %, "
            f"cost {self.cost:.2f} dB, energy {pairs}"
        )


def spectrum(plane: Reals) -> tuple[Reals, Reals]:
    """Power of a plane [H, W] under a Hann window, and the frequency of each number."""
    height, width = plane.shape
    window: Reals = numpy.outer(numpy.hanning(height), numpy.hanning(width))
    mean = (plane * window).sum() / window.sum()
    power = abs(numpy.fft.fft2((plane - mean) * window)) ** 2
    frequency = numpy.hypot(numpy.fft.fftfreq(height)[:, None], numpy.fft.fftfreq(width))
    return numpy.asarray(power, numpy.float64), numpy.asarray(frequency, numpy.float64)


def band_powers(plane: Reals, bands: Sequence[tuple[float, float]]) -> list[float]:
    """Power at periods from the first to the second of each band, pixels."""
    power, frequency = spectrum(plane)
    return [float(power[(frequency > 1 / most) & (frequency <= 1 / least)].sum()) for least, most in bands]


def line_powers(plane: Reals, side: int = 256) -> Reals:
    """Power [2, side / 2 + 1] of rows and of columns of a plane's upper left square, which is at least so large."""
    square = plane[:side, :side] - plane[:side, :side].mean()
    return numpy.stack([(abs(numpy.fft.rfft(square, axis=i)) ** 2).mean(axis=1 - i) for i in (1, 0)])


def lines_of(powers: Reals) -> list[float]:
    """Ratio of the power at each of the periods to that around it, the greater of rows and columns."""
    side, found = 2 * (powers.shape[1] - 1), []
    for period in LINES:
        at = side // period
        near = [i for i in range(at - AROUND, at + AROUND + 1) if abs(i - at) > 2 and 0 < i < powers.shape[1]]
        around = numpy.median(powers[:, near], axis=1)
        found.append(float(((powers[:, at] + NOTHING) / (around + NOTHING)).max()))
    return found


@torch.no_grad()
def measure(
    model: Drawer, features: SqueezeNet, judge: Vgg | None, pictures: Sequence[Shown], strength: float = 1.0
) -> Figures:
    """Measures on pictures, one by one.

    Args:
        model: the network.
        features: of the first distance.
        judge: of the second; None leaves it out.
        pictures: at least 256 x 256 each.
        strength: realism, 0..1.
    """
    rows: list[list[float]] = []
    sums: list[list[float]] = []
    powers: list[Reals] = []
    device = next(model.parameters()).device
    for number, picture in enumerate(pictures):
        samples = as_samples([picture], device)
        first, second = (_residual(model, samples, SEED + number + 1000 * seed) * strength for seed in (0, 1))
        made = pixels((samples.shown + first).clamp(0, 255))
        with mixed_precision(device):
            nets: list[nn.Module] = [features] if judge is None else [features, judge]
            apart = []
            for net in nets:
                original, shown, textured = (net(x) for x in (samples.original, samples.shown, made))
                apart += [float(tap_distances(x, original).sum()) for x in (textured, shown)]
        free = 1 - fine_map(samples.shown, samples.original)
        free = free.repeat_interleave(REDUCTION, 2).repeat_interleave(REDUCTION, 3)
        a, b = luma(first), luma(second)
        same = float((a * b * free).sum() / ((a * a + b * b) * free / 2).sum().clamp(min=1e-6))
        cost = 10 * torch.log10(squared_error(made, samples.original) / squared_error(samples.shown, samples.original))
        planes = [luma(x)[0, 0].double().cpu().numpy() for x in (samples.original, samples.shown, made)]
        real, shown_plane, textured_plane = planes
        added = textured_plane - shown_plane
        (*whole, _), (*kept, long_kept), (*after, long_after) = (band_powers(x, (*BANDS, LONG)) for x in planes)
        energies = [[a / b for a, b in zip(powers_in, whole, strict=True)] for powers_in in (kept, after)]
        long = (long_after / long_kept) ** 0.5 - 1
        sums.append([band_powers(x, (MISSING,))[0] for x in (added, real - shown_plane)])
        rows.append(
            [
                sums[-1][0] / sums[-1][1],
                same,
                *apart,
                *([0.0] * (4 - len(apart))),
                long,
                float(cost),
                *energies[1],
                *energies[0],
            ]
        )
        powers.append(line_powers(added))
    mean = numpy.array(rows).mean(axis=0).tolist()
    return Figures(
        added=mean[0],
        added_together=sum(row[0] for row in sums) / sum(row[1] for row in sums),
        same=mean[1],
        distance=mean[2],
        distance_shown=mean[3],
        judged=mean[4],
        judged_shown=mean[5],
        lines=lines_of(numpy.mean(powers, axis=0)),
        contrast=mean[6],
        cost=mean[7],
        energy=mean[8 : 8 + len(BANDS)],
        energy_shown=mean[8 + len(BANDS) :],
    )


def as_fields(figures: Figures) -> dict[str, Any]:
    """Figures for a log."""
    return dataclasses.asdict(figures)


def _residual(model: Drawer, samples: Samples, seed: int) -> Tensor:
    """The added texture, with the same noise at every validation."""
    noise = draw_noise(samples, torch.Generator().manual_seed(seed))
    with mixed_precision(samples.step.device):
        return model.residual(samples, noise, model.guided(samples))


def middles(pictures: Sequence[Shown], side: int) -> list[Shown]:
    """The middle squares of pictures."""
    grid = 16
    found = []
    for picture in pictures:
        y, x = ((length - side) // 2 // grid * grid for length in picture.original.shape[:2])
        found.append(cut(picture, y, x, side))
    return found


@torch.no_grad()
def draw_sheet(model: Drawer, pictures: Sequence[Shown], path: Path, scale: int = 1) -> None:
    """Writes a PNG with a row for each picture: original, realism 0, textured."""
    device = next(model.parameters()).device
    side = SHEET_SIDE * scale
    sheet = Image.new("RGB", (3 * (side + GAP), len(pictures) * (side + LABEL + GAP)), "white")
    canvas = ImageDraw.Draw(sheet)
    for row, picture in enumerate(middles(pictures, SHEET_SIDE)):
        samples = as_samples([picture], device)
        made = pixels((samples.shown + _residual(model, samples, SEED + row)).clamp(0, 255))
        textured = made[0].permute(1, 2, 0).cpu().numpy().astype(numpy.uint8)
        y = row * (side + LABEL + GAP)
        canvas.text((0, y), f"{picture.name}: original, realism 0, textured; {picture.rate:.3f} bpp", fill="black")
        for column, plane in enumerate((picture.original, picture.shown, textured)):
            image = Image.fromarray(numpy.ascontiguousarray(plane)).resize((side, side), Image.Resampling.NEAREST)
            sheet.paste(image, (column * (side + GAP), y + LABEL))
    sheet.save(path)
