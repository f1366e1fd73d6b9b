"""Encoded bytes and decoded pixels are what they were: a change that is not meant to change them proves it here."""

from __future__ import annotations

import pytest
from golden.digests import Case, Digests, cases, digests_of, read_digests
from golden.pictures import PICTURES


@pytest.fixture(scope="module")
def pinned() -> dict[Case, Digests]:
    return read_digests()


@pytest.mark.usefixtures("encoding_as_installed")
@pytest.mark.parametrize("picture", PICTURES)
def test_digests(picture: str, pinned: dict[Case, Digests]) -> None:
    wanted = {case: pinned[case] for case in cases() if case.picture == picture}
    assert len(wanted) == 20
    assert {case: digests_of(case) for case in wanted} == wanted


def test_nothing_is_pinned_that_is_not_tried(pinned: dict[Case, Digests]) -> None:
    assert set(pinned) == set(cases())
