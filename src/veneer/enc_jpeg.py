"""The encode path of JPEG files: a JPEG to a file that keeps it, smaller, and gives its very bytes back. Encoder only.

bytes -> geometry, script and levels -> tiles -> preview, where asked for -> container -> trial
Source: docs/format.md, "JPEG base".
"""

from __future__ import annotations

import functools

from veneer import arguments, backend, limits
from veneer.arguments import Folder
from veneer.bitstream import syntax
from veneer.bitstream.container import Metadata, write_contents
from veneer.bitstream.contents import CodedJpeg, head_of_picture
from veneer.bitstream.syntax import ModelSlot
from veneer.colour.codes import SRGB
from veneer.decoder import decode
from veneer.enc_preview import encode_preview
from veneer.enhancement import models as known_models
from veneer.errors import ErrorCode, VeneerError
from veneer.jpeg_files import decode_jpeg
from veneer.settings import Settings
from veneer.sources import Source, read_source

START = b"\xff\xd8"

# Efforts from this one on code levels with all contexts mixed; the others are three times as fast.
FULL_EFFORT = 3

# The preview is about as fine as that of a lossy file of this quality.
PREVIEW_QUALITY = 90

MOST_PIXELS = limits.MAX_SIDE**2

MODEL = "restore"

# Tiles of 4 megapixels: 1 to 2 MB of JPEG.
TILE_LOG2 = 11


def encode_jpeg(
    data: Source,
    *,
    effort: int = 5,
    threads: int = 0,
    preview: bool = False,
    restored: bool = True,
    models: Folder | None = None,
    max_pixels: int = MOST_PIXELS,
) -> bytes:
    """Encodes a JPEG file: a smaller file that gives its very bytes back, and its picture.

    Any file that begins as a JPEG is taken. One that is arithmetic coded, has more than 8 bits a sample, is lossless or
    damaged beyond reading is kept as bytes, hardly smaller, and has no pixels to decode. Metadata, thumbnails, further
    pictures behind the first, and all other bytes are kept. Before it returns, the result is decoded and compared.

    Args:
        data: the JPEG: bytes, or anything with the buffer interface; its path; or a file open for reading bytes.
        effort: 1 (fast) .. 9 (small); there are two forms, of 1 and 2 and of the others.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        preview: whether the file begins with a small picture of the whole, of an eighth of its sides. It is left out
            where it would take more than 3 % of the file.
        restored: whether `decode` takes the artefacts of the JPEG away unless it is told otherwise, with the networks
            of the model "restore". Files are the same but for its name in the header.
        models: a folder of more models, before the package's own.
        max_pixels: pictures with more pixels are refused before they are coded.

    Returns:
        The bytes of a Veneer file; `decode_jpeg` gives the JPEG back, `decode` its pixels.

    Raises:
        VeneerError: BAD_JPEG where the data do not begin as a JPEG, or are more than 2 GiB; BAD_SETTING;
            PICTURE_TOO_LARGE.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    settings = Settings(effort=effort, threads=threads)
    preview = arguments.check_flag("preview", preview)
    source = read_source(data, START)
    if source[: len(START)] != START:
        raise VeneerError(ErrorCode.BAD_JPEG, "this is no JPEG")
    if len(source) > limits.MAX_CHUNK_LENGTH:
        raise VeneerError(ErrorCode.BAD_JPEG, "the file has more than 2 GiB")
    restored, models = arguments.check_flag("restored", restored), arguments.check_folder("models", models)
    max_pixels = arguments.check_max_pixels(max_pixels)
    form = int(settings.effort >= FULL_EFFORT)
    found = backend.jpeg_encode_file(
        source,
        form=form,
        tile_log2=TILE_LOG2,
        max_pixels=max_pixels,
        threads=backend.thread_count(settings.threads),
    )
    head = head_of_picture(
        (found["width"], found["height"], found["channels"]),
        SRGB,
        base_kind=syntax.JPEG,
        tile_log2=found["tile_log2"],
        tune=settings.tune_index,
        models=_restoring(models) if restored and found["restorable"] else (),
    )
    write = functools.partial(
        write_contents, head, Metadata(), found["tiles"], [], jpeg=CodedJpeg(found["header"], found["script"])
    )
    encoded = write()
    if preview and found["tiles"]:
        pixels = decode(encoded, layers="base", threads=settings.threads, max_pixels=MOST_PIXELS)
        step = settings.quality_step(PREVIEW_QUALITY)
        encoded = write(preview=encode_preview(pixels, settings, step_index=step, other_bytes=len(encoded)))
    if decode_jpeg(encoded, threads=settings.threads, max_pixels=MOST_PIXELS) != source:
        raise VeneerError(ErrorCode.JPEG_SCRIPT, "the JPEG does not come back, by a fault of the encoder")
    return encoded


def _restoring(folder: Folder | None) -> tuple[ModelSlot, ...]:
    """The table of models for pictures that are shown without artefacts; empty where there is no model."""
    entry = known_models.by_name(MODEL, folder)
    return () if entry is None else (ModelSlot(entry.id, entry.check, syntax.RESTORES),)
