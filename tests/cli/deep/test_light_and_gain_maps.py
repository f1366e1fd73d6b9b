"""Light levels and gain maps of picture files reach Veneer files, and light levels come back."""

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from cli_tools import Command
from deep_files import load, noise
from gain_map_jpegs import ISO_METADATA, gain_map_jpeg
from PIL import Image, features
from samples import XMP, make_picture

import veneer
from veneer import colour
from veneer.cli.colours.box_editing import with_boxes
from veneer.cli.colours.boxes import read_boxes_light
from veneer.cli.colours.gain_maps import gain_map_of_boxes
from veneer.cli.colours.light import Light, light_boxes, light_of_boxes, light_of_png, png_chunks
from veneer.cli.failure import FileFailure
from veneer.cli.pictures import Picture, save_picture

DISPLAY = veneer.MasteringDisplay((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290), 1000, 0.005)
# Of one channel: versions, flags, headrooms; smallest and largest gain, gamma, offsets, as fractions.
VALID_METADATA = struct.pack(">HHB4I", 0, 0, 0x40, 1, 1, 3, 1) + struct.pack(
    ">iIiI2IiIiI", 0, 1, 3, 1, 1, 1, 1, 64, 1, 64
)
LIGHT = Light((1000, 203), DISPLAY.units)
needs_avif = pytest.mark.skipif(not features.check("avif"), reason="Pillow without AVIF")


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A grey PNG of a pixel with some chunks before it."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *chunks, (b"IDAT", zlib.compress(b"\0\0"))]
    made = [
        struct.pack(">I4s", len(content), name) + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in [*parts, (b"IEND", b"")]
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def test_order_and_units_of_png() -> None:
    """Red, green, blue and white in 0.00002; luminance in 0.0001 cd/m2, and so are the levels of cLLI."""
    display = struct.pack(">8H2I", 35400, 14600, 8500, 39850, 6550, 2300, 15635, 16450, 10_000_000, 50)
    levels = struct.pack(">2I", 10_000_000, 2_030_000)
    assert dict(png_chunks(LIGHT)) == {b"mDCV": display, b"cLLI": levels}
    assert load(png((b"mDCV", display), (b"cLLI", levels))).light == LIGHT
    assert load(png((b"mDCv", display), (b"cLLi", levels))).light == LIGHT


def test_order_of_boxes_is_green_blue_red() -> None:
    boxes = dict(light_boxes(LIGHT))
    assert struct.unpack(">8H2I", boxes[b"mdcv"])[:6] == (8500, 39850, 6550, 2300, 35400, 14600)
    assert boxes[b"clli"] == struct.pack(">2H", 1000, 203)
    assert light_of_boxes(boxes, []) == LIGHT


def test_levels_between_whole_ones_are_rounded_with_a_note() -> None:
    notes: list[str] = []
    assert light_of_png({b"cLLI": struct.pack(">2I", 10_005_000, 2_000_000_000)}, notes).content == (1000, 65535)
    assert notes == ["its content light level of 1000.5 and 200000 cd/m2 is kept as 1000 and 65535"]


@needs_avif
def test_damaged_boxes_are_named() -> None:
    data = save_picture(Picture(make_picture(64, 64)), ".avif")
    notes: list[str] = []
    damaged = with_boxes(data, [(b"clli", bytes(3)), (b"mdcv", bytes(23)), (b"amve", bytes(8))])
    assert read_boxes_light(damaged, notes) == Light()
    assert sorted(notes) == [
        "its box clli is damaged, and is left out",
        "its box mdcv is damaged, and is left out",
        "its viewing environment (amve) is left out",
    ]


@needs_avif
@pytest.mark.parametrize("suffix", ["png", "avif"])
def test_command_there_and_back(suffix: str, run: Command, tmp_path: Path) -> None:
    picture = Picture(make_picture(64, 64), cicp=(9, 16, 0, 1), light=LIGHT)
    (tmp_path / f"a.{suffix}").write_bytes(save_picture(picture, f".{suffix}"))
    run("encode", f"a.{suffix}", "-q", "80")
    info = veneer.read_info(tmp_path / "a.vnr")
    assert (info.content_light, info.mastering_display) == ((1000, 203), DISPLAY)
    shown = run("info", "a.vnr").stdout
    for part in ("BT.2100 PQ", "1000 cd/m2", "203 cd/m2"):
        assert part in shown
    run("decode", "a.vnr", f"b.{suffix}")
    assert load((tmp_path / f"b.{suffix}").read_bytes()).light == LIGHT
    named = run("decode", "a.vnr", "b.webp").stderr
    assert "WEBP has no place for its light levels (content light level and mastering display)" in named


@pytest.mark.parametrize("iso", [False, True])
def test_gain_map_of_a_jpeg_whose_pixels_are_coded(iso: bool, run: Command, tmp_path: Path) -> None:
    data, further = gain_map_jpeg(iso=iso, xmp=not iso)
    (tmp_path / "a.jpg").write_bytes(data)
    said = run("encode", "a.jpg", "-q", "80").stderr
    assert "left out" not in said
    found = veneer.gain_map(tmp_path / "a.vnr")
    assert found is not None
    assert (veneer.decode_jpeg(found.picture), found.metadata_kind) == (further, "iso21496-1" if iso else "xmp")
    assert "its gain map is left out" in run("decode", "a.vnr", "b.png").stderr


def test_gain_map_does_not_go_with_a_turned_picture() -> None:
    data, _ = gain_map_jpeg()
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (65, 47)
    assert load(data, strip=True).gain_map is not None
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    start = 2
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    # Offsets of the index count from its own place: what is put before it moves nothing.
    turned = load(data[:start] + segment + data[start:], strip=True)
    assert turned.gain_map is None
    assert "its gain map is left out, since the picture is turned upright" in turned.notes


@pytest.mark.parametrize("made_of", [(9, 16, 0, 1), (9, 18, 0, 1), (12, 13, 0, 1), (1, 8, 0, 1)])
@pytest.mark.parametrize("suffix", [".tif", ".jpg", ".webp"])
def test_profile_made_of_codes_is_read_as_codes(suffix: str, made_of: colour.Cicp) -> None:
    again = load(save_picture(Picture(make_picture(16, 16), cicp=made_of), suffix))
    if made_of[1] in (16, 18):
        assert (again.cicp, again.icc) == (made_of, None)
    else:
        assert again.icc == colour.icc_profile(made_of)  # which has no tag with the codes


@pytest.mark.parametrize("depth", [8, 10])
@pytest.mark.parametrize("channels", [1, 3])
def test_gain_map_of_avif(channels: int, depth: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    samples = noise(depth, channels).astype(np.uint8 if depth == 8 else np.uint16)
    data = avif_with_gain_map(imagecodecs, noise(10), samples, depth)
    picture = load(data)
    assert picture.depth == 10
    np.testing.assert_array_equal(picture.pixels, noise(10))
    assert picture.notes == []
    assert picture.gain_map is not None
    np.testing.assert_array_equal(picture.gain_map.picture.reshape(samples.shape), samples)
    assert (picture.gain_map.metadata, picture.gain_map.alternate_cicp) == (ISO_METADATA, (9, 16, 0, 1))
    coded = veneer.encode(picture.pixels, lossless=True, **picture.arguments())
    found = veneer.gain_map(coded)
    assert found is not None
    np.testing.assert_array_equal(found.decode(), samples)


def test_gain_map_of_avif_that_cannot_be_read_is_named() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    data = avif_with_gain_map(imagecodecs, noise(10), noise(8).astype(np.uint8), 8)
    place = data.index(b"\0" + ISO_METADATA)
    picture = load(data[:place] + b"\x01" + data[place + 1 :])  # of a later version
    assert picture.gain_map is None
    assert picture.notes == ["its gain map is left out"]


def avif_with_gain_map(imagecodecs: object, base: np.ndarray, samples: np.ndarray, depth: int) -> bytes:
    """An AVIF of 10 bits whose item `tmap` is made of its picture and of a map."""

    def encoded(picture: np.ndarray, bits: int) -> bytes:
        grey = picture.shape[2] == 1
        options = {} if grey else {"matrix": 0, "pixelformat": "444"}
        one = picture[..., 0] if grey else picture
        return bytes(imagecodecs.avif_encode(one, level=100, bitspersample=bits, speed=9, **options))  # type: ignore[attr-defined]

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content) + 8, kind) + content

    def part(data: bytes, *kinds: bytes) -> bytes:
        """The content of a box within boxes."""
        for kind in kinds:
            place = data.index(kind)
            data = data[place + 4 : place - 4 + int.from_bytes(data[place - 4 : place], "big")]
        return data

    def properties(data: bytes) -> list[bytes]:
        inside, found = part(data, b"ipco"), []
        while inside:
            size = int.from_bytes(inside[:4], "big")
            found.append(inside[:size])
            inside = inside[size:]
        return found

    pictures = [encoded(base, 10), encoded(samples, depth)]
    owned = [properties(picture) for picture in pictures]
    colr = box(b"colr", b"nclx" + struct.pack(">3HB", 9, 16, 0, 0x80))
    shared = [*owned[0], *owned[1], colr]
    numbers = [range(1, 1 + len(owned[0])), range(1 + len(owned[0]), len(shared)), [len(shared)]]
    ipma = struct.pack(">II", 0, 3) + b"".join(
        struct.pack(">HB", item + 1, len(each)) + bytes(each) for item, each in enumerate(numbers)
    )
    contents = [part(picture, b"mdat") for picture in pictures] + [b"\0" + ISO_METADATA]
    entries = b"".join(
        box(b"infe", struct.pack(">IHH4sB", 2 << 24, item + 1, 0, kind, 0))
        for item, kind in enumerate((b"av01", b"av01", b"tmap"))
    )

    def whole(start: int) -> bytes:
        places = [start + sum(map(len, contents[:item])) for item in range(3)]
        iloc = struct.pack(">IBBH", 0, 0x44, 0, 3) + b"".join(
            struct.pack(">HHHII", item + 1, 0, 1, place, len(contents[item])) for item, place in enumerate(places)
        )
        meta = [
            box(b"hdlr", bytes(8) + b"pict" + bytes(13)),
            box(b"pitm", struct.pack(">IH", 0, 1)),
            box(b"iloc", iloc),
            box(b"iinf", struct.pack(">IH", 0, 3) + entries),
            box(b"iref", bytes(4) + box(b"dimg", struct.pack(">HHHH", 3, 2, 1, 2))),
            box(b"iprp", box(b"ipco", b"".join(shared)) + box(b"ipma", ipma)),
        ]
        kind = box(b"ftyp", b"avif" + bytes(4) + b"avifmif1miaftmap")
        return kind + box(b"meta", bytes(4) + b"".join(meta)) + box(b"mdat", b"".join(contents))

    return whole(len(whole(0)) - sum(map(len, contents)))


