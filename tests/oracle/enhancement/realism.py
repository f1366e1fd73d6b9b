"""Realism as networks are told of it: 0..64.

Source: docs/format.md, "Inputs of networks".
"""

from __future__ import annotations

MAX_REALISM = 64


def realism_from_head(default_realism: int) -> int:
    """Input of the network, 0..64, for the field Default_Realism."""
    return (MAX_REALISM * default_realism + 127) // 255


def realism_from_share(realism: float) -> int:
    """Input of the network, 0..64, for what a caller asks for, 0..1."""
    return int(realism * MAX_REALISM + 0.5)
