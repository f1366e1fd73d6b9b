"""Decoding: the bytes of a file to pixels, by the decoder of the core.

The decode path itself is `native/picture/decoder.h`; this checks arguments, finds models, and reports problems.
Source: docs/format.md, "Overview".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy
import numpy.typing

from veneer import backend as core
from veneer import limits
from veneer.arguments import (
    BACKENDS,
    DECODED_LAYERS,
    Backend,
    DecodedLayers,
    Folder,
    check_flag,
    check_folder,
    check_max_pixels,
    check_name,
    check_problems,
    check_realism,
    check_region,
    check_threads,
)
from veneer.bitstream.container import read_front
from veneer.bitstream.syntax import SIGNATURE
from veneer.bitstream.tiles import Region
from veneer.enhancement.finder import ModelFinder
from veneer.enhancement.models import Entry, by_reference, check_id, file_of, weights_of
from veneer.errors import ErrorCode, VeneerError
from veneer.notices import report_problems
from veneer.preview import covering_region, reduce_picture
from veneer.sample_depth import as_bytes
from veneer.sources import Source, read_source

if TYPE_CHECKING:
    from veneer import reference

Pixels = numpy.typing.NDArray[Any]  # uint8, uint16 of more than 8 bits, or float16

FILE_REALISM = -1  # what the file asks for


def decode(
    data: Source,
    *,
    layers: DecodedLayers = "full",
    realism: float | None = None,
    region: Region | None = None,
    threads: int = 0,
    strict: bool = False,
    max_pixels: int = limits.DEFAULT_MAX_PIXELS,
    problems: list[VeneerError] | None = None,
    backend: Backend = "native",
    models: Folder | None = None,
) -> Pixels:
    """Decodes a picture, or a region of it.

    Args:
        data: the file: bytes, or anything with the buffer interface; its path; or a file open for reading bytes, which
            is read from its beginning.
        layers: "full", "base" (without enhancement) or "preview" (the whole at an eighth of its sides, rounded up).
            A file without enhancement gives its base either way. One without preview, or with a damaged one, is
            decoded to its base and reduced.
        realism: 0..1, how much texture the enhancement may add; None for the default that the file names. It has
            nothing to act on in a file without enhancement.
        region: x, y, width, height in pixels; only the tiles that have an influence on it are read and decoded. None
            for all. Of a preview, those pixels are given that stand for some of the region.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        strict: damage of any sort is an error, and so is a model that is not there. Otherwise tiles that are damaged or
            missing are filled in, from the preview or from around them and then, but for layers="base", with texture
            where a model has it; a picture without its model is the base picture; and a `VeneerWarning` says so.
        max_pixels: pictures with more pixels are refused before anything is allocated.
        problems: a list to which, unless `strict`, is added what would else be warned of: of each code of error the
            first 32, and a last one of code MORE_PROBLEMS that counts the others, if there are any. Without the list
            there is one warning for each code.
        backend: "native"; or "reference", which is plain Python, slow, and strict whatever `strict` says.
        models: a folder of models to look into before the package's own, with a manifest.

    Returns:
        uint8 [H, W, C], or uint16 of a file with more than 8 bits a sample, or float16 of one with half floats: grey
        (C = 1), grey and alpha (2), RGB (3) or RGB and alpha (4), as it was encoded; an orientation in the metadata is
        not applied. A preview is always uint8, of 0..255, and has H and W of an eighth, rounded up; of half floats it
        shows their order, not their light.

    Raises:
        VeneerError: the data are no Veneer file, are damaged, cut, invalid, of a newer version or over a limit; or
            an argument is out of range or of another type. NO_WEIGHTS where there is no folder `models`.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    check_name("layers", layers, DECODED_LAYERS)
    check_name("backend", backend, BACKENDS)
    check_problems(problems)
    realism, region, threads = check_realism(realism), check_region(region), check_threads(threads)
    strict, max_pixels = check_flag("strict", strict), check_max_pixels(max_pixels)
    models = check_folder("models", models)
    view = read_source(data, SIGNATURE)
    if backend == "reference":
        return _decode_by_reference(view, layers, realism, region, max_pixels, models)
    pixels, found = core.decode(
        view,
        layers=DECODED_LAYERS.index(layers),
        realism=network_realism(realism),
        region=region,
        strict=strict,
        max_pixels=max_pixels,
        threads=core.thread_count(threads),
        models=ModelFinder(models),
    )
    report_problems(found, strict, problems)
    return pixels


def network_realism(realism: float | None) -> int:
    """What the core is told of the realism that a caller asks for, 0..1 or None."""
    return FILE_REALISM if realism is None else core.realism_from_share(realism)


@functools.lru_cache(maxsize=2)
def _model_of_reference(entry: Entry) -> reference.Model:
    """A model for the reference decoder, which takes seconds to read a network."""
    from veneer import reference

    model = reference.model_of(file_of(entry), functools.partial(weights_of, entry))
    check_id(entry, model.id)
    return model


def _decode_by_reference(
    data: memoryview,
    layers: str,
    realism: float | None,
    region: Region | None,
    max_pixels: int,
    models: Folder | None,
) -> Pixels:
    """The same, by the reference decoder and strictly: the whole picture, and what is wanted of it."""
    from veneer import reference  # a second decoder, which nobody else has to wait for

    def find_model(number: int, check: bytes) -> reference.Model:
        return _model_of_reference(by_reference(number, check, models))

    pixels = reference.decode(
        data.tobytes(),
        layers=layers,
        realism=None if realism is None else network_realism(realism),
        find_model=find_model,
        max_pixels=max_pixels,
    )
    front = read_front(data, max_pixels)
    head = front.head
    width, height = head.width, head.height
    x, y, columns, rows = region or (0, 0, width, height)
    if not (0 <= x < x + columns <= width and 0 <= y < y + rows <= height):
        text = f"region {x},{y},{columns},{rows} does not lie within {width}x{height} pixels"
        raise VeneerError(ErrorCode.BAD_REGION, text)
    if layers == "preview":
        pixels = reduce_picture(as_bytes(pixels, head.bit_depth)) if front.preview is None else pixels
        x, y, columns, rows = covering_region((x, y, columns, rows))
    return numpy.ascontiguousarray(pixels[y : y + rows, x : x + columns])
