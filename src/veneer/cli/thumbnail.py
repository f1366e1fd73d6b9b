"""The subcommand `veneer thumbnail`: a small PNG of a .vnr file, for file managers.

Source: Thumbnail Managing Standard 0.9.0 of freedesktop.org, "Thumbnail Attributes".
"""

from __future__ import annotations

import io
import os
import stat
import sys
import urllib.parse
import warnings
from pathlib import Path

import click
import numpy
import numpy.typing
from PIL import Image, PngImagePlugin

import veneer
from veneer.cli import pictures
from veneer.cli.colours.description import Colour
from veneer.cli.colours.writing import Home, place_colour
from veneer.cli.failure import FileFailure, from_os_error, from_veneer_error, out_of_memory
from veneer.cli.files import Outputs, read_source, source_of
from veneer.cli.messages import say_failure, say_note
from veneer.cli.metadata.turning import upright
from veneer.cli.options import DEFAULT_MAX_PIXELS, EXIT_CODES
from veneer.cli.paths import STREAM, Task
from veneer.cli.streams import is_stream
from veneer.sample_depth import as_bytes

MEDIA_TYPE = "image/x-veneer"

_LARGEST = 4096  # pixels; file managers want 1024 at most
_PREVIEW_SCALE = 8
# A thumbnail is sRGB: file managers show it as it is.
_SRGB_ONLY = Home("a thumbnail", cicp=False, icc=False, grey=True)
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_THUMBNAIL_KEYWORD = b"tEXtThumb::"
_SEARCHED_BYTES = 4096  # of an existing file, for that keyword


@click.command(epilog=EXIT_CODES)
@click.argument("source", type=click.Path(), metavar="IN")
@click.argument("target", type=click.Path(), metavar="OUT")
@click.option(
    "-s",
    "--size",
    type=click.IntRange(1, _LARGEST),
    default=128,
    show_default=True,
    help="Longest side in pixels; smaller pictures keep their size.",
)
@click.option("--uri", help="Address of IN, for the PNG. Default: that of the file.")
@click.option("-f", "--force", is_flag=True, help="Replace an existing file that is no thumbnail.")
def thumbnail(source: str, target: str, size: int, uri: str | None, force: bool) -> None:
    """Makes a small PNG of a .vnr file, as file managers want it.

    It is upright, sRGB, and has 8 bits a sample. It is made of the preview of the file where that is large enough, else
    of the base layer; of a damaged file, of what there is. IN may be - for standard input, OUT - for standard
    output. An OUT that is empty or a thumbnail is replaced.

    \b
    veneer thumbnail -s 256 photo.vnr small.png
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    try:
        task = Task(source_of(source), None if target == STREAM else Path(target))
        is_waiting = _check_target(task, force)
        outputs = Outputs(force=True)
        outputs.check(task)
        data = read_source(task.source)
        made = _make(task, data, size, uri)
        if is_waiting and task.target is not None:
            _fill(task.target, made)
        else:
            outputs.write(task, made)
    except veneer.VeneerError as error:
        _fail(source, from_veneer_error(error))
    except FileFailure as failure:
        _fail(source, failure)
    except MemoryError:
        _fail(source, out_of_memory())


def _fail(name: str, failure: FileFailure) -> None:
    say_failure(name, failure)
    sys.exit(1)


def _check_target(task: Task, force: bool) -> bool:
    """Whether there is an empty file; raises FileFailure where there is one that is neither empty nor a thumbnail."""
    if task.target is None or is_stream(task.target):
        return False
    try:
        with open(task.target, "rb") as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            start = file.read(_SEARCHED_BYTES) if is_regular else b""
    except OSError:
        return False  # none is there, or what is wrong shows when it is written
    if start and not force and not (start.startswith(_PNG_SIGNATURE) and _THUMBNAIL_KEYWORD in start):
        raise FileFailure(f"{task.target} exists, and is no thumbnail", "replace it with --force or choose another")
    return is_regular and not start


def _fill(target: Path, data: bytes) -> None:
    """Writes to an empty file itself: the program that made it, such as tumbler, may hold it open, and read that."""
    try:
        with open(target, "r+b") as file:
            file.write(data)
    except OSError as error:
        failure = from_os_error(error)
        raise FileFailure(f"{target}: {failure.what}", failure.remedy) from error


def _make(task: Task, data: bytes, size: int, uri: str | None) -> bytes:
    """The PNG."""
    info = veneer.read_info(data)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", veneer.VeneerWarning)
        pixels = _decode_small(data, info, size)
    for warning in caught:
        say_note(task.name, str(warning.message))
    # Reduced in RGB or RGBA: in these alone Pillow weights by alpha, and thumbnails are to have 8 bits of each.
    image = Image.fromarray(pixels)
    image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=_attributes(task, data, info, uri))
    return buffer.getvalue()


def _decode_small(data: bytes, info: veneer.Info, size: int) -> numpy.typing.NDArray[numpy.uint8]:
    """Pixels, uint8 [H, W, 3 or 4], upright, sRGB, and not smaller than wanted where the picture is not."""
    half_floats = info.sample_format == "half floats"  # whose light no PNG holds; their preview shows their order
    layers: veneer.DecodedLayers = "base"
    if half_floats or -(-max(info.width, info.height) // _PREVIEW_SCALE) >= size:
        layers = "preview"
    try:
        pixels = veneer.decode(data, layers=layers, max_pixels=DEFAULT_MAX_PIXELS)
    except veneer.VeneerError as error:
        if error.code != veneer.ErrorCode.NO_PIXELS:
            raise
        # A JPEG that was kept, of a sort that Veneer knows the bytes of, but not the pixels.
        picture = pictures.load_picture(veneer.decode_jpeg(data), max_pixels=DEFAULT_MAX_PIXELS, strip=True)
        pixels, described, orientation = picture.pixels, Colour(picture.cicp, picture.icc), 1
    else:
        described, orientation = Colour(info.cicp, info.icc), info.orientation
        if layers != "preview":
            pixels = as_bytes(pixels, info.bit_depth)
    if not half_floats:
        pixels = place_colour(pixels, described, _SRGB_ONLY, []).pixels
    if pixels.shape[2] <= 2:
        grey = numpy.repeat(pixels[:, :, :1], 3, axis=2)
        pixels = numpy.concatenate((grey, pixels[:, :, 1:]), axis=2)
    return upright(pixels, orientation)


def _attributes(task: Task, data: bytes, info: veneer.Info, uri: str | None) -> PngImagePlugin.PngInfo:
    """The texts that the standard asks for, as far as they are known."""
    texts = {"Software": f"Veneer {veneer.__version__}"}
    if task.source is not None and not is_stream(task.source):
        path = os.path.abspath(task.source)
        texts["Thumb::URI"] = uri or "file://" + urllib.parse.quote(os.fsencode(path))
        texts["Thumb::MTime"] = str(int(os.stat(path).st_mtime))
    elif uri:
        texts["Thumb::URI"] = uri
    turned = info.orientation >= 5
    texts["Thumb::Size"] = str(len(data))
    texts["Thumb::Mimetype"] = MEDIA_TYPE
    texts["Thumb::Image::Width"] = str(info.height if turned else info.width)
    texts["Thumb::Image::Height"] = str(info.width if turned else info.height)
    chunks = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        chunks.add_text(keyword, text)
    return chunks
