""" "Samples of planes" and "Colour" of docs/format.md."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SampleRange:
    """The samples of planes of a picture of some bits."""

    bits: int = 8

    @property
    def fraction(self) -> int:
        return 6 if self.bits >= 11 else 2

    @property
    def shift(self) -> int:
        return self.fraction + 8 - self.bits

    @property
    def top(self) -> int:
        return 16383 if self.shift < 0 else ((1 << self.bits) - 1) << self.shift

    @property
    def extra(self) -> int:
        return self.fraction - 2

    def middle(self, plane: int) -> int:
        return 128 << self.fraction if plane == 0 else 0

    def limited(self, samples: Samples, plane: int) -> Samples:
        """Samples of a plane within low and high."""
        widest = self.top >> 1
        return np.clip(samples, -widest if plane else 0, widest if plane else self.top)

    def pixels(self, values: Samples) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
        """Grey or RGB, not yet limited, as pixels."""
        v = np.clip(values, 0, self.top)
        if self.shift > 0:
            v = (v + (1 << (self.shift - 1))) >> self.shift
        if self.shift < 0:
            v = (v << -self.shift) | (v >> (14 + self.shift))
        return v.astype(np.uint8) if self.bits == 8 else v.astype(np.uint16)
