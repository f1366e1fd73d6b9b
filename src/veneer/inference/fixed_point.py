"""The fixed point of networks, for whoever makes them.

Source: docs/format.md, "Integer operations" and "Proof against overflow".
"""

from __future__ import annotations

INT16_MIN, INT16_MAX = -(1 << 15), (1 << 15) - 1

# |accumulator| stays below this, which is proved for every output channel when a network is read.
ACCUMULATOR_LIMIT = 1 << 31

# A multiplier is a fraction m / 2^s <= 1.
MAX_SHIFT = 30
MAX_PRODUCT_SHIFT = 30


def multiplier_of(scale: float) -> tuple[int, int]:
    """Multiplier and shift nearest to a real factor, for whoever exports weights.

    Args:
        scale: 0..1.

    Returns:
        multiplier, shift with multiplier / 2^shift within 2^-31 of scale.

    Raises:
        ValueError: scale is out of range.
    """
    if not 0 <= scale <= 1:
        raise ValueError(f"a multiplier is a fraction from 0 to 1, not {scale}")
    return round(scale * (1 << MAX_SHIFT)), MAX_SHIFT
