"""ICC profiles: makes profiles for a CICP or for measured primaries, and reads the few properties needed of others.

Profiles made here are the same bytes for the same colour: no time stamp and no identifier.
Source: ICC.1:2022 (version 4.4), chapters 7 to 10; Annex E for Bradford's adaptation to D50.
"""

from __future__ import annotations

import functools
import struct

import numpy
import numpy.typing

from veneer.colour.codes import (
    HLG,
    LINEAR,
    PQ,
    PRIMARIES,
    Chromaticities,
    Cicp,
    Samples,
    describe,
    linear_light,
    without_unspecified,
)

Matrix = numpy.typing.NDArray[numpy.float64]

D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = numpy.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

_HEADER_SIZE = 128
_VERSION_4_3 = 0x04300000
_VERSION_4_4 = 0x04400000  # has the tag cicp
_MADE_ON = (2026, 1, 1, 0, 0, 0)  # always: the bytes of a profile do not depend on when it is made

# Samples of 8 bits fall on entries of a table: 255 steps, each in four parts.
_TABLE_ENTRIES = 255 * 4 + 1
_VIDEO_BLACK, _VIDEO_STEPS = 16, 219  # of range 0 in 8 bits

# Curves that ICC's parametric types 0 (a power) and 3 (a line, then a power) say exactly.
_PARAMETRIC: dict[int, tuple[float, ...]] = {
    4: (2.2,),
    5: (2.8,),
    LINEAR: (1.0,),
    13: (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4.0, 4 * 0.0228),
}
_BT709 = (1 / 0.45, 1 / 1.099296826809442, 0.099296826809442 / 1.099296826809442, 1 / 4.5, 4.5 * 0.018053968510807)
_PARAMETRIC |= dict.fromkeys((1, 6, 11, 12, 14, 15), _BT709)

_HIGH_RANGE = (PQ, HLG)


@functools.lru_cache(maxsize=64)
def icc_profile(cicp: Cicp, *, grey: bool = False) -> bytes | None:
    """An ICC profile that says what a CICP says.

    Samples of video range are stretched by the profile's curve. Profiles of PQ and HLG have the tag `cicp` of ICC 4.4
    for readers that know it; for others their curve rolls highlights off, see `linear_light`.

    Args:
        cicp: primaries, transfer characteristics, matrix and range of ITU-T H.273.
        grey: make one for grey pictures instead of RGB.

    Returns:
        The profile, or None where a code is unknown.
    """
    primaries, transfer, _, full_range = without_unspecified(cicp)
    chromaticities = PRIMARIES.get(primaries)
    curve = transfer_curve(transfer, full_range=bool(full_range))
    if chromaticities is None or curve is None:
        return None
    tagged = cicp if transfer in _HIGH_RANGE and not grey else None
    return make_profile(describe(cicp), None if grey else chromaticities, [curve], tagged)


def make_profile(
    name: str, chromaticities: Chromaticities | None, curves: list[bytes], cicp: Cicp | None = None
) -> bytes:
    """An ICC profile of a display.

    Args:
        name: that readers show.
        chromaticities: of the primaries and white; None for a grey profile, which has one curve.
        curves: one, or three for red, green and blue, as `gamma_curve` and `table_curve` give them.
        cicp: to be said in the tag `cicp` as well.

    Returns:
        The profile.

    Raises:
        ValueError: no light can be mixed of these primaries.
    """
    tags = {b"desc": _text(name), b"cprt": _text("No copyright"), b"wtpt": _xyz(D50)}
    if chromaticities is None:
        tags[b"kTRC"] = curves[0]
    else:
        colorants, adaptation = adapted_colorants(chromaticities)
        tags[b"chad"] = b"sf32" + bytes(4) + b"".join(map(_fixed, adaptation.ravel()))
        for index, channel in enumerate("rgb"):
            tags[f"{channel}XYZ".encode()] = _xyz(colorants[:, index])
            tags[f"{channel}TRC".encode()] = curves[min(index, len(curves) - 1)]
    if cicp is not None:
        tags[b"cicp"] = b"cicp" + bytes(4) + bytes(cicp)
    version = _VERSION_4_3 if cicp is None else _VERSION_4_4
    return _assemble(b"GRAY" if chromaticities is None else b"RGB ", version, tags)


def adapted_colorants(chromaticities: Chromaticities) -> tuple[Matrix, Matrix]:
    """XYZ of red, green and blue as columns, adapted to D50, and the adaptation.

    Raises:
        ValueError: no light can be mixed of these primaries.
    """
    columns = [(x, y, 1 - x - y) for x, y in (chromaticities.red, chromaticities.green, chromaticities.blue)]
    primaries = numpy.array(columns).T
    x, y = chromaticities.white
    if y <= 0 or abs(float(numpy.linalg.det(primaries))) < 1e-4:
        raise ValueError("no colours can be mixed of these primaries")
    white = numpy.array([x / y, 1, (1 - x - y) / y])
    amounts = numpy.linalg.solve(primaries, white)
    cones_of_white, cones_of_d50 = _BRADFORD @ white, _BRADFORD @ numpy.array(D50)
    if (amounts <= 0).any() or (cones_of_white <= 0).any():
        raise ValueError("white cannot be mixed of these primaries")
    adaptation = numpy.linalg.inv(_BRADFORD) @ numpy.diag(cones_of_d50 / cones_of_white) @ _BRADFORD
    return adaptation @ (primaries * amounts), adaptation


