"""Exports the texture generator to integers, and compares it with float.

Place: `export.py` of training calls it for `--texture`; needs the compiled core.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy
import torch
from torch import Tensor

from veneer.enhancement.unrounded import FRACTION_BITS, to_pixels
from veneer.inference.model_network import Array, ModelNetwork
from veneer.inference.network import Network
from veneer.training.data import CROP, CropSet
from veneer.training.integers import to_integers
from veneer.training.jpegs import JpegSet
from veneer.training.losses import pixels
from veneer.training.networks import Enhancer
from veneer.training.texture.data import Samples, enhance, lose
from veneer.training.texture.grain import NOISE_FRACTION_BITS, draw_noise
from veneer.training.texture.network import Texturer

CALIBRATION_CROPS = 96
# Features grow as the step gets finer: every crop is taken at this one too, and once with parts of it missing.
FINEST_STEP = 44
SEED = 1


def _noise(samples: Samples) -> Tensor:
    count, _, height, width = samples.step.shape
    return draw_noise((count, height, width), samples.step.device)


@torch.no_grad()
def export_texturer(
    texturer: Texturer, model: Enhancer, crops: CropSet | JpegSet, count: int = CALIBRATION_CROPS
) -> Network:
    """The integer network `texture`.

    Args:
        texturer: in float.
        model: that enhances the crops.
        crops: to calibrate with, evenly picked.
        count: how many.

    Raises:
        ExportError: see `to_integers`.
    """
    largest: dict[str, float] = {}

    def observe(name: str, x: Tensor) -> None:
        largest[name] = max(largest.get(name, 0.0), float(x.abs().max()))

    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    count = min(count, len(crops))
    for i in range(count):
        samples = enhance(model, crops, [i * len(crops) // count])
        finest = torch.full_like(samples.step, FINEST_STEP)
        ways = [(samples.step, False), (finest, False)]
        ways += [] if isinstance(crops, JpegSet) else [(samples.step, True)]
        for step, damaged in ways:
            if damaged:
                lose(samples, 0, generator)
            noise = _noise(samples)
            texturer(samples.enhanced, step, samples.settings, samples.maps, samples.missing, noise, observe)
    return to_integers(texturer.texture, largest)


def texture(network: ModelNetwork, samples: Samples, noise: Tensor, realism: int = 64) -> Array:
    """The picture that a decoder would give for one sample, uint8 [H, W, 3].

    Args:
        network: `texture` in integers.
        samples: one.
        noise: [1, 8, h, w], -1..1.
        realism: 0..64.
    """
    planes = {
        "picture": samples.enhanced * (1 << FRACTION_BITS),
        "step": samples.step,
        "settings": samples.settings.expand(-1, -1, *samples.step.shape[2:]),
        "maps": samples.maps,
        "missing": samples.missing,
        "noise": noise * (1 << NOISE_FRACTION_BITS),
        "realism": torch.full_like(samples.step, realism),
    }
    inputs: Mapping[str, Array] = {
        name: numpy.ascontiguousarray(planes[name][0].permute(1, 2, 0).numpy().astype(numpy.int16))
        for name in (tensor.name for tensor in network.inputs)
    }
    height, width = samples.enhanced.shape[2:]
    return to_pixels(network.run(inputs, (height, width))["textured"].astype(numpy.int16))


@torch.no_grad()
def check_texturer(
    texturer: Texturer, network: ModelNetwork, model: Enhancer, crops: CropSet | JpegSet, most: int = 24
) -> str:
    """Runs both over validation crops, evenly picked, every fourth with parts missing; says how far apart they are."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    changes, differences, largest = [], [], 0.0
    count = min(most, len(crops))
    for i in range(count):
        samples = enhance(model, crops, [i * len(crops) // count])
        if i % 4 == 3 and not isinstance(crops, JpegSet):
            lose(samples, 0, generator)
        noise = _noise(samples)
        wanted = pixels(
            texturer(samples.enhanced, samples.step, samples.settings, samples.maps, samples.missing, noise)
        )
        found = torch.from_numpy(texture(network, samples, noise).astype(numpy.float32)).permute(2, 0, 1)[None]
        changes.append(float((wanted - samples.enhanced).square().mean()))
        differences.append(float((found - wanted).square().mean()))
        largest = max(largest, float((found - wanted).abs().max()))
    change, difference = (float(numpy.mean(values)) ** 0.5 for values in (changes, differences))
    return (
        f"texture changes {count} crops of {CROP} x {CROP} by {change:.2f} levels (root mean square); integers differ "
        f"from float32 by {difference:.3f}, {largest:.0f} at most"
    )
