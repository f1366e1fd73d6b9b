"""The formats that pictures are decoded into, and what each of them keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from veneer.cli.colours.jxl_codes import has_jxl_codes
from veneer.cli.colours.writing import Home


@dataclasses.dataclass(frozen=True)
class OutputFormat:
    """A format to decode into.

    Attributes:
        name: Pillow's.
        options: for its writer; lossless, or as good as that.
        alpha: whether it has transparency.
        metadata: what it keeps: icc and attributes of `Metadata`; see `metadata.writing.fit`.
        cicp: whether it has a place for CICP.
        grey: whether grey pictures are written as grey.
        lossy: options in place of those where a quality is asked for; None where the format has no quality.
    """

    name: str
    options: Mapping[str, Any]
    alpha: bool
    metadata: frozenset[str]
    cicp: bool = False
    grey: bool = True
    lossy: Mapping[str, Any] | None = None

    def colour_home(self, *, deep: bool, lossless: bool) -> Home:
        """Where it keeps colour; PNG has older readers, whom an ICC profile beside its cICP chunk serves.

        Args:
            deep: with more than 8 bits a sample, of which AVIF is written in grey, too.
            lossless: without a quality; of JPEG XL lossless files alone can be given another colour than sRGB.
        """
        png, jxl = self.name == "PNG", self.name == "JXL"
        return Home(
            self.name,
            self.cicp and (lossless or not jxl),
            "icc" in self.metadata,
            self.grey or (deep and self.name == "AVIF"),
            both=png,
            video_range=png,
            names=has_jxl_codes if jxl else None,
        )


_ALL = frozenset(("icc", "exif", "xmp", "iptc", "text", "density"))
_OF_JPEG = _ALL - {"text"} | {"comment"}
_OF_WEBP = frozenset(("icc", "exif", "xmp"))
_PNG = OutputFormat("PNG", {"compress_level": 4}, True, _ALL, cicp=True)
_JPEG = OutputFormat("JPEG", {"quality": 95, "subsampling": 0}, False, _OF_JPEG, lossy={})
_WEBP = OutputFormat("WEBP", {"lossless": True, "quality": 50}, True, _OF_WEBP, grey=False, lossy={"lossless": False})
AVIF = OutputFormat("AVIF", {"quality": 100, "subsampling": "4:4:4"}, True, _OF_WEBP, cicp=True, grey=False, lossy={})
JXL = OutputFormat("JXL", {"lossless": True}, True, frozenset(("exif", "xmp")), cicp=True, lossy={"lossless": False})
# Not compressed: Pillow would write it by libtiff, and lose Exif.
_TIFF = OutputFormat("TIFF", {}, True, _ALL - {"text"})
_PPM = OutputFormat("PPM", {}, False, frozenset())
EXR = OutputFormat("EXR", {}, True, frozenset())  # of half floats alone
_BMP = OutputFormat("BMP", {}, False, frozenset(("density per metre",)))

OUTPUT_FORMATS = {
    ".png": _PNG,
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": _WEBP,
    ".avif": AVIF,
    ".jxl": JXL,
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".ppm": _PPM,
    ".pgm": _PPM,
    ".pnm": _PPM,
    ".bmp": _BMP,
    ".exr": EXR,
}
