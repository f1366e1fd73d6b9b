"""Features of SqueezeNet 1.1, and the distance of two pictures by them.

The network was trained to name what is in a picture; what changes its features changes what a picture looks like to it.
The distance is: features of a few layers, at each place scaled to length one, squared differences summed over channels
and averaged over the picture, summed over the layers. It has no learned weights of its own, and is not LPIPS.

Place: `metrics.py` takes the distance, `frechet.py` the features. Runs in NumPy, in float32.
Source: Iandola et al., "SqueezeNet", 2016; layers as in Zhang et al., "The Unreasonable Effectiveness of Deep Features
as a Perceptual Metric", 2018. Weights: `squeezenet/README.md`.
Shapes: [H, W, C].
"""

from __future__ import annotations

import functools
import itertools
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Planes = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "squeezenet" / "features.npz"
MEANS_BGR = (104.0, 117.0, 123.0)  # subtracted in training
LAYERS = ("conv1", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9")
POOLED_AFTER = frozenset(("conv1", "fire3", "fire5"))
TAPS = ("conv1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9")
MIN_SIDE = 32  # leaves one value of the deepest layer
MAX_SIDE = 1024  # larger pictures are taken in parts, each of which needs some 500 bytes a pixel
TINY = 1e-10


def distance(original: Pixels, other: Pixels) -> float:
    """Distance of two pictures: 0 for the same; JPEGs of a photograph had 0.5, 1.6 and 4.4 at quality 90, 50, 10.

    Args:
        original: uint8 RGB.
        other: of the same size.

    Returns:
        The distance; of pictures with a side above `MAX_SIDE` the mean of their parts. NaN for those too small.
    """
    height, width = original.shape[:2]
    if min(height, width) < MIN_SIDE:
        return math.nan
    total = 0.0
    for rows, columns in itertools.product(_parts(height), _parts(width)):
        pixels = (rows.stop - rows.start) * (columns.stop - columns.start)
        total += pixels / (height * width) * _distance(original[rows, columns], other[rows, columns])
    return total


def features(pixels: Pixels, until: str = LAYERS[-1]) -> dict[str, Planes]:
    """Features of a picture, layer by layer.

    Args:
        pixels: uint8 RGB, at least `MIN_SIDE` x `MIN_SIDE`.
        until: the last layer of interest.

    Returns:
        float32 [H, W, C] by layer, after its rectifier: H and W about a half of the picture's sides for conv1, a
        quarter for fire2 and fire3, an eighth for fire4 and fire5, a sixteenth from there on.
    """
    found = {}
    x = pixels[:, :, ::-1].astype(np.float32) - np.array(MEANS_BGR, np.float32)
    for name in LAYERS:
        x = _first(x) if name == "conv1" else _fire(x, name)
        found[name] = x
        if name == until:
            break
        if name in POOLED_AFTER:
            x = _pool(x)
    return found


def _parts(side: int) -> list[slice]:
    count = math.ceil(side / MAX_SIDE)
    edges = [side * number // count for number in range(count + 1)]
    return [slice(*pair) for pair in itertools.pairwise(edges)]


def _distance(a: Pixels, b: Pixels) -> float:
    of_a, of_b = features(a), features(b)
    return sum(float(_squares(of_a[name], of_b[name]).mean()) for name in TAPS)


def _squares(a: Planes, b: Planes) -> npt.NDArray[np.float64]:
    """Squared distance [H, W] of each place's vectors at length one, by their products."""
    pairs = ((a, a), (b, b), (a, b))
    of_a, of_b, shared = (np.einsum("ijk,ijk->ij", *pair, dtype=np.float32).astype(np.float64) for pair in pairs)
    length_a, length_b = of_a + TINY, of_b + TINY
    squares: npt.NDArray[np.float64] = of_a / length_a + of_b / length_b - 2 * shared / np.sqrt(length_a * length_b)
    return np.maximum(squares, 0)


@functools.cache
def _weights() -> dict[str, Planes]:
    """float32 matrices [inputs, outputs], inputs by row, column and channel of the window; biases [outputs]."""
    found = {}
    with np.load(WEIGHTS) as stored:
        for name in stored.files:
            array = stored[name].astype(np.float32)
            if array.ndim == 4:
                array = array.transpose(2, 3, 1, 0).reshape(-1, array.shape[0])
            found[name] = np.ascontiguousarray(array)
    return found


def _first(x: Planes) -> Planes:
    """3 x 3 in steps of 2, without padding."""
    height, width = ((side - 3) // 2 + 1 for side in x.shape[:2])
    windows = [x[i : i + 2 * height - 1 : 2, j : j + 2 * width - 1 : 2] for i in range(3) for j in range(3)]
    return _matrix(np.concatenate(windows, axis=2), "conv1")


def _fire(x: Planes, name: str) -> Planes:
    """1 x 1 to a few channels, and from there 1 x 1 and 3 x 3, side by side."""
    squeezed = _matrix(x, f"{name}.squeeze1x1")
    height, width, _ = x.shape
    padded = np.pad(squeezed, ((1, 1), (1, 1), (0, 0)))
    windows = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    wide = _matrix(np.concatenate(windows, axis=2), f"{name}.expand3x3")
    return np.concatenate([_matrix(squeezed, f"{name}.expand1x1"), wide], axis=2)


def _matrix(x: Planes, name: str) -> Planes:
    """The rectified product with a layer's weights."""
    weights = _weights()
    product: Planes = x @ weights[f"{name}.weight"]
    product += weights[f"{name}.bias"]
    return np.maximum(product, 0, out=product)


def _pool(x: Planes) -> Planes:
    """Largest of 3 x 3 in steps of 2; the last window may hang over the edge. Values are not negative."""
    height, width = (max(1, math.ceil((side - 3) / 2) + 1) for side in x.shape[:2])
    grown = [(0, max(0, 2 * size + 1 - side)) for size, side in zip((height, width), x.shape[:2], strict=True)]
    padded = np.pad(x, (*grown, (0, 0)))
    windows = [padded[i : i + 2 * height - 1 : 2, j : j + 2 * width - 1 : 2] for i in range(3) for j in range(3)]
    result: Planes = functools.reduce(np.maximum, windows)
    return result
