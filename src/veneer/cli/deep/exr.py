"""OpenEXR: its half floats have no way into the command yet; this is the place for it."""

from __future__ import annotations

from veneer.cli.failure import FileFailure

START = b"v/1\x01"


def refuse_exr(data: bytes) -> None:
    """Raises FileFailure for a file that begins like OpenEXR."""
    if data.startswith(START):
        what = "is OpenEXR, whose floating point samples are not read: Veneer keeps whole numbers of up to 16 bits"
        remedy = "turn it into 16 bits, for instance with ImageMagick: convert IN -depth 16 OUT.png"
        raise FileFailure(what, f"{remedy} (magick IN ... in version 7)")
