"""Scalar transform and metric kernels against NumPy evaluations of their definitions (dct.h)."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from veneer import _native_dev

Array = npt.NDArray[np.int64]

DIMENSIONS = [("dct", n) for n in (4, 8, 16, 32, 64)] + [("dst", n) for n in (4, 8, 16)]
# log2 of width and height, transform across and down.
BLOCKS = [(w, h, "dct", "dct") for w in range(2, 7) for h in range(2, 7) if abs(w - h) <= 1]
BLOCKS += [
    (2, 2, "dst", "dst"),
    (2, 3, "dct", "dst"),
    (4, 3, "dst", "dct"),
    (4, 4, "dst", "dst"),
    (4, 5, "dst", "dct"),
]


def basis(kind: str, n: int) -> Array:
    """2^11 B[frequency][sample], from the rule in dct.h."""
    cosines = [round(2**11 * math.sqrt(2) * math.cos(math.pi * j / 128)) for j in range(65)]

    def cosine(j: int) -> int:
        j %= 256
        j = min(j, 256 - j)
        return cosines[j] if j <= 64 else -cosines[128 - j]

    def entry(k: int, i: int) -> int:
        if kind == "dst":
            return cosine((2 * n - (2 * i + 1) * (2 * k + 1)) * (32 // n))
        return cosine((2 * i + 1) * k * (64 // n)) if k else 2048

    return np.array([[entry(k, i) for i in range(n)] for k in range(n)], dtype=np.int64)


def wrap(sums: Array) -> Array:
    """Two's complement value modulo 2^32."""
    return sums.astype(np.uint64).astype(np.uint32).astype(np.int32).astype(np.int64)


def saturate(values: Array) -> Array:
    """Saturation to int16."""
    return np.clip(values, -32768, 32767)


def inverse(coef: Array, log2_w: int, log2_h: int, across: str, down: str) -> Array:
    """Evaluate the normative inverse transform."""
    rows, columns = coef.shape
    t = saturate(wrap(basis(down, 1 << log2_h)[:rows].T @ coef + (1 << 10)) >> 11)
    return saturate(wrap(t @ basis(across, 1 << log2_w)[:columns] + (1 << 14)) >> 15)


def forward(residual: Array, log2_w: int, log2_h: int, across: str, down: str) -> Array:
    """Evaluate the forward transform."""
    t = (residual @ basis(across, 1 << log2_w)[:32].T + (1 << (7 + log2_w))) >> (8 + log2_w)
    assert np.abs(t).max() <= 16376
    return (basis(down, 1 << log2_h)[:32] @ t + (1 << (5 + log2_h))) >> (6 + log2_h)


