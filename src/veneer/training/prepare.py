"""Codes crops of a folder of pictures with the base encoder and writes the cache that training reads.

Needs the compiled core, which training does not. Shards are coded by several processes; those that are there
already are not made again, so that an interrupted run goes on where it was. Pictures of 256 x 256 are taken whole, of
larger ones a few crops at random places, off the grid of whatever coded them before.

Place: first of training; `data.py` has the form of the cache.

    veneer train --prepare PICTURES --cache DIR [--validation PICTURES]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy

from veneer import enc_layering
from veneer.base.enc_layer import encode_base
from veneer.base.layer import decode_base_quarters
from veneer.enc_halving import halved
from veneer.training.data import CROP, MANIFEST, Decoding, Pixels, oriented, write_shard
from veneer.training.forms import changed_form
from veneer.training.sources import Source, find_sources, read_crop

TILE_LOG2 = 8  # one tile

# Step index over its rank, straight lines between: eight tenths within 0.1 .. 3 bits per pixel.
# Scale 2 is for low rates: the same rates below about 0.3, or what the eye takes for that at so coarse a step.
RANKS, RANKED_STEPS = (0.0, 0.1, 0.9, 1.0), {1: (52, 80, 164, 190), 2: (72, 88, 148, 172)}
VALID_STEPS = {1: (76, 96, 112, 128, 144, 160), 2: (88, 100, 112, 124, 136, 148)}
TUNES = (0, 1)

# A shard never exceeds 16 MiB, even where WebP saves nothing.
SHARD_BYTES = 15 << 20
# Three bytes a pixel, and three quarters of one for what rounding took from decodings.
ORIGINAL_BYTES, DECODING_BYTES = 3 * CROP**2, 15 * CROP**2 // 4


def code(original: Pixels, orientation: int, step_index: int, tune: int, effort: int, scale: int = 1) -> Decoding:
    """Codes a picture of any size, or at scale 2 a picture of half its sides, with the base encoder and decodes it."""
    pixels = numpy.ascontiguousarray(oriented(original, orientation))
    if scale == 2:
        pixels = halved(enc_layering.full_size(pixels, scale))
    height, width, _ = pixels.shape
    tile_log2 = max(TILE_LOG2, (max(height, width) - 1).bit_length())
    layer = encode_base(pixels, step_index=step_index, tune=tune, effort=effort, tile_log2=tile_log2, threads=1)
    decoded = decode_base_quarters(
        layer.colour_tiles,
        width=width,
        height=height,
        channels=3,
        tile_log2=tile_log2,
        parameters=layer.parameters,
        threads=1,
    )
    return Decoding(decoded.quarters, decoded.maps, decoded.steps, orientation, layer.parameters, layer.colour_tiles[0])


def _training_versions(original: Pixels, seed: Sequence[int], manifest: Mapping[str, Any]) -> list[Decoding]:
    """One picture at steps from all of the range, turned and tuned at random."""
    rng = numpy.random.default_rng(seed)
    versions, efforts, scale = manifest["versions"], manifest["efforts"], manifest["scale"]
    first = numpy.interp(manifest["least_step"], RANKED_STEPS[scale], RANKS)
    ranks = first + (1 - first) * (numpy.arange(versions) + rng.random(versions)) / versions
    steps = numpy.round(numpy.interp(ranks, RANKS, RANKED_STEPS[scale])).astype(int)
    return [
        code(original, int(rng.integers(8)), int(step), int(rng.choice(TUNES)), int(rng.choice(efforts)), scale)
        for step in steps
    ]


def make_shard(path: Path, sources: list[Source], manifest: dict[str, Any], number: int) -> int:
    """Codes the crops of one shard; gives how many decodings it has."""
    originals = [read_crop(source) for source in sources]
    if path.name.startswith("valid"):
        effort = max(manifest["efforts"])
        scale = manifest["scale"]
        decodings = [[code(pixels, 0, step, 0, effort, scale) for step in VALID_STEPS[scale]] for pixels in originals]
    else:
        originals += _further_forms(originals, number, manifest)
        decodings = [
            _training_versions(pixels, (manifest["seed"], number, i), manifest) for i, pixels in enumerate(originals)
        ]
    write_shard(path, originals, decodings)
    return sum(map(len, decodings))


def _further_forms(originals: Sequence[Pixels], number: int, manifest: Mapping[str, Any]) -> list[Pixels]:
    """All forms of all crops of a shard beside their own."""
    return [
        changed_form(originals, i, numpy.random.default_rng((manifest["seed"], number, i, form)))
        for form in range(1, manifest["forms"])
        for i in range(len(originals))
    ]


def fingerprint(efforts: Sequence[int]) -> str:
    """Identifies a base encoder: a hash of its coding of a fixed picture."""
    rng = numpy.random.default_rng(0)
    ramp = numpy.add.outer(numpy.arange(CROP), numpy.arange(CROP))[:, :, None] // 2
    pixels = (ramp + rng.integers(0, 24, (CROP, CROP, 3))).clip(0, 255).astype(numpy.uint8)
    parts = [code(pixels, 0, step, tune, effort) for step in (64, 128) for tune in TUNES for effort in efforts]
    return hashlib.sha256(b"".join(part.parameters + part.quarters.tobytes() for part in parts)).hexdigest()[:16]


def _split(sources: list[Source], versions: int, forms: int = 1) -> list[list[Source]]:
    size = max(1, SHARD_BYTES // (forms * (ORIGINAL_BYTES + versions * DECODING_BYTES)))
    return [sources[i : i + size] for i in range(0, len(sources), size)]


def prepare(
    folder: Path,
    cache: Path,
    *,
    validation: Path | None = None,
    hold_out: bool = True,
    scale: int = 1,
    least_step: int = 0,
    forms: int = 1,
    versions: int = 4,
    efforts: Sequence[int] = (5, 5, 7, 9),
    limit: int = 0,
    seed: int = 1,
    jobs: int = 0,
) -> None:
    """Makes a cache, or what is missing of it.

    Args:
        folder: pictures to train on.
        cache: folder to write to.
        validation: pictures to validate on; None keeps every 40th crop of `folder` for it.
        hold_out: without it there is nothing to validate on, for a cache beside another.
        scale: sides of the pictures over sides of what is coded, 1 or 2.
        least_step: step indices are drawn from here on; for pictures that were coded before, where this coding's errors
            are far above those.
        forms: of each crop, its own and changed ones.
        versions: decodings of each form.
        efforts: of the encoder, drawn from.
        limit: at most so many crops for training, evenly picked; 0 for all.
        seed: of places, steps and orientations.
        jobs: processes; 0 for as many as there are cores.

    Raises:
        ValueError: there are no pictures, or the cache was made in another way.
    """
    if least_step >= RANKED_STEPS[scale][-1]:
        raise ValueError(f"the least step is {least_step}, the greatest that is drawn {RANKED_STEPS[scale][-1]}")
    sources = find_sources(folder, seed)
    held_out = (sources[20::40] or sources[:1]) if hold_out else []
    if validation and hold_out:
        held_out = find_sources(validation, seed, 1)
    else:
        sources = [source for source in sources if source not in set(held_out)]
    if limit and len(sources) > limit:
        sources = [sources[i * len(sources) // limit] for i in range(limit)]
    if not sources or (hold_out and not held_out):
        raise ValueError(f"no pictures of at least {CROP} x {CROP} pixels in {validation or folder}")
    # What is validated on comes first: then training can begin before all is coded.
    groups = {"valid": _split(held_out, len(VALID_STEPS[scale])), "train": _split(sources, versions, forms)}
    manifest = {
        "form": 3,
        "seed": seed,
        "scale": scale,
        "least_step": least_step,
        "forms": forms,
        "versions": versions,
        "efforts": list(efforts),
        "base": fingerprint(sorted(set(efforts))),
        "crops": {kind: sum(map(len, shards)) for kind, shards in groups.items()},
        "shards": {kind: len(shards) for kind, shards in groups.items()},
    }
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / MANIFEST
    if path.exists() and json.loads(path.read_text()) != manifest:
        raise ValueError(f"{cache} was made with other pictures, settings or base encoder; choose another folder")
    path.write_text(json.dumps(manifest, indent=1) + "\n")
    tasks = [
        (cache / f"{kind}-{number:05}.npz", group, manifest, number)
        for kind, shards in groups.items()
        for number, group in enumerate(shards)
    ]
    _run([task for task in tasks if not task[0].exists()], len(tasks), jobs or os.cpu_count() or 1)


def _run(tasks: list[tuple[Path, list[Source], dict[str, Any], int]], total: int, jobs: int) -> None:
    """Makes shards in processes, with a line on how far it is."""
    start, done, decodings = time.monotonic(), total - len(tasks), 0
    with ProcessPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(make_shard, *task) for task in tasks]):
            decodings += future.result()
            done += 1
            elapsed = time.monotonic() - start
            left = elapsed / (done - total + len(tasks)) * (total - done)
            rate = decodings * CROP * CROP / elapsed / 1e6
            print(f"\r{done}/{total} shards  {rate:.2f} Mpix/s  {left / 60:.0f} min left ", end="", file=sys.stderr)
    print(f"\r{total} shards are there" + " " * 30, file=sys.stderr)


def main(arguments: Sequence[str]) -> None:
    """Command line entry.

    Raises:
        ValueError: see `prepare`.
    """
    parser = argparse.ArgumentParser(prog="veneer train --prepare", description="Codes crops for training.")
    parser.add_argument("folder", type=Path, help="pictures to train on, searched through")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="folder to write to")
    parser.add_argument("--validation", type=Path, metavar="DIR", help="pictures to validate on; else every 40th crop")
    parser.add_argument(
        "--no-validation", dest="hold_out", action="store_false", help="hold no crops back, for a cache beside another"
    )
    parser.add_argument(
        "--least-step", type=int, default=0, help="draw no finer ones, for pictures that were coded before"
    )
    parser.add_argument("--forms", type=int, default=1, help="of each crop: its own and changed ones (default: 1)")
    parser.add_argument("--versions", type=int, default=4, help="decodings of each form (default: %(default)s)")
    parser.add_argument("--scale", type=int, choices=(1, 2), default=1, help="2: the base layer has half the sides")
    parser.add_argument("--efforts", type=int, nargs="+", default=[5, 5, 7, 9], help="drawn from (default: 5 5 7 9)")
    parser.add_argument("--limit", type=int, default=0, help="at most so many crops")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=0, help="processes (default: one per core)")
    options = vars(parser.parse_args(arguments))
    prepare(options.pop("folder"), options.pop("cache"), **options)
