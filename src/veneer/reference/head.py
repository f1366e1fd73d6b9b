"""The head of a file.

Source: docs/format.md, "HEAD" and "Tiles".
"""

from __future__ import annotations

import dataclasses
import struct
from typing import NamedTuple

from veneer import limits
from veneer.errors import ErrorCode
from veneer.reference.chunks import Chunk

NEVER = range(0)


class Field(NamedTuple):
    """A field: a letter of `struct`, its values, and those that a later version gives a meaning."""

    name: str
    letter: str
    values: range | tuple[int, ...]
    later: range | tuple[int, ...] = NEVER


HEAD_FIELDS = (
    Field("format_version", "B", (1,), range(2, 256)),
    Field("width", "I", range(1, 65536)),
    Field("height", "I", range(1, 65536)),
    Field("channels", "B", range(1, 5)),
    Field("bit_depth", "B", range(1, 17)),
    Field("colour_primaries", "B", range(256)),
    Field("transfer_characteristics", "B", range(256)),
    Field("matrix_coefficients", "B", (0,)),
    Field("full_range", "B", range(2)),
    Field("base_kind", "B", range(3)),
    Field("base_scale", "B", range(1, 3)),
    Field("tile_log2", "B", range(6, 17)),
    Field("tune", "B", range(2)),
    Field("default_realism", "B", range(256)),
    Field("noise_seed", "H", range(65536)),
    Field("step_index", "B", range(224)),
    Field("co_step_offset", "b", range(-128, 128)),
    Field("cg_step_offset", "b", range(-128, 128)),
    Field("matrix", "B", range(16), range(16, 256)),
    Field("step_group_log2", "B", (0, 4, 5, 6)),
    Field("tools", "B", range(8), range(8, 256)),
)
BASE_PARAMETERS = HEAD_FIELDS[-6:]
MODULAR_HEAD_FIELDS = (
    *HEAD_FIELDS[:-6],
    Field("max_error", "B", range(256)),
    Field("modular_tools", "B", (0,), range(1, 256)),
    Field("sample_format", "B", range(2), range(2, 256)),
    Field("reserved_low", "B", (0,), range(1, 256)),
    Field("reserved_high", "H", (0,), range(1, 1 << 16)),
)
JPEG_HEAD_FIELDS = (
    *HEAD_FIELDS[:-6],
    Field("jpeg_tools", "H", (0,), range(1, 1 << 16)),
    Field("reserved", "I", (0,), range(1, 1 << 32)),
)
BASE_KIND_OFFSET = 15
TRANSFORM, MODULAR, JPEG = 0, 1, 2
HALF_FLOATS = 1  # of Sample_Format
SCREEN_CONTENT = 2  # bit of Tools
FIELDS_BY_KIND = {MODULAR: MODULAR_HEAD_FIELDS, JPEG: JPEG_HEAD_FIELDS}
MODEL_FIELDS = (
    Field("model_id", "H", range(65536)),
    Field("model_check", "I", range(1 << 32)),
    Field("role", "B", range(1, 4), range(4, 256)),
)
MODEL_SIZE = 7
MAX_MODELS = 8
RESTORES, TEXTURES = 1, 2  # bits of Role
HEAD_NAMES = [field.name for field in HEAD_FIELDS]
HEAD_FORMAT = "<" + "".join(field.letter for field in HEAD_FIELDS)


class ModelSlot(NamedTuple):
    """A model of the table."""

    model_id: int
    model_check: bytes
    role: int


@dataclasses.dataclass(frozen=True)
class Head:
    """The fields of HEAD that this decoder acts on, named as there."""

    width: int
    height: int
    channels: int
    base_scale: int
    tile_log2: int
    default_realism: int
    noise_seed: int
    bit_depth: int = 8
    base_kind: int = 0
    step_index: int = 0
    co_step_offset: int = 0
    cg_step_offset: int = 0
    matrix: int = 0
    step_group_log2: int = 0
    tools: int = 0
    max_error: int = 0
    sample_format: int = 0
    models: tuple[ModelSlot, ...] = ()

    @property
    def colour(self) -> bool:
        """Whether there are planes Co and Cg."""
        return self.channels >= 3

    @property
    def alpha(self) -> bool:
        """Whether the last channel is alpha."""
        return self.channels % 2 == 0

    @property
    def modular(self) -> bool:
        """Whether the base is coded without loss."""
        return self.base_kind == MODULAR

    @property
    def half_floats(self) -> bool:
        """Whether samples are half floats."""
        return self.sample_format == HALF_FLOATS

    @property
    def jpeg(self) -> bool:
        """Whether the base is a JPEG."""
        return self.base_kind == JPEG

    @property
    def deep(self) -> bool:
        """Whether the base is coded by a transform, and has more than 8 bits."""
        return self.base_kind == TRANSFORM and self.bit_depth > 8

    @property
    def alpha_chunks(self) -> bool:
        """Whether alpha has chunks of its own."""
        return self.alpha and self.base_kind == TRANSFORM

    @property
    def base_width(self) -> int:
        """Pixels in a row of the base picture."""
        return (self.width + self.base_scale - 1) // self.base_scale

    @property
    def base_height(self) -> int:
        """Rows of the base picture."""
        return (self.height + self.base_scale - 1) // self.base_scale

    @property
    def columns(self) -> int:
        """Of tiles."""
        side = 1 << self.tile_log2
        return (self.base_width + side - 1) // side

    @property
    def rows(self) -> int:
        """Of tiles."""
        side = 1 << self.tile_log2
        return (self.base_height + side - 1) // side

    def tile_box(self, index: int) -> tuple[int, int, int, int]:
        """x, y, width and height of a tile in the base picture."""
        side = 1 << self.tile_log2
        x, y = index % self.columns * side, index // self.columns * side
        return x, y, min(side, self.base_width - x), min(side, self.base_height - y)


