"""How a picture is put into layers: base layers of full or half size, with enhancement or without. Encoder only.

Whichever leaves the least error + lambda * rate is kept. Half size is tried at coarse steps only, where it can win.
Source: docs/format.md for what decoders do with it; which layers there are is the encoder's choice.
"""

from __future__ import annotations

import dataclasses
import math

import numpy

from veneer import stages
from veneer.base.enc_layer import BaseLayer, encode_base, filter_base
from veneer.base.layer import Pixels, decode_base_quarters, to_pixels
from veneer.bitstream import fields, syntax
from veneer.bitstream.chunks import FRAME_SIZE
from veneer.bitstream.syntax import Enhancement, ModelSlot
from veneer.bitstream.tiles import TileGrid
from veneer.enc_base_picture import base_picture, with_interpolation
from veneer.enc_halving import halved
from veneer.enc_original import Original
from veneer.enhancement import models
from veneer.enhancement.base_picture import BasePicture
from veneer.enhancement.enc_layer import encode_enhancement, enhance_plainly, error_when_rounded, squared_error
from veneer.enhancement.enc_rule import surely_pays
from veneer.enhancement.enc_sampling import PLAIN_SAMPLE, Sample, judge
from veneer.enhancement.models import Entry
from veneer.enhancement.networks import Networks, networks_of
from veneer.enhancement.unrounded import from_quarters
from veneer.errors import ErrorCode, VeneerError
from veneer.sample_depth import BYTE_DEPTH, Samples
from veneer.settings import DEFAULT_MODEL, Settings

# Steps from here on are coarse enough for a base of half size to be tried, at a step so much finer. Without enhancement
# it began to win at step 144 (1 of 8 validation pictures, 6 of 8 at 168); of offsets 20 .. 44 this one was the best.
FIRST_HALF_STEP = 140
HALF_STEP_OFFSET = 24
# Where its base alone costs so much more than what there is, no network makes that good, and none is run.
MOST_HALF_COST = 1.4

# Enhancement that takes less than this share off the cost is not worth the time that it takes to decode.
LEAST_GAIN = 1 / 256
# Up to this effort networks run over squares of a picture of so many pixels, not over all of it, unless filters are
# looked for: most of the time of encoding would go into them, for strengths that hardly differ from tile to tile.
LAST_SAMPLING_EFFORT = 6
SAMPLED_PIXELS = 1_000_000
# Up to this one no network runs at all where the default model surely pays.
LAST_RULED_EFFORT = 3

# From these efforts on, by tune, a base of full size is coded of a picture from which a share of what enhancement will
# add, as far as a quick encode tells, is taken away: what comes back by itself need not be coded.
FIRST_ANTICIPATING_EFFORT = {"psnr": 5, "visual": 7}
QUICK_EFFORT = 3
# Efforts from this one on look for filters of tiles, where no network comes after them.
FIRST_FILTERED_EFFORT = 3
ANTICIPATED_TENTHS = 3
_STRIP = 64  # rows at a time

# lambda / q^2, as in the base encoder's own decisions.
RATE_WEIGHT = 0.095


@dataclasses.dataclass(frozen=True)
class Layers:
    """A coded picture without what goes around it.

    Attributes:
        base: the base layer.
        base_scale: sides of the picture over those of the base picture.
        tile_log2: side of a tile.
        enhancement: the eNHA chunks; none where it does not pay.
        model: that they name; None where there are none.
        cost: squared error of all samples + lambda * bits; 0 where nothing had to be compared.
    """

    base: BaseLayer
    base_scale: int
    tile_log2: int
    enhancement: list[Enhancement] = dataclasses.field(default_factory=list)
    model: ModelSlot | None = None
    cost: float = 0.0

    @property
    def textured(self) -> bool:
        """Whether decoders can add texture."""
        return self.model is not None and bool(self.model.role & syntax.TEXTURES)


