"""The decode path, top to bottom: the bytes of a file to pixels. The reader starts here.

container -> base layer -> base picture -> enhancement, where the file has it and its model is known -> picture;
or container -> preview
Source: docs/format.md, "Overview".
"""

from __future__ import annotations

import contextlib
import dataclasses

import numpy

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
from veneer.base.layer import Pixels
from veneer.bitstream.container import ModelReference, preview_size, read_contents, read_front
from veneer.bitstream.contents import reference_of, texture_slot
from veneer.bitstream.syntax import PREVIEW_SCALE, SIGNATURE, Head
from veneer.bitstream.tiles import Region
from veneer.enhancement import models as known_models
from veneer.enhancement.models import by_reference, load
from veneer.enhancement.networks import Networks, networks_of, texture_network_of
from veneer.enhancement.synthesis import realism_from_head, realism_from_share
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.network import Network
from veneer.notices import report_problems
from veneer.preview import covering_region, decode_preview, reduce_picture
from veneer.reconstruction import add_texture_where_lost, needed_region, reconstruct_base, reconstruct_enhanced
from veneer.sources import Source, read_source

# Fills what was lost of pictures whose files name no model that textures.
FILLING_MODEL = "standard"


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
        uint8 [H, W, C]: grey (C = 1), grey and alpha (2), RGB (3) or RGB and alpha (4), as it was encoded; an
        orientation in the metadata is not applied. A preview has H and W of an eighth, rounded up.

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
    if layers == "preview":
        return _decode_preview(view, region, threads, max_pixels, strict, problems)
    finder = _NetworkFinder(models) if layers == "full" else None

    def needed(head: Head, model: ModelReference | None) -> Region:
        networks = finder.find(head, model) if finder else None
        return needed_region(head, _checked(region, head), networks, _network_realism(realism, head))

    contents = read_contents(
        view,
        strict=strict,
        max_pixels=max_pixels,
        needed=needed if region else None,
        enhancement=finder is not None,
    )
    head = contents.head
    region = _checked(region, head)
    networks = finder.find(head, contents.model) if finder else None
    found = contents.problems
    found.extend(finder.problems if finder else [])
    result = None
    if networks is not None:
        try:
            result = reconstruct_enhanced(contents, region, networks, _network_realism(realism, head), threads)
        except VeneerError as problem:
            found.add(problem)
    if result is None:
        result = reconstruct_base(contents, region, threads)
        texture = _filling_network(head, models) if finder and result.is_worth_texture and not strict else None
        if texture is not None:
            with contextlib.suppress(VeneerError):  # what is filled in without it will do
                add_texture_where_lost(contents, region, result.pixels, texture, threads)
    found.extend(result.problems)
    report_problems(found.entries(), strict, problems)
    return result.pixels


def _filling_network(head: Head, folder: Folder | None) -> Network | None:
    """The `texture` that makes something of lost tiles: of the model that the file names, else of the installation's.

    None where there is neither.
    """
    slot = texture_slot(head)
    if slot is not None:
        with contextlib.suppress(VeneerError):
            return texture_network_of(load(by_reference(*reference_of(slot), folder)))
    try:
        entry = known_models.by_name(FILLING_MODEL, folder)
        return texture_network_of(load(entry)) if entry else None
    except VeneerError:
        return None


def _network_realism(realism: float | None, head: Head) -> int:
    """What networks are told of the realism that the caller asks for, 0..64."""
    return realism_from_head(head.default_realism) if realism is None else realism_from_share(realism)


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

    pixels = reference.decode(
        data.tobytes(),
        layers=layers,
        realism=None if realism is None else realism_from_share(realism),
        find_model=lambda number, check: load(by_reference(number, check, models)),
        max_pixels=max_pixels,
    )
    head = read_front(data, max_pixels).head
    region = _checked(region, head)
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
    region = _checked(region, head)
    left, top, width, height = covering_region(region)
    if front.preview is not None:
        preview = decode_preview(front.preview, head, threads)
        if preview is not None:
            report_problems(front.problems.entries(), strict, problems)
            return numpy.ascontiguousarray(preview[top : top + height, left : left + width])
        damage = [VeneerError(ErrorCode.TILE_DAMAGED, "the preview cannot be decoded")]
        report_problems(damage, strict, problems)
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


def _checked(region: Region | None, head: Head) -> Region:
    """The region, or the whole picture; raises VeneerError of BAD_REGION where it is not within the picture."""
    if region is None:
        return 0, 0, head.width, head.height
    x, y, width, height = region
    if not (0 <= x < x + width <= head.width and 0 <= y < y + height <= head.height):
        text = f"region {x},{y},{width},{height} does not lie within {head.width}x{head.height} pixels"
        raise VeneerError(ErrorCode.BAD_REGION, text)
    return region


class _NetworkFinder:
    """Finds the networks of the model that a file names.

    Args:
        folder: of models, before all others.

    Attributes:
        problems: why there are none, where the file names a model.
    """

    def __init__(self, folder: Folder | None) -> None:
        self._folder = folder
        self._found: dict[ModelReference, Networks | None] = {}
        self.problems: list[VeneerError] = []

    def find(self, head: Head, reference: ModelReference | None) -> Networks | None:
        """The networks, or None where the picture is not enhanced or they are not to be had."""
        if reference is None:
            return None
        if reference not in self._found:
            self._found[reference] = self._load(head, reference)
        return self._found[reference]

    def _load(self, head: Head, reference: ModelReference) -> Networks | None:
        try:
            entry = by_reference(*reference, self._folder)
            networks = networks_of(load(entry), head.base_scale)
            if networks is None:
                text = f"model {entry.name} ({entry.id}) has no networks for Base_Scale {head.base_scale}"
                raise VeneerError(ErrorCode.MODEL_UNKNOWN, text)
        except VeneerError as problem:
            self.problems.append(problem)
            return None
        return dataclasses.replace(networks, texture=self._find_texture(head, reference, networks))

    def _find_texture(self, head: Head, reference: ModelReference, networks: Networks) -> Network | None:
        """The network that textures, by the table of models; `networks` are those that restore."""
        slot = texture_slot(head)
        if slot is None:
            return None
        if reference_of(slot) == reference and networks.texture is not None:
            return networks.texture
        try:
            entry = by_reference(*reference_of(slot), self._folder)
            return texture_network_of(load(entry))
        except VeneerError as problem:
            self.problems.append(problem)
            return None
