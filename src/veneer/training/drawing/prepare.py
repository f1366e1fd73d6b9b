"""Makes the training pictures of the drawing network: coded crops and whole pictures, enhanced at realism 0.

Training crops are taken from a cache of coded crops, one decoding of each at a coarse step; crops that are held out are
the cache's, each at the step whose rate is nearest to one that is given. Pictures for the gate are coded whole, each at
the finest step whose base layer keeps to that rate. A weight file enhances all, in integers, without latents. Existing
results are not made again. Needs the compiled core.

    veneer train --prepare-drawing CACHE --cache DIR --model FILE [--pictures DIR]

Place: before `train.py`.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy
import numpy.typing
from PIL import Image

from veneer.enhancement.unrounded import to_pixels
from veneer.inference.model_network import ModelNetwork, read_networks
from veneer.training.data import (
    CROP,
    Decoding,
    Pixels,
    find_caches,
    from_webp,
    inflated_maps,
    oriented,
    put_together,
    split_files,
)
from veneer.training.drawing.crops import HELD_OUT, TRAIN, WHOLE, Shown, write_shown
from veneer.training.graph_writer import MAPS, STRENGTH_FRACTION_BITS, side_inputs
from veneer.training.integer_teacher import enhance
from veneer.training.prepare import code
from veneer.training.sources import SUFFIXES

GRID = 16  # sides of pictures are multiples of it
# Tune and effort of pictures to measure on, and of the search for their steps.
TUNE, EFFORT, SEARCH_EFFORT = 1, 5, 1
STEPS = (60, 200)


@dataclasses.dataclass(frozen=True)
class Choice:
    """Choice of decodings.

    Attributes:
        least: step index.
        most: step index.
        crops: how many at most.
        rate: bits per pixel of pictures to measure on.
        seed: of what is drawn.
    """

    least: int = 124
    most: int = 168
    crops: int = 1500
    rate: float = 0.15
    seed: int = 1


def enhanced(network: ModelNetwork, decoding: Decoding) -> Pixels:
    """A decoding at realism 0 in whole levels, uint8 [H, W, 3], enhanced by `restore` without latents."""
    height, width = decoding.quarters.shape[:2]
    _, settings = side_inputs(numpy.frombuffer(decoding.parameters, numpy.uint8)[None])
    given: dict[str, numpy.typing.ArrayLike] = {
        "picture": decoding.quarters,
        "maps": decoding.maps,
        "step": decoding.steps[:, :, None],
        "settings": settings[0, :, 0, 0],
        "strength": 1 << STRENGTH_FRACTION_BITS,
    }
    return to_pixels(enhance(network, given, height, width))


def _shown(name: str, network: ModelNetwork, original: Pixels, decoding: Decoding) -> Shown:
    turned = numpy.ascontiguousarray(oriented(original, decoding.orientation))
    return Shown(
        name,
        turned,
        enhanced(network, decoding),
        numpy.dstack([decoding.maps, decoding.steps]),
        numpy.frombuffer(decoding.parameters, numpy.uint8),
        8 * len(decoding.payload) / (turned.shape[0] * turned.shape[1]),
    )


def shard_crops(path: Path, network: ModelNetwork, choice: Choice, held_out: bool) -> list[Shown]:
    """One decoding of each original of a shard that has one at a step within the limits.

    Args:
        path: of the shard.
        network: that enhances.
        choice: of decodings.
        held_out: the nearest to the rate is taken, whatever its step, else one at random.
    """
    with numpy.load(path, allow_pickle=False) as stored:
        arrays = dict(stored)
    rng = numpy.random.default_rng((choice.seed, *path.name.encode()))
    originals, bases, maps, payloads = (
        split_files(arrays, name) for name in ("originals", "bases", "maps", "payloads")
    )
    steps = arrays["parameters"][:, 0].astype(int)
    rates = numpy.array([8 * len(payload) / CROP**2 for payload in payloads])
    fits = (steps >= choice.least) & (steps <= choice.most)
    found = []
    for picture in range(len(originals)):
        numbers = numpy.flatnonzero(fits & (arrays["pictures"] == picture))
        if held_out:
            numbers = numpy.flatnonzero(arrays["pictures"] == picture)
        if not len(numbers):
            continue
        number = int(numbers[abs(rates[numbers] - choice.rate).argmin()] if held_out else rng.choice(numbers))
        planes = inflated_maps(maps[number])
        decoding = Decoding(
            put_together(arrays["fractions"][number], from_webp(bases[number])),
            planes[:, :, :MAPS],
            planes[:, :, MAPS],
            int(arrays["orientations"][number]),
            arrays["parameters"][number].tobytes(),
            payloads[number],
        )
        name = f"{path.parent.name}/{path.stem}/{number}"
        found.append(_shown(name, network, from_webp(originals[picture]), decoding))
    return found


def coded_picture(path: Path, network: ModelNetwork, rate: float) -> Shown:
    """A picture, cut to multiples of 16, at the finest step whose base layer has at most so many bits a pixel."""
    with Image.open(path) as image:
        pixels = numpy.asarray(image.convert("RGB"))
    height, width = (side // GRID * GRID for side in pixels.shape[:2])
    original = numpy.ascontiguousarray(pixels[:height, :width])
    most = rate * height * width / 8
    low, high = STEPS
    while low < high:
        step = (low + high) // 2
        small = len(code(original, 0, step, TUNE, SEARCH_EFFORT).payload) <= most
        low, high = (low, step) if small else (step + 1, high)
    decoding = code(original, 0, low, TUNE, EFFORT)
    while len(decoding.payload) > most and low < STEPS[1]:
        low += 1
        decoding = code(original, 0, low, TUNE, EFFORT)
    return _shown(path.stem, network, original, decoding)


def prepare(cache: Path, folder: Path, model: Path, pictures: Path | None, choice: Choice) -> None:
    """Makes the files of `crops.py`.

    Args:
        cache: of coded crops, or a folder of several.
        folder: to write to.
        model: weight file of `restore`, or a model file beside it.
        pictures: to measure on; None for none.
        choice: of decodings.

    Raises:
        FileNotFoundError: there is no cache or weight file.
        ValueError: no decoding fits, or there are no pictures.
    """
    network = read_networks(model)["restore"]
    caches = find_caches(cache)
    for path in [path for found in caches for path in sorted(found.glob(HELD_OUT))]:
        target = folder / HELD_OUT.replace("*", _name(path))
        if not target.exists():
            write_shown(target, shard_crops(path, network, choice, held_out=True))
    _prepare_crops(caches, folder, network, choice)
    if pictures is not None:
        paths = sorted(path for path in pictures.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not paths:
            raise ValueError(f"no pictures in {pictures}")
        for path in paths:
            target = folder / WHOLE.replace("*", path.stem)
            if not target.exists():
                found = coded_picture(path, network, choice.rate)
                write_shown(target, [found])
                print(f"{path.name}: step {found.parameters[0]}, {found.rate:.3f} bpp", flush=True)


def _prepare_crops(caches: Sequence[Path], folder: Path, network: ModelNetwork, choice: Choice) -> None:
    # Shards of all caches in turn, so that whatever is there first is of all kinds.
    shards = [sorted(cache.glob(TRAIN)) for cache in caches]
    crops = 0
    for i in range(max(map(len, shards))):
        for path in [paths[i] for paths in shards if i < len(paths)]:
            if crops >= choice.crops:
                return
            target = folder / TRAIN.replace("*", _name(path))
            if target.exists():
                with numpy.load(target, allow_pickle=False) as stored:
                    crops += len(stored["rates"])
                continue
            found = shard_crops(path, network, choice, held_out=False)
            if found:
                write_shown(target, found)
                crops += len(found)
                print(f"\r{crops} crops ", end="", flush=True)
    if not crops:
        raise ValueError(f"no decoding has a step from {choice.least} to {choice.most}")


def _name(shard: Path) -> str:
    """Identifies a shard among those of other caches."""
    return f"{shard.parent.name}-{shard.stem.rpartition('-')[2]}"


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        FileNotFoundError: see `prepare`.
        ValueError: see `prepare`.
    """
    parser = argparse.ArgumentParser(prog="veneer train --prepare-drawing", description="Enhances coded crops.")
    parser.add_argument("coded", type=Path, help="folder of a cache of coded crops, or of several")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--model", type=Path, required=True, metavar="FILE", help="weight file that enhances")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="pictures to measure on")
    for field in dataclasses.fields(Choice):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    options = vars(parser.parse_args(arguments))
    choice = Choice(**{field.name: options.pop(field.name) for field in dataclasses.fields(Choice)})
    prepare(options["coded"], options["cache"], options["model"], options["pictures"], choice)
