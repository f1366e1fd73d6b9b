"""The codecs that are measured at more than 8 bits, Veneer among them, as one table; who is not installed is not in it.

They code R, G and B of 8, 10 or 12 bits, 4:4:4, with the colour that the picture names. Every encoder and decoder but
HEIC's runs on one thread. Place: `deep.py` runs them.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import veneer
from veneer.evaluation.installed import imagecodecs_module, models, veneer_version
from veneer.evaluation.lossless_codecs import OPTIONAL, Samples
from veneer.sample_depth import BYTE_DEPTH

Cicp = tuple[int, int, int, int]  # primaries, transfer, matrix, full range: ITU-T H.273

SRGB: Cicp = (1, 13, 0, 1)
BT2020 = 9  # primaries, and a matrix
PQ, HLG = 16, 18  # transfer characteristics
DEPTHS = (8, 10, 12)
BYTE_LARGEST, WIDE_LARGEST = 255, 65535
WIDE = 16  # bits of a sample as some libraries take and give it
JXL_PRIMARIES = {1: "SRG", BT2020: "202", 12: "DCI"}
JXL_TRANSFERS = {1: "709", 8: "Lin", 13: "SRG", PQ: "PeQ", HLG: "HLG"}


@dataclasses.dataclass(frozen=True)
class DeepCodec:
    """One codec with everything but its rate settled.

    Attributes:
        name: as it stands in CSV files.
        label: as people write it.
        encode: uint8 or uint16 RGB [H, W, 3], its bits, its colour and a setting -> the file.
        decode: the file and the bits of a sample -> samples.
        settings: from low to high rate.
        version: of the library, so that results of another one are not mixed with these.
        note: what the label leaves out.
    """

    name: str
    label: str
    encode: Callable[[Samples, int, Cicp, float], bytes]
    decode: Callable[[bytes, int], Samples]
    settings: tuple[float, ...]
    version: str
    note: str


@functools.cache
def deep_codecs() -> dict[str, DeepCodec]:
    """Every codec that can run here, by name."""
    makers = (_veneer, _avif, _jpeg_xl, _heic)
    return {codec.name: codec for maker in makers for codec in maker()}


def missing() -> list[str]:
    """One line for each program or library that is not there, with what is left out for it."""
    lines = []
    if imagecodecs_module() is None:
        lines.append(f"imagecodecs is not installed, AVIF and JPEG XL are left out: {OPTIONAL['imagecodecs']}")
    elif shutil.which("cjxl") is None:
        lines.append("cjxl is not installed, JPEG XL is left out: it is in libjxl's tools (Debian: libjxl-tools)")
    if importlib.util.find_spec("pillow_heif") is None:
        lines.append("pillow-heif is not installed, HEIC is left out: pip install '.[heif]'")
    return lines


def is_own(name: str) -> bool:
    """Whether a codec is Veneer."""
    return name.startswith("veneer")


def _veneer() -> Iterator[DeepCodec]:
    def make(name: str, label: str, note: str, realism: float | None = None, **options: Any) -> DeepCodec:
        def encode(samples: Samples, depth: int, cicp: Cicp, quality: float) -> bytes:
            given = {"cicp": cicp, "preview": False, "threads": 1, **options}
            return veneer.encode(samples, depth=depth, quality=quality, **given)

        def decode(data: bytes, _: int) -> Samples:
            return veneer.decode(data, realism=realism, threads=1)

        return DeepCodec(name, label, encode, decode, (15, 30, 45, 60, 75, 86, 93, 97), veneer_version(), note)

    if "standard" in models():
        yield make("veneer", "Veneer", "effort 5, default realism")
        yield make("veneer-psnr-e5", "Veneer, tune psnr", "effort 5, realism 0", 0.0, tune="psnr")
    yield make("veneer-base", "Veneer base", "effort 5", layers="base")
    yield make("veneer-base-psnr-e5", "Veneer base, tune psnr", "effort 5", layers="base", tune="psnr")


def _avif() -> Iterator[DeepCodec]:
    imagecodecs = imagecodecs_module()
    if imagecodecs is None or not imagecodecs.AVIF.available:
        return

    def encode(samples: Samples, depth: int, cicp: Cicp, level: float) -> bytes:
        primaries, transfer = cicp[:2]
        colour = {"primaries": primaries, "transfer": transfer, "matrix": BT2020 if primaries == BT2020 else 1}
        options = {"pixelformat": "444", "codec": "aom", "speed": 6, "numthreads": 1, **colour}
        return bytes(imagecodecs.avif_encode(samples, level=int(level), bitspersample=depth, **options))

    def decode(data: bytes, _: int) -> Samples:
        return np.asarray(imagecodecs.avif_decode(data, numthreads=1))

    settings = (20, 34, 46, 58, 70, 80, 88, 94)
    yield DeepCodec("avif-444", "AVIF", encode, decode, settings, imagecodecs.avif_version(), "libaom, 4:4:4, speed 6")


def _jpeg_xl() -> Iterator[DeepCodec]:
    """Coded by libjxl's program: the Python packages name all samples of more than 8 bits linear, whatever they are."""
    imagecodecs, encoder = imagecodecs_module(), shutil.which("cjxl")
    if imagecodecs is None or not imagecodecs.JPEGXL.available or encoder is None:
        return

    def encode(samples: Samples, depth: int, cicp: Cicp, distance: float) -> bytes:
        primaries, transfer = JXL_PRIMARIES[cicp[0]], JXL_TRANSFERS[cicp[1]]
        options = ["-d", f"{distance:g}", "-e", "7", "--num_threads=0"]
        options += [f"--override_bitdepth={depth}"] if depth > BYTE_DEPTH else []
        options += ["-x", f"color_space=RGB_D65_{primaries}_Rel_{transfer}"]
        with tempfile.TemporaryDirectory() as folder:
            source, made = Path(folder) / "picture.ppm", Path(folder) / "picture.jxl"
            _write_ppm(source, samples, depth)
            _run([encoder, str(source), str(made), *options])
            return made.read_bytes()

    def decode(data: bytes, _: int) -> Samples:
        return np.asarray(imagecodecs.jpegxl_decode(data, numthreads=1))

    settings = (9, 6, 4, 2.5, 1.5, 0.9, 0.5, 0.25)
    version = _run([encoder, "--version"]).split("[")[0].strip().replace("cjxl v", "libjxl ")
    note = "cjxl at effort 7"
    yield DeepCodec("jxl-e7", "JPEG XL", encode, decode, settings, version, note)


