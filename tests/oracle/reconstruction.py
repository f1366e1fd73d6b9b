"""From what a file holds to the pixels of a region: base tiles, interpolation or enhancement, alpha.

Source: docs/format.md, "Tiles", "Enhancement", "Texture" and "Base picture alone".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy
import numpy.typing
from oracle import interpolation
from oracle.base_layer import BaseDecoding, Pixels, Preview, TileStatus, decode_base, decode_base_quarters
from oracle.concealment import CELL
from oracle.contents import Contents
from oracle.deep_layer import decode_deep_alpha, deep_pixels, deepened, fill_deep_colour, is_deep
from oracle.enhancement.filters import apply_filters
from oracle.enhancement.geometry import widened
from oracle.enhancement.layer import decode_enhancement
from oracle.enhancement.networks import Networks
from oracle.enhancement.runner import Runner, native_runner
from oracle.enhancement.synthesis import synthesize, visible_part
from oracle.enhancement.texture import EnhancedPart, add_texture, in_full_size
from oracle.enhancement.texture import visible_part as visible_texture_part
from oracle.losses import describe_losses, is_nothing_left, is_worth_texture
from oracle.modular_layer import decode_modular
from oracle.preview import decode_preview, reduce_picture

from veneer.bitstream import fields, syntax
from veneer.bitstream.container import has_alpha, tile_grid
from veneer.bitstream.syntax import PREVIEW_SCALE, Head
from veneer.bitstream.tiles import Region
from veneer.enc_base_picture import base_picture
from veneer.enhancement.base_picture import BasePicture
from veneer.enhancement.geometry import UNIT, cells_of
from veneer.enhancement.networks import TileEnhancement
from veneer.enhancement.unrounded import Unrounded, from_quarters, to_pixels
from veneer.errors import ErrorCode, VeneerError
from veneer.reference.network import Network
from veneer.reference.tile import Samples


@dataclasses.dataclass(frozen=True)
class Reconstruction:
    """A region of a picture.

    Attributes:
        pixels: uint8, above 8 bits uint16 [H, W, C].
        problems: what was met on the way.
        is_worth_texture: whether some of the colour had to be filled in, but not nearly all of it.
    """

    pixels: Pixels
    problems: list[VeneerError]
    is_worth_texture: bool = False


@dataclasses.dataclass(frozen=True)
class _Part:
    """Some tiles of the base picture, a rectangle of them.

    Attributes:
        decoding: of the rectangle.
        tiles: their numbers in raster order, as those of its status.
        x: of the rectangle in the base picture.
        y: likewise.
    """

    decoding: BaseDecoding
    tiles: list[int]
    x: int
    y: int

    def within(self, region: Region) -> Region:
        """A region of the base picture as one of the rectangle."""
        x, y, width, height = region
        return x - self.x, y - self.y, width, height


def needed_region(head: Head, region: Region, networks: Networks | None, realism: int = 0) -> Region:
    """The region of the base picture that a region of the picture is made from, enhanced or not."""
    grid, scale = tile_grid(head), head.base_scale
    if networks is not None:
        return _over(scale, visible_part(networks, _to_enhance(head, region, networks, realism), _full_size(head)))
    if scale == 1:
        return region
    x, y, width, height = _over(scale, region)
    left, top = max(0, x - interpolation.MARGIN), max(0, y - interpolation.MARGIN)
    right = min(x + width + interpolation.MARGIN, grid.width)
    bottom = min(y + height + interpolation.MARGIN, grid.height)
    return left, top, right - left, bottom - top


def _to_enhance(head: Head, region: Region, networks: Networks, realism: int) -> Region:
    """The region of the enhanced picture that a region of the picture is made from."""
    if networks.texture is None or realism == 0:
        return region
    return visible_texture_part(networks.texture, region, _full_size(head))


def _full_size(head: Head) -> tuple[int, int]:
    """Rows and columns of the picture that networks run on."""
    grid = tile_grid(head)
    return head.base_scale * grid.height, head.base_scale * grid.width


def _over(scale: int, region: Region) -> Region:
    """The pixels of the base picture that a region touches."""
    x, y, width, height = region
    left, top = x // scale, y // scale
    return left, top, -(-(x + width) // scale) - left, -(-(y + height) // scale) - top


def reconstruct_base(contents: Contents, region: Region, threads: int) -> Reconstruction:
    """The base picture alone.

    Args:
        contents: of the file, with the tiles of `needed_region`.
        region: x, y, width, height in pixels, within the picture.
        threads: at most this many; 0 for as many as there are cores.
    """
    head = contents.head
    if head.base_kind == syntax.MODULAR:
        samples, status = decode_modular(contents, region, _preview(contents, None, threads))
        return Reconstruction(samples, describe_losses(status, head))
    if is_deep(head):
        return _reconstruct_deep(contents, region, threads)
    if head.base_scale == 1:
        pixels, status = _decode_pixels(contents, contents.colour_tiles, region, threads)
        return Reconstruction(pixels, describe_losses(status, head), _is_worth_texture(contents, status))
    needed = needed_region(head, region, None)
    part = _decode_part(contents, needed, threads)
    x, y, width, height = part.within(needed)
    doubled = interpolation.interpolate(part.decoding.quarters[y : y + height, x : x + width])
    corner = head.base_scale * needed[0], head.base_scale * needed[1]
    pixels = interpolation.to_pixels(_cut(doubled, corner, region))
    status = _picture_status(contents, part)
    return Reconstruction(pixels, describe_losses(status, head), _is_worth_texture(contents, status))


def _reconstruct_deep(contents: Contents, region: Region, threads: int) -> Reconstruction:
    head = contents.head
    part = _decode_part(contents, region, threads)
    status = _picture_status(contents, part)
    pixels = deep_pixels(head, _exact_samples(part, region))
    if not is_nothing_left(status):
        fill_deep_colour(contents, pixels, region, status, _preview(contents, None, threads))
    pixels, status = _with_deep_alpha(contents, pixels, region, status, threads)
    return Reconstruction(pixels, describe_losses(status, head), _is_worth_texture(contents, status))


def _exact_samples(part: _Part, region: Region) -> Samples:
    """Those of a region, above 8 bits."""
    assert part.decoding.exact is not None
    return _cut(part.decoding.exact, (part.x, part.y), region)


def _deep_levels(head: Head, part: _Part, region: Region, made: Unrounded) -> Pixels:
    """Pixels of a region, of what networks made of its quarters."""
    quarters = _cut(part.decoding.quarters, (part.x, part.y), region).astype(numpy.int64)
    return deep_pixels(head, _exact_samples(part, region), made - 16 * quarters)


def _with_deep_alpha(
    contents: Contents, colour: Pixels, region: Region, status: list[TileStatus], threads: int
) -> tuple[Pixels, list[TileStatus]]:
    if not has_alpha(contents.head) or is_nothing_left(status):
        return colour, status
    alpha, status = decode_deep_alpha(contents, region, status, _preview(contents, None, threads))
    return numpy.concatenate([colour, alpha], axis=2), status


def add_texture_where_lost(contents: Contents, region: Region, pixels: Pixels, texture: Network, threads: int) -> None:
    """Makes more than a blur of what was filled in, in a base picture that no model of the file enhances.

    Args:
        contents: as of `reconstruct_base`, like region and threads.
        region: likewise.
        pixels: what that gave; changed where superblocks are lost.
        texture: of any model.
        threads: likewise.

    Raises:
        VeneerError: NETWORK_TOO_LARGE.
    """
    head = contents.head
    unit = math.lcm(texture.graph.alignment, UNIT * head.base_scale)
    needed = _over(head.base_scale, widened(region, 0, unit, _full_size(head)))
    part = _decode_part(contents, needed, threads)
    seen = with_interpolation(base_picture(part.decoding, head, head.base_scale).part(part.within(needed)))
    filled = _enhanced_part(contents, part, needed, seen, from_quarters(seen.shown))
    textured = add_texture(texture, filled, 0, native_runner(threads))
    corner = filled.x, filled.y
    lost = _cut(filled.missing.repeat(UNIT, axis=0).repeat(UNIT, axis=1)[:, :, None], corner, region)
    made = _cut(textured, corner, region)
    made = _deep_levels(head, part, region, made) if is_deep(head) else to_pixels(made)
    numpy.copyto(pixels[:, :, : textured.shape[2]], made, where=lost)


def reconstruct_enhanced(
    contents: Contents, region: Region, networks: Networks, realism: int, threads: int, runner: Runner | None = None
) -> Reconstruction:
    """The enhanced picture.

    Args:
        contents: as of `reconstruct_base`, like region and threads.
        region: likewise.
        networks: of the model that the file names.
        realism: 0..64.
        threads: likewise.
        runner: what runs networks; None for the compiled core.

    Raises:
        VeneerError: NETWORK_TOO_LARGE.
    """
    head = contents.head
    runner = runner or native_runner(threads)
    needed = needed_region(head, region, networks, realism)
    part = _decode_part(contents, needed, threads)
    status = _picture_status(contents, part)
    if is_nothing_left(status):  # no picture comes of it: the networks need not run
        nothing = numpy.empty((0, 0, head.channels), numpy.uint8)
        return Reconstruction(nothing, describe_losses(status, head))
    enhanced, damaged = _enhance(contents, part, needed, networks, realism, runner)
    if networks.texture is not None:
        if realism > 0:
            x, y, width, height = _to_enhance(head, region, networks, realism)
            enhanced = enhanced.part((x - enhanced.x, y - enhanced.y, width, height))
        enhanced = dataclasses.replace(enhanced, picture=add_texture(networks.texture, enhanced, realism, runner))
    made = _cut(enhanced.picture, (enhanced.x, enhanced.y), region)
    pixels = _deep_levels(head, part, region, made) if is_deep(head) else to_pixels(made)
    if is_deep(head):
        pixels, status = _with_deep_alpha(contents, pixels, region, status, threads)
    elif has_alpha(head):
        colour = pixels
        # Empty payloads are some colour, which takes no time to decode and is not kept.
        pixels, alpha_status = _decode_pixels(contents, [b""] * len(status), region, threads)
        pixels[:, :, :-1] = colour
        status = [
            alpha if state == TileStatus.OK and alpha == TileStatus.ALPHA_DAMAGED else state
            for state, alpha in zip(status, alpha_status, strict=True)
        ]
    problems = describe_losses(status, head)
    if damaged:
        text = f"latents or filters of {_tile_list(damaged)} cannot be decoded"
        problems.append(VeneerError(ErrorCode.LATENTS_DAMAGED, text))
    return Reconstruction(pixels, problems)


def _enhance(
    contents: Contents,
    part: _Part,
    needed: Region,
    networks: Networks,
    realism: int,
    runner: Runner,
) -> tuple[EnhancedPart, list[int]]:
    """Runs `restore` on a region of the base picture, which lies in a decoded part.

    Returns:
        The enhanced picture there; tiles whose latents are no code.
    """
    head = contents.head
    base = base_picture(part.decoding, head, head.base_scale)
    tiles, plain = [], []
    for index, state in zip(part.tiles, part.decoding.status, strict=True):
        chunk = contents.enhancement[index] if state == TileStatus.OK else None
        box = part.within(tile_grid(head).box(index))
        if chunk:
            has_filters = bool(chunk.flags & syntax.FILTERED)
            tiles.append((box, TileEnhancement(chunk.strength, chunk.data, has_filters)))
        else:
            tiles.append((box, TileEnhancement()))
            if state == TileStatus.OK:
                plain.append(box)
    decoded = decode_enhancement(networks, base, tiles, runner)
    box = part.within(needed)
    y, strengths = decoded.part(networks, box)
    seen = with_interpolation(base.part(box))
    made = synthesize(networks, seen, y, strengths, realism, runner)
    filtered = [(_in_full_size(tile, box, seen), filters) for tile, filters in decoded.filters]
    made = apply_filters(made, seen.shown, [(place, each) for place, each in filtered if min(place[2:]) > 0])
    plain += [tiles[number][0] for number in decoded.damaged]
    for tile in plain:
        x, y_0, width, height = _in_full_size(tile, box, seen)
        if min(width, height) > 0:
            place = numpy.s_[y_0 : y_0 + height, x : x + width]
            made[place] = from_quarters(seen.shown[place])
    enhanced = _enhanced_part(contents, part, needed, seen, made)
    return enhanced, [part.tiles[i] for i in decoded.damaged]


def with_interpolation(base: BasePicture) -> BasePicture:
    """The base picture with what it is at full size, where that is more than the base."""
    if base.scale == 1:
        return base
    return dataclasses.replace(base, interpolated=interpolation.interpolate(base.quarters))


def _in_full_size(tile: Region, box: Region, seen: BasePicture) -> Region:
    """What lies of a tile in a box of the base picture, as a region of what is seen there at full size."""
    (rows, columns), scale = seen.size, seen.scale
    left, top = (max(0, scale * (tile[i] - box[i])) for i in (0, 1))
    right, bottom = (min(scale * (tile[i] + tile[i + 2] - box[i]), side) for i, side in ((0, columns), (1, rows)))
    return left, top, right - left, bottom - top


def _enhanced_part(
    contents: Contents, part: _Part, needed: Region, seen: BasePicture, picture: Unrounded
) -> EnhancedPart:
    """What `texture` is told of a region of the base picture, of which `picture` was made."""
    scale = contents.head.base_scale
    lost = part.decoding.lost.repeat(CELL // UNIT, axis=0).repeat(CELL // UNIT, axis=1)
    units = lost[cells_of(part.within(needed), 1, UNIT)]
    maps, steps, missing = (in_full_size(array, scale, seen.size) for array in (seen.maps, seen.steps, units))
    corner = scale * needed[0], scale * needed[1]
    return EnhancedPart(picture, maps, steps, seen.settings, missing, *corner, contents.head.noise_seed)


def _decode_pixels(
    contents: Contents, colour_tiles: Sequence[bytes | None], region: Region, threads: int
) -> tuple[Pixels, list[TileStatus]]:
    """Pixels of a picture whose base has full size, and the status of every tile."""
    head = contents.head
    return decode_base(
        colour_tiles,
        contents.alpha_tiles,
        width=head.width,
        height=head.height,
        channels=head.channels,
        tile_log2=head.tile_log2,
        parameters=fields.write(syntax.BASE_PARAMETERS, head),
        region=region,
        threads=threads,
        cut_tile=contents.cut_tile,
        preview=_preview(contents, None, threads),
    )


def _decode_part(contents: Contents, needed: Region, threads: int) -> _Part:
    """The tiles that a region of the base picture touches."""
    head = contents.head
    tiles, (x, y, width, height) = tile_grid(head).around(needed)
    decoding = decode_base_quarters(
        [contents.colour_tiles[index] for index in tiles],
        width=width,
        height=height,
        channels=head.channels,
        tile_log2=head.tile_log2,
        parameters=fields.write(syntax.BASE_PARAMETERS, head),
        threads=threads,
        cut_tile=tiles.index(contents.cut_tile) if contents.cut_tile in tiles else None,
        preview=_preview(contents, (x, y, width, height), threads),
    )
    if is_deep(head):
        preview = _preview(contents, (x, y, width, height), threads)
        decoding = deepened(decoding, contents, tiles, (x, y, width, height), preview)
    return _Part(decoding, tiles, x, y)


def _preview(contents: Contents, part: Region | None, threads: int) -> Preview | None:
    """What the base layer fills in what is lost with: the preview of the base picture, or of a part of it."""
    coded, head = contents.preview, contents.head
    if coded is None:
        return None

    def preview() -> Pixels | None:
        small = decode_preview(coded, head, threads)
        if small is None or part is None:
            return small
        if head.base_scale > 1:
            small = reduce_picture(small, head.base_scale)
        x, y, width, height = (-(-side // PREVIEW_SCALE) for side in part)
        return small[y : y + height, x : x + width]

    return preview


def _cut(pixels: numpy.typing.NDArray[Any], corner: tuple[int, int], region: Region) -> numpy.typing.NDArray[Any]:
    """A region of the picture from a part of it that begins at x and y of a corner."""
    x, y = region[0] - corner[0], region[1] - corner[1]
    return numpy.ascontiguousarray(pixels[y : y + region[3], x : x + region[2]])


def _picture_status(contents: Contents, part: _Part) -> list[TileStatus]:
    """The status of every tile of the picture."""
    status = [TileStatus.NOT_NEEDED] * len(contents.colour_tiles)
    for index, state in zip(part.tiles, part.decoding.status, strict=True):
        status[index] = state
    return status


def _is_worth_texture(contents: Contents, status: list[TileStatus]) -> bool:
    size_bytes = sum(len(payload) for payload in contents.colour_tiles if payload)
    return is_worth_texture(status, contents.head, size_bytes)


def _tile_list(tiles: list[int]) -> str:
    return f"{len(tiles)} tiles ({', '.join(map(str, tiles[:8]))})"
