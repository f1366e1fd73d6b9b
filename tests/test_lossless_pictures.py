"""Some of the generated pictures of benchmarks/lossless_equality.py, which tries many more."""

from __future__ import annotations

import numpy as np
import pytest
from lossless_pictures import ALPHAS, LONGEST, SORTS, Case, check, check_efforts, make_case

import veneer

SEED = 2026


@pytest.mark.parametrize("number", range(60))
def test_samples_come_back(number: int) -> None:
    case = make_case(SEED, number)
    check(case, SEED, number)


@pytest.mark.parametrize("number", range(0, 60, 6))
def test_more_effort_is_no_larger(number: int) -> None:
    check_efforts(make_case(SEED, number))


@pytest.mark.parametrize("number", [100, 140, 400])
def test_stored_samples_are_tried_where_they_are_smallest(number: int) -> None:
    """Few values of many: stored with maps they were smaller than what more effort had found without maps."""
    check_efforts(make_case(18, number))


def test_the_longest_sides() -> None:
    for shape in ((1, LONGEST, 1), (LONGEST, 1, 3)):
        samples = np.arange(np.prod(shape)).reshape(shape).astype(np.uint16)
        check(Case(samples, 16, "ramps", "", {"effort": 1, "max_error": 0, "exact": False, "tile_size": None}), SEED)


def test_cases_are_of_all_sorts() -> None:
    cases = [make_case(SEED, number) for number in range(300)]
    assert {case.depth for case in cases} == set(range(1, 17))
    assert {case.samples.shape[2] for case in cases} == {1, 2, 3, 4}
    assert {case.sort for case in cases} == set(SORTS)
    assert {case.alpha for case in cases} == {"", *ALPHAS}
    assert all(case.samples.max() < 1 << case.depth for case in cases)
    np.testing.assert_array_equal(make_case(SEED, 5).samples, cases[5].samples)


def test_what_does_not_hold_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(SEED, 0)
    wrong = case.samples.astype(np.uint16 if case.depth > 8 else np.uint8).copy()
    wrong[0, 0, 0] ^= 1
    monkeypatch.setattr(veneer, "decode", lambda *_, **__: wrong)
    exact = Case(case.samples, case.depth, case.sort, "", case.settings | {"max_error": 0, "exact": True})
    with pytest.raises(AssertionError, match="differ"):
        check(exact, SEED, 0)
