"""The search for a size, on made-up size curves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veneer import ErrorCode, VeneerError
from veneer.enc_search import finest_fitting_step

# Bytes at each step for a picture whose files shrink by 4 % a step.
CURVE = [int(3e6 * 0.96**step) + 76 for step in range(224)]


@given(st.integers(CURVE[-1], CURVE[0] + 1000), st.floats(0.9, 1.3), st.integers(0, 20))
def test_finds_the_finest(limit: int, trial_ratio: float, wobble: int) -> None:
    encodes = 0

    def final(step: int) -> bytes:
        nonlocal encodes
        encodes += 1
        return bytes(CURVE[step])

    def trial(step: int) -> int:
        return int(CURVE[step] * trial_ratio) + wobble

    found = len(finest_fitting_step(limit, trial, final))
    assert found == max(size for size in CURVE if size <= limit)
    assert encodes <= 6


def test_too_small() -> None:
    with pytest.raises(VeneerError, match="the smallest has") as caught:
        finest_fitting_step(50, CURVE.__getitem__, lambda step: bytes(CURVE[step]))
    assert caught.value.code == ErrorCode.TARGET_TOO_SMALL
