"""Every description of colour into every output format: named, converted, or said not to be there."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable

import numpy as np
import pytest
from colour_files import (
    GREY_PATCHES,
    P3_WHITE_FIRST,
    PATCHES,
    Pixels,
    adobe_exif,
    avif,
    bmp,
    chrm,
    cicp,
    gama,
    gif,
    iccp,
    jpeg_2000,
    png,
    png_chunk,
    qoi,
    save,
    shown_by,
    tiff_fields,
    viewed,
)
from PIL import Image, ImageCms, features
from samples import srgb_profile

import veneer
from veneer import colour
from veneer.cli.colours.conversion import says_srgb, to_srgb
from veneer.cli.pictures import OUTPUT_FORMATS, Picture, load_picture, save_picture

P3_PROFILE = colour.icc_profile((12, 13, 0, 1)) or b""
GREY_PROFILE = colour.icc_profile((1, 8, 0, 1), grey=True) or b""
THREE_CURVES = colour.make_profile(
    "three curves", colour.PRIMARIES[1], [colour.gamma_curve(gamma) for gamma in (1.8, 2.0, 2.2)]
)
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
ADOBE_TO_SRGB = np.array([[1.3984, -0.3984, 0], [0, 1, 0], [0, -0.0429, 1.0429]])
FORMATS = [
    suffix
    for suffix in OUTPUT_FORMATS
    if suffix != ".exr"  # of half floats alone
    and (suffix != ".jxl" or importlib.util.find_spec("pillow_jxl"))
    and (suffix != ".avif" or features.check("avif"))
]
LOSSY = (".jpg", ".jpeg")


def srgb_of(samples: Pixels, gamma: float | None, matrix: np.ndarray) -> np.ndarray:
    """Samples of a space converted to sRGB, by its curve (None: sRGB's) and published matrix."""
    s = samples / 255
    light = s**gamma if gamma else np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    light = np.clip(light @ matrix.T, 0, 1)
    return np.rint(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


SAMPLES = PATCHES[8, 8::16]
SRGB = SAMPLES.astype(float)
P3 = srgb_of(SAMPLES, None, P3_TO_SRGB)
LINEAR = srgb_of(SAMPLES, 1.0, np.eye(3))
ADOBE = srgb_of(SAMPLES, 2 + 51 / 256, ADOBE_TO_SRGB)

# Made when they are asked for: some of Pillow's writers are loaded with all others, for all tests that follow.
SOURCES: dict[str, tuple[Callable[[], bytes], np.ndarray]] = {
    "png, nothing": (png, SRGB),
    "png, cICP": (lambda: png(cicp(12, 13, 0, 1)), P3),
    "png, iCCP": (lambda: png(iccp(P3_PROFILE)), P3),
    "png, gAMA": (lambda: png(gama(100000)), LINEAR),
    "png, gAMA without a code": (lambda: png(gama(55556)), srgb_of(SAMPLES, 1.8, np.eye(3))),
    "png, cHRM": (lambda: png(chrm(P3_WHITE_FIRST)), P3),
    "jpeg, profile": (lambda: save(PATCHES, "JPEG", quality=100, subsampling=0, icc_profile=P3_PROFILE), P3),
    "jpeg, Exif": (lambda: save(PATCHES, "JPEG", quality=100, subsampling=0, exif=adobe_exif()), ADOBE),
    "webp, profile": (lambda: save(PATCHES, "WEBP", lossless=True, icc_profile=P3_PROFILE), P3),
    "tiff, profile": (lambda: save(PATCHES, "TIFF", icc_profile=P3_PROFILE), P3),
    "tiff, fields": (
        lambda: save(PATCHES, "TIFF", tiffinfo=tiff_fields(P3_WHITE_FIRST[:2], P3_WHITE_FIRST[2:], None)),
        P3,
    ),
    "bmp, profile": (lambda: bmp(0x4D424544, profile=P3_PROFILE), P3),
    "gif, profile": (lambda: gif(P3_PROFILE), P3),
    "qoi, linear": (lambda: qoi(linear=True), LINEAR),
}
if features.check("avif"):
    SOURCES["avif, nclx"] = (lambda: avif(12, 13), P3)
    SOURCES["avif, profile"] = (lambda: avif(1, 13, icc_profile=P3_PROFILE), P3)
if features.check("jpg_2000"):
    SOURCES["jpeg 2000, profile"] = (lambda: jpeg_2000(P3_PROFILE), P3)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("source", SOURCES)
def test_every_source_in_every_format(source: str, suffix: str) -> None:
    make, expected = SOURCES[source]
    picture = load_picture(make(), max_pixels=1 << 20, strip=False)
    assert picture.notes == []
    saved = save_picture(picture, suffix)
    tolerance = 4 if suffix in (*LOSSY, ".avif") or source.startswith(("jpeg", "avif")) else 2
    assert np.abs(viewed(saved) - expected).max() <= tolerance
    again = load_picture(saved, max_pixels=1 << 20, strip=False)
    assert np.abs(viewed(save_picture(again, ".png")) - expected).max() <= tolerance


@pytest.mark.parametrize("suffix", [".bmp", ".ppm"])
def test_conversion_is_noted(suffix: str) -> None:
    name = OUTPUT_FORMATS[suffix].name
    picture = Picture(PATCHES, cicp=(12, 13, 0, 1))
    save_picture(picture, suffix)
    assert picture.notes == [f"{name} has no place for Display P3: it is converted to sRGB"]
    picture = Picture(PATCHES, icc=P3_PROFILE)
    save_picture(picture, suffix)
    assert picture.notes == [f"{name} has no place for the ICC profile Display P3: it is converted to sRGB"]
    picture = Picture(PATCHES, icc=srgb_profile())
    assert viewed(save_picture(picture, suffix)).tolist() == SRGB.tolist()
    assert picture.notes == [f"{name} has no place for the ICC profile sRGB built-in, which says sRGB and is left out"]
    picture = Picture(PATCHES, cicp=(99, 13, 0, 1))
    save_picture(picture, suffix)
    assert picture.notes == [
        f"{name} has no place for its colour space, unknown primaries (99), sRGB curve, which is left out"
    ]


def test_png_says_cicp_and_has_a_profile_for_older_readers() -> None:
    for codes in ((12, 13, 0, 1), (9, 16, 0, 1), (9, 18, 0, 0)):
        picture = Picture(PATCHES, cicp=codes)
        saved = save_picture(picture, ".png")
        assert png_chunk(saved, b"cICP") == bytes(codes)
        assert Image.open(io.BytesIO(saved)).info["icc_profile"] == colour.icc_profile(codes)
        assert picture.notes == []
        again = load_picture(saved, max_pixels=1 << 20, strip=False)
        assert (again.cicp, again.icc, again.notes) == (codes, None, [])
    unknown = save_picture(Picture(PATCHES, cicp=(99, 13, 0, 1)), ".png")
    assert (png_chunk(unknown, b"cICP"), png_chunk(unknown, b"iCCP")) == (bytes((99, 13, 0, 1)), None)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_srgb_is_written_as_before(channels: int) -> None:
    pixels = np.ascontiguousarray(np.dstack([PATCHES, PATCHES[:, :, :1]])[:, :, -channels:])
    plain = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels).save(plain, "PNG", compress_level=4)
    for codes in ((1, 13, 0, 1), (2, 2, 0, 1)):
        assert save_picture(Picture(pixels, cicp=codes), ".png") == plain.getvalue()


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif"])
@pytest.mark.parametrize("transfer", [16, 18])
def test_high_range_is_noted(suffix: str, transfer: int) -> None:
    picture = Picture(PATCHES, cicp=(9, transfer, 0, 1))
    saved = save_picture(picture, suffix)
    assert Image.open(io.BytesIO(saved)).info["icc_profile"] == colour.icc_profile((9, transfer, 0, 1))
    words = {16: "BT.2100 PQ", 18: "BT.2100 HLG"}[transfer]
    name = OUTPUT_FORMATS[suffix].name
    assert picture.notes == [
        f"{name} cannot say {words}: its ICC profile does in the tag cicp, and shows it toned down elsewhere"
    ]


# Grey and RGB profiles on grey pictures, in formats that keep grey and in those that do not.
GREY_CASES = [(GREY_PROFILE, 1.0), (colour.icc_profile((12, 4, 0, 1)) or b"", 2.2), (None, 1.0)]


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("profile", "gamma"), GREY_CASES, ids=["grey profile", "RGB profile", "cicp"])
def test_grey_pictures(profile: bytes | None, gamma: float, suffix: str, alpha: bool) -> None:
    if alpha and not OUTPUT_FORMATS[suffix].alpha:
        return
    pixels = np.dstack([GREY_PATCHES, np.full_like(GREY_PATCHES, 255)]) if alpha else GREY_PATCHES
    picture = Picture(pixels, icc=profile, cicp=(1, 8, 0, 1) if profile is None else colour.SRGB)
    saved = save_picture(picture, suffix)
    with Image.open(io.BytesIO(saved)) as image:
        kept = shown_by(saved, image)
    shown = viewed(saved)
    expected = srgb_of(np.repeat(SAMPLES[:, :1], 3, axis=1), gamma, np.eye(3))
    assert np.abs(shown - expected).max() <= (4 if suffix in (*LOSSY, ".avif") else 2)
    if kept != profile and profile is not None:
        assert len(picture.notes) == 1