def encode_layers(original: Original, settings: Settings, step_index: int) -> Layers:
    """Codes a picture in the layers that the settings ask for.

    Args:
        original: the picture.
        settings: of the encoder.
        step_index: 0..223, of a base of full size; one of half size gets a finer one.

    Raises:
        VeneerError: BAD_SETTING where no model of that name enhances pictures or half size is not possible; what
            `models.load` and `networks_of` raise.
    """
    if settings.base_scale == 2 and original.needs_full_base:
        what = "of more than 8 bits" if original.is_deep else "with alpha"
        raise VeneerError(ErrorCode.BAD_SETTING, f"base_scale must be 1 for a picture {what}")
    entry = models.by_name(settings.model or DEFAULT_MODEL, settings.models) if settings.layers == "full" else None
    scale = settings.base_scale or 1
    if entry is not None and not any(_networks(entry, each, settings) for each in (1, 2)):
        raise VeneerError(ErrorCode.BAD_SETTING, f"model {entry.name} ({entry.id}) does not enhance pictures")
    if entry is None:
        layers = _encode_scaled_base(original, settings, scale, step_index, _may_filter(settings))
        stages.pass_done()
        return layers
    layers = _encode_anticipating(original, settings, entry, scale, step_index)
    if settings.base_scale is None and step_index >= FIRST_HALF_STEP and not original.needs_full_base:
        half = _encode_with_model(original, settings, entry, 2, step_index, MOST_HALF_COST * layers.cost)
        layers = min(layers, half, key=lambda candidate: candidate.cost)
    if layers.model is None and _may_filter(settings):
        return _with_tile_filters(layers, original, settings)
    return layers


def _may_filter(settings: Settings) -> bool:
    """Whether tiles may have filters where no network follows: those were trained on bases without."""
    return settings.tune == "psnr" and settings.effort >= FIRST_FILTERED_EFFORT


def error_per_bit(step_index: int, channels: int) -> float:
    """Squared error, summed over the channels, that a bit is worth at a step: lambda = 0.095 q^2 for their mean."""
    return RATE_WEIGHT * squared_step(step_index) * channels


def squared_step(step_index: int) -> float:
    """q^2 of the step q = 2^((step_index - 32) / 16) / 4 in 8-bit levels."""
    octaves, eighths = divmod(step_index - 32, 8)
    root = math.sqrt(math.sqrt(math.sqrt(2.0)))
    square = math.ldexp(1.0, octaves - 4)
    for _ in range(eighths):
        square *= root  # no power function, whose last digit depends on the machine
    return square


def full_size(pixels: Pixels, scale: int) -> Pixels:
    """The picture extended to a multiple of the scale by copies of its last row and column."""
    margins = [(0, -side % scale) for side in pixels.shape[:2]]
    return numpy.pad(pixels, (*margins, (0, 0)), mode="edge") if any(after for _, after in margins) else pixels


def _source(original: Original, scale: int) -> Samples:
    """What a base layer of a scale codes."""
    return original.samples if scale == 1 else halved(full_size(original.levels, scale))


def _encode_scaled_base(
    original: Original, settings: Settings, scale: int, step_index: int, filters: bool = False
) -> Layers:
    """The base layer alone."""
    source = _source(original, scale)
    height, width, _ = source.shape
    grid = TileGrid(width, height, settings.tile_log2(width, height))
    base = encode_base(
        source,
        depth=original.depth,
        step_index=step_index if scale == 1 else max(0, step_index - HALF_STEP_OFFSET),
        tune=settings.tune_index,
        effort=settings.effort,
        tile_log2=grid.tile_log2,
        threads=settings.threads,
        filters=filters,
    )
    return Layers(base, scale, grid.tile_log2)


def _with_tile_filters(layers: Layers, original: Original, settings: Settings) -> Layers:
    """The same base layer with filters of tiles."""
    base = filter_base(
        layers.base,
        _source(original, layers.base_scale),
        depth=original.depth,
        tune=settings.tune_index,
        effort=settings.effort,
        tile_log2=layers.tile_log2,
        threads=settings.threads,
    )
    return dataclasses.replace(layers, base=base)


