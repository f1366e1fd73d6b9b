"""The picture and the very bytes of a file with a JPEG base.

Source: docs/format.md, "JPEG base" and "Tiles of a JPEG".
"""

from __future__ import annotations

import numpy

from veneer.errors import ErrorCode, VeneerError
from veneer.reference import jpeg_levels
from veneer.reference.container import File
from veneer.reference.depth import Pixels
from veneer.reference.enhancement import MAX_UNROUNDED, TEXTURE_UNITS, fits
from veneer.reference.jpeg_geometry import Geometry, read_geometry
from veneer.reference.jpeg_levels import Levels
from veneer.reference.jpeg_payload import read_file_script
from veneer.reference.jpeg_pixels import Colour, Component, Jpeg, decode_pixels
from veneer.reference.jpeg_rebuild import rebuild
from veneer.reference.jpeg_restoration import restored_pixels
from veneer.reference.network import Network
from veneer.reference.texture import TEXTURE_INPUTS
from veneer.reference.weights import FindModel, Model

MAPS = (10, 4)  # channels and reduction
RESTORE_INPUTS = {"picture": (3, 1), "maps": MAPS, "step": (1, 4), "settings": (4, 4)}
TEXTURING_INPUTS = {**TEXTURE_INPUTS, "maps": MAPS}
RESTORE_UNITS = {"picture": 0, "enhanced": 6}  # Fraction_Bits that inputs and outputs must have
# What components mean, by their number and the field of the geometry.
COLOURS = {
    1: (Colour.GREY,),
    2: (Colour.GREY,),
    3: (Colour.YCC, Colour.RGB),
    4: (Colour.CMYK, Colour.YCCK),
}


def read_picture(file: File, find_model: FindModel | None, realism: int | None) -> Pixels:
    """The pixels, uint8 [H, W, 1 or 3], restored where the file names a model and it is wanted.

    Args:
        file: that keeps a JPEG.
        find_model: gives the model that restores, or None for the pixels of the JPEG.
        realism: 0..64, None for what the file names.
    """
    geometry, models = _geometry_of_picture(file), file.head.models
    if realism is None:
        realism = (64 * file.head.default_realism + 127) // 255
    networks = None
    if find_model and models:
        networks = _networks_of(find_model(models[0].model_id, models[0].model_check), realism)
    levels = _levels_of_tiles(file, geometry)
    components = [
        Component(part.h, part.v, numpy.array(geometry.steps[part.table]), own.astype(numpy.int64))
        for part, own in zip(geometry.components, levels, strict=True)
    ]
    jpeg = Jpeg(geometry.width, geometry.height, components, COLOURS[len(components)][geometry.colour])
    if networks is None:
        return decode_pixels(jpeg).astype(numpy.uint8)
    return restored_pixels(jpeg, *networks, realism, file.head.noise_seed).astype(numpy.uint8)


def _networks_of(model: Model, realism: int) -> tuple[Network, Network | None]:
    """`jpeg_restore`, and `texture` where there is one and realism asks for it.

    Raises VeneerError of MODEL_UNKNOWN where they cannot be used.
    """
    restore = model.networks.get("jpeg_restore")
    texture = model.networks.get("texture") if realism else None
    if restore is None or not fits(restore, RESTORE_INPUTS, RESTORE_UNITS, "enhanced", MAX_UNROUNDED):
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, "the model has no network jpeg_restore that this decoder can use")
    if texture and not fits(texture, TEXTURING_INPUTS, TEXTURE_UNITS, "textured", MAX_UNROUNDED):
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, "the model has a bad network texture")
    return restore, texture


def write_jpeg(file: File) -> bytes:
    """The bytes of the JPEG that a file keeps."""
    if not file.head.jpeg:
        raise VeneerError(ErrorCode.NO_JPEG, "the file does not keep a JPEG")
    geometry, levels = _geometry(file), list[Levels]()
    if geometry.components:
        levels = _levels_of_tiles(file, _geometry_of_picture(file))
    try:
        script = read_file_script(file.jpeg_parts[b"JSCR"], geometry, _levels_of_embedded)
        return rebuild(geometry, levels, script)
    except (KeyError, ValueError) as error:
        raise VeneerError(ErrorCode.JPEG_SCRIPT, f"chunk JSCR is missing or invalid: {error}") from error


def _geometry(file: File) -> Geometry:
    try:
        return read_geometry(file.jpeg_parts[b"JHDR"])
    except (KeyError, ValueError) as error:
        raise VeneerError(ErrorCode.JPEG_HEADER, f"chunk JHDR is missing or invalid: {error}") from error


def _geometry_of_picture(file: File) -> Geometry:
    """The geometry, with components and as HEAD says."""
    geometry, head = _geometry(file), file.head
    if not geometry.components:
        raise VeneerError(ErrorCode.NO_PIXELS, "the file keeps a JPEG as bytes alone")
    channels = 1 if len(geometry.components) < 3 else 3
    if (geometry.width, geometry.height, channels) != (head.width, head.height, head.channels):
        raise VeneerError(ErrorCode.JPEG_HEADER, "chunk JHDR is of another picture than HEAD")
    return geometry


def _planes(geometry: Geometry) -> list[jpeg_levels.Component]:
    """The components, all their levels 0."""
    alone = len(geometry.components) == 1
    return [
        jpeg_levels.Component(
            1 if alone else part.h,
            1 if alone else part.v,
            geometry.steps[part.table],
            numpy.zeros((*part.blocks, 64), numpy.int16),
        )
        for part in geometry.components
    ]


def _levels_of_tiles(file: File, geometry: Geometry) -> list[Levels]:
    planes = _planes(geometry)
    rows, columns = geometry.mcus
    alone = len(planes) == 1
    w, h = (8, 8) if alone else (8 * max(part.h for part in planes), 8 * max(part.v for part in planes))
    for index in range(file.head.columns * file.head.rows):
        x, y, width, height = file.head.tile_box(index)
        left, top = -(-x // w), -(-y // h)
        across, down = min(-(-(x + width) // w), columns) - left, min(-(-(y + height) // h), rows) - top
        if (
            across
            and down
            and not jpeg_levels.decode_levels(file.tiles[b"BASE", index], planes, (left, top, across, down))
        ):
            raise VeneerError(ErrorCode.TILE_DAMAGED, f"the payload of tile {index} is no code")
    return [plane.levels for plane in planes]


def _levels_of_embedded(data: bytes, geometry: Geometry) -> list[Levels]:
    planes = _planes(geometry)
    rows, columns = geometry.mcus
    if not jpeg_levels.decode_levels(data, planes, (0, 0, columns, rows)):
        raise ValueError("the levels of an embedded file are no code")
    return [plane.levels for plane in planes]
