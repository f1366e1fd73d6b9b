"""Texture over the enhanced picture: the network `texture`, which makes up what could have been there.

Place: last of the decode path, where realism is wanted or tiles are lost.
H, W: rows and columns of a part of the full size. h, w: of its units of 4 x 4 pixels, at the full size too.
Source: docs/format.md, "Texture" and "Filling in".
"""

from __future__ import annotations

import dataclasses
import math

import numpy
import numpy.typing
from oracle.enhancement.geometry import widened
from oracle.enhancement.halo import halo_of
from oracle.enhancement.networks import NOISE
from oracle.enhancement.realism import MAX_REALISM
from oracle.enhancement.runner import COLOURS, Runner

from veneer.enhancement.base_picture import Bytes
from veneer.enhancement.geometry import UNIT, Box, cells_of
from veneer.enhancement.unrounded import Unrounded
from veneer.inference.model_network import MAX_COLUMNS, Array
from veneer.reference.network import Network

Words = numpy.typing.NDArray[numpy.uint32]
Noise = numpy.typing.NDArray[numpy.int16]


@dataclasses.dataclass(frozen=True)
class EnhancedPart:
    """A part of the enhanced picture, and what `texture` is told of it.

    Attributes:
        picture: int16 [H, W, 1 or 3], 1/64 of a level, 0..16320.
        maps: uint8 [h, w, 8], how the base was coded.
        steps: uint8 [h, w].
        settings: as of `BasePicture`.
        missing: bool [h, w], units that were lost and filled in.
        x: of its upper left pixel in the full size, a multiple of 4.
        y: likewise.
        seed: of the noise, 0..2^32 - 1.
    """

    picture: Unrounded
    maps: Bytes
    steps: Bytes
    settings: tuple[int, int, int, int]
    missing: numpy.typing.NDArray[numpy.bool_]
    x: int
    y: int
    seed: int

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.picture.shape[0], self.picture.shape[1]

    def part(self, box: Box) -> EnhancedPart:
        """The pixels of a box, whose x and y are multiples of 4."""
        units, pixels = cells_of(box, 1, UNIT), cells_of(box, 1, 1)
        return dataclasses.replace(
            self,
            picture=self.picture[pixels],
            maps=self.maps[units],
            steps=self.steps[units],
            missing=self.missing[units],
            x=self.x + box[0],
            y=self.y + box[1],
        )


