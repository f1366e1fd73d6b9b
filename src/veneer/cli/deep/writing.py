"""How samples of more than 8 bits are written: which depths formats have, and who writes them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from veneer.cli.colours.jxl_codes import with_jxl_codes
from veneer.cli.colours.writing import Written
from veneer.cli.deep import avif, jpeg_xl
from veneer.cli.deep.png import with_deep_samples
from veneer.cli.deep.portable import write_portable
from veneer.cli.deep.tiff import write_tiff
from veneer.cli.failure import FileFailure
from veneer.cli.notes import Note
from veneer.colour import SRGB
from veneer.file_metadata.found import Metadata
from veneer.sample_depth import BYTE_DEPTH, as_bytes, dithered, scaled

if TYPE_CHECKING:
    from veneer.cli.pictures import Picture


@dataclasses.dataclass(frozen=True)
class Page:
    """What is to be written.

    Attributes:
        picture: its samples have a depth of the format.
        written: their colour.
        kept: metadata that the format has a place for.
        options: for Pillow's writer, with that metadata.
        quality: 0..100, or None for lossless.
        depth: bits of a sample before they were fitted to the format.
    """

    picture: Picture
    written: Written
    kept: Metadata
    options: dict[str, Any]
    quality: int | None
    depth: int


def is_deep(depth: int, format_name: str, quality: int | None) -> bool:
    """Whether so many bits are written as more than 8: by one of DEEP_WRITERS."""
    return depth > BYTE_DEPTH and bool(_depths(format_name, quality))


def _depths(format_name: str, quality: int | None) -> Sequence[int]:
    """Of JPEG XL without loss alone: imagecodecs takes deep samples for linear ones, as its lossy coding must not."""
    return () if format_name == "JXL" and quality is not None else _DEPTHS.get(format_name, ())


def fit_depth(picture: Picture, format_name: str, quality: int | None) -> None:
    """Makes the samples of a picture those of a depth that a format has, with a note of what that changes.

    Args:
        picture: its pixels, depth and notes change where the format does not have its depth.
        format_name: what it is to be saved as, as Pillow names it.
        quality: 0..100, or None for lossless.
    """
    depth = picture.depth
    depths = _depths(format_name, quality)
    if depth == BYTE_DEPTH or depth in depths:
        return
    if depth < BYTE_DEPTH:
        picture.notes.append(Note(f"samples of {depth} bits are written as 8, by scale", loses=False))
        picture.pixels, picture.depth = as_bytes(picture.pixels, depth), BYTE_DEPTH
        return
    to = min((deeper for deeper in depths if deeper > depth), default=max(depths, default=BYTE_DEPTH))
    if to > depth:
        picture.notes.append(Note(f"its {depth} bits a sample are written as {to}, by scale", loses=False))
        picture.pixels = scaled(picture.pixels, depth, to)
    else:
        text = f"its {depth} bits a sample become {to} in {format_name}, dithered; choose PNG or TIFF to keep them"
        picture.notes.append(text)
        picture.pixels = dithered(picture.pixels, depth, to, picture.place)
    picture.depth = to


def write_deep(format_name: str, page: Page) -> bytes:
    """A file of one of DEEP_WRITERS.

    Raises:
        FileFailure: what writes it is not installed, or the format cannot hold it.
    """
    try:
        return DEEP_WRITERS[format_name](page)
    except ImportError as error:
        what = f"{format_name} of more than 8 bits a sample is written by {error.name}, which is missing"
        raise FileFailure(what, "pip install '.[deep]', or choose PNG or TIFF") from None


def _write_png(page: Page) -> bytes:
    height, width, channels = page.picture.pixels.shape
    buffer = io.BytesIO()
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    Image.new(mode, (width, height)).save(buffer, "PNG", **page.options)
    return with_deep_samples(buffer.getvalue(), page.picture.pixels, page.depth)


def _write_tiff(page: Page) -> bytes:
    picture = page.picture
    if picture.depth < 16:
        text = f"its {picture.depth} bits a sample are packed, which not every program reads; PNG holds them as 16"
        picture.notes.append(Note(text, loses=False))
    return write_tiff(picture.pixels, picture.depth, page.options["tiffinfo"], page.written.icc)


def _write_portable(page: Page) -> bytes:
    return write_portable(page.picture.pixels, page.picture.depth)


def _write_avif(page: Page) -> bytes:
    picture, icc = page.picture, page.written.icc
    data = avif.encode_avif(picture.pixels, picture.depth, page.written.cicp, icc is not None, page.quality)
    return avif.with_metadata(data, page.kept.exif, page.kept.xmp, icc)


def _write_jxl(page: Page) -> bytes:
    data = with_jxl_codes(jpeg_xl.encode_jxl(page.picture.pixels, page.picture.depth), page.written.cicp or SRGB)
    return jpeg_xl.with_metadata(data, page.kept.exif, page.kept.xmp)


DEEP_WRITERS: dict[str, Callable[[Page], bytes]] = {
    "PNG": _write_png,
    "TIFF": _write_tiff,
    "PPM": _write_portable,
    "AVIF": _write_avif,
    "JXL": _write_jxl,
}
_ANY = range(BYTE_DEPTH + 1, 17)
_DEPTHS: dict[str, Sequence[int]] = {"PNG": (16,), "TIFF": _ANY, "PPM": _ANY, "AVIF": (10, 12), "JXL": _ANY}
