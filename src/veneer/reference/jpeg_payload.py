"""A JPEG within the text of another: geometry, script and levels in one.

Source: docs/format.md, "Embedded files".
"""

from __future__ import annotations

from collections.abc import Callable

from veneer.reference.jpeg_geometry import Geometry, read_geometry
from veneer.reference.jpeg_rebuild import Levels, rebuild
from veneer.reference.jpeg_script import Bytes, Script, read_script

MAX_DEPTH = 2
BLOCKS_OF_BYTE, MORE_BLOCKS = 16, 4096

ReadLevels = Callable[[bytes, Geometry], list[Levels]]


def read_file_script(payload: bytes, geometry: Geometry, read_levels: ReadLevels, depth: int = 0) -> Script:
    """Reads the script of a file that is within `depth` others, and the files within it.

    Args:
        payload: of JSCR, or its like.
        geometry: of the file.
        read_levels: gives the levels of all components by their bytes, one tile, and the geometry.
        depth: how many files this one is within.

    Raises:
        ValueError: the payload is none.
    """
    return read_script(payload, geometry, lambda inner, size: _decode(inner, size, read_levels, depth + 1))


def _decode(payload: bytes, size: int, read_levels: ReadLevels, depth: int) -> bytes:
    data = Bytes(payload)
    geometry = read_geometry(data.take(data.number()))
    coded = data.take(data.number())
    blocks = sum(part.blocks[0] * part.blocks[1] for part in geometry.components)
    if depth > MAX_DEPTH or not 0 < blocks <= BLOCKS_OF_BYTE * size + MORE_BLOCKS:
        raise ValueError("an embedded file is too deep, or its picture is none or too large")
    script = read_file_script(coded, geometry, read_levels, depth)
    if script.size != size:
        raise ValueError("an embedded file has another size")
    return rebuild(geometry, read_levels(data.rest, geometry), script)
