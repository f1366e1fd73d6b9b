"""Losses of the texture stage beside the perceptual distance. Pure functions; one number for each of N samples.

The guards penalize invented detail where it is not allowed. They look at the original, which training has, at the
enhanced picture and at the maps of the base layer; the network learns from them to see such places in what a decoder
has.

Pictures are [N, 3, H, W] in levels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from veneer.training.losses import squared_error
from veneer.training.texture.data import Samples

# Of R, G and B in luma, for masks.
LUMA = (0.299, 0.587, 0.114)
SQUARE = 8  # side of what the guards look at
FLAT_LEVELS = 2.5
# Lines and letters: a range of so many levels in a square, and so much of it so near to one of the ends.
LINE_RANGE, LINE_NEAR, LINE_SHARE = 80.0, 0.2, 0.7
# Chrominance of skin, levels from grey (Chai and Ngan 1999: Cb 77..127, Cr 133..173), and its darkest luma.
SKIN_CB, SKIN_CR, SKIN_DARKEST = (-51.0, -1.0), (5.0, 45.0), 40.0
LUMA_COEFFICIENTS = 3  # the map of their number


def loss_db(textured: Tensor, samples: Samples) -> Tensor:
    """PSNR that the texture costs [N], dB; below 0 it gains."""
    floor = 1 / 12
    before = squared_error(samples.enhanced, samples.original) + floor
    return 10 * torch.log10((squared_error(textured, samples.original) + floor) / before)


def hinge_critic(real: Tensor, fake: Tensor, weight: Tensor) -> Tensor:
    """Loss of the discriminator, from scores of originals and of textured pictures and weights [N] of samples."""
    loss = functional.relu(1 - real) + functional.relu(1 + fake)
    return (loss.mean(dim=(1, 2, 3)) * weight).mean()


def hinge_generator(fake: Tensor, weight: Tensor) -> Tensor:
    """Loss of the generator."""
    return -(fake.mean(dim=(1, 2, 3)) * weight).mean()


def guards(textured: Tensor, samples: Samples) -> dict[str, Tensor]:
    """Invention where none is wanted, over squares of 8 x 8 pixels; each [N], in units of the amplitude of residuals.

    Args:
        textured: pictures.
        samples: what they were made of.

    Returns:
        flat: residuals where original and enhanced picture are flat, twice as much where the base layer coded nothing;
        line: error beyond the enhanced picture's where the original is line art or text;
        skin: the same error where the enhanced picture has the colours of skin;
        excess: contrast of fine detail beyond the original's, anywhere;
        lack: contrast below the original's, but in line art and text; no guard, but what textures are for;
        mean: changes of means;
        pattern: what all squares of a sample have in common, which a network that writes squares of 4 x 4 is prone to.
    """
    with torch.no_grad():
        scale = functional.avg_pool2d(samples.amplitude, 2)
        # Where something is missing anything is better than what is shown: there only contrast is watched.
        known = 1 - functional.avg_pool2d(samples.missing, 2)
        original, enhanced = luma(samples.original), luma(samples.enhanced)
        coded = functional.avg_pool2d(samples.maps[:, LUMA_COEFFICIENTS : LUMA_COEFFICIENTS + 1], 2)
        calm = known * flatness(original) * flatness(enhanced) * (1 + (coded == 0).float())
        art, skin = line_art(original), known * skin_colour(samples.enhanced)
        contrast, error = _contrast(original), _square_means((samples.enhanced - samples.original).abs())
    residual = textured - samples.enhanced
    worse = functional.relu(_square_means((textured - samples.original).abs()) - error) / scale
    more = (_contrast(luma(textured)) - contrast) / scale
    terms = {
        "flat": _square_means(residual.abs()) / scale * calm,
        "line": worse * art * known,
        "skin": worse * skin,
        "excess": functional.relu(more),
        "lack": functional.relu(-more) * (1 - art) * samples.coarse[:, None, None, None],
        "mean": functional.avg_pool2d(residual, SQUARE).abs().mean(dim=1, keepdim=True) / scale * known,
    }
    found = {name: term.mean(dim=(1, 2, 3)) for name, term in terms.items()}
    return {**found, "pattern": _pattern(residual) / scale.mean(dim=(1, 2, 3))}


def luma(picture: Tensor) -> Tensor:
    """[N, 1, H, W] in levels."""
    return (picture * picture.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)


def flatness(plane: Tensor) -> Tensor:
    """1 for squares of a plane [N, 1, H, W] that are flat, towards 0 with their deviation."""
    variance = functional.avg_pool2d(plane.square(), SQUARE) - functional.avg_pool2d(plane, SQUARE).square()
    return torch.exp(-variance.clamp(min=0) / FLAT_LEVELS**2)


def line_art(plane: Tensor) -> Tensor:
    """1 for squares of a plane [N, 1, H, W] with two levels far apart and little between, else 0."""
    high, low = functional.max_pool2d(plane, SQUARE), -functional.max_pool2d(-plane, SQUARE)
    wide = torch.cat([high, low], dim=1).repeat_interleave(SQUARE, dim=2).repeat_interleave(SQUARE, dim=3)
    away = torch.minimum(plane - wide[:, 1:], wide[:, :1] - plane)
    near = (away < LINE_NEAR * (wide[:, :1] - wide[:, 1:])).float()
    return ((high - low > LINE_RANGE) & (functional.avg_pool2d(near, SQUARE) > LINE_SHARE)).float()


def skin_colour(picture: Tensor) -> Tensor:
    """1 for squares whose mean colours are those of skin, else 0, [N, 1, H / 8, W / 8]."""
    small = functional.avg_pool2d(picture, SQUARE)
    grey = luma(small)
    cb, cr = 0.564 * (small[:, 2:] - grey), 0.713 * (small[:, :1] - grey)
    found = (cb > SKIN_CB[0]) & (cb < SKIN_CB[1]) & (cr > SKIN_CR[0]) & (cr < SKIN_CR[1]) & (grey > SKIN_DARKEST)
    return found.float()


def _contrast(plane: Tensor) -> Tensor:
    """Deviation of fine detail of a plane [N, 1, H, W] within squares, levels."""
    padded = functional.pad(plane, (1, 1, 1, 1), mode="replicate")
    detail = plane - functional.avg_pool2d(padded, 3, 1)
    # A quarter of a squared level keeps the root's gradient in bounds.
    return (functional.avg_pool2d(detail.square(), SQUARE) + 0.25).sqrt()


def _pattern(residual: Tensor) -> Tensor:
    """Deviation [N] within the mean of all squares of a sample, levels."""
    squares = residual.unflatten(2, (-1, SQUARE)).unflatten(4, (-1, SQUARE)).mean(dim=(2, 4))
    squares = squares - squares.mean(dim=(2, 3), keepdim=True)
    return (squares.square().mean(dim=(1, 2, 3)) + 1e-4).sqrt()


def _square_means(x: Tensor) -> Tensor:
    """Means over squares and channels, [N, 1, H / 8, W / 8]."""
    return functional.avg_pool2d(x, SQUARE).mean(dim=1, keepdim=True)
