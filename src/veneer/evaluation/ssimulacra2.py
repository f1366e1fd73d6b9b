"""SSIMULACRA 2.1 as libjxl computes it, out of the parts of the `ssimulacra2` package and another blur.

The package blurs with a sampled Gaussian, which takes a reflection of the picture beyond two of its edges. libjxl has
a recursive filter whose impulse response is a short sum of cosines, and takes zeros beyond every edge; at poor quality
the difference is up to 7 points. Everything else of the package agrees and is used as it is.
Place: `metrics.py` calls it. Source: libjxl, `tools/ssimulacra2.cc` and `lib/jxl/gauss_blur.cc`; the filter is
Charalampidis, "Recursive Implementation of the Gaussian Filter Using Truncated Cosine Functions", 2016.
Shapes: [H, W, 3].
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from ssimulacra2 import ssimulacra2 as package

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Planes = npt.NDArray[np.float64]

BYTE = 255  # the largest value of 8 bits

SIGMA = 1.5
SCALES = 6
MIN_SIDE = 8  # smaller scales are left out
HARMONICS = (1, 3, 5)


@functools.cache
def cosine_taps() -> npt.NDArray[np.float64]:
    """Impulse response of the recursive filter, float64 [2 N - 1], of sum 1.

    Of the sums of three cosines that vanish N samples from the middle it is the one that has sum 1, the variance of the
    Gaussian, and otherwise the Gaussian's spectrum.
    """
    n = round(3.2795 * SIGMA + 0.2546)
    omega = np.pi / (2 * n) * np.array(HARMONICS)
    sign = np.array((1, -1, 1))
    # Sums over the support of each cosine, and of each cosine times the squared distance.
    p = sign / np.tan(omega / 2)
    r = sign * p**2 / np.sin(omega)
    rho = np.exp(-((SIGMA * omega) ** 2) / 2) / n  # the Gaussian's own spectrum
    nearest = np.cross(p, r)
    beta = np.linalg.solve(np.stack([p, r, nearest]), np.array([1, n**2 - SIGMA**2, nearest @ rho]))
    distance = np.arange(1 - n, n)
    taps: npt.NDArray[np.float64] = beta @ np.cos(np.outer(omega, distance))
    return taps


def blur(planes: Planes) -> Planes:
    """Blurs [H, W, 3] along rows and columns, with zeros outside."""
    for axis in (0, 1):
        planes = ndimage.correlate1d(planes, cosine_taps(), axis=axis, mode="constant")
    return planes


class Reference:
    """The part of SSIMULACRA2 that depends on the original alone, kept for all pictures compared with it.

    Args:
        pixels: RGB in sRGB, at least 8 x 8.
        largest: value of a sample, 255 for uint8 and up to 65535 for uint16.
    """

    def __init__(self, pixels: Pixels, largest: int = BYTE) -> None:
        self.largest = largest
        self.scales = list(_scales(pixels, largest))

    def score(self, pixels: Pixels) -> float:
        """SSIMULACRA2 of a picture of the same size: 100 for the same pixels, 90 hard to tell, below 0 poor."""
        total = package.Msssim()
        for (a, mean_a, square_a), (b, mean_b, square_b) in zip(
            self.scales, _scales(pixels, self.largest), strict=True
        ):
            scale = package.MsssimScale()
            scale.avg_ssim = package.ssim_map(mean_a, mean_b, square_a, square_b, blur(a * b))
            scale.avg_edgediff = package.edge_diff_map(a, mean_a, b, mean_b)
            total.scales.append(scale)
        return float(total.score())


def _scales(pixels: Pixels, largest: int) -> list[tuple[Planes, Planes, Planes]]:
    """Of each scale the planes in XYB, blurred, and blurred squares."""
    levels = pixels if largest == BYTE else pixels * (BYTE / largest)  # the package divides by 255
    linear = package.srgb_to_linear(levels)
    scales: list[tuple[Planes, Planes, Planes]] = []
    while len(scales) < SCALES and min(linear.shape[:2]) >= MIN_SIDE:
        planes = package.make_positive_xyb(package.linear_rgb_to_xyb(linear))
        scales.append((planes, blur(planes), blur(planes * planes)))
        linear = package.downsample(linear, 2, 2)
    return scales
