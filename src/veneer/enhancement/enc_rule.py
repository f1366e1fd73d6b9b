"""A rule for pictures that the default model surely improves, from figures of the base coder. Encoder only.

Place: called by `enc_layering` at low efforts, instead of running networks.
"""

from __future__ import annotations

# Fitted to 12 photographs at six steps, 12 crops of camera pictures of 8 to 22 MP and 25 graphics, tune "visual":
# where these hold enhancement takes at least 1.7 % off error + lambda * rate. It excludes pictures that
# enhancement harms: dithered ones, whose error is large, and finely coded ones without noise, with little error for
# their bits.
FIRST_STEP, LAST_STEP = 95, 160
LARGEST_ERROR = 0.95  # mean squared error over the squared step
ERROR_PER_BIT = (0.25, 0.65)  # the same over the bits of a pixel


def surely_pays(step_index: int, squared_step: float, bits_per_pixel: float, mean_squared_error: float) -> bool:
    """Whether enhancement at the plain strength pays, decided without a trial.

    Args:
        step_index: of the base.
        squared_step: the same in squared 8-bit levels.
        bits_per_pixel: of the base.
        mean_squared_error: that it leaves.
    """
    error = mean_squared_error / squared_step
    low, high = (limit * bits_per_pixel for limit in ERROR_PER_BIT)
    return FIRST_STEP <= step_index <= LAST_STEP and error <= LARGEST_ERROR and low <= error <= high
