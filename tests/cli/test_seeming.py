"""Pictures that are not what they seem: raw files, reduced first pages, previews, sizes, several pictures in one."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image
from samples import make_picture
from test_pictures import file_of, load

from veneer.cli.failure import FileFailure
from veneer.cli.notes import is_incomplete

SMALL, LARGE = make_picture(12, 16), make_picture(48, 64)

Fields = dict[int, tuple[int, list[int]]]  # tag: kind (3 short, 4 long) and values


def tiff(*pages: Fields, subs: tuple[Fields, ...] = (), order: str = "<", pixels: tuple[Any, ...] = ()) -> bytes:
    """A TIFF of RGB pages, and of directories `subs` below the first; `pixels` of each, in that order."""
    body = bytearray(b"II*\0\0\0\0\0" if order == "<" else b"MM\0*\0\0\0\0")

    def add(data: bytes) -> int:
        body.extend(bytes(len(body) % 2))
        body.extend(data)
        return len(body) - len(data)

    def directory(fields: Fields, picture: Any, below: list[int]) -> tuple[int, int]:
        height, width, channels = picture.shape
        basic: Fields = {
            256: (4, [width]),
            257: (4, [height]),
            258: (3, [8] * channels),
            259: (3, [1]),
            262: (3, [2]),
            273: (4, [add(picture.tobytes())]),
            277: (3, [channels]),
            278: (4, [height]),
            279: (4, [picture.size]),
        }
        entries = b""
        everything = {**basic, **({330: (4, below)} if below else {}), **fields}
        for tag, (kind, values) in sorted(everything.items()):
            data = struct.pack(f"{order}{len(values)}{'H' if kind == 3 else 'I'}", *values)
            inline = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(order + "I", add(data))
            entries += struct.pack(order + "HHI", tag, kind, len(values)) + inline
        place = add(struct.pack(order + "H", len(everything)) + entries + bytes(4))
        return place, place + 2 + len(entries)

    below = [directory(fields, picture, [])[0] for fields, picture in zip(subs, pixels[len(pages) :], strict=True)]
    link = 4
    for number, fields in enumerate(pages):
        place, following = directory(fields, pixels[number], below if number == 0 else [])
        struct.pack_into(order + "I", body, link, place)
        link = following
    return bytes(body)


REDUCED: Fields = {254: (4, [1])}
OLD_REDUCED: Fields = {255: (3, [2])}
MASK: Fields = {254: (4, [4])}
DNG: Fields = {50706: (3, [1, 4, 0, 0])}
CFA: Fields = {262: (3, [32803])}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "data",
    [
        lambda order: tiff(REDUCED, {}, pixels=(SMALL, LARGE), order=order),
        lambda order: tiff(OLD_REDUCED, {}, pixels=(SMALL, LARGE), order=order),
        lambda order: tiff(REDUCED, subs=({},), pixels=(SMALL, LARGE), order=order),
        lambda order: tiff({}, subs=({},), pixels=(SMALL, LARGE), order=order),
    ],
    ids=["first page", "old tag", "below the first", "larger below the first"],
)
def test_the_full_picture_of_a_tiff_is_taken(data: Any, order: str) -> None:
    picture = load(data(order))
    np.testing.assert_array_equal(picture.pixels, LARGE)
    assert picture.notes == ["its first page is a reduced copy of 16x12 pixels; the picture of 64x48 is taken"]
    assert not is_incomplete(picture.notes)


@pytest.mark.parametrize("extra", [REDUCED, OLD_REDUCED, MASK])
def test_reduced_copies_and_masks_behind_are_no_pictures(extra: Fields) -> None:
    for data in (tiff({}, extra, pixels=(LARGE, SMALL)), tiff({}, subs=(extra,), pixels=(LARGE, SMALL))):
        picture = load(data)
        np.testing.assert_array_equal(picture.pixels, LARGE)
        assert picture.notes == []


def test_pages_are_counted_without_reduced_copies() -> None:
    data = tiff(REDUCED, {}, REDUCED, {}, pixels=(SMALL, LARGE, SMALL, LARGE[::-1]))
    np.testing.assert_array_equal(load(data, number=2).pixels, LARGE[::-1])
    assert is_incomplete(load(data).notes)
    with pytest.raises(FileFailure, match="holds 2 pictures"):
        load(data, number=3)


def test_a_tiff_of_a_reduced_copy_alone() -> None:
    assert load(tiff(REDUCED, pixels=(SMALL,))).notes == [
        "says that it is a reduced copy of another picture, which is not in the file"
    ]


def test_metadata_of_the_first_page_is_kept() -> None:
    profile = file_of(Image.fromarray(SMALL), "TIFF", icc_profile=b"profile of the first")
    with Image.open(io.BytesIO(profile)) as image:
        assert image.info["icc_profile"] == b"profile of the first"
    text = [int.from_bytes(b"Make", "little")]
    data = tiff({**REDUCED, 271: (4, text)}, {}, pixels=(SMALL, LARGE))
    data = data.replace(struct.pack("<HHI", 271, 4, 1), struct.pack("<HHI", 271, 2, 4))
    exif = load(data).exif
    assert exif is not None
    kept = Image.Exif()
    kept.load(exif)
    assert kept[271] == "Make"


def test_bigtiff() -> None:
    pages = [Image.fromarray(SMALL), Image.fromarray(LARGE)]
    data = file_of(pages[0], "TIFF", save_all=True, append_images=pages[1:], big_tiff=True, tiffinfo={254: 1})
    assert load(data, number=1).pixels.shape in (SMALL.shape, LARGE.shape)


RAW = {
    "DNG": lambda: tiff({**REDUCED, **DNG}, subs=({},), pixels=(SMALL, LARGE)),
    "DNG of one picture": lambda: tiff(DNG, pixels=(LARGE,)),
    "NEF": lambda: tiff(REDUCED, subs=({259: (3, [34713])},), pixels=(SMALL, LARGE)),
    "ARW": lambda: tiff(REDUCED, subs=({259: (3, [32767])},), pixels=(SMALL, LARGE)),
    "ARW of the first cameras": lambda: tiff({50740: (4, [8])}, pixels=(SMALL,)),
    "PEF": lambda: tiff({259: (3, [65535])}, {}, pixels=(LARGE, SMALL), order=">"),
    "3FR": lambda: tiff({}, subs=(CFA,), pixels=(SMALL, LARGE)),
    "CR2": lambda: b"II*\0\x10\0\0\0CR\2\0" + bytes(100),
    "CR3": lambda: b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    "RAF": lambda: b"FUJIFILMCCD-RAW 0201" + file_of(Image.fromarray(SMALL), "JPEG"),
    "ORF": lambda: b"IIRO\x08\0\0\0" + bytes(100),
    "RW2": lambda: b"IIU\0\x08\0\0\0" + bytes(100),
    "CRW": lambda: b"II\x1a\0\0\0HEAPCCDR" + bytes(100),
    "MRW": lambda: b"\0MRM" + bytes(100),
    "X3F": lambda: b"FOVb" + bytes(100),
    "IIQ": lambda: b"II*\0\x08\0\0\0IIII" + bytes(100),
}


@pytest.mark.parametrize("kind", RAW)
def test_raw_files_are_refused(kind: str) -> None:
    with pytest.raises(FileFailure, match=r"is a raw file of a camera \(.*\), not a picture yet; develop it"):
        load(RAW[kind]())


def test_signed_samples_are_refused() -> None:
    with pytest.raises(FileFailure, match="samples with a sign"):
        load(tiff({339: (3, [2, 2, 2])}, pixels=(LARGE,)))


@pytest.mark.parametrize(
    ("bits", "kind"), [(24, 1), (32, 1), (64, 1), (12, 2), (16, 2), (32, 2), (16, 3), (24, 3), (32, 3), (64, 3)]
)
def test_deep_tiffs_are_refused(bits: int, kind: int) -> None:
    text = {1: f"has {bits} bits a sample", 2: "samples with a sign", 3: f"floating point samples of {bits} bits"}[kind]
    if (kind, bits) == (3, 16):
        text = "half floats"
    with pytest.raises(FileFailure, match=text):
        load(tiff({258: (3, [bits] * 3), 339: (3, [kind] * 3)}, pixels=(LARGE,)))


def test_sixteen_bits_a_pixel_are_no_deep_samples() -> None:
    samples = np.array([[0xFFFF, 0xF800, 0x07E0, 0x001F, 0, 0]], "<u2")
    header = (
        b"BM"
        + struct.pack("<IHHI", 66 + 12, 0, 0, 66)
        + struct.pack("<IiiHHIIiiII", 40, 6, -1, 1, 16, 3, 12, 0, 0, 0, 0)
    )
    data = header + struct.pack("<3I", 0xF800, 0x07E0, 0x001F) + samples.tobytes()
    white, red, green, blue, black = [255] * 3, [255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0]
    assert load(data).pixels.tolist() == [[white, red, green, blue, black, black]]


@pytest.mark.parametrize("bits", [1, 2, 4, 7])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_2000_of_less_than_8_bits(bits: int, channels: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    levels = (1 << bits) - 1
    samples = (make_picture(32, 40, channels) >> (8 - bits)).reshape(32, 40, channels).squeeze()
    samples[0, 0], samples[0, 1] = 0, levels
    data = imagecodecs.jpeg2k_encode(np.ascontiguousarray(samples), bitspersample=bits, level=0, reversible=True)
    expected = samples.reshape(32, 40, channels).astype(int) * 255 // levels
    np.testing.assert_array_equal(load(data).pixels, expected)


def test_channels_beside_the_picture_are_noted() -> None:
    five = np.concatenate([LARGE, LARGE[:, :, :2]], axis=2)
    picture = load(tiff({338: (3, [0, 0])}, pixels=(five,)))
    np.testing.assert_array_equal(picture.pixels, LARGE)
    assert picture.notes == ["has 2 more channels than a picture, which are left out"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "is a drawing (PostScript)"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "is a drawing (SVG)"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"#?RADIANCE\n", "is Radiance HDR"),
        (b"v/1\1" + bytes(50), "is OpenEXR"),
        (b"PF\n2 2\n-1.0\n" + bytes(48), "is a PFM"),
        (b"gimp xcf v011\0" + bytes(50), "is a work file of GIMP"),
        (b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 16, 3) + bytes(50), "has 16 bits a sample"),
        (b"\xff\xd8\xff\xc3\0\x0b\x08\0\x10\0\x10\1\1\x11\0", "is a JPEG of a rare kind (lossless)"),
        (b"\xff\xd8\xff\xc1\0\x0b\x0c\0\x10\0\x10\1\1\x11\0", "is a JPEG of 12 bits a sample"),
        (b"\xff\xd8\xff\xf7\0\x0b\x08\0\x10\0\x10\1\1\x11\0", "is a JPEG of a rare kind (JPEG-LS)"),
        (b"\xff\xd8\xff\xc0\0\x0e\x08\0\x10\0\x10\2\1\x11\0\2\x11\0", "is a JPEG of 2 components"),
    ],
)
def test_what_is_said_of_files_that_are_no_pictures(data: bytes, message: str) -> None:
    with pytest.raises(FileFailure) as caught:
        load(data)
    assert message in caught.value.what


def test_sizes_of_icons() -> None:
    data = file_of(Image.fromarray(make_picture(64, 64, 4)), "ICO", sizes=[(16, 16), (64, 64), (32, 32)])
    picture = load(data)
    assert picture.pixels.shape == (64, 64, 4)
    assert picture.notes == ["holds 3 sizes; only the largest is taken"]
    one = file_of(Image.fromarray(make_picture(64, 64, 4)), "ICO", sizes=[(64, 64)])
    assert load(one).notes == []


def test_views_of_mpo() -> None:
    views = [Image.fromarray(LARGE), Image.fromarray(LARGE[::-1].copy())]
    data = file_of(views[0], "MPO", save_all=True, append_images=views[1:])
    assert load(data).notes == ["holds 2 pictures; only the first is taken"]
    assert is_incomplete(load(data).notes)
    assert np.abs(load(data, number=2).pixels.astype(int) - LARGE[::-1]).mean() < 8


def test_several_pnm_in_one() -> None:
    one = file_of(Image.fromarray(SMALL), "PPM")
    assert load(one).notes == []
    assert is_incomplete(load(one + one).notes)
    grey = b"P5 2 1 15\n\x00\x0f"
    assert load(grey + b"\n").notes == []
    assert is_incomplete(load(grey + grey).notes)


def dds(dxgi: int, *, flags: int = 0, arrays: int = 1) -> bytes:
    """The header of a DDS of 4 x 4 pixels, with a block of zeros."""
    header = b"DDS " + struct.pack("<7I", 124, 0x1007, 4, 4, 16, 0, 0) + bytes(44)
    header += struct.pack("<2I4s5I", 32, 4, b"DX10", 0, 0, 0, 0, 0) + struct.pack("<5I", 0x1000, flags, 0, 0, 0)
    return header + struct.pack("<5I", dxgi, 3, 0, arrays, 0) + bytes(64)


def test_dds() -> None:
    assert load(dds(98)).notes == []
    assert is_incomplete(load(dds(98, arrays=2)).notes)
    assert is_incomplete(load(dds(98, flags=0x200)).notes)
    for half_floats in (95, 96):
        with pytest.raises(FileFailure, match="has 16 bits a sample"):
            load(dds(half_floats))


def psd(channels: int, *, layers: int | None) -> bytes:
    """A PSD of 4 x 3 pixels, all 200 but for the fourth channel of 0, with a count of layers."""
    info = b"" if layers is None else struct.pack(">h", layers) + bytes(6)
    section = struct.pack(">I", len(info)) + info if info else b""
    head = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", channels, 3, 4, 8, 3) + bytes(8)
    planes = b"".join(bytes([0 if plane == 3 else 200]) * 12 for plane in range(channels))
    return head + struct.pack(">I", len(section)) + section + b"\0\0" + planes


def test_alpha_of_photoshop() -> None:
    assert load(psd(3, layers=None)).pixels.shape == (3, 4, 3)
    picture = load(psd(4, layers=None))
    assert (picture.pixels == 200).all()
    assert picture.pixels.shape == (3, 4, 3)
    assert picture.notes == ["its alpha channel is a saved selection, and is left out"]
    assert load(psd(5, layers=None)).notes[0] == "has 2 more channels than a picture, which are left out"
