"""The enhanced picture: what networks are told of the base picture, latents, and running the networks.

Source: docs/format.md, "Enhancement".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy
import numpy.typing

from veneer.errors import ErrorCode, VeneerError
from veneer.reference.base import BasePicture
from veneer.reference.container import File
from veneer.reference.depth import Pixels
from veneer.reference.filters import filter_tiles, read_filters
from veneer.reference.network import Network
from veneer.reference.range_coder import RangeDecoder, bytes_to_words
from veneer.reference.tables import LATENT_PRECISION, MAX_LATENT, latent_cdfs
from veneer.reference.texture import TEXTURE_INPUTS, add_texture
from veneer.reference.tile import Samples
from veneer.reference.weights import Model

PLAIN_STRENGTH = 64
REDUCTIONS = (2, 4, 8, 16, 32, 64)  # of latents
MAX_UNROUNDED = 16320
# Fraction_Bits that inputs and outputs must have.
BASE_UNITS = {"picture": 2, "interpolated": 2, "enhanced": 6}
TEXTURE_UNITS = {"picture": 6, "textured": 6}
SIDE_INPUTS = ("picture", "maps", "step", "settings")
Integers = numpy.typing.NDArray[numpy.int16]
NOTHING: Mapping[str, Integers] = {}
Shape = tuple[int, int]  # channels and reduction


class Networks(NamedTuple):
    """Those of a model that a decoder runs, and the shape of latents where there are any."""

    restore: Network
    latent_prior: Network | None
    y: Shape | None


def enhance(file: File, base: BasePicture, model: Model, texture_model: Model | None, realism: int | None) -> Samples:
    """The enhanced colour in full size and in 1/64 of a level, int64 [H, W, 1 or 3].

    Args:
        file: with enhancement.
        base: its base picture.
        model: the one that restores.
        texture_model: the one that textures, where the file names one.
        realism: 0..64, None for what the file names.
    """
    networks = networks_of(model, base.scale)
    if realism is None:
        realism = (64 * file.head.default_realism + 127) // 255
    texture = texture_network_of(texture_model) if texture_model and realism > 0 else None
    height, width = base.scale * base.quarters.shape[0], base.scale * base.quarters.shape[1]
    strength = numpy.full((*base.steps.shape, 1), PLAIN_STRENGTH, numpy.int16)
    rows, columns = (-(-side // networks.y[1]) for side in (height, width)) if networks.y else (0, 0)
    y = numpy.zeros((rows, columns, networks.y[0] if networks.y else 1), numpy.int16)
    filters, plain = {}, []
    for index in range(file.head.columns * file.head.rows):
        part = base.part(*file.head.tile_box(index))
        sides = (base.scale * side for side in part.quarters.shape[1::-1])
        box = (base.scale * part.x, base.scale * part.y, *sides)
        tile = file.enhancement.get(index)
        if tile is None:
            plain.append(box)
            continue
        top, left = part.y // 4, part.x // 4
        strength[top : top + part.steps.shape[0], left : left + part.steps.shape[1]] = tile.strength
        coder, more = RangeDecoder(bytes_to_words(tile.data)), tile.data != b""
        if tile.filtered:
            more, filters[box] = read_filters(coder, base.quarters.shape[2])
        if networks.latent_prior and networks.y and more:
            found = read_latents(coder, run_network(networks.latent_prior, part))
            top, left = (base.scale * side // networks.y[1] for side in (part.y, part.x))
            y[top : top + found.shape[0], left : left + found.shape[1]] = found
    inputs = {"y": y, "strength": strength, "realism": numpy.full_like(strength, realism)}
    enhanced = run_network(networks.restore, base, inputs)
    enhanced = enhanced if file.head.colour else enhanced[..., 1:2]
    shown = base.quarters if base.scale == 1 else base.interpolated()
    enhanced = filter_tiles(enhanced, shown.astype(numpy.int64), filters)
    for x, y0, w, h in plain:
        enhanced[y0 : y0 + h, x : x + w] = 16 * shown.astype(numpy.int64)[y0 : y0 + h, x : x + w]
    if texture:
        colours = enhanced if file.head.colour else enhanced[..., (0, 0, 0)]
        enhanced = add_texture(texture, colours, base, realism, file.head.noise_seed)
        enhanced = enhanced if file.head.colour else enhanced[..., 1:2]
    return enhanced


def round_levels(enhanced: Samples, base: BasePicture) -> Pixels:
    """1/64 of a level to pixels of the depth of the base picture: by what is added to its quarters."""
    if base.scale == 2:
        return base.depth.changed_pixels(numpy.zeros_like(enhanced), enhanced)
    return base.depth.changed_pixels(base.exact, enhanced - 16 * base.quarters)


# Models and networks


def networks_of(model: Model, scale: int) -> Networks:
    """Those for a Base_Scale; VeneerError of MODEL_UNKNOWN unless they are as they should be."""
    suffix = "" if scale == 1 else "_half"
    restore, latent_prior = (model.networks.get(name) for name in ("restore" + suffix, "latent_prior" + suffix))
    shapes: dict[str, Shape] = {
        "picture": (3, scale),
        "maps": (8, 4 * scale),
        "step": (1, 4 * scale),
        "settings": (4, 4 * scale),
        "strength": (1, 4 * scale),
        "realism": (1, 4 * scale),
    }
    if scale == 2:
        shapes["interpolated"] = (3, 1)
    y = _inputs(restore).get("y") if restore else None
    if y is not None and y[1] in REDUCTIONS:
        shapes["y"] = y
    good = restore is not None and fits(restore, shapes, BASE_UNITS, "enhanced", MAX_UNROUNDED)
    if y is not None:
        side = {name: shapes[name] for name in SIDE_INPUTS}
        good = good and latent_prior is not None and fits(latent_prior, side, BASE_UNITS, "index", 63, y)
    if restore is None or not good:
        text = f"the model has no network restore{suffix} that this decoder can use"
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, text)
    return Networks(restore, latent_prior if y else None, y)


def texture_network_of(model: Model) -> Network:
    """The network that textures; VeneerError of MODEL_UNKNOWN unless there is one as it should be."""
    texture = model.networks.get("texture")
    if texture is None or not _textures(texture):
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, "the model has no network texture that this decoder can use")
    return texture


def _textures(network: Network) -> bool:
    return fits(network, TEXTURE_INPUTS, TEXTURE_UNITS, "textured", MAX_UNROUNDED)


def _inputs(network: Network) -> dict[str, Shape]:
    return {tensor.name: (tensor.channels, tensor.reduction) for tensor in network.graph.inputs}


def fits(
    network: Network, inputs: dict[str, Shape], fractions: dict[str, int], output: str, high: int, shape: Shape = (3, 1)
) -> bool:
    """Whether a network has no other inputs than these, and this one output with values of 0..high.

    `fractions` are the Fraction_Bits of those inputs and outputs that must have some.
    """
    graph = network.graph
    units = {tensor.name: tensor.fraction_bits for tensor in graph.inputs}
    units |= {tensor.name: tensor.fraction_bits for tensor in graph.outputs}
    return (
        all(fractions.get(name, bits) == bits for name, bits in units.items())
        and all(inputs.get(name) == found for name, found in _inputs(network).items())
        and [tensor.name for tensor in graph.outputs] == [output]
        and (graph.shapes[output].channels, graph.shapes[output].reduction) == shape
        and network.ranges[output][0] >= 0
        and network.ranges[output][1] <= high
    )


# Inputs of networks


def run_network(network: Network, base: BasePicture, more: Mapping[str, Integers] = NOTHING) -> Samples:
    """The one output of a network, for a base picture or a part of it, and inputs that do not come from there."""
    units = base.steps.shape
    every = {
        "picture": numpy.broadcast_to(base.quarters, (*base.quarters.shape[:2], 3)),
        "maps": base.maps,
        "step": base.steps[..., None],
        "settings": numpy.broadcast_to(numpy.array(base.settings), (*units, 4)),
        **more,
    }
    if base.scale == 2:
        full = base.interpolated()
        every["interpolated"] = numpy.broadcast_to(full, (*full.shape[:2], 3))
    inputs = {name: every[name].astype(numpy.int16) for name in _inputs(network)}
    size = base.scale * base.quarters.shape[0], base.scale * base.quarters.shape[1]
    (result,) = network.run(inputs, size).values()
    return result.astype(numpy.int64)


# Latents


class SymbolCoder(Protocol):
    """Where symbols come from: a range decoder, or one who invents a stream."""

    def symbol(self, cdf: Sequence[int], precision: int) -> int: ...


def read_latents(coder: SymbolCoder, index: Samples) -> Samples:
    """Latents of a tile; `index` names the distribution of each, [rows, columns, C].

    Where each symbol has a share of the range, offset < range at the end, so there is no need to look.
    """
    tables = latent_cdfs()
    y = numpy.zeros_like(index)
    try:
        for place in numpy.ndindex(index.shape):
            y[place] = coder.symbol(tables[index[place]], LATENT_PRECISION) - MAX_LATENT
    except ValueError as error:
        raise VeneerError(ErrorCode.LATENTS_DAMAGED, "the latents of a tile are no code") from error
    return y
