"""The order of docs/howto/hdr.md, "Which description counts": of several, one; without it, the next."""

import importlib.util

import pytest
from colour_files import P3_WHITE_FIRST, PATCHES, chrm, chunk, cicp, gama, iccp, png, save, tiff_fields
from PIL import Image, features
from samples import srgb_profile

from veneer import colour
from veneer.cli.colours.boxes import with_nclx
from veneer.cli.colours.jxl_codes import with_jxl_codes
from veneer.cli.pictures import Picture, load_picture, name_colour

P3_PROFILE = colour.icc_profile((12, 13, 0, 1)) or b""


def load(data: bytes) -> Picture:
    return load_picture(data, max_pixels=1 << 20, strip=False)


def test_png() -> None:
    """cICP, iCCP, sRGB, gAMA with cHRM; each is looked at once those before it are gone."""
    chunks = [
        cicp(9, 16, 0, 1),
        iccp(P3_PROFILE),
        chunk(b"sRGB", b"\0"),
        gama(100000),
        chrm(P3_WHITE_FIRST),
    ]
    expected: list[tuple[colour.Cicp, bytes | None]] = [
        ((9, 16, 0, 1), None),
        ((1, 13, 0, 1), P3_PROFILE),
        ((1, 13, 0, 1), None),
        ((12, 8, 0, 1), None),
        ((12, 13, 0, 1), None),
    ]
    for number, wanted in enumerate(expected):
        picture = load(png(*chunks[number:]))
        assert (picture.cicp, picture.icc) == wanted
        assert len(picture.notes) == (number == 0)  # of the profile beside cICP


@pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")
def test_avif() -> None:
    """The profile counts in a Veneer file as it does in AVIF; both are kept."""
    plain = with_nclx(save(PATCHES, "AVIF"), (9, 16, 0, 1))
    both = with_nclx(save(PATCHES, "AVIF", icc_profile=P3_PROFILE), (9, 16, 0, 1))
    assert (load(plain).cicp, load(plain).icc) == ((9, 16, 0, 1), None)
    assert (load(both).cicp, load(both).icc) == ((9, 16, 0, 1), P3_PROFILE)


@pytest.mark.skipif(importlib.util.find_spec("pillow_jxl") is None, reason="without pillow-jxl-plugin")
@pytest.mark.parametrize("codes", [(9, 16, 0, 1), (12, 13, 0, 1), (1, 8, 0, 1), (1, 4, 0, 1), (9, 1, 0, 1)])
def test_jxl(codes: colour.Cicp) -> None:
    import pillow_jxl  # noqa: F401

    data = save(PATCHES, "JXL", lossless=True)
    assert load(data).cicp == colour.SRGB
    picture = load(with_jxl_codes(data, codes))
    assert (picture.cicp, picture.icc) == (codes, None)
    assert (picture.pixels == PATCHES).all()


def test_tiff_and_jpeg() -> None:
    fields = tiff_fields(P3_WHITE_FIRST[:2], P3_WHITE_FIRST[2:], None)
    assert load(save(PATCHES, "TIFF", tiffinfo=fields)).cicp == (12, 13, 0, 1)
    assert load(save(PATCHES, "TIFF", tiffinfo=fields, icc_profile=srgb_profile())).icc == srgb_profile()
    adobe = Image.Exif()
    adobe.get_ifd(34665)[40961] = 2
    described = load(save(PATCHES, "JPEG", exif=adobe)).icc
    assert described is not None
    assert colour.profile_name(described) == "Adobe RGB (1998)"
    assert load(save(PATCHES, "JPEG", exif=adobe, icc_profile=P3_PROFILE)).icc == P3_PROFILE


def test_name_of_the_user_counts_before_all() -> None:
    picture = load(png(cicp(9, 16, 0, 1)))
    name_colour(picture, (12, 13, 0, 1))
    assert (picture.cicp, picture.icc) == ((12, 13, 0, 1), None)
    picture = load(png(iccp(P3_PROFILE)))
    name_colour(picture, (9, 18, 0, 1))
    assert (picture.cicp, picture.icc) == ((9, 18, 0, 1), None)
    assert any("ICC profile is left out" in note for note in picture.notes)
