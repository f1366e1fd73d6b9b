"""JPEGs with a gain map behind them, as Ultra HDR and ISO 21496-1 have it, for tests."""

from __future__ import annotations

import io
import struct

from PIL import Image
from samples import make_picture, srgb_profile

HDRGM = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMax="2.3"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
ISO_METADATA = bytes(4) + b"\xc0" + bytes(range(40))
XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0" + HDRGM
ISO_URN = b"urn:iso:std:iso:ts:21496:-1\0"
APP1, APP2 = 0xE1, 0xE2


def plain_jpeg(height: int, width: int, channels: int = 3, seed: int = 0, **options: object) -> bytes:
    """A JPEG of Pillow."""
    out = io.BytesIO()
    pixels = make_picture(height, width, channels, seed)
    Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(out, "JPEG", quality=80, **options)
    return out.getvalue()


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments in front of its own."""
    parts = [struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content for marker, content in segments]
    return jpeg[:2] + b"".join(parts) + jpeg[2:]


def index_segment(sizes: list[tuple[int, int]], order: str = ">") -> bytes:
    """The segment of the Multi-Picture Format; size and offset of each picture."""
    entries = b"".join(struct.pack(f"{order}IIIHH", 0, size, offset, 0, 0) for size, offset in sizes)
    table = struct.pack(f"{order}HHHI4s", 3, 0xB000, 7, 4, b"0100")
    table += struct.pack(f"{order}HHII", 0xB001, 4, 1, len(sizes))
    table += struct.pack(f"{order}HHIII", 0xB002, 7, len(entries), 50, 0)
    return b"MPF\0" + (b"MM\0*" if order == ">" else b"II*\0") + struct.pack(f"{order}I", 8) + table + entries


def gain_map_jpeg(
    *, iso: bool = False, xmp: bool = True, channels: int = 1, order: str = ">", profile: bool = False
) -> tuple[bytes, bytes]:
    """A JPEG with a gain map, and the JPEG of the map alone."""
    marks = [(APP2, ISO_URN + ISO_METADATA)] * iso + [(APP1, XMP_SEGMENT)] * xmp
    options = {"icc_profile": srgb_profile()} if profile else {}
    further = with_segments(plain_jpeg(24, 33, channels, 1, **options), *marks)
    fronts = [(APP1, XMP_SEGMENT)] * xmp + [(APP2, ISO_URN + bytes(4))] * iso
    main = plain_jpeg(47, 65)
    length = len(with_segments(main, (APP2, index_segment([(0, 0), (0, 0)], order)), *fronts))
    place = length - 10  # from where offsets count: behind SOI, marker, length and name
    index = index_segment([(length, 0), (len(further), place)], order)
    return with_segments(main, (APP2, index), *fronts) + further, further
