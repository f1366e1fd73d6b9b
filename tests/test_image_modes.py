"""Images of Pillow given to `encode`: by what they hold, never by their bytes."""

import numpy as np
import pytest
from PIL import Image
from samples import make_picture

import veneer
from veneer import colour
from veneer.encoder import check_pixels

RGB = Image.fromarray(make_picture(20, 30))
GREY = RGB.convert("L")
HALF = Image.new("L", RGB.size, 128)


def with_alpha(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.putalpha(HALF)
    return image


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (GREY, "L"),
        (GREY.convert("1"), "L"),
        (with_alpha(GREY), "LA"),
        (with_alpha(GREY).convert("La"), "LA"),
        (RGB.quantize(16), "RGB"),
        (with_alpha(GREY).convert("PA"), "RGBA"),
        (RGB, "RGB"),
        (RGB.convert("RGBX"), "RGB"),
        (with_alpha(RGB), "RGBA"),
        (with_alpha(RGB).convert("RGBa"), "RGBA"),
        (RGB.convert("YCbCr"), "RGB"),
        (RGB.convert("HSV"), "RGB"),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else value,
)
def test_modes_that_are_taken(image: Image.Image, mode: str) -> None:
    expected = np.asarray(image.convert(mode))
    np.testing.assert_array_equal(check_pixels(image), expected.reshape(20, 30, -1))


@pytest.mark.parametrize(
    ("image", "key"),
    [(GREY, GREY.getpixel((3, 4))), (RGB, RGB.getpixel((3, 4))), (RGB.quantize(16), 3)],
    ids=["L", "RGB", "P"],
)
def test_a_transparent_colour_is_kept(image: Image.Image, key: object) -> None:
    image = image.copy()
    transparent = np.all(np.asarray(image).reshape(20, 30, -1) == key, axis=2)
    assert transparent.any()
    image.info["transparency"] = key
    pixels = check_pixels(image)
    assert pixels.shape[2] in (2, 4)
    np.testing.assert_array_equal(pixels[:, :, -1] == 0, transparent)


LAB = Image.merge("LAB", RGB.split())


@pytest.mark.parametrize(
    ("image", "remedy"),
    [
        (RGB.convert("CMYK"), r"image\.convert\('RGB'\).*ImageCms"),
        (LAB, r"image\.convert\('RGB'\).*ImageCms"),
        (Image.new("I;16", (8, 8)), r"scale its samples"),
        (Image.new("I", (8, 8)), r"scale its samples"),
        (Image.new("F", (8, 8)), r"scale its samples"),
    ],
    ids=["CMYK", "LAB", "I;16", "I", "F"],
)
def test_modes_that_are_refused(image: Image.Image, remedy: str) -> None:
    with pytest.raises(
        veneer.VeneerError, match=f"an image of mode {image.mode} cannot be encoded; .*{remedy}"
    ) as caught:
        veneer.encode(image)
    assert caught.value.code == veneer.ErrorCode.BAD_PIXELS


def test_an_image_gives_what_its_pixels_give() -> None:
    assert veneer.encode(RGB, effort=1) == veneer.encode(np.asarray(RGB), effort=1)


def test_colour_of_an_image_is_kept() -> None:
    """Samples of Display P3 would be shown as sRGB."""
    image, profile = RGB.copy(), colour.icc_profile((12, 8, 0, 1))
    image.info["icc_profile"] = profile
    assert veneer.read_info(veneer.encode(image, effort=1)).icc == profile
    assert veneer.read_info(veneer.encode(image, effort=1, cicp="srgb")).icc is None
    image.info = {"cicp": (9, 16, 0, 1)}
    assert veneer.read_info(veneer.encode(image, effort=1)).cicp == (9, 16, 0, 1)
    assert veneer.read_info(veneer.encode(image, effort=1, icc=profile)).icc == profile
    assert veneer.read_info(veneer.encode(image, effort=1, cicp="srgb")).cicp == (1, 13, 0, 1)
