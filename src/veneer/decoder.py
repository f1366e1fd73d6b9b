"""The decode path, top to bottom: the bytes of a file to pixels. The reader starts here.

container -> base layer -> picture, or container -> preview
Source: docs/format.md, "Overview".
"""

from __future__ import annotations

import functools
import warnings

import numpy

from veneer import limits, reference
from veneer.base.layer import Pixels, TileStatus, decode_base
from veneer.bitstream import fields, syntax
from veneer.bitstream.container import preview_size, read_contents, read_front, tile_grid
from veneer.bitstream.syntax import PREVIEW_SCALE, Head
from veneer.bitstream.tiles import Region
from veneer.errors import ErrorCode, VeneerError, VeneerWarning
from veneer.preview import covering_region, decode_preview, reduce_picture
from veneer.settings import check_backend, check_layers, check_realism, check_threads


def decode(
    data: bytes | bytearray | memoryview,
    *,
    layers: str = "full",
    realism: float | None = None,
    region: Region | None = None,
    threads: int = 0,
    strict: bool = False,
    max_pixels: int = limits.DEFAULT_MAX_PIXELS,
    problems: list[VeneerError] | None = None,
    backend: str = "native",
) -> Pixels:
    """Decodes a picture, or a region of it.

    Args:
        data: the file; anything with the buffer interface.
        layers: "full", "base" (without enhancement) or "preview" (the whole at an eighth of its sides, rounded up).
            A file without enhancement gives its base either way. One without preview, or with a damaged one, is
            decoded to its base and reduced.
        realism: 0..1, how much texture the enhancement may add; None for the default that the file names. It has
            nothing to act on in a file without enhancement.
        region: x, y, width, height in pixels; only the tiles it touches are read and decoded. None for all. Of a
            preview, those pixels are given that stand for some of the region.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        strict: damage of any sort is an error. Otherwise tiles that are damaged or missing are filled in from
            around them, and a `VeneerWarning` says which.
        max_pixels: pictures with more pixels are refused before anything is allocated.
        problems: a list to which, unless `strict`, is added what would else be warned of.
        backend: "native"; or "reference", which is plain Python, slow, and strict whatever `strict` says.

    Returns:
        uint8 [H, W, C]: grey (C = 1), grey and alpha (2), RGB (3) or RGB and alpha (4), as it was encoded; an
        orientation in the metadata is not applied. A preview has H and W of an eighth, rounded up.

    Raises:
        VeneerError: the data are no Veneer file, are damaged, cut, invalid, of a newer version or over a limit; or
            an argument is out of range.
    """
    check_layers(layers)
    check_realism(realism)
    check_threads(threads)
    check_backend(backend)
    view = memoryview(data).cast("B")
    if backend == "reference":
        return _decode_by_reference(view, layers=layers, region=region, max_pixels=max_pixels)
    if layers == "preview":
        return _decode_preview(view, region, threads, max_pixels, strict, problems)
    contents = read_contents(view, strict=strict, max_pixels=max_pixels, region=region)
    head = contents.head
    pixels, status = decode_base(
        contents.colour_tiles,
        contents.alpha_tiles,
        width=head.width,
        height=head.height,
        channels=head.channels,
        tile_log2=head.tile_log2,
        parameters=fields.write(syntax.BASE_PARAMETERS, head),
        region=region or (0, 0, head.width, head.height),
        threads=threads,
        cut_tile=contents.cut_tile,
        preview=functools.partial(decode_preview, contents.preview, head, threads) if contents.preview else None,
    )
    _report([*contents.problems, *_damage(status, head)], strict, problems)
    return pixels


def _decode_by_reference(data: memoryview, *, layers: str, region: Region | None, max_pixels: int) -> Pixels:
    """The same, by the reference decoder and strictly: the whole picture, and what is wanted of it."""
    pixels = reference.decode(data.tobytes(), layers=layers, max_pixels=max_pixels)
    head = read_front(data, max_pixels).head
    region = region or (0, 0, head.width, head.height)
    tile_grid(head).covering(region)
    if layers == "preview":
        has_preview = pixels.shape[1::-1] == preview_size(head.width, head.height)
        pixels = pixels if has_preview else reduce_picture(pixels)
        region = covering_region(region)
    x, y, width, height = region
    return numpy.ascontiguousarray(pixels[y : y + height, x : x + width])


def _decode_preview(
    data: memoryview,
    region: Region | None,
    threads: int,
    max_pixels: int,
    strict: bool,
    problems: list[VeneerError] | None,
) -> Pixels:
    """The preview of the file, or one made of its base layer; of a region the pixels that stand for some of it."""
    front = read_front(data, max_pixels)
    head = front.head
    region = region or (0, 0, head.width, head.height)
    tile_grid(head).covering(region)
    left, top, width, height = covering_region(region)
    if front.preview is not None:
        preview = decode_preview(front.preview, head, threads)
        if preview is not None:
            _report(front.problems, strict, problems)
            return numpy.ascontiguousarray(preview[top : top + height, left : left + width])
        _report([VeneerError(ErrorCode.TILE_DAMAGED, "the preview cannot be decoded")], strict, problems)
    x, y = left * PREVIEW_SCALE, top * PREVIEW_SCALE
    right, bottom = min(head.width, x + width * PREVIEW_SCALE), min(head.height, y + height * PREVIEW_SCALE)
    base = decode(
        data,
        layers="base",
        region=(x, y, right - x, bottom - y),
        threads=threads,
        strict=strict,
        max_pixels=max_pixels,
        problems=problems,
    )
    return reduce_picture(base)


def _damage(status: list[TileStatus], head: Head) -> list[VeneerError]:
    """What the base decoder found: a tile that is cut, and payloads whose checksum agrees and that are no code.

    The last one is NO_TILE, where not one superblock of the picture is left.
    """
    problems = []
    for index, state in enumerate(status):
        if state >= TileStatus.CUT:
            text = f"tile {index}: {state.known_superblocks} of {tile_grid(head).superblocks(index)} superblocks"
            problems.append(VeneerError(ErrorCode.CHUNK_CUT, text))
    damaged = [i for i, state in enumerate(status) if state in (TileStatus.DAMAGED, TileStatus.ALPHA_DAMAGED)]
    if damaged:
        text = f"{len(damaged)} of {len(status)} tiles cannot be decoded: {', '.join(map(str, damaged[:8]))}"
        problems.append(VeneerError(ErrorCode.TILE_DAMAGED, text))
    if not any(state == TileStatus.NOT_NEEDED or state.known_superblocks for state in status):
        problems.append(VeneerError(ErrorCode.NO_TILE, "not one superblock of the picture is left"))
    return problems


def _report(problems: list[VeneerError], strict: bool, noted: list[VeneerError] | None) -> None:
    """Raises the first problem where everything must be right, else notes each, or warns of it; NO_TILE is raised."""
    for problem in problems if strict else [one for one in problems if one.code == ErrorCode.NO_TILE]:
        raise problem
    for problem in problems:
        if noted is not None:
            noted.append(problem)
            continue
        warnings.warn(VeneerWarning(problem), stacklevel=3)
