"""Description of the colour of a picture file, in the form that a Veneer file keeps."""

from __future__ import annotations

import dataclasses

from veneer import colour
from veneer.colour import Chromaticities, Cicp

_SRGB_PRIMARIES, _SRGB_TRANSFER = colour.SRGB[:2]
_SRGB_GAMMA_TOLERANCE = 0.0101  # 0.45 and 0.4545 of gAMA both mean sRGB, as libpng takes them
_GAMMA_TOLERANCE = 0.002
_KNOWN_GAMMAS = {1.0: 8, 2.2: 4, 2.8: 5}
_LEAST_GAMMA, _MOST_GAMMA = 0.1, 10.0

_MADE_NAME = "made from gamma and primaries"  # of profiles

# Adobe RGB (1998), sections 4.3.1.2 and 4.3.1.3.
_ADOBE_RGB = Chromaticities((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), (0.3127, 0.3290))
_ADOBE_GAMMA = 2 + 51 / 256


@dataclasses.dataclass(frozen=True)
class Colour:
    """A description of colour.

    Attributes:
        cicp: codes of ITU-T H.273.
        icc: ICC profile, which stands before them; or None.
    """

    cicp: Cicp = colour.SRGB
    icc: bytes | None = None


def adobe_rgb() -> Colour:
    """Adobe RGB (1998), for which there is no CICP."""
    return Colour(icc=colour.make_profile("Adobe RGB (1998)", _ADOBE_RGB, [colour.gamma_curve(_ADOBE_GAMMA)]))


def from_gamma(gamma: float | None, chromaticities: Chromaticities | None, grey: bool) -> Colour:
    """The colour of a power and of primaries: a CICP where there is one, else an ICC profile.

    A gamma of 2.2 beside the primaries of sRGB, or alone, is sRGB: that is what writers of PNG mean by it.

    Args:
        gamma: exponent from samples to light; None where the file says nothing, which is sRGB's curve.
        chromaticities: None where the file says nothing, which is sRGB's primaries.
        grey: whether the picture is grey.

    Returns:
        The colour.

    Raises:
        ValueError: a value makes no sense.
    """
    if gamma is not None and not _LEAST_GAMMA <= gamma <= _MOST_GAMMA:
        raise ValueError(f"a gamma of {gamma:g} makes no sense")
    primaries = 1 if chromaticities is None else colour.known_primaries(chromaticities)
    transfer = _transfer_of(gamma, primaries)
    if primaries is not None and transfer is not None:
        return Colour((primaries, transfer, 0, 1))
    curve = colour.gamma_curve(gamma) if gamma is not None else colour.transfer_curve(_SRGB_TRANSFER)
    return from_curves([curve or b""], chromaticities, grey)


def from_curves(curves: list[bytes], chromaticities: Chromaticities | None, grey: bool) -> Colour:
    """The colour of curves as ICC profiles have them, one or three, and of primaries: an ICC profile.

    Raises:
        ValueError: white cannot be mixed of these primaries.
    """
    primaries = chromaticities or colour.PRIMARIES[_SRGB_PRIMARIES]
    profile = colour.make_profile(_MADE_NAME, primaries, curves)
    return Colour(icc=colour.make_profile(_MADE_NAME, None, curves) if grey else profile)


def _transfer_of(gamma: float | None, primaries: int | None) -> int | None:
    """The code of a power; None where there is none."""
    if gamma is None or (primaries == _SRGB_PRIMARIES and abs(2.2 / gamma - 1) <= _SRGB_GAMMA_TOLERANCE):
        return _SRGB_TRANSFER
    for known, code in _KNOWN_GAMMAS.items():
        if abs(known / gamma - 1) <= _GAMMA_TOLERANCE:
            return code
    return None
