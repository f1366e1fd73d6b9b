"""What each input of the enhancement networks is worth to trained weights: rate at equal PSNR without it.

    python benchmarks/input_worth.py --run RUN --cache CACHE

An input is taken away by giving its mean over the validation crops in place of it: of the maps one channel at a time,
and all of them; the settings of the base layer likewise. Weights are those of the run, not trained again, so this is an
upper bound: networks that had been trained without an input would in part find in the picture what it says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from veneer.training.data import Batch, CropSet
from veneer.training.export import load_enhancer
from veneer.training.networks import MAPS
from veneer.training.validation import validate

# As docs/format.md orders them, "Inputs of networks".
MAP_NAMES = (
    "left edge of the leaf",
    "top edge of the leaf",
    "size of the leaf",
    "coefficients",
    "left edge of the chroma leaf",
    "top edge of the chroma leaf",
    "coefficients of Co",
    "coefficients of Cg",
)

Change = Callable[[Batch], None]


class ChangedCrops(CropSet):
    """Crops of which something is changed, in place, before networks see it."""

    change: Change | None = None

    def batch(self, numbers: list[int], places: list[tuple[int, int]], side: int) -> Batch:
        """As of CropSet."""
        batch = super().batch(numbers, places, side)
        if self.change:
            self.change(batch)
        return batch


def changes(crops: CropSet) -> dict[str, Change]:
    """What is taken away, by name."""
    everything = crops.whole(0, len(crops))
    maps, settings = everything.maps.mean(dim=(0, 2, 3)), everything.settings.mean(dim=0)

    def without_maps(first: int, last: int) -> Change:
        def change(batch: Batch) -> None:
            batch.maps[:, first:last] = maps[first:last, None, None]

        return change

    def without_settings(batch: Batch) -> None:
        batch.settings[:] = settings

    found = {f"map {i}: {MAP_NAMES[i]}": without_maps(i, i + 1) for i in range(MAPS)}
    return {**found, "all maps": without_maps(0, MAPS), "settings": without_settings}


def main() -> None:
    """Measures and writes a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--run", type=Path, required=True, metavar="DIR")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = load_enhancer(options.run)
    crops = ChangedCrops(options.cache, "valid", torch.device("cpu"))
    whole = validate(model, crops).rate_change
    sys.stdout.write("| without | rate at equal PSNR | lost, points |\n| --- | --- | --- |\n")
    sys.stdout.write(f"| nothing | {whole:+.2%} | |\n")
    for name, change in changes(crops).items():
        crops.change = change
        rate = validate(model, crops).rate_change
        sys.stdout.write(f"| {name} | {rate:+.2%} | {100 * (rate - whole):+.2f} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
