"""The default of how much texture a file asks for. Encoder only.

At fine steps the base holds the texture itself; the coarser the step, the more of it is lost and has to be invented.
This curve alone decides; decoders read the result in HEAD.
Source: docs/format.md, "Texture"; the numbers are the encoder's choice.
"""

from __future__ import annotations

from fractions import Fraction

from veneer.straight_lines import on_straight_lines

# Linear between the points, constant outside. Steps of luma of a base of full size: 110 is quality 75, 127 quality 52.
# Measured (benchmarks/results/realism.md): 0.6 of it takes nearly all that SqueezeNet distance gains at low rates, for
# 0.07 dB and 0.3 points of SSIMULACRA2. Above 0.5 bpp hardly any is asked for.
STEPS = (115, 127)
REALISM = (0, Fraction(6, 10))


def default_realism(step_index: int) -> float:
    """Realism, 0..1, for a picture tuned for the eye.

    Args:
        step_index: 0..223, of a base of full size.
    """
    return float(on_straight_lines(step_index, STEPS, REALISM))
