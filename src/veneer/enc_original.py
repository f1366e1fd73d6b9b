"""The picture to encode: its samples, and the same at 8 bits, by which the encoder judges. Encoder only."""

from __future__ import annotations

import dataclasses
import functools

from veneer.base.layer import Pixels
from veneer.sample_depth import BYTE_DEPTH, Samples, as_bytes


@dataclasses.dataclass(frozen=True)
class Original:
    """A picture to encode.

    Attributes:
        samples: uint8 [H, W, C] of 8 bits, or uint16 of 9..16, C-contiguous, of 0 .. 2^depth - 1.
        depth: bits of a sample, 8..16.
    """

    samples: Samples
    depth: int = BYTE_DEPTH

    @functools.cached_property
    def levels(self) -> Pixels:
        """uint8 [H, W, C]: networks, filters and the choice between layers work with these."""
        return as_bytes(self.samples, self.depth)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, channels."""
        height, width, channels = self.samples.shape
        return height, width, channels

    @property
    def is_deep(self) -> bool:
        """Whether a sample has more than 8 bits."""
        return self.depth > BYTE_DEPTH

    @property
    def needs_full_base(self) -> bool:
        """Whether there is no base layer of half the sides: beside alpha, and above 8 bits."""
        return self.shape[2] in (2, 4) or self.is_deep
