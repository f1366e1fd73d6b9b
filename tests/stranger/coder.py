""" "Range coder" and "Adaptive binary models" of docs/format.md."""

import struct

from stranger.container import require

MASK = 2**64 - 1
RATE = [(655360 + (10 * n + 16) // 2) // (10 * n + 16) for n in range(256)]


class Decoder:
    """The range coder at the payload, with models that are named by their index in `models`."""

    def __init__(self, payload: bytes, models: list[int]) -> None:
        self.words = [word for (word,) in struct.iter_unpack("<I", payload + bytes(-len(payload) % 4))][::-1]
        self.models = models
        self.range = MASK
        self.offset = self.word() << 32
        self.offset += self.word()

    def word(self) -> int:
        return self.words.pop() if self.words else 0

    def narrow(self, low: int, length: int) -> None:
        self.offset -= low
        self.range = length
        if self.range < 2**32:
            self.range <<= 32
            self.offset = min((self.offset << 32) + self.word(), MASK)

    def symbol(self, cdf: tuple[int, ...], precision: int) -> int:
        scale = self.range >> precision
        q = self.offset // scale
        require(q < 2**precision, "the payload is no code")
        s = sum(q >= first for first in cdf) - 1
        self.narrow(scale * cdf[s], scale * (cdf[s + 1] - cdf[s]))
        return s

    def decision(self, p1: int) -> int:
        scale = self.range >> 16
        split = scale * (65536 - p1)
        if self.offset < split:
            self.narrow(0, split)
            return 0
        self.narrow(split, scale * p1)
        return 1

    def raw(self, n: int) -> int:
        v = 0
        for _ in range(n):
            half = self.range >> 1
            one = self.offset >= half
            self.narrow(half if one else 0, half)
            v = 2 * v + one
        return v

    def update(self, m: int, b: int) -> None:
        probability, n = self.models[m] >> 10, self.models[m] % 1024
        target = 2**22 - 1 if b else 0
        probability += ((target - probability) * RATE[n]) >> 16
        self.models[m] = probability << 10 | min(n + 1, 255)

    def bit(self, a: int, b: int | None = None) -> int:
        """A decision under the model a, or under the mean of a and b."""
        if b is None:
            v = self.decision((self.models[a] >> 16) | 1)
        else:
            v = self.decision((((self.models[a] >> 16) + (self.models[b] >> 16)) >> 1) | 1)
            self.update(b, v)
        self.update(a, v)
        return v

    def five(self, m: int, k: int | None = None) -> int:
        node = 1
        for _ in range(5):
            node = 2 * node + self.bit(m + node, None if k is None else k + node)
        return node - 32

    def check_end(self) -> None:
        require(self.offset < self.range, "the payload is no code")
