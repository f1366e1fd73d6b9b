"""Small enhancement models for tests, written by hand: they take every input there is, and do pictures some good."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

import veneer
from veneer.base.layer import decode_base_quarters
from veneer.bitstream import fields, syntax
from veneer.bitstream.container import Metadata, read_contents, tile_grid, write_contents
from veneer.enc_base_picture import base_picture
from veneer.enc_layering import full_size
from veneer.enhancement.enc_latents import write_latents
from veneer.enhancement.geometry import cells_of
from veneer.enhancement.models import by_name, load
from veneer.enhancement.networks import networks_of
from veneer.inference.builder import GraphBuilder
from veneer.inference.graph import Graph
from veneer.inference.network import Array, Network
from veneer.inference.weight_bytes import file_hash
from veneer.inference.weights import Model, save_model

LATENT_CHANNELS = 3
SIDES = {"maps": 8, "step": 1, "settings": 4}
SHIFT = 20


def make_model(
    model_id: int = 900,
    name: str = "tiny",
    *,
    latents: bool = True,
    scales: tuple[int, ...] = (1, 2),
    texture: bool = False,
) -> Model:
    """A model with networks for some scales, and with `texture` where `texture` says so.

    y is the mean error of the base in squares of 16 x 16 pixels and colour, in levels; `restore` adds it, sharpens or
    smooths a little, and changes a little with all that it is told.
    """
    networks: dict[str, Network] = {}
    for scale in scales:
        makers = (make_restore, make_latent_prior, make_latent_analysis) if latents else (make_restore,)
        for network in (make(scale, latents) for make in makers):
            networks[network.graph.name] = network
    if texture:
        networks["texture"] = make_texture()
    return Model(model_id, name, networks)


def write_models(folder: Path, *models: Model) -> Path:
    """A folder of models with its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for model in models:
        file = f"{model.name}-{model.id}.vnm"
        save_model(model, folder, file)
        hashed = file_hash((folder / file).read_bytes())
        lines += ["[[model]]", f"id = {model.id}", f'name = "{model.name}"', f'file = "{file}"', f'sha256 = "{hashed}"']
    (folder / "manifest.toml").write_text("\n".join([*lines, ""]))
    return folder


def _suffixed(name: str, scale: int) -> str:
    return name if scale == 1 else f"{name}_half"


