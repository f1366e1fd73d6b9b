"""The codecs that are measured, Veneer among them, as one table; a codec whose library is missing is not in it.

A codec has a setting to turn. Files made by one encoder may be decoded in several ways: such codecs share a `source`,
so that each file is made once. Every encoder and decoder runs on one thread.
Place: `measure.py` runs them.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, features

import veneer
from veneer.evaluation.installed import imagecodecs_module, library, models, veneer_version
from veneer.evaluation.lossless_codecs import LosslessCodec, Shape, lossless_codecs

Pixels = npt.NDArray[np.uint8]
Encoder = Callable[[Pixels, float], bytes]
Decoder = Callable[[bytes], Pixels]


@dataclasses.dataclass(frozen=True)
class Codec:
    """One codec with everything but its rate settled.

    Attributes:
        name: as it stands in CSV files.
        label: as people write it.
        family: format that the file is of; codecs of a family share a colour in charts.
        encode: uint8 RGB [H, W, 3] and a setting -> the file.
        decode: the file -> uint8 RGB [H, W, 3].
        settings: from low to high rate; with one element the codec is lossless or has no rate.
        bounds: range of settings to search for a size in, lowest rate first, or None where there is none.
        source: name of the encoder; codecs of the same source have the same files.
        version: of the library, so that results of another one are not mixed with these.
        note: what the label leaves out.
        lossless: whether decoding must give the very pixels.
        whole: whether settings are whole numbers only.
        in_slider: whether the report shows its pictures side by side with others.
    """

    name: str
    label: str
    family: str
    encode: Encoder
    decode: Decoder
    settings: tuple[float, ...]
    bounds: tuple[float, float] | None
    source: str
    version: str
    note: str = ""
    lossless: bool = False
    whole: bool = True
    in_slider: bool = True


QUALITIES = {  # about evenly spread in rate, from some 0.05 bpp up
    "jpeg": (5, 12, 25, 45, 65, 80, 90, 95, 98),
    "webp": (1, 10, 30, 55, 75, 85, 92, 97),
    "avif": (5, 15, 32, 50, 66, 80, 92, 97),
    "heic": (12, 22, 32, 42, 52, 64, 76, 88),
    "veneer": (5, 15, 28, 40, 52, 64, 76, 86, 93, 97),
}
JXL_DISTANCES = (14, 9, 6, 4, 2.5, 1.5, 0.9, 0.5, 0.25)
JPEG2000_BPP = (0.06, 0.12, 0.2, 0.35, 0.55, 0.85, 1.3, 1.9, 2.7, 4.5)


@functools.cache
def all_codecs() -> dict[str, Codec]:
    """Every codec that can run here, by name."""
    makers = (_veneer, _jpeg, _webp, _avif, _jpeg_xl, _jpeg2000, _heic, _lossless)
    return {codec.name: codec for maker in makers for codec in maker()}


def _veneer() -> Iterator[Codec]:
    """Veneer with its settings; what needs the enhancement only where there is one."""
    shown = ("veneer", "veneer-real0", "veneer-real1", "veneer-base")

    def make(name: str, label: str, note: str = "", realism: float | None = None, **options: Any) -> Codec:
        layers = options.get("layers", "full")
        return Codec(
            name=name,
            label=label,
            family="Veneer",
            encode=lambda pixels, quality: veneer.encode(pixels, quality=quality, threads=1, **options),
            decode=lambda data: veneer.decode(data, threads=1, layers=layers, realism=realism),
            settings=QUALITIES["veneer"],
            bounds=(0, 100),
            source="veneer " + " ".join(f"{key}={value}" for key, value in sorted(options.items())),
            version=veneer_version(),
            note=note,
            whole=False,
            in_slider=name in shown,
        )

    names = models()
    if "standard" in names:
        yield make("veneer", "Veneer", "effort 5, default realism")
        yield make("veneer-real0", "Veneer, realism 0", "effort 5", 0.0)
        yield make("veneer-real1", "Veneer, realism 1", "effort 5", 1.0)
        yield make("veneer-psnr", "Veneer, tune psnr, effort 9", "realism 0", 0.0, tune="psnr", effort=9)
        yield make("veneer-psnr-e5", "Veneer, tune psnr, effort 5", "realism 0", 0.0, tune="psnr")
    if "fast" in names:
        yield make("veneer-fast", "Veneer, model fast", "effort 5, default realism", model="fast")
    yield make("veneer-base", "Veneer base", "effort 5", layers="base")
    yield make("veneer-base-e1", "Veneer base, effort 1", layers="base", effort=1)
    yield make("veneer-base-e9", "Veneer base, effort 9", layers="base", effort=9)
    yield make("veneer-base-psnr", "Veneer base, tune psnr, effort 9", layers="base", tune="psnr", effort=9)
    yield make("veneer-base-psnr-e5", "Veneer base, tune psnr, effort 5", layers="base", tune="psnr")
    yield make("veneer-base-psnr-e1", "Veneer base, tune psnr, effort 1", layers="base", tune="psnr", effort=1)


def _pillow_decode(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def _pillow_encoder(format_name: str, **options: Any) -> Encoder:
    """An encoder of Pillow whose setting is its `quality`."""

    def encode(pixels: Pixels, quality: float) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format_name, quality=round(quality), **options)
        return buffer.getvalue()

    return encode


def _jpeg() -> Iterator[Codec]:
    for subsampling in ("4:2:0", "4:4:4"):
        name = f"jpeg-{subsampling.replace(':', '')}"
        yield Codec(
            name=name,
            label=f"JPEG {subsampling}",
            family="JPEG",
            encode=_pillow_encoder("JPEG", subsampling=subsampling, optimize=True, progressive=True),
            decode=_pillow_decode,
            settings=QUALITIES["jpeg"],
            bounds=(1, 100),
            source=name,
            version=library("libjpeg_turbo", "libjpeg-turbo"),
            note="optimized, progressive",
            in_slider=subsampling == "4:2:0",
        )


def _webp() -> Iterator[Codec]:
    if features.check("webp"):
        yield Codec(
            name="webp-m6",
            label="WebP",
            family="WebP",
            encode=_pillow_encoder("WEBP", method=6),
            decode=_pillow_decode,
            settings=QUALITIES["webp"],
            bounds=(0, 100),
            source="webp-m6",
            version=library("webp", "libwebp"),
            note="method 6",
        )


def _avif() -> Iterator[Codec]:
    if not features.check("avif"):
        return
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # of the decoder
    common: dict[str, Any] = {"codec": "aom", "speed": 4, "subsampling": "4:4:4", "max_threads": 1}
    tunes: dict[str, dict[str, Any]] = {"": {}, "-psnr": {"advanced": {"tune": "psnr"}}}
    for suffix, options in tunes.items():
        name = f"avif-444-s4{suffix}"
        yield Codec(
            name=name,
            label="AVIF, tune psnr" if suffix else "AVIF",
            family="AVIF",
            encode=_pillow_encoder("AVIF", **common, **options),
            decode=_pillow_decode,
            settings=QUALITIES["avif"],
            bounds=(0, 100),
            source=name,
            version=library("avif", "libavif"),
            note="libaom, 4:4:4, speed 4" + (", tune=psnr" if suffix else ", its default tune"),
            in_slider=not suffix,
        )


def _jpeg_xl() -> Iterator[Codec]:
    imagecodecs = imagecodecs_module()
    if imagecodecs is not None and imagecodecs.JPEGXL.available:
        yield Codec(
            name="jxl-e7",
            label="JPEG XL",
            family="JPEG XL",
            encode=lambda pixels, distance: bytes(
                imagecodecs.jpegxl_encode(pixels, effort=7, distance=distance, numthreads=1)
            ),
            decode=lambda data: np.asarray(imagecodecs.jpegxl_decode(data, numthreads=1)),
            settings=JXL_DISTANCES,
            bounds=(25, 0.05),
            source="jxl-e7",
            version=imagecodecs.jpegxl_version(),
            note="effort 7",
            whole=False,
        )


def _jpeg2000() -> Iterator[Codec]:
    def encode(pixels: Pixels, bpp: float) -> bytes:
        buffer = io.BytesIO()
        options: dict[str, Any] = {"quality_mode": "rates", "quality_layers": [24 / bpp]}
        Image.fromarray(pixels).save(buffer, "JPEG2000", no_jp2=True, irreversible=True, mct=1, **options)
        return buffer.getvalue()

    if features.check("jpg_2000"):
        yield Codec(
            name="j2k",
            label="JPEG 2000",
            family="JPEG 2000",
            encode=encode,
            decode=_pillow_decode,
            settings=JPEG2000_BPP,
            bounds=(0.02, 12),
            source="j2k",
            version=library("jpg_2000", "OpenJPEG"),
            note="9/7 wavelet, rate in bpp",
            whole=False,
        )


def _heic() -> Iterator[Codec]:
    if importlib.util.find_spec("pillow_heif") is None:
        return
    import pillow_heif

    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1
    if not pillow_heif.libheif_info()["encoders"]:
        return
    yield Codec(
        name="heic-444",
        label="HEIC",
        family="HEIC",
        encode=_pillow_encoder("HEIF", chroma="444"),
        decode=_pillow_decode,
        settings=QUALITIES["heic"],
        bounds=(0, 100),
        source="heic-444",
        version=f"libheif {pillow_heif.libheif_version()}",
        note="x265, 4:4:4; its encoder takes as many threads as it likes",
    )


def _lossless() -> Iterator[Codec]:
    """Those of the table of lossless codecs, on pictures of 8 bits."""

    def make(codec: LosslessCodec) -> Codec:
        return Codec(
            name=codec.name,
            label=codec.label,
            family=codec.family,
            encode=lambda pixels, _: codec.encode(pixels, 8),
            decode=lambda data: codec.decode(data, Shape(channels=3, depth=8)),
            settings=(100,),
            bounds=None,
            source=codec.name,
            version=codec.version,
            note=codec.note,
            lossless=True,
            in_slider=False,
        )

    return map(make, lossless_codecs().values())
