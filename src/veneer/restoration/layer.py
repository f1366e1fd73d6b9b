"""Restores JPEGs: decoded and restored by `jpeg_restore`, with grain by `texture` if wanted, all in integers.

This is not part of the format: the result may change with the model. The same file, model and version give the same
pixels on every machine and with any number of threads.

Place: the public `restore_jpeg`; the work is done by the core. The network is defined in `training/networks.py`.
"""

from __future__ import annotations

import zlib

import numpy
import numpy.typing

from veneer import backend, limits
from veneer.arguments import Folder, check_folder, check_max_pixels, check_model, check_number, check_threads
from veneer.enhancement.models import by_name, load
from veneer.errors import ErrorCode, VeneerError
from veneer.sources import Source, read_source

MODEL = "restore"
CMYK, YCCK = 3, 4  # what the components of a JPEG may mean

Pixels = numpy.typing.NDArray[numpy.uint8]


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
    return read_jpeg(jpeg, max_pixels).restored(
        found,
        realism=backend.realism_from_share(realism),
        seed=zlib.crc32(jpeg),
        threads=backend.thread_count(threads),
    )


def read_jpeg(data: bytes, max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> backend.JpegPicture:
    """Reads a JPEG: coefficients, of which pixels are made, and what is known of the losses.

    Args:
        data: the file, baseline or progressive, of one component or three.
        max_pixels: larger pictures are refused.

    Raises:
        VeneerError: BAD_JPEG where it is not a JPEG, is damaged or arithmetic-coded, or has four components or the
            components R, G, B; PICTURE_TOO_LARGE.
    """
    picture = backend.JpegPicture.read(data, max_pixels)
    if not picture.can_be_restored:
        kind = "in CMYK" if picture.colour in (CMYK, YCCK) else "without luma and chroma"
        raise VeneerError(ErrorCode.BAD_JPEG, f"a JPEG {kind} cannot be restored")
    return picture


def _find_model(model: str, folder: Folder | None, realism: float) -> backend.Model:
    """A model whose networks, those that are needed, are checked; raises as `restore_jpeg`."""
    entry = by_name(model, folder)
    if entry is None:
        raise VeneerError(ErrorCode.NO_WEIGHTS, "no folder of models has any")
    found = load(entry, {"jpeg_restore", "texture"} if realism else {"jpeg_restore"})
    restores, textures = backend.jpeg_networks(found)
    if not restores:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {entry.name} ({entry.id}) does not restore JPEGs")
    if realism and not textures:
        raise VeneerError(ErrorCode.MODEL_UNKNOWN, f"model {entry.name} ({entry.id}) knows no realism but 0")
    return found
