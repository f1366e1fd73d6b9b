"""The display on which an HDR picture was made.

Source: docs/format.md, "Light of HDR pictures"; SMPTE ST 2086.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from veneer.arguments import check_integer, check_number, numbers_of, shown
from veneer.bitstream.metadata import MasteringNumbers
from veneer.errors import ErrorCode, VeneerError

Chromaticity = tuple[float, float]

_PLACES = 50_000  # units of a chromaticity in 1
_LIGHT = 10_000  # units of a luminance in 1 cd/m2
_MOST_PLACE, _MOST_LIGHT = 0xFFFF, 0xFFFFFFFF
_COLOURS = ("red", "green", "blue", "white")
_UNITS = 10


@dataclasses.dataclass(frozen=True)
class MasteringDisplay:
    """The display on which an HDR picture was made: its primaries, white point and luminance.

    Values are rounded to the units of a file on construction, so that those which are read compare equal.

    Attributes:
        red: x and y of CIE 1931, 0..1.3107, in steps of 0.00002.
        green: the same of the green primary.
        blue: the same of the blue primary.
        white: the same of the white point.
        max_luminance: in cd/m2, 0..429496.7295, in steps of 0.0001.
        min_luminance: the same of the smallest luminance.

    Raises:
        VeneerError: BAD_METADATA where a value is out of range.
    """

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity
    max_luminance: float
    min_luminance: float

    def __post_init__(self) -> None:
        for name in _COLOURS:
            place = numbers_of(getattr(self, name), 2)
            if place is None:
                raise _wrong(f"{name} must be x and y, not {shown(getattr(self, name))}")
            x, y = (
                _rounded(f"{name} {axis}", value, _PLACES, _MOST_PLACE) for axis, value in zip("xy", place, strict=True)
            )
            object.__setattr__(self, name, (x, y))
        for name in ("max_luminance", "min_luminance"):
            object.__setattr__(self, name, _rounded(name, getattr(self, name), _LIGHT, _MOST_LIGHT))

    @property
    def units(self) -> MasteringNumbers:
        """The integers of a file: x and y of red, green, blue and white in 0.00002, largest and smallest luminance in
        0.0001 cd/m2.
        """
        places = itertools.chain.from_iterable(getattr(self, name) for name in _COLOURS)
        rx, ry, gx, gy, bx, by, wx, wy = (round(value * _PLACES) for value in places)
        return rx, ry, gx, gy, bx, by, wx, wy, round(self.max_luminance * _LIGHT), round(self.min_luminance * _LIGHT)

    @classmethod
    def of_units(cls, units: Sequence[int]) -> MasteringDisplay:
        """The display that ten integers of a file describe; the inverse of `units`.

        Raises:
            VeneerError: BAD_METADATA where they are not ten integers, 0..65535 or of luminance 0..2^32 - 1.
        """
        values = numbers_of(units, _UNITS)
        if values is None:
            raise _wrong(f"units must be ten integers, not {shown(units)}")
        most = [_MOST_PLACE] * 8 + [_MOST_LIGHT] * 2
        numbers = [
            check_integer("units of a mastering display", value, 0, limit, ErrorCode.BAD_METADATA)
            for value, limit in zip(values, most, strict=True)
        ]
        places = [number / _PLACES for number in numbers[:8]]
        red, green, blue, white = zip(places[::2], places[1::2], strict=True)
        return cls(red, green, blue, white, numbers[8] / _LIGHT, numbers[9] / _LIGHT)


def _rounded(name: str, value: object, units: int, most: int) -> float:
    """A value as a file can hold it."""
    try:
        number = check_number(name, value, 0, (most + 0.5) / units)
    except VeneerError as error:
        raise _wrong(error.message) from None
    return min(round(number * units), most) / units


def _wrong(text: str) -> VeneerError:
    return VeneerError(ErrorCode.BAD_METADATA, f"mastering_display: {text}")
