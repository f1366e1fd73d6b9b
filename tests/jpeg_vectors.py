"""Vectors of the JPEG base: files that keep a JPEG, and those that break its rules."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from enhanced_vectors import BASE, FULL, slot_of
from gain_map_jpegs import gain_map_jpeg
from jpeg_files import Component, blocks_of, random_levels, standard_tables, write_jpeg
from jpeg_script_vectors import script_files, wrong_script_files
from PIL import Image
from samples import make_exif, make_picture, srgb_profile
from valid_vectors import END, File, gain_map_chunk, head_chunk, put_together, tile_chunk

from veneer import _native
from veneer.bitstream.chunks import write_chunk
from veneer.conformance.vectors import JPEG_OPTION

BOTH = ("", JPEG_OPTION)
ONLY_BYTES = (JPEG_OPTION,)


def jpeg_of(height: int, width: int, mode: str = "RGB", **options: Any) -> bytes:
    """A JPEG of a picture, as Pillow writes it."""
    channels = {"L": 1, "RGB": 3, "YCbCr": 3, "CMYK": 4}[mode]
    samples = make_picture(height, width, min(3, channels))
    if channels == 4:
        samples = np.dstack([samples, make_picture(height, width, 1)[::-1]])
    image = Image.fromarray(samples[:, :, 0] if channels == 1 else samples, mode)
    stream = io.BytesIO()
    image.save(stream, "JPEG", **{"quality": 80, **options})
    return stream.getvalue()


def jpeg_head(*models: tuple[int, bytes, int], **changes: int) -> tuple[bytes, bytes]:
    """HEAD of a file that keeps a JPEG; the header of its base is 0."""
    return head_chunk(*models, **{"base_kind": 2, "step_index": 0, **changes})


def parts_of(
    jpeg: bytes, form: int = 1, tile_log2: int = 11, models: Sequence[tuple[int, bytes, int]] = (), **changes: int
) -> dict[bytes, tuple[bytes, bytes]]:
    """The chunks of a file that keeps a JPEG: HEAD, JHDR, JSCR and, by number, tiles."""
    found = _native.jpeg_encode_file(jpeg, form=form, tile_log2=tile_log2, max_pixels=1 << 32, threads=1)
    size = {name: found[name] for name in ("width", "height", "channels", "tile_log2")}  # type: ignore[literal-required]
    chunks = [jpeg_head(*models, **size, **changes), (b"JHDR", found["header"]), (b"JSCR", found["script"])]
    chunks += [tile_chunk(index=index, data=data) for index, data in enumerate(found["tiles"])]
    names = [b"HEAD", b"JHDR", b"JSCR", *(b"%d" % index for index in range(len(found["tiles"])))]
    return dict(zip(names, chunks, strict=True))


def kept(jpeg: bytes, form: int = 1, tile_log2: int = 11) -> bytes:
    """A file that keeps a JPEG."""
    return put_together([*parts_of(jpeg, form, tile_log2).values(), END])


def sampled(width: int, height: int, sampling: Sequence[tuple[int, int]], scale: int = 1, **options: Any) -> bytes:
    """A JPEG of random coefficients with these factors; quantization tables are multiplied by a scale."""
    rng = np.random.default_rng([width, height])
    tables = standard_tables(30) * np.uint16(scale)
    components = [
        Component(h, v, min(i, 1), random_levels(rows, columns, tables[min(i, 1)], rng))
        for i, ((h, v), (rows, columns)) in enumerate(
            zip(sampling, blocks_of(width, height, list(sampling)), strict=True)
        )
    ]
    return write_jpeg(width, height, components, tables, **options)


def without_end(jpeg: bytes) -> bytes:
    """A JPEG that is cut within its last scan."""
    return jpeg[: len(jpeg) * 3 // 4]


def arithmetic(jpeg: bytes) -> bytes:
    """A JPEG that says to be arithmetic coded."""
    return jpeg.replace(b"\xff\xc0", b"\xff\xc9", 1)


def jpeg_files() -> Iterator[File]:
    """Valid files that keep JPEGs."""
    for form in range(2):
        for name, jpeg in {
            "grey": jpeg_of(21, 30, "L"),
            "444": jpeg_of(20, 27, subsampling=0),
            "422": jpeg_of(19, 37, subsampling=1),
            "420": jpeg_of(35, 41, subsampling=2),
        }.items():
            yield f"jpeg_{name}_{form}", kept(jpeg, form), f"a JPEG, {name}, form {form}", BOTH
    for name, jpeg in {
        "pixel": jpeg_of(1, 1),
        "coarse": jpeg_of(33, 40, quality=5),
        "fine": jpeg_of(24, 24, quality=100),
        "progressive": jpeg_of(40, 33, progressive=True, quality=70),
        "progressive_grey": jpeg_of(33, 50, "L", progressive=True),
        "optimized": jpeg_of(30, 30, optimize=True),
        "restarts": jpeg_of(40, 40, restart_marker_blocks=2),
        "rgb": jpeg_of(17, 20, keep_rgb=True),
        "cmyk": jpeg_of(18, 25, "CMYK"),
        "metadata": jpeg_of(16, 16, exif=make_exif(), icc_profile=srgb_profile(), comment=b"a comment"),
        "tail": jpeg_of(16, 24) + b"bytes behind the end" * 3,
        "two": jpeg_of(24, 32) + jpeg_of(16, 16),
        "cut": without_end(jpeg_of(48, 48)),
        "cut_progressive": without_end(jpeg_of(48, 48, progressive=True)),
    }.items():
        yield f"jpeg_{name}", kept(jpeg), f"a JPEG: {name.replace('_', ' ')}", BOTH
    three, four = [(1, 1)] * 3, [(1, 1)] * 4
    for name, jpeg in {
        "440": sampled(20, 18, [(1, 2), (1, 1), (1, 1)]),
        "411": sampled(33, 9, [(4, 1), (1, 1), (1, 1)]),
        "422_narrow": sampled(3, 9, [(2, 1), (1, 1), (1, 1)]),
        "420_narrow": sampled(4, 9, [(2, 2), (1, 1), (1, 1)]),
        "odd_factors": sampled(18, 17, [(3, 3), (2, 2), (2, 1)]),
        "mixed_factors": sampled(18, 17, [(2, 2), (1, 2), (2, 1)]),
        "finer_chroma": sampled(18, 17, [(1, 1), (2, 2), (2, 2)]),
        "one_of_factors": sampled(18, 17, [(2, 2)]),
        "two_components": sampled(10, 9, [(1, 1), (1, 1)]),
        "rgb_identifiers": sampled(10, 9, three, identifiers=(82, 71, 66)),
        "rgb_adobe": sampled(10, 9, three, adobe=0),
        "jfif": sampled(10, 9, three, adobe=0, jfif=True),
        "cmyk_plain": sampled(10, 9, four),
        "ycck": sampled(10, 9, four, adobe=2),
        "wide_tables": sampled(10, 9, three, scale=9),
    }.items():
        yield f"jpeg_{name}", kept(jpeg), f"a JPEG of random coefficients: {name.replace('_', ' ')}", BOTH
    jpeg = sampled(65, 9, [(3, 1), (1, 1), (1, 1)])
    yield "jpeg_tile_without_mcus", kept(jpeg, tile_log2=6), "a tile that no MCU begins in", BOTH
    ultra_hdr = kept(gain_map_jpeg(iso=True)[0])
    yield "jpeg_gain_map", ultra_hdr, "a JPEG with a gain map behind it", BOTH
    place = ultra_hdr.index(b"JHDR") - 4
    chunks = [
        gain_map_chunk(put_together([head_chunk(), tile_chunk(), END])),
        (b"cLLI", bytes(4)),
        (b"mDCV", bytes(24)),
    ]
    added = b"".join(write_chunk(*chunk) for chunk in chunks)
    yield "jpeg_hdr", ultra_hdr[:place] + added + ultra_hdr[place:], "the same with chunks of HDR in front of it", BOTH
    yield from restored_files()
    yield from script_files()
    yield "jpeg_tiles", kept(jpeg_of(100, 150), tile_log2=6), "a JPEG in tiles of 64 pixels", BOTH
    for name, jpeg in {
        "arithmetic": arithmetic(jpeg_of(16, 16)),
        "nothing": b"\xff\xd8\xff",
        "text": b"\xff\xd8\xff" + b"text " * 40,
    }.items():
        yield f"jpeg_bytes_{name}", kept(jpeg), f"a JPEG that is kept as bytes alone: {name}", ONLY_BYTES


def with_model(jpeg: bytes, name: str = "restorer", tile_log2: int = 11, **changes: int) -> bytes:
    """A file that keeps a JPEG and names a model."""
    return put_together([*parts_of(jpeg, 1, tile_log2, [slot_of(name)], **changes).values(), END])


def restored_files() -> Iterator[File]:
    """Valid files with a model that restores."""
    ways = (FULL, BASE, "layers=full realism=0.5")
    for name, jpeg in {
        "grey": jpeg_of(21, 30, "L", quality=40),
        "444": jpeg_of(20, 27, subsampling=0, quality=30),
        "422": jpeg_of(19, 37, subsampling=1, quality=50),
        "420": jpeg_of(35, 41, subsampling=2, quality=60),
        "411": sampled(33, 9, [(4, 1), (1, 1), (1, 1)]),
        "two_components": sampled(10, 9, [(1, 1), (1, 1)]),
        "fine": jpeg_of(20, 27, subsampling=0, quality=99),
        "rgb": jpeg_of(17, 20, keep_rgb=True, quality=40),
    }.items():
        yield f"jpeg_restored_{name}", with_model(jpeg), f"a JPEG that is restored: {name.replace('_', ' ')}", ways
    jpeg = jpeg_of(70, 80, quality=40)
    yield "jpeg_restored_tiles", with_model(jpeg, tile_log2=6), "a JPEG in tiles that is restored", ways
    jpeg = jpeg_of(20, 27, quality=40)
    yield "jpeg_restored_default", with_model(jpeg, default_realism=255, noise_seed=7), "Default_Realism", ("", *ways)
    plain = with_model(jpeg, "plain_restorer", default_realism=255)
    yield "jpeg_restored_without_texture", plain, "a model without texture", ways


def wrong_jpeg_files() -> Iterator[File]:
    """Files that break a rule of the JPEG base."""
    parts = parts_of(jpeg_of(16, 16, "L"))
    head, header, script, tile = (parts[name] for name in (b"HEAD", b"JHDR", b"JSCR", b"0"))
    another = parts_of(jpeg_of(16, 16, "L", quality=50))[b"JSCR"]

    def odd(**changes: int) -> list[tuple[bytes, bytes]]:
        return [jpeg_head(**{"width": 16, "height": 16, "tile_log2": 11, **changes}), header, script, tile]

    model = struct.pack("<H4sB", 1, b"abcd", 1)
    for name, chunks, about in (
        ("no_header", [head, script, tile], "no JHDR"),
        ("header_invalid", [head, (b"JHDR", b"\xff" * 9), script, tile], "a JHDR that is no code"),
        ("header_empty", [head, (b"JHDR", b""), script, tile], "an empty JHDR"),
        ("header_twice", [head, header, header, script, tile], "two JHDR"),
        ("header_behind_tile", [head, script, tile, header], "JHDR behind a tile"),
        ("script_twice", [head, header, script, script, tile], "two JSCR"),
        ("other_size", odd(width=17), "JHDR of another size than HEAD"),
        ("other_channels", odd(channels=3), "JHDR of grey, HEAD of colour"),
        ("alpha", odd(channels=4), "a JPEG base with alpha"),
        ("scale", odd(base_scale=2), "a JPEG base of half the sides"),
        ("depth", odd(bit_depth=12), "a JPEG base of 12 bits"),
        ("tools", odd(step_index=1), "unknown Jpeg_Tools"),
        ("reserved", odd(tools=1), "Reserved that is not 0"),
        ("two_models", [(b"HEAD", head[1] + model + model), header, script, tile], "a JPEG base with two models"),
        (
            "texturing",
            [(b"HEAD", head[1] + model[:-1] + b"\2"), header, script, tile],
            "a model that textures",
        ),
        ("tile_damaged", [head, header, script, tile_chunk(data=b"\xff" * 30)], "a tile that is no code"),
        ("tile_empty", [head, header, script, tile_chunk()], "an empty tile"),
        ("no_tile", [head, header, script], "no tile"),
        ("of_transform", [head_chunk(), header, tile_chunk()], "JHDR with a transform base"),
        ("script_of_transform", [head_chunk(), script, tile_chunk()], "JSCR with a transform base"),
    ):
        yield f"jpeg_wrong_{name}", put_together([*chunks, END]), about
    jpeg = jpeg_of(20, 27, quality=40)
    yield "jpeg_wrong_model_tiny", with_model(jpeg, "tiny"), "a model that restores no JPEGs", (FULL,)
    bad, about = with_model(jpeg, "bad_restorer"), "a model that restores JPEGs, with a texture for others"
    yield "jpeg_wrong_model_bad_restorer", bad, about, ("layers=full realism=1",)
    number, _, role = slot_of("restorer")
    unknown = put_together([*parts_of(jpeg, models=[(number, b"????", role)]).values(), END])
    yield "jpeg_wrong_model_unknown", unknown, "another model file than there is", (FULL,)
    yield from wrong_script_files()
    yield "jpeg_no_pixels", kept(arithmetic(jpeg_of(16, 16))), "pixels of a JPEG that is kept as bytes alone"
    for name, chunks, about in (
        ("no_script", [head, header, tile], "no JSCR"),
        ("script_invalid", [head, header, (b"JSCR", b"\xff" * 40), tile], "a JSCR that is no code"),
        ("script_of_another", [head, header, another, tile], "the JSCR of another JPEG"),
        ("no_jpeg", [head_chunk(), tile_chunk()], "the JPEG of a file that keeps none"),
    ):
        yield f"jpeg_bytes_{name}", put_together([*chunks, END]), about, ONLY_BYTES
