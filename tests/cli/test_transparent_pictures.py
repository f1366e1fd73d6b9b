"""Transparency as the file means it."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from samples import make_picture
from test_pictures import file_of, load


def png(samples: Any, depth: int, colour: int, chunks: dict[bytes, bytes]) -> bytes:
    """A PNG of one sample in `depth` bits a pixel, or of three bytes; samples [H, W] or [H, W, 3]."""
    height, width = samples.shape[:2]
    rows = samples.reshape(height, -1)
    if depth < 8:
        bits = (rows[:, :, np.newaxis] >> np.arange(depth - 1, -1, -1) & 1).reshape(height, -1).astype(np.uint8)
        rows = np.packbits(bits, axis=1)
    lines = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in rows)
    header = struct.pack(">2I5B", width, height, depth, colour, 0, 0, 0)
    parts = {b"IHDR": header, **chunks, b"IDAT": zlib.compress(lines), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("which", ["first", "last"])
@pytest.mark.parametrize("higher_bits", [0, 2])
def test_transparent_grey(depth: int, which: str, higher_bits: int) -> None:
    if depth == 1 and higher_bits:
        pytest.skip("Pillow takes any value but 0 as 1")
    levels = 1 << depth
    samples = np.arange(24 * 20).reshape(20, 24) % levels
    value = 0 if which == "first" else levels - 1
    data = png(samples, depth, 0, {b"tRNS": struct.pack(">H", value + levels * higher_bits)})
    pixels = load(data).pixels
    np.testing.assert_array_equal(pixels[:, :, 0], samples * (255 // (levels - 1)))
    np.testing.assert_array_equal(pixels[:, :, 1] == 0, samples == value)


def test_transparent_colour_with_higher_bits() -> None:
    samples = make_picture(6, 7).copy()
    samples[2, 3] = (1, 2, 3)
    data = png(samples, 8, 2, {b"tRNS": struct.pack(">3H", 0x0101, 0xFF02, 0x0003)})
    pixels = load(data).pixels
    assert [tuple(place) for place in np.argwhere(pixels[:, :, 3] == 0)] == [(2, 3)]
    np.testing.assert_array_equal(pixels[:, :, :3], samples)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_palettes_with_partial_alpha(depth: int) -> None:
    samples = np.arange(8 * 6).reshape(6, 8) % min(1 << depth, 5)
    palette = make_picture(1, 5).reshape(-1, 3)
    alpha = [0, 77, 200]
    pixels = load(png(samples, depth, 3, {b"PLTE": palette.tobytes(), b"tRNS": bytes(alpha)})).pixels
    np.testing.assert_array_equal(pixels[:, :, :3], palette[samples])
    np.testing.assert_array_equal(pixels[:, :, 3], np.array([*alpha, 255, 255])[samples])


def test_palette_without_the_colour_of_a_pixel() -> None:
    samples = np.array([[0, 1, 2, 200]])
    pixels = load(png(samples, 8, 3, {b"PLTE": b"\x0a\x14\x1e\x28\x32\x3c"})).pixels
    assert pixels.tolist() == [[[10, 20, 30], [40, 50, 60], [0, 0, 0], [0, 0, 0]]]


@pytest.mark.parametrize("interlace", [0, 1])
def test_gif(interlace: int) -> None:
    image = Image.fromarray((np.arange(30 * 20).reshape(20, 30) % 7).astype(np.uint8), "P")
    image.putpalette(make_picture(1, 7).tobytes())
    pixels = load(file_of(image, "GIF", transparency=3, interlace=interlace)).pixels
    samples = np.asarray(image)
    np.testing.assert_array_equal(pixels[:, :, 3] == 0, samples == 3)
    np.testing.assert_array_equal(pixels[samples != 3][:, :3], make_picture(1, 7)[0][samples[samples != 3]])


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_frames_of_gif(disposal: int) -> None:
    frames = [Image.fromarray(make_picture(20, 30, seed=seed)).quantize(16) for seed in range(3)]
    data = file_of(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=disposal, optimize=False)
    for number, frame in enumerate(frames, 1):
        pixels = load(data, number=number).pixels
        np.testing.assert_array_equal(pixels[:, :, :3], np.asarray(frame.convert("RGB")))


def test_apng_with_a_picture_beside_its_animation() -> None:
    images = [Image.fromarray(make_picture(20, 30, seed=seed)) for seed in range(3)]
    data = file_of(images[0], "PNG", save_all=True, append_images=images[1:], default_image=True)
    assert load(data).notes == ["holds 3 pictures; only the first is taken"]
    for number, image in enumerate(images, 1):
        np.testing.assert_array_equal(load(data, number=number).pixels[:, :, :3], np.asarray(image))


@pytest.mark.parametrize("compression", [None, "tga_rle"])
def test_tga_that_has_no_alpha(compression: str | None) -> None:
    pixels = make_picture(20, 30, 4).copy()
    pixels[:, :, 3] = 0
    data = bytearray(file_of(Image.fromarray(pixels), "TGA", compression=compression))
    assert load(bytes(data)).pixels.shape == (20, 30, 4)
    data[17] &= 0xF0
    np.testing.assert_array_equal(load(bytes(data)).pixels, pixels[:, :, :3])


def test_bmp_of_32_bits_has_no_alpha() -> None:
    pixels = make_picture(4, 5, 4)
    header = (
        b"BM"
        + struct.pack("<IHHI", 54 + 80, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 5, -4, 1, 32, 0, 80, 0, 0, 0, 0)
    )
    blue_first = np.concatenate([pixels[:, :, 2::-1], np.zeros((4, 5, 1), np.uint8)], axis=2)
    np.testing.assert_array_equal(load(header + blue_first.tobytes()).pixels, pixels[:, :, :3])
