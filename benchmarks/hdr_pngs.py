"""HDR pictures as PNGs of 16 bits that `veneer bench --deep` takes: chunk cICP, and sBIT where they have fewer bits.

    python benchmarks/hdr_pngs.py OUT FILE...

Files: AVIF of PQ or HLG is decoded as it is, by libavif. OpenEXR of linear light becomes PQ of 10 bits in BT.2020, and
a second picture in HLG; 1.0 in the file is the white of a page, 203 cd/m2 (ITU-R BT.2408). Needs imagecodecs and, for
EXR, OpenEXR.
"""

from __future__ import annotations

import argparse
import struct
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[Any]
Light = npt.NDArray[np.float64]

BITS = 10
WHITE = 203.0  # cd/m2 of reference white, ITU-R BT.2408
PEAK_OF_HLG = 1000.0
TO_BT2020 = np.array(  # linear light of BT.709 primaries to those of BT.2020: ITU-R BT.2087
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)
PQ, HLG = (9, 16, 0, 1), (9, 18, 0, 1)


def pq_of(light: Light) -> Light:
    """Code values 0..1 of light in cd/m2: SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = np.clip(light / 10000, 0, 1) ** m1
    code: Light = ((c1 + c2 * power) / (1 + c3 * power)) ** m2
    return code


def hlg_of(light: Light) -> Light:
    """Code values 0..1 of displayed light in cd/m2, on a display of 1000: ITU-R BT.2100, inverse OOTF and OETF."""
    shown = np.clip(light / PEAK_OF_HLG, 0, 1)
    luma = shown @ np.array([0.2627, 0.6780, 0.0593])
    scene = shown * np.maximum(luma, 1e-6)[..., np.newaxis] ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code: Light = np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)
    return np.clip(code, 0, 1)


def write_png(path: Path, codes: Samples, bits: int, cicp: tuple[int, int, int, int]) -> None:
    """uint16 [H, W, 3] of so many bits as a PNG of 16 bits, bits repeated below, with sBIT and cICP."""
    wide = (codes.astype(np.uint32) << (16 - bits)) | (codes.astype(np.uint32) >> (2 * bits - 16))
    png = bytes(imagecodecs.png_encode(wide.astype(np.uint16), level=6))
    own = b"".join(_chunk(name, body) for name, body in ((b"cICP", bytes(cicp)), (b"sBIT", bytes([bits] * 3))))
    path.write_bytes(png[:33] + own + png[33:])  # behind the signature and IHDR


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def from_exr(path: Path, out: Path) -> None:
    """Two pictures, PQ and HLG."""
    import OpenEXR

    with OpenEXR.File(str(path)) as file:
        channels = file.channels()
        name = next(each for each in ("RGBA", "RGB") if each in channels)
        linear = np.nan_to_num(channels[name].pixels[:, :, :3].astype(np.float64))
    light = np.maximum(linear @ TO_BT2020.T, 0) * WHITE
    for label, codes, cicp in (("pq", pq_of(light), PQ), ("hlg", hlg_of(light), HLG)):
        write_png(out / f"{path.stem}_{label}.png", np.rint(codes * ((1 << BITS) - 1)).astype(np.uint16), BITS, cicp)


def from_avif(path: Path, out: Path) -> None:
    """The picture as it is."""
    data = path.read_bytes()
    at = data.index(b"colrnclx") + 8  # ISO/IEC 23008-12: primaries, transfer, matrix of 16 bits each, range
    primaries, transfer, _, _ = struct.unpack(">HHHB", data[at : at + 7])
    bits = data[data.index(b"pixi") + 9]  # bits of the first channel
    samples = np.asarray(imagecodecs.avif_decode(data))[:, :, :3]
    write_png(out / f"{path.stem}.png", samples, bits, (primaries, transfer, 0, 1))


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.files:
        (from_exr if path.suffix == ".exr" else from_avif)(path, arguments.out)


if __name__ == "__main__":
    main()
