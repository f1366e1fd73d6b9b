"""OpenEXR: pictures of half floats, with the extra `exr`.

Source: the OpenEXR documentation, "Standard Attributes" and "Technical Introduction" (channels, chromaticities).
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import struct
from collections.abc import Iterator
from typing import Any

import numpy
import numpy.typing

from veneer import colour
from veneer.cli.colours.description import Colour, from_gamma
from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note
from veneer.cli.picture_limits import check_size
from veneer.colour import Chromaticities
from veneer.half_floats import is_half

START = b"v/1\x01"

_LINEAR = 8  # transfer characteristics
_NAMES = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}  # of channels, by how many there are
_DEEP = ("deepscanline", "deeptile")
# Attributes that say how the file is stored, and what is looked at here.
_OWN = frozenset(
    ("channels", "chromaticities", "chunkCount", "compression", "dataWindow", "displayWindow", "lineOrder")
)
_OWN |= {"name", "pixelAspectRatio", "screenWindowCenter", "screenWindowWidth", "tiles", "type", "version", "view"}
_PLACES = ("red", "green", "blue", "white")

Halves = numpy.typing.NDArray[numpy.float16]


@dataclasses.dataclass
class Scene:
    """A picture of half floats.

    Attributes:
        pixels: float16 [H, W, C].
        described: its colour.
        notes: on what is left out.
    """

    pixels: Halves
    described: Colour
    notes: list[str]


def is_exr(data: bytes) -> bool:
    """Whether a file begins like OpenEXR."""
    return data.startswith(START)


def read_exr(data: bytes, max_pixels: int, number: int | None) -> Scene:
    """Reads a picture whose samples are half floats.

    Args:
        data: the file.
        max_pixels: larger ones are refused before they are decoded.
        number: which part of a file with several to take, from 1 on; None for the first, with a note.

    Returns:
        The picture, with colour premultiplied by alpha as in the file, and in linear light.

    Raises:
        FileFailure: OpenEXR is not installed; the file is damaged; or its samples are others.
    """
    try:
        import OpenEXR
    except ImportError:
        what = "is OpenEXR, which cannot be read without the package OpenEXR"
        raise FileFailure(what, "pip install '.[exr]'") from None
    notes: list[str] = []
    with _guarded():
        with OpenEXR.File(io.BytesIO(data), header_only=True) as file:
            header, count = dict(file.parts[0].header), len(file.parts)
        _refuse_others(header, count, number, notes)
        low, high = (numpy.asarray(corner, int) for corner in header["dataWindow"])
        width, height = (high - low + 1).tolist()
        check_size(width, height, max_pixels)
        # The older class of the package: the newer one tells of damage by printing, and leaves parts out.
        file = OpenEXR.InputFile(io.BytesIO(data))
        names = _chosen_channels(file.header()["channels"], notes)
        planes = [numpy.frombuffer(plane, numpy.float16) for plane in file.channels(names)]
        file.close()
        pixels = numpy.stack([plane.reshape(height, width) for plane in planes], -1)
    _note_windows(header, notes)
    return Scene(pixels, _colour_of(header, len(names) <= 2, notes), notes)


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    """What the reader stumbles over becomes one line."""
    try:
        yield
    except (FileFailure, MemoryError):
        raise
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        what = f"is OpenEXR that cannot be read: {text}"
        raise FileFailure(what, "the file is damaged or cut, get it anew") from error


def _refuse_others(header: dict[str, Any], count: int, number: int | None, notes: list[str]) -> None:
    """Refuses what is no plain picture, and parts other than the first; those are named in a note."""
    if any(kind in str(header.get("type")) for kind in _DEEP):
        raise FileFailure("is OpenEXR with several samples a pixel (deep)", "flatten it first")
    if number is not None and number > 1:
        what = f"is OpenEXR of {count} part{'s' * (count != 1)}, of which the first alone is read"
        raise FileFailure(what, "leave --picture out, or write the part to a file of its own")
    if count > 1:
        notes.append(Note(f"has {count} parts; only the first is taken", incomplete=True))


def _chosen_channels(channels: dict[str, Any], notes: list[str]) -> str:
    """The letters of the channels of a picture; others are named in a note."""
    names = "RGB" if {"R", "G", "B"} <= channels.keys() else "Y"
    if names == "Y" and ("Y" not in channels or {"RY", "BY"} & channels.keys()):
        shown = ", ".join(sorted(channels)[:10])
        raise FileFailure(f"is OpenEXR without channels R, G, B or Y alone: it has {shown}", "name its channels so")
    if "A" in channels:
        names += "A"
    others = sorted(channels.keys() - set(names))
    if others:
        notes.append(f"its channels {', '.join(others[:10])}{', ...' * (len(others) > 10)} are left out")
    types = {str(channels[name].type) for name in names}
    if types != {"HALF"}:
        what = f"is OpenEXR with samples of the type {' and '.join(sorted(types))}, but Veneer keeps half floats"
        raise FileFailure(what, "convert it to half floats, for instance with: oiiotool IN.exr -d half -o OUT.exr")
    if any((channels[name].xSampling, channels[name].ySampling) != (1, 1) for name in names):
        raise FileFailure("is OpenEXR whose channels have different sizes", "write it with whole channels")
    return names


def _note_windows(header: dict[str, Any], notes: list[str]) -> None:
    """Notes for what is not kept of a header."""
    data_window, display = (
        [int(value) for corner in header[name] for value in corner] for name in ("dataWindow", "displayWindow")
    )
    if data_window != display or data_window[:2] != [0, 0]:
        x, y, right, bottom = display
        notes.append(f"its display window, {right - x + 1}x{bottom - y + 1} from {x},{y} on, is left out")
    if abs(float(header.get("pixelAspectRatio", 1)) - 1) > 1e-6:
        notes.append(f"its pixels have the aspect ratio {header['pixelAspectRatio']:g}, which is left out")
    others = sorted(header.keys() - _OWN)
    if others:
        notes.append(f"its attributes {', '.join(others[:12])}{', ...' * (len(others) > 12)} are left out")


def _colour_of(header: dict[str, Any], grey: bool, notes: list[str]) -> Colour:
    """Linear light of its primaries, those of BT.709 where it names none."""
    places = header.get("chromaticities")
    if places is None:
        return from_gamma(1.0, None, grey)
    x = [float(f"{value:.7g}") for value in places]  # they are stored in 32 bits
    try:
        return from_gamma(1.0, Chromaticities((x[0], x[1]), (x[2], x[3]), (x[4], x[5]), (x[6], x[7])), grey)
    except ValueError as error:
        notes.append(f"its chromaticities are left out: {error}")
        return from_gamma(1.0, None, grey)


def write_exr(pixels: Halves, described: Colour, notes: list[str]) -> bytes:
    """A file of half floats, whose colour is taken for linear light; a note says where it is not.

    Args:
        pixels: float16 [H, W, C].
        described: their colour.
        notes: to which is added what the file cannot say.

    Raises:
        FileFailure: OpenEXR is not installed, or these are no half floats.
    """
    if not is_half(pixels):
        what = f"has whole numbers ({pixels.dtype}), and OpenEXR is written of half floats alone"
        raise FileFailure(what, "choose PNG or TIFF")
    try:
        import OpenEXR
    except ImportError:
        what = "EXR cannot be written without the package OpenEXR"
        raise FileFailure(what, "pip install '.[exr]'") from None
    header: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    places = _chromaticities(described, notes)
    if places is not None:
        header["chromaticities"] = tuple(value for name in _PLACES for value in getattr(places, name))
    names = _NAMES[pixels.shape[2]]
    planes = {name: numpy.ascontiguousarray(pixels[:, :, i]) for i, name in enumerate(names)}
    buffer = io.BytesIO()
    with OpenEXR.File(header, planes) as file:
        file.write(buffer)
    return buffer.getvalue()


def _chromaticities(described: Colour, notes: list[str]) -> Chromaticities | None:
    """Of primaries and white; None where they are not known."""
    if described.icc is not None:
        places = _places_of_profile(described.icc)
        if places is None:
            notes.append("its ICC profile is left out: EXR holds linear light of primaries alone")
        return places
    primaries, transfer = described.cicp[:2]
    if transfer != _LINEAR:
        text = f"its colour is {colour.describe(described.cicp)}, and readers of EXR take it for linear light"
        notes.append(text)
    return colour.PRIMARIES.get(primaries)


def _places_of_profile(profile: bytes) -> Chromaticities | None:
    """The primaries and white of a profile for linear light; None where it is another."""
    try:
        tags = _tags_of(profile)
        columns = numpy.array([struct.unpack_from(">3i", tags[name], 8) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
        adaptation = numpy.array(struct.unpack_from(">9i", tags[b"chad"], 8)).reshape(3, 3) / 65536
        linear = colour.gamma_curve(1.0)
        if any(tags[name] != linear for name in (b"rTRC", b"gTRC", b"bTRC")):
            return None
        xyz = numpy.linalg.solve(adaptation, columns / 65536)
    except (KeyError, struct.error, numpy.linalg.LinAlgError):
        return None
    places = [tuple((each[:2] / each.sum()).tolist()) for each in (*xyz.T, xyz.sum(1))]
    for digits, of_white in ((4, 4), (4, 5), (5, 5)):  # those that people write, where they give the same profile
        rounded = [tuple(round(x, digits) + 0.0 for x in place) for place in places[:3]]
        rounded.append(tuple(round(x, of_white) for x in places[3]))
        with contextlib.suppress(ValueError):
            made = _tags_of(colour.make_profile("", Chromaticities(*rounded), [linear]))
            if all(made[name] == tags[name] for name in (b"rXYZ", b"gXYZ", b"bXYZ", b"chad")):
                return Chromaticities(*rounded)
    return Chromaticities(*places)


def _tags_of(profile: bytes) -> dict[bytes, bytes]:
    """Contents of the tags of an ICC profile by name."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(min(count, 100))]
    return {name: profile[start : start + size] for name, start, size in entries}
