"""Codes of ITU-T H.273: names, numbers, and curves against values of the standards."""

import math
from collections.abc import Callable

import numpy as np
import pytest

import veneer
from veneer import ErrorCode, VeneerError, colour


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("srgb", (1, 13, 0, 1)),
        ("Display-P3", (12, 13, 0, 1)),
        ("bt2020-pq", (9, 16, 0, 1)),
        ("bt2100-hlg", (9, 18, 0, 1)),
        ("9/16", (9, 16, 0, 1)),
        ("9/16/0", (9, 16, 0, 1)),
        ("9/16/0/0", (9, 16, 0, 0)),
    ],
)
def test_parse(text: str, expected: colour.Cicp) -> None:
    assert colour.parse_cicp(text) == expected


@pytest.mark.parametrize("text", ["", "p3ish", "9", "1/2/3", "9/16/9/1", "256/1/0/1", "1/1/0/2", "1/1/0/1/1", "a/b"])
def test_no_cicp(text: str) -> None:
    with pytest.raises(VeneerError) as caught:
        colour.parse_cicp(text)
    assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("cicp", [None, 5, (1, 2), (1, 13, 1, 1), ("a", 1, 0, 1)])
def test_bad_values(cicp: object) -> None:
    with pytest.raises(VeneerError, match="cicp must be"):
        colour.check_cicp(cicp)  # type: ignore[arg-type]


def test_encode_takes_names_and_numpy_numbers() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    assert veneer.read_info(veneer.encode(pixels, cicp="display-p3")).cicp == (12, 13, 0, 1)
    numbers = tuple(np.array([9, 16, 0, 1], np.uint8))
    assert veneer.read_info(veneer.encode(pixels, cicp=numbers)).cicp == (9, 16, 0, 1)


@pytest.mark.parametrize(
    ("cicp", "words"),
    [
        ((1, 13, 0, 1), "sRGB"),
        ((2, 2, 0, 1), "not specified, taken for sRGB"),
        ((12, 13, 0, 1), "Display P3"),
        ((9, 16, 0, 0), "BT.2100 PQ, video range"),
        ((12, 4, 0, 1), "P3 primaries, D65, gamma 2.2"),
        ((77, 200, 0, 1), "unknown primaries (77), unknown curve (200)"),
    ],
)
def test_words(cicp: colour.Cicp, words: str) -> None:
    assert colour.describe(cicp) == words


def test_what_is_srgb() -> None:
    assert all(colour.is_srgb(cicp) for cicp in [(1, 13, 0, 1), (2, 2, 0, 1), (1, 2, 0, 1), (2, 13, 0, 1)])
    assert not any(colour.is_srgb(cicp) for cicp in [(1, 13, 0, 0), (12, 13, 0, 1), (1, 8, 0, 1), (9, 2, 0, 1)])


def camera(light: float, alpha: float, beta: float, slope: float) -> float:
    return slope * light if light < beta else float(alpha * light**0.45 - (alpha - 1))


# The formulas of table 3 of H.273, from light to samples.
SAMPLE_OF_LIGHT: dict[int, Callable[[float], float]] = {
    1: lambda light: camera(light, 1.099296826809442, 0.018053968510807, 4.5),
    4: lambda light: light ** (1 / 2.2),
    5: lambda light: light ** (1 / 2.8),
    7: lambda light: camera(light, 1.1115, 0.0228, 4.0),
    8: lambda light: light,
    9: lambda light: 1 + math.log10(light) / 2,
    10: lambda light: 1 + math.log10(light) / 2.5,
    13: lambda light: 12.92 * light if light < 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055,
    17: lambda light: (48 * light / 52.37) ** (1 / 2.6),
}


@pytest.mark.parametrize("transfer", SAMPLE_OF_LIGHT)
def test_curves(transfer: int) -> None:
    curve = colour.linear_light(transfer)
    assert curve is not None
    light = curve(np.array([0.02, 0.25, 0.5, 0.75]))
    lowest = 1 if transfer in (9, 10) else 0  # of logarithms, black ends the scale
    samples = [SAMPLE_OF_LIGHT[transfer](float(value)) for value in light]
    assert samples[lowest:] == pytest.approx([0.02, 0.25, 0.5, 0.75][lowest:], abs=1e-4)
    assert curve(np.array([0.0, 1.0])) == pytest.approx([0.0, 1.0], abs=1e-9)
    assert all(colour.linear_light(code) is colour.linear_light(1) for code in (6, 11, 12, 14, 15))


@pytest.mark.parametrize("transfer", [0, 3, 19, 255])
def test_unknown_curves(transfer: int) -> None:
    assert colour.linear_light(transfer) is None


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_range_is_rolled_off(transfer: int) -> None:
    curve = colour.linear_light(transfer)
    assert curve is not None
    light = curve(np.linspace(0, 1, 500))
    assert (light[0], light[-1]) == pytest.approx((0, 1), abs=1e-6)
    assert (np.diff(light) >= -1e-9).all()
    # Below the knee nothing is changed: PQ of 50 cd/m2 is 0.4403; HLG 0.3 is 1000 * 0.03 ** 1.2 cd/m2.
    sample, expected = {16: (0.44028, 50 / 203), 18: (0.3, 1000 * 0.03**1.2 / 203)}[transfer]
    assert curve(np.array([sample]))[0] == pytest.approx(expected, rel=5e-3)


def test_known_primaries() -> None:
    p3 = colour.Chromaticities((0.68, 0.32), (0.2651, 0.69), (0.15, 0.0599), (0.3127, 0.329))
    assert colour.known_primaries(p3) == 12
    assert colour.known_primaries(colour.PRIMARIES[9]) == 9
    assert colour.known_primaries(colour.Chromaticities((0.7, 0.3), (0.2, 0.7), (0.1, 0.1), (0.33, 0.33))) is None
