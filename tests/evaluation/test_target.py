"""Encoding to a measured quality."""

from __future__ import annotations

import numpy as np
import pytest
from samples import make_picture

import veneer

pytest.importorskip("ssimulacra2")

from veneer.evaluation.ssimulacra2 import Reference
from veneer.evaluation.target import encode_to_ssimulacra2


@pytest.mark.parametrize("target", [85.0, 40.0])
def test_reached_and_not_far_above(target: float) -> None:
    picture = make_picture(72, 104)
    reference = Reference(picture)

    def score(data: bytes) -> float:
        return reference.score(veneer.decode(data))

    data = encode_to_ssimulacra2(picture, target, effort=1)
    assert score(data) >= target
    step = veneer.read_info(data).step_index
    assert data == veneer.encode(picture, step_index=step, effort=1)
    assert score(veneer.encode(picture, step_index=step + 1, effort=1)) < target


def test_grey_and_alpha() -> None:
    picture = make_picture(40, 56)
    for pixels in (picture[:, :, 0], np.dstack([picture, picture[:, :, :1]])):
        data = encode_to_ssimulacra2(pixels, 60, effort=1)
        assert veneer.decode(data).shape == np.atleast_3d(pixels).shape


def test_refusals() -> None:
    with pytest.raises(veneer.VeneerError, match="8 x 8"):
        encode_to_ssimulacra2(make_picture(7, 20), 60)
    with pytest.raises(veneer.VeneerError, match="even the finest"):
        encode_to_ssimulacra2(make_picture(40, 56), 100, effort=1)
