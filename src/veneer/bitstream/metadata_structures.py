"""The structures of metadata chunks as field lists, in file order; `syntax.py` has them beside the others.

Source: docs/format.md, "Metadata", "Light of HDR pictures" and "Gain maps".
"""

from __future__ import annotations

import dataclasses

from veneer import limits
from veneer.bitstream.fields import Field, Structure
from veneer.bitstream.kinds import Bytes, Counted, Unsigned

U8, U16, U32 = Unsigned(1), Unsigned(2), Unsigned(4)


@dataclasses.dataclass(frozen=True)
class Payload:
    """Bytes that are kept as they are."""

    data: bytes


def payload(name: str, about: str) -> Structure[Payload]:
    """A structure of bytes alone."""
    return Structure(name, Payload, (Field("Data", Bytes(), about),))


ICCP = payload("iCCP", "An ICC profile.")
EXIF = payload("eXIF", 'Exif metadata: a TIFF structure, without the `"Exif\\0\\0"` that precedes it in JPEG.')
XMP = payload("xMP_", "An XMP packet in UTF-8.")
IPTC = payload("iPTC", "IPTC metadata: records of IPTC-IIM, without the Photoshop resource around them in JPEG.")


@dataclasses.dataclass(frozen=True)
class Density:
    """How large a pixel is, or its shape."""

    unit: int
    density_x: int
    density_y: int


DENSITY = Structure(
    "dENS",
    Density,
    (
        Field(
            "Unit",
            U8,
            "What the densities are.",
            range(2),
            later=range(2, 256),
            names={0: "a ratio, of an unknown unit", 1: "pixels per metre"},
        ),
        Field("Density_X", U32, "Pixels in a row of that length.", range(1, 1 << 31)),
        Field("Density_Y", U32, "Rows of that length.", range(1, 1 << 31)),
    ),
)


@dataclasses.dataclass(frozen=True)
class TextEntry:
    """A text and what it is."""

    keyword_length: int
    keyword: bytes
    text_length: int
    text: bytes


TEXT = Structure(
    "tEXT",
    TextEntry,
    (
        # A character of a keyword takes at most two bytes.
        Field("Keyword_Length", U8, "Bytes of `Keyword`.", range(1, 2 * limits.MAX_KEYWORD_LENGTH + 1)),
        Field("Keyword", Counted("Keyword_Length"), "What the text is, in UTF-8."),
        Field("Text_Length", U32, "Bytes of `Text`."),
        Field("Text", Counted("Text_Length"), "The text, in UTF-8."),
    ),
    repeated=True,
)


@dataclasses.dataclass(frozen=True)
class ContentLight:
    """How bright the content of an HDR picture is, in cd/m2."""

    max_content: int
    max_frame_average: int


CONTENT_LIGHT = Structure(
    "cLLI",
    ContentLight,
    (
        Field("Max_Content", U16, "Largest light level of a pixel, in cd/m2; 0: unknown."),
        Field("Max_Frame_Average", U16, "Largest mean light level of a picture, in cd/m2; 0: unknown."),
    ),
)


@dataclasses.dataclass(frozen=True)
class MasteringVolume:
    """The display on which an HDR picture was made."""

    red_x: int
    red_y: int
    green_x: int
    green_y: int
    blue_x: int
    blue_y: int
    white_x: int
    white_y: int
    max_luminance: int
    min_luminance: int


def _chromaticity(name: str, what: str) -> tuple[Field, Field]:
    x, y = (Field(f"{name}_{c.upper()}", U16, f"{c} of the {what}, in 0.00002.") for c in "xy")
    return x, y


MASTERING_VOLUME = Structure(
    "mDCV",
    MasteringVolume,
    (
        *_chromaticity("Red", "red primary"),
        *_chromaticity("Green", "green primary"),
        *_chromaticity("Blue", "blue primary"),
        *_chromaticity("White", "white point"),
        Field("Max_Luminance", U32, "Largest luminance, in 0.0001 cd/m2."),
        Field("Min_Luminance", U32, "Smallest luminance, in 0.0001 cd/m2."),
    ),
)


@dataclasses.dataclass(frozen=True)
class CodedGainMap:
    """A picture that gives the alternate picture, how it does, and the colour of that."""

    metadata_kind: int
    metadata_length: int
    metadata: bytes
    colour_primaries: int
    transfer_characteristics: int
    matrix_coefficients: int
    full_range: int
    alternate_icc_length: int
    alternate_icc: bytes
    picture: bytes


# Bytes of `Picture` for those of the Veneer file, and the reverse; for `bytes.translate`.
SHIFTED = bytes(value ^ 128 for value in range(256))

# Values of Metadata_Kind.
ISO_21496, XMP_OF_GAIN_MAP = 0, 1


def _of_alternate(name: str) -> Field:
    about = f"`{name.replace('_', '')}` of the alternate picture."
    return Field(name, U8, about, range(256), names={2: "not said"})


GAIN_MAP = Structure(
    "gMAP",
    CodedGainMap,
    (
        Field(
            "Metadata_Kind",
            U8,
            "What `Metadata` is.",
            range(2),
            later=range(2, 256),
            names={ISO_21496: "ISO 21496-1", XMP_OF_GAIN_MAP: "XMP"},
        ),
        Field("Metadata_Length", U32, "Bytes of `Metadata`.", range(1, limits.MAX_CHUNK_LENGTH + 1)),
        Field("Metadata", Counted("Metadata_Length", text=False), "How the map is applied."),
        _of_alternate("Colour_Primaries"),
        _of_alternate("Transfer_Characteristics"),
        _of_alternate("Matrix_Coefficients"),
        Field("Full_Range", U8, "`VideoFullRangeFlag` of the alternate picture.", range(2), names={1: "full"}),
        Field("Alternate_Icc_Length", U32, "Bytes of `Alternate_Icc`."),
        Field(
            "Alternate_Icc",
            Counted("Alternate_Icc_Length", text=False),
            "An ICC profile of the alternate picture, if there is one.",
        ),
        Field("Picture", Bytes(), "The map: a Veneer file, each byte plus 128 modulo 256."),
    ),
)
