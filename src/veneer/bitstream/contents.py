"""What a file holds, between the chunks that it is made of and those who encode or decode.

Source: docs/format.md, "Order of chunks" and "Tiles".
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

from veneer import limits
from veneer.bitstream import syntax
from veneer.bitstream.metadata import ContentLight, Density, MasteringNumbers, Texts
from veneer.bitstream.syntax import CodedGainMap, Enhancement, Head, ModelSlot
from veneer.bitstream.tiles import Region, TileGrid
from veneer.errors import ErrorCode, VeneerError

# Model_Id and Model_Check.
ModelReference = tuple[int, bytes]

# The region of the base picture that is needed, from head and model.
Needed = Callable[[Head, ModelReference | None], Region]

TILE_TYPES = (b"BASE", b"ALPH")
PREVIEW_TYPES = (b"pREV", b"pALP")
JPEG_TYPES = (b"JHDR", b"JSCR")

# Attribute of `Metadata` for each chunk of that sort.
METADATA_TYPES = {
    b"iCCP": "icc",
    b"eXIF": "exif",
    b"xMP_": "xmp",
    b"iPTC": "iptc",
    b"tEXT": "text",
    b"dENS": "density",
    b"cLLI": "content_light",
    b"mDCV": "mastering_display",
    b"gMAP": "gain_map",
}


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What goes with the pixels, byte for byte; None where there is none, of texts an empty tuple.

    Attributes:
        icc: an ICC profile.
        exif: a TIFF structure.
        xmp: an XMP packet.
        iptc: records of IPTC-IIM.
        text: keywords and texts.
        density: unit (0: the others are a ratio, 1: they are pixels per metre), density along x, and along y.
        content_light: largest light level of a pixel, and largest mean of a picture, in cd/m2.
        mastering_display: x and y of red, green, blue and white in 0.00002, largest and smallest luminance in 0.0001
            cd/m2.
        gain_map: the fields of its chunk.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    text: Texts = ()
    density: Density | None = None
    content_light: ContentLight | None = None
    mastering_display: MasteringNumbers | None = None
    gain_map: CodedGainMap | None = None


@dataclasses.dataclass(frozen=True)
class CodedPreview:
    """The preview as a file holds it.

    Attributes:
        parameters: its base parameters, as bytes.
        colour: payload of its only tile.
        alpha: likewise; None where the picture has no alpha.
    """

    parameters: bytes
    colour: bytes
    alpha: bytes | None = None


@dataclasses.dataclass(frozen=True)
class CodedJpeg:
    """What a file with a JPEG base has beside tiles.

    Attributes:
        header: the payload of JHDR; None where it is missing.
        script: the payload of JSCR; likewise.
    """

    header: bytes | None = None
    script: bytes | None = None


NO_JPEG = CodedJpeg()


@dataclasses.dataclass
class Contents:
    """What a file holds.

    Attributes:
        head: the HEAD chunk.
        metadata: the metadata chunks.
        colour_tiles: payload of each tile in raster order; None where it is missing or was not asked for.
        alpha_tiles: likewise, empty where the picture has no alpha.
        enhancement: the eNHA chunk of each tile in raster order, None where there is none; all of one model.
        problems: what was tolerated; of very many of a code the first ones, and a last one that counts the others.
        preview: the preview, where there is a whole one.
        cut_tile: number of the tile whose colour is the beginning of a payload, since the file ends within it; None
            where there is none.
        jpeg: what there is of a JPEG base beside tiles.
    """

    head: Head
    metadata: Metadata
    colour_tiles: list[bytes | None]
    alpha_tiles: list[bytes | None]
    enhancement: list[Enhancement | None]
    problems: list[VeneerError]
    preview: CodedPreview | None = None
    cut_tile: int | None = None
    jpeg: CodedJpeg = NO_JPEG

    @property
    def model(self) -> ModelReference | None:
        """Model_Id and Model_Check, where the picture is enhanced."""
        slot = next((chunk.slot for chunk in self.enhancement if chunk), None)
        return None if slot is None else reference_of(self.head.models[slot])


def head_of_picture(
    shape: tuple[int, int, int],
    cicp: tuple[int, int, int, int],
    *,
    base_kind: int,
    tile_log2: int,
    tune: int,
    bit_depth: int = 8,
    base_scale: int = 1,
    default_realism: int = 0,
    noise_seed: int = 0,
    models: tuple[ModelSlot, ...] = (),
    **base: int,
) -> Head:
    """HEAD of this version; `base` are fields of the header of the base, of which the others are 0."""
    width, height, channels = shape
    return Head(
        format_version=syntax.FORMAT_VERSION,
        width=width,
        height=height,
        channels=channels,
        bit_depth=bit_depth,
        colour_primaries=cicp[0],
        transfer_characteristics=cicp[1],
        matrix_coefficients=cicp[2],
        full_range=cicp[3],
        base_kind=base_kind,
        base_scale=base_scale,
        tile_log2=tile_log2,
        tune=tune,
        default_realism=default_realism,
        noise_seed=noise_seed,
        models=models,
        **(syntax.NO_BASE_PARAMETERS | base),
    )


def texture_slot(head: Head) -> ModelSlot | None:
    """The model of the table that textures, where there is one."""
    return next((slot for slot in head.models if slot.role & syntax.TEXTURES), None)


def reference_of(slot: ModelSlot) -> ModelReference:
    """What a model of the table is looked up by."""
    return slot.model_id, slot.model_check


def has_alpha(head: Head) -> bool:
    """Whether the last channel is alpha."""
    return head.channels in (2, 4)


def has_alpha_chunks(head: Head) -> bool:
    """Whether alpha has chunks of its own."""
    return has_alpha(head) and head.base_kind == syntax.TRANSFORM


def tile_grid(head: Head) -> TileGrid:
    """The tiles of the base picture; raises VeneerError of TOO_MANY_TILES or TILE_TOO_LARGE."""
    width, height = (-(-side // head.base_scale) for side in (head.width, head.height))
    return TileGrid(width, height, head.tile_log2)


def preview_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the preview of a picture of that size."""
    return -(-width // syntax.PREVIEW_SCALE), -(-height // syntax.PREVIEW_SCALE)


def check_metadata_length(name: bytes, length: int, offset: int | None) -> None:
    """Raises VeneerError of METADATA_TOO_LARGE for a chunk of metadata that is."""
    if length > limits.MAX_METADATA_LENGTH:
        text = f"{length} bytes of {name.decode()} are more than the {limits.MAX_METADATA_LENGTH} allowed"
        raise VeneerError(ErrorCode.METADATA_TOO_LARGE, text, offset)


def contents_from_core(found: dict[str, Any]) -> Contents:
    """What the core says of a file, as `Contents`."""
    *fields, models, _, max_error, sample_format = found["head"]
    names = [field.attribute for field in syntax.HEAD.fields if field.name != "Models"]
    values = dict(zip(names, fields, strict=True))
    head = Head(
        **values, models=tuple(itertools.starmap(ModelSlot, models)), max_error=max_error, sample_format=sample_format
    )
    icc, exif, xmp, iptc, texts, density, light, display, gain_map = found["metadata"]
    text = tuple((keyword.decode(), value.decode()) for keyword, value in texts)
    coded = None if gain_map is None else CodedGainMap(*gain_map)
    return Contents(
        head=head,
        metadata=Metadata(icc, exif, xmp, iptc, text, density, light, display, coded),
        colour_tiles=found["colour_tiles"],
        alpha_tiles=found["alpha_tiles"],
        enhancement=[None if chunk is None else Enhancement(*chunk) for chunk in found["enhancement"]],
        problems=found["problem_entries"],
        preview=None if found["preview"] is None else CodedPreview(*found["preview"]),
        cut_tile=None if found["cut_tile"] < 0 else found["cut_tile"],
        jpeg=CodedJpeg(*found["jpeg"]),
    )
