"""The texts of `veneer info` and `veneer dump`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from veneer import GainMap, Info, SyntaxLine, VeneerError, colour

_CHANNELS = {1: "grey", 2: "grey and alpha", 3: "RGB", 4: "RGB and alpha"}
_METADATA = {"icc": "ICC profile", "exif": "Exif", "xmp": "XMP", "iptc": "IPTC"}
_KINDS_OF_GAIN_MAPS = {"iso21496-1": "ISO 21496-1", "xmp": "XMP"}
_METRES_PER_INCH = 0.0254
_SHOWN_TEXTS, _SHOWN_CHARACTERS = 20, 60  # of many or long ones; --json gives all


def info_lines(name: str, info: Info) -> list[str]:
    """A few lines for people."""
    return [name, *(f"  {title:12} {text}" for title, text in info_rows(info))]


def info_rows(info: Info) -> list[tuple[str, str]]:
    """What these lines say, each with its title."""
    tiles = f"{info.tile_count} of {info.tile_size} pixels" if info.tile_count > 1 else "1"
    metadata = [f"{title} {len(getattr(info, key))} bytes" for key, title in _METADATA.items() if getattr(info, key)]
    return [
        ("picture", f"{info.width} x {info.height}, {_CHANNELS[info.channels]}, {_samples(info)}"),
        ("size", f"{info.size_bytes} bytes, {info.rate_bpp:.3f} bits per pixel"),
        ("colour", colour_text(info)),
        _coding(info),
        ("tiles", tiles + (", of a base of half size" if info.base_scale == 2 else "")),
        ("enhancement", _enhancement(info)),
        ("preview", "{} x {}".format(*info.preview_size) if info.preview_size else "none"),
        ("metadata", ", ".join(metadata) or "none"),
        ("orientation", str(info.orientation)),
        ("density", _density(info)),
        *_light(info),
        *(("text", text) for text in _texts(info)),
        ("format", f"version {info.format_version}"),
        *(("problem", problem) for problem in info.problems),
    ]


def _samples(info: Info) -> str:
    bits = f"{info.bit_depth} bits"
    return bits if info.sample_format == "integers" else f"{info.sample_format} of {bits}"


def _coding(info: Info) -> tuple[str, str]:
    if info.base_kind == "jpeg":
        return "coding", "keeps a JPEG, which veneer decode gives back as a .jpg"
    if info.max_error is None:
        return "tune", f"{info.tune}, step {info.step_index}"
    return "coding", f"near-lossless, errors up to {info.max_error}" if info.max_error else "lossless"


def _density(info: Info) -> str:
    if info.density is None:
        return "none"
    unit, x, y = info.density
    if unit == 0:
        return f"ratio {x}:{y}"
    return f"{x * _METRES_PER_INCH:.5g} x {y * _METRES_PER_INCH:.5g} pixels per inch"


def _light(info: Info) -> list[tuple[str, str]]:
    """Lines of what HDR pictures have."""
    lines = []
    if info.content_light is not None:
        most, average = (f"{level} cd/m2" if level else "unknown" for level in info.content_light)
        lines.append(("light", f"largest {most}, largest mean {average}"))
    if info.mastering_display is not None:
        shown = info.mastering_display
        names = ("red", "green", "blue", "white")
        places = ", ".join("{} {:.5g} {:.5g}".format(name, *getattr(shown, name)) for name in names)
        lines.append(("mastering", f"{shown.min_luminance:g} to {shown.max_luminance:g} cd/m2, {places}"))
    if info.has_gain_map:
        lines.append(("gain map", "in the JPEG" if info.gain_map is None else _gain_map(info.gain_map)))
    return lines


def _gain_map(gain_map: GainMap) -> str:
    kind = _KINDS_OF_GAIN_MAPS[gain_map.metadata_kind]
    try:
        (height, width, channels), bits = gain_map.shape, gain_map.bit_depth
    except VeneerError as error:
        return f"damaged: {error}"
    size = f"{width} x {height}, {_CHANNELS[channels]}, {bits} bits"
    return f"{size}, {len(gain_map.picture)} bytes, metadata of {kind}"


def _gain_map_values(gain_map: GainMap) -> dict[str, Any]:
    """What there is to say of a gain map, for programs."""
    try:
        height, width, channels = gain_map.shape
        values: dict[str, Any] = {"width": width, "height": height, "channels": channels}
        values["bit_depth"] = gain_map.bit_depth
    except VeneerError as error:
        values = {"error": str(error)}
    return values | {
        "picture_bytes": len(gain_map.picture),
        "metadata_kind": gain_map.metadata_kind,
        "metadata_bytes": len(gain_map.metadata),
        "alternate_cicp": gain_map.alternate_cicp,
        "alternate_icc_bytes": len(gain_map.alternate_icc or b""),
    }


def _texts(info: Info) -> list[str]:
    """A line for each of the first texts, and one for the others."""
    lines = []
    for keyword, text in info.text[:_SHOWN_TEXTS]:
        shown = text[:_SHOWN_CHARACTERS] + " ..." * (len(text) > _SHOWN_CHARACTERS)
        lines.append(f"{keyword}: " + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown))
    left = len(info.text) - len(lines)
    return lines + [f"and {left} more"] * (left > 0)


def colour_text(info: Info) -> str:
    """The colour space in words, with its codes where it is not sRGB; of an ICC profile its name."""
    if info.icc is not None:
        space = colour.profile_space(info.icc)
        name = colour.profile_name(info.icc)
        return f"ICC profile, {name or 'without a name'}, for {space}" if space else "ICC profile, damaged"
    words = colour.describe(info.cicp)
    return words if info.cicp == colour.SRGB else f"{words} (CICP {'/'.join(map(str, info.cicp))})"


def _enhancement(info: Info) -> str:
    if info.model_id is None:
        return "none"
    return f"model {info.model_id}, {info.enhancement_bytes} bytes, realism {info.default_realism:.2f}"


def info_values(name: str, info: Info) -> dict[str, Any]:
    """The same for programs; texts and density as they are, of other metadata the number of bytes."""
    values = {"file": name, **dataclasses.asdict(info)}
    values["colour"] = colour_text(info)
    values["gain_map"] = info.gain_map and _gain_map_values(info.gain_map)
    for key in _METADATA:
        values[f"{key}_bytes"] = len(values.pop(key) or b"")
    return values


def dump_lines(lines: Iterable[SyntaxLine]) -> Iterable[str]:
    """The syntax tree, one line for each node: offset in hexadecimal, bytes, name, value."""
    yield f"{'offset':>8} {'bytes':>9}  field"
    for line in lines:
        name = "  " * line.depth + line.name
        yield f"{line.offset:08x} {line.size:9}  {name:28} {line.text}".rstrip()


def dump_values(name: str, lines: Iterable[SyntaxLine]) -> dict[str, Any]:
    """The syntax tree for programs: fields in file order, each with the depth at which it stands."""
    return {"file": name, "fields": [dataclasses.asdict(line) for line in lines]}
