"""What is known about a tile while it is decoded: samples, leaves, step offsets, models.

Source: docs/format.md, "Base layer": "Tiles and superblocks", "Contexts".
"""

from __future__ import annotations

import collections
import dataclasses
from typing import TYPE_CHECKING, Protocol

import numpy
import numpy.typing

from veneer.reference.adaptive import BitModel, read_bit
from veneer.reference.depth import Depth
from veneer.reference.head import Head
from veneer.reference.tables import MODEL_FIRST, MODELS, WARM_FIRST, last_class, warm_start

if TYPE_CHECKING:
    from veneer.reference.screen import ScreenContent

Samples = numpy.typing.NDArray[numpy.int64]
Coefficients = dict[tuple[int, int], int]  # by (u, v); what is not there is 0


class Coder(Protocol):
    """Where symbols come from: a range decoder, or one who invents a stream."""

    def bit(self, p1: int) -> int: ...
    def raw(self, count: int) -> int: ...
    def valid(self) -> bool: ...


@dataclasses.dataclass
class Leaf:
    """A block of one tree.

    Attributes:
        tree: 0 for Y, 1 for Co and Cg.
        x: of its upper left sample in the tile.
        y: likewise.
        w: samples in a row.
        h: rows.
        mode: of prediction; 23 for chroma from luma.
        derived: chroma from luma by slopes from the rim of the block.
        factor: of chroma from luma for Co and Cg, in eighths.
        alternative: 0..3, which transforms.
        count: for each plane, coefficients up to the last that is not 0.
        cells: for each plane, what stands in "Neighbour cells", [8, 8].
    """

    tree: int
    x: int
    y: int
    w: int
    h: int
    mode: int = 0
    derived: bool = False
    factor: tuple[int, int] = (0, 0)
    alternative: int = 0
    count: list[int] = dataclasses.field(default_factory=list)
    cells: list[Samples] = dataclasses.field(default_factory=list)

    @property
    def planes(self) -> range:
        """The values of p."""
        return range(1 if self.tree == 0 else 2)


class Models:
    """The adaptive models of a tile by name and indices, made when first used."""

    def __init__(self, step_index: int) -> None:
        self._entries = warm_start(last_class(WARM_FIRST, step_index))
        self._used: dict[int, BitModel] = {}

    def __call__(self, name: str, *indices: int) -> BitModel:
        at = 0
        for size, index in zip(MODELS[name], indices, strict=True):
            at = at * size + index
        at += MODEL_FIRST[name]
        if at not in self._used:
            e = self._entries[at]
            probability = ((e >> 5) << 11) + 2**10
            count = e & 31
            self._used[at] = BitModel(probability << 10 | count)
        return self._used[at]


class Tile:
    """The state of decoding one tile.

    Args:
        coder: gives the symbols.
        width: of the tile in pixels.
        height: likewise.
        head: of the file.

    Attributes:
        width: W, of the planes in samples.
        height: H, likewise.
        depth: of its samples.
        planes: int64 [H, W] each: Y, and in colour pictures Co and Cg.
        leaves: for each tree, the decoded leaves by unit (x / 4, y / 4).
        group_offset: step offset that the next difference is added to.
        step_offset: by unit.
        screen: its screen content; None where there can be none.
    """

    def __init__(self, coder: Coder, width: int, height: int, head: Head) -> None:
        self.coder = coder
        self.head = head
        self.depth = Depth(head.bit_depth)
        self.width = (width + 3) // 4 * 4
        self.height = (height + 3) // 4 * 4
        self.planes = [numpy.zeros((self.height, self.width), numpy.int64) for _ in range(3 if head.colour else 1)]
        self.leaves: tuple[dict[tuple[int, int], Leaf], ...] = ({}, {})
        self.models = Models(head.step_index)
        self.group_offset = 0
        self.step_offset: dict[tuple[int, int], int] = collections.defaultdict(int)
        self.screen: ScreenContent | None = None

    def leaf_at(self, tree: int, x: int, y: int) -> Leaf:
        """The leaf that holds a sample."""
        return self.leaves[tree][x // 4, y // 4]

    def above(self, tree: int, x: int, y: int) -> Leaf | None:
        """The leaf above the sample (x, y), which is the first of a node or leaf."""
        return self.leaf_at(tree, x, y - 1) if y > 0 else None

    def left(self, tree: int, x: int, y: int) -> Leaf | None:
        """Likewise, to the left."""
        return self.leaf_at(tree, x - 1, y) if x > 0 else None

    def bit(self, name: str, *indices: int) -> int:
        """Reads a decision under one model."""
        return read_bit(self.coder, self.models(name, *indices))

    def bit_of_two(self, first: BitModel, second: BitModel) -> int:
        """Reads a decision under the mean of two models."""
        return read_bit(self.coder, first, second)

    def five(self, name: str, *indices: int) -> int:
        """Reads a number of five bits, 0..31."""
        node = 1
        for _ in range(5):
            node = 2 * node + self.bit(name, *indices, node)
        return node - 32

    def five_of_two(self, name: str, first: tuple[int, ...], second: tuple[int, ...]) -> int:
        """Likewise, under the means of two models each."""
        node = 1
        for _ in range(5):
            node = 2 * node + self.bit_of_two(self.models(name, *first, node), self.models(name, *second, node))
        return node - 32
