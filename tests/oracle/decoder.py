"""The decode path in plain Python over single parts of the core, damage included: what the decoder in C++ is held to.

container -> base layer -> base picture -> enhancement, where the file has it and its model is known -> picture;
or container -> preview
Source: docs/format.md, "Overview".
"""

from __future__ import annotations

import contextlib
import dataclasses

import numpy
from oracle.base_layer import Pixels
from oracle.container import read_contents, read_front
from oracle.enhancement.networks import Networks, networks_of, texture_network_of
from oracle.enhancement.realism import realism_from_head, realism_from_share
from oracle.models import load
from oracle.modular_layer import as_bytes
from oracle.preview import covering_region, decode_preview, reduce_picture
from oracle.reconstruction import add_texture_where_lost, needed_region, reconstruct_base, reconstruct_enhanced

from veneer import limits
from veneer.arguments import Folder
from veneer.bitstream.contents import ModelReference, reference_of, texture_slot
from veneer.bitstream.syntax import PREVIEW_SCALE, Head
from veneer.bitstream.tiles import Region
from veneer.enhancement import models as known_models
from veneer.enhancement.models import by_reference
from veneer.errors import ErrorCode, VeneerError
from veneer.notices import report_problems
from veneer.reference.network import Network
from veneer.reference.weights import Model

# Fills what was lost of pictures whose files name no model that textures.
FILLING_MODEL = "standard"


def decode(
    data: bytes,
    *,
    layers: str = "full",
    realism: float | None = None,
    region: Region | None = None,
    threads: int = 1,
    strict: bool = False,
    max_pixels: int = limits.DEFAULT_MAX_PIXELS,
    problems: list[VeneerError] | None = None,
    models: Folder | None = None,
) -> Pixels:
    """As `veneer.decode`, without its checks of arguments."""
    view = memoryview(data)
    if layers == "preview":
        return _decode_preview(view, region, threads, max_pixels, strict, problems)
    finder = _NetworkFinder(models, realism) if layers == "full" else None

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
    return reduce_picture(base if head.bit_depth == 8 else as_bytes(base, head.bit_depth))


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
        realism: that the caller asks for; at 0 nobody is told that there is no texture.

    Attributes:
        problems: why there are none, where the file names a model.
    """

    def __init__(self, folder: Folder | None, realism: float | None) -> None:
        self._folder = folder
        self._realism = realism
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
            model = load(entry)
            restoring = {name: model.networks[name] for name in model.networks if name != "texture"}
            networks = networks_of(Model(model.id, model.name, restoring), head.base_scale)
            if networks is None:
                text = f"model {entry.name} ({entry.id}) has no networks for Base_Scale {head.base_scale}"
                raise VeneerError(ErrorCode.MODEL_UNKNOWN, text)
        except VeneerError as problem:
            self.problems.append(problem)
            return None
        return dataclasses.replace(networks, texture=self._find_texture(head))

    def _find_texture(self, head: Head) -> Network | None:
        """The network that textures, by the table of models."""
        slot = texture_slot(head)
        if slot is None:
            return None
        try:
            entry = by_reference(*reference_of(slot), self._folder)
            return texture_network_of(load(entry))
        except VeneerError as problem:
            if _network_realism(self._realism, head) > 0:
                self.problems.append(problem)
            return None
