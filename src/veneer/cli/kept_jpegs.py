"""JPEG files that are kept as they are, smaller, and come back to the byte: in `encode`, `decode` and `batch`."""

from __future__ import annotations

import veneer
from veneer.cli.failure import FileFailure
from veneer.cli.paths import JPEG_SUFFIXES

_START = b"\xff\xd8"  # SOI; damaged files may go on in any way


def is_jpeg(data: bytes) -> bool:
    """Whether a file begins as a JPEG."""
    return data.startswith(_START)


def encode(data: bytes, *, lossless: bool, effort: int, threads: int, preview: bool | None, max_pixels: int) -> bytes:
    """A file that keeps a JPEG; with `lossless` it is shown as it is, and not restored.

    Raises:
        veneer.VeneerError: see `veneer.encode_jpeg`.
    """
    return veneer.encode_jpeg(
        data,
        effort=effort,
        threads=threads,
        preview=bool(preview),
        restored=not lossless,
        max_pixels=max_pixels,
    )


def gives_jpeg(data: bytes, suffix: str) -> bool:
    """Whether the very bytes of a JPEG are what to make of a Veneer file in a format with that suffix."""
    return suffix in JPEG_SUFFIXES and veneer.read_info(data).base_kind == "jpeg"


def decode(data: bytes, *, threads: int, max_pixels: int) -> bytes:
    """The very JPEG that a file keeps.

    Raises:
        FileFailure: it cannot be had, though perhaps its pixels.
        veneer.VeneerError: the picture is larger than `max_pixels`.
    """
    try:
        return veneer.decode_jpeg(data, threads=threads, max_pixels=max_pixels)
    except veneer.VeneerError as error:
        if error.kind is veneer.ErrorKind.LIMIT:
            raise
        raise FileFailure(
            f"the JPEG cannot be given back: {error}", "try --pixels for what is left of the picture"
        ) from error
