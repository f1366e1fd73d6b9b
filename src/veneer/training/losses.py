"""Losses of training. Pure functions; each gives one number for each of N samples."""

from __future__ import annotations

import torch
from torch import Tensor


def pixels(x: Tensor) -> Tensor:
    """Whole levels as decoders round to them, halves up."""
    return torch.floor(x + 0.5)


def squared_error(x: Tensor, original: Tensor) -> Tensor:
    """Mean squared error [N] of [N, 3, H, W] in levels."""
    return (x - original).square().mean(dim=(1, 2, 3))


def expected_error(q: Tensor) -> Tensor:
    """Mean squared error [N] of a base picture coded with step q [N] in levels.

    A fit to the means over the validation set at steps 1.7 .. 64; below, the rounding of pixels rules.
    """
    return 0.14 * q**1.55 + 1 / 12


def scale(base: Tensor, original: Tensor, q: Tensor) -> Tensor:
    """Unit of the error [N] of a sample: half the error of its base, half the expected error.

    Then a decibel counts alike at all rates and nearly alike in smooth and in busy pictures, and so does the noise of
    gradients. With q^2 alone the finest steps would drown the others.
    """
    return (squared_error(base, original) + expected_error(q)) / 2


def rate_bpp(bits: Tensor, count: int) -> Tensor:
    """Bits per pixel [N] of pictures of so many pixels."""
    return bits / count


def fidelity(error: Tensor, rates_bpp: Tensor, q: Tensor, rate_weight: float, scale: Tensor) -> Tensor:
    """Lagrangian D + lambda R [N] with lambda = rate_weight q^2, in units of `scale`; about 1 to begin with."""
    return (error + rate_weight * q.square() * rates_bpp) / scale


def gain_db(enhanced: Tensor, base: Tensor, original: Tensor) -> Tensor:
    """Decibels [N] by which the enhanced picture is nearer to the original than the base, both rounded."""
    # A base without any error, as flat pictures have, counts as one of 1/100 of a rounding error.
    floor = 1 / 1200
    before, after = squared_error(pixels(base), original) + floor, squared_error(pixels(enhanced), original) + floor
    return 10 * torch.log10(before / after)
