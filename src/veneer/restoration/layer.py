"""Restores JPEGs: decoded by Pillow, restored by `jpeg_restore`, with grain by `texture` if wanted, all in integers.

This is not part of the format: the result may change with the model. The same file, model and version give the same
pixels on every machine and with any number of threads, as far as Pillow's decoder does.

Place: the public `restore_jpeg`; the network is defined in `training/networks.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy

from veneer import backend, limits
from veneer.arguments import Folder, check_folder, check_max_pixels, check_model, check_number, check_threads
from veneer.enhancement.models import by_name, load
from veneer.enhancement.unrounded import FRACTION_BITS, MAX_UNROUNDED, Unrounded, to_pixels
from veneer.errors import ErrorCode, VeneerError
from veneer.inference.model_network import MAX_COLUMNS, Array, ModelNetwork, networks_in
from veneer.restoration.jpeg import read_jpeg
from veneer.restoration.side_information import (
    BLOCK,
    MAPS,
    SETTINGS,
    UNIT,
    Coding,
    Pixels,
    describe_blocks,
    describe_coding,
)
from veneer.sources import Source, read_source
from veneer.threads import map_in_threads

MODEL, NETWORK, TEXTURE = "restore", "jpeg_restore", "texture"
COLOURS, NOISE = 3, 8

# Channels and reduction.
INPUTS = {"picture": (COLOURS, 1), "step": (1, UNIT), "settings": (SETTINGS, UNIT), "maps": (MAPS, UNIT)}
OUTPUT = "enhanced"
# Of `texture`, the same network as for files of this project, except for the maps.
TEXTURE_INPUTS = INPUTS | {"realism": (1, UNIT), "missing": (1, UNIT), "noise": (NOISE, UNIT)}
TEXTURE_OUTPUT = "textured"

# Rows and columns that maps are made of at a time, multiples of every block of chroma: transforms of larger parts leave
# the caches.
MAP_ROWS, MAP_COLUMNS = 64, 1024

# JPEGs without subsampling whose steps are no coarser are left as they are: the network would gain less than
# the rounding of pixels (benchmarks/results/restore.md).
FINEST_MENDED_STEP = 8


def restore_jpeg(
    data: Source,
    *,
    realism: float = 0.0,
    model: str | None = MODEL,
    threads: int = 0,
    models: Folder | None = None,
    max_pixels: int = limits.DEFAULT_MAX_PIXELS,
) -> Pixels:
    """Decodes a JPEG without the artefacts of its coding.

    Block edges, ringing and banding go; of what the file's quantization took, what the network expects most comes back.
    Nothing is invented beyond that, unless realism is wanted: then noise is added, as fine and as strong as the detail
    is that must be lacking, always the same for the same file. Orientation and profile of the file are neither looked
    at nor applied.

    Args:
        data: a JPEG, baseline or progressive, grey or of three components: its bytes, its path, or a file open for
            reading bytes.
        realism: 0..1, how much of the noise.
        model: name of the networks; None for "restore".
        threads: at most this many; 0 for as many as there are cores.
        models: a folder of more models, before the package's own.
        max_pixels: larger pictures are refused.

    Returns:
        uint8 [H, W, 1 or 3], grey or RGB, as the JPEG is.

    Raises:
        VeneerError: BAD_JPEG, PICTURE_TOO_LARGE; BAD_SETTING where no model has the name, or the realism is invalid;
            MODEL_UNKNOWN where it restores no JPEGs, or knows no realism and some is wanted; NO_WEIGHTS or another
            code of weight files where it cannot be used; BAD_SETTING where an argument is of another type.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    realism, threads = check_number("realism", realism, 0, 1), check_threads(threads)
    max_pixels = check_max_pixels(max_pixels)
    found = _find_model(check_model(model, MODEL), check_folder("models", models), realism)
    jpeg = bytes(read_source(data))
    pixels, coding = read_jpeg(jpeg, max_pixels)
    coarsest = max(coding.luma.max(), coding.chroma.max())
    if coding.sampling == (1, 1) and coarsest < FINEST_MENDED_STEP:
        return pixels
    maps = describe_picture(pixels, coding, threads)
    restored = restore_pixels(ModelNetwork(found, NETWORK), pixels, coding, maps, threads)
    if not realism:
        return to_pixels(restored)
    step, settings = describe_coding(coding)
    units = maps.shape[:2]
    steps, missing = numpy.full(units, step, numpy.uint8), numpy.zeros(units, numpy.uint8)
    part = (restored, maps, steps, missing, tuple(settings.tolist()), 0, 0, zlib.crc32(jpeg))
    return to_pixels(
        backend.add_texture(found, part, backend.realism_from_share(realism), backend.thread_count(threads))
    )


