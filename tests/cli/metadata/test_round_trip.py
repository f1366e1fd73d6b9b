"""Every kind of metadata of every input format, into every output format: it comes back, or a note names it."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from metadata_files import IPTC, RGB, file_of, jpeg, load, losses, png, raw_profile, resource, webp_chunk
from PIL import Image, ImageOps
from samples import XMP, make_exif, make_picture

import veneer
from veneer.cli.pictures import Picture, save_picture
from veneer.file_metadata.found import metadata_of

EXIF = make_exif(6)
PHOTOSHOP = b"Photoshop 3.0\0"
DENSITY = (1, 11811, 11811)


def webp(*chunks: bytes, behind: bytes = b"") -> bytes:
    data = file_of("WEBP", lossless=True, exif=b"II*\0\x08\0\0\0\0\0\0\0\0\0") + b"".join(chunks)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:] + behind


def gif(*comments: bytes, behind: bytes = b"") -> bytes:
    data = file_of("GIF", RGB.quantize(16))
    blocks = b"".join(b"!\xfe" + bytes([len(text)]) + text + b"\0" for text in comments)
    return data[:-1] + blocks + data[-1:] + behind


def psd(resources: bytes) -> bytes:
    """A Photoshop document without layers."""
    head = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 20, 30, 8, 3) + bytes(4)
    planes = np.asarray(RGB).transpose(2, 0, 1).tobytes()
    return head + struct.pack(">I", len(resources)) + resources + bytes(4) + b"\0\0" + planes


def tiff(**tags: Any) -> bytes:
    return file_of("TIFF", tiffinfo={int(tag[1:]): value for tag, value in tags.items()})


AUTHOR = (("Author", "somebody"),)
COMMENT = (("Comment", "a remark"),)

# Format and kind; the file; what is to be kept of it, as attribute and value, or how the note begins that names it.
CASES: dict[str, tuple[Callable[[], bytes], tuple[str, Any] | str]] = {
    "png exif": (lambda: file_of("PNG", exif=EXIF), ("exif", EXIF[6:])),
    "png exif raw": (lambda: png(raw_profile("exif", EXIF)), ("exif", EXIF[6:])),
    "png xmp": (lambda: png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), ("xmp", XMP)),
    "png xmp raw": (lambda: png(raw_profile("xmp", XMP)), ("xmp", XMP)),
    "png iptc raw": (lambda: png(raw_profile("iptc", resource(0x0404, IPTC))), ("iptc", IPTC)),
    "png text": (lambda: png((b"tEXt", b"Author\0somebody")), ("text", AUTHOR)),
    "png density": (lambda: png((b"pHYs", struct.pack(">IIB", 11811, 11811, 1))), ("density", DENSITY)),
    "png time": (lambda: png((b"tIME", b"\7\xd1\2\3\4\5\6")), "the time of its last change"),
    "png photoshop": (lambda: png(raw_profile("8bim", resource(1000, b"x"))), "its Photoshop resources 0x03E8"),
    "png others": (lambda: png((b"caBX", b"x")), "its chunk caBX"),
    "png behind": (lambda: png(behind=b"x"), "1 bytes behind the end of the PNG"),
    "jpeg exif": (lambda: file_of("JPEG", exif=EXIF), ("exif", EXIF[6:])),
    "jpeg xmp": (lambda: file_of("JPEG", xmp=XMP), ("xmp", XMP)),
    "jpeg iptc": (lambda: jpeg((0xED, PHOTOSHOP + resource(0x0404, IPTC))), ("iptc", IPTC)),
    "jpeg comment": (lambda: file_of("JPEG", comment=b"a remark"), ("text", COMMENT)),
    "jpeg density": (lambda: file_of("JPEG", dpi=(300, 300)), ("density", DENSITY)),
    "jpeg photoshop": (lambda: jpeg((0xED, PHOTOSHOP + resource(1000, b"x"))), "its Photoshop resources 0x03E8"),
    "jpeg others": (lambda: jpeg((0xEC, b"Ducky\0")), "its segment APP12 Ducky"),
    "jpeg behind": (lambda: jpeg(behind=b"x"), "1 bytes behind the end of the JPEG"),
    "tiff xmp": (lambda: tiff(_700=XMP), ("xmp", XMP)),
    "tiff iptc": (lambda: tiff(_33723=IPTC), ("iptc", IPTC)),
    "tiff density": (lambda: file_of("TIFF", dpi=(300, 300)), ("density", DENSITY)),
    "tiff photoshop": (lambda: tiff(_34377=resource(1000, b"x")), "its Photoshop resources 0x03E8"),
    "tiff iptc in photoshop": (lambda: tiff(_34377=resource(0x0404, IPTC)), ("iptc", IPTC)),
    "tiff others": (lambda: tiff(_65000="private"), "its tag 65000"),
    "webp exif": (lambda: file_of("WEBP", exif=EXIF), ("exif", EXIF[6:])),
    "webp xmp": (lambda: file_of("WEBP", xmp=XMP), ("xmp", XMP)),
    "webp others": (lambda: webp(webp_chunk(b"NOTE", b"odd")), "its chunk NOTE"),
    "webp behind": (lambda: webp(behind=b"x"), "1 bytes behind the end of the WebP"),
    "gif comments": (lambda: gif(b"a remark"), ("text", COMMENT)),
    "gif behind": (lambda: gif(behind=b"x"), "1 bytes behind the end of the GIF"),
    "psd exif": (lambda: psd(resource(0x0422, EXIF[6:])), ("exif", EXIF[6:])),
    "psd xmp": (lambda: psd(resource(0x0424, XMP)), ("xmp", XMP)),
    "psd iptc": (lambda: psd(resource(0x0404, IPTC)), ("iptc", IPTC)),
    "psd photoshop": (lambda: psd(resource(1000, b"x")), "its Photoshop resources 0x03E8"),
    "avif exif": (lambda: file_of("AVIF", exif=EXIF), ("exif", EXIF[6:])),
    "avif xmp": (lambda: file_of("AVIF", xmp=XMP), ("xmp", XMP)),
    "bmp density": (lambda: file_of("BMP", dpi=(300, 300)), ("density", DENSITY)),
    "ppm comment": (lambda: b"P6\n# a remark\n30 20\n255\n" + RGB.tobytes(), ("text", COMMENT)),
}


@pytest.mark.parametrize("case", CASES)
def test_read(case: str) -> None:
    """Kept through a Veneer file, or named; with strip neither."""
    make, expected = CASES[case]
    data = make()
    picture = load(data)
    if isinstance(expected, str):
        assert [note for note in losses(picture) if note.startswith(expected)]
    else:
        name, value = expected
        info = veneer.read_info(
            veneer.encode(picture.pixels, layers="base", effort=1, icc=picture.icc, **picture.metadata.keywords())
        )
        assert metadata_of(info)[name] == value
        assert losses(picture) == []
    stripped = load(data, strip=True)
    assert not any(stripped.metadata.keywords().values())
    assert stripped.notes == []


METADATA: dict[str, Any] = {
    "exif": EXIF[6:],
    "xmp": XMP,
    "iptc": IPTC,
    "text": (("Author", "写真"), ("Comment", "long " * 500), ("Comment", "é")),
    "density": (1, 11811, 5906),
}
# Contents that a format does not keep, and the text of the note.
LOST = {
    ".png": ({}, []),
    ".jpg": ({"text": METADATA["text"][1:]}, ["JPEG has no place for texts (Author)"]),
    ".tif": ({"text": ()}, ["TIFF has no place for texts (Author, Comment)"]),
    ".webp": (
        {"iptc": None, "text": (), "density": None},
        ["WEBP has no place for IPTC and density and texts (Author, Comment)"],
    ),
    ".bmp": (
        {"exif": None, "xmp": None, "iptc": None, "text": (), "density": (1, 5906, 11811)},
        [
            "BMP has no place for EXIF and IPTC and XMP and texts (Author, Comment)",
            "it is turned upright, as the Exif says that is left out",
        ],
    ),
    ".ppm": (
        {"exif": None, "xmp": None, "iptc": None, "text": (), "density": None},
        [
            "PPM has no place for EXIF and IPTC and XMP and density and texts (Author, Comment)",
            "it is turned upright, as the Exif says that is left out",
        ],
    ),
}


@pytest.mark.parametrize("suffix", LOST)
def test_written(suffix: str) -> None:
    """Contents that a format keeps can be read again, by the command and as a viewer turns it; notes name the rest."""
    picture = Picture(make_picture(20, 30), **METADATA)
    saved = save_picture(picture, suffix)
    changes, notes = LOST[suffix]
    assert picture.notes == notes
    again = load(saved)
    kept = again.metadata.keywords() | {"exif": None}
    assert kept == METADATA | {"exif": None} | changes
    with Image.open(io.BytesIO(saved)) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
        assert (image.getexif().get(0x010F) == "Maker") == ("exif" not in changes)
    expected = np.rot90(make_picture(20, 30), -1)
    assert upright.shape == expected.shape
    if suffix != ".jpg":
        np.testing.assert_array_equal(upright, expected)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".bmp", ".ppm"])
def test_nothing_is_written_of_nothing(suffix: str) -> None:
    picture = Picture(make_picture(20, 30))
    again = load(save_picture(picture, suffix))
    expected = (1, 3780, 3780) if suffix == ".bmp" else None  # its header has one in any case
    assert again.metadata.keywords() == {"exif": None, "xmp": None, "iptc": None, "text": (), "density": expected}
    assert picture.notes + again.notes == []


@pytest.mark.parametrize("density", [(0, 2, 1), (1, 2835, 2835), (1, 11800, 11800)])
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_densities(suffix: str, density: tuple[int, int, int]) -> None:
    picture = Picture(make_picture(20, 30), density=density)
    assert load(save_picture(picture, suffix)).density == density
    assert picture.notes == []


def test_ratio_has_no_place_in_bmp() -> None:
    picture = Picture(make_picture(20, 30), density=(0, 2, 1))
    save_picture(picture, ".bmp")
    assert picture.notes == ["BMP has no place for density"]


def test_long_metadata_in_jpeg() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    xmp += b'<rdf:Description rdf:about="" xmlns:a="b:c" a:d="%s"/></rdf:RDF></x:xmpmeta>' % (b"e" * 200_000)
    picture = Picture(make_picture(20, 30), exif=EXIF[6:] + bytes(70_000), xmp=xmp, iptc=IPTC * 9000)
    picture.text = (("Comment", "x" * 70_000), ("Comment", "short"))
    again = load(save_picture(picture, ".jpg"))
    assert (again.exif, again.xmp, again.iptc, again.text) == (None, xmp, IPTC * 9000, (("Comment", "short"),))
    assert again.pixels.shape == (30, 20, 3)  # turned, since its Exif is lost
    assert picture.notes == [
        f"JPEG has no place for Exif above 64 kB, these {len(EXIF) - 6 + 70_000} bytes are left out",
        "JPEG has no place for comments above 64 kB, which are left out",
        "it is turned upright, as the Exif says that is left out",
    ]


def test_exif_that_tiff_cannot_keep_still_turns_the_picture() -> None:
    broken = b"II*\0\x08\0\0\0\2\0\x12\x01\3\0\1\0\0\0\6\0\0\0\x69\x87\x04\0\1\0\0\0\xff\xff\xff\xff"
    picture = Picture(make_picture(20, 30), exif=broken)
    saved = load(save_picture(picture, ".tif"))
    is_kept = not any("damaged" in note for note in picture.notes)
    assert saved.pixels.shape == (30, 20, 3)
    assert is_kept or picture.notes[-1] == "it is turned upright, as the Exif says that is left out"


def test_iptc_in_png_is_as_others_write_it() -> None:
    saved = save_picture(Picture(make_picture(8, 8), iptc=IPTC), ".png")
    with Image.open(io.BytesIO(saved)) as image:
        profile = image.info["Raw profile type iptc"]
    name, length, digits = profile.split(maxsplit=2)
    assert (name, bytes.fromhex(digits)) == ("iptc", resource(0x0404, IPTC))
    assert int(length) == len(resource(0x0404, IPTC))
    assert re.fullmatch(r"\niptc\n +\d+\n([0-9a-f]{1,72}\n)+", profile)
