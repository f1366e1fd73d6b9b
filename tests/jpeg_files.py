"""JPEG files of given coefficients, for tests: sequential, with a scan for each component."""

from __future__ import annotations

import dataclasses
import struct

import numpy as np
import numpy.typing as npt

Levels = npt.NDArray[np.int16]

BLOCK = 8
# Places in natural order along the zigzag.
ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))
MOST_DC, MOST_AC = 2047, 1023  # differences and levels that a file of 8 bits can have
DC_BITS, AC_BITS = 4, 8  # of each symbol
AC_SYMBOLS = [0x00, 0xF0, *(run << 4 | size for run in range(16) for size in range(1, 11))]


@dataclasses.dataclass(frozen=True)
class Component:
    """A component: sampling factors, number of its table, levels.

    Levels are int16 [rows of blocks, columns of blocks, 64], of whole MCUs.
    """

    h: int
    v: int
    table: int
    levels: Levels


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def blocks_of(width: int, height: int, sampling: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rows and columns of blocks of each component, whole MCUs."""
    if len(sampling) == 1:
        return [(ceil_div(height, BLOCK), ceil_div(width, BLOCK))]
    h_most, v_most = (max(each[i] for each in sampling) for i in range(2))
    return [(ceil_div(height, BLOCK * v_most) * v, ceil_div(width, BLOCK * h_most) * h) for h, v in sampling]


def standard_tables(quality: int) -> npt.NDArray[np.uint16]:
    """Tables that grow towards high frequencies, as those of usual encoders do: uint16 [2, 64]."""
    v, u = np.mgrid[:BLOCK, :BLOCK]
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    base = np.stack([10 + 3 * u + 4 * v + u * v, np.minimum(99, 17 + 9 * (u + v))])
    return ((base * scale + 50) // 100).clip(1, 255).reshape(2, 64).astype(np.uint16)


def random_levels(rows: int, columns: int, table: npt.NDArray[np.uint16], rng: np.random.Generator) -> Levels:
    """Levels as an encoder gives them: coefficients that fall off with frequency, over the steps."""
    v, u = np.mgrid[:BLOCK, :BLOCK]
    spread = 90.0 / (1 + u + v) ** 1.5
    spread[0, 0] = 350
    coefficients = rng.laplace(0, spread.reshape(64) / 2, (rows, columns, 64))
    coefficients *= rng.random((rows, columns, 1)) < 0.8  # some blocks are flat
    coefficients[:, :, 0] = rng.normal(0, 260, (rows, columns))
    levels = np.rint(coefficients / table)
    levels[:, :, 0] = levels[:, :, 0].clip(-MOST_DC // 2, MOST_DC // 2)
    return levels.clip(-MOST_AC, MOST_AC).astype(np.int16)


def write_jpeg(
    width: int,
    height: int,
    components: list[Component],
    tables: npt.NDArray[np.uint16],
    *,
    identifiers: tuple[int, ...] = (1, 2, 3, 4),
    jfif: bool = False,
    adobe: int | None = None,
) -> bytes:
    """A file of coefficients; `adobe` is the transform that a marker APP14 names."""
    wide = bool((tables > 255).any())
    parts = [b"\xff\xd8"]
    if jfif:
        parts.append(_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"))
    if adobe is not None:
        parts.append(_segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([adobe])))
    for i, table in enumerate(tables):
        steps = table[ZIGZAG].astype(">u2" if wide else "u1")
        parts.append(_segment(0xDB, bytes([wide << 4 | i]) + steps.tobytes()))
    frame = struct.pack(">BHHB", 8, height, width, len(components))
    for i, each in enumerate(components):
        frame += bytes([identifiers[i], each.h << 4 | each.v, each.table])
    parts.append(_segment(0xC1 if wide else 0xC0, frame))
    parts.append(_segment(0xC4, b"\x00" + _huffman(DC_BITS, list(range(12)))))
    parts.append(_segment(0xC4, b"\x10" + _huffman(AC_BITS, AC_SYMBOLS)))
    h_most, v_most = (max(getattr(each, name) for each in components) for name in "hv")
    for i, each in enumerate(components):
        alone = len(components) == 1
        columns = ceil_div(width * (1 if alone else each.h), BLOCK * (1 if alone else h_most))
        rows = ceil_div(height * (1 if alone else each.v), BLOCK * (1 if alone else v_most))
        parts.append(_segment(0xDA, bytes([1, identifiers[i], 0x00, 0, 63, 0])))
        parts.append(_scan(each.levels[:rows, :columns]))
    return b"".join([*parts, b"\xff\xd9"])


def _segment(marker: int, contents: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(contents) + 2) + contents


def _huffman(bits: int, symbols: list[int]) -> bytes:
    counts = [0] * 16
    counts[bits - 1] = len(symbols)
    return bytes(counts) + bytes(symbols)


def _scan(levels: Levels) -> bytes:
    """The blocks in order; each symbol has its number as code."""
    bits: list[str] = []
    before = 0
    code = {symbol: f"{i:0{AC_BITS}b}" for i, symbol in enumerate(AC_SYMBOLS)}
    for block in levels.reshape(-1, 64)[:, ZIGZAG].tolist():
        difference, before = block[0] - before, block[0]
        bits.append(f"{abs(difference).bit_length():0{DC_BITS}b}" + _magnitude(difference))
        places = [k for k in range(1, 64) if block[k]]
        last = 0
        for k in places:
            run = k - last - 1
            bits.extend([code[0xF0]] * (run // 16))
            bits.append(code[run % 16 << 4 | abs(block[k]).bit_length()] + _magnitude(block[k]))
            last = k
        if last < 63:
            bits.append(code[0])
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")


def _magnitude(value: int) -> str:
    size = abs(value).bit_length()
    return f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""