def in_full_size(array: Array, scale: int, size: tuple[int, int]) -> Array:
    """What is said of units of the base picture, for those of a full size of so many rows and columns; [h, w, ...]."""
    rows, columns = (-(-side // UNIT) for side in size)
    if scale > 1:
        array = array.repeat(scale, axis=0).repeat(scale, axis=1)
    return array[:rows, :columns]


def visible_part(texture: Network, region: Box, size: tuple[int, int]) -> Box:
    """The part of the enhanced picture that `texture` must see to make a region as it would be in the whole.

    Args:
        texture: the network.
        region: x, y, width, height in pixels of the full size.
        size: rows and columns of the full size.
    """
    return widened(region, halo_of(texture.graph), _unit(texture), size)


def _unit(texture: Network) -> int:
    """What parts begin at multiples of."""
    return math.lcm(texture.graph.alignment, UNIT)


def add_texture(texture: Network, part: EnhancedPart, realism: int, runner: Runner) -> Unrounded:
    """Runs `texture`, as far as there is something for it to do.

    Args:
        texture: the network.
        part: of the enhanced picture.
        realism: 0..64; units that are missing have 64 in any case.
        runner: what runs networks.

    Returns:
        int16 [H, W, 1 or 3], 1/64 of a level: of all pixels further from the edges of the part than `texture` sees,
        or at edges of the picture, what the whole picture would have.

    Raises:
        VeneerError: NETWORK_TOO_LARGE.
    """
    if not realism and not part.missing.any():
        return part.picture
    shares = numpy.where(part.missing, MAX_REALISM, realism).astype(numpy.uint8)
    height, width = part.size
    if realism and width <= MAX_COLUMNS:
        return _run(texture, part, shares, runner)
    result = part.picture.copy()
    x, y, width, height = (0, 0, width, height) if realism else _bounding_box(part)
    for left in range(x, x + width, MAX_COLUMNS):
        piece = left, y, min(MAX_COLUMNS, x + width - left), height
        seen = visible_part(texture, piece, part.size)
        made = _run(texture, part.part(seen), shares[cells_of(seen, 1, UNIT)], runner)
        inner = left - seen[0], y - seen[1], *piece[2:]
        wanted = shares[cells_of(piece, 1, UNIT)] > 0
        pixels = wanted.repeat(UNIT, axis=0).repeat(UNIT, axis=1)[: piece[3], : piece[2], None]
        numpy.copyto(result[cells_of(piece, 1, 1)], made[cells_of(inner, 1, 1)], where=pixels)
    return result


def _bounding_box(part: EnhancedPart) -> Box:
    """The pixels from the first to the last unit that is missing, of which there are some."""
    (top, bottom), (left, right) = (
        (UNIT * int(found[0]), min(UNIT * int(found[-1] + 1), side))
        for found, side in zip((numpy.flatnonzero(part.missing.any(axis)) for axis in (1, 0)), part.size, strict=True)
    )
    return left, top, right - left, bottom - top


def _run(texture: Network, part: EnhancedPart, shares: Bytes, runner: Runner) -> Unrounded:
    """The output of `texture` for all of a part."""
    units = part.steps.shape
    every: dict[str, Array] = {
        "picture": numpy.broadcast_to(part.picture, (*part.size, COLOURS)),
        "maps": part.maps,
        "step": part.steps[:, :, None],
        "settings": numpy.broadcast_to(numpy.array(part.settings, numpy.int16), (*units, len(part.settings))),
        "realism": shares[:, :, None],
        "missing": part.missing[:, :, None].astype(numpy.uint8),
    }
    declared = [tensor.name for tensor in texture.graph.inputs]
    if "noise" in declared:
        every["noise"] = noise(part.seed, part.x // UNIT, part.y // UNIT, units)
    (textured,) = runner(texture, {name: every[name] for name in declared}, part.size).values()
    textured = textured.astype(numpy.int16, copy=False)  # bytes where all values of the network fit them
    return textured if part.picture.shape[2] > 1 else numpy.ascontiguousarray(textured[:, :, 1:2])


def noise(seed: int, u: int, v: int, shape: tuple[int, ...]) -> Noise:
    """The noise of some units.

    Args:
        seed: 0..2^32 - 1.
        u: column of the first unit in the picture.
        v: likewise its row.
        shape: rows and columns of units.

    Returns:
        int16 [rows, columns, 8], -255..255, the differences of two bytes each.
    """
    result = numpy.empty((*shape, NOISE), numpy.int16)
    columns = numpy.arange(u, u + shape[1], dtype=numpy.uint32)
    rows = numpy.arange(v, v + shape[0], dtype=numpy.uint32)[:, None]
    for pair in range(NOISE // 2):
        words = _mix(_mix(_mix(numpy.array([seed], numpy.uint32)) ^ (NOISE // 2 * rows + pair)) ^ columns)
        result[:, :, 2 * pair] = _byte(words, 0) - _byte(words, 1)
        result[:, :, 2 * pair + 1] = _byte(words, 2) - _byte(words, 3)
    return result


def _byte(words: Words, place: int) -> Noise:
    return (words >> numpy.uint32(8 * place) & numpy.uint32(255)).astype(numpy.int16)


def _mix(words: Words) -> Words:
    """Numbers of 32 bits for others, one to one: the constants are those of Chris Wellons' hash "lowbias32"."""
    words = (words ^ words >> numpy.uint32(16)) * numpy.uint32(0x7FEB352D)
    words = (words ^ words >> numpy.uint32(15)) * numpy.uint32(0x846CA68B)
    return words ^ words >> numpy.uint32(16)
