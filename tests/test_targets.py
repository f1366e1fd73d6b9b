"""The CPU features that the core reports, and the choice of kernels by name."""

from collections.abc import Iterator

import pytest

from veneer import _native_dev
from veneer.backend import cpu_features, force_target


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    force_target("auto")


def test_features() -> None:
    features = cpu_features()
    assert set(features) == {"avx2", "avx512", "neon"}
    assert all(isinstance(value, bool) for value in features.values())
    assert features["avx2"] or not features["avx512"]


@pytest.mark.parametrize("name", ["scalar", "avx2", "avx512", "neon"])
def test_a_target_is_taken_where_it_is_there(name: str) -> None:
    assert force_target(name) == (name in _native_dev.transform_targets())


def test_best_target_is_always_there() -> None:
    assert force_target("auto")


def test_unknown_name() -> None:
    with pytest.raises(ValueError, match="no such target"):
        force_target("sse9")
