"""Filling in what is lost: known pixels stay, the rest follows them smoothly, whatever the shape and the region."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import make_picture

from veneer import _native
from veneer.base.layer import CELL

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def grown(lost: Mask, shape: tuple[int, ...], origin: tuple[int, int] = (0, 0)) -> Mask:
    """Which pixels of a region are lost."""
    pixels = lost.repeat(CELL, axis=0).repeat(CELL, axis=1)
    x, y = origin
    return pixels[y : y + shape[0], x : x + shape[1]]


def conceal(
    samples: npt.NDArray[Any], lost: Mask, origin: tuple[int, int] = (0, 0), preview: Pixels | None = None
) -> npt.NDArray[Any]:
    of_type = _native.conceal_levels if samples.dtype == np.uint8 else _native.conceal_quarters
    return of_type(samples, lost.astype(np.uint8), origin, preview, 0, samples.shape[2])


def fill(picture: Pixels, lost: Mask, garbage: int = 255, **options: object) -> Pixels:
    filled = picture.copy()
    filled[grown(lost, picture.shape, options.get("origin", (0, 0)))] = garbage  # type: ignore[arg-type]
    return conceal(filled, lost, **options)  # type: ignore[arg-type]


def slope(height: int, width: int) -> Pixels:
    y, x = np.mgrid[:height, :width]
    return np.stack([40 + x // 2, 200 - y // 3, 90 + (x + y) // 5], axis=-1).astype(np.uint8)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_known_pixels_stay_and_lost_ones_have_no_influence(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 200)), data.draw(st.integers(1, 200))
    x, y = data.draw(st.integers(0, 63)), data.draw(st.integers(0, 63))
    rows, columns = (y + height - 1) // CELL + 1, (x + width - 1) // CELL + 1
    lost = np.array(data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns)))
    lost = lost.reshape(rows, columns)
    picture = make_picture(200, 200)[:height, :width]
    first = fill(picture, lost, 0, origin=(x, y))
    known = ~grown(lost, picture.shape, (x, y))
    np.testing.assert_array_equal(first[known], picture[known])
    np.testing.assert_array_equal(fill(picture, lost, 255, origin=(x, y)), first)


def test_a_slope_goes_on_through_a_hole() -> None:
    picture = slope(256, 256)
    lost = np.zeros((4, 4), bool)
    lost[1:3, 1:3] = True
    filled = fill(picture, lost)
    error = np.abs(filled.astype(int) - picture)
    assert error.max() <= 8
    # No seam: beside the edge of the hole the picture changes no faster than the slope and a little more.
    steps = np.abs(np.diff(filled.astype(int), axis=1))[:, CELL - 1]
    assert steps.max() <= 2


def test_all_levels_of_a_flat_picture_come_back() -> None:
    for level in (0, 1, 127, 254, 255):
        picture = np.full((130, 130, 1), level, np.uint8)
        np.testing.assert_array_equal(fill(picture, np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1]], bool)), picture)


def test_nothing_known() -> None:
    filled = fill(make_picture(70, 70), np.ones((2, 2), bool))
    assert (filled == filled[0, 0]).all()


def test_quarters_are_filled_like_pixels() -> None:
    picture = slope(128, 192)
    lost = np.array([[0, 1, 0], [0, 0, 1]], bool)
    quarters = picture.astype(np.int16) * 4
    quarters[grown(lost, picture.shape)] = -1
    quarters = conceal(quarters, lost)
    assert quarters.min() >= 0
    assert quarters.max() <= 1020
    np.testing.assert_allclose((quarters + 2) >> 2, fill(picture, lost), atol=1)


@pytest.mark.parametrize("origin", [(0, 0), (17, 40)])
def test_the_preview_shows_through_without_a_seam(origin: tuple[int, int]) -> None:
    whole = make_picture(256, 256)
    small = whole.reshape(32, 8, 32, 8, 3).mean(axis=(1, 3)).round().astype(np.uint8)
    x, y = origin
    picture = np.ascontiguousarray(whole[y:, x:])
    lost = np.zeros((4, 4), bool)
    lost[1:, 1:] = True
    filled = fill(picture, lost, origin=origin, preview=small)
    plain = fill(picture, lost, origin=origin)
    hit = grown(lost, picture.shape, origin)
    error, plain_error = (np.abs(result[hit].astype(int) - picture[hit]).mean() for result in (filled, plain))
    assert error < 8
    assert error < plain_error / 3
