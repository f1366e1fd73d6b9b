"""Tiles, partition trees, leaves and coefficients: "Base layer" of docs/format.md."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from stranger.blocks import (
    BLOCK_ENERGY_FIRST,
    DIAGONAL_FIRST,
    ENERGY_FIRST,
    MANTISSA,
    NEAR_FIRST,
    NEXT_STATE,
    SHAPES,
    Samples,
    bucket,
    class_of,
    dc,
    inverse_transform,
    log2,
    model,
    predict,
    warm_start,
)
from stranger.coder import Decoder
from stranger.sample_range import SampleRange
from stranger.screen_content import ScreenContent
from stranger.tile_filters import PlaneFilters, filtered, split_filters


@dataclass
class Leaf:
    """A block that is decoded, or is about to be."""

    tree: int
    x: int
    y: int
    w: int
    h: int
    mode: int = 23
    chroma_from_luma: bool = False
    derived: bool = False
    factor: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.counts: list[int] = []  # by plane of the leaf, as are the next two
        self.cells: list[Samples] = []
        self.levels: list[Samples] = []  # k, in half steps


def family(mode: int) -> int:
    return class_of(mode, (0, 3, 13, 23))


class Tile:
    """The colour of a tile of w x h pixels; `decode` gives its planes."""

    def __init__(
        self, data: bytes, parameters: SimpleNamespace, w: int, h: int, colour: bool, sample_range: SampleRange
    ) -> None:
        self.parameters, self.colour, self.range = parameters, colour, sample_range
        self.W, self.H = (w + 3) // 4 * 4, (h + 3) // 4 * 4
        self.planes = [np.zeros((self.H, self.W), np.int64) for _ in range(3 if colour else 1)]
        self.leaves: list[list[list[Leaf | None]]] = [
            [[None] * (self.W // 4) for _ in range(self.H // 4)] for _ in range(2)
        ]
        self.step_offsets = np.zeros((self.H // 4, self.W // 4), np.int64)
        self.group_offset = 0
        self.filters: list[PlaneFilters] = []
        if parameters.Tools & 4:
            data, self.filters = split_filters(data, len(self.planes))
        self.coder = Decoder(data, warm_start(parameters.Step_Index))
        self.screen = ScreenContent(self.coder, self.planes) if parameters.Tools & 2 else None

    def decode(self) -> list[Samples]:
        for y in range(0, self.H, 64):
            for x in range(0, self.W, 64):
                if self.screen is not None:
                    self.screen.superblock(x, y)
                self.node(0, x, y, 6)
                if self.colour:
                    self.node(1, x, y, 6)
        self.coder.check_end()
        return filtered(self.planes, self.filters, self.range)

    def at(self, tree: int, x: int, y: int) -> Leaf | None:
        """The leaf that holds the sample (x, y), if it is decoded."""
        return self.leaves[tree][y // 4][x // 4] if 0 <= x < self.W and 0 <= y < self.H else None

    def node(self, tree: int, x: int, y: int, n: int) -> None:
        if x >= self.W or y >= self.H:
            return
        size, half, group = 2**n, 2**n // 2, self.parameters.Step_Group_Log2
        within = x + size <= self.W and y + size <= self.H
        drawn = self.screen.inside(x, y, size) if self.screen is not None else np.zeros(1, bool)
        if within and drawn.all():
            self.screen_leaf(tree, x, y, size)
            return
        if tree == 0 and n == group:
            self.step_group(x, y, size)
        divided = not within or drawn.any()
        split = "quad" if divided else "leaf" if n == 2 else self.read_split(tree, x, y, n)
        if tree == 0 and 0 < group < n and split != "quad":
            self.step_group(x, y, size)
        if split == "leaf":
            self.leaf(Leaf(tree, x, y, size, size))
        elif split == "horizontal":
            self.leaf(Leaf(tree, x, y, size, half))
            self.leaf(Leaf(tree, x, y + half, size, half))
        elif split == "vertical":
            self.leaf(Leaf(tree, x, y, half, size))
            self.leaf(Leaf(tree, x + half, y, half, size))
        else:
            for corner_y in (y, y + half):
                for corner_x in (x, x + half):
                    self.node(tree, corner_x, corner_y, n - 1)

    def screen_leaf(self, tree: int, x: int, y: int, size: int) -> None:
        leaf = Leaf(tree, x, y, size, size, mode=0)
        leaf.counts, leaf.cells = [0, 0], [np.zeros((8, 8), np.int64)] * 2
        self.put(leaf)
        if tree == 0:
            self.step_offsets[y // 4 : (y + size) // 4, x // 4 : (x + size) // 4] = 0

    def read_split(self, tree: int, x: int, y: int, n: int) -> str:
        above, left = self.at(tree, x, y - 1), self.at(tree, x - 1, y)
        a = min(max(n - log2(above.w), 0), 3) if above else 0
        b = min(max(n - log2(left.h), 0), 3) if left else 0
        context = 4 * a + b
        if tree == 1:
            half = 2**n // 2
            luma = self.at(0, x + half, y + half)
            assert luma is not None
            d = 2 * n - log2(luma.w * luma.h)
            context = 4 * (0 if d <= 0 else 1 if d <= 2 else 2) + 2 * min(a, 1) + min(b, 1)
        m = model("node", tree, n - 3, context)
        if self.coder.bit(m) == 0:
            return "leaf"
        if n == 6 or self.coder.bit(m + 1) == 0:
            return "quad"
        return "vertical" if self.coder.bit(m + 2) else "horizontal"

    def step_group(self, x: int, y: int, size: int) -> None:
        bit, delta = self.coder.bit, 0
        if bit(model("step_offset", 0, 0)):
            negative = bit(model("step_offset", 1, 0))
            delta = 1
            while delta < 62 and bit(model("step_offset", 2, min(delta - 1, 15))):
                delta += 1
            delta = -delta if negative else delta
        self.group_offset = min(max(self.group_offset + delta, -31), 31)
        self.step_offsets[y // 4 : (y + size) // 4, x // 4 : (x + size) // 4] = self.group_offset

    def leaf(self, leaf: Leaf) -> None:
        self.prediction(leaf)
        plane_count = 1 if leaf.tree == 0 else 2
        for p in range(plane_count):
            self.coefficients(leaf, p)
        alternative = 0
        if leaf.tree == 0 and leaf.w <= 16 and leaf.h <= 16 and leaf.counts[0] > 0:
            size = log2(max(leaf.w, leaf.h)) - 2
            if self.coder.bit(model("transform", size, leaf.mode, 0)):
                alternative = 1
                if (leaf.w, leaf.h) != (4, 4) and self.coder.bit(model("transform", size, leaf.mode, 1)):
                    alternative = 2 + self.coder.bit(model("transform", size, leaf.mode, 2))
        for p in range(plane_count):
            self.reconstruct(leaf, p, alternative)
        self.put(leaf)

    def put(self, leaf: Leaf) -> None:
        for row in self.leaves[leaf.tree][leaf.y // 4 : (leaf.y + leaf.h) // 4]:
            row[leaf.x // 4 : (leaf.x + leaf.w) // 4] = [leaf] * (leaf.w // 4)

    def prediction(self, leaf: Leaf) -> None:
        above, left = self.at(leaf.tree, leaf.x, leaf.y - 1), self.at(leaf.tree, leaf.x - 1, leaf.y)
        five = self.coder.five
        if leaf.tree == 1:
            size = min(2, (log2(leaf.w * leaf.h) - 4) // 3)
            using = sum(neighbour is not None and neighbour.chroma_from_luma for neighbour in (above, left))
            leaf.chroma_from_luma = bool(self.coder.bit(model("cfl", size, using)))
            if leaf.chroma_from_luma:
                leaf.derived = bool(self.coder.bit(model("derived", size, using)))
                if leaf.derived:
                    return
                first = five(model("alpha", 0, 0)) - 16
                second = five(model("alpha", 1, 0 if first == 0 else 1 if first < 0 else 2)) - 16
                leaf.factor = (first, second)
                return
            above = self.at(0, leaf.x + leaf.w // 2, leaf.y + leaf.h // 2)
        large = int(leaf.w * leaf.h > 64)
        a, b = (neighbour.mode if neighbour else 23 for neighbour in (above, left))
        by_a, by_b = (leaf.tree, large, 0, family(b), a), (leaf.tree, large, 1, family(a), b)
        leaf.mode = min(22, five(model("mode", *by_a), model("mode", *by_b)))

    def expected(self, leaf: Leaf, p: int) -> tuple[int, Samples]:
        """The block energy class of a plane of the leaf, and the expectation of its cells."""

        def mean(units: list[Leaf | None]) -> Samples:
            total = sum(unit.cells[p] for unit in units if unit is not None)
            return (2 * np.asarray(total)) >> log2(len(units))

        x, y = leaf.x, leaf.y
        s = np.zeros((8, 8), np.int64)
        if y > 0:
            s += mean([self.at(leaf.tree, x + i, y - 1) for i in range(0, leaf.w, 4)]) * (1 if x > 0 else 2)
        if x > 0:
            s += mean([self.at(leaf.tree, x - 1, y + i) for i in range(0, leaf.h, 4)]) * (1 if y > 0 else 2)
        wide = np.pad(s, ((0, 0), (1, 1)), "edge")
        g = np.pad(wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:], ((1, 1), (0, 0)), "edge")
        expectation = (6 * (g[:-2] + 2 * g[1:-1] + g[2:]) + 32) >> 6
        return sum(4 * first <= s.sum() for first in BLOCK_ENERGY_FIRST) - 1, expectation

    def coefficients(self, leaf: Leaf, p: int) -> None:
        w, h, bit = leaf.w, leaf.h, self.coder.bit
        plane, shape = leaf.tree + p, SHAPES[leaf.w, leaf.h]
        energy, expectation = self.expected(leaf, p)
        k = np.zeros((min(h, 32), min(w, 32)), np.int64)
        magnitudes = [[0] * (w + 2) for _ in range(h + 2)]
        capped = [[0] * (w + 2) for _ in range(h + 2)]  # m of the document
        count = self.read_count(leaf, p, energy)
        state = 0
        for i in range(count - 1, -1, -1):
            u, v = shape.scan[i]
            quantizer = state & 1
            acc = 2 * capped[v][u + 1] + 2 * capped[v + 1][u] + capped[v + 1][u + 1] + capped[v][u + 2]
            acc += capped[v + 2][u]
            e = class_of((23 * acc + int(expectation[8 * v // h, 8 * u // w])) >> 4, ENERGY_FIRST)
            near, diagonal = class_of(acc, NEAR_FIRST), class_of(u + v, DIAGONAL_FIRST)
            significant = model("significant", quantizer, plane, shape.size_class, diagonal, e)
            nearby = model("nearby", plane, shape.shape_class, bucket(i + 1), near)
            if i == count - 1 or bit(significant, nearby):
                d = class_of(diagonal, (0, 1, 3))
                greater1 = (model("greater1", quantizer, plane, d, e), model("greater1_nearby", plane, shape[1], near))
                magnitudes[v][u] = self.read_magnitude(greater1, min(plane, 1), e)
                capped[v][u] = min(100, magnitudes[v][u])
                k[v, u] = 2 * magnitudes[v][u] - quantizer
                if self.coder.raw(1):
                    k[v, u] = -k[v, u]
            state = NEXT_STATE[state][magnitudes[v][u] & 1] if self.parameters.Tools & 1 else 0
        leaf.counts.append(count)
        leaf.levels.append(k)
        leaf.cells.append(cells_of(capped, w, h))

    def read_count(self, leaf: Leaf, p: int, energy: int) -> int:
        plane, shape, kind = leaf.tree + p, SHAPES[leaf.w, leaf.h].shape_class, min(leaf.tree + p, 1)
        neighbours = self.at(leaf.tree, leaf.x, leaf.y - 1), self.at(leaf.tree, leaf.x - 1, leaf.y)
        empty = sum(neighbour is not None and neighbour.counts[p] == 0 for neighbour in neighbours)
        context = empty
        if p == 1:
            context = 2 if leaf.counts[0] == 0 else 1 if empty == 2 else 0
        if self.coder.bit(model("empty", plane, shape, energy, context)):
            return 0
        b = min(19, self.coder.five(model("last", kind, shape, energy // 2))) + 1
        first = b if b < 4 else (2 + (b & 1)) << (b // 2 - 1)
        if first >= min(leaf.w, 32) * min(leaf.h, 32):
            return min(leaf.w, 32) * min(leaf.h, 32)
        if b < 4:
            return first
        n = b // 2 - 2
        high = self.coder.bit(model("last_offset", kind, b))
        return first + (high << n) + self.coder.raw(n)

    def read_magnitude(self, greater1: tuple[int, int], kind: int, e: int) -> int:
        bit = self.coder.bit
        if bit(*greater1) == 0:
            return 1
        for j in range(4):
            if bit(model("greater", kind, j, e)) == 0:
                return 2 + j
        n = 0
        while n < 14 and bit(model("escape", kind, e // 3, n)):
            n += 1
        return 6 + (2**n - 1) + self.coder.raw(n)

    def dequantized(self, leaf: Leaf, p: int) -> Samples:
        """The coefficients c."""
        parameters, k = self.parameters, leaf.levels[p]
        index = parameters.Step_Index + 2 * int(self.step_offsets[leaf.y // 4, leaf.x // 4])
        index += (0, parameters.Co_Step_Offset, parameters.Cg_Step_Offset)[leaf.tree + p]
        position = min(max(index, 0), 223) + 128 - 8 * log2(leaf.w * leaf.h)
        c = np.zeros_like(k)
        for v, u in np.argwhere(k).tolist():
            f = 8 * u // leaf.w + 8 * v // leaf.h
            at = max(0, min(319, position + ((parameters.Matrix * f + 2) >> 2)) - 11)
            half_step = MANTISSA[at & 15] << (at >> 4)
            size = min(32767, (abs(int(k[v, u])) * half_step + 2**19) >> 20)
            c[v, u] = size if k[v, u] > 0 else -size
        return c

    def edge(self, leaf: Leaf, samples: Samples, sideways: bool) -> Samples | None:
        """The samples of the edge above, or of that to the left, as far as they are decoded."""
        count = 0
        while count < leaf.w + leaf.h:
            at = (leaf.x - 1, leaf.y + count) if sideways else (leaf.x + count, leaf.y - 1)
            if self.at(leaf.tree, *at) is None:
                break
            count += 4
        if count == 0:
            return None
        return samples[leaf.y :, leaf.x - 1][:count] if sideways else samples[leaf.y - 1, leaf.x :][:count]

    def edges(self, leaf: Leaf, samples: Samples, middle: int) -> tuple[Samples, Samples]:
        """T and L from -1 to w + h + 1."""
        above, left = self.edge(leaf, samples, sideways=False), self.edge(leaf, samples, sideways=True)
        corner = int(samples[leaf.y - 1, leaf.x - 1]) if above is not None and left is not None else None
        if above is None:
            above = np.array([middle if left is None else left[0]])
        if left is None:
            left = above[:1]
        extent = leaf.w + leaf.h + 2
        both = [np.pad(edge, (0, extent - len(edge)), "edge") for edge in (above, left)]
        first = both[0][0] if corner is None else corner
        return np.concatenate(([first], both[0])), np.concatenate(([first], both[1]))

    def derived(self, leaf: Leaf, p: int) -> Samples:
        x, y, w, h = leaf.x, leaf.y, leaf.w, leaf.h
        rim = [(x + i, y - 1) for i in range(w) if y > 0] + [(x - 1, y + j) for j in range(h) if x > 0]
        n = len(rim)
        if n == 0:
            return np.zeros((h, w), np.int64)
        around = [[int(plane[j, i]) for i, j in rim] for plane in self.planes]
        mean = [(2 * sum(values) + n) // (2 * n) for values in around]

        def product(a: int, b: int) -> int:
            pairs = zip(around[a], around[b], strict=True)
            extra = self.range.extra
            total = sum(((v - mean[a]) >> extra) * ((w - mean[b]) >> extra) for v, w in pairs)
            return total + (64 * n if a == b else 0)

        def slope(a: int, b: int) -> int:
            return min(max((512 * a + b) // (2 * b), -512), 512)

        block = np.s_[y : y + h, x : x + w]
        d_y, d_o = self.planes[0][block] - mean[0], self.planes[1][block] - mean[1]
        yy, oo, yo, yg, og = product(0, 0), product(1, 1), product(0, 1), product(0, 2), product(1, 2)
        if p == 0:
            change = slope(yo, yy) * d_y
        else:
            d = yy * oo - yo * yo
            change = slope(yg * oo - og * yo, d) * d_y + slope(og * yy - yg * yo, d) * d_o
        return self.range.limited(mean[1 + p] + ((change + 128) >> 8), 1 + p)

    def reconstruct(self, leaf: Leaf, p: int, alternative: int) -> None:
        plane, w, h = leaf.tree + p, leaf.w, leaf.h
        samples = self.planes[plane]
        block = np.s_[leaf.y : leaf.y + h, leaf.x : leaf.x + w]
        top, left = self.edges(leaf, samples, self.range.middle(plane))
        if leaf.derived:
            P = self.derived(leaf, p)  # noqa: N806
        elif leaf.chroma_from_luma:
            luma = self.planes[0][block]
            mean = (int(luma.sum()) + w * h // 2) >> log2(w * h)
            P = dc(top, left, w, h) + ((leaf.factor[p] * (luma - mean) + 4) >> 3)  # noqa: N806
            P = self.range.limited(P, plane)  # noqa: N806
        else:
            P = predict(leaf.mode, top, left, w, h)  # noqa: N806
        if leaf.counts[p] > 0:
            c, extra = self.dequantized(leaf, p), self.range.extra
            P = P + inverse_transform(c, w, h, alternative, leaf.mode, extra)  # noqa: N806
        samples[block] = self.range.limited(P, plane)


def cells_of(capped: list[list[int]], w: int, h: int) -> Samples:
    """The map of 8 x 8 cells of a decoded plane."""
    sums = np.zeros((8, 8), np.int64)
    for v in range(min(h, 32)):
        for u in range(min(w, 32)):
            sums[8 * v // h, 8 * u // w] += capped[v][u]
    a = np.arange(8) // 2 * 2 if w == 4 else np.arange(8)
    b = np.arange(8) // 2 * 2 if h == 4 else np.arange(8)
    shift = log2(w) - min(log2(w), 3) + log2(h) - min(log2(h), 3)
    return np.minimum(255, (16 * sums[np.ix_(b, a)]) >> shift)
