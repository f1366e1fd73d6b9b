"""What a file holds, as the oracle keeps it."""

from __future__ import annotations

import dataclasses

from oracle.problems import ProblemLog

from veneer.bitstream.contents import CodedPreview, Metadata, ModelReference, reference_of
from veneer.bitstream.syntax import Enhancement, Head


@dataclasses.dataclass
class Contents:
    """What a file holds.

    Attributes:
        head: the HEAD chunk.
        metadata: the metadata chunks.
        colour_tiles: payload of each tile in raster order; None where it is missing or was not asked for.
        alpha_tiles: likewise, empty where the picture has no alpha.
        enhancement: the eNHA chunk of each tile in raster order, None where there is none; all of one model.
        problems: what was tolerated.
        preview: the preview, where there is a whole one.
        cut_tile: number of the tile whose colour is the beginning of a payload, since the file ends within it; None
            where there is none.
        jpeg: payloads of JHDR and JSCR by type.
    """

    head: Head
    metadata: Metadata
    colour_tiles: list[bytes | None]
    alpha_tiles: list[bytes | None]
    enhancement: list[Enhancement | None]
    problems: ProblemLog
    preview: CodedPreview | None = None
    cut_tile: int | None = None
    jpeg: dict[bytes, bytes] = dataclasses.field(default_factory=dict)

    @property
    def model(self) -> ModelReference | None:
        """Model_Id and Model_Check, where the picture is enhanced."""
        slot = next((chunk.slot for chunk in self.enhancement if chunk), None)
        return None if slot is None else reference_of(self.head.models[slot])
