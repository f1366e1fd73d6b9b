"""Speed of the transform and metric kernels of each target: `pytest benchmarks/bench_transforms.py`.

Needs pytest-benchmark. One round repeats a kernel natively, so that the call from Python does not count. Each row
tells megapixels per second and the speed relative to the scalar kernel, measured next to it.
"""

import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from veneer import _native_dev

SIZES = [(2, 2), (2, 3), (3, 3), (4, 3), (4, 4), (5, 5), (6, 6)]  # log2 of width and height
Kernel = Callable[[str, int], object]  # target, number of repetitions


def inverse(log2_w: int, log2_h: int, corner: int, kind: str = "dct") -> Kernel:
    """Inverse transform of `corner` by `corner` nonzero coefficients."""
    rng = np.random.default_rng(0)
    rows, columns = min(1 << log2_h, 32), min(1 << log2_w, 32)
    coef = rng.integers(-999, 1000, (rows, columns), dtype=np.int16)
    nz = (min(corner, columns), min(corner, rows))
    return lambda target, n: _native_dev.inverse_transform(coef, log2_w, log2_h, kind, kind, target, *nz, n)


def forward(log2_w: int, log2_h: int, kind: str = "dct") -> Kernel:
    """Forward transform."""
    residual = np.random.default_rng(0).integers(-255, 256, (1 << log2_h, 1 << log2_w), dtype=np.int16)
    return lambda target, n: _native_dev.forward_transform(residual, log2_w, log2_h, kind, kind, target, n)


def metric(name: str, log2_w: int, log2_h: int) -> Kernel:
    """The metric `name` of two blocks."""
    a, b = np.random.default_rng(0).integers(0, 256, (2, 1 << log2_h, 1 << log2_w), dtype=np.int16)
    return lambda target, n: getattr(_native_dev, name)(a, b, target, n)


def reconstruct(log2_w: int, log2_h: int) -> Kernel:
    """Addition of a residual."""
    a, b = np.random.default_rng(0).integers(0, 256, (2, 1 << log2_h, 1 << log2_w), dtype=np.int16)
    return lambda target, n: _native_dev.add_residual(a, b, 0, 255, target, n)


CASES: dict[str, Callable[[int, int], Kernel]] = {
    "inverse-dc": lambda w, h: inverse(w, h, 1),
    "inverse-4x4-coefficients": lambda w, h: inverse(w, h, 4),
    "inverse-dense": lambda w, h: inverse(w, h, 32),
    "forward": forward,
    "inverse-dst": lambda w, h: inverse(w, h, 32, "dst"),
    "forward-dst": lambda w, h: forward(w, h, "dst"),
    "sse": lambda w, h: metric("sse", w, h),
    "satd": lambda w, h: metric("satd", w, h),
    "add-residual": reconstruct,
}


def seconds(kernel: Kernel, target: str, repeat: int) -> float:
    """Best time of one repetition."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        kernel(target, repeat)
        times.append(time.perf_counter() - start)
    return min(times) / repeat


@pytest.mark.parametrize("target", _native_dev.transform_targets())
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{1 << size[0]}x{1 << size[1]}")
@pytest.mark.parametrize("case", CASES)
def test_speed(benchmark: BenchmarkFixture, case: str, size: tuple[int, int], target: str) -> None:
    """One kernel at one size on one target."""
    if "dst" in case and max(size) > 4:
        pytest.skip("'dst' has at most 16 points")
    kernel = CASES[case](*size)
    pixels = 1 << sum(size)
    repeat = 2_000_000 // (pixels * (20 if target == "scalar" else 1)) + 1
    benchmark.group = f"{case} {1 << size[0]}x{1 << size[1]}"
    benchmark.pedantic(kernel, args=(target, repeat), rounds=5, warmup_rounds=1)
    best = benchmark.stats.stats.min / repeat
    benchmark.extra_info["megapixels_per_second"] = round(pixels / best / 1e6)
    benchmark.extra_info["ratio_to_scalar"] = round(seconds(kernel, "scalar", repeat // 20 + 1) / best, 1)
