"""Samples of the texture stage: crops enhanced once by the fidelity stage, parts of some lost and concealed.

Enhanced crops are kept in the folder of the run as `enhanced.npz`, so that a run that goes on need not make them again.

Place: between the cache of `training/data.py` and `train.py`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import numpy.typing
import torch
from torch import Tensor

from veneer.training.data import CROP, GRID, CropSet, oriented, write_arrays
from veneer.training.graph_writer import REDUCTION
from veneer.training.jpegs import JpegSet, open_crops
from veneer.training.losses import pixels
from veneer.training.networks import Enhancer, load_enhancer
from veneer.training.runs import mixed_precision
from veneer.training.texture.config import TextureConfig

ENHANCED = "enhanced.npz"
# A base layer of half the sides is coded at a step so much finer at the same rate.
HALF_STEP_OFFSET = 24
AT_ONCE = 4  # crops enhanced together
# Amplitude of residuals where a tile is lost, in levels.
MISSING_LEVELS = 24.0
PREVIEW_ERROR = 8.0  # of the worst previews, levels

Bytes = numpy.typing.NDArray[numpy.uint8]


@dataclasses.dataclass(frozen=True)
class Source:
    """Coded crops and what enhances them.

    Attributes:
        cache: folder of the crops.
        fidelity: checkpoint of the enhancer.
    """

    cache: Path
    fidelity: Path


@dataclasses.dataclass(frozen=True)
class Samples:
    """N samples.

    Attributes:
        original: float32 [N, 3, H, W], levels.
        enhanced: float32 [N, 3, H, W], whole levels; concealed where something is missing.
        step: float32 [N, 1, h, w], as `texture` gets it.
        settings: float32 [N, 4, 1, 1].
        maps: float32 [N, 8, h, w], or 10 of a JPEG's.
        missing: float32 [N, 1, h, w], 1 where concealed.
        coarse: float32 [N], 0 for samples that need no texture .. 1 for those that get all.
    """

    original: Tensor
    enhanced: Tensor
    step: Tensor
    settings: Tensor
    maps: Tensor
    missing: Tensor
    coarse: Tensor

    @property
    def amplitude(self) -> Tensor:
        """About the size of residuals in levels, [N, 1, h, w]: the step, and a constant where something is missing."""
        levels = torch.exp2((self.step - 32) / 16) / 4
        return levels + MISSING_LEVELS * self.missing

    @property
    def whole(self) -> Tensor:
        """[N], 1 where nothing is missing, else 0."""
        return 1 - self.missing.amax(dim=(1, 2, 3))


class TextureCrops:
    """Enhanced crops of one kind in memory.

    Args:
        sources: of crops and enhancers.
        kind: "train" or "valid".
        finest: decodings at finer steps are left out.
        folder: of the run, which keeps what was enhanced.
        device: where samples are made.

    Raises:
        FileNotFoundError: a cache or checkpoint is missing.
        ValueError: a cache and its enhancer differ in scale, or no decoding is left.
    """

    def __init__(self, sources: Sequence[Source], kind: str, finest: int, folder: Path, device: torch.device) -> None:
        self.device = device
        path = folder / f"{kind}-{ENHANCED}"
        name = _name(sources, finest)
        arrays = _stored(path, name)
        if arrays is None:
            parts = [_enhance_all(source, kind, finest, device) for source in sources]
            offsets = numpy.cumsum([0, *(len(part["originals"]) for part in parts)])
            for part, offset in zip(parts, offsets[:-1], strict=True):
                part["pictures"] = part["pictures"] + offset
            arrays = parts[0]
            if len(parts) > 1:
                arrays = {key: numpy.concatenate([part[key] for part in parts]) for key in arrays}
            folder.mkdir(parents=True, exist_ok=True)
            write_arrays(path, {"name": numpy.array(name), **arrays})
        self.originals: Bytes = arrays["originals"]
        self.enhanced: Bytes = arrays["enhanced"]
        self.maps: Bytes = arrays["maps"]
        self.pictures: list[int] = arrays["pictures"].tolist()
        self.orientations: list[int] = arrays["orientations"].tolist()
        self.settings = torch.from_numpy(arrays["settings"]).to(device)
        # Of a base at full size with the same rate.
        self.steps: numpy.typing.NDArray[numpy.int64] = arrays["steps"]
        self.scales: numpy.typing.NDArray[numpy.int64] = arrays["scales"]

    def __len__(self) -> int:
        return len(self.pictures)

    def coarse(self, numbers: Sequence[int], config: TextureConfig) -> Tensor:
        """Share of the texture that decodings get, [N]."""
        steps = torch.from_numpy(self.steps[list(numbers)]).float()
        share = (steps - config.finest_step) / max(1, config.coarse_step - config.finest_step)
        return share.clamp(0, 1).to(self.device)

    def batch(self, numbers: Sequence[int], places: Sequence[tuple[int, int]], side: int, coarse: Tensor) -> Samples:
        """Samples of given decodings with nothing missing.

        Args:
            numbers: N decodings.
            places: y, x of each sample, multiples of 16.
            side: of the samples in pixels.
            coarse: [N], see `Samples`.
        """
        original, enhanced, maps = [], [], []
        for number, (y, x) in zip(numbers, places, strict=True):
            turned = oriented(self.originals[self.pictures[number]], self.orientations[number])
            original.append(turned[y : y + side, x : x + side])
            enhanced.append(self.enhanced[number, y : y + side, x : x + side])
            rows, columns = (slice(first // REDUCTION, (first + side) // REDUCTION) for first in (y, x))
            maps.append(self.maps[number, rows, columns])
        planes = [
            torch.from_numpy(numpy.stack(parts)).to(self.device).float().permute(0, 3, 1, 2)
            for parts in (original, enhanced, maps)
        ]
        step = planes[2][:, -1:]
        return Samples(
            planes[0],
            planes[1],
            step,
            self.settings[list(numbers)],
            planes[2][:, :-1],
            torch.zeros_like(step),
            coarse,
        )

    def random_batch(self, count: int, config: TextureConfig, generator: torch.Generator) -> Samples:
        """Samples drawn by `generator`: coarse decodings in their share, parts of some lost."""
        coarse = numpy.flatnonzero(self.steps >= config.coarse_step)
        finer = numpy.flatnonzero(self.steps < config.coarse_step)
        numbers = []
        for _ in range(count):
            draw = torch.rand(2, generator=generator).tolist()
            pool = coarse if len(finer) == 0 or (len(coarse) and draw[0] < config.coarse_share) else finer
            numbers.append(int(pool[int(draw[1] * len(pool))]))
        places = (torch.randint((CROP - config.crop) // GRID + 1, (count, 2), generator=generator) * GRID).tolist()
        samples = self.batch(numbers, [(y, x) for y, x in places], config.crop, self.coarse(numbers, config))
        for number in range(count):
            if torch.rand(1, generator=generator).item() < config.missing:
                lose(samples, number, generator)
        return samples


def lose(samples: Samples, number: int, generator: torch.Generator) -> None:
    """Conceals all, half or a cell of a sample, as decoders do with tiles that a file has lost; in place.

    One in four has no preview, unless all is lost; the others have one with errors of its own, as it is coded coarsely.
    """
    from veneer.base.layer import CELL, PREVIEW_CELL, conceal

    side = samples.enhanced.shape[2]
    cells = side // CELL
    lost = numpy.zeros((cells, cells), bool)
    kind, axis, first = torch.randint(0, 1 << 16, (3,), generator=generator).tolist()
    share = (cells + 1) // 2
    if kind % 3 == 0:
        lost[:] = True
    elif kind % 3 == 1:
        part = slice(0, share) if first % 2 else slice(cells - share, cells)
        lost[(part, slice(None)) if axis % 2 else (slice(None), part)] = True
    else:
        lost[axis % cells, first % cells] = True
    shown = numpy.ascontiguousarray(samples.enhanced[number].permute(1, 2, 0).cpu().numpy().astype(numpy.uint8))
    ratio = CELL // PREVIEW_CELL
    squares = shown.reshape(side // ratio, ratio, side // ratio, ratio, 3).mean(axis=(1, 3))
    errors, without = torch.randn(squares.shape, generator=generator), kind // 3 % 4 == 0 and not lost.all()
    squares += PREVIEW_ERROR * (first // 2 % 256) / 256 * errors.numpy()
    preview = None if without else numpy.floor(squares + 0.5).clip(0, 255).astype(numpy.uint8)
    shown = conceal(shown, lost, preview)
    units = CELL // REDUCTION
    mask = torch.from_numpy(lost.repeat(units, axis=0).repeat(units, axis=1)).to(samples.missing.device)
    samples.enhanced[number] = torch.from_numpy(shown).to(samples.enhanced).permute(2, 0, 1)
    samples.missing[number, 0] = mask.float()
    samples.maps[number] = torch.where(mask, _empty_maps(samples.maps[number]), samples.maps[number])


def _empty_maps(maps: Tensor) -> Tensor:
    """Maps of missing tiles, [8, h, w]: blocks of 64 x 64 without coefficients."""
    units = 16
    empty = torch.zeros_like(maps)
    empty[[0, 4], :, ::units] = 1
    empty[[1, 5], ::units, :] = 1
    empty[2] = 12
    return empty


@torch.no_grad()
def enhance(model: Enhancer, crops: CropSet | JpegSet, numbers: list[int]) -> Samples:
    """Whole crops of given decodings, enhanced without latents."""
    if isinstance(crops, JpegSet):
        batch = crops.batch([crops.sample(number) for number in numbers])
    else:
        batch = crops.batch(numbers, [(0, 0)] * len(numbers), CROP)
    with mixed_precision(crops.device):
        result = model(
            batch.original, batch.base, batch.step, batch.settings, batch.maps, shown=batch.shown, latents=False
        )
    # With a base of half the sides each of its units stands for four here.
    step, maps = (
        x.repeat_interleave(crops.scale, 2).repeat_interleave(crops.scale, 3) for x in (batch.step, batch.maps)
    )
    return Samples(
        batch.original,
        pixels(result.enhanced),
        step,
        batch.settings,
        maps,
        torch.zeros_like(step),
        torch.ones(len(numbers), device=crops.device),
    )


def _enhance_all(source: Source, kind: str, finest: int, device: torch.device) -> dict[str, numpy.typing.NDArray[Any]]:
    """Enhanced decodings of a cache that are coarse enough, latents absent; arrays as `TextureCrops` keeps them.

    Of a folder of pictures, for JPEGs: restored ones, a JPEG drawn for each crop.
    """
    model = load_enhancer(source.fidelity).to(device, memory_format=torch.channels_last)
    crops = open_crops(model.config, source.cache, kind, device)
    if crops.scale != model.config.scale:
        raise ValueError(f"{source.cache} holds crops of scale {crops.scale}, {source.fidelity} is for another")
    if isinstance(crops, JpegSet):
        chosen = numpy.arange(len(crops))
    else:
        steps = crops.parameters[:, 0].astype(numpy.int64) + (HALF_STEP_OFFSET if crops.scale == 2 else 0)
        chosen = numpy.flatnonzero(steps >= finest)
    if len(chosen) == 0:
        raise ValueError(f"no decoding of {kind} in {source.cache} is coarse enough; lower finest_step")
    arrays: dict[str, numpy.typing.NDArray[Any]] = _enhanced_arrays(
        model, crops, chosen.tolist(), f"{kind} of {source.cache.name}"
    )
    arrays["scales"] = numpy.full(len(chosen), crops.scale)
    if isinstance(crops, JpegSet):
        # Each has an original of its own, turned before it was coded.
        arrays["pictures"], arrays["orientations"] = numpy.arange(len(chosen)), numpy.zeros(len(chosen), int)
        arrays["steps"] = arrays["maps"][:, 0, 0, -1].astype(numpy.int64)
    else:
        arrays["originals"] = crops.originals.cpu().numpy()
        arrays["pictures"] = numpy.array(crops.pictures)[chosen]
        arrays["orientations"] = numpy.array(crops.orientations)[chosen]
        arrays["steps"] = steps[chosen]
    return arrays


@torch.no_grad()
def _enhanced_arrays(
    model: Enhancer, crops: CropSet | JpegSet, chosen: list[int], what: str
) -> dict[str, numpy.typing.NDArray[Any]]:
    """Enhanced pictures, maps followed by steps, and settings of some decodings; of JPEGs the originals too."""
    arrays: dict[str, numpy.typing.NDArray[Any]] = {}
    for first in range(0, len(chosen), AT_ONCE):
        samples = enhance(model, crops, chosen[first : first + AT_ONCE])
        told = torch.cat([samples.maps, samples.step], dim=1)
        planes_of = {"enhanced": samples.enhanced, "maps": told}
        planes_of |= {"originals": samples.original} if isinstance(crops, JpegSet) else {}
        found: dict[str, numpy.typing.NDArray[Any]] = {
            name: planes.permute(0, 2, 3, 1).cpu().numpy().astype(numpy.uint8) for name, planes in planes_of.items()
        }
        found["settings"] = samples.settings.cpu().numpy().astype(numpy.float32)
        for name, values in found.items():
            if first == 0:  # joined at the end they would take twice the memory
                arrays[name] = numpy.empty((len(chosen), *values.shape[1:]), values.dtype)
            arrays[name][first : first + len(values)] = values
        if first % 256 == 0:
            print(f"\renhancing {what}: {first}/{len(chosen)} ", end="", flush=True)
    print(f"\r{len(chosen)} of {len(crops)} decodings of {what} are enhanced", flush=True)
    return arrays


def _name(sources: Sequence[Source], finest: int) -> str:
    """Identifies enhanced crops among those of other caches, enhancers or steps."""
    digest = hashlib.sha256(str(finest).encode())
    for source in sources:
        path = source.fidelity / "checkpoint.pt" if source.fidelity.is_dir() else source.fidelity
        manifest = source.cache / "cache.json"
        for file in (manifest, path):
            digest.update(file.read_bytes() if file.exists() else b"none")
    return digest.hexdigest()[:16]


def _stored(path: Path, name: str) -> dict[str, numpy.typing.NDArray[Any]] | None:
    """The stored enhanced crops, if they belong to the same cache and enhancer."""
    if not path.exists():
        return None
    with numpy.load(path, allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files if key != "name"} if str(stored["name"]) == name else None
