"""Makes the files of tests/vectors for the current format version; run by hand, once for a version.

    python tests/make_vectors.py

A file that is there already is never written again: what was released must decode for ever. Until a version is frozen
its folder may be deleted and made anew. The example of docs/format.md is made from the smallest file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from samples import XMP, Pixels, make_exif, make_picture, srgb_profile

import veneer
from veneer.bitstream import syntax
from veneer.bitstream.chunks import write_chunk
from veneer.bitstream.container import read_contents, write_contents

FOLDER = Path(__file__).parent / "vectors" / str(syntax.FORMAT_VERSION)
INDEX = "index.tsv"
SPECIFICATION = Path(__file__).parents[1] / "docs" / "format.md"


def pixel_hash(pixels: Pixels) -> str:
    """SHA-256 of the shape and the samples of a picture."""
    shape = "x".join(map(str, pixels.shape))
    return hashlib.sha256(shape.encode() + b"\n" + pixels.tobytes()).hexdigest()


def valid_files() -> Iterator[tuple[str, bytes]]:
    """Small files that between them use what a file can have."""
    yield "smallest", veneer.encode(np.full((1, 1), 200, np.uint8), quality=50)
    for channels, name in enumerate(("grey", "grey_alpha", "rgb", "rgb_alpha"), 1):
        yield name, veneer.encode(make_picture(45, 70, channels), quality=70)
    for size in ((1, 65), (65, 1), (2, 3), (64, 64), (131, 67)):
        yield "size_{}x{}".format(*size), veneer.encode(make_picture(*size), quality=60)
    for tune in ("psnr", "visual"):
        for quality in (0, 40, 100):
            yield f"{tune}_q{quality}", veneer.encode(make_picture(96, 80), quality=quality, tune=tune)
    for effort in (1, 9):
        yield f"effort_{effort}", veneer.encode(make_picture(100, 90), quality=75, effort=effort)
    for channels in (3, 4):
        yield f"tiles_{channels}", veneer.encode(make_picture(150, 140, channels), quality=30, tile_size=64)
    yield (
        "metadata",
        veneer.encode(
            make_picture(20, 30), icc=srgb_profile(), exif=make_exif(6), xmp=XMP, cicp=(12, 13, 0, 1), quality=20
        ),
    )
    rgb = veneer.encode(make_picture(20, 30), quality=20)
    yield "unknown_ancillary", rgb[:-12] + write_chunk(b"nEW_", b"from the future") + rgb[-12:]
    yield "bytes_behind_the_end", rgb + b"not part of the file"
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    yield "noise", veneer.encode(noise, step_index=0)
    yield "flat", veneer.encode(np.full((300, 200, 3), (10, 200, 90), np.uint8), quality=10)


def with_head(data: bytes, **changes: int) -> bytes:
    """The same tiles behind another head, which may say what it must not."""
    contents = read_contents(memoryview(data), strict=True, max_pixels=1 << 20)
    values = {**dataclasses.asdict(contents.head), **changes}
    payload = b"".join(field.kind.write(values[field.attribute]) for field in syntax.HEAD.fields)
    whole = write_contents(contents.head, contents.metadata, [tile or b"" for tile in contents.colour_tiles], [])
    return syntax.SIGNATURE + write_chunk(b"HEAD", payload) + whole[8 + 12 + len(payload) :]


def invalid_files() -> Iterator[tuple[str, bytes]]:
    """Files that a strict decoder refuses."""
    data = veneer.encode(make_picture(70, 70), quality=20, tile_size=64)
    base = data.index(b"BASE") - 4
    second = data.index(b"BASE", base + 8) - 4
    end = len(data) - 12
    yield "other_signature", b"\x89PNG\r\n\x1a\n" + data[8:]
    yield "cut_in_head", data[:30]
    yield "cut_in_tile", data[: base + 40]
    yield "no_end", data[:end]
    yield "flipped_bit_in_tile", data[: base + 20] + bytes([data[base + 20] ^ 4]) + data[base + 21 :]
    yield "flipped_bit_in_length", data[: base + 1] + bytes([data[base + 1] ^ 64]) + data[base + 2 :]
    yield "tile_missing", data[:base] + data[second:]
    yield "tile_twice", data[:second] + data[base:]
    yield "tile_out_of_range", data[:end] + write_chunk(b"BASE", b"\x09\0\0\0") + data[end:]
    yield "metadata_behind_tiles", data[:end] + write_chunk(b"xMP_", b"late") + data[end:]
    yield "unknown_critical", data[:end] + write_chunk(b"NEW_", b"") + data[end:]
    yield "end_with_payload", data[:end] + write_chunk(b"TEND", b"?")
    yield "newer_version", with_head(data, format_version=2)
    yield "half_size_base", with_head(data, base_scale=2)
    yield "ten_bits", with_head(data, bit_depth=10)
    yield "no_width", with_head(data, width=0)
    yield "huge", with_head(data, width=65535, height=65535, tile_log2=16)
    yield "reserved_parameter", with_head(data, reserved=1)


def annotated(data: bytes) -> str:
    """A hex dump with the name and value of every field, as docs/format.md shows it."""
    lines = []
    for line in veneer.dump_syntax(data):
        if line.depth == 0 and line.name != "Signature":
            lines.append(f"\n{line.name}")
            continue
        piece = data[line.offset : line.offset + line.size].hex(" ")
        lines.append(f"{line.offset:04x}  {piece:24}  {line.name}: {line.text}")
    return "```\n" + "\n".join(lines) + "\n```"


def outcome(data: bytes) -> str:
    """Hash of the pixels, or number of the error, that a strict decoder gives."""
    try:
        return pixel_hash(veneer.decode(data, strict=True))
    except veneer.VeneerError as error:
        return str(error.code.value)


def main() -> None:
    """Writes what is missing and appends it to the index."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    groups: tuple[Callable[[], Iterator[tuple[str, bytes]]], ...] = (valid_files, invalid_files)
    for group in groups:
        for name, data in group():
            path = FOLDER / f"{name}.vnr"
            if path.exists():
                sys.stdout.write(f"{path.name} is there already\n")
                continue
            result = outcome(data)
            assert (len(result) == 64) == (group is valid_files), f"{name}: {result}"
            path.write_bytes(data)
            with open(FOLDER / INDEX, "a") as index:
                index.write(f"{path.name}\t{result}\n")
    example = annotated((FOLDER / "smallest.vnr").read_bytes())
    text = SPECIFICATION.read_text()
    SPECIFICATION.write_text(re.sub(r"```\n0000  8b.*?```", lambda _: example, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