def _find_model(model: str, folder: Folder | None, realism: float) -> backend.Model:
    """A model whose networks, those that are needed, are checked; raises as `restore_jpeg`."""
    entry = by_name(model, folder)
    if entry is None:
        raise VeneerError(ErrorCode.NO_WEIGHTS, "no folder of models has any")
    found = load(entry)
    networks = networks_in(found)
    if NETWORK not in networks:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {entry.name} ({entry.id}) does not restore JPEGs")
    check_network(networks[NETWORK], INPUTS, OUTPUT)
    if realism:
        if TEXTURE not in networks:
            raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {entry.name} ({entry.id}) knows no realism but 0")
        check_network(networks[TEXTURE], TEXTURE_INPUTS, TEXTURE_OUTPUT)
    return found


def check_network(network: ModelNetwork, inputs: Mapping[str, tuple[int, int]], result: str) -> None:
    """Raises VeneerError, MODEL_UNKNOWN, unless a network takes and gives what is known here."""
    output = network.outputs[0]
    fits = len(network.outputs) == 1 and output.name == result
    fits = fits and (output.channels, output.reduction) == inputs["picture"] and output.fraction_bits == FRACTION_BITS
    fits = fits and output.low >= 0 and output.high <= MAX_UNROUNDED
    fits = fits and all(inputs.get(each.name) == (each.channels, each.reduction) for each in network.inputs)
    if not fits:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"{network.name} is of a kind that is not known here")


def restore_pixels(network: ModelNetwork, pixels: Pixels, coding: Coding, maps: Array, threads: int = 0) -> Unrounded:
    """Runs the network `jpeg_restore`.

    Args:
        network: `jpeg_restore`.
        pixels: uint8 [H, W, 1 or 3], as `read_jpeg` gives them.
        coding: of the JPEG, as `read_jpeg` gives it.
        maps: as `describe_picture` gives them.
        threads: see `restore_jpeg`.

    Returns:
        int16 of the same shape, in 1/64 of a level, 0..16320.
    """
    height, width, channels = pixels.shape
    step, settings = describe_coding(coding)
    colours = numpy.broadcast_to(pixels, (height, width, COLOURS))
    result = numpy.empty(pixels.shape, numpy.int16)
    # Columns that the network sees beyond those it makes, in whole blocks so that the parts begin where a block does.
    block = network.alignment
    halo = -(-network.halo // block) * block
    for left in range(0, width, MAX_COLUMNS):
        right = min(width, left + MAX_COLUMNS)
        first, last = max(0, left - halo), min(width, right + halo)
        seen = maps[:, first // UNIT : -(-last // UNIT)]
        given: dict[str, Array] = {
            "picture": colours[:, first:last],
            "step": numpy.full((*seen.shape[:2], 1), step, numpy.uint8),
            "settings": numpy.broadcast_to(settings.astype(numpy.int16), (*seen.shape[:2], SETTINGS)),
            "maps": seen,
        }
        inputs = {tensor.name: given[tensor.name] for tensor in network.inputs}
        made = network.run(inputs, (height, last - first), threads=threads)[OUTPUT]
        middle = made if channels == COLOURS else made[:, :, 1:2]
        result[:, left:right] = middle[:, left - first : right - first]
    return result


def describe_picture(pixels: Pixels, coding: Coding, threads: int = 0) -> Array:
    """The maps of a whole picture.

    Args:
        pixels: uint8 [H, W, 1 or 3].
        coding: of the JPEG.
        threads: see `restore_jpeg`.

    Returns:
        uint8 [ceil(H / 4), ceil(W / 4), 10]. Blocks that reach beyond the picture go on with its last row and column.
    """
    height, width, _ = pixels.shape
    maps = numpy.empty((-(-height // UNIT), -(-width // UNIT), MAPS), numpy.uint8)

    def describe(top: int, left: int) -> None:
        part = pixels[top : top + MAP_ROWS, left : left + MAP_COLUMNS]
        margins = [(0, -side % (BLOCK * ratio)) for side, ratio in zip(part.shape, coding.sampling[::-1], strict=False)]
        whole = numpy.pad(part, (*margins, (0, 0)), mode="edge")
        found = describe_blocks(numpy.broadcast_to(whole, (*whole.shape[:2], COLOURS)), coding)
        target = maps[top // UNIT : (top + MAP_ROWS) // UNIT, left // UNIT : (left + MAP_COLUMNS) // UNIT]
        target[:] = found[: target.shape[0], : target.shape[1]]

    places = [(top, left) for top in range(0, height, MAP_ROWS) for left in range(0, width, MAP_COLUMNS)]
    map_in_threads(lambda place: describe(*place), places, threads)
    return maps
