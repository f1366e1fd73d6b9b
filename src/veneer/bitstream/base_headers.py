"""The header of the base within HEAD, six bytes, by kind: transform, modular or jpeg.

Place: a part of `syntax.py`, which hands them on.
Source: docs/format.md, "HEAD".
"""

from __future__ import annotations

import dataclasses
from typing import Any

from veneer.bitstream.fields import Field, Structure
from veneer.bitstream.kinds import Signed, Unsigned

U8, U16, U32 = Unsigned(1), Unsigned(2), Unsigned(4)
I8 = Signed(1)


@dataclasses.dataclass(frozen=True)
class BaseParameters:
    """Parameters of the base layer, which its decoder takes as the bytes they are."""

    step_index: int
    co_step_offset: int
    cg_step_offset: int
    matrix: int
    step_group_log2: int
    tools: int


_TOOL_NAMES = {1: "dependent quantization", 2: "screen content", 4: "filters"}
_TOOLS = {tools: " and ".join(name for bit, name in _TOOL_NAMES.items() if tools & bit) for tools in range(1, 8)}

BASE_PARAMETERS = Structure(
    "Base parameters",
    BaseParameters,
    (
        Field("Step_Index", U8, "Quantizer step of luma in sixteenths of an octave.", range(224)),
        Field("Co_Step_Offset", I8, "Step of Co relative to luma's, same unit.", range(-128, 128)),
        Field("Cg_Step_Offset", I8, "Step of Cg relative to luma's, same unit.", range(-128, 128)),
        Field("Matrix", U8, "Growth of the step over frequency; 0: none.", range(16), later=range(16, 256)),
        Field("Step_Group_Log2", U8, "Side of the areas that have a step offset of their own.", (0, 4, 5, 6)),
        Field(
            "Tools",
            U8,
            "Coding tools in use.",
            range(8),
            later=range(8, 256),
            names=_TOOLS,
        ),
    ),
)

# What the record of a HEAD has in place of the header of the transform base where the base is of another kind.
NO_BASE_PARAMETERS: dict[str, Any] = dict.fromkeys((field.attribute for field in BASE_PARAMETERS.fields), 0)


@dataclasses.dataclass(frozen=True)
class ModularParameters:
    """The header of the modular base."""

    max_error: int
    modular_tools: int
    sample_format: int
    reserved_low: int
    reserved_high: int


@dataclasses.dataclass(frozen=True)
class JpegParameters:
    """The header of the JPEG base."""

    jpeg_tools: int
    reserved: int


JPEG_PARAMETERS = Structure(
    "JPEG parameters",
    JpegParameters,
    (
        Field("Jpeg_Tools", U16, "Coding tools in use; none yet.", (0,), later=range(1, 1 << 16)),
        Field("Reserved", U32, "For later versions.", (0,), later=range(1, 1 << 32)),
    ),
)

INTEGERS, HALF_FLOATS = 0, 1
SAMPLE_FORMAT_NAMES = {INTEGERS: "integers", HALF_FLOATS: "half floats"}

MODULAR_PARAMETERS = Structure(
    "Modular parameters",
    ModularParameters,
    (
        Field("Max_Error", U8, "How much a sample may differ from that of the source; for information.", range(256)),
        Field("Modular_Tools", U8, "Coding tools in use; none yet.", (0,), later=range(1, 256)),
        Field("Sample_Format", U8, "What samples are.", range(2), later=range(2, 256), names=SAMPLE_FORMAT_NAMES),
        Field("Reserved_Low", U8, "For later versions.", (0,), later=range(1, 256)),
        Field("Reserved_High", U16, "For later versions.", (0,), later=range(1, 1 << 16)),
    ),
)
