"""Every SIMD target's transform and metric kernels against the scalar ones, bit for bit."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from veneer import _native_dev

TARGETS = [target for target in _native_dev.transform_targets() if target != "scalar"] or [
    pytest.param("none", marks=pytest.mark.skip(reason="this CPU or build has only scalar kernels"))
]
SHAPES = [(w, h) for w in range(2, 7) for h in range(2, 7)]  # log2; more than the codec's 2:1
SEEDS = range(2)


def types(log2_size: int) -> tuple[str, ...]:
    """List the transforms of a dimension."""
    return ("dct", "dst") if log2_size <= 4 else ("dct",)


def nonzero_sizes(size: int) -> Iterator[int]:
    """Numbers of coded frequencies: all the small ones and those around each power of two."""
    for n in range(1, min(size, 32) + 1):
        if n <= 5 or any(n - d in (8, 16, 32) for d in (-1, 0, 1)):
            yield n


def coefficients(rng: np.random.Generator, shape: tuple[int, int]) -> Iterator[npt.NDArray[np.int16]]:
    """Dense blocks: ordinary, hostile, and with values that saturate or wrap."""
    yield rng.integers(-800, 801, shape, dtype=np.int16)
    yield rng.integers(-32768, 32768, shape, dtype=np.int16)
    yield rng.choice(np.array([-32768, 32767], np.int16), shape)
    yield np.full(shape, rng.choice([-32768, 32767]), np.int16)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_inverse_dense(target: str, log2_w: int, log2_h: int) -> None:
    shape = (min(1 << log2_h, 32), min(1 << log2_w, 32))
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        for index, coef in enumerate(coefficients(rng, shape)):
            for across in types(log2_w):
                for down in types(log2_h):
                    block = (coef, log2_w, log2_h, across, down)
                    np.testing.assert_array_equal(
                        _native_dev.inverse_transform(*block, target),
                        _native_dev.inverse_transform(*block, "scalar"),
                        err_msg=f"{seed=} {index=} {across=} {down=}",
                    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), [shape for shape in SHAPES if abs(shape[0] - shape[1]) <= 1])
def test_inverse_sparse(target: str, log2_w: int, log2_h: int) -> None:
    # The coefficients outside the nonzero corner are garbage, which must not matter.
    rng = np.random.default_rng(7)
    shape = (min(1 << log2_h, 32), min(1 << log2_w, 32))
    coef = rng.integers(-2000, 2001, shape, dtype=np.int16)
    for nz_h in nonzero_sizes(1 << log2_h):
        for nz_w in nonzero_sizes(1 << log2_w):
            across = types(log2_w)[nz_w % len(types(log2_w))]
            down = types(log2_h)[nz_h % len(types(log2_h))]
            for kinds in {(across, down), ("dct", "dct")}:
                expected = _native_dev.inverse_transform(coef, log2_w, log2_h, *kinds, "scalar", nz_w, nz_h)
                got = _native_dev.inverse_transform(coef, log2_w, log2_h, *kinds, target, nz_w, nz_h)
                assert (got == expected).all(), f"{nz_w=} {nz_h=} {kinds=}"


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_inverse_dc_only(target: str, log2_w: int, log2_h: int) -> None:
    coef = np.zeros((min(1 << log2_h, 32), min(1 << log2_w, 32)), np.int16)
    for dc in (-32768, -32767, -9, -8, -7, -1, 0, 1, 7, 8, 9, 16000, 32767):
        coef[0, 0] = dc
        for across in types(log2_w):
            for down in types(log2_h):
                block = (coef, log2_w, log2_h, across, down)
                expected = _native_dev.inverse_transform(*block, "scalar", 1, 1)
                np.testing.assert_array_equal(
                    _native_dev.inverse_transform(*block, target, 1, 1),
                    expected,
                    err_msg=f"{dc=} {across=} {down=}",
                )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_forward(target: str, log2_w: int, log2_h: int) -> None:
    w, h = 1 << log2_w, 1 << log2_h
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        bipolar = rng.choice(np.array([-2047, 2047], np.int16), (h, w))
        checker = np.where(np.indices((h, w)).sum(axis=0) % 2, -2047, 2047).astype(np.int16)
        inputs = (rng.integers(-2047, 2048, (h, w + 7), dtype=np.int16)[:, 1 : 1 + w], bipolar, checker)
        for index, residual in enumerate((*inputs, np.full((h, w), -2047, np.int16))):
            for across in types(log2_w):
                for down in types(log2_h):
                    block = (residual, log2_w, log2_h, across, down)
                    np.testing.assert_array_equal(
                        _native_dev.forward_transform(*block, target),
                        _native_dev.forward_transform(*block, "scalar"),
                        err_msg=f"{seed=} {index=} {across=} {down=}",
                    )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("log2_w", "log2_h"), [(w, 6) for w in range(2, 7)] + [(6, h) for h in range(2, 6)])
def test_forward_of_extreme_basis_signs(target: str, log2_w: int, log2_h: int) -> None:
    # Residuals that align with one basis function each reach the largest sums.
    across = np.sign(_native_dev.basis_matrix("dct", 1 << log2_w)).astype(np.int16)
    down = np.sign(_native_dev.basis_matrix("dct", 1 << log2_h)).astype(np.int16)
    for k in range(0, 32, 3):
        residual = np.outer(down[k % len(down)], across[(k * 5) % len(across)]) * np.int16(2047)
        np.testing.assert_array_equal(
            _native_dev.forward_transform(residual, log2_w, log2_h, target=target),
            _native_dev.forward_transform(residual, log2_w, log2_h, target="scalar"),
            err_msg=f"{k=}",
        )


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("w", "h"), [(1 << w, 1 << h) for w, h in SHAPES])
def test_metrics(target: str, w: int, h: int) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        small_a, small_b = rng.integers(-1023, 1024, (2, h, w + 9), dtype=np.int16)[:, :, 5 : 5 + w]
        far_a, far_b = rng.choice(np.array([-1023, 1024], np.int16), (2, h, w))
        ones = np.ones((h, w), np.int16)
        for a, b in ((small_a, small_b), (far_a, far_b), (ones * 1024, ones * -1023), (small_a, small_a)):
            assert _native_dev.sse(a, b, target) == _native_dev.sse(a, b, "scalar"), f"{seed=}"
            assert _native_dev.satd(a, b, target) == _native_dev.satd(a, b, "scalar"), f"{seed=}"
        # Differences of up to 2^15 - 1.
        a = rng.integers(-16384, 16384, (h, w), dtype=np.int16)
        assert _native_dev.sse(a, ones * -16384, target) == _native_dev.sse(a, ones * -16384, "scalar"), f"{seed=}"
        assert _native_dev.sse(ones * 16383, ones * -16384, target) == w * h * 32767**2


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("w", range(4, 65, 4))
def test_add_residual(target: str, w: int) -> None:
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        prediction = rng.integers(-32768, 32768, (5, w + 3), dtype=np.int16)[:, 2 : 2 + w]
        residual = rng.integers(-32768, 32768, (5, w), dtype=np.int16)
        for limits in ((0, 255), (-1024, 1023), (-32768, 32767)):
            np.testing.assert_array_equal(
                _native_dev.add_residual(prediction, residual, *limits, target),
                _native_dev.add_residual(prediction, residual, *limits, "scalar"),
                err_msg=f"{seed=} {limits=}",
            )
