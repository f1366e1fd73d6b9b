"""Losses of the drawing network: levels of the missing detail, Wasserstein distortion, errors at edges.

Wasserstein distortion compares means and deviations of features within windows of 24 and 40 pixels, not features at
positions: drawn detail need not be where the original has it. It does not see phase, so levels are judged on the
difference of two seeds, which holds only drawn detail. Edges and text, where positions matter, have squared errors. The
divisor depends only on the picture at realism 0: divided by the variation of the original, the least loss has too
little texture.

Pictures are [N, 3, H, W] in levels. Source: Qiu et al. 2024, "Wasserstein distortion".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from veneer.training.drawing.bands import band_energy, crosstalk
from veneer.training.drawing.crops import Samples
from veneer.training.graph_writer import REDUCTION
from veneer.training.perceptual import SqueezeNet
from veneer.training.texture.losses import SQUARE, line_art, luma, skin_colour

LEAST_VARIANCE = 0.05  # of what is missing in a band, squared levels
SKIN_SHARE = 0.5  # grain on skin looks like dirt
DIRECTED = 0.6  # how little is drawn where detail runs one way: hair shall have some, edges none
# Where places matter: how alike detail of both pictures is, and how much it runs one way.
ALIKE, COHERENT = (0.6, 0.9), (0.5, 0.9)
BOX = 8  # pixels; windows are 3 and 5 boxes wide
WINDOWS = (3, 5)
STRIDES = (2, 4, 8)  # of the features conv1, fire3, fire5
LAST_FEATURES = "fire5"
HAAR_LEVELS, HAAR_SCALES = 3, (2.0, 3.0, 4.0)  # scales: levels below which no deviation counts as one
FEW = 0.05  # of a scale, in deviations


def fine_map(shown: Tensor, original: Tensor) -> Tensor:
    """1 where places matter, 0 where statistics do, for units of 4 x 4 pixels [N, 1, H / 4, W / 4].

    Places matter where the shown picture has the detail itself, where detail runs one way, and in text.
    """
    x, o = luma(shown), luma(original)
    a, b = x - _box_mean(x), o - _box_mean(o)
    alike = _pooled(a * b) / (_pooled(a * a) * _pooled(b * b) + 4).sqrt()
    return torch.maximum(torch.maximum(_ramp(alike, ALIKE), _ramp(_coherence(o), COHERENT)), _text(o))


def drawable(original: Tensor) -> Tensor:
    """Share of what is missing that noise may stand for, [N, 1, H / 4, W / 4]: none in text, less at edges and hair.

    Also where the shown picture has detail like the original's: what it has is of long periods, what it lacks of short
    ones.
    """
    o = luma(original)
    return 1 - torch.maximum(DIRECTED * _ramp(_coherence(o), COHERENT), _text(o))


def _coherence(plane: Tensor) -> Tensor:
    """Degree to which gradients have one direction, 0..1."""
    across, down = plane[..., 1:-1, 2:] - plane[..., 1:-1, :-2], plane[..., 2:, 1:-1] - plane[..., :-2, 1:-1]
    across, down = (functional.pad(t, (1, 1, 1, 1), mode="replicate") for t in (across, down))
    xx, yy, xy = _pooled(across * across), _pooled(down * down), _pooled(across * down)
    return ((xx - yy).square() + 4 * xy * xy).sqrt() / (xx + yy + 80)


def _text(plane: Tensor) -> Tensor:
    times = SQUARE // REDUCTION
    return line_art(plane).repeat_interleave(times, 2).repeat_interleave(times, 3)


def _ramp(x: Tensor, limits: tuple[float, float]) -> Tensor:
    return ((x - limits[0]) / (limits[1] - limits[0])).clamp(0, 1)


def _box_mean(x: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(x, (2, 2, 2, 2), mode="replicate"), 5, 1)


def _pooled(x: Tensor) -> Tensor:
    """Means over 12 x 12 pixels around units of 4 x 4."""
    padded = functional.pad(x, (REDUCTION,) * 4, mode="replicate")
    return functional.avg_pool2d(padded, 3 * REDUCTION, REDUCTION)


def missing_deviations(samples: Samples) -> Tensor:
    """Deviations of what is missing that shall be drawn in each band, [N, 16, h, w], luma in levels.

    Nothing in text, little at edges, half on skin.
    """
    energy = _pooled(band_energy(luma(samples.original - samples.shown)))
    skin = functional.interpolate(skin_colour(samples.shown), scale_factor=SQUARE // REDUCTION)
    share = drawable(samples.original) * (1 - (1 - SKIN_SHARE) * skin)
    return energy.sqrt() * share


def drawn_deviations(levels: Tensor) -> Tensor:
    """Deviations in each band [N, 16, h, w] of noise that is drawn with given levels."""
    mixing = torch.from_numpy(crosstalk()).to(levels)[:, :, None, None]
    return (functional.conv2d(levels.square(), mixing) + LEAST_VARIANCE).sqrt()


def amplitude_loss(levels: Tensor, wanted: Tensor) -> Tensor:
    """How badly levels predict deviations: -log likelihood where these are distributed exponentially about them.

    With a normal distribution a few edges would make all places noisy that could have one.
    """
    expected = drawn_deviations(levels.float())
    return (expected.log() + wanted / expected).mean()


def haar(picture: Tensor) -> list[Tensor]:
    """Haar details of luma, [N, 3, H / 2^k, W / 2^k] for k of 1..3: changes across, down and both ways."""
    low, found = luma(picture), []
    for _ in range(HAAR_LEVELS):
        a, b, c, d = (low[..., i::2, j::2] for i in (0, 1) for j in (0, 1))
        found.append(torch.cat([a - b + c - d, a + b - c - d, a - b - c + d], dim=1) / 2)
        low = (a + b + c + d) / 4
    return found


def moments(x: Tensor, box: int) -> list[tuple[Tensor, Tensor]]:
    """Means and variances within a box of so many features a side, and within windows of boxes."""
    x = x.float()
    mean, square = (functional.avg_pool2d(x, box), functional.avg_pool2d(x * x, box)) if box > 1 else (x, x * x)
    found = [(mean, (square - mean * mean).clamp(min=0))]
    for size in WINDOWS:
        wide, squares = functional.avg_pool2d(mean, size, 1), functional.avg_pool2d(square, size, 1)
        found.append((wide, (squares - wide * wide).clamp(min=0)))
    return found


def wasserstein(a: Tensor, b: Tensor, shown: Tensor, box: int, scale: Tensor, fine: Tensor) -> Tensor:
    """Squared differences of local means and deviations of features, in units of `scale` and of what varies.

    Args:
        a: features of what was made, [N, C, h, w].
        b: of the original.
        shown: of the picture at realism 0.
        box: side of a box in features.
        scale: of each channel.
        fine: of `fine_map`; there the smallest windows count, elsewhere the others.
    """
    with torch.no_grad():
        wanted, known = moments(b, box), moments(shown, box)
    total = a.new_zeros(())
    for size, (made, real, base) in enumerate(zip(moments(a, box), wanted, known, strict=True)):
        apart = (made[0] - real[0]).square() + (_deviation(made[1], scale) - _deviation(real[1], scale)).square()
        apart = apart / (scale**2 + base[1])
        here = functional.interpolate(fine, apart.shape[2:], mode="bilinear", align_corners=False)
        weight = (0.3 * here if box > 1 else 0 * here) if size == 0 else (1 - here) / len(WINDOWS)
        total = total + (apart * weight).mean()
    return total


def _deviation(variance: Tensor, scale: Tensor) -> Tensor:
    return (variance + (FEW * scale) ** 2).sqrt()


def level_loss(apart: Tensor, samples: Samples, wanted: float, share: Tensor) -> Tensor:
    """Difference between deviations of drawn and of missing detail, in windows, over the Haar pyramid.

    Args:
        apart: difference of two seeds' residuals over the root of 2, [N, 3, H, W].
        samples: what they were drawn for.
        wanted: deviation that shall be drawn in units of the missing one.
        share: of places that shall have it, [N, 1, h, w].
    """
    total = apart.new_zeros(())
    missing = samples.original - samples.shown
    full = functional.interpolate(share, scale_factor=REDUCTION, mode="bilinear", align_corners=False)
    parts = (haar(apart), haar(missing * full), haar(samples.shown))
    for level, (a, b, base) in enumerate(zip(*parts, strict=True)):
        box, scale = BOX >> (level + 1), a.new_tensor(HAAR_SCALES[level])
        for made, real, known in list(zip(moments(a, box), moments(b, box), moments(base, box), strict=True))[1:]:
            off = _deviation(made[1], scale) - wanted * _deviation(real[1], scale)
            total = total + (off.square() / (scale**2 + known[1])).mean()
    return total


class Terms:
    """The terms of drawing, each of which falls to 0.

    Args:
        net: features.
    """

    names = ("features", "pyramid", "levels", "pointwise")

    def __init__(self, net: SqueezeNet) -> None:
        self.net = net
        self.scales: list[Tensor] = []  # of each channel of the features, from the first batch

    def __call__(self, residual: Tensor, other: Tensor, samples: Samples, wanted: float) -> tuple[Tensor, ...]:
        """All terms of residuals of two seeds, the first of which is looked at.

        Args:
            residual: [N, 3, H, W], levels.
            other: of another seed.
            samples: what both were drawn for.
            wanted: see `level_loss`.
        """
        made, original, shown = samples.shown + residual, samples.original, samples.shown
        with torch.no_grad():
            fine = fine_map(shown, original)
            real, base = (self.net(x, LAST_FEATURES) for x in (original, shown))
        if not self.scales:
            found = [x.std((0, 2, 3), keepdim=True) for x in real]
            self.scales = [0.5 * x + 0.15 * x.mean() for x in found]
        features = self.net(made, LAST_FEATURES)
        deep = made.new_zeros(())
        for a, b, c, stride, scale in zip(features, real, base, STRIDES, self.scales, strict=True):
            deep = deep + wasserstein(a, b, c, BOX // stride, scale, fine)
        details = made.new_zeros(())
        for level, (a, b, c) in enumerate(zip(haar(made), haar(original), haar(shown), strict=True)):
            details = details + wasserstein(a, b, c, BOX >> (level + 1), a.new_tensor(HAAR_SCALES[level]), fine)
        levels = level_loss((residual - other) / 2**0.5, samples, wanted, drawable(samples.original))
        here = functional.interpolate(fine, scale_factor=REDUCTION, mode="bilinear", align_corners=False)
        return deep, details, levels, ((made - original).square() * (here + 0.05)).mean()


def sharpening_terms(residual: Tensor, samples: Samples, net: SqueezeNet) -> tuple[Tensor, Tensor]:
    """Squared error and feature distance of pictures that are sharpened alone."""
    made = samples.shown + residual
    with torch.no_grad():
        real = net(samples.original, LAST_FEATURES)
    apart = [_unit(a) - _unit(b) for a, b in zip(net(made, LAST_FEATURES), real, strict=True)]
    total = made.new_zeros(())
    for x in apart:
        total = total + x.square().sum(dim=1).mean()
    return (made - samples.original).square().mean(), total


def _unit(x: Tensor) -> Tensor:
    return x * (x.square().sum(dim=1, keepdim=True) + 1e-6).rsqrt()


def balanced(
    terms: Sequence[Tensor], shares: Sequence[float], by: Tensor, before: Sequence[float], inertia: float = 0.8
) -> list[float]:
    """Weights with which gradients of terms by a result have the lengths that shares name.

    Args:
        terms: numbers.
        shares: of each.
        by: the result.
        before: weights until now; none to begin with.
        inertia: share of the old in the new ones.
    """
    lengths = [torch.autograd.grad(term, by, retain_graph=True)[0].norm().item() for term in terms]
    found = [share / max(length, 1e-12) for share, length in zip(shares, lengths, strict=True)]
    if not before:
        return found
    return [inertia * old + (1 - inertia) * new for old, new in zip(before, found, strict=True)]
