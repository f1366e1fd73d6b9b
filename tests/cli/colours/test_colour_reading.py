"""Every way in which a picture file describes its colour, and which one counts where there are several."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from colour_files import (
    GREY_PATCHES,
    ODD_WHITE_FIRST,
    P3_WHITE_FIRST,
    PATCHES,
    SRGB_WHITE_FIRST,
    adobe_exif,
    avif,
    bmp,
    chrm,
    chunk,
    cicp,
    exif_of,
    gama,
    gif,
    iccp,
    in_srgb,
    jpeg_2000,
    png,
    qoi,
    save,
    tiff_fields,
)
from PIL import Image, ImageCms, features
from samples import srgb_profile

from veneer import colour
from veneer.cli.colours import fields
from veneer.cli.colours.boxes import with_nclx
from veneer.cli.colours.description import Colour
from veneer.cli.colours.reading import read_colour
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, load_picture, with_metadata

P3_PROFILE = colour.icc_profile((12, 13, 0, 1)) or b""
GREY_PROFILE = colour.icc_profile((1, 8, 0, 1), grey=True) or b""
LAB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
CMYK_PROFILE = srgb_profile()[:16] + b"CMYK" + srgb_profile()[20:]
GREY_CURVES = np.rint(65535 * np.linspace(0, 1, 256) ** 1.7)
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
needs_jpeg_2000 = pytest.mark.skipif(not features.check("jpg_2000"), reason="Pillow without JPEG 2000")


def load(data: bytes) -> Picture:
    return load_picture(data, max_pixels=1 << 20, strip=False)


def bmp_points(values: tuple[float, ...]) -> tuple[float, ...]:
    """End points of a calibrated BMP for chromaticities with white first: XYZ of red, green and blue."""
    pairs = list(zip(values[::2], values[1::2], strict=True))
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in pairs])
    amounts = np.linalg.solve(columns[1:].T, columns[0])
    return tuple((columns[1:] * amounts[:, None]).ravel())


PNG_CICP: dict[str, tuple[bytes, colour.Cicp]] = {
    "nothing": (png(), (1, 13, 0, 1)),
    "cICP": (png(cicp(9, 16, 0, 1)), (9, 16, 0, 1)),
    "cICP of video range": (png(cicp(9, 18, 0, 0)), (9, 18, 0, 0)),
    "cICP of unknown codes": (png(cicp(99, 200, 0, 1)), (99, 200, 0, 1)),
    "cICP before all": (png(gama(100000), chunk(b"sRGB", b"\0"), cicp(12, 13, 0, 1)), (12, 13, 0, 1)),
    "sRGB before gAMA": (png(chunk(b"sRGB", b"\0"), gama(100000), chrm(P3_WHITE_FIRST)), (1, 13, 0, 1)),
    "gAMA 1": (png(gama(100000)), (1, 8, 0, 1)),
    "gAMA 1/2.2": (png(gama(45455)), (1, 13, 0, 1)),
    "gAMA 1/2.2 with sRGB": (png(gama(45455), chrm(SRGB_WHITE_FIRST)), (1, 13, 0, 1)),
    "gAMA 0.45": (png(gama(45000), chrm(SRGB_WHITE_FIRST)), (1, 13, 0, 1)),
    "gAMA 1/2.2 with P3": (png(gama(45455), chrm(P3_WHITE_FIRST)), (12, 4, 0, 1)),
    "gAMA 1/2.8": (png(gama(35714)), (1, 5, 0, 1)),
    "cHRM": (png(chrm(P3_WHITE_FIRST)), (12, 13, 0, 1)),
    "grey": (png(gama(100000), pixels=GREY_PATCHES), (1, 8, 0, 1)),
}


@pytest.mark.parametrize("kind", PNG_CICP)
def test_png(kind: str) -> None:
    data, expected = PNG_CICP[kind]
    picture = load(data)
    assert (picture.cicp, picture.icc, picture.notes) == (expected, None, [])


def test_gamma_without_a_code_becomes_a_profile() -> None:
    picture = load(png(gama(55556)))
    assert (picture.cicp, picture.notes) == ((1, 13, 0, 1), [])
    light = (PATCHES[8, 8::16] / 255) ** 1.8
    expected = np.rint(255 * (1.055 * light ** (1 / 2.4) - 0.055))
    assert np.abs(in_srgb(picture.pixels, picture.icc) - expected).max() <= 1
    grey = load(png(gama(55556), pixels=GREY_PATCHES))
    assert np.abs(in_srgb(grey.pixels[:, :, 0], grey.icc)[:, 0] - expected[:, 0]).max() <= 1


def test_odd_primaries_become_a_profile_whose_white_is_adapted() -> None:
    picture = load(png(gama(100000), chrm(ODD_WHITE_FIRST)))
    shown = in_srgb(picture.pixels, picture.icc)
    assert shown[3].tolist() == [255, 255, 255]
    # D50 is the white of ICC profiles: sRGB's linear light is the inverse of its adapted colorants times XYZ.
    x, y = np.array(ODD_WHITE_FIRST[::2]), np.array(ODD_WHITE_FIRST[1::2])
    columns = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    to_xyz = columns[:, 1:] * np.linalg.solve(columns[:, 1:], columns[:, 0])
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    light = (PATCHES[8, 8::16] / 255) @ (np.linalg.inv(srgb) @ to_xyz).T
    expected = np.rint(255 * np.clip(1.055 * light ** (1 / 2.4) - 0.055, 0, 1))
    assert np.abs(shown - expected).max() <= 2


def test_iccp_of_png() -> None:
    assert load(png(iccp(P3_PROFILE), chunk(b"sRGB", b"\0"), gama(100000))).icc == P3_PROFILE
    beside = load(png(cicp(12, 13, 0, 1), iccp(P3_PROFILE)))
    assert (beside.cicp, beside.icc, beside.notes) == ((12, 13, 0, 1), None, [])
    other = load(png(cicp(9, 16, 0, 1), iccp(P3_PROFILE)))
    assert (other.cicp, other.icc) == ((9, 16, 0, 1), None)
    assert other.notes == ["its ICC profile is left out, since its cICP chunk stands before it"]


@pytest.mark.parametrize(
    ("chunks", "expected", "note"),
    [
        ([cicp(9, 16, 9, 1), gama(100000)], (1, 8, 0, 1), "its cICP chunk says 9/16/9/1, which PNG does not have"),
        ([cicp(9, 16, 0)], (1, 13, 0, 1), "its cICP chunk says 9/16/0, which PNG does not have"),
        ([gama(0)], (1, 13, 0, 1), "its gAMA chunk says 0, which makes no sense"),
        ([gama(4294967295), chrm(P3_WHITE_FIRST)], (12, 13, 0, 1), "its gAMA chunk says 4294967295, which"),
        ([chrm((0.0,) * 8), gama(100000)], (1, 8, 0, 1), "its cHRM chunk makes no sense"),
        ([chrm((0.3, 0.3, 0.4, 0.4, 0.5, 0.5, 0.6, 0.6))], (1, 13, 0, 1), "its cHRM chunk makes no sense"),
        ([chunk(b"iCCP", b"x\0\0garbage"), gama(100000)], (1, 8, 0, 1), "its ICC profile is damaged, and is left out"),
        ([chunk(b"cLLI", bytes(7))], (1, 13, 0, 1), "its cLLI chunk is damaged, and is left out"),
        ([chunk(b"mDCV", bytes(23))], (1, 13, 0, 1), "its mDCV chunk is damaged, and is left out"),
    ],
)
def test_broken_chunks_are_named(chunks: list[bytes], expected: colour.Cicp, note: str) -> None:
    picture = load(png(*chunks))
    assert picture.cicp == expected
    assert len(picture.notes) == 1
    assert picture.notes[0].startswith(note)


@needs_avif
def test_avif() -> None:
    assert load(avif(12, 13)).cicp == (12, 13, 0, 1)
    assert load(avif(9, 16)).cicp == (9, 16, 0, 1)
    for unspecified in (avif(2, 2), avif(1, 13), avif(1, 2)):
        assert load(unspecified).cicp == (1, 13, 0, 1)
    picture = load(avif(9, 16, icc_profile=P3_PROFILE))
    assert (picture.icc, picture.cicp, picture.notes) == (P3_PROFILE, (9, 16, 0, 1), [])
    assert load(with_nclx(avif(1, 13), (9, 18, 0, 1))).cicp == (9, 18, 0, 1)


@needs_avif
def test_avif_with_damaged_boxes() -> None:
    data = avif(12, 13)
    for name in (b"ipma", b"ipco", b"pitm", b"colr", b"iprp"):
        assert load_or_none(data.replace(name, b"xxxx")) in (None, (1, 13, 0, 1))
    with pytest.raises(ValueError, match="no nclx"):
        with_nclx(data.replace(b"nclx", b"xxxx"), (12, 13, 0, 1))


def load_or_none(data: bytes) -> colour.Cicp | None:
    try:
        return load(data).cicp
    except FileFailure:
        return None


@needs_avif
def test_boxes_of_the_primary_item_count() -> None:
    """A colr box that belongs to another item, such as a thumbnail, says nothing of the picture."""
    data = avif(12, 13)
    place = data.index(b"ipma") + 4
    associations = place + 4 + 4 + 2 + 1
    count = data[associations - 1]
    numbers = data[associations : associations + count]
    kinds = property_kinds(data)
    without = bytes(1 if kinds[(number & 0x7F) - 1] == b"colr" else number for number in numbers)
    assert without != numbers
    assert load_or_none(data[:associations] + without + data[associations + count :]) in (None, (1, 13, 0, 1))


def property_kinds(data: bytes) -> list[bytes]:
    place = data.index(b"ipco") + 4
    end = place - 8 + struct.unpack_from(">I", data, place - 8)[0]
    kinds = []
    while place < end:
        size, kind = struct.unpack_from(">I4s", data, place)
        kinds.append(kind)
        place += size
    return kinds


@needs_jpeg_2000
def test_jpeg_2000() -> None:
    assert load(jpeg_2000(P3_PROFILE)).icc == P3_PROFILE
    assert load(save(PATCHES, "JPEG2000")).icc is None


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "TIFF", "PNG"])
def test_profiles(name: str) -> None:
    picture = load(save(PATCHES, name, icc_profile=P3_PROFILE))
    assert (picture.icc, picture.cicp, picture.notes) == (P3_PROFILE, (1, 13, 0, 1), [])


def test_tiff_fields() -> None:
    white, primaries = P3_WHITE_FIRST[:2], P3_WHITE_FIRST[2:]
    linear = np.rint(np.linspace(0, 65535, 256))
    cases: list[tuple[Any, colour.Cicp]] = [
        (tiff_fields(white, primaries, None), (12, 13, 0, 1)),
        (tiff_fields(white, primaries, linear), (12, 8, 0, 1)),
        (tiff_fields(white, primaries, np.tile(linear, 3)), (12, 8, 0, 1)),
    ]
    for directory, expected in cases:
        picture = load(save(PATCHES, "TIFF", tiffinfo=directory))
        assert (picture.cicp, picture.icc, picture.notes) == (expected, None, [])
    odd = load(save(PATCHES, "TIFF", tiffinfo=tiff_fields(SRGB_WHITE_FIRST[:2], SRGB_WHITE_FIRST[2:], GREY_CURVES)))
    expected_light = (PATCHES[8, 8::16] / 255) ** 1.7
    expected_samples = np.rint(255 * (1.055 * expected_light ** (1 / 2.4) - 0.055))
    assert np.abs(in_srgb(odd.pixels, odd.icc) - expected_samples).max() <= 1
    broken = load(save(PATCHES, "TIFF", tiffinfo=tiff_fields((0.3, 0.0), primaries, None)))
    assert broken.notes == ["its WhitePoint, PrimaryChromaticities or TransferFunction make no sense, and are left out"]


def test_exif() -> None:
    adobe = load(save(PATCHES, "JPEG", exif=adobe_exif()))
    assert adobe.icc is not None
    assert (colour.profile_name(adobe.icc), adobe.notes) == ("Adobe RGB (1998)", [])
    assert load(save(PATCHES, "JPEG", exif=exif_of(2))).icc == adobe.icc
    assert load(save(PATCHES, "JPEG", exif=exif_of(1))).icc is None
    assert load(save(PATCHES, "JPEG", exif=adobe_exif(), icc_profile=P3_PROFILE)).icc == P3_PROFILE
    assert with_metadata(adobe.pixels, save(PATCHES, "JPEG", exif=adobe_exif())).icc == adobe.icc
    unknown = load(save(PATCHES, "JPEG", exif=exif_of(0xFFFF)))
    assert unknown.icc is None
    assert unknown.notes == ["its Exif says that its colour is not sRGB, but not which: it is taken for sRGB"]


def test_grey_of_adobe_rgb_has_a_profile_for_grey() -> None:
    picture = load(save(GREY_PATCHES, "JPEG", exif=adobe_exif()))
    assert picture.icc is not None
    assert colour.profile_space(picture.icc) == "RGB"  # holds for red, green and blue alike


def test_bmp() -> None:
    assert load(bmp(0x4D424544, profile=P3_PROFILE)).icc == P3_PROFILE
    assert load(bmp(0x73524742)).cicp == (1, 13, 0, 1)
    assert load(bmp(0)).notes == []
    assert load(bmp(0, bmp_points(P3_WHITE_FIRST), 1.0)).cicp == (12, 8, 0, 1)
    assert load(bmp(0, bmp_points(SRGB_WHITE_FIRST), 2.2)).cicp == (1, 13, 0, 1)
    assert load(bmp(0x4C494E4B, profile=b"c:\\p3.icc")).notes == ["its ICC profile is in another file, and is left out"]
    assert load(bmp(0, (1.0,) + (0.0,) * 8, 1.0)).notes == ["its end points and gammas make no sense, and are left out"]
    np.testing.assert_array_equal(load(bmp(0)).pixels, PATCHES)


def test_gif_and_qoi() -> None:
    assert load(gif(P3_PROFILE)).icc == P3_PROFILE
    assert load(qoi(linear=True)).cicp == (1, 8, 0, 1)
    assert load(qoi(linear=False)).cicp == (1, 13, 0, 1)


@pytest.mark.parametrize("profile", [GREY_PROFILE, LAB_PROFILE, CMYK_PROFILE])
def test_profiles_for_other_samples_are_left_out(profile: bytes) -> None:
    picture = load(save(PATCHES, "JPEG", icc_profile=profile))
    space = colour.profile_space(profile)
    assert picture.icc is None
    assert picture.notes == [f"its ICC profile is for {space} samples, not for these, and is left out"]


def test_profiles_on_grey() -> None:
    for profile in (GREY_PROFILE, P3_PROFILE):
        picture = load(save(GREY_PATCHES, "JPEG", icc_profile=profile))
        assert (picture.icc, picture.notes) == (profile, [])
    assert load(save(GREY_PATCHES, "JPEG", icc_profile=LAB_PROFILE)).icc is None


def test_damaged_profiles() -> None:
    picture = load(save(PATCHES, "JPEG", icc_profile=b"nonsense"))
    assert picture.icc == b"nonsense"
    assert picture.notes == ["its ICC profile is damaged; it is kept as it is, and counts for nothing"]


def test_incomplete_profiles() -> None:
    data = save(PATCHES, "JPEG", icc_profile=bytes(100_000))
    place = data.index(b"ICC_PROFILE\0\x02") - 2
    (size,) = struct.unpack_from(">H", data, place)
    picture = load(data[: place - 2] + data[place + size :])
    assert (picture.icc, picture.notes) == (None, ["its ICC profile is incomplete, and is left out"])


def test_palette_with_profile() -> None:
    buffer = io.BytesIO()
    Image.fromarray(PATCHES).quantize(16, dither=Image.Dither.NONE).save(buffer, "PNG", icc_profile=P3_PROFILE)
    picture = load(buffer.getvalue())
    assert (picture.icc, picture.pixels.shape[2], picture.notes) == (P3_PROFILE, 3, [])


def test_gain_map_is_named() -> None:
    xmp = b'<x:xmpmeta xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"/>'
    assert load(save(PATCHES, "JPEG", xmp=xmp)).notes == ["its gain map is left out"]


def made_by_libjxl(profile: bytes) -> bytes:
    return profile[:4] + b"jxl " + profile[8:]


def test_jpeg_xl() -> None:
    """libjxl gives a profile for codes, which says them again."""
    for icc, expected in (
        (made_by_libjxl(colour.icc_profile((9, 16, 0, 1)) or b""), Colour((9, 16, 0, 1))),
        (P3_PROFILE, Colour(icc=P3_PROFILE)),
        (made_by_libjxl(colour.icc_profile(colour.SRGB, grey=True) or b""), Colour()),
        (made_by_libjxl(GREY_PROFILE), Colour(icc=made_by_libjxl(GREY_PROFILE))),
    ):
        image = Image.fromarray(PATCHES)
        image.format = "JXL"
        image.info["icc_profile"] = icc
        assert read_colour(image, b"\xff\x0a", []) == expected


def test_jpeg_xl_as_its_plugin_reads_it() -> None:
    pytest.importorskip("pillow_jxl")
    for pixels in (PATCHES, GREY_PATCHES):
        with Image.open(io.BytesIO(save(pixels, "JXL", lossless=True))) as image:
            image.load()
            assert read_colour(image, b"\xff\x0a", []) == Colour()


def test_heic_as_its_plugin_reads_it() -> None:
    plugin = pytest.importorskip("pillow_heif")
    plugin.register_heif_opener(thumbnails=False)
    nclx = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 6, "full_range_flag": 1}
    for options, expected in (
        ({"nclx_profile": nclx}, Colour((12, 13, 0, 1))),
        ({"icc_profile": P3_PROFILE}, Colour(icc=P3_PROFILE)),
        ({}, Colour()),
    ):
        data = save(PATCHES, "HEIF", **options)  # type: ignore[arg-type]
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert read_colour(image, data, []) == expected


def test_exif_of_converted_pixels_says_srgb() -> None:
    """Else they would be taken for Adobe RGB when they are read again."""
    exif = adobe_exif()
    converted = fields.naming_srgb(exif)
    assert converted is not None
    assert [a != b for a, b in zip(exif, converted, strict=True)].count(True) == 2
    assert load(save(PATCHES, "JPEG", exif=converted)).icc is None
    assert fields.naming_srgb(exif[6:]) == converted[6:]
    for harmless in (None, b"", b"nonsense", exif[:20], exif[:30], save(PATCHES, "PNG")):
        assert fields.naming_srgb(harmless) == harmless
    cmyk = io.BytesIO()
    Image.fromarray(PATCHES).convert("CMYK").save(cmyk, "JPEG", exif=exif)
    assert load(cmyk.getvalue()).exif == converted.removeprefix(b"Exif\0\0")
