"""Codes of ITU-T H.273 (CICP): their names, primaries and curves.

Source: ITU-T H.273 (07/2024), tables 2 and 3; ITU-R BT.2100-3, table 5, for HLG with its system gamma;
ITU-R BT.2390-11, 5.4.1, for the roll-off of high dynamic range.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy
import numpy.typing

from veneer.arguments import check_integer, numbers_of, shown
from veneer.errors import ErrorCode, VeneerError

# Colour primaries, transfer characteristics, matrix coefficients and range of ITU-T H.273.
Cicp = tuple[int, int, int, int]
SRGB: Cicp = (1, 13, 0, 1)

UNSPECIFIED = 2
DEFAULT_PRIMARIES = 1
DEFAULT_TRANSFER = 13
LINEAR = 8
PQ = 16
HLG = 18

# Colour spaces by the names that options take.
NAMES: dict[str, Cicp] = {
    "srgb": SRGB,
    "linear-srgb": (1, LINEAR, 0, 1),
    "gamma22": (1, 4, 0, 1),
    "bt709": (1, 1, 0, 1),
    "display-p3": (12, 13, 0, 1),
    "linear-p3": (12, LINEAR, 0, 1),
    "p3-pq": (12, PQ, 0, 1),
    "dci-p3": (11, 17, 0, 1),
    "bt2020": (9, 14, 0, 1),
    "linear-bt2020": (9, LINEAR, 0, 1),
    "bt2020-pq": (9, PQ, 0, 1),
    "bt2020-hlg": (9, HLG, 0, 1),
    "bt2100-pq": (9, PQ, 0, 1),
    "bt2100-hlg": (9, HLG, 0, 1),
}

_TITLES: dict[tuple[int, int], str] = {
    (1, 13): "sRGB",
    (1, 8): "linear sRGB",
    (1, 1): "BT.709",
    (12, 13): "Display P3",
    (9, 14): "BT.2020",
    (9, 1): "BT.2020",
    (9, 15): "BT.2020",
    (9, PQ): "BT.2100 PQ",
    (9, HLG): "BT.2100 HLG",
}

_D65 = (0.3127, 0.3290)
_C = (0.310, 0.316)


@dataclasses.dataclass(frozen=True)
class Chromaticities:
    """CIE 1931 x and y of a colour space's red, green, blue and white."""

    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]
    white: tuple[float, float]

    @property
    def primaries(self) -> tuple[tuple[float, float], ...]:
        """Red, green and blue."""
        return self.red, self.green, self.blue

    def near(self, other: Chromaticities, tolerance: float) -> bool:
        """Whether no coordinate of two spaces differs by more than `tolerance`."""
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return all(abs(a - b) <= tolerance for pair in pairs for a, b in zip(*pair, strict=True))


