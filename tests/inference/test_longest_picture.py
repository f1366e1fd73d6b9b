"""The longest picture whose base has half its sides: 32768 of them, seen by networks as 65536."""

from __future__ import annotations

import numpy as np
import pytest
from networks import of_reference

from veneer import limits
from veneer.errors import VeneerError
from veneer.inference.builder import GraphBuilder
from veneer.inference.network import Network


def doubling() -> Network:
    builder = GraphBuilder("double")
    picture = builder.input("picture", 1, low=0, high=255)
    builder.output(builder.add("total", picture, picture, multiplier_a=1, shift=0, low=0, high=510))
    return Network(builder.build(), {})


@pytest.mark.parametrize("axis", [0, 1])
def test_one_more_than_the_longest_side(axis: int) -> None:
    network, size = doubling(), [1, 1]
    size[axis] = 2 * -(-limits.MAX_SIDE // 2)
    picture = (np.arange(size[axis]) % 251).astype(np.uint8).reshape(*size, 1)
    result = network.run({"picture": picture}, (size[0], size[1]))["total"]
    assert (result == of_reference(network).run({"picture": picture}, (size[0], size[1]))["total"]).all()
    size[axis] += 1
    with pytest.raises(VeneerError, match="out of range"):
        network.run({"picture": np.zeros((*size, 1), np.uint8)}, (size[0], size[1]))