def _encode_anticipating(original: Original, settings: Settings, entry: Entry, scale: int, step_index: int) -> Layers:
    """`_encode_with_model`, at high efforts with a base that counts on enhancement."""
    networks = _networks(entry, scale, settings)
    if scale > 1 or settings.effort < FIRST_ANTICIPATING_EFFORT[settings.tune] or networks is None:
        return _encode_with_model(original, settings, entry, scale, step_index)
    quick = _encode_scaled_base(original, dataclasses.replace(settings, effort=QUICK_EFFORT), 1, step_index)
    stages.done(stages.BASE)
    base = _decoded(quick, original.levels, original.depth, settings)
    enhanced = enhance_plainly(networks, base)
    stages.pass_done()
    shown = to_pixels(base.shown)
    wanted, whole = _visible(original.levels, shown), (0, 0, original.shape[1], original.shape[0])
    error = squared_error(wanted, shown, whole)
    cost = error + 8 * error_per_bit(step_index, shown.shape[2]) * _coded_bytes(quick)
    if error - error_when_rounded(wanted, enhanced, whole) <= LEAST_GAIN * cost:
        return _encode_with_model(original, settings, entry, 1, step_index)
    del shown, wanted
    source = original.samples.copy()
    most = (1 << original.depth) - 1
    for top in range(0, source.shape[0], _STRIP):
        rows = slice(top, top + _STRIP)
        colours = source[rows, :, : enhanced.shape[2]]
        # The change is in 1/64 of a level of 8 bits; half a level is added for rounding.
        change = (enhanced[rows] - from_quarters(base.shown[rows])).astype(numpy.int32) << (original.depth - BYTE_DEPTH)
        colours[:] = (colours - (ANTICIPATED_TENTHS * change + 320) // 640).clip(0, most)
    del base, enhanced
    layers = _encode_with_model(original, settings, entry, 1, step_index, source=source)
    return layers if layers.enhancement else _encode_with_model(original, settings, entry, 1, step_index)


def expected_passes(original: Original, settings: Settings, step_index: int) -> int:
    """How often `encode_layers` codes a picture, about; see `stages`."""
    if settings.layers == "base":
        return 1
    tries_half = settings.base_scale is None and step_index >= FIRST_HALF_STEP and not original.needs_full_base
    anticipates = settings.base_scale != 2 and settings.effort >= FIRST_ANTICIPATING_EFFORT[settings.tune]
    return 1 + tries_half + anticipates


def _networks(entry: Entry, scale: int, settings: Settings) -> Networks | None:
    """The networks of a model for a Base_Scale."""
    suffix = "" if scale == 1 else "_half"
    names = {f"{name}{suffix}" for name in ("restore", "latent_prior", "latent_analysis")}
    return networks_of(models.load(entry, {*names, "texture"}), scale, settings.threads)


def _tell_of_network(name: str) -> None:
    """A network has run over the whole picture."""
    stages.done({"latent_analysis": stages.ANALYSIS, "restore": stages.SYNTHESIS}[name])


def _visible(pixels: Pixels, shown: Pixels) -> Pixels:
    """The colours of a picture; those that alpha hides are not kept, so that nothing is wrong with what is shown."""
    if pixels.shape[2] in (1, 3):
        return pixels
    return numpy.where(pixels[:, :, -1:] == 0, shown, pixels[:, :, :-1])


def _coded_bytes(layers: Layers) -> int:
    """What the base layer takes in a file."""
    return sum(len(data) + FRAME_SIZE for data in (*layers.base.colour_tiles, *layers.base.alpha_tiles))


def _decoded(layers: Layers, original: Pixels, depth: int, settings: Settings) -> BasePicture:
    """The base picture of layers that a picture of full size was coded in."""
    height, width, channels = original.shape
    grid = TileGrid(width // layers.base_scale, height // layers.base_scale, layers.tile_log2)
    decoding = decode_base_quarters(
        layers.base.colour_tiles,
        width=grid.width,
        height=grid.height,
        channels=channels,
        tile_log2=grid.tile_log2,
        parameters=layers.base.parameters,
        depth=depth,
        threads=settings.threads,
    )
    parameters = fields.read(syntax.BASE_PARAMETERS, memoryview(layers.base.parameters))
    return with_interpolation(base_picture(decoding, parameters, layers.base_scale), settings.threads)


def _encode_with_model(
    original: Original,
    settings: Settings,
    entry: Entry,
    scale: int,
    step_index: int,
    most_cost: float = math.inf,
    source: Samples | None = None,
) -> Layers:
    """A base layer of a scale, with enhancement if it pays; without if the base alone costs more than `most_cost`.

    The base is coded of `source`, if it is given, and all is measured by `pixels`.
    """
    coded_of = original if source is None else Original(source, original.depth)
    layers = _encode_scaled_base(coded_of, settings, scale, step_index)
    stages.done(stages.BASE)
    networks = _networks(entry, scale, settings)
    if networks is not None and _samples_do(original, settings, scale, step_index):
        sampled = _enhance_by_sample(layers, networks, original, settings, entry, step_index)
        if sampled is not None:
            stages.pass_done()
            return sampled
    wanted = full_size(original.levels, scale)
    height, width, _ = wanted.shape
    grid = TileGrid(width // scale, height // scale, layers.tile_log2)
    base = _decoded(layers, wanted, original.depth, settings)
    shown = to_pixels(base.shown)
    wanted = _visible(wanted, shown)
    weight = error_per_bit(step_index, base.quarters.shape[2])
    base_bytes = _coded_bytes(layers)
    cost = squared_error(wanted, shown, (0, 0, width, height)) + weight * 8 * base_bytes
    plain = dataclasses.replace(layers, cost=cost)
    if networks is None or plain.cost > most_cost:
        stages.pass_done()
        return plain
    with_filters = settings.tune == "psnr"
    del shown
    boxes = [grid.box(index) for index in range(grid.count)]
    # For the eye filters are no gain: SSIMULACRA2 needs 1.2 % more bytes with them.
    coded = encode_enhancement(
        networks, base, wanted, boxes, weight, 0, with_filters=with_filters, done=_tell_of_network
    )
    stages.pass_done()
    chunks = [
        Enhancement(index, 0, syntax.FILTERED if tile.filtered else 0, tile.strength, tile.data)
        for index, tile in enumerate(coded.tiles)
    ]
    cost = coded.squared_error + weight * 8 * (base_bytes + _enhancement_bytes(chunks))
    if cost > (1 - LEAST_GAIN) * plain.cost:
        return plain
    return dataclasses.replace(layers, enhancement=chunks, model=_slot(entry, networks), cost=cost)


def _enhancement_bytes(chunks: list[Enhancement]) -> int:
    """What chunks and the entry of the model take in a file."""
    size = fields.fixed_size(syntax.MODEL_SLOT)
    return size + sum(len(fields.write(syntax.ENHANCEMENT, chunk)) + FRAME_SIZE for chunk in chunks)


def _slot(entry: Entry, networks: Networks) -> ModelSlot:
    """How the header names a model."""
    role = syntax.RESTORES | (syntax.TEXTURES if networks.textures else 0)
    return ModelSlot(entry.id, entry.check, role)


def _samples_do(original: Original, settings: Settings, scale: int, step_index: int) -> bool:
    """Whether squares of a picture say enough of its enhancement: not where sizes of the base are to be compared."""
    if settings.effort > LAST_SAMPLING_EFFORT or settings.tune == "psnr" or scale > 1:
        return False
    if settings.base_scale is None and step_index >= FIRST_HALF_STEP and not original.needs_full_base:
        return False
    return int(original.shape[0] * original.shape[1]) >= SAMPLED_PIXELS


def _enhance_by_sample(
    layers: Layers, networks: Networks, original: Original, settings: Settings, entry: Entry, step_index: int
) -> Layers | None:
    """The layers with enhancement of one strength, or without, by squares of the picture or by less.

    None where networks would send latents, for which they must run over all of it.
    """
    height, width, channels = original.shape
    grid = TileGrid(width, height, layers.tile_log2)
    base_bytes = _coded_bytes(layers)
    weight = error_per_bit(step_index, channels - 1 + channels % 2)
    error = layers.base.squared_error / (width * height * channels)
    ruled = settings.effort <= LAST_RULED_EFFORT and entry.name == DEFAULT_MODEL and channels in (1, 3)
    if ruled and surely_pays(step_index, squared_step(step_index), 8 * base_bytes / (width * height), error):
        sample = PLAIN_SAMPLE
    else:
        sample = _judge(layers, networks, grid, original, settings)
        if sample.latents:
            return None
    chunks = [Enhancement(index, 0, 0, sample.strength, b"") for index in range(grid.count)]
    more = weight * 8 * _enhancement_bytes(chunks)
    if sample.gain - more <= LEAST_GAIN * (sample.error + weight * 8 * base_bytes):
        return layers
    return dataclasses.replace(layers, enhancement=chunks, model=_slot(entry, networks))


def _judge(layers: Layers, networks: Networks, grid: TileGrid, original: Original, settings: Settings) -> Sample:
    """Squares of the tiles of a picture."""

    def tile_of(index: int) -> tuple[BasePicture, Pixels]:
        x, y, width, height = grid.box(index)
        wanted = original.levels[y : y + height, x : x + width]
        one = dataclasses.replace(layers.base, colour_tiles=[layers.base.colour_tiles[index]], alpha_tiles=[])
        base = _decoded(dataclasses.replace(layers, base=one), wanted, original.depth, settings)
        return base, _visible(wanted, to_pixels(base.shown))

    boxes = [grid.box(index) for index in range(grid.count)]
    return judge(networks, boxes, tile_of)
