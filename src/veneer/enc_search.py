"""The finest step whose file keeps to a size. Encoder only.

Files at low effort are a few percent larger and follow the same curve, so a bisection with them finds the
neighbourhood; a few encodes at full effort settle it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from veneer.errors import ErrorCode, VeneerError
from veneer.settings import MAX_STEP_INDEX


def first_fitting(fits: Callable[[int], bool], low: int, high: int) -> int:
    """The least number in low..high that fits, where all above one that fits do too; `high` is taken to fit."""
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return low


def finest_fitting_step(size_limit: int, trial: Callable[[int], int], final: Callable[[int], bytes]) -> bytes:
    """Encodes at the finest step whose file has at most `size_limit` bytes.

    Args:
        size_limit: bytes.
        trial: step index -> bytes of the file at low effort; falls with the step.
        final: step index -> the file at full effort.

    Returns:
        The file.

    Raises:
        VeneerError: TARGET_TOO_SMALL where even the coarsest step gives more bytes.
    """
    trial = functools.cache(trial)
    encoded: dict[int, bytes] = {}

    def fits(step: int) -> bool:
        if step not in encoded:
            encoded[step] = final(step)
        return len(encoded[step]) <= size_limit

    guess = first_fitting(lambda step: trial(step) <= size_limit, 0, MAX_STEP_INDEX)
    fits(guess)
    size, trial_size = len(encoded[guess]), trial(guess)
    guess = first_fitting(lambda step: trial(step) * size <= size_limit * trial_size, 0, MAX_STEP_INDEX)
    low, high = _bracket(fits, guess)
    step = first_fitting(fits, low, high)
    if not fits(step):
        text = f"no file of {size_limit} bytes is possible; the smallest has {len(encoded[step])}"
        raise VeneerError(ErrorCode.TARGET_TOO_SMALL, text)
    return encoded[step]


def _bracket(fits: Callable[[int], bool], guess: int) -> tuple[int, int]:
    """A range low..high near `guess`: high fits or is the coarsest step, nothing below low fits."""
    distance = 1
    if fits(guess):
        high = guess
        while high > 0:
            probe = max(high - distance, 0)
            if not fits(probe):
                return probe + 1, high
            high, distance = probe, 2 * distance
        return 0, 0
    low = guess + 1
    while low < MAX_STEP_INDEX:
        probe = min(low + distance - 1, MAX_STEP_INDEX)
        if fits(probe):
            return low, probe
        low, distance = probe + 1, 2 * distance
    return MAX_STEP_INDEX, MAX_STEP_INDEX
