"""Validates the texture on pictures that it does not learn from, and makes sheets to look at.

Place: `train.py` calls it now and then.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from veneer.training.losses import pixels
from veneer.training.perceptual import SqueezeNet, distance
from veneer.training.runs import mixed_precision
from veneer.training.texture import losses
from veneer.training.texture.config import TextureConfig
from veneer.training.texture.data import Samples, TextureCrops, lose
from veneer.training.texture.grain import draw_noise
from veneer.training.texture.network import Texturer

SIDE = 256  # of what is validated, whole crops
AT_ONCE = 4
SEED = 12345
SHEET_SIDE, SHEET_ROWS, SHEET_COLUMNS = 128, 8, 2


@dataclasses.dataclass(frozen=True)
class Report:
    """Means over pictures for each step index, finest first.

    Attributes:
        steps: the step indices, of bases at full size.
        loss_db: PSNR that the texture costs.
        before: perceptual distance of enhanced pictures.
        after: of textured ones.
        flat: mean residual where nothing may be made up, in units of the amplitude.
        filled_before: perceptual distance of concealed pictures, at the coarsest step.
        filled_after: of what `texture` makes of them.
    """

    steps: list[int]
    loss_db: list[float]
    before: list[float]
    after: list[float]
    flat: list[float]
    filled_before: float
    filled_after: float

    def line(self) -> str:
        """The report for people."""
        parts = [
            f"step {step}: {after:.3f} from {before:.3f} for {loss:.2f} dB"
            for step, loss, before, after in zip(self.steps, self.loss_db, self.before, self.after, strict=True)
        ]
        return f"distance {'; '.join(parts)}; filled {self.filled_after:.3f} from {self.filled_before:.3f}"

    def as_fields(self) -> dict[str, Any]:
        """The report for a log."""
        return dataclasses.asdict(self)


def _noise(samples: Samples, number: int) -> Tensor:
    """The same noise at every validation."""
    torch.manual_seed(SEED + number)
    count, _, height, width = samples.step.shape
    return draw_noise((count, height, width), samples.step.device)


def textured(model: Texturer, samples: Samples, number: int = 0) -> Tensor:
    """Whole levels at realism 1."""
    noise = _noise(samples, number)
    with mixed_precision(samples.step.device):
        result = model(samples.enhanced, samples.step, samples.settings, samples.maps, samples.missing, noise)
    return pixels(result)


@torch.no_grad()
def validate(model: Texturer, features: SqueezeNet, crops: TextureCrops, config: TextureConfig) -> Report:
    """Measures on whole crops, those of the first source at all their steps."""
    chosen = numpy.flatnonzero(crops.scales == crops.scales[0])
    rows: list[tuple[int, float, float, float, float]] = []
    filled: list[tuple[float, float]] = []
    coarsest = int(crops.steps[chosen].max())
    for first in range(0, len(chosen), AT_ONCE):
        numbers = chosen[first : first + AT_ONCE].tolist()
        samples = crops.batch(numbers, [(0, 0)] * len(numbers), SIDE, crops.coarse(numbers, config))
        result = textured(model, samples, first)
        before, after = _distances(features, samples, result)
        cost = losses.loss_db(result, samples)
        flat = losses.guards(result, samples)["flat"]
        steps = crops.steps[numbers].tolist()
        rows += list(zip(steps, cost.tolist(), before.tolist(), after.tolist(), flat.tolist(), strict=True))
        if coarsest in steps:
            at = steps.index(coarsest)
            part = crops.batch([numbers[at]], [(0, 0)], SIDE, crops.coarse([numbers[at]], config))
            lose(part, 0, torch.Generator().manual_seed(SEED + first))
            found = _distances(features, part, textured(model, part, first))
            filled.append((float(found[0]), float(found[1])))
    table = numpy.array(rows)
    indices = sorted({int(step) for step in table[:, 0]})
    means = numpy.stack([table[table[:, 0] == index, 1:].mean(axis=0) for index in indices], axis=1)
    ends = numpy.array(filled).mean(axis=0).tolist()
    return Report(indices, means[0].tolist(), means[1].tolist(), means[2].tolist(), means[3].tolist(), *ends)


def _distances(features: SqueezeNet, samples: Samples, result: Tensor) -> tuple[Tensor, Tensor]:
    """Perceptual distances [N] before and after."""
    with mixed_precision(samples.step.device):
        original, enhanced, made = (features(x) for x in (samples.original, samples.enhanced, result))
    return distance(enhanced, original), distance(made, original)


@torch.no_grad()
def draw_sheet(model: Texturer, crops: TextureCrops, config: TextureConfig, path: Path) -> None:
    """Writes a PNG with rows of original, enhanced and textured parts at steps that get most of the texture.

    The last row's samples have lost a part.
    """
    coarse = numpy.flatnonzero(crops.steps >= config.coarse_step)
    count = SHEET_ROWS * SHEET_COLUMNS
    numbers = [int(coarse[i * len(coarse) // count]) for i in range(count)]
    places = [((SIDE - SHEET_SIDE) // 2,) * 2] * count
    samples = crops.batch(numbers, places, SHEET_SIDE, crops.coarse(numbers, config))
    generator = torch.Generator().manual_seed(SEED)
    for number in range(count - SHEET_COLUMNS, count):
        lose(samples, number, generator)
    result = textured(model, samples)
    planes = [
        x.permute(0, 2, 3, 1).cpu().numpy().astype(numpy.uint8) for x in (samples.original, samples.enhanced, result)
    ]
    gap, label = 4, 12
    width = SHEET_COLUMNS * (3 * (SHEET_SIDE + gap) + gap)
    sheet = Image.new("RGB", (width, SHEET_ROWS * (SHEET_SIDE + gap + label)), "white")
    canvas = ImageDraw.Draw(sheet)
    for number in range(count):
        row, column = divmod(number, SHEET_COLUMNS)
        x, y = column * width // SHEET_COLUMNS, row * (SHEET_SIDE + gap + label)
        cost = float(losses.loss_db(result[number : number + 1], _one(samples, number)))
        canvas.text((x, y), f"step {crops.steps[numbers[number]]}, {-cost:+.2f} dB", fill="black")
        for i, plane in enumerate(planes):
            sheet.paste(Image.fromarray(plane[number]), (x + i * (SHEET_SIDE + gap), y + label))
    sheet.save(path)


def _one(samples: Samples, number: int) -> Samples:
    parts = {field.name: getattr(samples, field.name)[number : number + 1] for field in dataclasses.fields(samples)}
    return Samples(**parts)
