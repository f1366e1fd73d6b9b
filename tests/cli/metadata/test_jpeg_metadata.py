"""Metadata of JPEG: every segment is read, or named."""

import struct

import numpy as np
import pytest
from metadata_files import IPTC, RGB, file_of, jpeg, load, resource
from samples import XMP, make_exif

from veneer.file_metadata.jpeg import density_of_jfif, read

PHOTOSHOP = b"Photoshop 3.0\0"


def test_comments() -> None:
    picture = load(jpeg((0xFE, "erst Ü".encode()), (0xFE, "second é".encode("latin-1") + b"\0")))
    assert (picture.text, picture.notes) == ((("Comment", "erst Ü"), ("Comment", "second é")), [])
    assert load(jpeg((0xFE, b"\0\1\0\2"))).notes == ["its comment of 4 bytes is left out: it is no text"]


def test_iptc_in_several_segments() -> None:
    resources = resource(0x0404, IPTC) + resource(0x0425, bytes(16))
    picture = load(jpeg((0xED, PHOTOSHOP + resources[:15]), (0xED, PHOTOSHOP + resources[15:])))
    assert (picture.iptc, picture.notes) == (IPTC, [])


def test_photoshop_resources_are_named() -> None:
    resources = resource(0x03ED, bytes(16)) + resource(0x0404, IPTC) + resource(0x040C, b"thumb", b"odd")
    picture = load(jpeg((0xED, PHOTOSHOP + resources)))
    assert (picture.iptc, picture.notes) == (IPTC, ["its Photoshop resources 0x03ED, 0x040C are left out"])
    picture = load(jpeg((0xED, PHOTOSHOP + resource(0x0404, IPTC) + resource(0x0404, b"cut off")[:-4])))
    assert picture.iptc == IPTC
    assert picture.notes == ["its Photoshop resources are damaged, and kept as far as they can be read"]


@pytest.mark.parametrize(
    ("jfif", "density"),
    [
        ((1, 300, 150), (1, 11811, 5906)),
        ((2, 118, 118), (1, 11800, 11800)),
        ((0, 2, 1), (0, 2, 1)),
        ((0, 1, 1), None),
        ((1, 0, 0), None),
    ],
)
def test_density(jfif: tuple[int, int, int], density: tuple[int, int, int] | None) -> None:
    data = bytearray(file_of("JPEG"))
    data[13:18] = struct.pack(">BHH", *jfif)
    assert load(bytes(data)).density == density


@pytest.mark.parametrize("unit", [1, 2])
@pytest.mark.parametrize("value", [1, 72, 96, 254, 300, 1200, 65535])
def test_whole_densities_come_back_whole(unit: int, value: int) -> None:
    data = bytearray(file_of("JPEG"))
    data[13:18] = struct.pack(">BHH", unit, value, value)
    density = load(bytes(data)).density
    assert density is not None
    notes: list[str] = []
    back = density_of_jfif(density, notes)
    per_metre = {1: 1 / 0.0254, 2: 100}
    assert round(back[1] * per_metre[back[0]]) == round(value * per_metre[unit])
    assert notes == []


def test_density_that_jfif_cannot_say() -> None:
    notes: list[str] = []
    assert density_of_jfif((1, 11817, 11817), notes) == (1, 300, 300)
    assert density_of_jfif((0, 200_000, 100_000), notes) == (0, 50_000, 25_000)
    assert density_of_jfif((1, 1 << 30, 1 << 30), notes) == (0, 1, 1)
    assert len(notes) == 3


@pytest.mark.parametrize(
    ("part", "note"),
    [
        ((0xE0, b"JFXX\0\x10"), "its segment APP0 JFXX is left out"),
        ((0xE2, b"FPXR\0\0"), "its segment APP2 FPXR is left out"),
        ((0xEB, b"JP\0\1"), "its segment APP11 JP is left out"),
        ((0xEC, b"Ducky\0\1"), "its segment APP12 Ducky is left out"),
        ((0xE5, b"\1\2\3"), "its segment APP5 is left out"),
        ((0xE1, b"FLIR\0\1"), "its segment APP1 FLIR is left out"),
    ],
)
def test_other_segments_are_named_once(part: tuple[int, bytes], note: str) -> None:
    assert load(jpeg(part, part)).notes == [note]
    assert load(jpeg(part), strip=True).notes == []


def test_what_is_of_the_format_is_not_named() -> None:
    assert load(jpeg((0xEE, b"Adobe\0\x64\0\0\0\0\1"), quality=95)).notes == []


@pytest.mark.parametrize(
    ("behind", "what"),
    [
        (struct.pack(">I", 24) + b"ftypmp42" + bytes(99), " (a video or the like)"),
        (b"PK\3\4" + bytes(9), " (a ZIP archive)"),
        (b"\xff\xd8\xff\xe0" + bytes(9), " (a JPEG)"),
        (b"anything", ""),
    ],
)
def test_bytes_behind_the_end(behind: bytes, what: str) -> None:
    assert load(jpeg(behind=behind)).notes == [f"{len(behind)} bytes behind the end of the JPEG{what} are left out"]
    assert load(jpeg(behind=behind), strip=True).notes == []


def test_padding_is_not_named() -> None:
    assert load(jpeg(behind=bytes(100))).notes == []


def test_the_end_is_found_in_progressive_and_with_restarts() -> None:
    for options in ({"progressive": True}, {"restart_marker_blocks": 1}):
        assert load(jpeg(behind=b"tail", **options)).notes == ["4 bytes behind the end of the JPEG are left out"]


def test_pictures_behind_the_first_are_not_bytes_behind_the_end() -> None:
    mpo = file_of("MPO", save_all=True, append_images=[RGB.rotate(180)])
    notes = load(mpo).notes
    assert "holds 2 pictures; only the first is taken" in notes
    assert not any("behind the end" in note for note in notes)
    assert "8 bytes behind the end of the JPEG are left out" in load(mpo + b"anything").notes


def test_a_file_that_is_cut_has_nothing_behind_its_end() -> None:
    notes: list[str] = []
    read(file_of("JPEG")[:-2], notes)
    assert notes == []


@pytest.mark.parametrize("orientation", range(1, 9))
def test_strip_turns(orientation: int) -> None:
    data = jpeg((0xE1, make_exif(orientation)), (0xFE, b"comment"), (0xED, PHOTOSHOP + resource(0x0404, IPTC)))
    plain = load(data)
    assert plain.exif == make_exif(orientation)[6:]
    stripped = load(data, strip=True)
    expected = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: np.rot90,
    }[orientation](plain.pixels)
    np.testing.assert_array_equal(stripped.pixels, expected)
    assert stripped.metadata.keywords() == {"exif": None, "xmp": None, "iptc": None, "text": (), "density": None}


def test_second_xmp_is_named() -> None:
    part = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    picture = load(jpeg(part, part))
    assert (picture.xmp, picture.notes) == (XMP, ["its second XMP packet is left out"])