def _heic() -> Iterator[DeepCodec]:
    if importlib.util.find_spec("pillow_heif") is None:
        return
    import pillow_heif

    if not pillow_heif.libheif_info()["encoders"]:
        return

    def encode(samples: Samples, depth: int, cicp: Cicp, quality: float) -> bytes:
        height, width, _ = samples.shape
        if depth == BYTE_DEPTH:
            image = pillow_heif.from_bytes("RGB", (width, height), samples.tobytes())
        else:
            pillow_heif.options.SAVE_HDR_TO_12_BIT = depth == 12
            wide = (samples.astype(np.uint32) << (WIDE - depth)).astype("<u2")
            image = pillow_heif.from_bytes("RGB;16", (width, height), wide.tobytes())
        out = io.BytesIO()
        matrix = BT2020 if cicp[0] == BT2020 else 6
        image.save(out, quality=int(quality), chroma=444, matrix_coefficients=matrix, full_range_flag=1)
        return out.getvalue()

    def decode(data: bytes, depth: int) -> Samples:
        image = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
        samples = np.asarray(image)
        return (
            samples.reshape(*samples.shape[:2], 3)
            if depth == BYTE_DEPTH
            else (samples >> (WIDE - depth)).astype(np.uint16)
        )

    version = f"libheif {pillow_heif.libheif_version()}"
    note = "x265, 4:4:4; its encoder takes as many threads as it likes"
    yield DeepCodec("heic-444", "HEIC", encode, decode, (12, 24, 36, 48, 60, 72, 84, 93), version, note)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - programs found on the path
    if done.returncode:
        raise ValueError(f"{Path(command[0]).name}: {' '.join(done.stderr.split())}")
    return done.stdout


def _write_ppm(path: Path, samples: Samples, depth: int) -> None:
    """As 8 or 16 bits: cjxl takes samples of more than 8 bits for those of 16, whatever the file says."""
    height, width, _ = samples.shape
    most, dtype = BYTE_LARGEST, "u1"
    if depth > BYTE_DEPTH:
        most, dtype, given = WIDE_LARGEST, ">u2", (1 << depth) - 1
        samples = (samples.astype(np.uint32) * most + given // 2) // given
    path.write_bytes(b"P6\n%d %d\n%d\n" % (width, height, most) + samples.astype(dtype).tobytes())