class _Arrays:
    """Arrays of operations, by what they shall do in real numbers."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def linear(self, name: str, weight: Array, gain: float, bias: int = 0) -> None:
        """Integer weights, and what the sum is multiplied with, at most 1."""
        channels = len(weight)
        self.arrays[f"{name}/weight"] = weight.astype("i2")
        self.arrays[f"{name}/bias"] = np.full(channels, bias, "i4")
        self.arrays[f"{name}/multiplier"] = np.full(channels, round(gain * (1 << SHIFT)), "i4")
        self.arrays[f"{name}/shift"] = np.full(channels, SHIFT, "u1")

    def network(self, graph: Graph) -> Network:
        return Network(graph, {name: self.arrays[name] for name in graph.arrays})


def _repeat(channels: int, factor: int) -> Array:
    """Weights of a convolution 1x1 that makes each channel a square of pixels."""
    return np.repeat(np.eye(channels), factor**2, axis=0)[:, :, None, None]


def _mean_of_squares(builder: GraphBuilder, arrays: _Arrays, picture: str, side: int, gain: float) -> str:
    """Sum of each colour over squares, times `gain`, as one pixel."""
    squares = builder.pixel_unshuffle(f"{picture}_squares", picture, side)
    weight = np.repeat(np.eye(3), side**2, axis=1)[:, :, None, None]
    arrays.linear(f"{picture}_mean", weight, gain)
    return builder.convolution(f"{picture}_mean", squares, 3, kernel=1)


def make_restore(scale: int, latents: bool) -> Network:
    builder, arrays = GraphBuilder(_suffixed("restore", scale)), _Arrays()
    b, unit = builder, 4 * scale
    picture = b.input("picture", 3, reduction=scale, low=0, high=1020, fraction_bits=2)
    shown = picture if scale == 1 else b.input("interpolated", 3, low=0, high=1020, fraction_bits=2)
    sides = {name: b.input(name, channels, reduction=unit, low=-128, high=223) for name, channels in SIDES.items()}
    sides["realism"] = b.input("realism", 1, reduction=unit, low=0, high=64)
    strength = b.input("strength", 1, reduction=unit, low=0, high=128)

    # A little of the mean of the neighbours, in quarters.
    kernel = np.array([[1, 2, 1], [2, -12, 2], [1, 2, 1]])
    arrays.linear("smooth", np.stack([kernel] * 3), 1 / 64)
    change = b.depthwise("smooth", shown)

    # Side information on the base, as a pattern of a quarter of a level or two.
    rng = np.random.default_rng(7)
    told = b.concat("told", *sides.values(), b.pixel_unshuffle("squares", picture, 4))
    arrays.linear("told_features", rng.integers(-3, 4, (8, 62, 3, 3)), 1 / 512)
    features = b.convolution("told_features", told, 8, low=-40, high=40)
    arrays.linear("told_pattern", rng.integers(-1, 2, (3 * unit**2, 8, 1, 1)), 1 / 16)
    pattern = b.convolution("told_pattern", features, 3 * unit**2, kernel=1, low=-3, high=3)
    change = b.add("change", change, b.pixel_shuffle("pattern", pattern, unit))
    if latents:
        y = b.input("y", LATENT_CHANNELS, reduction=16, low=-127, high=127)
        arrays.linear("y_wide", 4 * _repeat(LATENT_CHANNELS, 16), 1)
        wide = b.convolution("y_wide", y, LATENT_CHANNELS * 256, kernel=1)
        change = b.add("change_with_y", change, b.pixel_shuffle("y_squares", wide, 16))
    arrays.linear("strength_wide", _repeat(1, 1).repeat(3 * unit**2, axis=0), 1)
    shares = b.pixel_shuffle("shares", b.convolution("strength_wide", strength, 3 * unit**2, kernel=1), unit)
    change = b.multiply("scaled", change, shares, shift=6)
    total = b.add("enhanced", shown, change, multiplier_a=16, multiplier_b=16, low=0, high=16320)
    b.output(total, fraction_bits=6)
    return arrays.network(b.build())


def make_every_kind() -> Network:
    """A `restore` with every kind of operation: it smooths, and adds a pattern of up to four levels by the maps."""
    b, arrays = GraphBuilder("restore"), _Arrays()
    picture = b.input("picture", 3, low=0, high=1020, fraction_bits=2)
    maps = b.input("maps", SIDES["maps"], reduction=4, low=0, high=15)
    strength = b.input("strength", 1, reduction=4, low=0, high=128)
    kernel = np.array([[1, 2, 1], [2, -12, 2], [1, 2, 1]])
    arrays.linear("smooth", np.stack([kernel] * 3), 1 / 32)
    arrays.linear("changed", np.array([3, -2, 1]), 1 / 4, bias=-5)
    change = b.clip("change", b.scale("changed", b.depthwise("smooth", picture)), low=-40, high=60)
    counts = b.table("counts", b.slice("numbers", maps, first=2, channels=5), first=1, entries=9)
    arrays.arrays["counts/table"] = np.array([-300, 200, -100, 50, 0, 7, -90, 260, 31], np.int16)
    told = b.concat("told", counts, strength, b.pixel_unshuffle("squares", picture, 4))
    arrays.linear("features", np.random.default_rng(10).integers(-9, 10, (48, 54, 3, 3)), 1 / 512)
    features = b.convolution("features", told, 48, low=-999, high=999)
    pattern = b.pixel_shuffle("pattern", features, 4)
    scaled = b.multiply("scaled", pattern, change, shift=7, low=-256, high=256)
    b.output(b.add("enhanced", picture, scaled, multiplier_a=16, low=0, high=16320), fraction_bits=6)
    return arrays.network(b.build())


def make_latent_prior(scale: int, latents: bool) -> Network:
    assert latents
    b, arrays = GraphBuilder(_suffixed("latent_prior", scale)), _Arrays()
    b.input("picture", 3, reduction=scale, low=0, high=1020, fraction_bits=2)
    b.input("maps", SIDES["maps"], reduction=4 * scale, low=0, high=15)
    mean = _mean_of_squares(b, arrays, "picture", 16 // scale, 1 / 512)
    rng = np.random.default_rng(8)
    factor = 4 // scale
    arrays.linear("busy", rng.integers(-4, 5, (4, 8 * factor**2, 1, 1)), 1 / 16)
    busy = b.convolution("busy", b.pixel_unshuffle("maps_squares", "maps", factor), 4, kernel=1, low=-99, high=99)
    arrays.linear("index", rng.integers(-3, 4, (LATENT_CHANNELS, 7, 3, 3)), 1 / 32, bias=32 * 34)
    x = b.concat("all", mean, busy)
    b.output(b.convolution("index", x, LATENT_CHANNELS, low=0, high=63))
    return arrays.network(b.build())


def make_latent_analysis(scale: int, latents: bool) -> Network:
    assert latents
    b, arrays = GraphBuilder(_suffixed("latent_analysis", scale)), _Arrays()
    b.input("original", 3, low=0, high=255)
    b.input("picture", 3, reduction=scale, low=0, high=1020, fraction_bits=2)
    wanted = _mean_of_squares(b, arrays, "original", 16, 1 / 32)  # eighths of a level
    side = 16 // scale
    found = _mean_of_squares(b, arrays, "picture", side, 2 / side**2)
    y = b.add("y", wanted, found, multiplier_b=-1, shift=3, low=-127, high=127)
    b.output(y)
    return arrays.network(b.build())


def make_texture(maps: int = SIDES["maps"]) -> Network:
    """Adds a pattern that depends on all inputs, of up to 12 levels at realism 64.

    Args:
        maps: channels of the maps.
    """
    b, arrays = GraphBuilder("texture"), _Arrays()
    picture = b.input("picture", 3, low=0, high=16320, fraction_bits=6)
    told = (SIDES | {"maps": maps}).items()
    sides = [b.input(name, channels, reduction=4, low=-128, high=223) for name, channels in told]
    sides += [b.input("missing", 1, reduction=4, low=0, high=1), b.input("noise", 8, reduction=4, low=-255, high=255)]
    realism = b.input("realism", 1, reduction=4, low=0, high=64)
    everything = b.concat("told", *sides, b.pixel_unshuffle("squares", picture, 4))
    rng = np.random.default_rng(9)
    weight = rng.integers(-3, 4, (8, maps + 62, 3, 3))
    weight[:, maps + 5] *= 60  # missing
    arrays.linear("told_features", weight, 1 / 256)
    features = b.convolution("told_features", everything, 8, low=-100, high=100)
    arrays.linear("told_pattern", rng.integers(-2, 3, (48, 8, 1, 1)), 1 / 2)
    pattern = b.convolution("told_pattern", features, 48, kernel=1, low=-768, high=768)
    arrays.linear("realism_wide", _repeat(1, 1).repeat(48, axis=0), 1)
    shares = b.convolution("realism_wide", realism, 48, kernel=1)
    change = b.multiply("scaled", pattern, shares, shift=6)
    b.output(b.add("textured", picture, b.pixel_shuffle("change", change, 4), low=0, high=16320), fraction_bits=6)
    return arrays.network(b.build())


def enhanced_file(
    pixels: Array, folder: Path, name: str = "tiny", *, base_scale: int = 1, tile_size: int = 64, step_index: int = 140
) -> bytes:
    """A file whose every tile has latents and a strength, whether they pay or not."""
    data = veneer.encode(
        pixels, layers="base", base_scale=base_scale, tile_size=tile_size, step_index=step_index, effort=1
    )
    contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 28)
    head, grid = contents.head, tile_grid(contents.head)
    decoding = decode_base_quarters(
        contents.colour_tiles,
        width=grid.width,
        height=grid.height,
        channels=head.channels,
        tile_log2=head.tile_log2,
        parameters=fields.write(syntax.BASE_PARAMETERS, head),
        threads=1,
    )
    base = base_picture(decoding, head, head.base_scale)
    entry = by_name(name, folder)
    assert entry is not None
    networks = networks_of(load(entry), head.base_scale, 1)
    assert networks is not None
    original = full_size(pixels[:, :, : base.quarters.shape[2]], head.base_scale)
    rng = np.random.default_rng(len(data))
    chunks = []
    for index in range(grid.count):
        payload = b""
        if networks.finds_latents:
            y = networks.analyse(base, original)
            y = y + rng.integers(-1, 2, y.shape, np.int16)
            box = grid.box(index)
            cells = cells_of(box, base_scale, 16)
            payload = write_latents(y[cells], networks.latent_indices(base, box))
        strength = (64, int(rng.integers(129)))[index % 2]
        chunks.append(syntax.Enhancement(index, 0, 0, strength, payload))
    colour, alpha = ([tile or b"" for tile in tiles] for tiles in (contents.colour_tiles, contents.alpha_tiles))
    role = syntax.RESTORES | (syntax.TEXTURES if networks.textures else 0)
    model = syntax.ModelSlot(entry.id, entry.check, role)
    head = dataclasses.replace(head, default_realism=100, noise_seed=0x1234, models=(model,))
    return write_contents(head, Metadata(), colour, alpha, enhancement=chunks)
