"""A decoder of tiles written from docs/format.md, "Base layer", names and order as there. For tests: slow.

Its numbers come out of the document's own tables, the warm-start tables out of the file beside it.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from veneer.entropy.adaptive import BitModel, read_bit
from veneer.entropy.range_coder import RangeDecoder, RangeEncoder, bytes_to_words, words_to_bytes

DOCS = Path(__file__).parents[1] / "docs"
FORMAT = (DOCS / "format.md").read_text()
CHAPTER = FORMAT[FORMAT.index("\n## Base layer\n") : FORMAT.index("\n## Alpha plane\n")]


def section(title: str) -> str:
    """The text of one section of the chapter."""
    return re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", CHAPTER, re.MULTILINE | re.DOTALL)[1]  # type: ignore[index]


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"-?\d+", text)]


def row(name: str, where: str) -> list[int]:
    """The numbers in the row of a table that begins with `name`."""
    return numbers(re.search(rf"^\| {re.escape(name)} \|(.*)$", section(where), re.MULTILINE)[1])  # type: ignore[index]


# name: (dimensions, entries, first entry)
MODELS = {
    name: ([int(n) for n in sizes.split(" x ")], int(entries), int(first))
    for name, sizes, entries, first in re.findall(
        r"^\| `(\w+)` \| ([\dx ]+) \| (\d+) \| (\d+) \|", section("Contexts"), re.MULTILINE
    )
}
SHAPES = {
    (int(w), int(h)): (int(count), int(size_class), int(shape_class))
    for sides, count, size_class, shape_class in re.findall(
        r"^\| ([\dx ,]+) \| (\d+) \| (\d) \| (\d) \|", section("Block shapes and scans"), re.MULTILINE
    )
    for w, h in re.findall(r"(\d+) x (\d+)", sides)
}
DIAGONAL_FIRST = row("First u + v", "Block shapes and scans")
BLOCK_ENERGY_FIRST = row("First", "Neighbour cells")
ENERGY_FIRST = row("First", "Coefficients")
NEXT_STATE = [row("Next, even magnitude", "Coefficients"), row("Next, odd magnitude", "Coefficients")]
MANTISSA = row("mantissa", "Quantization")
COSINES = numbers(re.search(r"^table\[0\.\.64\].*?```(.*?)```", CHAPTER, re.MULTILINE | re.DOTALL)[1])  # type: ignore[index]
SLOPES = {
    int(mode): int(slope)
    for modes, slopes in re.findall(r"^\| Mode \|(.*)\n\| -.*\n\| Slope.*? \|(.*)$", CHAPTER, re.MULTILINE)
    for mode, slope in zip(numbers(modes), numbers(slopes), strict=True)
}
INVERSE = dict(zip(row("s", "Prediction"), row("inverse(s)", "Prediction"), strict=True))
SHARP = {
    line[start]: line[start + 1 : start + 5]
    for line in (numbers(text) for text in re.findall(r"^ ?\d+ (?: +-?\d+){9}$", section("Prediction"), re.MULTILINE))
    for start in (0, 5)
}
WARM_FIRST = row("First `Step_Index`", "Warm-start tables")
WARM_FILE = DOCS / "tables" / "warm_start.bin"

LEAF, QUAD, HORIZONTAL, VERTICAL = range(4)
CHROMA_FROM_LUMA = 23


def log2(n: int) -> int:
    assert n & (n - 1) == 0
    return n.bit_length() - 1


def clamp(v: int, a: int, b: int) -> int:
    return min(max(v, a), b)


def last_class(first: Sequence[int], value: int, factor: int = 1) -> int:
    """The last class whose first value is not above `value`."""
    return max(i for i, least in enumerate(first) if factor * least <= value)


def signed(magnitude: int, negative: bool) -> int:
    return -magnitude if negative else magnitude


@functools.cache
def scan(w: int, h: int) -> list[tuple[int, int]]:
    positions = [(u, v) for v in range(min(h, 32)) for u in range(min(w, 32))]
    return sorted(positions, key=lambda at: (at[0] * h + at[1] * w, at[1]))


def bucket(n: int) -> int:
    if n < 4:
        return n
    j = n.bit_length() - 1
    return 2 * j + ((n >> (j - 1)) & 1)


def family(mode: int) -> int:
    return 0 if mode < 3 else 1 if mode < 13 else 2 if mode < 23 else 3


@dataclasses.dataclass
class Parameters:
    """The base parameters, in the order of HEAD."""

    step_index: int
    co_step_offset: int = 0
    cg_step_offset: int = 0
    matrix: int = 0
    step_group_log2: int = 0
    tools: int = 0

    def to_bytes(self) -> bytes:
        return bytes(value & 255 for value in dataclasses.astuple(self)) + bytes(2)


@dataclasses.dataclass
class Leaf:
    tree: int
    x: int
    y: int
    w: int
    h: int
    mode: int = 0
    alternative: int = 0
    factor: list[int] = dataclasses.field(default_factory=lambda: [0, 0])
    count: list[int] = dataclasses.field(default_factory=lambda: [0, 0])
    cells: list[list[list[int]]] = dataclasses.field(default_factory=list)


class Models:
    """The models by name and indices."""

    def __init__(self, step_index: int) -> None:
        entries = np.frombuffer(WARM_FILE.read_bytes(), "<u2").reshape(len(WARM_FIRST), -1)
        self.entries = entries[last_class(WARM_FIRST, step_index)].tolist()
        self.used: dict[int, BitModel] = {}

    def __call__(self, name: str, *indices: int) -> BitModel:
        sizes, _, at = MODELS[name]
        assert len(indices) == len(sizes)
        assert all(0 <= index < size for index, size in zip(indices, sizes, strict=True)), (name, indices)
        at += sum(index * math.prod(sizes[d + 1 :]) for d, index in enumerate(indices))
        if at not in self.used:
            e = self.entries[at]
            self.used[at] = BitModel((((e >> 5) << 11) + 2**10) << 10 | e & 31)
        return self.used[at]


class Inventor:
    """Stands in for a decoder, makes decisions up and encodes them: payloads of any code, likely or not.

    It prefers one value for a while, whatever the models say, so that it comes to all lengths and magnitudes.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.ones = 0.5
        self.encoder = RangeEncoder()

    def invent(self) -> int:
        if self.rng.random() < 0.01:
            self.ones = self.rng.choice([0, 0.1, 0.5, 0.9, 1], p=[0.1, 0.2, 0.4, 0.2, 0.1])
        return int(self.rng.random() < self.ones)

    def bit(self, p1: int) -> int:
        value = self.invent()
        self.encoder.bit(value, p1)
        return value

    def raw(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = 2 * value + self.invent()
        self.encoder.raw(value, count)
        return value

    def valid(self) -> bool:
        return True

    def payload(self) -> bytes:
        return words_to_bytes(self.encoder.finish())


class Tile:
    """Decodes one tile; `planes` are the samples, `valid` whether the payload is a code.

    Args:
        source: The payload, or who invents it.
    """

    def __init__(self, source: bytes | Inventor, w: int, h: int, colour: bool, parameters: Parameters) -> None:
        self.coder: Any = RangeDecoder(bytes_to_words(source)) if isinstance(source, bytes) else source
        self.parameters = parameters
        self.width, self.height = (w + 3) // 4 * 4, (h + 3) // 4 * 4
        self.colour = colour
        self.planes = [np.zeros((self.height, self.width), np.int64) for _ in range(3 if colour else 1)]
        self.models = Models(parameters.step_index)
        self.group_offset = 0
        self.step_offset: dict[tuple[int, int], int] = collections.defaultdict(int)  # by unit
        self.leaves: list[dict[tuple[int, int], Leaf]] = [{}, {}]  # by tree and unit: the decoded ones
        self.seen: set[str] = set()
        for y in range(0, self.height, 64):
            for x in range(0, self.width, 64):
                self.node(0, x, y, 6)
                if colour:
                    self.node(1, x, y, 6)
        self.valid = self.coder.valid()

    def bit(self, name: str, *indices: int) -> int:
        return read_bit(self.coder, self.models(name, *indices))

    def leaf_at(self, tree: int, x: int, y: int) -> Leaf:
        return self.leaves[tree][x // 4, y // 4]

    def above(self, tree: int, x: int, y: int) -> Leaf | None:
        return self.leaf_at(tree, x, y - 1) if y > 0 else None

    def left(self, tree: int, x: int, y: int) -> Leaf | None:
        return self.leaf_at(tree, x - 1, y) if x > 0 else None

    # Partition trees

    def node(self, tree: int, x: int, y: int, n: int) -> None:
        if x >= self.width or y >= self.height:
            return
        size = 1 << n
        half = size // 2
        group_log2 = self.parameters.step_group_log2
        if tree == 0 and n == group_log2:
            self.step_group(x, y, size)
        if x + size > self.width or y + size > self.height:
            split = QUAD
        elif n == 2:
            split = LEAF
        else:
            split = self.read_split(tree, x, y, n)
        if tree == 0 and 0 < group_log2 < n and split != QUAD:
            self.step_group(x, y, size)
        if split == LEAF:
            self.leaf(tree, x, y, size, size)
        elif split == HORIZONTAL:
            self.leaf(tree, x, y, size, half)
            self.leaf(tree, x, y + half, size, half)
        elif split == VERTICAL:
            self.leaf(tree, x, y, half, size)
            self.leaf(tree, x + half, y, half, size)
        else:
            for j in (y, y + half):
                for i in (x, x + half):
                    self.node(tree, i, j, n - 1)

    def read_split(self, tree: int, x: int, y: int, n: int) -> int:
        context = self.node_context(tree, x, y, n)
        if self.bit("node", tree, n - 3, context, 0) == 0:
            return LEAF
        if n == 6:
            return QUAD
        if self.bit("node", tree, n - 3, context, 1) == 0:
            return QUAD
        return VERTICAL if self.bit("node", tree, n - 3, context, 2) else HORIZONTAL

    def node_context(self, tree: int, x: int, y: int, n: int) -> int:
        above, left = self.above(tree, x, y), self.left(tree, x, y)
        a = clamp(n - log2(above.w), 0, 3) if above else 0
        b = clamp(n - log2(left.h), 0, 3) if left else 0
        if tree == 0:
            return 4 * a + b
        luma = self.leaf_at(0, x + (1 << n) // 2, y + (1 << n) // 2)
        d = 2 * n - log2(luma.w * luma.h)
        return 4 * (0 if d <= 0 else 1 if d <= 2 else 2) + 2 * min(a, 1) + min(b, 1)

    def step_group(self, x: int, y: int, size: int) -> None:
        delta = 0
        if self.bit("step_offset", 0, 0):
            negative = self.bit("step_offset", 1, 0)
            delta = 1
            while delta < 62 and self.bit("step_offset", 2, min(delta - 1, 15)):
                delta += 1
            delta = signed(delta, bool(negative))
        self.group_offset = clamp(self.group_offset + delta, -31, 31)
        for j in range(size // 4):
            for i in range(size // 4):
                self.step_offset[x // 4 + i, y // 4 + j] = self.group_offset

    # Contexts, Leaves

    def five(self, name: str, *indices: int, second: tuple[int, ...] | None = None) -> int:
        node = 1
        for _ in range(5):
            other = None if second is None else self.models(name, *second, node)
            node = 2 * node + read_bit(self.coder, self.models(name, *indices, node), other)
        return node - 32

    def leaf(self, tree: int, x: int, y: int, w: int, h: int) -> None:
        leaf = Leaf(tree, x, y, w, h)
        self.prediction(leaf)
        planes = range(1 if tree == 0 else 2)
        k = [self.coefficients(leaf, p) for p in planes]
        if tree == 0 and w <= 16 and h <= 16 and leaf.count[0] > 0:
            leaf.alternative = self.bit("transform", log2(max(w, h)) - 2, leaf.mode)
        for p in planes:
            self.reconstruct(leaf, p, k[p])
        for j in range(h // 4):
            for i in range(w // 4):
                self.leaves[tree][x // 4 + i, y // 4 + j] = leaf
        self.seen |= {f"mode {leaf.mode}", f"tree {tree}, {w} x {h}", f"alternative {leaf.alternative}"}

    def prediction(self, leaf: Leaf) -> None:
        tree, x, y, w, h = leaf.tree, leaf.x, leaf.y, leaf.w, leaf.h
        above, left = self.above(tree, x, y), self.left(tree, x, y)
        if tree == 1:
            size = min(2, (log2(w * h) - 4) // 3)
            if self.bit("cfl", size, sum(near is not None and near.mode == CHROMA_FROM_LUMA for near in (above, left))):
                leaf.factor[0] = self.five("alpha", 0, 0) - 16
                sign = 0 if leaf.factor[0] == 0 else 1 if leaf.factor[0] < 0 else 2
                leaf.factor[1] = self.five("alpha", 1, sign) - 16
                leaf.mode = CHROMA_FROM_LUMA
                return
        large = 1 if w * h > 64 else 0
        b = left.mode if left else 23
        beside = above if tree == 0 else self.leaf_at(0, x + w // 2, y + h // 2)
        a = beside.mode if beside else 23
        leaf.mode = min(22, self.five("mode", tree, large, 0, family(b), a, second=(tree, large, 1, family(a), b)))

    def reconstruct(self, leaf: Leaf, p: int, k: dict[tuple[int, int], int]) -> None:
        plane = leaf.tree + p
        predicted = self.predict(leaf, p)
        residual = self.residual(leaf, p, k) if leaf.count[p] else np.zeros_like(predicted)
        low, high = (0, 1020) if plane == 0 else (-510, 510)
        block = np.clip(predicted + residual, low, high)
        self.planes[plane][leaf.y : leaf.y + leaf.h, leaf.x : leaf.x + leaf.w] = block

    # Neighbour cells

    def finish_cells(self, leaf: Leaf, magnitudes: dict[tuple[int, int], int]) -> None:
        w, h = leaf.w, leaf.h
        sums = [[0] * 8 for _ in range(8)]
        for (u, v), magnitude in magnitudes.items():
            sums[8 * v // h][8 * u // w] += min(100, magnitude)
        shift = log2(w) - min(log2(w), 3) + log2(h) - min(log2(h), 3)
        cells = [[0] * 8 for _ in range(8)]
        for b in range(8):
            for a in range(8):
                total = sums[b // 2 * 2 if h == 4 else b][a // 2 * 2 if w == 4 else a]
                cells[b][a] = min(255, 16 * total >> shift)
        leaf.cells.append(cells)

    def expect(self, leaf: Leaf, p: int) -> tuple[int, list[list[int]]]:
        x, y, w, h = leaf.x, leaf.y, leaf.w, leaf.h
        ups = [self.leaf_at(leaf.tree, x + 4 * i, y - 1).cells[p] for i in range(w // 4)] if y > 0 else []
        sides = [self.leaf_at(leaf.tree, x - 1, y + 4 * i).cells[p] for i in range(h // 4)] if x > 0 else []
        s = [[0] * 8 for _ in range(8)]
        for b in range(8):
            for a in range(8):
                means = [2 * sum(c[b][a] for c in units) >> log2(len(units)) for units in (ups, sides) if units]
                s[b][a] = sum(means) * (2 if len(means) == 1 else 1)
        energy = last_class(BLOCK_ENERGY_FIRST, sum(map(sum, s)), 4)
        g = [[line[max(a - 1, 0)] + 2 * line[a] + line[min(a + 1, 7)] for a in range(8)] for line in s]
        expectation = [
            [(6 * (g[max(b - 1, 0)][a] + 2 * g[b][a] + g[min(b + 1, 7)][a]) + 32) >> 6 for a in range(8)]
            for b in range(8)
        ]
        return energy, expectation

    # Coefficients

    def coefficients(self, leaf: Leaf, p: int) -> dict[tuple[int, int], int]:
        plane, w, h = leaf.tree + p, leaf.w, leaf.h
        _, size_class, shape_class = SHAPES[w, h]
        energy, expectation = self.expect(leaf, p)
        k: dict[tuple[int, int], int] = {}
        magnitudes: dict[tuple[int, int], int] = {}

        def m(u: int, v: int) -> int:
            return min(100, magnitudes.get((u, v), 0))

        count = leaf.count[p] = self.read_count(leaf, p, energy)
        state = 0
        for i in reversed(range(count)):
            u, v = scan(w, h)[i]
            quantizer = state & 1
            acc = 2 * m(u + 1, v) + 2 * m(u, v + 1) + m(u + 1, v + 1) + m(u + 2, v) + m(u, v + 2)
            e = last_class(ENERGY_FIRST, (23 * acc + expectation[8 * v // h][8 * u // w]) >> 4)
            near = acc if acc < 5 else 5 if acc < 8 else 6 if acc < 14 else 7
            diagonal = last_class(DIAGONAL_FIRST, u + v)
            magnitude = 0
            if i == count - 1 or read_bit(
                self.coder,
                self.models("significant", quantizer, plane, size_class, diagonal, e),
                self.models("nearby", plane, shape_class, bucket(i + 1), near),
            ):
                magnitude = self.read_magnitude(quantizer, plane, shape_class, diagonal, e, near)
                k[u, v] = signed(2 * magnitude - quantizer, bool(self.coder.raw(1)))
                magnitudes[u, v] = magnitude
            state = NEXT_STATE[magnitude & 1][state] if self.parameters.tools & 1 else 0
        self.finish_cells(leaf, magnitudes)
        return k

    def read_count(self, leaf: Leaf, p: int, energy: int) -> int:
        plane = leaf.tree + p
        kind = min(plane, 1)
        most, _, shape_class = SHAPES[leaf.w, leaf.h]
        near = (self.above(leaf.tree, leaf.x, leaf.y), self.left(leaf.tree, leaf.x, leaf.y))
        empty = sum(leaf is not None and leaf.count[p] == 0 for leaf in near)
        context = empty if p == 0 else 2 if leaf.count[0] == 0 else 1 if empty == 2 else 0
        if self.bit("empty", plane, shape_class, energy, context):
            return 0
        b = min(19, self.five("last", kind, shape_class, energy // 2)) + 1
        first = b if b < 4 else (2 + (b & 1)) << (b // 2 - 1)
        if first >= most:
            return most
        if b < 4:
            return first
        n = b // 2 - 2
        high = self.bit("last_offset", kind, b)
        return first + (high << n) + self.coder.raw(n)

    def read_magnitude(self, quantizer: int, plane: int, shape_class: int, diagonal: int, e: int, near: int) -> int:
        kind = min(plane, 1)
        d = 0 if diagonal == 0 else 1 if diagonal <= 2 else 2
        first, second = ("greater1", quantizer, plane, d, e), ("greater1_nearby", plane, shape_class, near)
        if read_bit(self.coder, self.models(*first), self.models(*second)) == 0:
            return 1
        for j in range(4):
            if self.bit("greater", kind, j, e) == 0:
                return 2 + j
        n = 0
        while n < 14 and self.bit("escape", kind, e // 3, n):
            n += 1
        return 6 + (2**n - 1) + self.coder.raw(n)

    # Quantization, Inverse transform

    def dequantize(self, leaf: Leaf, p: int, k: dict[tuple[int, int], int]) -> npt.NDArray[np.int64]:
        given, plane, w, h = self.parameters, leaf.tree + p, leaf.w, leaf.h
        index = given.step_index + 2 * self.step_offset[leaf.x // 4, leaf.y // 4]
        index += (0, given.co_step_offset, given.cg_step_offset)[plane]
        index = clamp(index, 0, 223)
        position = index + 128 - 8 * log2(w * h)
        assert 32 <= position <= 319
        c = np.zeros((min(h, 32), min(w, 32)), np.int64)
        for (u, v), halves in k.items():
            f = 8 * u // w + 8 * v // h
            at = max(0, min(319, position + ((given.matrix * f + 2) >> 2)) - 11)
            half_step = MANTISSA[at & 15] << (at >> 4)
            c[v, u] = signed(min(32767, (abs(halves) * half_step + 2**19) >> 20), halves < 0)
        return c

    def residual(self, leaf: Leaf, p: int, k: dict[tuple[int, int], int]) -> npt.NDArray[np.int64]:
        c = self.dequantize(leaf, p, k)
        rows = columns = "DST" if leaf.alternative else "DCT"
        if leaf.mode == 7:
            rows = "DCT"
        if leaf.mode == 18:
            columns = "DCT"
        t = saturate(wrap(2**10 + basis(columns, leaf.h).T @ c) >> 11)
        return saturate(wrap(2**14 + t @ basis(rows, leaf.w)) >> 15)

    # Prediction

    def edges(self, leaf: Leaf, plane: int) -> tuple[Callable[[int], int], Callable[[int], int]]:
        x, y, w, h, samples = leaf.x, leaf.y, leaf.w, leaf.h, self.planes[plane]
        decoded = self.leaves[leaf.tree]
        above_count = left_count = 0
        if y > 0:
            while above_count < w + h and ((x + above_count) // 4, (y - 1) // 4) in decoded:
                above_count += 4
        if x > 0:
            while left_count < w + h and ((x - 1) // 4, (y + left_count) // 4) in decoded:
                left_count += 4
        above = [int(s) for s in samples[y - 1, x : x + above_count]] if above_count else []
        left = [int(s) for s in samples[y : y + left_count, x - 1]] if left_count else []
        middle = 512 if plane == 0 else 0
        corner = int(samples[y - 1, x - 1]) if above and left else (above or left or [middle])[0]
        above, left = above or (left or [middle])[:1], left or (above or [middle])[:1]

        def edge(known: list[int]) -> Callable[[int], int]:
            def at(i: int) -> int:
                assert -1 <= i <= w + h + 1
                return corner if i == -1 else known[min(i, len(known) - 1)]

            return at

        return edge(above), edge(left)

    def predict(self, leaf: Leaf, p: int) -> npt.NDArray[np.int64]:
        w, h, mode = leaf.w, leaf.h, leaf.mode
        plane = leaf.tree + p
        top, left = self.edges(leaf, plane)
        if mode == CHROMA_FROM_LUMA:
            luma = self.planes[0][leaf.y : leaf.y + h, leaf.x : leaf.x + w]
            mean = (int(luma.sum()) + w * h // 2) >> log2(w * h)
            return np.clip(dc(top, left, w, h) + ((leaf.factor[p] * (luma - mean) + 4) >> 3), -510, 510)
        at: Callable[[int, int], int]
        if mode == 0:
            value = dc(top, left, w, h)
            at = blended(lambda *_: value, top, left, w, h)
        elif mode == 1:
            at = blended(lambda i, j: planar(top, left, w, h, i, j), top, left, w, h)
        elif mode == 2:
            at = lambda i, j: paeth(top(i), left(j), top(-1))  # noqa: E731
        elif mode == 7:
            at = lambda i, j: top(i) + ((weight(w, h, i) * (left(j) - left(-1)) + 32) >> 6)  # noqa: E731
        elif mode == 18:
            at = lambda i, j: left(j) + ((weight(w, h, j) * (top(i) - top(-1)) + 32) >> 6)  # noqa: E731
        elif mode < 13:
            at = lambda i, j: direction(top, left, i, j, w * h, SLOPES[mode])  # noqa: E731
        else:
            at = lambda i, j: direction(left, top, j, i, w * h, SLOPES[mode])  # noqa: E731
        return np.array([[at(i, j) for i in range(w)] for j in range(h)], np.int64)

    # Colour

    def pixels(self, w: int, h: int) -> npt.NDArray[np.uint8]:
        planes = [plane[:h, :w] for plane in self.planes]
        if self.colour:
            y, co, cg = planes
            planes = [y - cg + co, y + cg, y - cg - co]
        return np.clip((np.stack(planes, -1) + 2) >> 2, 0, 255).astype(np.uint8)


def cosine(j: int) -> int:
    j = abs(j) % 256
    if j > 128:
        j = 256 - j
    return COSINES[j] if j <= 64 else -COSINES[128 - j]


@functools.cache
def basis(kind: str, n: int) -> npt.NDArray[np.int64]:
    """[k, i]."""
    values = np.zeros((min(n, 32), n), np.int64)
    for k in range(min(n, 32)):
        for i in range(n):
            if kind == "DST":
                values[k, i] = cosine((2 * n - (2 * i + 1) * (2 * k + 1)) * 32 // n)
            else:
                values[k, i] = 2048 if k == 0 else cosine((2 * i + 1) * k * 64 // n)
    return values


def wrap(a: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return (a + 2**31) % 2**32 - 2**31


def saturate(a: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.clip(a, -32768, 32767)


Edge = Callable[[int], int]


def dc(top: Edge, left: Edge, w: int, h: int) -> int:
    total = sum(top(i) for i in range(w)) if w >= h else 0
    total += sum(left(j) for j in range(h)) if h >= w else 0
    shift = log2(w) + 1 if w == h else log2(max(w, h))
    return (total + (1 << (shift - 1))) >> shift


def planar(top: Edge, left: Edge, w: int, h: int, i: int, j: int) -> int:
    vertical = w * ((h - 1 - j) * top(i) + (j + 1) * left(h))
    horizontal = h * ((w - 1 - i) * left(j) + (i + 1) * top(w))
    return (vertical + horizontal + w * h) >> (log2(w * h) + 1)


def weight(w: int, h: int, d: int) -> int:
    scale = (log2(w * h) - 2) >> 2
    return 32 >> ((2 * d) >> scale)


def blended(inner: Callable[[int, int], int], top: Edge, left: Edge, w: int, h: int) -> Callable[[int, int], int]:
    def at(i: int, j: int) -> int:
        a, b = weight(w, h, i), weight(w, h, j)
        return (a * left(j) + b * top(i) + (64 - a - b) * inner(i, j) + 32) >> 6

    return at


def paeth(top: int, left: int, corner: int) -> int:
    a, b, c = abs(top - corner), abs(left - corner), abs(top + left - 2 * corner)
    return corner if min(a, b) > c else left if a <= b else top


def direction(main: Edge, side: Edge, along: int, away: int, area: int, s: int) -> int:
    def ref(n: int) -> int:
        return main(n) if n >= -1 else side((((-1 - n) * INVERSE[s] + 128) >> 8) - 1)

    q = (away + 1) * s
    f = q & 31
    n = (q >> 5) + along - 1
    taps = (16 - f // 2, 32 - f // 2, 16 + f // 2, f // 2) if area >= 64 else SHARP[f]
    return (sum(tap * ref(n + i) for i, tap in enumerate(taps)) + 32) >> 6