def gamma_curve(gamma: float) -> bytes:
    """A curve whose light is a power of the sample; gamma above 0 and below 32768."""
    return _parametric((gamma,))


def table_curve(light: Samples) -> bytes:
    """A curve by a table: light 0..1 for evenly spaced samples."""
    values = numpy.rint(numpy.clip(light, 0, 1) * 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", len(values)) + values.tobytes()


def transfer_curve(transfer: int, *, full_range: bool = True) -> bytes | None:
    """The curve of a transfer characteristic of ITU-T H.273; None where the code is unknown."""
    if full_range and transfer in _PARAMETRIC:
        return _parametric(_PARAMETRIC[transfer])
    light = linear_light(transfer)
    if light is None:
        return None
    samples = numpy.arange(_TABLE_ENTRIES) / (_TABLE_ENTRIES - 1)
    if not full_range:
        samples = numpy.clip((samples * 255 - _VIDEO_BLACK) / _VIDEO_STEPS, 0, 1)
    return table_curve(light(samples))


def _parametric(values: tuple[float, ...]) -> bytes:
    kind = {1: 0, 5: 3}[len(values)]
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + b"".join(map(_fixed, values))


def _fixed(value: float) -> bytes:
    """s15Fixed16Number."""
    return struct.pack(">i", round(value * 65536))


def _xyz(values: tuple[float, ...] | Samples) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _text(text: str) -> bytes:
    """MultiLocalizedUnicodeType with one text, in English."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _assemble(space: bytes, version: int, tags: dict[bytes, bytes]) -> bytes:
    """Header, table of tags and tags; tags with the same content share it."""
    places: dict[bytes, int] = {}
    content = b""
    start = _HEADER_SIZE + 4 + 12 * len(tags)
    table = struct.pack(">I", len(tags))
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(content)
            content += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    header = struct.pack(
        ">I4xI4s4s4s6H4s4xI20x",
        start + len(content),
        version,
        b"mntr",
        space,
        b"XYZ ",
        *_MADE_ON,
        b"acsp",
        0,
    )
    illuminant = b"".join(map(_fixed, D50))
    return (header + illuminant).ljust(_HEADER_SIZE, b"\0") + table + content


# --- Profiles of others -----------------------------------------------------------------------------------------------


def profile_space(profile: bytes) -> str | None:
    """The space of the samples that a profile is for, such as "RGB", "GRAY", "CMYK" or "Lab".

    Args:
        profile: perhaps damaged.

    Returns:
        The space; None where this is no profile, or is cut.
    """
    if len(profile) < _HEADER_SIZE + 4 or profile[36:40] != b"acsp":
        return None
    if int.from_bytes(profile[:4], "big") > len(profile) or _tags(profile) is None:
        return None
    return profile[16:20].decode("latin-1").strip()


def profile_name(profile: bytes) -> str | None:
    """The name in a profile; None where it has none."""
    data = (_tags(profile) or {}).get(b"desc", b"")
    if data[:4] == b"desc" and len(data) >= 12:
        size = int.from_bytes(data[8:12], "big")
        text = data[12 : 12 + size].decode("latin-1")
    elif data[:4] == b"mluc" and len(data) >= 28:
        size, place = struct.unpack_from(">II", data, 20)
        text = data[place : place + size].decode("utf-16-be", "replace")
    else:
        return None
    return " ".join("".join(c if c.isprintable() else " " for c in text.rstrip("\0")).split()) or None


def profile_cicp(profile: bytes) -> Cicp | None:
    """The CICP in the tag `cicp` of a profile; None where it has none for RGB samples."""
    data = (_tags(profile) or {}).get(b"cicp", b"")
    if len(data) < 12 or data[10] != 0 or data[11] > 1:
        return None
    return data[8], data[9], data[10], data[11]


def grey_profile_of(profile: bytes) -> bytes | None:
    """The grey profile of an RGB profile whose three curves are one; None where there is none."""
    tags = _tags(profile)
    if tags is None or profile_space(profile) != "RGB" or b"A2B0" in tags or b"A2B1" in tags:
        return None
    curves = {tags.get(name) for name in (b"rTRC", b"gTRC", b"bTRC")}
    curve = curves.pop()
    if curves or curve is None or curve[:4] not in (b"para", b"curv"):
        return None
    return make_profile(f"{profile_name(profile) or 'RGB'}, grey", None, [curve])


def rgb_profile_of(profile: bytes) -> bytes | None:
    """An RGB profile that shows grey pixels as a grey profile does; None where that has no plain curve."""
    curve = (_tags(profile) or {}).get(b"kTRC", b"")
    if profile_space(profile) != "GRAY" or curve[:4] not in (b"para", b"curv"):
        return None
    return make_profile(f"{profile_name(profile) or 'grey'}, RGB", PRIMARIES[1], [curve])


def _tags(profile: bytes) -> dict[bytes, bytes] | None:
    """Contents of the tags by name; None where the table points outside."""
    if len(profile) < _HEADER_SIZE + 4:
        return None
    (count,) = struct.unpack_from(">I", profile, _HEADER_SIZE)
    if _HEADER_SIZE + 4 + 12 * count > len(profile):
        return None
    tags = {}
    for index in range(count):
        name, place, size = struct.unpack_from(">4sII", profile, _HEADER_SIZE + 4 + 12 * index)
        if place + size > len(profile):
            return None
        tags[name] = profile[place : place + size]
    return tags
