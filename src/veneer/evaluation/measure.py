"""Measures one codec at one setting on one picture: real bytes, CPU seconds of one thread, metrics; and peak memory.

Place: `bench.py` calls it in worker processes, `crops.py` for files of a given size.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from veneer.evaluation import metrics
from veneer.evaluation.codecs import Codec, Pixels

# CSV columns of a measurement; metrics that could not be had are left empty.
FIELDS = (
    "codec",
    "setting",
    "image",
    "bytes",
    "bpp",
    *(metric.name for metric in metrics.METRICS),
    "encode_s",
    "decode_s",
    "width",
    "height",
    "version",
)
MEMORY_PIXELS = 4_000_000  # a picture is repeated to this size, as a small one may fit into memory held already
SHORT_SECONDS = 0.3  # a call below this is repeated
MAX_RUNS = 3

Result = TypeVar("Result")


def load_picture(path: str) -> Pixels:
    """Pixels of a picture file as uint8 RGB [H, W, 3]; the last one is kept.

    Raises:
        ValueError: it is no picture of 8 bits a sample; one line with the name.
    """
    return _load(path, os.stat(path).st_mtime_ns)


def check_picture(path: str) -> tuple[int, int]:
    """Width and height of a picture that `load_picture` takes, by its header; raises its ValueError."""
    with _opened(path) as image:
        return image.size


@functools.lru_cache(maxsize=1)
def _load(path: str, _: int) -> Pixels:
    with _opened(path) as image:
        pixels = np.array(image.convert("RGB"))
    pixels.flags.writeable = False
    return pixels


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Image.Image]:
    try:
        if not os.path.isfile(path):  # opening a pipe would wait for somebody to write to it
            raise OSError("not a regular file")
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise ValueError(f"{path}: has more than 8 bits a sample")
            yield image
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error


def measure(codecs: Sequence[Codec], setting: float, path: str) -> list[dict[str, str]]:
    """Codes a picture once and decodes it with every codec of one source.

    Args:
        codecs: of the same source.
        setting: one of theirs.
        path: of the picture.

    Returns:
        One row of `FIELDS` for each codec.

    Raises:
        ValueError: the picture cannot be read, or a codec gave pixels of another size, or not the same ones though it
            is lossless.
    """
    original = load_picture(path)
    height, width = original.shape[:2]
    data, encode_s = cpu_seconds(lambda: codecs[0].encode(original, setting))
    rows = []
    for codec in codecs:
        decoded, decode_s = cpu_seconds(functools.partial(codec.decode, data))
        check_decoded(codec, original, decoded)
        row = {
            "codec": codec.name,
            "setting": f"{setting:g}",
            "image": Path(path).stem,
            "bytes": str(len(data)),
            "bpp": f"{8 * len(data) / (height * width):.5f}",
            "encode_s": f"{encode_s:.5f}",
            "decode_s": f"{decode_s:.5f}",
            "width": str(width),
            "height": str(height),
            "version": codec.version,
        }
        if not codec.lossless:
            values = metrics.measure_all(original, decoded)
            row |= {name: "" if math.isnan(value) else f"{value:.5f}" for name, value in values.items()}
        rows.append(row)
    return rows


def check_decoded(codec: Codec, original: Pixels, decoded: Pixels) -> None:
    """Raises ValueError where a codec did not give back what it must."""
    if decoded.shape != original.shape:
        raise ValueError(f"{codec.label} gave {decoded.shape}, not {original.shape}")
    if codec.lossless and not np.array_equal(decoded, original):
        raise ValueError(f"{codec.label} is not lossless here")


def cpu_seconds(call: Callable[[], Result]) -> tuple[Result, float]:
    """A call's result and the CPU seconds it took; the median of three where one is short.

    CPU time of the process counts all threads, and does not count what else the machine does.
    """
    times: list[float] = []
    while True:
        start = time.process_time()
        result = call()
        times.append(time.process_time() - start)
        if times[0] >= SHORT_SECONDS or len(times) == MAX_RUNS:
            return result, sorted(times)[len(times) // 2]


def peak_memory(codec: Codec, setting: float, path: str, least_pixels: int = MEMORY_PIXELS) -> dict[str, str]:
    """Memory that coding and decoding take beyond the picture itself; for a process that has done nothing else.

    Args:
        codec: to measure.
        setting: for its encoder.
        path: of the picture.
        least_pixels: that the picture is repeated to, with its mirror images.

    Returns:
        codec, image, version, width, height; encode_bytes and decode_bytes, empty where the system does not tell.
    """
    original = repeated(load_picture(path), least_pixels)
    warm = np.ascontiguousarray(original[:64, :64])
    codec.decode(codec.encode(warm, setting))  # libraries are loaded, and their tables made
    data, encode_bytes = _growth(lambda: codec.encode(original, setting))
    _, decode_bytes = _growth(lambda: codec.decode(data))
    return {
        "codec": codec.name,
        "image": Path(path).stem,
        "width": str(original.shape[1]),
        "height": str(original.shape[0]),
        "encode_bytes": encode_bytes,
        "decode_bytes": decode_bytes,
        "version": codec.version,
    }


def repeated(pixels: Pixels, least: int) -> Pixels:
    """A picture with its mirror images around it, of at least so many pixels."""
    height, width = pixels.shape[:2]
    factor = math.ceil(math.sqrt(least / (height * width)))
    if factor <= 1:
        return pixels
    return np.pad(pixels, ((0, (factor - 1) * height), (0, (factor - 1) * width), (0, 0)), mode="symmetric")


def _growth(call: Callable[[], Result]) -> tuple[Result, str]:
    """A call's result and by how much the process grew at most meanwhile, in bytes."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # what was freed before is not to be had for nothing
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
        before = _status_bytes("VmRSS")
        result = call()
        return result, str(max(0, _status_bytes("VmHWM") - before))
    except OSError:
        try:
            import resource
        except ImportError:  # of POSIX alone
            return call(), ""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = call()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return result, str(grown * 1024) if grown > 0 else ""


def _status_bytes(field: str) -> int:
    """A size in /proc/self/status."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {field}")
