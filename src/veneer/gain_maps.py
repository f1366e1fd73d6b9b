"""Gain maps: pictures that say how another rendition of a picture follows from it, such as that for HDR displays.

Source: docs/format.md, "Gain maps"; the metadata in them are those of ISO 21496-1, or of Adobe's specification.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args

import numpy
import numpy.typing

from veneer import limits
from veneer.arguments import check_bytes, check_integer, check_max_pixels, check_name, check_threads, numbers_of, shown
from veneer.bitstream.container import read_front
from veneer.bitstream.contents import Contents
from veneer.bitstream.syntax import HALF_FLOATS, SHIFTED, CodedGainMap
from veneer.colour.codes import Cicp
from veneer.decoder import decode
from veneer.errors import ErrorCode, VeneerError
from veneer.jpeg_files import decode_jpeg, front_of_jpeg, plain_pixels
from veneer.notices import report_problems
from veneer.sources import Source, read_source

MetadataKind = Literal["iso21496-1", "xmp"]
METADATA_KINDS: tuple[MetadataKind, ...] = get_args(MetadataKind)  # in the order of the field Metadata_Kind

UNSPECIFIED: Cicp = (2, 2, 2, 0)
CHANNELS = (1, 3)
START_OF_JPEG = b"\xff\xd8"
_CICP_LIMITS = (255, 255, 255, 1)

Pixels = numpy.typing.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class GainMap:
    """A gain map: a picture, and how the alternate picture follows from the decoded one by it.

    Attributes:
        picture: the map: the bytes of a Veneer file, or of a JPEG. For `encode` also an array, uint8 or uint16, [H, W],
            [H, W, 1] or [H, W, 3], of 8 and 16 bits a sample; of another depth give what `encode` makes of it. It has
            any size.
        metadata: of the kind that `metadata_kind` says, as they are.
        metadata_kind: "iso21496-1", binary metadata from minimum_version on (without the URN before them in JPEG, and
            without the version before them in the `tmap` of AVIF and HEIF); or "xmp", a packet with properties of
            hdrgm.
        alternate_cicp: colour of the alternate picture, as numbers of ITU-T H.273; 2 where it is not said.
        alternate_icc: ICC profile of the alternate picture, or None.

    Raises:
        VeneerError: BAD_METADATA where one of them is of another type or out of range.
    """

    picture: Any
    metadata: bytes
    metadata_kind: MetadataKind = "iso21496-1"
    alternate_cicp: Cicp = UNSPECIFIED
    alternate_icc: bytes | None = None

    def __post_init__(self) -> None:
        own: dict[str, object] = {
            "picture": _checked_picture(self.picture),
            "metadata": check_bytes("metadata of a gain map", self.metadata),
            "alternate_icc": check_bytes("alternate_icc", self.alternate_icc),
            "alternate_cicp": _checked_cicp(self.alternate_cicp),
        }
        if own["metadata"] is None:
            raise _wrong("a gain map needs metadata, which say how it is applied")
        try:
            check_name("metadata_kind", self.metadata_kind, METADATA_KINDS)
        except VeneerError as error:
            raise _wrong(error.message) from None
        for name, value in own.items():
            object.__setattr__(self, name, value)

    @property
    def is_jpeg(self) -> bool:
        """Whether the picture is a JPEG."""
        return isinstance(self.picture, bytes) and self.picture.startswith(START_OF_JPEG)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the map.

        Raises:
            VeneerError: the picture is damaged, or no gain map.
        """
        if not isinstance(self.picture, bytes):
            height, width, channels = self.picture.shape
            return height, width, channels
        if self.is_jpeg:
            from veneer.file_metadata.gain_map import frame  # and a reader of XML, which few need

            found = frame(self.picture)
            if found is None or found[2] not in CHANNELS:
                raise VeneerError(ErrorCode.BAD_JPEG, "the JPEG of a gain map has no frame of 1 or 3 components")
            return found[1], found[0], found[2]
        head = checked_front(self.picture, limits.MAX_SIDE**2).head
        return head.height, head.width, head.channels

    @property
    def bit_depth(self) -> int:
        """Bits of a sample: the largest is 2^bit_depth - 1.

        Raises:
            VeneerError: as of `shape`.
        """
        if not isinstance(self.picture, bytes):
            return 8 * int(self.picture.dtype.itemsize)
        return 8 if self.is_jpeg else checked_front(self.picture, limits.MAX_SIDE**2).head.bit_depth

    def decode(self, *, threads: int = 0, max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> Pixels:
        """The samples of the map.

        Args:
            threads: at most this many; 0 for as many as there are cores. No influence on the result.
            max_pixels: larger maps are refused.

        Returns:
            uint8 or uint16 [H, W, 1 or 3], of `bit_depth` bits, as the picture holds them; nothing is applied to them.

        Raises:
            VeneerError: the picture is damaged, larger, or no gain map; BAD_SETTING.
        """
        threads, max_pixels = check_threads(threads), check_max_pixels(max_pixels)
        if not isinstance(self.picture, bytes):
            return numpy.array(self.picture)
        if self.is_jpeg:
            return plain_pixels(self.picture, threads=threads, max_pixels=max_pixels)
        checked_front(self.picture, max_pixels)
        return decode(self.picture, threads=threads, max_pixels=max_pixels)


def gain_map(data: Source, *, threads: int = 0, max_pixels: int = limits.DEFAULT_MAX_PIXELS) -> GainMap | None:
    """The gain map of a Veneer file or of a JPEG.

    That of a Veneer file is in a chunk of its own; where there is none and the file keeps a JPEG, it is a second
    picture in the JPEG, as of Ultra HDR. Such maps are found by the index of the Multi-Picture Format, and have
    metadata of ISO 21496-1 or XMP of hdrgm.

    Args:
        data: a Veneer file or a JPEG: bytes, or anything with the buffer interface; its path; or a file open for
            reading bytes.
        threads: at most this many; 0 for as many as there are cores. No influence on the result.
        max_pixels: of a file that keeps a JPEG, larger pictures are refused.

    Returns:
        The gain map, not decoded; None where there is none. Where something is damaged that could have been one, a
        `VeneerWarning` says so.

    Raises:
        VeneerError: neither a Veneer file nor a JPEG, or damaged; BAD_SETTING.
        OSError: `data` is a path or an open file, and cannot be read.
    """
    threads, max_pixels = check_threads(threads), check_max_pixels(max_pixels)
    view = read_source(data)
    if view[: len(START_OF_JPEG)] == START_OF_JPEG:
        return _of_jpeg(view.tobytes())
    contents = read_front(view)
    if contents.metadata.gain_map is not None:
        return from_chunk(contents.metadata.gain_map)
    if _keeps_pictures(contents):
        return _of_jpeg(decode_jpeg(view, threads=threads, max_pixels=max_pixels))
    report_problems(contents.problems, strict=False, noted=None)  # one of them may be its chunk
    return None


def from_chunk(coded: CodedGainMap) -> GainMap:
    """The gain map of a chunk gMAP."""
    cicp = (coded.colour_primaries, coded.transfer_characteristics, coded.matrix_coefficients, coded.full_range)
    kind = METADATA_KINDS[coded.metadata_kind]
    picture = coded.picture.translate(SHIFTED)
    return GainMap(picture, coded.metadata, kind, cicp, coded.alternate_icc or None)


def _keeps_pictures(contents: Contents) -> bool:
    """Whether the file keeps a JPEG that has an index of further pictures."""
    front = front_of_jpeg(contents.jpeg)
    if not front:
        return False
    from veneer.file_metadata.gain_map import has_index

    return has_index(front)


def checked_front(picture: bytes, max_pixels: int) -> Contents:
    """What the Veneer file of a gain map holds before its tiles; VeneerError where it is no gain map."""
    contents = read_front(picture, max_pixels)
    if contents.head.channels not in CHANNELS:
        text = f"a gain map has 1 or 3 channels, not {contents.head.channels}"
        raise VeneerError(ErrorCode.FIELD_VALUE, text)
    if contents.head.sample_format == HALF_FLOATS:
        raise VeneerError(ErrorCode.FIELD_VALUE, "a gain map has whole numbers, not half floats")
    if contents.metadata.gain_map is not None:
        raise VeneerError(ErrorCode.FIELD_VALUE, "a gain map has no gain map of its own")
    return contents


def _of_jpeg(data: bytes) -> GainMap | None:
    from veneer.file_metadata.gain_map import find

    found = find(data)
    if found is None:
        return None
    return GainMap(found.picture, found.metadata, METADATA_KINDS[int(found.is_xmp)], alternate_icc=found.icc)


def _checked_picture(picture: object) -> bytes | Pixels:
    if isinstance(picture, (bytes, bytearray, memoryview)):
        return check_bytes("picture of a gain map", picture) or b""
    if not isinstance(picture, numpy.ndarray):
        raise _wrong(f"the picture of a gain map must be bytes or an array, not {type(picture).__name__}")
    array = picture[:, :, None] if picture.ndim == 2 else picture
    if array.ndim != 3 or array.shape[2] not in CHANNELS or array.dtype not in (numpy.uint8, numpy.uint16):
        text = f"an array of a gain map must be uint8 or uint16 [H, W, 1 or 3], not {picture.dtype} {picture.shape}"
        raise _wrong(text)
    return array


def _checked_cicp(cicp: object) -> Cicp:
    values = numbers_of(cicp, 4)
    text = f"alternate_cicp must be (0..255, 0..255, 0..255, 0..1), not {shown(cicp)}"
    if values is None:
        raise _wrong(text)
    try:
        numbers = (check_integer("cicp", int(v), 0, n) for v, n in zip(values, _CICP_LIMITS, strict=True))  # type: ignore[call-overload]
        primaries, transfer, matrix, full_range = numbers
    except (ValueError, TypeError):  # VeneerError is a ValueError
        raise _wrong(text) from None
    return primaries, transfer, matrix, full_range


def _wrong(text: str) -> VeneerError:
    return VeneerError(ErrorCode.BAD_METADATA, text)
