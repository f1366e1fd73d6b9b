"""The cache of coded crops: what `prepare.py` writes and training reads, with numpy and Pillow alone.

A cache is a folder: `cache.json` says how it was made, `train-*.npz` and `valid-*.npz` hold crops of 256 x 256 pixels
as lossless WebP, each original once and with it its decodings at several steps. Decodings are in quarters of a level,
as the base layer has them before it rounds: if a network added 0.1 or 0.2 levels to whole ones, rounding would remove
them. A shard is complete or absent. The base layer may have half the sides (scale 2).

A folder of caches, each a folder in it, is a cache too: pictures of several kinds can be coded in several ways. More
can be added while a run is training; it uses them after its next start.

Arrays of a shard with P originals and V decodings, a blob being a sequence of files:
    originals, bases          uint8, blobs; bases are rounded to levels
    original_ends, base_ends  int64 [P], [V], where each file ends
    fractions                 uint8 [V, F], what rounding took: quarters - 4 base + 2, two bits each, lowest first
    maps, map_ends            uint8, int64 [V], maps and steps of the units as [h, w, 9], deflated
    pictures                  int32 [V], the original of each decoding
    orientations              uint8 [V], how the original was turned before it was coded, see `oriented`
    parameters                uint8 [V, 8], base parameters as in HEAD
    payloads                  uint8, blobs, what the base layer is coded as: maps of it can be made anew
    payload_ends              int64 [V]

Place: before `train.py`.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import numpy.typing
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from veneer.training.graph_writer import MAPS, REDUCTION, side_inputs, step_levels

CROP = 256  # side of what is coded
GRID = 16  # samples begin at multiples of this, where blocks and latents do
MANIFEST = "cache.json"
SHIFTS = (0, 2, 4, 6)  # of the fractions in a byte
PACKED = len(SHIFTS)

Pixels = numpy.typing.NDArray[numpy.uint8]
Quarters = numpy.typing.NDArray[numpy.int16]
Arrays = Mapping[str, numpy.typing.NDArray[Any]]


def oriented(pixels: Any, orientation: int) -> Any:
    """One of the 8 ways to turn and mirror a square [H, W, C], an array or tensor; 0 leaves it as it is."""
    if orientation & 4:
        pixels = pixels.swapaxes(0, 1)
    if orientation & 2:
        pixels = pixels[::-1] if isinstance(pixels, numpy.ndarray) else pixels.flip(0)
    if orientation & 1:
        pixels = pixels[:, ::-1] if isinstance(pixels, numpy.ndarray) else pixels.flip(1)
    return pixels


@dataclasses.dataclass(frozen=True)
class Decoding:
    """A crop coded and decoded.

    Attributes:
        quarters: int16 [S, S, 3], quarters of a level, 0..1020; S is 256 / scale.
        maps: uint8 [S / 4, S / 4, 8], see `base.layer.BaseDecoding`.
        steps: uint8 [S / 4, S / 4], step index of luma in each unit, see `base.layer.BaseDecoding`.
        orientation: of the original before it was coded.
        parameters: the base parameters, 8 bytes.
        payload: the coded base layer, one tile.
    """

    quarters: Quarters
    maps: Pixels
    steps: Pixels
    orientation: int
    parameters: bytes
    payload: bytes


def write_shard(path: Path, originals: list[Pixels], decodings: list[list[Decoding]]) -> None:
    """Writes a shard, which appears whole or not at all.

    Args:
        path: of the file.
        originals: uint8 [256, 256, 3] each.
        decodings: of each original.
    """
    flat = [(number, decoding) for number, versions in enumerate(decodings) for decoding in versions]
    original_files = [to_webp(pixels) for pixels in originals]
    bases = [to_pixels(decoding.quarters) for _, decoding in flat]
    base_files = [to_webp(pixels) for pixels in bases]
    fractions = [_pack(decoding.quarters, pixels) for (_, decoding), pixels in zip(flat, bases, strict=True)]
    maps = [zlib.compress(numpy.dstack([decoding.maps, decoding.steps]).tobytes(), 6) for _, decoding in flat]
    arrays = {
        **join_files("originals", original_files),
        **join_files("bases", base_files),
        "fractions": numpy.stack(fractions),
        **join_files("maps", maps),
        "pictures": numpy.array([number for number, _ in flat], numpy.int32),
        "orientations": numpy.array([decoding.orientation for _, decoding in flat], numpy.uint8),
        "parameters": numpy.array([list(decoding.parameters) for _, decoding in flat], numpy.uint8),
        **join_files("payloads", [decoding.payload for _, decoding in flat]),
    }
    write_arrays(path, arrays)


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Writes an npz, which appears whole or not at all."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        numpy.savez(file, allow_pickle=False, **arrays)
    temporary.replace(path)


def to_pixels(quarters: Quarters) -> Pixels:
    """Rounds as the base decoder does."""
    return ((quarters + 2) >> 2).astype(numpy.uint8)


def _pack(quarters: Quarters, pixels: Pixels) -> Pixels:
    """The rounding residues, four values to a byte."""
    parts = (quarters - 4 * pixels.astype(numpy.int16) + 2).astype(numpy.uint8).reshape(-1, 4)
    return numpy.asarray(parts[:, 0] | parts[:, 1] << 2 | parts[:, 2] << 4 | parts[:, 3] << 6, numpy.uint8)


def put_together(fractions: Pixels, pixels: Pixels) -> Quarters:
    """Puts together what `_pack` took apart."""
    parts = numpy.stack([fractions >> shift & 3 for shift in SHIFTS], axis=-1)
    return 4 * pixels.astype(numpy.int16) + parts.reshape(pixels.shape).astype(numpy.int16) - 2


def to_webp(pixels: Pixels) -> bytes:
    """A picture as a lossless file."""
    file = io.BytesIO()
    # Method 2 gives away 2 to 4 % of the size for a third of the time of method 4.
    Image.fromarray(numpy.ascontiguousarray(pixels)).save(file, "WEBP", lossless=True, method=2, exact=True)
    return file.getvalue()


def from_webp(data: bytes) -> Pixels:
    """Pixels of a file, uint8 [H, W, 3]."""
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image.convert("RGB"))


def find_caches(folder: Path) -> list[Path]:
    """The cache that a folder is, or those that are in it, in the order of their names.

    Raises:
        FileNotFoundError: there is no cache.
    """
    found = [path.parent for path in (folder / MANIFEST, *sorted(folder.glob(f"*/{MANIFEST}"))) if path.exists()]
    if not found:
        raise FileNotFoundError(f"{folder} is no cache of coded crops; make one with --prepare")
    return found


def read_manifest(cache: Path) -> dict[str, Any]:
    """The description of a cache that is not a folder of caches."""
    manifest: dict[str, Any] = json.loads((cache / MANIFEST).read_text())
    return manifest


def _find_shards(folder: Path, kind: str) -> list[Path]:
    """The shards of all caches of a folder, and a line where some are not made yet.

    Raises:
        FileNotFoundError: there is none, or one to validate on is missing.
    """
    paths = [
        cache / f"{kind}-{number:05}.npz"
        for cache in find_caches(folder)
        for number in range(read_manifest(cache)["shards"][kind])
    ]
    there = [path for path in paths if path.exists()]
    missing = f"{len(paths) - len(there)} of {len(paths)} shards of {kind} are missing in {folder}"
    if not there or (kind == "valid" and len(there) < len(paths)):
        raise FileNotFoundError(f"{missing}; finish --prepare")
    if len(there) < len(paths):
        print(f"{missing}: a run that is started again sees what is added", flush=True)
    return there


def _find_scale(folder: Path) -> int:
    """The scale of all caches of a folder; raises ValueError where they differ."""
    scales = {int(read_manifest(cache)["scale"]) for cache in find_caches(folder)}
    if len(scales) > 1:
        raise ValueError(f"{folder} holds crops of several scales; keep them in different folders")
    return scales.pop()


@dataclasses.dataclass(frozen=True)
class Batch:
    """Samples for the networks, N of them.

    Attributes:
        original: float32 [N, 3, H, W], levels.
        base: the decoded base, float32 in levels, not rounded to whole ones. Half the sides at scale 2.
        shown: the base at the sides of the original: itself, or interpolated.
        step: float32 [N, 1, h, w], step index of luma of each unit of the base.
        settings: float32 [N, 4, 1, 1], as of `side_inputs`.
        maps: float32 [N, 8, h, w], of each unit.
        q: float32 [N], quantizer steps in levels.
    """

    original: Tensor
    base: Tensor
    shown: Tensor
    step: Tensor
    settings: Tensor
    maps: Tensor
    q: Tensor


# Weights of the six samples around a place a quarter of a sample to the left of the fourth; in reverse, to the right of
# the third (docs/format.md, "Base picture alone").
INTERPOLATION = (1 / 128, -9 / 128, 35 / 128, 114 / 128, -17 / 128, 4 / 128)


def interpolate(base: Tensor) -> Tensor:
    """A base picture [N, 3, h, w] of scale 2 at twice its sides, as decoders bring it up, in quarters."""
    weight = base.new_zeros(2, 1, 7)
    weight[0, 0, :6] = weight.new_tensor(INTERPOLATION)
    weight[1, 0, 1:] = weight.new_tensor(INTERPOLATION[::-1])
    for _ in range(2):
        n, channels, height, width = base.shape
        rows = functional.pad(base, (3, 3, 0, 0), mode="replicate").reshape(-1, 1, width + 6)
        wide = functional.conv1d(rows, weight).transpose(1, 2).reshape(n, channels, height, 2 * width)
        base = wide.transpose(2, 3)
    return (base.clamp(0, 255) * 4 + 0.5).floor() / 4


class CropSet:
    """All crops of one kind, in memory. Of training crops those that are coded so far.

    Args:
        cache: folder of the cache, or of several.
        kind: "train" or "valid".
        device: where the crops lie and batches are made.

    Raises:
        FileNotFoundError: the cache is none or has no crops, or lacks some to validate on.
        ValueError: the caches are of different scales.
    """

    def __init__(self, cache: Path, kind: str, device: torch.device) -> None:
        self.scale = _find_scale(cache)
        paths = _find_shards(cache, kind)
        # Filled in place: with tens of thousands of decodings there is no room for a second copy.
        pictures, decodings = numpy.sum([_sizes(path) for path in paths], axis=0)
        side = CROP // self.scale
        originals = numpy.empty((pictures, CROP, CROP, 3), numpy.uint8)
        bases = numpy.empty((decodings, side, side, 3), numpy.uint8)
        fractions = numpy.empty((decodings, side, side * 3 // PACKED), numpy.uint8)
        maps = numpy.empty((decodings, side // REDUCTION, side // REDUCTION, MAPS + 1), numpy.uint8)
        rest: dict[str, list[numpy.typing.NDArray[Any]]] = {}
        picture = decoding = 0
        with ThreadPoolExecutor(min(16, torch.get_num_threads())) as pool:
            for path in paths:
                with numpy.load(path, allow_pickle=False) as shard:
                    arrays = dict(shard)
                arrays["pictures"] = arrays["pictures"] + picture
                arrays["coded_bytes"] = numpy.diff(arrays["payload_ends"], prepend=0)
                for name in ("pictures", "orientations", "parameters", "coded_bytes"):
                    rest.setdefault(name, []).append(arrays[name])
                for pixels in pool.map(from_webp, split_files(arrays, "originals")):
                    originals[picture] = pixels
                    picture += 1
                rounded = pool.map(from_webp, split_files(arrays, "bases"))
                inflated = pool.map(inflated_maps, split_files(arrays, "maps"))
                for packed, pixels, planes in zip(arrays["fractions"], rounded, inflated, strict=True):
                    bases[decoding] = pixels
                    fractions[decoding] = packed.reshape(side, -1)
                    maps[decoding] = planes
                    decoding += 1
        joined = {name: numpy.concatenate(parts) for name, parts in rest.items()}
        self.device = device
        self.originals = torch.from_numpy(originals).to(device)
        self._bases = torch.from_numpy(bases).to(device)
        self._fractions = torch.from_numpy(fractions).to(device)
        self.maps = torch.from_numpy(maps).to(device)
        self.pictures: list[int] = joined["pictures"].tolist()
        self.orientations: list[int] = joined["orientations"].tolist()
        self.parameters = joined["parameters"]
        self.steps = self.parameters[:, 0].astype(int)
        self.coded_bytes = joined["coded_bytes"]
        _, settings = side_inputs(self.parameters)
        self._settings = torch.from_numpy(settings).float().to(device)
        self._q = torch.from_numpy(step_levels(self.parameters[:, 0])).float().to(device)

    def __len__(self) -> int:
        return len(self.pictures)

    def batch(self, numbers: list[int], places: list[tuple[int, int]], side: int) -> Batch:
        """Samples of given decodings.

        Args:
            numbers: N decodings.
            places: y, x of each sample.
            side: of the samples in pixels.
        """
        original: list[Tensor] = []
        base: list[Tensor] = []
        fractions: list[Tensor] = []
        maps: list[Tensor] = []
        size, units = side // self.scale, side // (self.scale * REDUCTION)
        for number, (y, x) in zip(numbers, places, strict=True):
            turned = oriented(self.originals[self.pictures[number]], self.orientations[number])
            original.append(turned[y : y + side, x : x + side])
            top, left = y // self.scale, x // self.scale
            base.append(self._bases[number, top : top + size, left : left + size])
            first, last = left * 3 // PACKED, (left + size) * 3 // PACKED
            fractions.append(self._fractions[number, top : top + size, first:last])
            top, left = top // REDUCTION, left // REDUCTION
            maps.append(self.maps[number, top : top + units, left : left + units])
        # Memory stays [N, H, W, C], the layout that is fastest.
        planes = [torch.stack(parts).float().permute(0, 3, 1, 2) for parts in (original, base, maps)]
        rest = (torch.stack(fractions)[..., None] >> self._shifts() & 3).reshape(len(numbers), size, size, 3)
        decoded = planes[1] + (rest.float().permute(0, 3, 1, 2) - 2) / 4
        return Batch(
            original=planes[0],
            base=decoded,
            shown=decoded if self.scale == 1 else interpolate(decoded),
            step=planes[2][:, MAPS:],
            settings=self._settings[numbers],
            maps=planes[2][:, :MAPS],
            q=self._q[numbers],
        )

    def _shifts(self) -> Tensor:
        return torch.tensor(SHIFTS, dtype=torch.uint8, device=self.device)

    def random_batch(self, count: int, side: int, generator: torch.Generator) -> Batch:
        """Samples drawn by `generator`, every decoding as likely as any."""
        numbers = torch.randint(len(self), (count,), generator=generator).tolist()
        grid = GRID * self.scale
        places = torch.randint((CROP - side) // grid + 1, (count, 2), generator=generator) * grid
        return self.batch(numbers, [(int(y), int(x)) for y, x in places], side)

    def coded(self, number: int) -> tuple[Pixels, Decoding]:
        """A decoding, and its original turned as it was coded; without the payload."""
        original = oriented(self.originals[self.pictures[number]], self.orientations[number])
        maps = self.maps[number].cpu().numpy()
        decoding = Decoding(
            put_together(self._fractions[number].cpu().numpy(), self._bases[number].cpu().numpy()),
            maps[:, :, :MAPS],
            maps[:, :, MAPS],
            self.orientations[number],
            self.parameters[number].tobytes(),
            b"",
        )
        return numpy.ascontiguousarray(original.cpu().numpy()), decoding

    def whole(self, first: int, count: int) -> Batch:
        """Whole crops, decodings first .. first + count - 1."""
        numbers = list(range(first, min(first + count, len(self))))
        return self.batch(numbers, [(0, 0)] * len(numbers), CROP)


def _sizes(path: Path) -> tuple[int, int]:
    """The numbers of originals and decodings of a shard."""
    with numpy.load(path, allow_pickle=False) as shard:
        return len(shard["original_ends"]), len(shard["pictures"])


def inflated_maps(data: bytes) -> Pixels:
    """Maps of a square picture, then its steps, uint8 [h, w, 9]."""
    planes = numpy.frombuffer(zlib.decompress(data), numpy.uint8).reshape(-1, MAPS + 1)
    side = math.isqrt(len(planes))
    return planes.reshape(side, side, MAPS + 1)


def join_files(name: str, files: Sequence[bytes]) -> dict[str, numpy.typing.NDArray[Any]]:
    """Files one after the other as array `name`, and where each ends."""
    return {
        name: numpy.frombuffer(b"".join(files), numpy.uint8),
        _ends_of(name): numpy.cumsum([len(file) for file in files], dtype=numpy.int64),
    }


def split_files(arrays: Arrays, name: str) -> list[bytes]:
    """The files that `join_files` joined."""
    return [part.tobytes() for part in numpy.split(arrays[name], arrays[_ends_of(name)][:-1])]


def _ends_of(name: str) -> str:
    return f"{name.removesuffix('s')}_ends"
