"""Gain maps of Veneer files: in a chunk of their own, and in JPEGs that are kept."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gain_map_jpegs import HDRGM, ISO_METADATA, gain_map_jpeg, plain_jpeg
from PIL import Image
from samples import four_tiles, make_picture, psnr_db, srgb_profile

import veneer
from veneer import ErrorCode, GainMap, VeneerError
from veneer.bitstream.chunks import write_chunk

MAP = make_picture(20, 30, 1, seed=3)


def file_with(gain_map: Any, **options: Any) -> bytes:
    return veneer.encode(make_picture(40, 50), **{"layers": "base", **options}, gain_map=gain_map)


def gain_map_of(data: bytes) -> GainMap:
    found = veneer.gain_map(data)
    assert found is not None
    return found


def test_array_in_a_lossy_file() -> None:
    given = GainMap(MAP, b"how", "xmp", (9, 16, 9, 1), b"icc")
    data = file_with(given)
    found = gain_map_of(data)
    assert found == veneer.read_info(data).gain_map
    assert veneer.read_info(data).has_gain_map
    assert (found.metadata, found.metadata_kind, found.alternate_cicp) == (b"how", "xmp", (9, 16, 9, 1))
    assert (found.alternate_icc, found.shape, found.is_jpeg) == (b"icc", (20, 30, 1), False)
    assert psnr_db(found.decode(), MAP) > 38
    assert given.shape == (20, 30, 1)
    np.testing.assert_array_equal(given.decode(), MAP)
    np.testing.assert_array_equal(veneer.decode(data, strict=True), veneer.decode(file_with(None)))
    assert veneer.read_info(found.picture).base_kind == "transform"
    assert veneer.read_info(file_with(None)).has_gain_map is False


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
def test_array_in_a_lossless_file(depth: int, channels: int) -> None:
    samples = make_picture(20, 30, channels).astype(np.uint16) * 257 if depth == 16 else make_picture(20, 30, channels)
    for options in ({"layers": "full", "lossless": True}, {}):
        found = gain_map_of(file_with(GainMap(samples, b"?"), **options))
        assert found.alternate_icc is None
        assert found.bit_depth == (depth if options or depth == 16 else 8)
        assert GainMap(samples, b"?").bit_depth == depth
        if options or depth == 16:
            np.testing.assert_array_equal(found.decode(), samples)


def test_array_of_two_dimensions() -> None:
    assert gain_map_of(file_with(GainMap(MAP[:, :, 0], b"?"))).shape == (20, 30, 1)


def test_encoded_pictures() -> None:
    own = veneer.encode(MAP, quality=30)
    assert gain_map_of(file_with(GainMap(bytearray(own), b"?"))).picture == own
    jpeg = plain_jpeg(24, 33, 1)
    found = gain_map_of(file_with(GainMap(jpeg, b"?")))
    assert veneer.decode_jpeg(found.picture) == jpeg
    with Image.open(io.BytesIO(jpeg)) as image:
        np.testing.assert_allclose(found.decode()[:, :, 0], np.asarray(image), atol=2)
    np.testing.assert_array_equal(GainMap(jpeg, b"?").decode(), found.decode())
    assert GainMap(jpeg, b"?").shape == found.shape == (24, 33, 1)
    assert GainMap(jpeg, b"?").bit_depth == found.bit_depth == 8
    ten = veneer.encode(MAP.astype(np.uint16) * 4, depth=10, lossless=True)
    assert gain_map_of(file_with(GainMap(ten, b"?"))).bit_depth == 10


@pytest.mark.parametrize("xmp", [False, True])
def test_kept_jpeg(xmp: bool, tmp_path: Path) -> None:
    data, further = gain_map_jpeg(iso=not xmp, xmp=xmp, profile=not xmp)
    kept = veneer.encode_jpeg(data)
    assert veneer.decode_jpeg(kept) == data
    assert (veneer.read_info(kept).gain_map, veneer.read_info(kept).has_gain_map) == (None, True)
    found = gain_map_of(kept)
    assert found.picture == further
    expected = (HDRGM, "xmp", None) if xmp else (ISO_METADATA, "iso21496-1", srgb_profile())
    assert (found.metadata, found.metadata_kind, found.alternate_icc) == expected
    with Image.open(io.BytesIO(further)) as image:
        np.testing.assert_allclose(found.decode()[:, :, 0], np.asarray(image), atol=2)
    (tmp_path / "a.jpg").write_bytes(data)
    assert veneer.gain_map(tmp_path / "a.jpg") == veneer.gain_map(io.BytesIO(kept)) == found
    assert gain_map_of(file_with(found)).metadata == found.metadata


def test_files_without_one() -> None:
    plain = veneer.encode_jpeg(plain_jpeg(40, 40))
    for data in (four_tiles(), plain, plain_jpeg(40, 40)):
        assert veneer.gain_map(data) is None
    assert not veneer.read_info(plain).has_gain_map


def test_chunk_in_front_of_the_kept_jpeg() -> None:
    kept = veneer.encode_jpeg(gain_map_jpeg()[0])
    donor = file_with(GainMap(MAP, b"first"))
    start = donor.index(b"gMAP") - 4
    end = start + 12 + int.from_bytes(donor[start : start + 4], "little")
    place = kept.index(b"JHDR") - 4
    both = kept[:place] + donor[start:end] + kept[place:]
    assert gain_map_of(both).metadata == b"first"
    assert veneer.read_info(both).gain_map is not None
    assert veneer.decode_jpeg(both) == gain_map_jpeg()[0]
    broken = kept[:place] + write_chunk(b"gMAP", b"?") + kept[place:]
    assert gain_map_of(broken).metadata == HDRGM


def test_map_that_the_first_picture_does_not_announce() -> None:
    """As where a program has dropped its XMP."""
    data, further = gain_map_jpeg()
    start = data.index(b"http://ns.adobe.com/xap/1.0/")
    data = data[:start] + b"?" + data[start + 1 :]
    kept = veneer.encode_jpeg(data)
    assert not veneer.read_info(kept).has_gain_map
    assert gain_map_of(kept).picture == further


def test_damage_does_not_bring_its_chunks_into_the_file() -> None:
    """The picture is a whole file, with chunks of the same types; a search after damage does not find them."""
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 1), np.uint8)
    data = file_with(GainMap(noise, b"?"), lossless=True, layers="full")
    expected = veneer.decode(data)
    start = data.index(b"gMAP") - 4
    length = int.from_bytes(data[start : start + 4], "little")
    lost = data[: start + 20] + data[start + 400 :]  # bytes are lost
    wrong_length = data[: start + 1] + bytes([data[start + 1] ^ 2]) + data[start + 2 :]
    assert length > 4000
    for damaged in (lost, wrong_length):
        problems: list[VeneerError] = []
        np.testing.assert_array_equal(veneer.decode(damaged, problems=problems), expected)
        assert [problem.code for problem in problems] == [ErrorCode.FRAMING_LOST]
    with pytest.warns(veneer.VeneerWarning, match="are damaged"):
        assert veneer.gain_map(lost) is None
    assert veneer.gain_map(wrong_length) == veneer.gain_map(data)


def test_while_the_file_arrives() -> None:
    data = file_with(GainMap(MAP, b"?"), content_light=(100, 50))
    decoder = veneer.Decoder()
    decoder.feed(data[: data.index(b"BASE")])
    assert decoder.info is not None
    assert decoder.info.gain_map == veneer.gain_map(data)
    assert decoder.info.content_light == (100, 50)


def test_size_limit_counts_the_map() -> None:
    picture = make_picture(200, 200)
    data = veneer.encode(picture, layers="base", target_size=4000, gain_map=GainMap(np.zeros((64, 64), np.uint8), b"?"))
    assert len(data) <= 4000
    assert veneer.gain_map(data) is not None


ALPHA = veneer.encode(make_picture(8, 8, 4))
NESTED = file_with(GainMap(MAP, b"?"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("text", b"?"), "must be bytes or an array, not str"),
        ((MAP.astype(float), b"?"), "must be uint8 or uint16"),
        ((make_picture(8, 8, 2), b"?"), r"\[H, W, 1 or 3\]"),
        ((MAP[0, :, 0], b"?"), r"\[H, W, 1 or 3\]"),
        ((MAP, b""), "needs metadata"),
        ((MAP, "text"), "metadata of a gain map must be bytes"),
        ((MAP, b"?", "iso"), "metadata_kind must be iso21496-1 or xmp"),
        ((MAP, b"?", "xmp", (1, 2, 3)), "alternate_cicp"),
        ((MAP, b"?", "xmp", (1, 2, 3, 2)), "alternate_cicp"),
        ((MAP, b"?", "xmp", (256, 2, 3, 1)), "alternate_cicp"),
        ((MAP, b"?", "xmp", ("a", 2, 3, 1)), "alternate_cicp"),
        ((MAP, b"?", "xmp", (2, 2, 2, 0), 5), "alternate_icc must be bytes"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_values_that_no_gain_map_has(values: Any, message: str) -> None:
    with pytest.raises(VeneerError, match=message) as caught:
        GainMap(*values)
    assert caught.value.code == ErrorCode.BAD_METADATA


@pytest.mark.parametrize(
    ("gain_map", "message"),
    [
        (b"map", "gain_map must be a GainMap, not bytes"),
        (GainMap(b"", b"?"), "cannot be used"),
        (GainMap(b"\xff\xd8\xff", b"?"), "no frame of 1 or 3 components"),
        (GainMap(ALPHA, b"?"), "1 or 3 channels, not 4"),
        (GainMap(NESTED, b"?"), "no gain map of its own"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_pictures_that_are_no_gain_map(gain_map: Any, message: str) -> None:
    with pytest.raises(VeneerError, match=message) as caught:
        file_with(gain_map)
    assert caught.value.code == ErrorCode.BAD_METADATA
    if isinstance(gain_map, GainMap):
        with pytest.raises(VeneerError):
            _ = gain_map.shape
        with pytest.raises(VeneerError):
            gain_map.decode()


def test_limits_and_arguments() -> None:
    found = gain_map_of(file_with(GainMap(MAP, b"?")))
    for limited in (found, GainMap(plain_jpeg(24, 33), b"?")):
        with pytest.raises(VeneerError) as caught:
            limited.decode(max_pixels=599)
        assert caught.value.code == ErrorCode.PICTURE_TOO_LARGE
        with pytest.raises(VeneerError):
            limited.decode(threads=-1)
    kept = veneer.encode_jpeg(gain_map_jpeg()[0])
    with pytest.raises(VeneerError) as caught:
        veneer.gain_map(kept, max_pixels=100)
    assert caught.value.code == ErrorCode.PICTURE_TOO_LARGE
    with pytest.raises(VeneerError) as caught:
        veneer.gain_map(b"GIF89a")
    assert caught.value.code == ErrorCode.NO_SIGNATURE
