"""From a checkpoint to the files of a model: mean weights become the integer networks that encoder and decoder run.

Calibration runs the trained networks over crops of all steps and notes how large every result gets; `integers.py`
does the arithmetic. What is written is read back, run by the integer engine, and measured against float32.

Place: last of training. Needs the compiled core.

    veneer train --export FILE --run DIR --cache DIR [--half DIR --half-cache DIR] [--texture RUN]
                         --id N [--pictures DIR]
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch import Tensor

from veneer.base import layer
from veneer.enhancement.unrounded import to_pixels
from veneer.inference.model_network import MODEL_SUFFIX, Array, ModelNetwork, read_networks
from veneer.inference.network import Network
from veneer.inference.weight_bytes import file_hash
from veneer.inference.weights import Model, save_model
from veneer.training import losses, quantizers
from veneer.training.data import CropSet, Decoding, Pixels, interpolate
from veneer.training.graph_writer import (
    BASE_FRACTION_BITS,
    REALISM_FRACTION_BITS,
    STRENGTH_FRACTION_BITS,
    side_inputs,
)
from veneer.training.integers import to_integers
from veneer.training.jpegs import JpegSet, open_crops
from veneer.training.networks import Enhancer, load_enhancer
from veneer.training.prepare import code
from veneer.training.sources import SUFFIXES
from veneer.training.texture import export as texture
from veneer.training.texture.network import load_texturer
from veneer.training.train import CACHE_HELP
from veneer.training.validation import report

# JPEGs differ more: they are of any quality and coded in several ways.
CALIBRATION_CROPS = {"veneer": 96, "jpeg": 384}
# Features grow as the step gets finer: calibration takes every crop at this one too, finer than quality 100; no JPEG's
# tables are finer than ones.
FINEST_STEPS = {"veneer": 44, "jpeg": 64}
CHECK_STEPS = (88, 120, 152)
ALIGNMENT = 16  # of pictures that the float networks take


@torch.no_grad()
def calibrate(model: Enhancer, crops: CropSet | JpegSet) -> dict[str, dict[str, float]]:
    """Largest magnitude of every result of every network, by their names, over evenly picked crops."""
    largest: dict[str, dict[str, float]] = {name: {} for name in model.networks}

    def observe(network: str, name: str, x: Tensor) -> None:
        largest[network][name] = max(largest[network].get(name, 0.0), float(x.abs().max()))

    count = min(CALIBRATION_CROPS[model.config.source], len(crops))
    finest = FINEST_STEPS[model.config.source]
    for i in range(count):
        batch = crops.whole(i * len(crops) // count, 1)
        for step in (batch.step, torch.full_like(batch.step, finest)):
            side = (step, batch.settings, batch.maps)
            model(batch.original, batch.base, *side, shown=batch.shown, realism=1.0, hard=True, observe=observe)
    return largest


def export_model(model: Enhancer, crops: CropSet | JpegSet, model_id: int) -> Model:
    """The integer networks of a model.

    Args:
        model: in float.
        crops: to calibrate with.
        model_id: number of the model.

    Raises:
        ExportError: see `to_integers`.
    """
    largest = calibrate(model, crops)
    networks = {name: to_integers(network, largest[name]) for name, network in model.networks.items()}
    return Model(model_id, model.config.model, networks)


def enhance(
    networks: Mapping[str, ModelNetwork], original: Pixels, decoding: Decoding, scale: int = 1, realism: float = 0.0
) -> tuple[Pixels, float]:
    """The result of a file: a picture enhanced by the integer networks, and the bits of its latents.

    Args:
        networks: of a model.
        original: uint8 [H, W, 3].
        decoding: of the picture, by the base layer of `scale`.
        scale: 1 or 2.
        realism: 0..1.
    """
    shape = decoding.steps.shape
    _, settings = side_inputs(numpy.frombuffer(decoding.parameters, numpy.uint8)[None])
    constants = {
        "settings": settings[0, :, 0, 0],
        "strength": numpy.array([1 << STRENGTH_FRACTION_BITS]),
        "realism": numpy.array([round(realism * (1 << REALISM_FRACTION_BITS))]),
    }
    inputs: dict[str, Array] = {
        name: numpy.broadcast_to(value.astype(numpy.int16), (*shape, len(value))) for name, value in constants.items()
    }
    inputs |= {"picture": decoding.quarters, "original": original, "maps": decoding.maps}
    inputs |= {"step": decoding.steps[:, :, None]}
    size = original.shape[:2]
    bits = 0.0
    if scale == 2:
        inputs["interpolated"] = layer.interpolate(decoding.quarters)[: size[0], : size[1]]
    elif "latent_analysis" in networks:
        inputs |= _run(networks["latent_analysis"], inputs, size)
        index = _run(networks["latent_prior"], inputs, size)["index"]
        y = torch.from_numpy(inputs["y"].astype(numpy.int64))
        bits = float(quantizers.table_bits(y, torch.from_numpy(index.astype(numpy.int64))).sum())
    enhanced = _run(networks["restore" if scale == 1 else "restore_half"], inputs, size)["enhanced"]
    return to_pixels(enhanced.astype(numpy.int16)), bits


def _run(network: ModelNetwork, inputs: Mapping[str, Array], size: tuple[int, int]) -> dict[str, Array]:
    given = {tensor.name: inputs[tensor.name].astype(numpy.int16) for tensor in network.inputs}
    return network.run(given, size)


@dataclasses.dataclass(frozen=True)
class Difference:
    """Float against integer networks on one decoding.

    Attributes:
        float_db: gain of the float networks.
        integer_db: of the integer networks.
        float_bits: of the latents in the float networks.
        integer_bits: of the latents in the integer networks.
    """

    float_db: float
    integer_db: float
    float_bits: float
    integer_bits: float


@torch.no_grad()
def compare(model: Enhancer, networks: Mapping[str, ModelNetwork], original: Pixels, decoding: Decoding) -> Difference:
    """Enhances one decoding with both; H and W multiples of 16. Arguments as of `enhance`."""
    scale = model.config.scale

    def planes(pixels: Array) -> Tensor:
        return torch.from_numpy(pixels.astype(numpy.float32)).permute(2, 0, 1)[None]

    target, base = planes(original), planes(decoding.quarters) / (1 << BASE_FRACTION_BITS)
    shown = base if scale == 1 else interpolate(base)
    _, settings = side_inputs(numpy.frombuffer(decoding.parameters, numpy.uint8)[None])
    side = planes(decoding.steps[:, :, None]), torch.from_numpy(settings).float(), planes(decoding.maps)
    result = model(target, base, *side, shown=shown, hard=True)
    enhanced, bits = enhance(networks, original, decoding, scale)
    return Difference(
        losses.gain_db(result.enhanced, shown, target).item(),
        losses.gain_db(planes(enhanced), shown, target).item(),
        result.bits.item(),
        bits,
    )


@torch.no_grad()
def compare_on_jpeg(model: Enhancer, network: ModelNetwork, crops: JpegSet, number: int) -> Difference:
    """Restores one JPEG with `jpeg_restore` in float and in integers."""
    batch, sample = crops.whole(number, 1), crops.sample(number)
    result = model(batch.original, batch.base, batch.step, batch.settings, batch.maps)
    units = sample.maps.shape[:2]
    every: dict[str, Array] = {
        "picture": sample.decoded,
        "step": numpy.full((*units, 1), sample.step, numpy.uint8),
        "settings": numpy.broadcast_to(numpy.array(sample.settings, numpy.int16), (*units, len(sample.settings))),
        "maps": sample.maps,
    }
    inputs = {tensor.name: every[tensor.name] for tensor in network.inputs}
    height, width, _ = sample.decoded.shape
    (made,) = network.run(inputs, (height, width)).values()
    restored = to_pixels(made)
    planes = torch.from_numpy(restored.astype(numpy.float32)).permute(2, 0, 1)[None]
    gains = [losses.gain_db(x, batch.base, batch.original).item() for x in (result.enhanced, planes)]
    return Difference(gains[0], gains[1], 0.0, 0.0)


def _check_on_crops(
    model: Enhancer, networks: Mapping[str, ModelNetwork], crops: CropSet | JpegSet
) -> list[Difference]:
    """Compares on the validation set, and says what the integer networks are worth on it."""
    differences = []
    for number in range(len(crops)):
        if isinstance(crops, JpegSet):
            differences.append(compare_on_jpeg(model, networks["jpeg_restore"], crops, number))
        else:
            differences.append(compare(model, networks, *crops.coded(number)))
    for name, db, bits in (
        ("float32", [x.float_db for x in differences], [x.float_bits for x in differences]),
        ("integers", [x.integer_db for x in differences], [x.integer_bits for x in differences]),
    ):
        print(f"{name}: {report(crops, db, bits).line()}")
    return differences


def _check_on_pictures(model: Enhancer, networks: Mapping[str, ModelNetwork], folder: Path) -> list[Difference]:
    """Compares on whole pictures of a folder, coded at a few steps; one line each."""
    differences = []
    scale = model.config.scale
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        with Image.open(path) as image:
            pixels = numpy.asarray(image.convert("RGB"))
        height, width = (side // ALIGNMENT * ALIGNMENT for side in pixels.shape[:2])
        original = numpy.ascontiguousarray(pixels[:height, :width])
        for step in CHECK_STEPS:
            decoding = code(original, 0, step, 0, 5, scale)
            found = compare(model, networks, original, decoding)
            differences.append(found)
            print(
                f"{path.name} step {step}: {len(decoding.payload) * 8 / (height * width):.3f} bpp, "
                f"float {found.float_db:+.3f} dB, integer {found.integer_db:+.3f} dB, "
                f"latents {found.integer_bits / (height * width):.4f} bpp"
            )
    return differences


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        FileNotFoundError: there is no run or cache.
        ValueError: the networks cannot be exported.
    """
    parser = argparse.ArgumentParser(prog="veneer train --export", description="Writes the model of a run.")
    parser.add_argument(
        "file", type=Path, help="model file to write, .vnm; the weight file of each network goes beside it"
    )
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="folder of the run")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help=CACHE_HELP)
    parser.add_argument("--half", type=Path, metavar="DIR", help="run of the networks for scale 2, if any")
    parser.add_argument("--half-cache", type=Path, metavar="DIR", help="its coded crops")
    parser.add_argument("--texture", type=Path, metavar="RUN", help="run or checkpoint of the texture stage, if any")
    parser.add_argument("--id", type=int, required=True, help="number of the model, never used before")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="measure float against integers on these too")
    options = parser.parse_args(arguments)
    if options.file.suffix != MODEL_SUFFIX:
        parser.error(f"{options.file} must end with {MODEL_SUFFIX}: it names the networks, whose files are beside it")
    if bool(options.half) != bool(options.half_cache):
        parser.error("--half and --half-cache go together")
    parts = [(load_enhancer(options.run), options.cache)]
    if options.half:
        parts.append((load_enhancer(options.half), options.half_cache))
    cpu = torch.device("cpu")
    networks: dict[str, Network] = {}
    for model, cache in parts:
        networks |= export_model(model, open_crops(model.config, cache, "train", cpu), options.id).networks
    texturer = load_texturer(options.texture) if options.texture else None
    if texturer is not None:
        crops = open_crops(parts[0][0].config, options.cache, "train", cpu)
        networks["texture"] = texture.export_texturer(texturer, parts[0][0], crops)
    made = Model(options.id, parts[0][0].config.model, networks)
    paths = save_model(made, options.file.parent, options.file.name)
    written = read_networks(options.file)
    print(f"{options.file}: model file, SHA-256 {file_hash(options.file.read_bytes())}")
    for path in paths[1:]:
        print(f"{path}: {path.stat().st_size} bytes")
    for name, network in written.items():
        work = networks[name].graph.multiplications_per_pixel / 1e3
        print(f"{name}: {work:.2f} kMAC/pixel, halo {network.halo} pixels")
    if texturer is not None:
        held_out = open_crops(parts[0][0].config, options.cache, "valid", cpu)
        print(texture.check_texturer(texturer, written["texture"], parts[0][0], held_out))
    for model, cache in parts:
        differences = _check_on_crops(model, written, open_crops(model.config, cache, "valid", cpu))
        if options.pictures and model.config.source == "veneer":
            differences += _check_on_pictures(model, written, options.pictures)
        losses_db = [x.float_db - x.integer_db for x in differences]
        print(f"integers lose {numpy.mean(losses_db):+.4f} dB on average, {max(losses_db):+.4f} dB at most")
