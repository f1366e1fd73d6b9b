"""Decodes all vectors by the reference decoder, and prints as JSON what went wrong and what of the format was met.

The weight files that are to be refused are among them.

Run as a script, under coverage, by test_coverage.py.
"""

import json
import sys

from veneer.conformance.decoders import Reference
from veneer.conformance.suite import run
from veneer.conformance.vectors import find_vectors, read_index, read_weights_index
from veneer.reference import base, container
from veneer.reference.container import File
from veneer.reference.tile import Tile
from veneer.reference.trees import read_tile

HEAD_FIELDS = ("channels", "base_scale", "tile_log2", "matrix", "step_group_log2", "tools")


def main() -> None:
    seen: set[str] = set()

    def noting_tile(tile: Tile) -> bool:
        good = read_tile(tile)
        for tree in tile.leaves:
            for leaf in {id(leaf): leaf for leaf in tree.values()}.values():
                seen.update((f"tree {leaf.tree}: {leaf.w}x{leaf.h}", f"tree {leaf.tree}: mode {leaf.mode}"))
                seen.add(f"mode {leaf.mode}, transform {leaf.alternative}")
                seen.update([f"mode {leaf.mode}, trained"] if leaf.alternative and leaf.w == leaf.h == 4 else [])
        return good

    def noting_file(data: bytes, max_pixels: int) -> File:
        file = container.read_file(data, max_pixels)
        seen.update(f"{name} {getattr(file.head, name)}" for name in HEAD_FIELDS)
        seen.add(f"base_kind {file.head.base_kind}, bit_depth {file.head.bit_depth}")
        return file

    base.read_tile = noting_tile
    sys.modules["veneer.reference.decoder"].read_file = noting_file  # type: ignore[attr-defined]
    folder = find_vectors()
    result = run(Reference(), folder, read_index(folder) + read_weights_index(folder))
    failures = [(vector.name, vector.options, outcome) for vector, outcome in result.failures]
    json.dump({"failures": failures, "seen": sorted(seen)}, sys.stdout)


if __name__ == "__main__":
    main()