def test_grey_with_an_rgb_profile_of_three_curves_becomes_rgb() -> None:
    picture = Picture(GREY_PATCHES, icc=THREE_CURVES)
    saved = save_picture(picture, ".png")
    with Image.open(io.BytesIO(saved)) as image:
        assert (image.mode, image.info["icc_profile"]) == ("RGB", THREE_CURVES)
    assert picture.notes == ["it is written as RGB, for which its ICC profile is"]
    converted = Picture(GREY_PATCHES, icc=THREE_CURVES)
    assert np.abs(viewed(save_picture(converted, ".bmp")) - viewed(saved)).max() <= 1


@pytest.mark.parametrize("suffix", FORMATS)
def test_profiles_for_other_samples_are_not_written(suffix: str) -> None:
    """A file of another encoder may hold them."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile, space in ((GREY_PROFILE, "GRAY"), (lab, "Lab")):
        picture = Picture(PATCHES, icc=profile)
        saved = save_picture(picture, suffix)
        with Image.open(io.BytesIO(saved)) as image:
            shown = shown_by(saved, image)
            assert shown in (None, colour.icc_profile(colour.SRGB)) or says_srgb(shown)
        assert picture.notes == [f"its ICC profile is for {space} samples, not for these, and is left out"]


def test_damaged_profiles() -> None:
    picture = Picture(PATCHES, icc=b"nonsense")
    with Image.open(io.BytesIO(save_picture(picture, ".tif"))) as image:
        assert image.info["icc_profile"] == b"nonsense"
    assert picture.notes == ["its ICC profile is damaged, and is written as it is"]
    picture = Picture(PATCHES, icc=b"nonsense")
    assert viewed(save_picture(picture, ".bmp")).tolist() == SRGB.tolist()
    assert picture.notes == ["its ICC profile is damaged, and is left out"]


def test_a_profile_that_only_looks_whole() -> None:
    """Little CMS refuses it, though its table of tags is whole."""
    hollow = bytearray(srgb_profile())
    hollow[128:132] = bytes(4)
    assert colour.profile_space(bytes(hollow)) == "RGB"
    picture = Picture(PATCHES, icc=bytes(hollow))
    assert viewed(save_picture(picture, ".bmp")).tolist() == SRGB.tolist()
    assert len(picture.notes) == 1
    assert "left out" in picture.notes[0]


def test_what_says_srgb() -> None:
    assert says_srgb(srgb_profile())
    assert says_srgb(colour.icc_profile(colour.SRGB) or b"")
    assert says_srgb(colour.icc_profile(colour.SRGB, grey=True) or b"")
    assert not says_srgb(P3_PROFILE)
    assert not says_srgb(GREY_PROFILE)
    assert not says_srgb(b"nonsense")
    assert to_srgb(PATCHES, GREY_PROFILE) is None


def test_through_a_file() -> None:
    """Colour survives both codings, by CICP and by profile."""
    for options in ({"cicp": (12, 13, 0, 1)}, {"icc": P3_PROFILE}):
        data = veneer.encode(PATCHES, quality=95, effort=1, layers="base", **options)  # type: ignore[arg-type]
        info = veneer.read_info(data)
        picture = Picture(veneer.decode(data), info.icc, cicp=info.cicp)
        assert np.abs(viewed(save_picture(picture, ".png")) - P3).max() <= 5


@pytest.mark.skipif(".avif" not in FORMATS, reason="without AVIF")
def test_avif_says_cicp_in_its_box() -> None:
    for codes in ((12, 13, 0, 1), (9, 16, 0, 1), (99, 13, 0, 1)):
        picture = Picture(PATCHES, cicp=codes)
        saved = save_picture(picture, ".avif")
        assert picture.notes == []
        again = load_picture(saved, max_pixels=1 << 20, strip=False)
        assert (again.cicp, again.icc, again.notes) == (codes, None, [])
    video = Picture(PATCHES, cicp=(12, 13, 0, 0))  # nclx says the range of luma and chroma, not of RGB
    again = load_picture(save_picture(video, ".avif"), max_pixels=1 << 20, strip=False)
    assert again.icc == colour.icc_profile((12, 13, 0, 0))
