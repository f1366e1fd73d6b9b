"""Encoding to a quality that is measured: the smallest file whose picture reaches a SSIMULACRA2.

Place: `veneer encode --target-ssimulacra2` calls it; above encoder and decoder. Needs the extra `eval`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import veneer
from veneer import ErrorCode, VeneerError
from veneer.evaluation.metrics import SSIMULACRA2_MIN_SIDE, Pixels
from veneer.evaluation.ssimulacra2 import Reference
from veneer.evaluation.transparency import BLACK, WHITE, has_transparency, rgb_over

STEPS = 224  # that the format has, from the finest on


def encode_to_ssimulacra2(
    pixels: Pixels, target: float, *, progress: Callable[[float], None] = lambda _: None, **settings: Any
) -> bytes:
    """The smallest file whose decoded picture has a SSIMULACRA2 of `target` or more.

    A bisection over all steps, with an encode, a decode and a measurement for each of about eight. The score falls with
    the step except for noise of a few tenths of a point, so a neighbour of the step found may be as good.

    Args:
        pixels: as of `veneer.encode`. What is transparent is measured over white and over black, and the worse counts.
        target: up to 100; 90 is hard to tell from the original, 70 good, 50 fair.
        progress: gets the share of the work that is done, 0..1.
        settings: other keywords of `veneer.encode`; what asks for a quality or size is not among them.

    Returns:
        The file.

    Raises:
        VeneerError: what `veneer.encode` raises; BAD_SETTING where even the finest step does not reach the target, or
            the picture is smaller than 8 x 8.
    """
    if min(pixels.shape[:2]) < SSIMULACRA2_MIN_SIDE:
        raise VeneerError(ErrorCode.BAD_SETTING, "SSIMULACRA2 needs a picture of at least 8 x 8 pixels")
    planes = pixels[:, :, None] if pixels.ndim == 2 else pixels
    backgrounds = (WHITE, BLACK) if has_transparency(planes) else (WHITE,)
    references = [Reference(rgb_over(planes, background)) for background in backgrounds]
    best, least, end = b"", 0, STEPS
    most_trials, trials = STEPS.bit_length(), 0
    while least < end:
        step = (least + end) // 2
        progress(trials / most_trials)
        trials += 1
        data = veneer.encode(pixels, step_index=step, **settings)
        decoded = veneer.decode(data, threads=settings.get("threads", 0), max_pixels=pixels.size)
        shown = (rgb_over(decoded, background) for background in backgrounds)
        if all(reference.score(each) >= target for reference, each in zip(references, shown, strict=True)):
            best, least = data, step + 1
        else:
            end = step
    if not best:
        raise VeneerError(ErrorCode.BAD_SETTING, f"even the finest step does not reach a SSIMULACRA2 of {target:g}")
    return best