@pytest.mark.parametrize(("kind", "n"), DIMENSIONS)
def test_basis(kind: str, n: int) -> None:
    matrix = _native_dev.basis_matrix(kind, n).astype(np.int64)
    np.testing.assert_array_equal(matrix, basis(kind, n))
    gram = matrix @ matrix.T / (n * 2048.0**2)
    assert np.abs(gram - np.eye(n)).max() < 4e-4
    assert np.abs(matrix).sum(axis=1).max() <= 2048 * n  # what bounds the forward transform's first pass
    if kind == "dct" and n > 4:
        np.testing.assert_array_equal(matrix[::2, : n // 2], basis(kind, n // 2))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("scale", [300, 32768])
def test_inverse_is_the_formula(block: tuple[int, int, str, str], scale: int) -> None:
    log2_w, log2_h, across, down = block
    for seed in range(3):
        rng = np.random.default_rng(seed)
        shape = (min(1 << log2_h, 32), min(1 << log2_w, 32))
        coef = rng.integers(-scale, scale, shape, dtype=np.int16)
        nz_h, nz_w = (int(rng.integers(1, n + 1)) for n in shape)
        got = _native_dev.inverse_transform(coef, log2_w, log2_h, across, down, "scalar", nz_w, nz_h)
        kept = np.zeros(shape, dtype=np.int64)
        kept[:nz_h, :nz_w] = coef[:nz_h, :nz_w]
        np.testing.assert_array_equal(got, inverse(kept, *block), err_msg=f"{seed=} {nz_w=} {nz_h=}")


@pytest.mark.parametrize("sign", [-32768, 32767])
def test_inverse_wraps_modulo_2_32(sign: int) -> None:
    coef = np.full((32, 32), sign, dtype=np.int16)
    expected = inverse(coef.astype(np.int64), 6, 6, "dct", "dct")
    np.testing.assert_array_equal(_native_dev.inverse_transform(coef, 6, 6, target="scalar"), expected)


@pytest.mark.parametrize("block", BLOCKS)
def test_forward_is_the_formula(block: tuple[int, int, str, str]) -> None:
    log2_w, log2_h, across, down = block
    for seed in range(3):
        rng = np.random.default_rng(seed)
        shape = (1 << log2_h, 1 << log2_w)
        flat = rng.choice([-2047, 2047], shape).astype(np.int16)
        for residual in (
            rng.integers(-2047, 2048, shape, dtype=np.int16),
            flat,
            np.full(shape, 2047, np.int16),
        ):
            got = _native_dev.forward_transform(residual, log2_w, log2_h, across, down, "scalar")
            np.testing.assert_array_equal(got, forward(residual.astype(np.int64), *block), err_msg=f"{seed=}")


@pytest.mark.parametrize("block", BLOCKS)
def test_gain_of_a_flat_block(block: tuple[int, int, str, str]) -> None:
    log2_w, log2_h, across, down = block
    if (across, down) != ("dct", "dct"):
        pytest.skip("only the DCT has a constant basis function")
    for value in (-2047, -1, 1, 100, 2047):
        flat = np.full((1 << log2_h, 1 << log2_w), value, dtype=np.int16)
        coef = _native_dev.forward_transform(flat, log2_w, log2_h, target="scalar")
        assert coef[0, 0] == 256 * value
        assert np.count_nonzero(coef) == 1
        dc_only = (coef // 16).astype(np.int16)
        np.testing.assert_array_equal(_native_dev.inverse_transform(dc_only, log2_w, log2_h, target="scalar"), flat)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("amplitude", [20, 255, 1023])
def test_round_trip(block: tuple[int, int, str, str], amplitude: int) -> None:
    log2_w, log2_h, across, down = block
    for seed in range(3):
        rng = np.random.default_rng(seed)
        residual = rng.integers(-amplitude, amplitude + 1, (1 << log2_h, 1 << log2_w), dtype=np.int16)
        if log2_w == 6 or log2_h == 6:  # only the lower half of the frequencies of 64 points exists
            spectrum = np.zeros((1 << log2_h, 1 << log2_w))
            spectrum[:32, :32] = rng.normal(0, 1, spectrum[:32, :32].shape)
            smooth = basis(down, 1 << log2_h).T @ spectrum @ basis(across, 1 << log2_w)
            residual = np.rint(smooth * (amplitude / np.abs(smooth).max())).astype(np.int16)
        fine = _native_dev.forward_transform(residual, log2_w, log2_h, across, down, "scalar")
        coef = saturate((fine.astype(np.int64) + 8) >> 4).astype(np.int16)
        back = _native_dev.inverse_transform(coef, log2_w, log2_h, across, down, "scalar")
        error = back.astype(int) - residual
        # A coefficient's unit is 1/16 of an amplitude whatever the size of the block, so the noise of
        # rounding all of them (here none is small) grows with the number of coefficients.
        rms = math.sqrt((error**2).mean())
        assert rms <= 0.3 + 0.3 * math.sqrt(fine.size) / 16 * 0.8, f"{seed=}"
        assert np.abs(error).max() <= (1 if fine.size <= 256 else 6), f"{seed=}"


def hadamard(n: int) -> Array:
    """Hadamard matrix of order n, a power of two."""
    matrix = np.ones((1, 1), dtype=np.int64)
    while len(matrix) < n:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


@pytest.mark.parametrize(("w", "h"), [(1 << w, 1 << h) for w in range(2, 7) for h in range(2, 7)])
def test_metrics(w: int, h: int) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        a = rng.integers(-1023, 1024, (h, w + 5), dtype=np.int16)[:, 3 : 3 + w]
        b = rng.integers(-1023, 1024, (h, w), dtype=np.int16)
        difference = a.astype(np.int64) - b
        assert _native_dev.sse(a, b, "scalar") == (difference**2).sum(), f"{seed=}"
        n = 4 if 4 in (w, h) else 8
        blocks = difference.reshape(h // n, n, w // n, n).transpose(0, 2, 1, 3)
        sums = np.abs(hadamard(n) @ blocks @ hadamard(n)).sum(axis=(2, 3))
        expected = ((sums + 1) >> 1 if n == 4 else (sums + 2) >> 2).sum()
        assert _native_dev.satd(a, b, "scalar") == expected, f"{seed=}"


def test_sse_of_the_largest_difference() -> None:
    a, b = np.full((64, 64), 16383, np.int16), np.full((64, 64), -16384, np.int16)
    assert _native_dev.sse(a, b, "scalar") == 4096 * 32767**2


def test_add_residual() -> None:
    rng = np.random.default_rng(1)
    prediction = rng.integers(0, 1024, (8, 24), dtype=np.int16)[:, 4:16]
    residual = rng.integers(-32768, 32768, (8, 12), dtype=np.int16)
    expected = np.clip(prediction.astype(int) + residual, 0, 1023)
    np.testing.assert_array_equal(_native_dev.add_residual(prediction, residual, 0, 1023, "scalar"), expected)


def test_bad_arguments() -> None:
    square = np.zeros((8, 8), np.int16)
    with pytest.raises(ValueError, match="coefficients must be"):
        _native_dev.inverse_transform(square, 3, 4)
    with pytest.raises(ValueError, match="nz out of range"):
        _native_dev.inverse_transform(square, 3, 3, nz_w=9)
    with pytest.raises(ValueError, match="at most 16"):
        _native_dev.inverse_transform(np.zeros((32, 32), np.int16), 5, 5, "dst")
    with pytest.raises(ValueError, match="log2"):
        _native_dev.forward_transform(square, 1, 3)
    with pytest.raises(ValueError, match="contiguous"):
        _native_dev.sse(square, square.T)
    with pytest.raises(ValueError, match="same shape"):
        _native_dev.satd(square, square[:4])
    with pytest.raises(ValueError, match="not available"):
        _native_dev.sse(square, square, "abacus")
    with pytest.raises(TypeError):
        _native_dev.sse(square.astype(np.float32), square)
