"""The little of Exif that Veneer looks at: the prefix it has in JPEG, and the orientation.

Exif is otherwise kept byte for byte. Source: Exif 2.32, sections 4.5 and 4.6; TIFF 6.0, section 2.
"""

from __future__ import annotations

import struct

JPEG_PREFIX = b"Exif\x00\x00"

_ORIENTATION_TAG = 0x0112
_SHORT = 3
_ENTRY_SIZE = 12


def without_prefix(exif: bytes) -> bytes:
    """The TIFF structure, whether or not it comes with the prefix of JPEG.

    Some programs write the prefix into PNG, too, whose readers put another one before it.
    """
    while exif.startswith(JPEG_PREFIX):
        exif = exif.removeprefix(JPEG_PREFIX)
    return exif


def orientation(exif: bytes | None) -> int:
    """How the picture is to be turned for viewing.

    Args:
        exif: a TIFF structure, perhaps damaged; or None.

    Returns:
        1..8 as in Exif; 1 (as it is) where nothing sensible is said.
    """
    if exif is None or exif[:4] not in (b"II*\x00", b"MM\x00*"):
        return 1
    order = "<" if exif[:1] == b"I" else ">"
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(count):
            fields = struct.unpack_from(order + "HHIH", exif, directory + 2 + entry * _ENTRY_SIZE)
            if fields[:3] == (_ORIENTATION_TAG, _SHORT, 1):
                return fields[3] if 1 <= fields[3] <= 8 else 1
    except struct.error:
        pass  # points outside: as good as none
    return 1
