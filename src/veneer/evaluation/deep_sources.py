"""Pictures of more than 8 bits for measuring lossy codecs: from files, and dark gradients that are computed.

Place: `deep.py` takes its pictures here.
"""

from __future__ import annotations

import dataclasses
import functools
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from veneer.evaluation.deep_codecs import HLG, PQ, SRGB, Cicp
from veneer.evaluation.lossless_codecs import Samples
from veneer.evaluation.lossless_samples import read_samples
from veneer.regular_file import read_regular_file
from veneer.sample_depth import BYTE_DEPTH

HALVED_DEPTH = 10  # the sum of four samples of 8 bits needs it
PNG_START = b"\x89PNG\r\n\x1a\n"
SDR_KIND = "sdr"
KINDS = {PQ: "pq", HLG: "hlg"}

GRADIENT_SIDE = 512
# Darkest and lightest levels in units of 8 bits, R, G and B: a night sky, a dark wall, a shadow on skin.
GRADIENTS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "sky at night": ((2, 3, 6), (10, 14, 26)),
    "dark wall": ((8, 8, 8), (14, 14, 13)),
    "shadow": ((20, 14, 11), (48, 34, 27)),
}


@dataclasses.dataclass(frozen=True)
class DeepSource:
    """A picture.

    Attributes:
        samples: uint8 or uint16 RGB [H, W, 3], not to be written to.
        depth: bits of a sample.
        cicp: its colour, by ITU-T H.273.
    """

    samples: Samples
    depth: int
    cicp: Cicp

    @property
    def kind(self) -> str:
        """Of its transfer characteristics: "sdr", "pq" or "hlg"."""
        return KINDS.get(self.cicp[1], SDR_KIND)

    def at_depth(self, depth: int) -> Samples:
        """Samples scaled to fewer bits, rounded to nearest; uint8 for 8 bits."""
        return scaled(self.samples, self.depth, depth)


def scaled(samples: Samples, depth: int, to: int) -> Samples:
    """Samples of `depth` bits as those of `to` bits: 0 stays 0, the largest value becomes the largest."""
    most, largest = (1 << depth) - 1, (1 << to) - 1
    wide = (samples.astype(np.uint32) * largest + most // 2) // most
    return wide.astype(np.uint8 if to <= BYTE_DEPTH else np.uint16)


@functools.lru_cache(maxsize=1)
def read_source(path: str) -> DeepSource:
    """A picture file. That of 8 bits is halved: four samples give one of 10 bits, so nothing is invented.

    Args:
        path: PNG or TIFF of grey or RGB. A PNG's chunks cICP and sBIT are heeded.

    Raises:
        ValueError: it cannot be read, or has alpha; one line with the name.
    """
    samples, depth = read_samples(path)
    if samples.shape[2] not in (1, 3):
        raise ValueError(f"{path}: pictures with alpha are not measured here")
    samples = np.repeat(samples, 3 // samples.shape[2], axis=2)
    cicp = SRGB
    for name, body in _png_chunks(read_regular_file(path)):
        if name == b"cICP" and len(body) == 4:
            cicp = (body[0], body[1], body[2], body[3])
        if name == b"sBIT" and depth > BYTE_DEPTH and BYTE_DEPTH < max(body) < depth:
            samples, depth = samples >> (depth - max(body)), max(body)
    if depth <= BYTE_DEPTH:
        samples, depth = halved(samples), HALVED_DEPTH
    samples.flags.writeable = False
    return DeepSource(samples, depth, cicp)


def halved(pixels: Samples) -> Samples:
    """uint8 [H, W, 3] to uint16 of 10 bits and half the sides: sums of four, 0..1020, to 0..1023."""
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    parts = pixels[:height, :width].astype(np.uint32)
    total = parts[::2, ::2] + parts[1::2, ::2] + parts[::2, 1::2] + parts[1::2, 1::2]
    return ((total * 1023 + 510) // 1020).astype(np.uint16)


def gradient(name: str) -> npt.NDArray[np.float64]:
    """A dark gradient of `GRADIENTS`, float64 [512, 512, 3], 0..1: light from a corner that falls off smoothly."""
    dark, light = (np.array(level) / 255 for level in GRADIENTS[name])
    y, x = np.mgrid[0:GRADIENT_SIDE, 0:GRADIENT_SIDE] / GRADIENT_SIDE
    fall = np.clip(1 - np.hypot(x, y * 0.6) / np.hypot(1, 0.6), 0, 1) ** 1.5
    picture: npt.NDArray[np.float64] = dark + fall[:, :, np.newaxis] * (light - dark)
    return picture


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and bodies of the chunks before the samples; none where it is no PNG."""
    at = len(PNG_START)
    while data.startswith(PNG_START) and at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IDAT":
            return
        yield name, data[at + 8 : at + 8 + size]
        at += size + 12
