"""Payloads of the fast form with parameters that no encoder chooses."""

from __future__ import annotations

import dataclasses

from entropy_writers import write_bit

from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.reference.adaptive import BitModel

OWN, CROSS = 16, 12  # coefficients of a plane for itself, and for each plane before it


@dataclasses.dataclass(frozen=True)
class Plan:
    """Parameters of a plane with one predictor.

    Attributes:
        unit: of 0..15.
        own: the coefficients that are sent, the first of them; the others are 0.
        cross: the same for planes before it; the others have none but 0.
    """

    unit: int = 0
    own: tuple[int, ...] = ()
    cross: tuple[tuple[int, ...], ...] = ()


def two_fast_samples(*plans: Plan) -> RangeEncoder:
    """Form data for one row of two samples in the middle of their values, without the bit that ends them."""
    coder = RangeEncoder()
    for c, plan in enumerate(plans):
        _write_plan(coder, c, plan)
    for plan in plans:
        node, low = BitModel(), BitModel()
        for _ in range(2):
            write_bit(coder, 0, node)
            if plan.unit > 3:  # the lower bits of the residual
                write_bit(coder, 1, low)
                coder.raw(0, plan.unit - 4)
    return coder


def ended(coder: RangeEncoder) -> bytes:
    """The payload, with the bit that ends it."""
    coder.raw(1, 1)
    return words_to_bytes(coder.finish())


def _write_plan(coder: RangeEncoder, c: int, plan: Plan) -> None:
    lengths = [[BitModel() for _ in range(11)] for _ in range(3)]
    signs = [BitModel() for _ in range(OWN + 2 * CROSS)]

    def number(kind: int, sign: BitModel, value: int) -> None:
        n = abs(value).bit_length()
        for i in range(min(n + 1, 11)):
            write_bit(coder, int(i < n), lengths[kind][i])
        if n > 0:
            coder.raw(abs(value) - (1 << n - 1), n - 1)
            write_bit(coder, int(value < 0), sign)

    def part(kind: int, first: int, count: int, values: tuple[int, ...]) -> None:
        for i in range(count - 1):
            number(kind, signs[first + i + (i > 0)], values[i] if i < len(values) else 0)

    coder.raw(plan.unit, 4)
    coder.raw(0, 3)
    for _ in range(9 + 2 * c):
        number(0, BitModel(), 0)  # 0 has no sign
    part(1, 0, OWN, plan.own)
    for p in range(c):
        part(2, OWN + CROSS * p, CROSS, plan.cross[p] if p < len(plan.cross) else ())