PRIMARIES: dict[int, Chromaticities] = {
    1: Chromaticities((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    4: Chromaticities((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Chromaticities((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: Chromaticities((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: Chromaticities((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    8: Chromaticities((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: Chromaticities((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    10: Chromaticities((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),
    11: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: Chromaticities((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}

_PRIMARIES_TITLES = {
    1: "BT.709 primaries",
    4: "BT.470 M primaries",
    5: "BT.601 (625 lines) primaries",
    6: "BT.601 (525 lines) primaries",
    7: "SMPTE 240M primaries",
    8: "film primaries",
    9: "BT.2020 primaries",
    10: "XYZ",
    11: "DCI-P3 primaries",
    12: "P3 primaries, D65",
    22: "EBU 3213 primaries",
}

_TRANSFER_TITLES = {
    1: "BT.709 curve",
    4: "gamma 2.2",
    5: "gamma 2.8",
    6: "BT.601 curve",
    7: "SMPTE 240M curve",
    8: "linear",
    9: "logarithmic, 100:1",
    10: "logarithmic, 316:1",
    11: "IEC 61966-2-4 curve",
    12: "BT.1361 curve",
    13: "sRGB curve",
    14: "BT.2020 curve",
    15: "BT.2020 curve",
    16: "PQ",
    17: "SMPTE 428 curve",
    18: "HLG",
}

Samples = numpy.typing.NDArray[numpy.float64]
Curve = Callable[[Samples], Samples]

# Tone curve of the profiles that show PQ and HLG on a display without: from a peak that most masters have, to a white
# of 203 cd/m2 (ITU-R BT.2408, the level of diffuse white).
PEAK_NITS = 1000.0
WHITE_NITS = 203.0
HLG_SYSTEM_GAMMA = 1.2


def parse_cicp(text: str) -> Cicp:
    """A CICP by a name of `NAMES`, or as numbers with slashes: P/T, P/T/M or P/T/M/R.

    Args:
        text: such as "display-p3", "9/16" or "9/16/0/1".

    Returns:
        The four numbers; matrix 0 (RGB) and range 1 (full) where they are left out.

    Raises:
        VeneerError: BAD_SETTING, where it is neither, or has another matrix than that of RGB.
    """
    name = text.strip().lower()
    if name in NAMES:
        return NAMES[name]
    try:
        numbers = [int(part) for part in name.split("/")]
    except ValueError:
        numbers = []
    if not 2 <= len(numbers) <= 4:
        known = ", ".join(NAMES)
        what = f"cicp {text!r} is neither numbers such as 9/16/0/1 nor one of {known}"
        raise VeneerError(ErrorCode.BAD_SETTING, what)
    primaries, transfer, matrix, full_range = (*numbers, *(0, 1)[len(numbers) - 2 :])
    return check_cicp((primaries, transfer, matrix, full_range))


def check_cicp(cicp: Cicp | str) -> Cicp:
    """Four numbers that HEAD can hold.

    Raises:
        VeneerError: BAD_SETTING, where `cicp` is invalid.
    """
    if isinstance(cicp, str):
        return parse_cicp(cicp)
    text = f"cicp must be (0..255, 0..255, 0, 0..1), since samples are RGB or grey, not {shown(cicp)}"
    values = numbers_of(cicp, 4)
    if values is None:
        raise VeneerError(ErrorCode.BAD_SETTING, text)
    if isinstance(values[3], (bool, numpy.bool_)):  # the range is a flag
        values[3] = int(values[3])
    try:
        primaries, transfer = (check_integer("cicp", value, 0, 255) for value in values[:2])
        matrix, full_range = (check_integer("cicp", *each) for each in ((values[2], 0, 0), (values[3], 0, 1)))
    except VeneerError:
        raise VeneerError(ErrorCode.BAD_SETTING, text) from None
    return primaries, transfer, matrix, full_range


def without_unspecified(cicp: Cicp) -> Cicp:
    """The CICP with sRGB's primaries and curve where none are said."""
    primaries, transfer, matrix, full_range = cicp
    primaries = DEFAULT_PRIMARIES if primaries == UNSPECIFIED else primaries
    transfer = DEFAULT_TRANSFER if transfer == UNSPECIFIED else transfer
    return primaries, transfer, matrix, full_range


def is_srgb(cicp: Cicp) -> bool:
    """Whether a CICP says sRGB, or nothing: what pictures without a description of colour are."""
    return without_unspecified(cicp) == SRGB


def describe(cicp: Cicp) -> str:
    """A CICP in words, such as "Display P3" or "BT.2020 primaries, linear, video range"."""
    if cicp[:2] == (UNSPECIFIED, UNSPECIFIED):
        words = "not specified, taken for sRGB"
    else:
        primaries, transfer = without_unspecified(cicp)[:2]
        pieces = (
            _PRIMARIES_TITLES.get(primaries, f"unknown primaries ({primaries})"),
            _TRANSFER_TITLES.get(transfer, f"unknown curve ({transfer})"),
        )
        words = _TITLES.get((primaries, transfer)) or ", ".join(pieces)
    return words if cicp[3] else f"{words}, video range"


def known_primaries(chromaticities: Chromaticities, tolerance: float = 0.002) -> int | None:
    """The code of primaries and white that are nearly these; None where there is none."""
    for code, known in PRIMARIES.items():
        if known.near(chromaticities, tolerance):
            return code
    return None


def linear_light(transfer: int) -> Curve | None:
    """The curve from samples 0..1 to linear light 0..1 of a transfer characteristic; None where the code is unknown.

    Light of PQ and HLG is that of a display whose white is 203 cd/m2: highlights up to 1000 cd/m2 are rolled off as
    ITU-R BT.2390 does it.
    """
    return _CURVES.get(DEFAULT_TRANSFER if transfer == UNSPECIFIED else transfer)


def _power(gamma: float, scale: float = 1.0) -> Curve:
    return lambda samples: numpy.minimum(scale * samples**gamma, 1.0)


def _line_and_power(alpha: float, slope: float, threshold: float, gamma: float) -> Curve:
    """The inverse of a camera's curve: a line up to a threshold of samples, then a power."""

    def curve(samples: Samples) -> Samples:
        power = ((samples + alpha - 1) / alpha) ** gamma
        return numpy.where(samples < threshold, samples / slope, power)

    return curve


def _logarithmic(decades: float) -> Curve:
    """Samples are logarithms over so many decades; 0 is black."""
    return lambda samples: numpy.where(samples > 0, 10 ** (decades * (samples - 1)), 0.0)


_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


def _pq_nits(samples: Samples) -> Samples:
    power = samples ** (1 / _M2)
    light = (numpy.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)
    return numpy.asarray(10000.0 * light)


def _pq_samples(nits: Samples) -> Samples:
    power = (nits / 10000.0) ** _M1
    return numpy.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def _hlg_nits(samples: Samples) -> Samples:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = numpy.where(samples <= 0.5, samples**2 / 3, (numpy.exp((samples - c) / a) + b) / 12)
    return numpy.asarray(PEAK_NITS * scene**HLG_SYSTEM_GAMMA)


def rolled_off(nits: Samples) -> Samples:
    """Light 0..1 of a white of 203 cd/m2 for light of up to 1000: BT.2390's EETF, applied to each channel."""
    peak, white = (float(_pq_samples(numpy.float64(level))) for level in (PEAK_NITS, WHITE_NITS))  # type: ignore[arg-type]
    source = numpy.minimum(_pq_samples(nits) / peak, 1.0)
    top = white / peak
    knee = 1.5 * top - 0.5
    t = numpy.clip((source - knee) / (1 - knee), 0, 1)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    shown = numpy.where(source < knee, source, spline)
    return numpy.asarray(numpy.minimum(_pq_nits(shown * peak) / WHITE_NITS, 1.0))


_BT709 = _line_and_power(1.099296826809442, 4.5, 4.5 * 0.018053968510807, 1 / 0.45)

_CURVES: dict[int, Curve] = {
    1: _BT709,
    4: _power(2.2),
    5: _power(2.8),
    6: _BT709,
    7: _line_and_power(1.1115, 4.0, 4 * 0.0228, 1 / 0.45),
    LINEAR: _power(1.0),
    9: _logarithmic(2.0),
    10: _logarithmic(2.5),
    11: _BT709,
    12: _BT709,
    13: _line_and_power(1.055, 12.92, 0.04045, 2.4),
    14: _BT709,
    15: _BT709,
    PQ: lambda samples: rolled_off(_pq_nits(samples)),
    17: _power(2.6, 52.37 / 48),
    HLG: lambda samples: rolled_off(_hlg_nits(samples)),
}
