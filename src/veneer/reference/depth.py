"""What depends on the bits of a sample: the samples of planes, their limits, and how pixels are made of them.

Source: docs/format.md, "Samples of planes", "Colour" and "Deep pictures".
"""

from __future__ import annotations

import dataclasses

import numpy
import numpy.typing

Integers = numpy.typing.NDArray[numpy.int64]
Pixels = numpy.typing.NDArray[numpy.uint8 | numpy.uint16 | numpy.float16]

LARGEST = 16383  # of all samples of planes
QUARTERS = 2  # fraction bits of what networks are given
MOST_QUARTERS = 1020
UNROUNDED = 6  # fraction bits of what networks give


@dataclasses.dataclass(frozen=True)
class Depth:
    """The numbers of "Samples of planes" for a Bit_Depth.

    Attributes:
        bits: D, 8..16; of lossless pictures 1..16, for `samples` alone.
    """

    bits: int

    @property
    def fraction(self) -> int:
        """Binary places of samples of planes after the levels of a picture of 8 bits."""
        return 2 if self.bits <= 10 else 6

    @property
    def shift(self) -> int:
        """Binary places of samples of planes after the levels of this picture, -2..5."""
        return self.fraction + 8 - self.bits

    @property
    def top(self) -> int:
        """The largest sample of Y, grey or R, G, B."""
        return (2**self.bits - 1) << self.shift if self.shift >= 0 else LARGEST

    @property
    def widest(self) -> int:
        """The largest sample of Co and Cg."""
        return self.top >> 1

    @property
    def middle(self) -> int:
        """What Y is predicted as without neighbours."""
        return 128 << self.fraction

    @property
    def extra(self) -> int:
        """Binary places of samples of planes after quarters of a level of 8 bits."""
        return self.fraction - QUARTERS

    def clip(self, samples: Integers, plane: int) -> Integers:
        """Samples of a plane within low and high."""
        return samples.clip(0, self.top) if plane == 0 else samples.clip(-self.widest, self.widest)

    def quarters(self, exact: Integers) -> Integers:
        """The exact picture in quarters of a level of 8 bits, 0..1020."""
        rounded = exact if self.extra == 0 else (exact + 8) >> 4
        return numpy.minimum(MOST_QUARTERS, rounded)

    def pixels(self, exact: Integers) -> Pixels:
        """Pixels of the exact picture."""
        return self._pixels(exact, self.shift)

    def changed_pixels(self, exact: Integers, change: Integers) -> Pixels:
        """Pixels of the exact picture and of what is added to it, in 1/64 of a level of 8 bits."""
        finer = UNROUNDED - self.fraction
        precise = ((exact << finer) + change).clip(0, self.top << finer)
        return self._pixels(precise, UNROUNDED + 8 - self.bits)

    def _pixels(self, values: Integers, shift: int) -> Pixels:
        """Values with some binary places after the levels of this picture; below 0, they lack as many of its bits."""
        if shift > 0:
            values = (values + 2 ** (shift - 1)) >> shift
        elif shift < 0:
            values = (values << -shift) | (values >> (14 + shift))
        return self.samples(values)

    def samples(self, values: Integers) -> Pixels:
        """Samples of pixels in the type that holds them."""
        return values.astype(numpy.uint8 if self.bits <= 8 else numpy.uint16)
