"""Latents to integers, with gradients; and what they cost.

A latent y is coded with one of 64 discretised Laplace distributions, that which `latent_prior` names for it: with
b = 2^((index - 32) / 7) the probability of y is the integral of exp(-|t| / b) / 2b over y - 1/2 .. y + 1/2.

Place: between `latent_analysis` and `restore` in `networks.py`. The tables that a file is coded
with are those of `docs/tables`, by way of the reference decoder: training needs no compiled core.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from veneer.reference import tables

DISTRIBUTIONS = 64
MAX_LATENT = tables.MAX_LATENT
UNIT_INDEX, PER_OCTAVE = 32, 7  # b = 2^((index - 32) / 7)

# To begin with: b = 1.
FIRST_INDEX = 32.0


def noisy(y: Tensor) -> Tensor:
    """Uniform noise on y in place of rounding, so that its rate has a gradient (Balle et al. 2017)."""
    return y + torch.rand_like(y) - 0.5


def rounded(y: Tensor) -> Tensor:
    """Nearest integer, halves up; the gradient passes as it is."""
    return y + (torch.floor(y + 0.5) - y).detach()


def laplace_bits(y: Tensor, index: Tensor) -> Tensor:
    """Bits of each latent under the distribution of `index`, both real numbers; same shape."""
    rate = torch.exp2((UNIT_INDEX - index) / PER_OCTAVE)  # 1 / b
    magnitude = y.abs()
    # Beyond 1/2 as a logarithm, which stays exact however small the probability.
    beyond = math.log(2) + (magnitude - 0.5).clamp(min=0) * rate - torch.log(-torch.expm1(-rate))
    inside = (0.5 - magnitude).clamp(min=0)
    within = -torch.log1p(-0.5 * (torch.exp(-inside * rate) + torch.exp(-(0.5 + magnitude) * rate)).clamp(max=2 - 1e-6))
    return torch.where(magnitude < 0.5, within, beyond) / math.log(2)


def table_bits(y: Tensor, index: Tensor) -> Tensor:
    """Bits of each latent in the range coder's tables; y and index whole numbers, same shape."""
    cdf = torch.tensor(tables.latent_cdfs(), device=y.device)
    frequency = cdf[:, 1:] - cdf[:, :-1]
    chosen = frequency[index.long(), y.long() + MAX_LATENT]
    return tables.LATENT_PRECISION - torch.log2(chosen.double()).float()
