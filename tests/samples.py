"""Pictures and files that many tests use. Shapes: [H, W, C]."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

import veneer

Pixels = npt.NDArray[np.uint8]


@functools.cache
def make_picture(height: int, width: int, channels: int = 3, seed: int = 0) -> Pixels:
    """Slopes, an edge and a little noise: something of everything a photograph has."""
    rng = np.random.default_rng([height, width, channels, seed])
    y, x = np.mgrid[:height, :width]
    planes = [
        120 + 60 * np.sin(x / (9 + 4 * c) + seed) + 50 * np.cos(y / (13 + 3 * c)) + 40 * (x + y > (height + width) / 2)
        for c in range(channels)
    ]
    noisy = np.stack(planes, axis=-1) + rng.normal(0, 3, (height, width, channels))
    picture = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    picture.flags.writeable = False
    return picture


@functools.cache
def make_drawing(height: int, width: int, channels: int = 3, seed: int = 0) -> Pixels:
    """Glyphs that recur, some with soft outlines, a frame and a shade: something of all that screens show."""
    rng = np.random.default_rng([height, width, channels, seed])
    picture = np.full((height, width, channels), 236, np.uint8)
    picture[height // 3 :, width // 4 :] = np.arange(channels) * 20 + 30
    picture[: height // 6] = (np.linspace(90, 150, width)[:, None] + np.arange(channels)).astype(np.uint8)
    glyphs = [rng.choice([0, 0, 0, 90, 255], (9, 6)) for _ in range(5)]
    inks = rng.integers(0, 256, (3, channels))
    for y in range(2, height - 9, 11):
        for x in range(3, width - 6, 7):
            glyph, ink = glyphs[rng.integers(5)][:, :, None], inks[y // 11 % 3]
            place = picture[y : y + 9, x : x + 6]
            place[:] = (place * (255 - glyph) + ink * glyph) // 255
    picture[:: max(1, height - 1)] = picture[:, :: max(1, width - 1)] = 0
    if channels in (2, 4):
        picture[:, :, -1] = 255
        picture[height // 2 :, : width // 5, -1] = 40
    picture.flags.writeable = False
    return picture


def psnr_db(a: Pixels, b: Pixels) -> float:
    """Peak signal-to-noise ratio over all samples."""
    error = float(np.mean((a.astype(float) - b.astype(float)) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def make_exif(orientation: int = 1) -> bytes:
    """A small Exif block as it stands in JPEG."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0112] = orientation
    return exif.tobytes()


@functools.cache
def srgb_profile() -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


XMP = b'<?xpacket begin="\xef\xbb\xbf"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>'

IPTC = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x50\x00\x06Author\x1c\x02\x69\x00\x05Title"


@functools.cache
def four_tiles(channels: int = 3, orientation: int = 6) -> bytes:
    """A file of 2 x 2 tiles of 64 pixels, with metadata, whichever models there are."""
    pixels, exif = make_picture(100, 120, channels), make_exif(orientation)
    return veneer.encode(pixels, quality=40, effort=1, layers="base", tile_size=64, exif=exif, xmp=XMP)
