"""Metadata of the whole picture that `veneer decode --region` keeps."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image
from samples import make_picture

import veneer
from veneer.cli.part_metadata import part_of_exif, part_of_iptc, part_of_xmp

Run = Callable[..., Result]

SECRET = b"\xff\xd8\xff\xe0 a picture of the whole \xff\xd9"
MAKERS = b"maker\0\x01\x02" + SECRET + b"\x03\x04"


def exif_with_thumbnail(order: str = "<", strips: bool = False) -> bytes:
    """IFD0 with orientation and Exif IFD (sizes, makers' note), IFD1 with a thumbnail that is not at the end."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    second = 8 + 2 + 2 * 12 + 4
    third = second + 2 + 3 * 12 + 4
    count = 2
    values = third + 2 + count * 12 + 4
    first_ifd = struct.pack(order + "HHHIHHHHII", 2, 0x0112, 3, 1, 6, 0, 0x8769, 4, 1, second)
    first_ifd += struct.pack(order + "I", third)
    details = struct.pack(order + "HHHII", 3, 0x927C, 7, len(MAKERS), values)
    details += struct.pack(order + "HHIHH", 0xA002, 3, 1, 900, 0) + struct.pack(order + "HHII", 0xA003, 4, 1, 600)
    details += struct.pack(order + "I", 0)
    tags = (0x0111, 0x0117) if strips else (0x0201, 0x0202)
    thumbnail = struct.pack(order + "H", count)
    thumbnail += struct.pack(order + "HHII", tags[0], 4, 1, values + len(MAKERS))
    thumbnail += struct.pack(order + "HHII", tags[1], 4, 1, len(SECRET)) + struct.pack(order + "I", 0)
    return head + first_ifd + details + thumbnail + MAKERS + SECRET + b"after"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("strips", [False, True])
def test_small_pictures_are_overwritten_in_place(order: str, strips: bool) -> None:
    exif = exif_with_thumbnail(order, strips)
    part, taken_out = part_of_exif(exif, 30, 20, whole=False)
    assert taken_out
    assert b"picture of the whole" not in part
    assert len(part) == len(exif)  # so that whatever points to a place still does
    assert part.endswith(b"after")
    assert part.index(b"maker\0\x01\x02") == exif.index(b"maker\0\x01\x02")
    read = Image.Exif()
    read.load(b"Exif\0\0" + part)
    assert read[0x0112] == 6
    assert (read.get_ifd(0x8769)[0xA002], read.get_ifd(0x8769)[0xA003]) == (30, 20)
    assert not read.get_ifd(1)


def test_a_smaller_version_of_all_keeps_them() -> None:
    part, taken_out = part_of_exif(exif_with_thumbnail(), 30, 20, whole=True)
    assert not taken_out
    assert part.count(SECRET) == 2


def test_a_thumbnail_at_the_end_is_cut_off() -> None:
    exif = exif_with_thumbnail().removesuffix(b"after")
    assert len(part_of_exif(exif, 3, 2, whole=False)[0]) == len(exif) - len(SECRET)


def test_damaged_exif_is_no_trouble() -> None:
    exif = exif_with_thumbnail()
    for place in range(len(exif)):
        for value in (0, 0x7F, 0xFF):
            changed = bytearray(exif)
            changed[place] = value
            part_of_exif(bytes(changed), 30, 20, whole=False)
        part_of_exif(exif[:place], 30, 20, whole=False)


def test_xmp() -> None:
    xmp = b'<d GImage:Data="/9j/4AA" a="1"><xmp:Thumbnails><rdf:Alt>/9j/</rdf:Alt></xmp:Thumbnails><b/></d>'
    assert part_of_xmp(xmp) == (b'<d  a="1"><b/></d>', True)
    assert part_of_xmp(b"<d/>") == (b"<d/>", False)


def test_iptc() -> None:
    title, preview = b"\x1c\x02\x05\0\x02Hi", b"\x1c\x02\xca\x80\x03\0\0\x04jpeg"
    format_of_preview = b"\x1c\x02\xc8\0\x02\0\x0b"
    assert part_of_iptc(title + format_of_preview + preview + title) == (title * 2, True)
    assert part_of_iptc(title) == (title, False)
    for cut in (b"", b"\x1c", preview[:-1], title + b"else", b"\x1c\x02\xca\xff\xff"):
        assert part_of_iptc(cut) == (cut, False)


def test_command(run: Run) -> None:
    Path("a.vnr").write_bytes(veneer.encode(make_picture(64, 96), exif=exif_with_thumbnail()))
    said = run("decode", "a.vnr", "part.jpg", "--region", "0,0,16,8").stderr
    assert "small pictures in its metadata show the whole, and are left out" in said
    assert b"picture of the whole" not in Path("part.jpg").read_bytes()
    with Image.open("part.jpg") as part:
        assert part.getexif()[0x0112] == 6
        assert part.getexif().get_ifd(0x8769)[0xA002] == 16
    assert "small pictures" not in run("decode", "a.vnr", "whole.jpg").stderr
    assert Path("whole.jpg").read_bytes().count(SECRET) == 2
    run("decode", "a.vnr", "strict.jpg", "--region", "0,0,16,8", "--strict")
    run("decode", "a.vnr", "small.jpg", "--layers", "preview")
    assert Path("small.jpg").read_bytes().count(SECRET) == 2
