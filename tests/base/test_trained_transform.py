"""The trained transform of blocks of 4x4: orthogonal matrices, the native core against the reference decoder."""

import numpy as np
import pytest

from veneer import _native_dev
from veneer.reference.tables import trained
from veneer.reference.transform import _trained


def test_matrices_are_orthogonal() -> None:
    for matrix in trained() / 128:
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(16), atol=0.02)


@pytest.mark.parametrize("mode", range(23))
def test_as_the_reference(mode: int) -> None:
    rng = np.random.default_rng(mode)
    sparse = rng.integers(-400, 401, (4, 4)) * (rng.random((4, 4)) < 0.3)
    ends = rng.choice([-32767, 32767], (4, 4))
    for c in (sparse, rng.integers(-32767, 32768, (4, 4)), ends, np.zeros((4, 4), np.int64)):
        got = _native_dev.trained_inverse(c.astype(np.int16), mode=mode)
        np.testing.assert_array_equal(got, _trained(mode, c))


@pytest.mark.parametrize("mode", range(23))
def test_forward_is_the_inverse_of_the_inverse(mode: int) -> None:
    c = np.random.default_rng(mode).integers(-3000, 3001, (4, 4))
    coded = _native_dev.trained_forward((16 * c).astype(np.int32), mode=mode)
    back = _native_dev.trained_inverse(((coded + 8) >> 4).astype(np.int16), mode=mode)
    assert np.abs(back - c).max() < 0.005 * np.abs(c).max()
