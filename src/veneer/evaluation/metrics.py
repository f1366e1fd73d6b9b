"""Metrics of the difference between a decoded picture and its original, as one table, over uint8 RGB pictures.

Each metric names the scale on which BD-rates are taken, larger is better there. Metrics whose library is missing are
not in `available()`. Place: `measure.py` and `veneer compare` call it. Shapes: [H, W, 3].
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from veneer.evaluation import perceptual

Pixels = npt.NDArray[np.uint8]
Planes = npt.NDArray[np.float32]

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
SAME_DB = 99.0  # stands for the infinite PSNR of equal pictures
BUTTERAUGLI = "butteraugli_main"  # libjxl's program

MS_SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
MS_SSIM_MIN_SIDE = 11 * 2 ** (len(MS_SSIM_WEIGHTS) - 1) - 15  # the filter still fits the smallest scale
SSIMULACRA2_MIN_SIDE = 8


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: as it stands in CSV files.
        label: as people write it.
        unit: of its values, or "".
        compute: value for an original and another picture; NaN where they are too small for it.
        scale: value -> what BD-rates are taken over.
        scale_label: name of that, where it is not the value itself.
        needs: modules and programs without which it cannot be had.
        better: "higher" or "lower".
    """

    name: str
    label: str
    unit: str
    compute: Callable[[Pixels, Pixels], float]
    scale: Callable[[float], float] = float
    scale_label: str = ""
    needs: tuple[str, ...] = ()
    better: str = "higher"

    def present(self) -> bool:
        """Whether what it needs is installed."""
        return all(importlib.util.find_spec(name) or shutil.which(name) for name in self.needs)


def psnr(original: Pixels, other: Pixels) -> float:
    """Peak signal-to-noise ratio over all samples of R, G and B, dB."""
    difference = original.astype(np.float64) - other
    return _decibels(float(np.mean(difference**2)))


def psnr_y(original: Pixels, other: Pixels) -> float:
    """Peak signal-to-noise ratio of luma (BT.601, full range, not rounded), dB."""
    difference = (original.astype(np.float64) - other) @ np.array(LUMA)
    return _decibels(float(np.mean(difference**2)))


def ms_ssim(original: Pixels, other: Pixels) -> float:
    """Multi-scale structural similarity, 0..1, mean over R, G and B.

    Source: Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment", 2003.
    """
    if min(original.shape[:2]) < MS_SSIM_MIN_SIDE:
        return math.nan
    result = np.ones(3)
    a, b = original.astype(np.float32), other.astype(np.float32)
    for number, weight in enumerate(MS_SSIM_WEIGHTS):
        luminance, contrast = _similarity(a, b)
        last = number == len(MS_SSIM_WEIGHTS) - 1
        similarity = (luminance * contrast if last else contrast).mean(axis=(0, 1), dtype=np.float64)
        result *= np.maximum(similarity, 0) ** weight
        a, b = _halved(a), _halved(b)
    return float(result.mean())


def ssimulacra2(original: Pixels, other: Pixels) -> float:
    """SSIMULACRA 2.1: 100 equal, 90 hard to tell from the original, 70 good, 50 fair, 30 poor."""
    if min(original.shape[:2]) < SSIMULACRA2_MIN_SIDE:
        return math.nan
    return float(_ssimulacra2_reference(_Key(original)).score(other))


def butteraugli(original: Pixels, other: Pixels) -> float:
    """3-norm of libjxl's Butteraugli: 0 equal, about 1 where differences begin to be seen."""
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder) / name) for name in ("a.png", "b.png")]
        for name, pixels in zip(names, (original, other), strict=True):
            Image.fromarray(pixels).save(name, compress_level=1)
        program = shutil.which(BUTTERAUGLI) or BUTTERAUGLI
        command = [program, *names, "--pnorm", "3"]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - found above
    found = re.search(r"3-norm: ([0-9.eE+-]+)", answer)
    return float(found[1]) if found else math.nan


def _lower(floor: float) -> Callable[[float], float]:
    """The scale of a metric that is 0 for the same picture, in decibels; at `floor` the scale ends."""
    return lambda value: -10 * math.log10(max(value, floor))


METRICS = (
    Metric("psnr", "PSNR RGB", "dB", psnr),
    Metric("psnr_y", "PSNR luma", "dB", psnr_y),
    Metric(
        "msssim",
        "MS-SSIM",
        "",
        ms_ssim,
        scale=lambda value: -10 * math.log10(max(1 - value, 1e-7)),
        scale_label="dB",
        needs=("scipy",),
    ),
    Metric("ssimulacra2", "SSIMULACRA2", "", ssimulacra2, needs=("scipy", "ssimulacra2")),
    Metric(
        "butteraugli",
        "Butteraugli, 3-norm",
        "",
        butteraugli,
        scale=_lower(1e-3),
        scale_label="-10 log10",
        needs=(BUTTERAUGLI,),
        better="lower",
    ),
    Metric(
        "squeezenet",
        "SqueezeNet distance",
        "",
        perceptual.distance,
        scale=_lower(1e-4),
        scale_label="-10 log10",
        better="lower",
    ),
)
BY_NAME = {metric.name: metric for metric in METRICS}


def available() -> list[Metric]:
    """The metrics whose libraries and programs are there."""
    return [metric for metric in METRICS if metric.present()]


def measure_all(original: Pixels, other: Pixels) -> dict[str, float]:
    """Every available metric of a pair of pictures of the same size."""
    if original.shape != other.shape:
        raise ValueError(f"pictures of different size: {_size(original)} and {_size(other)}")
    return {metric.name: metric.compute(original, other) for metric in available()}


def _size(pixels: Pixels) -> str:
    return f"{pixels.shape[1]}x{pixels.shape[0]}"


def _decibels(mean_square: float) -> float:
    return SAME_DB if mean_square == 0 else 10 * math.log10(255.0**2 / mean_square)


class _Key:
    """A picture as a key: equal to itself alone, so that looking it up costs nothing."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.pixels is self.pixels

    def __hash__(self) -> int:
        return id(self.pixels)


@functools.lru_cache(maxsize=1)
def _ssimulacra2_reference(original: _Key) -> Any:
    """The original's share, kept until there is another original; the import is slow, and an extra."""
    from veneer.evaluation.ssimulacra2 import Reference

    return Reference(original.pixels)


def _similarity(a: Planes, b: Planes) -> tuple[Planes, Planes]:
    """Luminance and contrast-structure terms of SSIM where the 11 x 11 Gaussian fits."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _gaussian(a), _gaussian(b)
    spread = _gaussian(a * a) + _gaussian(b * b) - mean_a**2 - mean_b**2
    covariance = _gaussian(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return luminance, (2 * covariance + c2) / (spread + c2)


def _gaussian(planes: Planes) -> Planes:
    from scipy import ndimage

    blurred: Planes = ndimage.gaussian_filter(planes, 1.5, radius=5, axes=(0, 1))
    return blurred[5:-5, 5:-5]


def _halved(planes: Planes) -> Planes:
    """Means of 2 x 2 samples; an odd side gets a row or column of zeros first, as the published programs do."""
    height, width = (side % 2 for side in planes.shape[:2])
    padded = np.pad(planes, ((height, height), (width, width), (0, 0)))
    padded = padded[: padded.shape[0] // 2 * 2, : padded.shape[1] // 2 * 2]
    quarters = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2, 3)
    halved: Planes = quarters.mean(axis=(1, 3), dtype=np.float32)
    return halved