def test_gain_map_of_avif_that_is_its_own_picture() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    data = avif_with_gain_map(imagecodecs, noise(10), noise(8).astype(np.uint8), 8)
    place = data.index(b"dimg") + 8
    changed = data[:place] + struct.pack(">HH", 1, 1) + data[place + 4 :]
    assert gain_map_of_boxes(changed, [], lambda _: pytest.fail("decodes itself again")) is None
    assert gain_map_of_boxes(data, [], lambda _: noise(8)) is not None


def test_damaged_gain_maps_of_avif_take_nothing_else_along() -> None:
    """Whatever is wrong with the boxes of the map, the picture is read, or the file is refused with one line."""
    imagecodecs = pytest.importorskip("imagecodecs")
    whole = avif_with_gain_map(imagecodecs, noise(10), noise(8).astype(np.uint8), 8)
    generator = np.random.default_rng(1)
    end = whole.index(b"mdat")
    for _ in range(150):
        changed = bytearray(whole)
        for place in generator.integers(8, end, 3):
            changed[place] = generator.integers(256)
        with contextlib.suppress(FileFailure):
            assert load(bytes(changed)).pixels.ndim == 3


@pytest.mark.parametrize("base_depth", [8, 10, 12])
@pytest.mark.parametrize(("depth", "channels"), [(8, 1), (8, 3), (10, 3), (12, 1)])
def test_gain_map_goes_into_avif_and_back(depth: int, channels: int, base_depth: int) -> None:
    pytest.importorskip("imagecodecs")
    samples = noise(depth, channels, 10, 15).astype(np.uint8 if depth == 8 else np.uint16)
    coded = veneer.encode(samples, lossless=True, depth=depth)
    given = veneer.GainMap(coded, VALID_METADATA, alternate_cicp=(9, 16, 9, 1), alternate_icc=b"a profile" * 20)
    pixels = noise(base_depth, 3, 64, 64).astype(np.uint8 if base_depth == 8 else np.uint16)
    picture = Picture(pixels, xmp=XMP, cicp=(12, 13, 0, 1), depth=base_depth, light=LIGHT, gain_map=given)
    saved = save_picture(picture, ".avif")
    assert picture.notes == []
    with Image.open(io.BytesIO(saved)) as image:
        image.load()
    again = load(saved)
    assert (again.depth, again.cicp, again.light, again.xmp) == (base_depth, (12, 13, 0, 1), LIGHT, XMP)
    if base_depth > 8:
        np.testing.assert_array_equal(again.pixels, pixels)
    found = again.gain_map
    assert found is not None
    np.testing.assert_array_equal(found.picture.reshape(samples.shape), samples)
    assert (found.metadata, found.alternate_cicp, found.alternate_icc) == (
        VALID_METADATA,
        (9, 16, 9, 1),
        b"a profile" * 20,
    )


