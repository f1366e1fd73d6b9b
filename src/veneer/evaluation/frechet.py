"""Distance between the patches of decoded pictures and of originals, as two clouds of deep features.

A patch is described by means of SqueezeNet's features over it, turned to fewer dimensions by a fixed random projection,
so that a few hundred patches are enough for a covariance. Both clouds are taken as Gaussians. Blur, blocks and invented
texture move the cloud as a whole, whether or not single patches stay near their originals.

Place: `benchmarks/realism.py` and `score.py` call it.
Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017; Dowson
and Landau, "The Frechet distance between multivariate normal distributions", 1982.
Shapes: [N, D], N patches of D features.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from veneer.evaluation import perceptual
from veneer.evaluation.perceptual import Pixels

Values = npt.NDArray[np.float64]

LAYER = "fire5"  # whose values each see some 60 pixels
STEP = 8  # pixels between them
CHANNELS = 256
PATCH = 8  # of them, hence 64 pixels
STRIDE = 4  # patches overlap by a half
DIMENSIONS = 64
SEED = 5
MIN_PATCHES = 4 * DIMENSIONS  # a covariance of fewer says little


def patch_features(pixels: Pixels) -> Values:
    """Features of the patches of a picture, 64 x 64 pixels every 32.

    Args:
        pixels: uint8 RGB [H, W, 3].

    Returns:
        float64 [N, DIMENSIONS]; none of pictures too small for a patch.
    """
    if min(pixels.shape[:2]) < (PATCH + 2) * STEP:
        return np.empty((0, DIMENSIONS))
    planes = perceptual.features(pixels, LAYER)[LAYER].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(planes, (PATCH, PATCH), axis=(0, 1))[::STRIDE, ::STRIDE]
    means: Values = windows.mean(axis=(3, 4)).reshape(-1, CHANNELS)
    return means @ _projection()


def cloud(pictures: Iterable[Pixels]) -> Values:
    """`patch_features` of all patches of some pictures."""
    return np.concatenate([patch_features(pixels) for pixels in pictures])


def relative_distance(originals: Values, others: Values) -> float:
    """The squared Frechet distance of two clouds in percent of the originals' own variance.

    Args:
        originals: `cloud` of the originals.
        others: `cloud` of the same pictures from a decoder.

    Returns:
        0 where both have the same mean and covariance, 100 where they are as far apart as the originals' patches are
        from their mean; NaN where there are fewer than `MIN_PATCHES` patches.
    """
    if min(len(originals), len(others)) < MIN_PATCHES:
        return math.nan
    return 100 * frechet_distance(originals, others) / float(np.trace(np.cov(originals, rowvar=False)))


def frechet_distance(a: Values, b: Values) -> float:
    """The squared Frechet distance of the Gaussians of two clouds, in squared units of the features.

    Args:
        a: float64 [N, D], N above D.
        b: float64 [M, D], M above D.
    """
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    of_a, of_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = _root(of_a)
    # Of root x B x root the eigenvalues are those of A x B, and it is symmetric.
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ of_b @ root), 0)).sum()
    return float(max(means + np.trace(of_a) + np.trace(of_b) - 2 * shared, 0.0))


def _root(matrix: Values) -> Values:
    """The square root of a covariance."""
    values, vectors = np.linalg.eigh(matrix)
    root: Values = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


@functools.cache
def _projection() -> Values:
    """float64 [CHANNELS, DIMENSIONS] of orthonormal columns."""
    drawn = np.random.default_rng(SEED).standard_normal((CHANNELS, DIMENSIONS))
    columns: Values = np.linalg.qr(drawn)[0]
    return columns
