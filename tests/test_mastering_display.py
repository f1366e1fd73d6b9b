"""Displays on which HDR pictures are made: their units, and what is none."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veneer import ErrorCode, MasteringDisplay, VeneerError

BT2020 = ((0.708, 0.292), (0.17, 0.797), (0.131, 0.046), (0.3127, 0.329))

units = st.tuples(*[st.integers(0, 65535)] * 8, *[st.integers(0, 2**32 - 1)] * 2)


def test_units_of_bt2020() -> None:
    display = MasteringDisplay(*BT2020, max_luminance=1000, min_luminance=0.005)
    assert display.units == (35400, 14600, 8500, 39850, 6550, 2300, 15635, 16450, 10_000_000, 50)


@given(units)
def test_there_and_back(numbers: tuple[int, ...]) -> None:
    display = MasteringDisplay.of_units(numbers)
    assert display.units == numbers
    assert MasteringDisplay(**dataclasses.asdict(display)) == display


def test_values_are_rounded() -> None:
    rough = MasteringDisplay(*BT2020[:3], white=[0.312701, 0.329004], max_luminance=1000.00004, min_luminance=0)
    assert rough == MasteringDisplay(*BT2020, max_luminance=1000, min_luminance=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"red": (0.7,)}, "red must be x and y"),
        ({"green": 0.3}, "green must be x and y"),
        ({"blue": (0.1, 1.4)}, r"blue y must be 0\.\.1\.3107"),
        ({"white": (-0.1, 0.3)}, "white x must be"),
        ({"white": ("a", 0.3)}, "white x must be a number"),
        ({"max_luminance": 430_000}, "max_luminance must be"),
        ({"min_luminance": float("nan")}, "min_luminance must be a number"),
    ],
)
def test_values_that_no_display_has(change: dict[str, Any], message: str) -> None:
    colours = dict(zip(("red", "green", "blue", "white"), BT2020, strict=True))
    values = {"max_luminance": 1000, "min_luminance": 0.1, **colours}
    with pytest.raises(VeneerError, match=f"mastering_display: {message}") as caught:
        MasteringDisplay(**{**values, **change})
    assert caught.value.code == ErrorCode.BAD_METADATA


@pytest.mark.parametrize("numbers", [(1,) * 9, 5, (65536, *[0] * 9), (*[0] * 9, -1), (*[0] * 9, 1 << 32), (0.5,) * 10])
def test_units_that_are_none(numbers: Any) -> None:
    with pytest.raises(VeneerError) as caught:
        MasteringDisplay.of_units(numbers)
    assert caught.value.code == ErrorCode.BAD_METADATA