def test_gain_maps_that_have_no_place_are_named(run: Command, tmp_path: Path) -> None:
    pytest.importorskip("imagecodecs")
    samples = noise(16, 1, 8, 8)
    pixels = make_picture(64, 64)
    for metadata, kind, suffix, note in (
        (ISO_METADATA, "iso21496-1", ".png", "its gain map is left out"),
        (VALID_METADATA, "iso21496-1", ".avif", "the 16 bits a sample of its gain map become 12, dithered"),
        (ISO_METADATA, "iso21496-1", ".avif", "its metadata are not as ISO 21496-1 has them"),
        (b"<x/>", "xmp", ".avif", "its metadata are XMP, and those in AVIF are of ISO 21496-1"),
    ):
        given = veneer.GainMap(veneer.encode(samples, lossless=True), metadata, kind)  # type: ignore[arg-type]
        picture = Picture(pixels, gain_map=given)
        saved = save_picture(picture, suffix)
        assert picture.notes[-1].endswith(note)
        with Image.open(io.BytesIO(saved)) as image:
            image.load()
    (tmp_path / "a.vnr").write_bytes(veneer.encode(pixels, gain_map=veneer.GainMap(samples, ISO_METADATA)))
    assert "its gain map is left out" in run("decode", "a.vnr", "a.avif", "--region", "0,0,20,20").stderr