def size_of(fields: tuple[Field, ...]) -> int:
    """Bytes that fields take."""
    return struct.calcsize("<" + "".join(field.letter for field in fields))


def read_fields(fields: tuple[Field, ...], chunk: Chunk, offset: int = 0) -> dict[str, int]:
    """The values of fields at an offset of a payload, by name."""
    letters = "<" + "".join(field.letter for field in fields)
    if len(chunk.payload) < offset + struct.calcsize(letters):
        raise chunk.error(ErrorCode.CHUNK_SIZE, "too short")
    values = {}
    for field, value in zip(fields, struct.unpack_from(letters, chunk.payload, offset), strict=True):
        if value in field.later:
            code = ErrorCode.VERSION if field.name == "format_version" else ErrorCode.FEATURE
            raise chunk.error(code, f"{field.name} {value} needs a newer decoder")
        if value not in field.values:
            raise chunk.error(ErrorCode.FIELD_VALUE, f"{field.name} is {value}")
        values[field.name] = value
    return values


def read_head(chunk: Chunk, max_pixels: int) -> Head:
    """Reads HEAD and checks it against the limits."""
    kind = chunk.payload[BASE_KIND_OFFSET] if len(chunk.payload) > BASE_KIND_OFFSET else TRANSFORM
    values = read_fields(FIELDS_BY_KIND.get(kind, HEAD_FIELDS), chunk)
    own = {field.name: values[field.name] for field in dataclasses.fields(Head) if field.name in values}
    head = Head(**own, models=_read_models(chunk))
    if (head.base_kind == TRANSFORM and head.bit_depth < 8) or (head.jpeg and head.bit_depth != 8):
        raise chunk.error(ErrorCode.FEATURE, f"bit_depth {head.bit_depth} needs a newer decoder")
    if head.deep and (head.base_scale == 2 or head.tools & SCREEN_CONTENT):
        raise chunk.error(ErrorCode.FEATURE, "base_scale 2 and screen content need a newer decoder above 8 bits")
    if head.base_kind != TRANSFORM and head.base_scale != 1:
        raise chunk.error(ErrorCode.FIELD_VALUE, "base_scale of another kind of base")
    if head.modular and head.models:
        raise chunk.error(ErrorCode.FIELD_VALUE, "models of another kind of base")
    if head.half_floats and (head.bit_depth != 16 or head.max_error != 0):
        raise chunk.error(ErrorCode.FIELD_VALUE, "bit_depth or max_error of half floats")
    if head.jpeg and (head.alpha or len(head.models) > 1 or any(slot.role != RESTORES for slot in head.models)):
        raise chunk.error(ErrorCode.FIELD_VALUE, "channels or models of another kind of base")
    if head.width * head.height > max_pixels:
        raise chunk.error(ErrorCode.PICTURE_TOO_LARGE, f"{head.width}x{head.height} pixels, {max_pixels} are allowed")
    if head.base_scale == 2 and head.alpha:
        raise chunk.error(ErrorCode.FIELD_VALUE, "base_scale is 2 in a picture with alpha")
    if head.columns * head.rows > limits.MAX_TILES:
        raise chunk.error(ErrorCode.TOO_MANY_TILES, f"{head.columns}x{head.rows} tiles")
    _, _, width, height = head.tile_box(0)
    if width * height > limits.MAX_TILE_PIXELS:
        raise chunk.error(ErrorCode.TILE_TOO_LARGE, f"tiles of {width}x{height} pixels")
    return head


def _read_models(chunk: Chunk) -> tuple[ModelSlot, ...]:
    """The table of models, which is the rest of HEAD."""
    places = range(size_of(HEAD_FIELDS), len(chunk.payload), MODEL_SIZE)
    if len(places) > MAX_MODELS:
        raise chunk.error(ErrorCode.FIELD_VALUE, "too many models")
    found = (read_fields(MODEL_FIELDS, chunk, place) for place in places)
    return tuple(ModelSlot(m["model_id"], m["model_check"].to_bytes(4, "little"), m["role"]) for m in found)
