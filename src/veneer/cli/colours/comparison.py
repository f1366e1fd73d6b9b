"""Two pictures in one colour space, so that their samples can be compared."""

from __future__ import annotations

from collections.abc import Callable

from veneer import colour
from veneer.cli.colours.conversion import Pixels, says_srgb, to_srgb
from veneer.cli.colours.description import Colour

Note = Callable[[str], None]


def rgb_profile(described: Colour, notes: list[str]) -> bytes | None:
    """The ICC profile of a picture whose samples are, or have been made, RGB; None for sRGB.

    What cannot be told is taken for sRGB, with a note.
    """
    if described.icc is None and colour.is_srgb(described.cicp):
        return None
    profile = described.icc or colour.icc_profile(described.cicp)
    if profile is not None and colour.profile_space(profile) == "GRAY":
        profile = colour.rgb_profile_of(profile)
    if profile is None or colour.profile_space(profile) != "RGB":
        notes.append("its colour space cannot be told, and is taken for sRGB")
        return None
    return None if says_srgb(profile) else profile


def in_one_space(
    a: Pixels, profile_a: bytes | None, b: Pixels, profile_b: bytes | None, notes: tuple[Note, Note]
) -> tuple[Pixels, Pixels, bytes | None]:
    """Two pictures as they are where their profiles are the same, else both in sRGB.

    Args:
        a: uint8 RGB [H, W, 3].
        profile_a: its profile, as `rgb_profile` gives it.
        b: the other, of any size.
        profile_b: its profile.
        notes: what takes notes on a and on b.

    Returns:
        Both pictures, and the profile of both; None for sRGB.
    """
    if profile_a == profile_b:
        return a, b, profile_a
    return _as_srgb(a, profile_a, notes[0]), _as_srgb(b, profile_b, notes[1]), None


def _as_srgb(pixels: Pixels, profile: bytes | None, note: Note) -> Pixels:
    if profile is None:
        return pixels
    name = colour.profile_name(profile) or "its colour space"
    converted = to_srgb(pixels, profile)
    if converted is None:
        note(f"its ICC profile {name} cannot be used, and is taken for sRGB")
        return pixels
    note(f"its colour space is another than that of the other picture: it is converted from {name} to sRGB")
    return converted
