"""JPEG files for tests: by Pillow with all its options, and such as no encoder should have written."""

from __future__ import annotations

import io
import random
import struct
from typing import Any

import numpy as np
from PIL import Image


def picture(width: int, height: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """A picture with slopes, edges and some noise."""
    rng = np.random.default_rng(seed)
    channels = len(mode) if mode != "L" else 1
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        120 + 70 * np.sin(x / (5 + 3 * c)) * np.cos(y / (7 + c)) + 30 * (((x // 9) + (y // 13) + c) % 2) + 2 * x / 7
        for c in range(channels)
    ]
    noisy = np.stack(planes, axis=-1) + rng.normal(0, 6, (height, width, channels))
    pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels[..., 0] if channels == 1 else pixels, mode)


def jpeg(width: int = 83, height: int = 61, mode: str = "RGB", seed: int = 0, **options: Any) -> bytes:
    """A JPEG file of a picture; options are those of Pillow."""
    out = io.BytesIO()
    picture(width, height, mode, seed).save(out, "JPEG", **options)
    return out.getvalue()


def scan_start(file: bytes, number: int = 0) -> int:
    """Where the data of a scan begin."""
    at = 2
    while True:
        marker, length = file[at + 1], struct.unpack(">H", file[at + 2 : at + 4])[0]
        at += 2 + length
        if marker == 0xDA:
            if number == 0:
                return at
            number -= 1
            at = scan_end(file, at)


def scan_end(file: bytes, at: int) -> int:
    """Where the data that begin at `at` end: at a marker other than those of restarts."""
    while file[at] != 0xFF or file[at + 1] == 0 or 0xD0 <= file[at + 1] <= 0xD7:
        at += 1
    return at


def restarts(file: bytes) -> list[int]:
    """Places of the restart markers of the first scan."""
    start = scan_start(file)
    return [i for i in range(start, scan_end(file, start)) if file[i] == 0xFF and 0xD0 <= file[i + 1] <= 0xD7]


def mutate(file: bytes, rng: random.Random) -> bytes:
    """A few bits, bytes or stretches of it changed, lost, doubled or put in, or its end cut off."""
    data = bytearray(file)
    for _ in range(rng.randint(1, 4)):
        if not data:
            break
        at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(len(data), 2000))
        kind = rng.randrange(7)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at : at + rng.randint(1, 64)]
        elif kind == 4:
            data[at:at] = rng.randbytes(rng.randint(1, 40))
        elif kind == 5:
            to = rng.randrange(len(data))
            data[to:to] = data[at : at + rng.randrange(3000)]
        else:
            data[at : at + 2] = bytes([0xFF, rng.randrange(0xC0, 0x100)])
    return bytes(data)
