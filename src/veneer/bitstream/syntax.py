"""Every structure of a Veneer file as a field list, in file order: the one place that knows the bytes.

`fields.py` reads, writes, traces and tabulates them; docs/format.md prints their tables, and a test compares.
Source: docs/format.md, "Signature", "Chunks", "HEAD" and the sections of the other chunks.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any

from veneer import limits
from veneer.bitstream.base_headers import BASE_PARAMETERS as BASE_PARAMETERS
from veneer.bitstream.base_headers import HALF_FLOATS as HALF_FLOATS
from veneer.bitstream.base_headers import INTEGERS as INTEGERS
from veneer.bitstream.base_headers import JPEG_PARAMETERS as JPEG_PARAMETERS
from veneer.bitstream.base_headers import MODULAR_PARAMETERS as MODULAR_PARAMETERS
from veneer.bitstream.base_headers import NO_BASE_PARAMETERS as NO_BASE_PARAMETERS
from veneer.bitstream.base_headers import SAMPLE_FORMAT_NAMES as SAMPLE_FORMAT_NAMES
from veneer.bitstream.base_headers import BaseParameters as BaseParameters
from veneer.bitstream.fields import Field, Records, Structure
from veneer.bitstream.kinds import Bytes, Numbers, Signed, Unsigned
from veneer.bitstream.metadata_structures import CONTENT_LIGHT as CONTENT_LIGHT
from veneer.bitstream.metadata_structures import DENSITY as DENSITY
from veneer.bitstream.metadata_structures import EXIF as EXIF
from veneer.bitstream.metadata_structures import GAIN_MAP as GAIN_MAP
from veneer.bitstream.metadata_structures import ICCP as ICCP
from veneer.bitstream.metadata_structures import IPTC as IPTC
from veneer.bitstream.metadata_structures import ISO_21496 as ISO_21496
from veneer.bitstream.metadata_structures import MASTERING_VOLUME as MASTERING_VOLUME
from veneer.bitstream.metadata_structures import SHIFTED as SHIFTED
from veneer.bitstream.metadata_structures import TEXT as TEXT
from veneer.bitstream.metadata_structures import XMP as XMP
from veneer.bitstream.metadata_structures import XMP_OF_GAIN_MAP as XMP_OF_GAIN_MAP
from veneer.bitstream.metadata_structures import CodedGainMap as CodedGainMap
from veneer.bitstream.metadata_structures import ContentLight as ContentLight
from veneer.bitstream.metadata_structures import Density as Density
from veneer.bitstream.metadata_structures import MasteringVolume as MasteringVolume
from veneer.bitstream.metadata_structures import Payload as Payload
from veneer.bitstream.metadata_structures import TextEntry as TextEntry
from veneer.bitstream.metadata_structures import payload as _payload
from veneer.errors import ErrorCode

# A byte that is no ASCII, the name, and the line ends and end-of-file mark that a text transfer would change.
SIGNATURE = b"\x8bVNR\r\n\x1a\n"

# The version of the format, which is not that of the package. Decoders refuse newer ones.
FORMAT_VERSION = 1

U8, U16, U32 = Unsigned(1), Unsigned(2), Unsigned(4)
I8 = Signed(1)


@dataclasses.dataclass(frozen=True)
class ChunkHeader:
    """What stands before each payload."""

    length: int
    type: bytes


CHUNK_HEADER = Structure(
    "Chunk header",
    ChunkHeader,
    (
        Field("Length", U32, "Bytes of payload.", range(limits.MAX_CHUNK_LENGTH + 1)),
        Field("Type", Bytes(4, text=True), "Four characters that name the chunk."),
    ),
)


@dataclasses.dataclass(frozen=True)
class ChunkTrailer:
    """What stands behind each payload."""

    checksum: int


CHUNK_TRAILER = Structure("Chunk trailer", ChunkTrailer, (Field("Checksum", U32, "CRC-32C of type and payload."),))


# What of a picture a model makes, as bits of Role.
RESTORES, TEXTURES = 1, 2
ROLE_NAMES = {RESTORES: "restores", TEXTURES: "textures", RESTORES | TEXTURES: "restores and textures"}


@dataclasses.dataclass(frozen=True)
class ModelSlot:
    """A model that decoding asks for; chunks eNHA name it by its place in the table."""

    model_id: int
    model_check: bytes
    role: int


MODEL_SLOT = Structure(
    "model",
    ModelSlot,
    (
        Field("Model_Id", U16, "Number of the model, see weight files."),
        Field("Model_Check", Bytes(4), "First bytes of the SHA-256 of its weight file."),
        Field("Role", U8, "What it makes of the picture.", range(1, 4), later=range(4, 256), names=ROLE_NAMES),
    ),
)

TRANSFORM, MODULAR, JPEG = 0, 1, 2
BASE_KIND_NAMES = {TRANSFORM: "transform", MODULAR: "modular", JPEG: "jpeg"}


@dataclasses.dataclass(frozen=True)
class Head(BaseParameters):
    """What a decoder must know before it allocates anything; the header of the base is part of it.

    Of the headers of the kinds of base, those that the file does not have are 0 throughout.
    """

    format_version: int
    width: int
    height: int
    channels: int
    bit_depth: int
    colour_primaries: int
    transfer_characteristics: int
    matrix_coefficients: int
    full_range: int
    base_kind: int
    base_scale: int
    tile_log2: int
    tune: int
    default_realism: int
    noise_seed: int
    models: tuple[ModelSlot, ...]
    max_error: int = 0
    modular_tools: int = 0
    sample_format: int = 0
    reserved_low: int = 0
    reserved_high: int = 0
    jpeg_tools: int = 0
    reserved: int = 0


CHANNEL_NAMES = {1: "grey", 2: "grey and alpha", 3: "RGB", 4: "RGB and alpha"}
TUNE_NAMES = {0: "psnr", 1: "visual"}

_PICTURE = (
    Field(
        "Format_Version",
        U8,
        "Version of the format.",
        range(1, FORMAT_VERSION + 1),
        later=range(FORMAT_VERSION + 1, 256),
        later_code=ErrorCode.VERSION,
    ),
    Field("Width", U32, "Pixels in a row.", range(1, limits.MAX_SIDE + 1)),
    Field("Height", U32, "Rows.", range(1, limits.MAX_SIDE + 1)),
    Field("Channels", U8, "Samples of a pixel.", range(1, 5), names=CHANNEL_NAMES),
    Field("Bit_Depth", U8, "Bits of a sample.", range(1, 17)),
    Field("Colour_Primaries", U8, "`ColourPrimaries` of ITU-T H.273.", range(256), names={1: "BT.709"}),
    Field(
        "Transfer_Characteristics",
        U8,
        "`TransferCharacteristics` of ITU-T H.273.",
        range(256),
        names={13: "sRGB"},
    ),
    Field("Matrix_Coefficients", U8, "`MatrixCoefficients` of ITU-T H.273.", (0,), names={0: "RGB"}),
    Field("Full_Range", U8, "`VideoFullRangeFlag` of ITU-T H.273.", range(2), names={1: "full"}),
    Field("Base_Kind", U8, "How the base is coded.", range(3), names=BASE_KIND_NAMES),
    Field(
        "Base_Scale",
        U8,
        "Sides of the picture over sides of the base picture.",
        range(1, 3),
    ),
    Field(
        "Tile_Log2",
        U8,
        "Side of a tile in pixels of the base picture, as a power of two.",
        range(limits.MIN_TILE_LOG2, limits.MAX_TILE_LOG2 + 1),
    ),
    Field("Tune", U8, "What the encoder aimed at; for information.", range(2), names=TUNE_NAMES),
    Field("Default_Realism", U8, "Realism in 1/255, where the caller names none.", range(256)),
    Field("Noise_Seed", U16, "Which noise texture is made of."),
)
_MODELS = (Field("Models", Records(MODEL_SLOT, limits.MAX_MODELS), "The table of models."),)

HEAD = Structure("HEAD", Head, (*_PICTURE, *BASE_PARAMETERS.fields, *_MODELS))

MODULAR_HEAD = Structure(
    "HEAD", functools.partial(Head, **NO_BASE_PARAMETERS), (*_PICTURE, *MODULAR_PARAMETERS.fields, *_MODELS)
)

JPEG_HEAD = Structure(
    "HEAD", functools.partial(Head, **NO_BASE_PARAMETERS), (*_PICTURE, *JPEG_PARAMETERS.fields, *_MODELS)
)


def head_structure(base_kind: int) -> Structure[Head]:
    """The fields of HEAD with a base of that kind."""
    return {MODULAR: MODULAR_HEAD, JPEG: JPEG_HEAD}.get(base_kind, HEAD)


def head_structure_of(payload: memoryview) -> Structure[Head]:
    """The fields of a HEAD with that payload."""
    place = sum(field.kind.size or 0 for field in _PICTURE[: [f.name for f in _PICTURE].index("Base_Kind")])
    return head_structure(payload[place] if len(payload) > place else TRANSFORM)


# Sides of the picture over those of its preview.
PREVIEW_SCALE = 8


@dataclasses.dataclass(frozen=True)
class PreviewColour(BaseParameters):
    """The colour of the preview: base parameters of its own, and one tile."""

    data: bytes


PREV = Structure(
    "pREV",
    PreviewColour,
    (*BASE_PARAMETERS.fields, Field("Data", Bytes(), "Colour of the preview.")),
)
PALP = _payload("pALP", "Alpha of the preview.")

JHDR = _payload("JHDR", "Geometry of a JPEG: components and quantization tables, see JPEG base.")
JSCR = _payload("JSCR", "Script of a JPEG: what gives its bytes back, see JPEG base.")


@dataclasses.dataclass(frozen=True)
class TileOffsets:
    """Lengths of the tile chunks, from which their places follow."""

    payload_length: tuple[int, ...]


OFFSET_SIZE = 4

TOCS = Structure(
    "tOCS",
    TileOffsets,
    (
        Field(
            "Payload_Length",
            Numbers(OFFSET_SIZE, 2 * limits.MAX_TILES),  # colour and alpha of each tile
            "`Length` of each tile chunk, in file order.",
            range(limits.MAX_CHUNK_LENGTH + 1),
        ),
    ),
)


@dataclasses.dataclass(frozen=True)
class Tile:
    """The coded samples of one tile."""

    tile_index: int
    data: bytes


def _tile(name: str, about: str) -> Structure[Tile]:
    return Structure(
        name,
        Tile,
        (
            Field("Tile_Index", U16, "Number of the tile in raster order.", range(limits.MAX_TILES)),
            Field("Data", Bytes(), about),
        ),
    )


BASE = _tile("BASE", "Colour of the tile, see the base layer.")
ALPH = _tile("ALPH", "Alpha of the tile, see alpha plane.")


@dataclasses.dataclass(frozen=True)
class Enhancement:
    """What networks make a better picture of a tile with."""

    tile_index: int
    slot: int
    flags: int
    strength: int
    data: bytes


# Bits of Flags.
FILTERED = 1

ENHANCEMENT = Structure(
    "eNHA",
    Enhancement,
    (
        Field("Tile_Index", U16, "Number of the tile in raster order.", range(limits.MAX_TILES)),
        Field("Slot", U8, "Place of the model in the table, from 0.", range(limits.MAX_MODELS)),
        Field("Flags", U8, "What `Data` holds.", range(2), later=range(2, 256), names={FILTERED: "filters"}),
        Field("Strength", U8, "Share of what the networks change, in 1/64.", range(129)),
        Field("Data", Bytes(), "Filters and latents of the tile, see enhancement."),
    ),
)


@dataclasses.dataclass(frozen=True)
class End:
    """The end of the file has nothing to say."""


TEND: Structure[End] = Structure("TEND", End, ())

# What the dump takes a chunk for that this version does not know.
UNKNOWN = _payload("Unknown chunk", "Anything.")

# Every chunk that this version knows, by type.
CHUNKS: dict[bytes, Structure[Any]] = {
    structure.name.encode("ascii"): structure
    for structure in (
        *(HEAD, ICCP, EXIF, XMP, IPTC, TEXT, DENSITY, CONTENT_LIGHT, MASTERING_VOLUME, GAIN_MAP),
        *(PREV, PALP, JHDR, JSCR, TOCS, BASE, ALPH, ENHANCEMENT, TEND),
    )
}


_TYPE = re.compile(rb"[A-Za-z][A-Z0-9_]{3}")


def is_chunk_type(name: bytes) -> bool:
    """Whether four bytes can be a chunk type: a letter, then capitals, digits or underscores."""
    return _TYPE.fullmatch(name) is not None


def is_critical(name: bytes) -> bool:
    """Whether a decoder must know the chunk; those that begin with a small letter may be skipped."""
    return name[:1].isupper()
