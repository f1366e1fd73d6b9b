"""Colour spaces: the codes of ITU-T H.273 that name the colour of a Veneer file, and equivalent ICC profiles.

Public, beside the names of `veneer` itself: commands and plugins use it too. Plain Python and NumPy.
"""

from veneer.colour.codes import (
    NAMES,
    PRIMARIES,
    SRGB,
    Chromaticities,
    Cicp,
    Curve,
    Samples,
    check_cicp,
    describe,
    is_srgb,
    known_primaries,
    linear_light,
    parse_cicp,
)
from veneer.colour.icc import (
    gamma_curve,
    grey_profile_of,
    icc_profile,
    make_profile,
    profile_cicp,
    profile_name,
    profile_space,
    rgb_profile_of,
    table_curve,
    transfer_curve,
)
from veneer.colour.images import colour_of_info

__all__ = [
    "NAMES",
    "PRIMARIES",
    "SRGB",
    "Chromaticities",
    "Cicp",
    "Curve",
    "Samples",
    "check_cicp",
    "colour_of_info",
    "describe",
    "gamma_curve",
    "grey_profile_of",
    "icc_profile",
    "is_srgb",
    "known_primaries",
    "linear_light",
    "make_profile",
    "parse_cicp",
    "profile_cicp",
    "profile_name",
    "profile_space",
    "rgb_profile_of",
    "table_curve",
    "transfer_curve",
]
