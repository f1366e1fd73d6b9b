"""Files that keep a JPEG: its very bytes.

Source: docs/format.md, "JPEG base".
"""

from __future__ import annotations

from typing import Any

import numpy.typing

from veneer import backend as core
from veneer import limits
from veneer.arguments import BACKENDS, Backend, check_max_pixels, check_name, check_threads
from veneer.bitstream.contents import CodedJpeg
from veneer.bitstream.syntax import SIGNATURE
from veneer.errors import ErrorCode, VeneerError
from veneer.sources import Source, read_source


def decode_jpeg(
    data: Source, *, threads: int = 0, max_pixels: int = limits.DEFAULT_MAX_PIXELS, backend: Backend = "native"
) -> bytes:
    """The JPEG file that a Veneer file keeps, as it was.

    Args:
        data: the Veneer file: bytes, or anything with the buffer interface; its path; or a file open for reading
            bytes.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        max_pixels: pictures with more pixels are refused before anything is allocated.
        backend: "native"; or "reference", which is plain Python, and slow.

    Returns:
        The bytes of the JPEG, compared with the hash that the file has of them.

    Raises:
        VeneerError: NO_JPEG where the file keeps pixels instead; JPEG_HEADER, JPEG_SCRIPT, TILE_DAMAGED, or another
            code where tiles, header or script are damaged, for then the bytes cannot be had, though `decode` may give
            a picture. Damage elsewhere does no harm.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    threads, max_pixels = check_threads(threads), check_max_pixels(max_pixels)
    check_name("backend", backend, BACKENDS)
    view = read_source(data, SIGNATURE)
    if backend == "reference":
        from veneer import reference  # a second decoder, which nobody else has to wait for

        return reference.decode_jpeg(view.tobytes(), max_pixels=max_pixels)
    return core.jpeg_decode_file(view, max_pixels=max_pixels, threads=core.thread_count(threads))


def front_of_jpeg(coded: CodedJpeg) -> bytes:
    """A kept JPEG up to its first scan; empty where the file keeps none.

    Raises:
        VeneerError: JPEG_HEADER or JPEG_SCRIPT where what there is of it is damaged.
    """
    if coded.header is None or coded.script is None:
        return b""
    return core.jpeg_front(coded.header, coded.script)


def plain_pixels(data: bytes, *, threads: int, max_pixels: int) -> numpy.typing.NDArray[Any]:
    """The pixels of a JPEG as it says them, not restored: uint8 [H, W, 1 or 3].

    Raises:
        VeneerError: BAD_JPEG where it is damaged, arithmetic-coded or in CMYK; PICTURE_TOO_LARGE.
    """
    pixels = core.JpegPicture.read(data, max_pixels).pixels(threads=core.thread_count(threads))
    if pixels.shape[2] not in (1, 3):
        raise VeneerError(ErrorCode.BAD_JPEG, f"the JPEG has {pixels.shape[2]} components")
    return pixels
