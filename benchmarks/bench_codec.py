"""Speed of the whole codec against libjpeg-turbo and JPEG XL in the same run, one thread, CPU time.

    pytest benchmarks/bench_codec.py --pictures DIR [--every 4]

Every picture is coded at about one bit per pixel (tune "psnr"). Decoding is compared with a progressive 4:2:0 JPEG of
at least the same PSNR (quality 100 where none reaches it) and with JPEG XL at distance 1.5, about the same rate;
encoding with that JPEG's encoder and with JPEG XL effort 7. A round codes all pictures. JPEG XL needs imagecodecs.
"""

from __future__ import annotations

import dataclasses
import io
import math

import numpy as np
import pytest
from conftest import Pixels, Rate
from PIL import Image

import veneer

BPP = 1.0
JXL_DISTANCE = 1.5


@dataclasses.dataclass(frozen=True)
class Case:
    """A picture with its files of about equal rate or quality."""

    pixels: Pixels
    step: int
    veneer: bytes
    jpeg_quality: int
    jpeg: bytes
    jxl: bytes | None


def encode(pixels: Pixels, step: int, effort: int) -> bytes:
    """One thread, base layer."""
    return veneer.encode(pixels, step_index=step, effort=effort, tune="psnr", layers="base", threads=1)


def encode_jpeg(pixels: Pixels, quality: int) -> bytes:
    """A progressive JPEG, 4:2:0."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling="4:2:0", progressive=True, optimize=True)
    return out.getvalue()


def decode_jpeg(data: bytes) -> Pixels:
    """Its pixels."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def encode_jxl(pixels: Pixels) -> bytes:
    """JPEG XL, effort 7."""
    imagecodecs = pytest.importorskip("imagecodecs")
    return bytes(imagecodecs.jpegxl_encode(pixels, effort=7, distance=JXL_DISTANCE, numthreads=1))


def psnr(a: Pixels, b: Pixels) -> float:
    """Peak signal-to-noise ratio over all samples, dB."""
    return 10 * math.log10(255**2 / max(1e-9, float(np.mean((a.astype(np.float64) - b) ** 2))))


def make_case(pixels: Pixels) -> Case:
    """Files of a picture."""
    samples = pixels.shape[0] * pixels.shape[1]
    step = next((s for s in range(80, 140, 3) if 8 * len(encode(pixels, s, 1)) < 1.05 * BPP * samples), 140)
    data = encode(pixels, step, 5)
    level = psnr(pixels, veneer.decode(data))
    qualities = range(60, 101, 2)
    quality = next((q for q in qualities if psnr(pixels, decode_jpeg(encode_jpeg(pixels, q))) >= level), 100)
    try:
        import imagecodecs  # noqa: F401 - whether it is there
    except ImportError:
        jxl = None
    else:
        jxl = encode_jxl(pixels)
    return Case(pixels, step, data, quality, encode_jpeg(pixels, quality), jxl)


@pytest.fixture(scope="module")
def cases(pictures: list[Pixels]) -> list[Case]:
    """All pictures with their files."""
    return [make_case(pixels) for pixels in pictures]


def megapixels(cases: list[Case]) -> float:
    """Of all pictures."""
    return sum(case.pixels.shape[0] * case.pixels.shape[1] for case in cases) / 1e6


def mean_bpp(files: list[bytes], cases: list[Case]) -> float:
    """Bits per pixel of files over all pictures."""
    return round(8 * sum(map(len, files)) / megapixels(cases) / 1e6, 3)


@pytest.mark.parametrize("effort", [1, 3, 5, 7])
def test_encode(rate: Rate, cases: list[Case], effort: int) -> None:
    """Efforts; the slowest ones take minutes, and have no peer."""
    files: list[bytes] = []

    def call() -> None:
        files[:] = [encode(case.pixels, case.step, effort) for case in cases]

    call()
    rounds = {"rounds": 3, "warmup": 0, "bpp": mean_bpp(files, cases)}
    rate(call, group="encode", name=f"veneer effort {effort}", work=megapixels(cases), unit="MP/s", **rounds)


def test_encode_jpeg(rate: Rate, cases: list[Case]) -> None:
    """Peer."""
    call = lambda: [encode_jpeg(case.pixels, case.jpeg_quality) for case in cases]  # noqa: E731
    rate(call, group="encode", name="libjpeg-turbo", work=megapixels(cases), unit="MP/s", peer=True)


def test_encode_jxl(rate: Rate, cases: list[Case]) -> None:
    """Peer."""
    pytest.importorskip("imagecodecs")
    call = lambda: [encode_jxl(case.pixels) for case in cases]  # noqa: E731
    rate(call, group="encode", name="JPEG XL effort 7", work=megapixels(cases), unit="MP/s", peer=True, rounds=3)


def test_decode(rate: Rate, cases: list[Case]) -> None:
    """The base layer."""
    call = lambda: [veneer.decode(case.veneer, threads=1) for case in cases]  # noqa: E731
    bpp = mean_bpp([case.veneer for case in cases], cases)
    rate(call, group="decode", name="veneer base", work=megapixels(cases), unit="MP/s", rounds=7, bpp=bpp)


def test_decode_jpeg(rate: Rate, cases: list[Case]) -> None:
    """Peer."""
    call = lambda: [decode_jpeg(case.jpeg) for case in cases]  # noqa: E731
    bpp = mean_bpp([case.jpeg for case in cases], cases)
    rate(call, group="decode", name="libjpeg-turbo", work=megapixels(cases), unit="MP/s", peer=True, rounds=7, bpp=bpp)


def test_decode_jxl(rate: Rate, cases: list[Case]) -> None:
    """Peer."""
    imagecodecs = pytest.importorskip("imagecodecs")
    files = [case.jxl or b"" for case in cases]
    call = lambda: [imagecodecs.jpegxl_decode(data, numthreads=1) for data in files]  # noqa: E731
    bpp = mean_bpp(files, cases)
    rate(call, group="decode", name="JPEG XL", work=megapixels(cases), unit="MP/s", peer=True, rounds=5, bpp=bpp)
