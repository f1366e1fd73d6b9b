"""Chroma by slopes of the rim: the native decoder against the reference, on ordinary samples and on extremes."""

import types
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from veneer import _native_dev
from veneer.reference.depth import Depth
from veneer.reference.derived import derived
from veneer.reference.tile import Leaf, Tile

SHAPES = [(w, h) for w in range(2, 7) for h in range(2, 7) if abs(w - h) <= 1]  # log2
Planes = npt.NDArray[np.int16]


def blocks(rng: np.random.Generator, h: int, w: int) -> list[Planes]:
    """Planes [3, h + 1, w + 1]: noise, chroma that follows luma, samples at the ends of their ranges, flat ones."""
    noise = np.stack([rng.integers(0, 1021, (h + 1, w + 1)), *rng.integers(-510, 511, (2, h + 1, w + 1))])
    following = noise.copy()
    following[1] = (noise[0] - 512) // 3 + rng.integers(-3, 4, (h + 1, w + 1))
    following[2] = np.clip(noise[0] // 4 - following[1] // 2, -510, 510)
    ends = np.where(rng.random((3, h + 1, w + 1)) < 0.5, -510, 510)
    ends[0] += 510
    together = ends.copy()
    together[1] = ends[0] - 510
    together[2] = -together[1]
    flat = np.broadcast_to(np.array([1020, -510, 510])[:, None, None], noise.shape)
    return [planes.astype(np.int16) for planes in (noise, following, ends, together, flat)]


@pytest.mark.parametrize(("log2_w", "log2_h"), SHAPES)
def test_as_the_reference(log2_w: int, log2_h: int) -> None:
    w, h = 1 << log2_w, 1 << log2_h
    for index, planes in enumerate(blocks(np.random.default_rng(7), h, w)):
        for above, left in ((True, True), (True, False), (False, True), (False, False)):
            # Where a side is not there the block lies at the end of the tile.
            parts = [p.astype(np.int64)[not above :, not left :] for p in planes]
            tile = types.SimpleNamespace(planes=parts, depth=Depth(8))
            leaf = Leaf(1, int(left), int(above), w, h)
            for p in (0, 1):
                part = np.ascontiguousarray(planes)
                np.testing.assert_array_equal(
                    _native_dev.predict_derived_block(part, above, left, p, log2_w, log2_h),
                    derived(cast(Tile, tile), leaf, p),
                    err_msg=f"{index=} {above=} {left=} {p=}",
                )


def test_follows_luma() -> None:
    """Chroma that is a line of luma is predicted to a level or two."""
    rng = np.random.default_rng(1)
    planes = np.zeros((3, 17, 17), np.int16)
    planes[0] = rng.integers(0, 1021, (17, 17))
    planes[1] = (planes[0] - 500) // 2
    planes[2] = planes[1] // -2 + 40
    for p in (0, 1):
        predicted = _native_dev.predict_derived_block(planes, True, True, p, 4, 4)
        assert np.abs(predicted - planes[1 + p, 1:, 1:]).max() <= 6
