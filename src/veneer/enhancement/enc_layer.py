"""The encoder of the enhancement of a picture: chooses latents, strengths and filters of tiles.

Place: between `encoder` and the networks.
H, W: rows and columns at full size.
Source: docs/format.md, "Enhancement".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy

from veneer.enhancement.base_picture import BasePicture, Bytes, Quarters
from veneer.enhancement.enc_filter_search import choose_filters
from veneer.enhancement.enc_latents import write_filters, write_latents
from veneer.enhancement.filters import apply_filters
from veneer.enhancement.geometry import Box
from veneer.enhancement.networks import PLAIN_STRENGTH, Latents, Networks, TileEnhancement
from veneer.enhancement.unrounded import FRACTION_BITS, Unrounded, from_quarters, to_pixels

MAX_STRENGTH = 128

# A strength other than the plain one must take 1 / 2^10 off a tile's squared error: less is lost in rounding.
_LEAST_GAIN_LOG2 = 10
# Rows of a tile that are compared at a time.
_STRIP = 64


@dataclasses.dataclass(frozen=True)
class CodedEnhancement:
    """The encoder's choice for a picture.

    Attributes:
        tiles: of each tile.
        squared_error: that will be left, over all samples; without filters an estimate, which is exact where all
            strengths are the plain one.
    """

    tiles: list[TileEnhancement]
    squared_error: int


def encode_enhancement(
    networks: Networks,
    base: BasePicture,
    original: Bytes,
    tiles: Sequence[Box],
    error_per_bit: float,
    realism: int,
    *,
    with_filters: bool,
    done: Callable[[str], None] = lambda network: None,  # noqa: ARG005 - nobody is told
) -> CodedEnhancement:
    """Chooses latents, strengths and filters.

    Each tile gets its latents or none, and a strength, whichever makes error + error_per_bit * bits least; then filters
    where they make it less.

    Args:
        networks: of the model.
        base: the whole base picture.
        original: uint8 [H, W, 1 or 3].
        tiles: their places in the base picture.
        error_per_bit: squared error of one sample that a bit is worth, summed over the channels.
        realism: 0..64, what the file will name as its default.
        with_filters: whether tiles may have some.
        done: is told of networks that have run over the whole picture: "latent_analysis" or "restore".
    """
    coded = _code_latents(networks, base, original, tiles, done)
    none = networks.no_latents(base)

    def enhanced_with(y: Latents | None, strengths: Bytes) -> Unrounded:
        enhanced = networks.synthesize(base, y, strengths, realism)
        done("restore")
        return enhanced

    plain = numpy.full(base.steps.shape, PLAIN_STRENGTH, numpy.uint8)
    versions = [(enhanced_with(none, plain), [b""] * len(tiles))]
    if coded is not None and any(coded[1]):
        versions.append((enhanced_with(coded[0], plain), coded[1]))
    chosen, errors = [], []
    for number, box in enumerate(tiles):
        candidates = []
        for enhanced, payloads in versions:
            strength, error = best_strength(networks, base, original, enhanced, box)
            cost = error + error_per_bit * 8 * len(payloads[number])
            candidates.append((cost, error, TileEnhancement(strength, payloads[number])))
        _, error, tile = min(candidates, key=lambda candidate: candidate[0])
        chosen.append(tile)
        errors.append(error)
    if not with_filters:
        # Errors of other strengths are estimates: to run the networks once more would take half of the time.
        return CodedEnhancement(chosen, sum(errors))
    picture = versions[0][0]
    y = none
    if any(tile != TileEnhancement() for tile in chosen):
        y, strengths = networks.decode(base, list(zip(tiles, chosen, strict=True)))
        picture = enhanced_with(y, strengths)
    del versions
    height, width = base.size
    scaled = ([base.scale * value for value in box] for box in tiles)
    boxes: list[Box] = [(left, top, min(w, width - left), min(h, height - top)) for left, top, w, h in scaled]
    errors = [error_when_rounded(original, picture, box) for box in boxes]
    step = int(numpy.median(base.steps))
    threads = networks.threads
    found = [choose_filters(picture, base.shown, original, box, step, error_per_bit, threads) for box in boxes]
    picture = apply_filters(picture, base.shown, list(zip(boxes, found, strict=True)), threads)
    for number, (tile, filters) in enumerate(zip(chosen, found, strict=True)):
        if filters:
            part = index = None
            if tile.data and y is not None:
                part = networks.latents_in(base, tiles[number], y)
                index = networks.latent_indices(base, tiles[number])
            other = TileEnhancement(tile.strength, write_filters(filters, part, index), filtered=True)
            error = error_when_rounded(original, picture, boxes[number])
            if error - errors[number] < error_per_bit * 8 * (len(tile.data) - len(other.data)):
                chosen[number], errors[number] = other, error
    return CodedEnhancement(chosen, sum(errors))


def enhance_plainly(networks: Networks, base: BasePicture) -> Unrounded:
    """What `restore` makes of a base without latents, at the plain strength, unfiltered; int16 [H, W, 1 or 3]."""
    strengths = numpy.full(base.steps.shape, PLAIN_STRENGTH, numpy.uint8)
    return networks.synthesize(base, networks.no_latents(base), strengths, 0)


def _code_latents(
    networks: Networks, base: BasePicture, original: Bytes, tiles: Sequence[Box], done: Callable[[str], None]
) -> tuple[Latents, list[bytes]] | None:
    """Latents of the picture and the payload of each tile, where the model has them."""
    if not networks.finds_latents:
        return None
    y = networks.analyse(base, original)
    done("latent_analysis")
    payloads = []
    for box in tiles:
        part = networks.latents_in(base, box, y)
        payloads.append(write_latents(part, networks.latent_indices(base, box)) if part.any() else b"")
    return y, payloads


def best_strength(
    networks: Networks, base: BasePicture, original: Bytes, enhanced: Unrounded, box: Box
) -> tuple[int, int]:
    """The strength of a tile, and the squared error that it leaves, summed over its samples."""
    x, y, width, height = (base.scale * side for side in box)
    plain_error = error_when_rounded(original, enhanced, (x, y, width, height))
    if not networks.takes_strength:
        return PLAIN_STRENGTH, plain_error
    sums = StrengthSums()
    for top in range(y, y + height, _STRIP):
        place = numpy.s_[top : min(top + _STRIP, y + height), x : x + width]
        sums.add(base.shown[place], original[place], enhanced[place])
    best = sums.best()
    return best, max(0, plain_error - sums.gain_over_plain(best))


class StrengthSums:
    """What the squared error at any strength follows from, summed over pixels.

    Networks change the base in proportion to the strength s. With the change c at the plain strength and the error e of
    the base the squared error is |e - s c|^2, which is least at s = <c, e> / <c, c>. All of it is reckoned in whole
    numbers. What rounding to pixels adds is taken to be the same for all strengths.
    """

    def __init__(self) -> None:
        self._product = self._square = self._error = 0
        self.samples = self.channels = 0

    def add(self, shown: Quarters, original: Bytes, enhanced: Unrounded) -> None:
        """Adds pixels [H, W, C]: the base in quarters of a level, the original, what networks made of the base."""
        # Whole numbers in float64, exact in any order: at most _STRIP x 65536 x 3 products below 2^28.
        base = from_quarters(shown).astype(numpy.float64).ravel()
        wanted = float(1 << FRACTION_BITS) * original.ravel() - base
        change = enhanced.ravel() - base
        self._product += int(change @ wanted)
        self._square += int(change @ change)
        self._error += int(wanted @ wanted)
        self.samples += wanted.size
        self.channels = int(original.shape[2])

    @property
    def error(self) -> float:
        """Squared error of the base."""
        return self._error / (1 << 2 * FRACTION_BITS)

    def _scaled_error_at(self, strength: int) -> int:
        """In units of 1 / (PLAIN_STRENGTH << FRACTION_BITS)^2."""
        both = 2 * PLAIN_STRENGTH * strength * self._product
        return PLAIN_STRENGTH**2 * self._error - both + strength**2 * self._square

    def error_at(self, strength: int) -> float:
        """The squared error that a strength leaves, but for rounding to pixels."""
        return self._scaled_error_at(strength) / (PLAIN_STRENGTH << FRACTION_BITS) ** 2

    def gain_over_plain(self, strength: int) -> int:
        """How much less squared error a strength leaves than the plain one, rounded down."""
        gain = self._scaled_error_at(PLAIN_STRENGTH) - self._scaled_error_at(strength)
        return gain // (PLAIN_STRENGTH << FRACTION_BITS) ** 2

    def best(self) -> int:
        """The strength that leaves the least error."""
        if self._square == 0:
            return PLAIN_STRENGTH
        nearest = (2 * PLAIN_STRENGTH * self._product + self._square) // (2 * self._square)
        best = min(MAX_STRENGTH, max(0, nearest))
        plain = self._scaled_error_at(PLAIN_STRENGTH)
        return PLAIN_STRENGTH if plain - self._scaled_error_at(best) << _LEAST_GAIN_LOG2 <= plain else best


def squared_error(original: Bytes, decoded: Bytes, box: tuple[int, ...]) -> int:
    """Sum of the squared differences of all samples in x, y, width, height."""
    x, y, width, height = box
    total = 0
    for top in range(y, y + height, _STRIP):
        place = numpy.s_[top : min(top + _STRIP, y + height), x : x + width]
        difference = original[place].astype(numpy.int32) - decoded[place]
        total += int(numpy.square(difference).sum(dtype=numpy.int64))
    return total


def error_when_rounded(original: Bytes, picture: Unrounded, box: tuple[int, ...]) -> int:
    """`squared_error` of the pixels that int16 [H, W, C] in 1/64 of a level is rounded to."""
    x, y, width, height = box
    total = 0
    for top in range(y, y + height, _STRIP):
        rows = min(_STRIP, y + height - top)
        place = numpy.s_[top : top + rows, x : x + width]
        total += squared_error(original[place], to_pixels(picture[place]), (0, 0, width, rows))
    return total
