"""Files for tests of pages: of each kind a small one, in a folder that the server has."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from enhancers import enhanced_file, make_model, write_models
from PIL import Image
from samples import make_exif, make_picture

import veneer
from veneer.enhancement import models

WIDTH, HEIGHT = 130, 100
SIGNATURE_SIZE = 8


def write_files(folder: Path) -> None:
    """Pictures of WIDTH x HEIGHT pixels, and the model of `enhanced.vnr` in `models/`."""
    pixels = make_picture(HEIGHT, WIDTH)
    write_models(folder / "models", make_model(texture=True))
    with_preview = veneer.encode(pixels, effort=1, layers="base", tile_size=64, preview=True)
    enhanced = enhanced_file(pixels, folder / "models")
    files = {
        "base.vnr": veneer.encode(pixels, quality=60, effort=1, layers="base", tile_size=64),
        "enhanced.vnr": with_preview_of(enhanced, with_preview),
        "turned.vnr": veneer.encode(pixels, quality=60, effort=1, layers="base", exif=make_exif(6)),
        "lossless.vnr": veneer.encode(make_picture(HEIGHT, WIDTH, 4), lossless=True, effort=1),
        "deep.vnr": veneer.encode(pixels.astype(np.uint16) * 4, lossless=True, depth=10, effort=1),
    }
    files["cut.vnr"] = files["base.vnr"][: len(files["base.vnr"]) * 2 // 3]
    jpeg = io.BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=80, exif=make_exif(6))
    files["photo.jpg"] = jpeg.getvalue()
    files["jpeg.vnr"] = veneer.encode_jpeg(jpeg.getvalue(), effort=1)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def places_of_models(folder: Path, address: str) -> dict[str, str]:
    """The model files and weight files of a folder by the names that pages ask for, without their endings."""
    entries = [entry for entry in models.available(folder) if entry.path.parent == folder]
    places = {f"{entry.id}-{entry.check.hex()}": f"{address}/{entry.path.name}" for entry in entries}
    names = [name for entry in entries for name in models.weight_file_names(entry)]
    return places | {Path(name).stem: f"{address}/{name}" for name in names}


def with_preview_of(data: bytes, other: bytes) -> bytes:
    """A file with the preview of another one, in front of its first tile."""
    (preview,) = [chunk for chunk in chunks(other) if chunk[4:8] == b"pREV"]
    parts = list(chunks(data))
    first = next(i for i, chunk in enumerate(parts) if chunk[4:8] == b"BASE")
    return data[:SIGNATURE_SIZE] + b"".join([*parts[:first], preview, *parts[first:]])


def chunks(data: bytes) -> Iterator[bytes]:
    """The chunks of a whole file, each with its header and checksum."""
    at = SIGNATURE_SIZE
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        yield data[at : at + length + 12]
        at += length + 12
