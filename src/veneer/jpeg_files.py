"""Files that keep a JPEG: its very bytes.

Source: docs/format.md, "JPEG base".
"""

from __future__ import annotations

from veneer import backend as core
from veneer import limits
from veneer.arguments import BACKENDS, Backend, check_max_pixels, check_name, check_threads
from veneer.bitstream.syntax import SIGNATURE
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
            code where the file is damaged, for then the bytes cannot be had, though `decode` may give a picture.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    threads, max_pixels = check_threads(threads), check_max_pixels(max_pixels)
    check_name("backend", backend, BACKENDS)
    view = read_source(data, SIGNATURE)
    if backend == "reference":
        from veneer import reference  # a second decoder, which nobody else has to wait for

        return reference.decode_jpeg(view.tobytes(), max_pixels=max_pixels)
    return core.jpeg_decode_file(view, max_pixels=max_pixels, threads=core.thread_count(threads))
