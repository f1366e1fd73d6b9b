"""The encoder to `veneer.reference.adaptive`, and streams that no encoder writes."""

from __future__ import annotations

from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.reference.adaptive import BitModel, mean_p1


def write_bit(encoder: RangeEncoder, value: int, model: BitModel, second: BitModel | None = None) -> None:
    """Encodes a decision under a model, or under the mean of two, which both learn from it."""
    encoder.bit(value, model.p1 if second is None else mean_p1(model, second))
    model.update(value)
    if second is not None:
        second.update(value)


def last_of_interval(coder: RangeEncoder) -> bytes:
    """A payload whose number is the last that a decoder takes for what was encoded.

    Halves of an odd range leave out its last number: if the range is odd, raw(1) = 1 behind it leaves offset = range.
    """
    coder._add(coder._range - 1)
    return words_to_bytes([*coder._words, coder._lower >> 32, coder._lower & 0xFFFFFFFF])
