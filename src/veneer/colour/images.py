"""Colour of images in memory, as Pillow keeps it: in a dictionary beside the samples."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from veneer.colour.codes import SRGB, Cicp, check_cicp
from veneer.colour.icc import icc_profile, profile_space, rgb_profile_of


def colour_of_info(info: Mapping[Any, Any], *, grey: bool) -> tuple[bytes | None, Cicp]:
    """The colour of the samples of a Pillow image, by its `info`.

    A profile that was made of `info["cicp"]`, as the plugin for Pillow makes it, says the same as that. Another one is
    newer than the CICP, such as that of a conversion, and stands before it.

    Args:
        info: with `icc_profile` and `cicp`, each of which may be missing.
        grey: whether the samples are grey.

    Returns:
        ICC profile, or None, and CICP. A profile for other samples than these, which `Image.convert` leaves there, is
        changed to one for these, or left out with a warning.

    Raises:
        VeneerError: BAD_SETTING, where `info["cicp"]` is invalid.
    """
    icc, cicp = info.get("icc_profile") or None, info.get("cicp")
    if cicp is None:
        return _fitting(icc, grey), SRGB
    cicp = check_cicp(cicp)
    if icc in (None, icc_profile(cicp), icc_profile(cicp, grey=True)):
        return None, cicp
    return _fitting(icc, grey), SRGB


def _fitting(icc: bytes | None, grey: bool) -> bytes | None:
    """The profile for samples that `convert` may have changed: Pillow keeps the old profile then."""
    space = None if icc is None else profile_space(icc)
    if icc is None or space in ("RGB", None) or (space == "GRAY" and grey):
        return icc
    fitting = rgb_profile_of(icc)
    if fitting is None:
        text = f"the ICC profile is for {space} samples, not for these, and is left out; name one for them"
        warnings.warn(text, stacklevel=2)
    return fitting
