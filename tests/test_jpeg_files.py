"""JPEG files that are kept: bytes, pixels, regions, arrival, damage."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from jpeg_vectors import arithmetic, jpeg_of, kept, without_end
from PIL import Image
from samples import XMP, make_exif, make_picture, srgb_profile

import veneer
from veneer.bitstream.chunks import write_chunk
from veneer.reference.chunks import SIGNATURE, read_chunks

JPEGS: dict[str, bytes] = {
    "grey": jpeg_of(50, 61, "L"),
    "colour": jpeg_of(77, 90),
    "444": jpeg_of(33, 35, subsampling=0),
    "progressive": jpeg_of(64, 70, progressive=True),
    "restarts": jpeg_of(50, 50, restart_marker_blocks=3),
    "cmyk": jpeg_of(30, 31, "CMYK"),
    "rgb": jpeg_of(30, 31, keep_rgb=True),
    "metadata": jpeg_of(40, 40, exif=make_exif(), icc_profile=srgb_profile(), comment=b"hello", dpi=(300, 300)),
    "tail": jpeg_of(20, 20) + b"tail" * 9,
    "two": jpeg_of(40, 40) + jpeg_of(20, 20),
    "cut": without_end(jpeg_of(60, 60)),
    "cut_progressive": without_end(jpeg_of(60, 60, progressive=True)),
    "arithmetic": arithmetic(jpeg_of(20, 20)),
    "start": b"\xff\xd8",
}
PICTURES = [name for name in JPEGS if name not in ("arithmetic", "start")]


def as_pillow_has_it(jpeg: bytes) -> Any:
    with Image.open(io.BytesIO(jpeg)) as image:
        image = image.convert("L" if image.mode == "L" else "RGB")
        samples = np.asarray(image)
    return samples.reshape(*samples.shape[:2], -1)


@pytest.mark.parametrize("effort", [1, 5])
@pytest.mark.parametrize("name", JPEGS)
def test_every_byte_comes_back(name: str, effort: int) -> None:
    data = veneer.encode_jpeg(JPEGS[name], effort=effort)
    assert veneer.decode_jpeg(data) == JPEGS[name]
    assert veneer.read_info(data, verify=True).problems == ()
    assert veneer.read_info(data).base_kind == "jpeg"


@pytest.mark.parametrize("name", [name for name in PICTURES if not name.startswith("cut")])
def test_base_has_the_pixels_of_libjpeg(name: str) -> None:
    data = veneer.encode_jpeg(JPEGS[name])
    assert (veneer.decode(data, layers="base") == as_pillow_has_it(JPEGS[name])).all()


def test_a_photograph_is_made_smaller() -> None:
    jpeg = jpeg_of(256, 384)
    assert len(veneer.encode_jpeg(jpeg)) < 0.9 * len(jpeg)


@pytest.mark.parametrize("layers", ["base", "full"])
@pytest.mark.parametrize("name", PICTURES)
def test_regions_are_parts(name: str, layers: Any) -> None:
    data = kept(JPEGS[name], tile_log2=6) if layers == "base" else veneer.encode_jpeg(JPEGS[name])
    whole = veneer.decode(data, layers=layers)
    height, width, _ = whole.shape
    for region in ((0, 0, 1, 1), (width // 3, height // 4, width // 2, height // 2), (width - 1, 0, 1, height)):
        x, y, w, h = region
        assert (veneer.decode(data, layers=layers, region=region) == whole[y : y + h, x : x + w]).all()


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("name", ["colour", "progressive", "grey"])
def test_arrival(name: str, size: int) -> None:
    for data in (kept(JPEGS[name], tile_log2=6), veneer.encode_jpeg(JPEGS[name])):
        decoder = veneer.Decoder()
        events = [event for i in range(0, len(data), size) for event in decoder.feed(data[i : i + size])]
        events += decoder.finish()
        assert events[-1].kind is veneer.EventKind.PICTURE
        assert (decoder.picture() == veneer.decode(data)).all()


@pytest.mark.usefixtures("encoding_as_installed")
def test_it_is_restored_by_default() -> None:
    original = make_picture(128, 128)
    stream = io.BytesIO()
    Image.fromarray(original).save(stream, "JPEG", quality=30)
    data = veneer.encode_jpeg(stream.getvalue())
    as_it_is = veneer.encode_jpeg(stream.getvalue(), restored=False)
    assert (veneer.decode(as_it_is) == veneer.decode(data, layers="base")).all()
    assert (veneer.decode(data) == veneer.restore_jpeg(stream.getvalue())).all()
    assert (veneer.decode(data) != veneer.decode(data, layers="base")).any()
    assert veneer.decode_jpeg(data) == veneer.decode_jpeg(as_it_is) == stream.getvalue()


def test_metadata_are_those_of_the_jpeg() -> None:
    info = veneer.read_info(veneer.encode_jpeg(JPEGS["metadata"]))
    assert info.exif == make_exif().removeprefix(b"Exif\0\0")
    assert info.icc == srgb_profile()
    assert info.text == (("Comment", "hello"),)
    assert info.density == (1, 11811, 11811)
    assert veneer.read_info(veneer.encode_jpeg(jpeg_of(9, 9, xmp=XMP))).xmp == XMP


def test_a_preview_may_come_first() -> None:
    jpeg = jpeg_of(300, 400, quality=95)
    data = veneer.encode_jpeg(jpeg, preview=True)
    assert veneer.read_info(data).preview_size == (50, 38)
    assert veneer.decode(data, layers="preview").shape == (38, 50, 3)
    assert veneer.decode_jpeg(data) == jpeg


def _damaged(data: bytes, chunk: bytes, number: int = 0) -> bytes:
    place = -1
    for _ in range(number + 1):
        place = data.index(chunk, place + 1)
    return data[: place + 8] + bytes([data[place + 8] ^ 0x55]) + data[place + 9 :]


def test_a_damaged_tile_loses_its_part_alone() -> None:
    data = kept(JPEGS["colour"], tile_log2=6)
    whole = veneer.decode(data)
    problems: list[veneer.VeneerError] = []
    found = veneer.decode(_damaged(data, b"BASE", 1), problems=problems)
    assert [problem.code.name for problem in problems] == ["CHECKSUM", "TILE_MISSING"]
    assert (found[:, :60] == whole[:, :60]).all()
    with pytest.raises(veneer.VeneerError):
        veneer.decode_jpeg(_damaged(data, b"BASE", 1))


def test_a_damaged_script_loses_the_bytes_and_not_the_picture() -> None:
    data = veneer.encode_jpeg(JPEGS["colour"])
    damaged = _damaged(data, b"JSCR")
    assert (veneer.decode(damaged, problems=[]) == veneer.decode(data)).all()
    with pytest.raises(veneer.VeneerError):
        veneer.decode_jpeg(damaged)


@pytest.mark.parametrize("chunk", [b"pREV", b"cLLI", b"tEXT"])
def test_damage_elsewhere_leaves_the_bytes(chunk: bytes) -> None:
    """The preview, metadata and the end: a hash tells that the bytes are right."""
    jpeg = jpeg_of(400, 300)
    data = veneer.encode_jpeg(jpeg, preview=True)
    place = data.index(b"JHDR") - 4
    data = data[:place] + write_chunk(b"cLLI", bytes(4)) + write_chunk(b"tEXT", b"\1a\0\0\0\0") + data[place:]
    assert veneer.decode_jpeg(data) == jpeg
    damaged = _damaged(data, chunk)
    assert veneer.read_info(damaged, verify=True).problems
    assert veneer.decode_jpeg(damaged) == jpeg
    broken = data.replace(write_chunk(b"cLLI", bytes(4)), write_chunk(b"cLLI", b"?"))
    assert veneer.decode_jpeg(broken) == jpeg
    assert veneer.decode_jpeg(data[:-5]) == jpeg  # without its end


def test_a_damaged_header_loses_the_picture() -> None:
    with pytest.raises(veneer.VeneerError) as caught:
        veneer.decode(_damaged(veneer.encode_jpeg(JPEGS["colour"]), b"JHDR"), problems=[])
    assert caught.value.code is veneer.ErrorCode.JPEG_HEADER


def test_errors() -> None:
    for call, code in (
        (lambda: veneer.encode_jpeg(b"\x89PNG"), "BAD_JPEG"),
        (lambda: veneer.encode_jpeg(JPEGS["grey"], effort=10), "BAD_SETTING"),
        (lambda: veneer.decode_jpeg(veneer.encode(np.zeros((8, 8), np.uint8))), "NO_JPEG"),
        (lambda: veneer.decode_jpeg(b"\xff\xd8\xff"), "NO_SIGNATURE"),
        (lambda: veneer.decode(veneer.encode_jpeg(JPEGS["arithmetic"])), "NO_PIXELS"),
        (lambda: veneer.decode(veneer.encode_jpeg(JPEGS["grey"]), max_pixels=100), "PICTURE_TOO_LARGE"),
    ):
        with pytest.raises(veneer.VeneerError) as caught:
            call()
        assert caught.value.code.name == code


def test_other_chunks_may_stand_between() -> None:
    data = veneer.encode_jpeg(JPEGS["grey"])
    place = data.index(b"JSCR") - 4
    assert veneer.decode_jpeg(data[:place] + write_chunk(b"nEW_", b"12345") + data[place:]) == JPEGS["grey"]


def _ruined(data: bytes, rng: np.random.Generator) -> bytes:
    """A file cut, or with some bytes changed; checksums are put right in half of the cases."""
    if rng.random() < 0.2:
        return data[: int(rng.integers(len(data)))]
    chunks = [(chunk.type, bytearray(chunk.payload)) for chunk in read_chunks(data)]
    for _ in range(int(rng.integers(1, 4))):
        _, payload = chunks[int(rng.integers(len(chunks)))]
        if payload:
            payload[int(rng.integers(len(payload)))] ^= int(rng.integers(1, 256))
    ruined = bytearray(SIGNATURE + b"".join(write_chunk(name, bytes(payload)) for name, payload in chunks))
    if rng.random() < 0.5:
        ruined[int(rng.integers(8, len(ruined)))] ^= 1
    return bytes(ruined)


def _outcome(call: Any) -> Any:
    try:
        return call()
    except veneer.VeneerError as error:
        return error.code


@pytest.mark.parametrize("name", PICTURES)
def test_ruins(name: str) -> None:
    """Whatever is changed, decoding ends with a picture or an error, the same ones at once and by and by."""
    whole = kept(JPEGS[name], tile_log2=6)
    rng = np.random.default_rng(list(name.encode()))
    for _ in range(40):
        data = _ruined(whole, rng)
        pixels = _outcome(lambda data=data: veneer.decode(data, problems=[]))  # type: ignore[misc]
        decoder = veneer.Decoder()

        def arrive(data: bytes = data, decoder: veneer.Decoder = decoder) -> Any:
            decoder.feed(data[: len(data) // 2])
            decoder.feed(data[len(data) // 2 :])
            decoder.finish()
            return decoder.picture()

        arrived = _outcome(arrive)
        if isinstance(pixels, veneer.ErrorCode):
            assert isinstance(arrived, veneer.ErrorCode)
        else:
            assert (arrived == pixels).all()
        found = _outcome(lambda data=data: veneer.decode_jpeg(data))  # type: ignore[misc]
        assert found == JPEGS[name] or isinstance(found, veneer.ErrorCode)
